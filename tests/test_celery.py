"""Servers, workers, Redis and PostgreSQL for real: as on two machines, each with its own folder."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from dashboard.core.learner import Learner
from dashboard.core.pipelines import TEXT
from dashboard.core.spec import make_spec
from dashboard.services.container import open_services
from dashboard.settings import read_settings
from dashboard.storage import jobs, log
from dashboard.storage.jobs import Job
from tests.client import Client
from tests.postgres import WITHOUT as NO_POSTGRES
from tests.postgres import PostgresServer
from tests.postgres import programs as postgres_programs
from tests.redis_server import WITHOUT as NO_REDIS
from tests.redis_server import RedisServer, WorkerProcess, program
from tests.servers import needed
from tests.serving import Server
from tests.streams import sure_samples, sure_texts

pytestmark = [pytest.mark.slow, pytest.mark.alone]

SAMPLES = 150_000
SPEC = make_spec("blog", text=True, classes=2, discount_factor=1e6)
LABELS = [label for _, label in sure_texts(3_000)]
PATIENCE = 120


def queries() -> list[int]:
    """Positions that River alone asks about, given the truth: after these it is sure of all."""
    learner, asked = Learner(SPEC, n_classes=2), []
    for position, (text, label) in enumerate(sure_texts(len(LABELS))):
        if learner.scan(position, {TEXT: text}).decision.asked:
            learner.learn({TEXT: text}, label)
            asked.append(position)
    return asked


QUERIES = queries()


class Team:
    """A server here and a worker there, which share PostgreSQL and Redis and nothing else."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.redis, self.postgres = RedisServer(), PostgresServer()
        self.redis.start()
        self.postgres.start()
        shared = {"REDIS_URL": self.redis.url, "DATABASE_URL": self.postgres.new_database("team")}
        self.server = Server(folder / "here", workers=2, **shared)
        self.server.run("migrate")
        self.services = open_services(
            read_settings({**self.server.environ, "SLUICE_DATA": str(folder / "test")})
        )
        self.services.experiments.add_stream(
            slug="sure", title="Sure", kind="text", classes=["ham", "spam"],
            items=sure_samples(SAMPLES, hard_every=SAMPLES), source="made by the tests",
        )  # fmt: skip
        self.worker = self.new_worker("there")
        self.worker.begin()
        self.server.start()
        self.worker.wait()
        self.client = Client(self.server.url)

    def new_worker(self, name: str) -> WorkerProcess:
        """A worker on a folder of its own."""
        environ = {**self.server.environ, "SLUICE_DATA": str(self.folder / name)}
        return WorkerProcess(environ, self.folder / name)

    def before_a_long_scan(self, name: str) -> str:
        """An experiment in which nothing will be asked any more; its slug."""
        services = self.services
        stream = next(s for s in services.experiments.streams() if s.slug == "sure")
        slug = services.experiments.create(name, stream=stream, spec=SPEC).slug
        for position in QUERIES:
            while not services.labeling.scan_on(slug, seconds=0.05):
                assert services.experiments.find(slug).position <= position
            assert self.open_query(slug) == position
            services.labeling.answer(slug, position=position, label=LABELS[position])
        return slug

    def open_query(self, slug: str) -> int | None:
        """The position of the open query."""
        with self.services.database.read() as connection:
            row = log.open_query(connection, self.services.experiments.find(slug).id)
        return None if row is None else row["position"]

    def job(self, slug: str) -> Job | None:
        """The newest job."""
        with self.services.database.read() as connection:
            return jobs.latest(connection, self.services.experiments.find(slug).uid)

    def working(self, slug: str, *, after: str = "") -> Job:
        """The job that works on an experiment, once it has done something; not that one."""

        def good(job: Job | None) -> bool:
            return bool(job and job.id != after and job.state == "running" and job.done)

        found = self.until(lambda: self.job(slug), good)
        assert found is not None
        return found

    def until(self, ask: Callable[[], Any], good: Callable[[Any], Any]) -> Any:
        """What was asked for, once it is as it should be."""
        deadline = time.monotonic() + PATIENCE
        while not good(answer := ask()):
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)
        return answer

    def view(self, slug: str) -> dict[str, Any]:
        """What the label page shows."""
        return self.client.wish(slug, "look")

    def close(self) -> None:
        """End everything."""
        self.server.stop(signal.SIGKILL)
        self.worker.stop(signal.SIGKILL)
        self.services.labeling.settle()
        self.services.database.close()
        self.postgres.remove()
        self.redis.remove()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    needed(program(), NO_REDIS)
    needed(postgres_programs(), NO_POSTGRES)
    made = Team(tmp_path_factory.mktemp("team"))
    yield made
    made.close()


def test_a_long_scan_tells_its_progress_and_is_canceled(team: Team) -> None:
    slug = team.before_a_long_scan("progress")
    assert team.view(slug)["start"] == "scan"
    handle = team.client.start_job("scan", slug, "progress")
    job = team.working(slug)
    assert job.pid in [child.pid for child in team.worker.children()]
    shown = team.view(slug)
    assert shown["state"] == "scanning"
    assert shown["job"]["total"] == SAMPLES
    later = team.until(lambda: team.job(slug), lambda j: j.done > job.done)
    assert later.id == job.id
    team.client.wish(slug, "stop")
    receipt = team.client.finish_job(handle, seconds=PATIENCE)
    assert receipt == {"nonce": "progress", "state": "canceled", "slug": slug, "message": ""}
    assert team.view(slug)["trouble"].startswith("Stopped (looking for the next question")
    assert 0 < team.services.experiments.find(slug).position < SAMPLES


@pytest.mark.parametrize("whole", [False, True], ids=["its process", "the whole worker"])
def test_a_killed_worker_is_told_and_the_job_goes_on(team: Team, whole: bool) -> None:
    slug = team.before_a_long_scan(f"killed {whole}")
    handle = team.client.start_job("scan", slug, f"first-{whole}")
    job = team.working(slug)
    if whole:
        team.worker.stop(signal.SIGKILL)
    else:
        psutil.Process(job.pid).kill()
    view = team.until(lambda: team.view(slug), lambda v: v["start"])
    assert view["start"] == "scan"
    assert view["trouble"].startswith("The background process died (looking for the next question")
    assert "It is started again where the log stands." in view["trouble"]
    if whole:
        said = team.until(lambda: team.view(slug)["trouble"], lambda t: "No worker" in t)
        assert "No worker is running, so this waits; start one" in said
    # Nobody waits any longer for its result.
    team.until(lambda: team.client.poll_job(handle), lambda answer: answer == {})
    at = team.services.experiments.find(slug).position
    again = team.client.start_job("scan", slug, f"second-{whole}")
    if whole:
        team.worker.start()
    assert team.working(slug, after=job.id).done >= at
    assert "died" in team.view(slug)["trouble"]
    team.client.wish(slug, "stop")
    assert team.client.finish_job(again, seconds=PATIENCE)["state"] == "canceled"
    assert team.services.verification.verify(slug).difference == ""


def test_four_tabs_that_press_the_same_button_each_get_their_answer(team: Team) -> None:
    second = team.new_worker("second")
    second.begin()
    try:
        created = ("experiments", "create", "tabs", "--stream", "sample-messages")
        team.server.run(*created, "--preset", "blog")
        second.wait()
        assert len(team.services.workers.found()) == 2
        clients = [Client(team.server.url) for _ in range(4)]
        handles = [c.start_job("oracle", "tabs", f"tab-{n}", count=20) for n, c in
                   enumerate(clients)]  # fmt: skip
        receipts = [c.finish_job(h, seconds=PATIENCE) for c, h in
                    zip(clients, handles, strict=True)]  # fmt: skip
    finally:
        second.stop(signal.SIGKILL)
    assert [r["nonce"] for r in receipts] == [f"tab-{n}" for n in range(4)]
    states = [r["state"] for r in receipts]
    assert set(states) <= {"done", "busy"}
    labels = team.view("tabs")["counters"]["labels"]
    assert labels == 20 * states.count("done") > 0
    assert team.services.verification.verify("tabs").difference == ""


def test_a_worker_that_is_asked_to_go_lets_its_job_stop(team: Team) -> None:
    slug = team.before_a_long_scan("leaving")
    team.client.start_job("scan", slug, "leaving")
    job = team.working(slug)
    assert team.worker.stop() == 0
    ended = team.until(lambda: team.job(slug), lambda j: j.state != "running")
    assert (ended.id, ended.state) == (job.id, "stopped")
    view = team.view(slug)
    assert view["start"] == "scan"  # a page that is open asks for it again
    assert "died" not in view["trouble"]
    team.worker.start()


def test_redis_goes_and_comes_back(team: Team) -> None:
    slug = team.before_a_long_scan("away")
    team.redis.stop(signal.SIGKILL)
    refused = team.client.try_job("scan", slug, "away")
    receipt = refused["response"]["frame-job-receipt"]["data"]
    sentence = receipt["message"]
    assert receipt["state"] == "refused"
    assert f"Redis at 127.0.0.1:{team.redis.port}/0 cannot be used" in sentence
    view = team.view(slug)  # labeling needs none
    assert sentence[:20] in view["trouble"]
    team.redis.start()
    team.worker.wait()
    handle = team.client.start_job("scan", slug, "back")
    team.working(slug)
    team.client.wish(slug, "stop")
    assert team.client.finish_job(handle, seconds=PATIENCE)["state"] == "canceled"


def test_a_file_is_imported_by_the_server_that_has_it(team: Team) -> None:
    """A worker elsewhere could not read it."""
    rows = "".join(f"a text about {i % 7},{'spam' if i % 3 else 'ham'}\n" for i in range(60))
    typed = {
        "nonce": "import", "sample": "column:text", "label": "class", "classes": "ham\nspam",
        "name": "Sent", "preset": "blog", "warm_start": "0",
    }  # fmt: skip
    made = team.client.import_file("sent.csv", f"text,class\n{rows}".encode(), typed)
    assert made["sentence"] == "60 rows are here."
    assert team.view("sent")["samples"] == 60
