"""Every page works under the Content-Security-Policy, and the policy works in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import driving
import pytest
from playwright.sync_api import Page

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from tests.serving import ROOT, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STREAM = "sample-messages"
# What a page shows when it has drawn what it draws last.
DRAWN = {
    "/": driving.READY,
    "/accuracy": '[data-testid="accuracy-curve"] .main-svg',
    "/queries": '[data-testid="query-ratio"] .main-svg',
    "/entropy": '[data-testid="entropy-histogram"] .main-svg',
    "/quality": '[data-testid="drift-curve"] .main-svg',
    "/skipped": "#log-grid .ag-row .ag-cell-value",
    "/log": "#log-grid .ag-row .ag-cell-value",
    "/experiments": ".runs-page .runs",
}
LISTEN = """
window.violations = [];
addEventListener("securitypolicyviolation", (e) => window.violations.push(
    e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber));
"""


def _experiment(services: Services) -> None:
    stream = services.experiments.ensure_stream(STREAM)
    spec = make_spec("recommended", text=True, classes=len(stream.classes))
    services.experiments.create("drawn", stream=stream, spec=spec, warm_start=400)
    services.runs.warm_start("drawn")
    services.runs.oracle("drawn", count=20)


@pytest.fixture(scope="module")
def server(served: Callable[..., Server]) -> Server:
    return served("csp", _experiment)


@pytest.fixture
def listening(page: Page) -> Page:
    page.add_init_script(LISTEN)
    return page


def paths() -> list[str]:
    """Of every page there is, so that a new one is looked at without being listed."""
    found = []
    for file in sorted((ROOT / "pages").glob("*.py")):
        named = re.search(r'path="(/[^"]*)"', file.read_text(encoding="utf-8"))
        found.append(named[1] if named else f"/{file.stem}")
    return found


def violations(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.violations")
    return found


@pytest.mark.parametrize("path", paths())
def test_a_page_breaks_no_rule(server: Server, listening: Page, watch: Any, path: str) -> None:
    answer = listening.goto(f"{server.url}{path}?experiment=drawn")
    assert answer is not None
    assert "script-src 'self' 'sha256-" in answer.headers["content-security-policy"]
    listening.wait_for_selector(DRAWN.get(path, "main h1"), timeout=60_000)
    listening.wait_for_timeout(300)
    assert violations(listening) == []
    assert watch.problems == []


def test_what_opens_saves_and_moves_breaks_no_rule(
    server: Server, listening: Page, watch: Any
) -> None:
    page = listening
    driving.open_label(page, server.url, "drawn")
    driving.press(page, "1")
    page.click("#label-keys")
    page.locator("#label-keys-no").click()
    page.goto(f"{server.url}/accuracy?experiment=drawn")
    page.wait_for_selector(DRAWN["/accuracy"], timeout=60_000)
    # A chart as a picture is made in the page, out of a blob.
    made = page.evaluate(
        "async () => (await Plotly.toImage(document.querySelector('.js-plotly-plot'),"
        " {format: 'png', width: 300, height: 200})).slice(0, 22)"
    )
    assert made == "data:image/png;base64,"
    page.goto(f"{server.url}/log?experiment=drawn")
    page.locator(DRAWN["/log"]).first.click()
    page.wait_for_selector("#log-sheet .steps")
    assert violations(page) == []
    assert watch.problems == []


def test_a_script_that_is_not_ours_does_not_run(server: Server, listening: Page) -> None:
    listening.goto(f"{server.url}/accuracy?experiment=drawn")
    listening.wait_for_selector("main h1")
    listening.evaluate(
        """() => {
            const own = document.createElement("script");
            own.textContent = "window.ran = true";
            document.body.append(own);
            const button = document.createElement("button");
            button.setAttribute("onclick", "window.ran = true");
            document.body.append(button);
            button.click();
            const image = new Image();
            image.src = "https://example.org/picture.png";
            document.body.append(image);
        }"""
    )
    listening.wait_for_function("window.violations.length >= 3")
    assert listening.evaluate("window.ran") is None
    assert {v.split()[0] for v in violations(listening)} == {
        "script-src-elem", "script-src-attr", "img-src"
    }  # fmt: skip


def test_no_page_stands_in_a_frame(server: Server, page: Page) -> None:
    page.goto("about:blank")
    page.set_content(f'<iframe src="{server.url}/healthz"></iframe>')
    page.wait_for_timeout(500)
    inside = page.frames[-1].evaluate("document.body ? document.body.textContent : ''")
    assert "status" not in inside
