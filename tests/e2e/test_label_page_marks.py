"""Flags, notes, guidelines and classes on the labeling page, by keyboard as a person would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import driving
import pytest
from playwright.sync_api import Page, Route
from sixty import labels_csv
from test_pages import grave

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.storage.streams import Sample
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEBREW = "שלום, this is מעורב 😀"
JAPANESE = "日本語のテキスト 🎌\n二行目"
GUIDELINES = "Spam is what nobody asked for.\n\n<b>Pass</b> what you cannot read."
LONG = "A long text that has to be scrolled. " * 120
ROW: dict[str, Any] = {
    "price": 1249.5,
    "stock": 3,
    "rating": None,
    "name": "שולחן",
    "link": "https://example.org/a?b=c",
    "about": LONG,
}


def _experiments(services: Services) -> None:
    """`texts` and `rows` of which every sample is asked about, and an empty `fresh` of texts."""
    everything = {"strategy": "random", "budget": 1.0, "floor": 0.0}
    texts = [LONG, HEBREW, JAPANESE, *(f"text number {i}" for i in range(60))]
    for slug, kind, items in (
        ("texts", "text", [{"text": text} for text in texts]),
        ("rows", "rows", [ROW] * 6),
    ):
        stream = services.experiments.add_stream(
            slug=slug,
            title=slug,
            kind=kind,
            classes=["ham", "spam"],
            items=(Sample(f"{slug}-{i}", x, i % 2) for i, x in enumerate(items)),
            source="made by the tests",
        )
        spec = make_spec(text=kind == "text", classes=2, **everything)
        services.experiments.create(slug, stream=stream, spec=spec)
        services.labeling.scan_on(slug)
        if slug == "texts":
            for name in ("marked", "beside", "left", "guided", "grown", "rated", "late"):
                services.experiments.create(name, stream=stream, spec=spec)
                services.labeling.scan_on(name)


@pytest.fixture(scope="module")
def server(served: Callable[..., Server]) -> Server:
    return served("marks", _experiments)


def saved(page: Page) -> None:
    """Wait until everything is."""
    page.wait_for_function(
        "() => document.getElementById('label-status').textContent === 'Saved'"
        " && !window.dash_clientside.sluice.marking()"
    )


def noted(page: Page) -> tuple[bool, str]:
    """Flag and note of the sample on the screen, as one sees them."""
    return page.is_visible("#label-flagged"), page.text_content("#label-noted") or ""


def test_a_flag_and_a_note_by_keyboard(server: Server, page: Page, watch: Any) -> None:
    driving.open_label(page, server.url, "marked")
    top = page.locator("#label-answers").bounding_box()
    driving.let_it_count(page)
    page.keyboard.press("f")
    assert noted(page) == (True, "")
    assert page.get_attribute("#label-flag", "aria-pressed") == "true"
    page.keyboard.press("n")
    page.keyboard.type("1 or 2? ask Ann")  # keys that would answer, undo and pass
    assert noted(page) == (True, "")
    page.keyboard.press("Enter")
    assert noted(page) == (True, "1 or 2? ask Ann")
    assert page.evaluate("document.activeElement === document.body")
    assert page.locator("#label-answers").bounding_box() == top  # nothing moves under the mouse
    saved(page)
    assert driving.number(page, "labels") == 0
    page.keyboard.press("n")
    page.keyboard.type("something else")
    page.keyboard.press("Escape")
    assert noted(page) == (True, "1 or 2? ask Ann")
    driving.press(page, "1")
    assert noted(page) == (False, "")
    driving.wait_for_card(page, "1 or 2? ask Ann")
    row = page.locator("#label-recent tr").first
    assert "1 or 2? ask Ann" in (row.text_content() or "")
    assert row.get_by_role("img", name="Flagged").count() == 1
    driving.press(page, "u")
    assert noted(page) == (True, "1 or 2? ask Ann")
    page.reload()
    page.wait_for_selector(driving.READY)
    assert noted(page) == (True, "1 or 2? ask Ann")
    driving.let_it_count(page)
    page.keyboard.press("f")
    page.keyboard.press("n")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    saved(page)
    assert noted(page) == (False, "")
    assert server.verified("marked")
    assert watch.problems == []


def test_a_mark_on_its_way_holds_up_no_press(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "beside")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"mark"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component", hold)
    driving.let_it_count(page)
    page.keyboard.press("f")
    page.keyboard.press("f")
    page.keyboard.press("f")
    driving.press(page, "2")  # the flag hangs, the answer does not
    driving.press(page, "1")
    assert driving.number(page, "labels") == 2
    assert page.text_content("#label-status") == "Saving"
    assert page.locator("#label-recent tr").nth(1).get_by_role("img", name="Flagged").count() == 1
    while held:  # one after the other, in their order
        held.pop(0).continue_()
        page.wait_for_timeout(400)
    saved(page)
    page.reload()
    page.wait_for_selector(driving.READY)
    flags = [row.get_by_role("img").count() for row in page.locator("#label-recent tr").all()]
    assert flags == [0, 1]
    assert [r["label"] for r in labels_csv(server.url, "beside")] == ["spam", "ham"]
    assert server.verified("beside")


def test_a_reply_that_was_overtaken_is_not_painted(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "late")
    kept: list[tuple[Route, Any]] = []

    def keep(route: Route) -> None:
        if '"mark"' in (route.request.post_data or ""):
            kept.append((route, route.fetch()))  # done, and told late
        else:
            route.continue_()

    page.route("**/_dash-update-component", keep)
    driving.let_it_count(page)
    page.keyboard.press("f")
    while not kept:
        page.wait_for_timeout(50)
    driving.press(page, "1")
    shown = driving.sample_id(page)
    route, response = kept[0]
    route.fulfill(response=response)
    saved(page)
    assert driving.sample_id(page) == shown
    assert driving.number(page, "labels") == 1
    assert page.locator("#label-recent tr").first.get_by_role("img", name="Flagged").count() == 1
    assert noted(page) == (False, "")


def test_words_left_in_the_field_stay_with_their_sample(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "left")
    driving.let_it_count(page)
    page.keyboard.press("n")
    page.keyboard.type("not sure")
    driving.click(page, "Ham")
    assert page.is_hidden("#label-jotting")
    saved(page)
    assert noted(page) == (False, "")
    driving.press(page, "u")
    assert noted(page) == (False, "not sure")


def test_a_flag_counts_only_once_the_sample_has_been_there(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "left")
    page.evaluate("window.dash_clientside.sluice.desk.shownAt = performance.now() - 50")
    page.keyboard.press("f")
    assert noted(page)[0] is False


def test_guidelines_are_one_key_away_and_can_be_written(
    server: Server, page: Page, watch: Any
) -> None:
    driving.open_label(page, server.url, "guided")
    page.wait_for_load_state("networkidle")
    before = len(watch.requests)
    page.keyboard.press("?")
    page.wait_for_selector(".guide-classes li")
    assert len(watch.requests) - before == 1
    page.keyboard.press("1")  # nothing behind an open dialog
    page.get_by_role("button", name="Edit the guidelines").press("Enter")
    page.keyboard.insert_text(GUIDELINES)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => document.activeElement.getAttribute('aria-label') === 'Edit the guidelines'"
    )
    text = page.locator(".guide-text").first
    assert text.text_content() == GUIDELINES
    assert text.evaluate("e => getComputedStyle(e).whiteSpace") == "pre-wrap"
    page.get_by_role("button", name="Edit Spam").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Prizes, loans.")
    page.keyboard.press("Escape")  # leaves what was being written, not the dialog
    assert page.locator("dialog[open]").count() == 1
    page.get_by_role("button", name="Edit Spam").press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Prizes, loans.")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => document.activeElement.getAttribute('aria-label') === 'Edit Spam'"
    )
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    with page.expect_response("**/_dash-update-component") as waiting:
        driving.press(page, "1")
    assert b"Prizes" not in waiting.value.body()
    assert driving.number(page, "labels") == 1
    page.reload()
    page.wait_for_selector(driving.READY)
    page.keyboard.press("?")
    page.wait_for_selector(".guide-classes li")
    assert "Prizes, loans." in (page.text_content("#label-guide-body") or "")
    assert grave(page) == []
    assert server.verified("guided")
    assert watch.problems == []


def test_a_class_is_added_and_renamed_while_labeling(
    server: Server, page: Page, watch: Any
) -> None:
    driving.open_label(page, server.url, "grown")
    driving.press(page, "2")
    shown = driving.sample_id(page)
    page.keyboard.press("?")
    page.wait_for_selector(".guide-classes li")
    page.get_by_label("Another class").press_sequentially("Ham")
    page.keyboard.press("Enter")
    page.wait_for_selector("#label-guide-problem:visible")
    assert "'Ham' already" in (page.text_content("#label-guide-problem") or "")
    page.get_by_label("Another class").fill("Neither")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.guide-classes > li').length === 3")
    assert page.is_hidden("#label-guide-problem")
    page.get_by_role("button", name="Edit Neither").press("Enter")
    page.get_by_label("Name").fill("אחר")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.dataset.edits === '2'")
    page.keyboard.press("Escape")
    assert driving.sample_id(page) == shown
    assert page.get_by_role("button", name="אחר").text_content() == "אחר 3"
    driving.press(page, "3")
    driving.wait_for_card(page, "You said אחר")
    assert [r["label"] for r in labels_csv(server.url, "grown")] == ["spam", "אחר"]
    assert server.verified("grown")
    assert watch.problems == []


def test_the_question_rate_is_changed_in_words(server: Server, page: Page, watch: Any) -> None:
    driving.open_label(page, server.url, "rated")
    for _ in range(3):
        driving.press(page, "1")
    shown = driving.sample_id(page)
    page.get_by_role("button", name="asked").press("Enter")
    page.wait_for_selector("#label-rate-ahead")
    ahead = page.locator("#label-rate-ahead")
    assert page.is_checked("input[value='one-in']")
    assert (ahead.text_content() or "").startswith("59 questions in the 59 samples")
    page.get_by_label("One in how many samples").fill("4")
    page.wait_for_function(
        "() => document.getElementById('label-rate-ahead').textContent.includes('15 questions')"
    )
    page.get_by_label("One in how many samples").fill("none")
    page.wait_for_selector("#label-rate-problem:visible")
    page.get_by_role("textbox", name="Labels in all").press_sequentially("")
    # Chooses its way, and is fewer than there are.
    page.get_by_role("textbox", name="Labels in all").fill("2")
    page.wait_for_function(
        "() => document.getElementById('label-rate-problem').textContent.includes('3 labels')"
    )
    assert page.is_checked("input[value='labels']")
    page.keyboard.press("Enter")  # refused: the dialog stays
    page.wait_for_selector("#label-rate-yes:enabled")
    page.get_by_role("textbox", name="Labels in all").fill("13")
    page.keyboard.press("Enter")
    page.wait_for_selector("#label-rate-dialog", state="hidden")
    assert driving.sample_id(page) == shown
    driving.press(page, "1")
    assert driving.number(page, "labels") == 4
    server.run("label", "rated", "--oracle")
    assert 11 <= len(labels_csv(server.url, "rated")) <= 15
    assert server.verified("rated")
    assert watch.problems == []


def test_a_long_text_is_scrolled_by_keyboard(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "texts")
    page.wait_for_function("() => document.getElementById('label-sample').tabIndex === 0")
    scrolled = "() => document.getElementById('label-sample').scrollTop"
    assert driving.text(page) == LONG
    page.keyboard.press("PageDown")
    first = page.evaluate(scrolled)
    assert first > 100
    page.keyboard.press("ArrowUp")
    assert 0 < page.evaluate(scrolled) < first
    page.locator(driving.SAMPLE).focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "() => { const { scrollTop, clientHeight, scrollHeight } ="
        " document.getElementById('label-sample');"
        " return scrollTop + clientHeight > scrollHeight - 4; }"
    )
    driving.press(page, "1")  # the next one begins at its beginning
    assert page.evaluate(scrolled) == 0
    page.wait_for_function("() => document.getElementById('label-sample').tabIndex === -1")


@pytest.mark.parametrize(
    ("position", "text", "direction"), [(1, HEBREW, "rtl"), (2, JAPANESE, "ltr")]
)
def test_any_script_is_shown_as_it_is(
    server: Server, page: Page, position: int, text: str, direction: str
) -> None:
    driving.open_label(page, server.url, "texts")
    while driving.sample_id(page) != f"texts-{position}":
        driving.press(page, "1")
    assert driving.text(page) == text
    sample = page.locator(driving.SAMPLE)
    assert sample.evaluate("e => getComputedStyle(e).direction") == direction
    assert sample.locator("a, img").count() == 0


@pytest.mark.parametrize("width", [1440, 390])
def test_a_row_is_a_card(server: Server, page: Page, watch: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    driving.open_label(page, server.url, "rows")
    card = page.locator(driving.SAMPLE)
    assert card.locator("dt").all_text_contents() == list(ROW)
    values = [str(value) for value in ROW.values()]
    values[2] = "–"
    assert card.locator("dd").all_text_contents() == values
    right = [
        card.locator("dd").nth(i).evaluate("e => e.getBoundingClientRect().right") for i in (0, 1)
    ]
    assert right[0] == right[1]  # numbers stand under each other
    assert card.locator("dd").nth(3).evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert card.locator("a").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.getElementById('label-sample').tabIndex") == 0
    assert grave(page) == []
    assert watch.problems == []
    assert watch.strangers() == []
