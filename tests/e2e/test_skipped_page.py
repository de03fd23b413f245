"""What was skipped: looked through, put in order, narrowed down, downloaded."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from test_suspected_page import positions, wait_for

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _experiments(services: Services) -> None:
    stream = services.experiments.ensure_stream("sample-messages")
    spec = make_spec("recommended", text=True, classes=len(stream.classes))
    services.experiments.create("sure", stream=stream, spec=spec)
    services.runs.oracle("sure")


@pytest.fixture(scope="module")
def server(served: Callable[..., Server]) -> Server:
    return served("skipped", _experiments)


def entropies(page: Page) -> list[float]:
    """Those of the first rows, from the top."""
    found = []
    for position in positions(page)[:10]:
        cell = page.locator(f'.ag-row[row-id="{position}"] [col-id="entropy"]')
        found.append(float(cell.inner_text()))
    return found


def first_is(page: Page, *, sort: str) -> None:
    page.wait_for_function(
        "sort => document.querySelector(`#log-orders [data-sort='${sort}']`)"
        ".getAttribute('aria-pressed') === 'true'",
        arg=sort,
    )
    page.wait_for_timeout(500)  # the rows of the other order have gone


def test_ordered_narrowed_and_downloaded(server: Server, page: Page, watch: Any) -> None:
    page.goto(f"{server.url}/skipped?experiment=sure")
    wait_for(page, "skipped samples")
    figures = page.get_by_test_id("skipped-error")
    assert "95% interval" in figures.inner_text()
    page.get_by_role("button", name="the least sure first").click()
    first_is(page, sort="-entropy")
    least = entropies(page)
    assert least == sorted(least, reverse=True)
    page.get_by_role("button", name="the surest first").click()
    first_is(page, sort="entropy")
    surest = entropies(page)
    assert surest == sorted(surest)
    assert surest[-1] < least[-1]
    assert "sort=entropy" in page.url
    assert "table=" not in page.url
    page.get_by_label("Confidence from").fill("0.9")
    wait_for(page, " of ")
    page.reload()
    wait_for(page, " of ")
    assert page.get_by_label("Confidence from").input_value() == "0.9"
    assert page.get_by_role("button", name="the surest first").get_attribute("aria-pressed") == (
        "true"
    )
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download CSV").click()
    with open(waiting.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["asked"] for row in rows} == {"false"}
    assert all(float(row[f"p_{row['predicted']}"]) >= 0.9 for row in rows)
    counted = page.locator("#log-bar .count").inner_text().split(" of ")[0]
    assert counted == f"{len(rows):,}"
    page.locator("#log-grid .ag-center-cols-container .ag-row").first.click()
    page.locator("#log-sheet .steps").wait_for()
    assert "It was never asked about" in page.locator("#log-sheet .now").inner_text()
    assert watch.problems == []
