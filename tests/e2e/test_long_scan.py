"""A stream of which the sampler is sure of all but a few goes through a background job."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import driving
import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from dashboard.core.learner import Learner
from dashboard.core.pipelines import TEXT
from dashboard.core.spec import make_spec
from dashboard.services.container import open_services
from dashboard.settings import read_settings
from tests.streams import sure_samples, sure_texts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLES = 200_000
SPEC = make_spec("blog", text=True, classes=2, discount_factor=1000)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A window of its own: the one that is shared has not been seen to do here."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    yield context
    context.close()


def queries() -> list[int]:
    """Positions that River alone asks about, given the truth, in the first half."""
    learner, asked = Learner(SPEC, n_classes=2), []
    for position, (text, label) in enumerate(sure_texts(SAMPLES // 2)):
        if learner.scan(position, {TEXT: text}).decision.asked:
            learner.learn({TEXT: text}, label)
            asked.append(position)
    return asked


def prepare(folder: Path) -> tuple[int, int]:
    """Label up to the query before the longest stretch; its position, and that of the next."""
    asked = queries()
    gap = max(range(len(asked) - 1), key=lambda i: asked[i + 1] - asked[i])
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    stream = services.experiments.add_stream(
        slug="sure",
        title="Sure",
        kind="text",
        classes=["ham", "spam"],
        items=sure_samples(SAMPLES),
        source="made by the tests",
    )
    services.experiments.create("long", stream=stream, spec=SPEC)
    services.runs.oracle("long", count=gap)
    services.labeling.settle()
    services.database.close()
    return asked[gap], asked[gap + 1]


def progress(page: Page) -> int:
    """Samples done, as the page says."""
    page.wait_for_function(
        r"() => / [\d,]+ of /.test(document.querySelector('#label-progress-text').textContent)"
    )
    text = page.text_content("#label-progress-text") or ""
    return int(re.findall(r"([\d,]+) of", text)[0].replace(",", ""))


def kill_job(folder: Path) -> None:
    """Kill -9 the process of the running job."""
    import pysqlite3

    connection = pysqlite3.connect(f"file:{folder / 'sluice.db'}?mode=ro", uri=True)
    (pid,) = connection.execute("SELECT pid FROM jobs WHERE state = 'running'").fetchone()
    connection.close()
    psutil.Process(pid).send_signal(signal.SIGKILL)


def test_progress_leaving_cancel_and_kill(make_server: Callable[..., Any], page: Page) -> None:
    server = make_server()
    before, after = prepare(server.folder)
    assert after - before > 20_000
    server.start()
    driving.open_label(page, server.url, "long")
    assert driving.sample_id(page) == f"sure-{before}"
    driving.let_it_count(page)
    page.keyboard.press("2" if before % 3 == 0 else "1")
    page.wait_for_selector('[data-testid="status"][data-state="scanning"]')
    assert progress(page) > before

    page.goto("about:blank")  # leaving the page stops nothing
    page.goto(server.url + "/?experiment=long")
    page.wait_for_selector('[data-testid="status"][data-state="scanning"]')
    seen = progress(page)
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_selector("#label-trouble >> text=Stopped")
    assert server.run("verify", "long").returncode == 0

    page.get_by_role("button", name="Continue").click()
    assert progress(page) >= seen
    kill_job(server.folder)
    # It says so, and goes on by itself.
    page.wait_for_selector("#label-trouble >> text=died", timeout=60_000)
    page.wait_for_selector(driving.READY, timeout=120_000)
    assert driving.sample_id(page) == f"sure-{after}"
    assert server.run("verify", "long").returncode == 0
