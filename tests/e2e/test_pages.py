"""Every page in every state: quiet, at home, as wide as its window, and open to everyone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import driving
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STREAM = "sample-messages"
# Labeling comes last: a look at it is what gives an empty experiment its first prediction.
TITLES = {
    "/accuracy": "Accuracy",
    "/queries": "Queries",
    "/entropy": "Entropy",
    "/quality": "Quality",
    "/skipped": "Skipped",
    "/log": "Log",
    "/experiments": "Experiments",
    "/no/such/page": "Not found",
    "/": "Label",
}
STATES = ("empty", "warm", "full")
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
LABELED = '[data-testid="status"]:is([data-state="ready"], [data-state="exhausted"])'
DRAWN = {
    "/": LABELED,
    "/accuracy": '[data-testid="accuracy-curve"] .main-svg',
    "/queries": '[data-testid="query-ratio"] .main-svg',
    "/entropy": '[data-testid="entropy-histogram"] .main-svg',
    "/quality": '[data-testid="drift-curve"] .main-svg',
    "/skipped": "#log-grid .ag-row .ag-cell-value",
    "/log": '#log-grid .ag-row[row-id="0"], #log-grid .ag-row .ag-cell-value',
    "/experiments": ".runs-page .runs",
    "/no/such/page": ".empty",
}
AXE = Axe()


def _experiments(services: Services) -> None:
    """One per state, and one to be labeled by hand."""
    stream = services.experiments.ensure_stream(STREAM)
    for state, preset, warm in (
        ("empty", "recommended", 0),
        ("warm", "recommended", 300),
        ("full", "blog", 0),
        ("typed", "blog", 0),
    ):
        spec = make_spec(preset, text=True, classes=len(stream.classes))
        services.experiments.create(state, stream=stream, spec=spec, warm_start=warm)
    services.runs.warm_start("warm")
    services.runs.oracle("warm", count=5)
    services.runs.oracle("full")


@pytest.fixture(scope="module")
def server(served: Callable[..., Server]) -> Server:
    return served("states", _experiments)


class Tab:
    """A page that is used over and over, and what went wrong in it since it was last asked."""

    def __init__(self, context: BrowserContext, watch: Any):
        self.page = context.new_page()
        self.watch = watch
        watch.follow(self.page)

    def open(self, server: Server, path: str, state: str) -> Page:
        self.watch.problems.clear()
        self.watch.requests.clear()
        self.page.goto(f"{server.url}{path}?experiment={state}")
        place = ".empty:visible" if state == "empty" and path != "/" else DRAWN[path]
        if path == "/experiments":
            place = DRAWN[path]
        self.page.wait_for_selector(place, timeout=60_000)
        return self.page


@pytest.fixture(scope="module")
def tabs(browser: Browser, make_watch: Callable[[], Any]) -> Iterator[dict[str, Tab]]:
    contexts = {look: browser.new_context(**how) for look, how in LOOKS.items()}
    yield {look: Tab(context, make_watch()) for look, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("path", TITLES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("look", LOOKS)
def test_a_page_is_quiet_and_fits(
    server: Server, tabs: dict[str, Tab], path: str, state: str, look: str
) -> None:
    page = tabs[look].open(server, path, state)
    watch = tabs[look].watch
    assert page.title() == f"{TITLES[path]} · Sluice"
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("data-bs-theme") == look
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window
    asked = (path, state) == ("/", "warm")  # a sample with its answers, and the one before
    if state == "full" or asked or (state == "empty" and look == "light"):
        assert grave(page) == []
    assert watch.problems == []
    assert watch.strangers() == []


def grave(page: Page) -> list[str]:
    """What keeps somebody from using the page, as axe sees it."""
    found = AXE.run(page).response["violations"]
    return [
        f"{v['impact']} {v['id']}: {node['target']} {node['failureSummary']}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("path", "pressed", "opened"),
    [
        ("/", "#label-reset", "#label-reset-dialog"),
        ("/", "#label-keys", "#label-keys-dialog"),
        ("/", "#label-guide", "#label-guide-dialog .guide-classes li"),
        ("/", "#label-rate", "#label-rate-ahead"),
        ("/experiments", "header .primary", "dialog[open]"),
        ("/experiments", ".menu summary", ".menu-items"),
        ("/skipped", "#log-grid .ag-row .ag-cell-value", "#log-sheet .steps"),
        ("/log", "#log-grid .ag-row .ag-cell-value", "#log-sheet .steps"),
    ],
)
def test_what_opens_is_open_to_everyone(
    server: Server, tabs: dict[str, Tab], look: str, path: str, pressed: str, opened: str
) -> None:
    page = tabs[look].open(server, path, "warm")
    page.locator(pressed).first.click()
    page.locator(opened).first.wait_for()
    page.wait_for_timeout(200)  # colors in motion are not those that stay
    assert grave(page) == []
    assert tabs[look].watch.problems == []


def focused(page: Page) -> str:
    """Name of what has the focus: its label, or its text."""
    name: str = page.evaluate(
        "() => { const e = document.activeElement;"
        " return e.getAttribute('aria-label') || e.textContent.trim(); }"
    )
    return name


def tab_to(page: Page, name: str, *, key: str = "Tab") -> None:
    """Walk through the page until something has the focus."""
    for _ in range(60):
        page.keyboard.press(key)
        if focused(page) == name:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def download(page: Page) -> list[dict[str, str]]:
    """Follow the link that has the focus and read the file behind it."""
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_from_label_to_chart_to_file_by_keyboard_alone(
    server: Server, page: Page, watch: Any
) -> None:
    driving.open_label(page, server.url, "typed")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    given = []
    for key, label in (("1", "ham"), ("2", "spam"), ("1", "ham")):
        given.append((driving.sample_id(page), driving.text(page), label))
        driving.press(page, key)
    tab_to(page, "Accuracy", key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(DRAWN["/accuracy"])
    assert "experiment=typed" in page.url
    tab_to(page, "Data as CSV: Progressive accuracy")
    assert int(download(page)[-1]["labels"]) == 3
    tab_to(page, "Log", key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(DRAWN["/log"])
    tab_to(page, "Download CSV")
    rows = download(page)
    assert [(r["sample_id"], r["text"].lstrip("'"), r["label"]) for r in rows] == given
    assert {r["source"] for r in rows} == {"person"}
    assert watch.problems == []


def toasts(page: Page) -> list[str]:
    return page.locator("#frame-toasts .toast-line").all_text_contents()


def test_a_server_that_is_gone_is_told_until_it_is_back(
    server: Server, tabs: dict[str, Tab]
) -> None:
    page = tabs["light"].open(server, "/accuracy", "full")
    page.context.set_offline(True)
    page.wait_for_selector(".toast-line")
    page.wait_for_timeout(2_500)  # two more looks at the head: told once
    assert [t.split(",")[0] for t in toasts(page)] == ["Sluice does not answer"]
    page.context.set_offline(False)
    page.wait_for_selector(".toast-line", state="detached")
    assert page.locator(DRAWN["/accuracy"]).first.is_visible()


def test_a_callback_that_fails_is_told(server: Server, tabs: dict[str, Tab]) -> None:
    page = tabs["light"].open(server, "/queries", "full")
    callbacks = "**/_dash-update-component*"
    page.route(callbacks, lambda route: route.fulfill(status=500, body="no"))
    page.wait_for_selector(".toast-line")
    page.unroute(callbacks)
    assert "Reload the page" in toasts(page)[0]


def test_a_chart_on_paper(server: Server, tabs: dict[str, Tab]) -> None:
    """White, nothing to press, and no part of a table behind a scroll bar."""
    page = tabs["light"].open(server, "/accuracy", "full")
    page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'dark')")
    page.emulate_media(media="print")
    for gone in ("#frame-nav", ".controls", ".csv", "#frame-toasts"):
        assert not page.locator(gone).first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("h2").first.is_visible()
    # The light colors, although the page on the screen is dark; charts drawn for it are inverted.
    tokens = page.evaluate(
        "(() => { const s = getComputedStyle(document.body);"
        " return ['--accent', '--class-1'].map((n) => s.getPropertyValue(n).trim()); })()"
    )
    assert tokens == ["#0b6e72", "#2f6fb3"]
    plot = "getComputedStyle(document.querySelector('.plot')).filter"
    assert page.evaluate(plot).startswith("invert(1)")
    hidden = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollHeight > e.clientHeight + 1)"
        ".length"
    )
    assert hidden == 0
    page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'light')")
    assert page.evaluate(plot) == "none"
    page.emulate_media(media="screen")
