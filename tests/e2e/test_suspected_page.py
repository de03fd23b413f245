"""Suspected mistakes on the log page: chosen, looked at again, relabeled, gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from test_pages import grave

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.storage.streams import Sample
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRONG = (7, 20)


def _experiments(services: Services) -> None:
    """Forty clear texts, two of them labeled wrongly."""
    words = ("good morning to you", "free prize now")
    texts = [f"{words[i % 2]} {chr(97 + i % 5)}" for i in range(40)]
    stream = services.experiments.add_stream(
        slug="clear",
        title="clear",
        kind="text",
        classes=["ham", "spam"],
        items=(Sample(f"c{i}", {"text": t}, (i + (i in WRONG)) % 2) for i, t in enumerate(texts)),
        source="made by the tests",
    )
    spec = make_spec(text=True, classes=2, strategy="random", budget=1.0, floor=0.0)
    services.experiments.create("clear", stream=stream, spec=spec)
    services.runs.oracle("clear")


@pytest.fixture(scope="module")
def server(served: Callable[..., Server]) -> Server:
    return served("suspected", _experiments)


def positions(page: Page) -> list[str]:
    """Those of the rows, from the top."""
    rows = page.locator("#log-grid .ag-center-cols-container .ag-row[row-id]")
    found = sorted(rows.all(), key=lambda row: int(row.get_attribute("row-index") or 0))
    return [row.get_attribute("row-id") or "" for row in found]


def wait_for(page: Page, words: str) -> None:
    page.locator("#log-bar", has_text=words).wait_for()


@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_and_is_open_to_everyone(server: Server, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.goto(f"{server.url}/log?experiment=clear&suspected=true")
    wait_for(page, "very unlikely")
    page.wait_for_timeout(300)
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window
    assert grave(page) == []


def test_chosen_relabeled_and_gone(server: Server, page: Page, watch: Any) -> None:
    page.goto(f"{server.url}/log?experiment=clear")
    wait_for(page, "40 answers")
    assert page.locator('[col-id="likelihood"]').count() == 0
    page.get_by_label("Show").select_option("suspected mistakes")
    wait_for(page, "2 answers are very unlikely")
    page.locator('.ag-row [col-id="likelihood"]').first.wait_for()
    page.wait_for_timeout(300)
    assert sorted(positions(page)) == sorted(map(str, WRONG))
    assert "suspected=true" in page.url
    page.reload()
    wait_for(page, "2 answers are very unlikely")
    first = page.locator("#log-grid .ag-center-cols-container .ag-row[row-index='0']")
    first.wait_for()
    position = int(first.get_attribute("row-id") or "-1")
    first.click()
    page.locator("#log-sheet .choice", has_text=("Ham", "Spam")[position % 2]).click()
    page.locator("#log-sheet .note", has_text="Saved").wait_for()
    page.locator("#log-sheet").get_by_role("button", name="Close").click()
    wait_for(page, "1 answer is very unlikely")
    page.get_by_label("Show").select_option("all answers")
    wait_for(page, "40 answers")
    page.locator('[col-id="likelihood"]').first.wait_for(state="detached")
    assert "suspected" not in page.url
    assert server.verified("clear")
    assert watch.problems == []
