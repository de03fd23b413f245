"""Why, on the labeling page: closed until somebody asks, and then no part of any press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import driving
import pytest
from playwright.sync_api import Page, Route
from sixty import Sixty, check_log, quiet
from test_label_page import bare_loop
from test_pages import grave

from dashboard.core.messages import sample_messages
from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.storage.streams import Sample
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STRANGE = "FREE prize 😀 שלום free 日本 İstanbul"
CALLBACK = "_dash-update-component"
TOLD = "#label-why-body table"


def _experiments(services: Services) -> None:
    everything = {"strategy": "random", "budget": 1.0, "floor": 0.0}
    words = ["free prize now", "see you at home"]
    texts = [*(words[i % 2] for i in range(10)), *([STRANGE] * 12)]
    row = {"price": 12.5, "color": "red", "about": "a red one"}
    for slug, kind, items in (
        ("texts", "text", [{"text": text} for text in texts]),
        ("rows", "rows", [{**row, "price": float(i % 2)} for i in range(20)]),
    ):
        stream = services.experiments.add_stream(
            slug=slug,
            title=slug,
            kind=kind,
            classes=["ham", "spam"],
            items=(Sample(f"{slug}-{i}", x, (i + 1) % 2) for i, x in enumerate(items)),
            source="made by the tests",
        )
        spec = make_spec(text=kind == "text", classes=2, **everything)
        for name in ("rows",) if slug == "rows" else ("texts", "looks", "down"):
            services.experiments.create(name, stream=stream, spec=spec)
            services.runs.oracle(name, count=10)
    stream = services.experiments.ensure_stream("sample-messages")
    services.experiments.create(
        "golden", stream=stream, spec=make_spec("blog", text=True, classes=2)
    )
    services.labeling.scan_on("golden")


@pytest.fixture(scope="module")
def server(served: Callable[..., Server]) -> Server:
    return served("why", _experiments)


def marks(page: Page) -> list[str]:
    return page.locator("#label-last .quote mark").all_text_contents()


def quote(page: Page) -> str:
    return page.locator("#label-last .quote").text_content() or ""


def presses(watch: Any) -> int:
    return sum(CALLBACK in url for url in watch.requests)


def told(page: Page, words: str) -> None:
    page.locator("#label-why-body", has_text=words).wait_for()


def test_words_are_marked_in_the_text_and_what_changed_is_told(
    server: Server, page: Page, watch: Any
) -> None:
    driving.open_label(page, server.url, "texts")
    driving.press(page, "2")
    driving.wait_for_card(page, "You said Spam")
    assert marks(page) == []
    assert page.is_hidden("#label-why-body")
    before = presses(watch)
    driving.let_it_count(page)
    page.keyboard.press("w")
    page.locator(TOLD).wait_for()
    assert presses(watch) == before + 1
    assert quote(page) == STRANGE
    assert marks(page)[0] == "FREE"
    assert page.locator("#label-last mark").first.get_attribute("title").endswith("for Spam")
    story = page.text_content("#label-why-body") or ""
    assert "The answer took Spam from " in story
    assert "For Spam (solid line): " in story
    assert "→" in story
    # Left open: told again after every answer, one request beside that of the press.
    for key, words in (("1", "took Ham from"), ("2", "took Spam from"), ("0", "A pass teaches")):
        before = presses(watch)
        driving.press(page, key)
        told(page, words)
        assert presses(watch) == before + 2
    driving.press(page, "u")
    told(page, "took Spam from")
    page.reload()
    page.wait_for_selector(driving.READY)
    told(page, "took Spam from")
    page.get_by_role("button", name="Why").click()
    assert page.is_hidden("#label-why-body")
    assert marks(page) == []
    before = presses(watch)
    driving.press(page, "1")
    page.wait_for_timeout(700)
    assert presses(watch) == before + 1
    assert server.verified("texts")
    assert watch.problems == []


def test_a_row_has_its_fields_marked(server: Server, page: Page, watch: Any) -> None:
    driving.open_label(page, server.url, "rows")
    driving.press(page, "1")
    page.get_by_role("button", name="Why").click()
    page.locator(TOLD).wait_for()
    assert quote(page) == "price: 0.0\ncolor: red\nabout: a red one"
    assert "price: 0.0" in marks(page)
    assert watch.problems == []


def test_it_holds_up_no_press_and_says_when_it_cannot_be_had(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "down")
    driving.press(page, "1")

    def refuse(route: Route) -> None:
        if '"why"' in (route.request.post_data or ""):
            route.fulfill(status=500, body="no")
        else:
            route.continue_()

    page.route(f"**/{CALLBACK}*", refuse)
    page.get_by_role("button", name="Why").click()
    told(page, "could not be fetched")
    for key in "212":
        driving.press(page, key)
    assert driving.number(page, "labels") == 14
    page.unroute(f"**/{CALLBACK}*")
    page.get_by_role("button", name="Why").click()
    page.get_by_role("button", name="Why").click()
    page.locator(TOLD).wait_for()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_open_to_everyone_and_as_wide_as_its_window(
    server: Server, page: Page, watch: Any, look: Any
) -> None:
    page.set_viewport_size({"width": 390 if look == "dark" else 1280, "height": 844})
    page.emulate_media(color_scheme=look)
    driving.open_label(page, server.url, "looks")
    driving.press(page, "2")
    page.get_by_role("button", name="Why").click()
    page.locator(TOLD).wait_for()
    page.wait_for_timeout(200)  # colors in motion are not those that stay
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window
    assert grave(page) == []
    assert watch.problems == []


def test_sixty_answers_with_it_open_equal_the_bare_loop(
    server: Server, page: Page, watch: Any
) -> None:
    expected = bare_loop(list(sample_messages()), 60)
    driving.open_label(page, server.url, "golden")
    page.evaluate("localStorage.setItem('sluice:why', '1')")
    Sixty(server, page.context, page, "golden", ["Ham", "Spam"]).run(expected)
    page.locator(TOLD).wait_for()
    check_log(server, "golden", expected, ["ham", "spam"])
    assert quiet(watch)
