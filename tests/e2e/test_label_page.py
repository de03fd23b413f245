"""The labeling page in headless Chromium, driven as a person would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import driving
import pytest
from playwright.sync_api import BrowserContext, Page, Route
from river import active, datasets, feature_extraction, linear_model
from sixty import Query, Sixty, check_log, quiet

from dashboard.core.messages import sample_messages
from dashboard.core.pipelines import TEXT
from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.storage.streams import Sample
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Example = tuple[str, bool]


@pytest.fixture(scope="module")
def messages() -> list[Example]:
    data = datasets.SMSSpam()
    if data.is_downloaded:
        return [(x["body"].strip("\r\n"), y) for x, y in data]
    return list(sample_messages())


@pytest.fixture(scope="module")
def stream() -> str:
    return "sms-spam" if datasets.SMSSpam().is_downloaded else "sample-messages"


def bare_loop(messages: list[Example], labels: int) -> list[Query]:
    """River alone: the first queries and their labels."""
    sampler: Any = active.EntropySampler(
        feature_extraction.BagOfWords(on="body") | linear_model.LogisticRegression(),
        discount_factor=100,
        seed=42,
    )
    asked: list[Query] = []
    for position, (body, truth) in enumerate(messages):
        x = {"body": body}
        _, ask = sampler.predict_one(x)
        if ask:
            sampler.learn_one(x, truth)
            asked.append(Query(position, body, int(truth)))
            if len(asked) == labels:
                break
    return asked


@pytest.fixture(scope="module")
def server(served: Callable[..., Server], messages: list[Example], stream: str) -> Server:
    """With an experiment for each test that labels."""

    def build(services: Services) -> None:
        whole = services.experiments.ensure_stream(stream)
        short = services.experiments.add_stream(
            slug="short",
            title="Short",
            kind="text",
            classes=whole.classes,
            items=(Sample(f"short-{i}", {TEXT: t}, y) for i, (t, y) in enumerate(messages[:1500])),
            source="made by the tests",
        )
        spec = make_spec("blog", text=True, classes=2)
        for name in ("sixty", "one", "line", "undone", "guess", "again", "away", "keys", "end"):
            found = short if name == "end" else whole
            services.experiments.create(name, stream=found, spec=spec)
            services.labeling.scan_on(name)

    return served("label", build)


def test_sixty_answers_equal_the_bare_loop(
    server: Server,
    context: BrowserContext,
    page: Page,
    watch: Any,
    messages: list[Example],
) -> None:
    expected = bare_loop(messages, 60)
    Sixty(server, context, page, "sixty", ["Ham", "Spam"]).run(expected)
    check_log(server, "sixty", expected, ["ham", "spam"])
    assert quiet(watch)


def test_one_request_per_label(server: Server, page: Page, watch: Any) -> None:
    driving.open_label(page, server.url, "one")
    page.wait_for_load_state("networkidle")
    driving.press(page, "1")  # the first one may load what the page needs later
    before = len(watch.requests)
    for _ in range(10):
        driving.press(page, "1")
    assert len(watch.requests) - before == 10
    assert not any("plotly" in url for url in watch.requests)


def test_one_line_says_whether_to_go_on_and_leads_to_its_evidence(
    server: Server, page: Page, watch: Any
) -> None:
    driving.open_label(page, server.url, "line")
    line = page.get_by_test_id("advice")
    for _ in range(20):  # worked out beside the presses, told with one of them
        driving.press(page, "1")
        if line.is_visible():
            break
    assert line.text_content() == "Keep going: there are too few labels to tell."
    line.get_by_role("link").click()
    page.wait_for_url("**/accuracy?experiment=line*")
    evidence = page.get_by_test_id("advice-evidence")
    evidence.get_by_text("none is set").wait_for()
    evidence.get_by_label("Accuracy that is enough").fill("95")
    evidence.get_by_label("known to").fill("2")
    evidence.get_by_role("button", name="Set the target").click()
    evidence.get_by_text("The target is 95% accuracy, ± 2 points.").wait_for()
    evidence.get_by_text("target: 95% accuracy, ± 2 points").wait_for()
    assert quiet(watch)


def test_pass_undo_and_the_card(server: Server, page: Page, watch: Any) -> None:
    driving.open_label(page, server.url, "undone")
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
    assert server.verified("undone")
    assert watch.problems == []


def test_the_prediction_is_shown_only_when_asked_for_and_that_is_remembered(
    server: Server, page: Page
) -> None:
    driving.open_label(page, server.url, "guess")
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


def test_to_the_end_with_the_oracle(server: Server, page: Page) -> None:
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


def test_reset_asks_and_keeps_the_old_log(server: Server, page: Page) -> None:
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


def test_while_the_database_is_away_the_sample_stays_and_the_answer_is_kept(
    server: Server, page: Page
) -> None:
    driving.open_label(page, server.url, "away")
    before, labels = driving.sample_id(page), driving.number(page, "labels")
    sent: list[Route] = []

    def refuse(route: Route) -> None:
        sent.append(route)
        data = {"slug": "", "trouble": "The database does not answer.", "again": True}
        if len(sent) < 3:
            route.fulfill(json={"response": {"label-reply": {"data": data}}})
        else:
            route.continue_()

    page.route("**/_dash-update-component", refuse)
    driving.let_it_count(page)
    page.keyboard.press("1")
    page.get_by_text("Not saved yet: the server says: The database does not answer").wait_for()
    assert driving.sample_id(page) == before
    driving.wait_for_next(page, before)
    assert driving.number(page, "labels") == labels + 1
    assert len(sent) == 3


def test_an_unknown_experiment_is_a_sentence(server: Server, page: Page) -> None:
    page.goto(server.url + "/?experiment=nope")
    page.wait_for_selector('[data-testid="status"][data-state="error"]')
    assert "no experiment 'nope'" in (page.text_content("#label-trouble") or "")


def test_keys_can_be_changed_and_switched_off(server: Server, page: Page) -> None:
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
