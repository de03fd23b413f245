"""Spot-checks as people make them: queued on one page, answered blind on another, and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import READY, SAMPLE, number, open_label, press, sample_id, wait_for_card
from playwright.sync_api import Page

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _experiments(services: Services) -> None:
    stream = services.experiments.ensure_stream("sample-messages")
    spec = make_spec("blog", text=True, classes=len(stream.classes))
    services.experiments.create("sure", stream=stream, spec=spec)
    services.runs.oracle("sure", count=60)


@pytest.fixture(scope="module")
def server(kept_data: Callable[..., Path]) -> Iterator[Server]:
    made = Server(kept_data("spot-checks", _experiments))
    made.start()
    yield made
    made.stop()


# What a reader of the page, or of its source, could tell a question by.
HANDLES = """() => ({
    handles: [...document.querySelectorAll('#label-root [data-testid]')].filter((e) =>
        e.dataset.testid !== "advice" // of the experiment, not of the sample
    ).map((e) =>
        [e.dataset.testid, Object.keys(e.dataset).sort().join(), e.className]),
    words: document.querySelector('#label-root').innerText.toLowerCase().includes('spot'),
})"""


def shown(page: Page, url: str) -> str:
    page.goto(f"{url}/skipped?experiment=sure")
    page.wait_for_selector(".log-grid .ag-row .ag-cell-value")
    return page.get_by_test_id("skipped-error").inner_text()


def test_queued_answered_blind_and_told(server: Server, page: Page, watch: Any) -> None:
    open_label(page, server.url, "sure")
    usual = page.evaluate(HANDLES)
    labels = number(page, "labels")
    assert "not measurable" in shown(page, server.url)
    panel = page.get_by_test_id("spot-checks")
    page.get_by_label("How many").fill("22")
    page.get_by_role("button", name="Spot-check 22 at random").click()
    panel.get_by_text("22 wait for one").wait_for()
    panel.get_by_role("link", name="Label them").click()
    page.wait_for_selector(READY)
    press(page, "1")  # the question that was open before
    seen = set()
    for i in range(21):
        if i:
            wait_for_card(page, "spot-check")  # it is painted after the next sample
        told = page.evaluate(HANDLES)
        assert told["handles"] == usual["handles"]
        assert told["words"] is (i > 0)  # of the answer before alone
        seen.add(sample_id(page))
        press(page, "1")
    assert len(seen) == 21
    assert number(page, "labels") == labels + 22
    told = shown(page, server.url)
    assert "estimated error among them" in told
    assert "21 spot-checked" in told
    panel.get_by_text("21 spot-checks have an answer, 1 waits for one").wait_for()
    panel.get_by_role("button", name="Take back the rest").click()
    panel.get_by_text("none waits for one").wait_for()
    assert watch.problems == []
    assert page.locator(SAMPLE).count() == 0
