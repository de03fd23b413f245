"""Work in the background by a Celery worker, through Redis, as the person at the page sees it."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import driving
import pytest
from playwright.sync_api import Page, expect

from dashboard.core.pipelines import TEXT
from dashboard.core.spec import make_spec
from dashboard.storage import log
from dashboard.storage.streams import Sample
from tests.redis_server import WITHOUT, RedisServer, WorkerProcess, program
from tests.servers import needed
from tests.serving import Server
from tests.streams import sure_texts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BEGUN = 110  # answers before somebody opens the page
SLUG = "told"
PATIENCE = 60_000


def samples() -> Iterator[Sample]:
    """A question soon follows the last; then so late that a hundred take a worker seconds."""
    made = chain(sure_texts(1_200, hard_every=40), sure_texts(120_000, hard_every=400))
    for position, (text, label) in enumerate(made):
        yield Sample(f"sure-{position}", {TEXT: text}, label)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    needed(program(), WITHOUT)
    server = RedisServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def server(make_server: Callable[..., Server], redis: RedisServer) -> Server:
    made = make_server(REDIS_URL=redis.url)
    with made.beside() as services:
        stream = services.experiments.add_stream(
            slug="sure", title="Sure", kind="text", classes=["ham", "spam"],
            items=samples(), source="made by the tests",
        )  # fmt: skip
        spec = make_spec("blog", text=True, classes=2, discount_factor=100)
        services.experiments.create(SLUG, stream=stream, spec=spec)
        services.runs.oracle(SLUG, count=BEGUN)
    made.start()
    return made


@pytest.fixture
def worker(server: Server, tmp_path: Path) -> Iterator[WorkerProcess]:
    made = WorkerProcess(server.environ, tmp_path / "worker")
    yield made
    made.stop(signal.SIGKILL)


def progress(page: Page) -> int:
    """Labels told so far, as the page says."""
    place = page.locator("#label-progress-text")
    expect(place).to_contain_text(re.compile(r": [\d,]+ of 100$"), timeout=PATIENCE)
    return int(re.findall(r"([\d,]+) of", place.text_content() or "")[0])


def told(server: Server) -> int:
    """Answers from known truth in the log."""
    with server.beside() as services:
        experiment = services.experiments.find(SLUG)
        with services.database.read() as connection:
            return log.told_since(connection, experiment.id, 0)


def test_labels_from_a_worker_that_comes_late_is_canceled_and_killed(
    server: Server, worker: WorkerProcess, page: Page
) -> None:
    trouble, said = page.locator("#label-trouble"), page.locator("#label-progress-text")
    button = page.get_by_role("button", name="Label 100 for me")
    driving.open_label(page, server.url, SLUG)
    for key in "122":
        driving.press(page, key)
    assert driving.number(page, "labels") == BEGUN + 3

    # There is nobody yet who could do it: it waits, and labeling goes on.
    button.click()
    expect(trouble).to_contain_text("No worker is running, so this waits", timeout=PATIENCE)
    expect(said).to_have_text("Starting")
    expect(button).to_be_hidden()
    driving.press(page, "1")
    worker.start()
    assert progress(page) < 100
    page.get_by_role("button", name="Cancel").click()
    expect(trouble).to_contain_text("Stopped (labeling from known truth, ", timeout=PATIENCE)
    page.wait_for_selector(driving.READY)
    before = told(server)
    assert BEGUN < before < BEGUN + 100
    assert driving.number(page, "labels") == before + 4

    # Its process dies in the middle, and another goes on to the hundredth, no farther.
    button.click()
    assert progress(page) < 100
    worker.stop(signal.SIGKILL)
    expect(trouble).to_contain_text("The background process died (labeling from known truth, ",
                                    timeout=PATIENCE)  # fmt: skip
    assert before < told(server) < before + 100
    worker.start()
    expect(trouble).to_contain_text("It is started again where the log stands", timeout=PATIENCE)
    expect(page.get_by_test_id("labels")).to_have_text(str(before + 104), timeout=PATIENCE)
    page.wait_for_selector(driving.READY)
    expect(said).to_be_hidden()
    assert told(server) == before + 100
    driving.press(page, "1")
    assert server.verified(SLUG)
