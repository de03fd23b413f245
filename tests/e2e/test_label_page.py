"""The labeling page in headless Chromium, driven as a person would."""

from __future__ import annotations

import csv
import io
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import driving
import pytest
from playwright.sync_api import BrowserContext, Page
from river import active, datasets, feature_extraction, linear_model

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Example = tuple[str, bool]


@pytest.fixture(scope="module")
def messages() -> list[Example]:
    from dashboard.core.messages import sample_messages

    data = datasets.SMSSpam()
    if data.is_downloaded:
        return [(x["body"].strip("\r\n"), y) for x, y in data]
    return list(sample_messages())


@pytest.fixture(scope="module")
def stream() -> str:
    return "sms-spam" if datasets.SMSSpam().is_downloaded else "sample-messages"


def bare_loop(messages: list[Example], labels: int) -> list[tuple[int, bool]]:
    """River alone: positions and labels of the first queries."""
    sampler: Any = active.EntropySampler(
        feature_extraction.BagOfWords(on="body") | linear_model.LogisticRegression(),
        discount_factor=100,
        seed=42,
    )
    asked: list[tuple[int, bool]] = []
    for position, (body, truth) in enumerate(messages):
        x = {"body": body}
        _, ask = sampler.predict_one(x)
        if ask:
            sampler.learn_one(x, truth)
            asked.append((position, truth))
            if len(asked) == labels:
                break
    return asked


def position_of(page: Page) -> int:
    return int(driving.sample_id(page).rsplit("-", 1)[1])


def answer_like(page: Page, truth: bool, *, by_mouse: bool) -> None:
    if by_mouse:
        driving.click(page, "Spam" if truth else "Ham")
    else:
        driving.press(page, "2" if truth else "1")


def labels_csv(url: str, slug: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{url}/experiments/{slug}/labels.csv") as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode(), newline="")))


def test_sixty_answers_equal_the_bare_loop(
    make_server: Callable[..., Any],
    context: BrowserContext,
    page: Page,
    watch: Any,
    messages: list[Example],
    stream: str,
) -> None:
    expected = bare_loop(messages, 60)
    server = make_server()
    server.run("experiments", "create", "Sixty", "--stream", stream, "--preset", "blog")
    server.start()
    driving.open_label(page, server.url, "sixty")
    for count, (position, truth) in enumerate(expected):
        assert position_of(page) == position
        assert driving.text(page) == messages[position][0]
        assert driving.number(page, "labels") == count
        if count == 10:  # a reload changes nothing
            page.reload()
            page.wait_for_selector(driving.READY)
            assert position_of(page) == position
        if count == 20:
            _second_tab(context, server.url, position, truth, page)
        elif count == 30:  # a double press learns once
            driving.let_it_count(page)
            before = driving.sample_id(page)
            key = "2" if truth else "1"
            page.keyboard.press(key)
            page.keyboard.press(key)
            driving.wait_for_next(page, before)
        elif count == 40:  # a held key learns once
            _held_key(page, "2" if truth else "1")
        elif count == 50:  # a restart of the server changes nothing
            server.stop()
            server.start()
            page.reload()
            page.wait_for_selector(driving.READY)
            assert position_of(page) == position
            answer_like(page, truth, by_mouse=True)
        else:
            answer_like(page, truth, by_mouse=count % 2 == 0)
    assert driving.number(page, "labels") == 60
    rows = labels_csv(server.url, "sixty")
    names = {False: "ham", True: "spam"}
    assert [(int(r["position"]), r["label"]) for r in rows] == [
        (position, names[truth]) for position, truth in expected
    ]
    assert [r["text"] for r in rows] == [
        ("'" if messages[p][0][:1] in "=+-@" else "") + messages[p][0] for p, _ in expected
    ]
    assert {r["source"] for r in rows} == {"person"}
    assert server.run("verify", "sixty").returncode == 0
    problems = [p for p in watch.problems if "ERR_CONNECTION_REFUSED" not in p]
    assert problems == []
    assert watch.strangers() == []


def _second_tab(context: BrowserContext, url: str, position: int, truth: bool, page: Page) -> None:
    """A second tab answers; the first, still showing the old sample, teaches nothing."""
    other = context.new_page()
    driving.open_label(other, url, "sixty")
    assert position_of(other) == position
    answer_like(other, truth, by_mouse=False)
    labels = driving.number(other, "labels")
    answer_like(page, not truth, by_mouse=False)
    assert driving.number(page, "labels") == labels
    assert position_of(page) == position_of(other)
    other.close()


def _held_key(page: Page, key: str) -> None:
    driving.let_it_count(page)
    before = driving.sample_id(page)
    page.keyboard.down(key)
    for _ in range(20):
        page.keyboard.down(key)  # Chromium marks these as repeats
    driving.wait_for_next(page, before)
    after = driving.sample_id(page)
    driving.let_it_count(page)
    page.keyboard.down(key)
    driving.let_it_count(page)
    assert driving.sample_id(page) == after
    page.keyboard.up(key)


def test_one_request_per_label(
    make_server: Callable[..., Any], page: Page, watch: Any, stream: str
) -> None:
    server = make_server()
    server.run("experiments", "create", "one", "--stream", stream, "--preset", "blog")
    server.start()
    driving.open_label(page, server.url, "one")
    page.wait_for_load_state("networkidle")
    driving.press(page, "1")  # the first one may load what the page needs later
    before = len(watch.requests)
    for _ in range(10):
        driving.press(page, "1")
    assert len(watch.requests) - before == 10
    assert not any("plotly" in url for url in watch.requests)


def test_pass_undo_and_the_card(
    make_server: Callable[..., Any], page: Page, stream: str, watch: Any
) -> None:
    server = make_server()
    server.run("experiments", "create", "u", "--stream", stream, "--preset", "blog")
    server.start()
    driving.open_label(page, server.url, "u")
    shown = [driving.sample_id(page)]
    for key in ("1", "0", "2"):
        driving.press(page, key)
        shown.append(driving.sample_id(page))
    assert driving.number(page, "labels") == 2
    driving.wait_for_card(page, "You said Spam")
    assert "entropy" in (page.text_content("#label-last") or "")
    for expected in (shown[2], shown[1]):
        driving.press(page, "u")
        assert driving.sample_id(page) == expected
    driving.press(page, "Control+z")
    assert driving.sample_id(page) == shown[0]
    assert driving.number(page, "labels") == 0
    driving.let_it_count(page)
    page.keyboard.press("u")  # nothing left: nothing happens
    driving.press(page, "1")
    assert driving.sample_id(page) == shown[1]
    assert server.run("verify", "u").returncode == 0
    assert watch.problems == []


def test_the_prediction_is_shown_only_when_asked_for_and_that_is_remembered(
    make_server: Callable[..., Any], page: Page, stream: str
) -> None:
    server = make_server()
    server.run("experiments", "create", "p", "--stream", stream, "--preset", "blog")
    server.start()
    driving.open_label(page, server.url, "p")
    assert page.is_hidden("#label-guess")
    page.get_by_role("button", name="Show the prediction first").click()
    assert "The model thinks" in (page.text_content("#label-guess") or "")
    page.reload()
    page.wait_for_selector(driving.READY)
    assert page.is_visible("#label-guess")


def test_first_start_without_the_network_falls_back_and_says_why(
    make_server: Callable[..., Any], page: Page, tmp_path: Path, watch: Any
) -> None:
    # A proxy where nobody listens: the download fails at once, as on a closed machine.
    proxy = "http://127.0.0.1:9"
    server = make_server(
        RIVER_DATA=str(tmp_path / "empty"),
        http_proxy=proxy,
        https_proxy=proxy,
        HTTP_PROXY=proxy,
        HTTPS_PROXY=proxy,
        no_proxy="",
        NO_PROXY="",
    )
    server.start()
    driving.open_label(page, server.url)
    note = page.text_content("#label-note") or ""
    assert "made-up" in note
    assert "SMSSpamCollection" in note
    assert driving.number(page, "predictions") >= 1000
    assert "experiment=sample-messages" in page.url
    assert watch.problems == []
    assert watch.strangers() == []


def test_to_the_end_with_the_oracle(
    make_server: Callable[..., Any], page: Page, stream: str
) -> None:
    server = make_server()
    server.run("experiments", "create", "end", "--stream", stream, "--preset", "recommended")
    server.start()
    driving.open_label(page, server.url, "end")
    page.get_by_role("button", name="Label 100 for me").click()
    page.wait_for_function(
        "() => document.querySelector('[data-testid=\"labels\"]').textContent === '100'",
        timeout=60_000,
    )
    page.wait_for_selector(driving.READY)
    server.run("label", "end", "--oracle")
    page.reload()
    page.wait_for_selector('[data-testid="status"][data-state="exhausted"]')
    assert "That was the whole stream" in (page.text_content("#label-finished") or "")
    page.keyboard.press("u")
    page.wait_for_selector(driving.READY)


def test_reset_asks_and_keeps_the_old_log(
    make_server: Callable[..., Any], page: Page, stream: str
) -> None:
    server = make_server()
    server.run("experiments", "create", "again", "--stream", stream, "--preset", "blog")
    server.start()
    driving.open_label(page, server.url, "again")
    first = driving.sample_id(page)
    driving.press(page, "1")
    page.get_by_role("button", name="Reset", exact=True).click()
    page.get_by_role("button", name="Keep labeling").click()
    assert driving.number(page, "labels") == 1
    page.get_by_role("button", name="Reset", exact=True).click()
    page.locator("#label-reset-yes").click()
    page.wait_for_function(
        "first => document.querySelector('[data-testid=\"sample\"]').dataset.sampleId === first",
        arg=first,
    )
    assert driving.number(page, "labels") == 0
    listed = server.run("experiments", "list").stdout
    assert "again-archived-" in listed
    assert listed.count("archived\t") == 1


def test_an_unknown_experiment_is_a_sentence(
    make_server: Callable[..., Any], page: Page, stream: str
) -> None:
    server = make_server()
    server.run("experiments", "create", "known", "--stream", stream, "--preset", "blog")
    server.start()
    page.goto(server.url + "/?experiment=nope")
    page.wait_for_selector('[data-testid="status"][data-state="error"]')
    assert "no experiment 'nope'" in (page.text_content("#label-trouble") or "")


def test_keys_can_be_changed_and_switched_off(
    make_server: Callable[..., Any], page: Page, stream: str
) -> None:
    server = make_server()
    server.run("experiments", "create", "keys", "--stream", stream, "--preset", "blog")
    server.start()
    driving.open_label(page, server.url, "keys")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Ham").fill("j")
    page.get_by_label("Spam").fill("j")
    page.get_by_role("button", name="Save").click()
    assert "twice" in (page.text_content("#label-keys-problem") or "")
    page.get_by_label("Spam").fill("k")
    page.get_by_role("button", name="Save").click()
    driving.press(page, "k")
    driving.wait_for_card(page, "You said Spam")
    first = driving.sample_id(page)
    page.reload()
    page.wait_for_selector(driving.READY)
    driving.let_it_count(page)
    page.keyboard.press("1")  # no longer a key
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Answer with single keys").uncheck()
    page.get_by_role("button", name="Save").click()
    driving.let_it_count(page)
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert driving.sample_id(page) == first
    driving.click(page, "Ham")
    assert driving.number(page, "labels") == 2
