"""Work whose process died is told, and started again where the log stands, but not for ever."""

from __future__ import annotations

import itertools
import os
import time
from functools import partial
from typing import Any

import pytest

from dashboard.services import hidden, views
from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.services.pulse import Pulse
from dashboard.storage import arrivals, jobs, schema
from dashboard.storage.jobs import STALE_MS

NO_WORKER = "No worker is running."


@pytest.fixture
def slug(services, make_experiment) -> str:
    """An experiment that has to be scanned on before anything is asked."""
    return str(make_experiment(services, "made"))


def begin(services: Services, slug: str, name: str, kind: str = "scan") -> None:
    with services.database.write() as connection:
        assert jobs.claim(
            connection, job_id=name, scope=services.jobs.scope(kind, slug), kind=kind, total=120,
            pid=os.getpid(), at=services.jobs.clock(),
        )  # fmt: skip


def die(services: Services) -> None:
    """What is running is not there any more."""
    with services.database.write() as connection:
        running = schema.jobs.c.state == "running"
        connection.execute(schema.jobs.update().where(running).values(pid_started=1.0))


def view(services: Services, slug: str) -> dict[str, Any]:
    return services.views.view(slug)


def test_it_is_started_again_a_few_times_and_then_offered(services, slug):
    assert (view(services, slug)["start"], view(services, slug)["trouble"]) == ("scan", "")
    for number in range(views.RESTARTS):
        begin(services, slug, f"job {number}")
        assert ("died" in view(services, slug)["trouble"]) == (number > 0)
        die(services)
        told = view(services, slug)
        assert (told["state"], told["start"]) == ("scanning", "scan")
        assert told["trouble"] == (
            "The background process died (looking for the next question, 0 of 120). Nothing that "
            "was saved is lost. It is started again where the log stands."
        )
    begin(services, slug, "the last")
    die(services)
    told = view(services, slug)
    assert (told["state"], told["start"], told["offer"]) == ("error", "", "scan")
    assert "died" in told["trouble"]
    assert "again" not in told["trouble"]
    # Whoever presses Continue gets as many attempts anew, if this one does anything at all.
    assert services.jobs.run("scan", slug).state == "done"
    assert view(services, slug)["state"] == "ready"


def test_other_work_that_died_is_offered(services, slug):
    """Known truth told in part: nobody asked for the scan, so it waits for a word."""
    begin(services, slug, "oracle", "oracle")
    die(services)
    told = view(services, slug)
    assert (told["state"], told["start"], told["offer"]) == ("error", "", "scan")


def test_known_truth_told_in_part_says_how_many_it_gave(services, slug):
    """To whoever began it, who begins it again for the rest."""
    tick = itertools.count(1_800_000_000_000).__next__
    for part in (services.labeling, services.jobs, services.views):
        part.clock = tick
    services.runs.oracle(slug, count=3)
    begin(services, slug, "first", "oracle")
    assert view(services, slug)["lost"] is None
    assert services.runs.oracle(slug, count=2) == 2
    position = view(services, slug)["query"]["position"]
    assert services.labeling.answer(slug, position=position, label=0).done
    die(services)
    told = view(services, slug)
    assert (told["state"], told["start"]) == ("ready", "")
    assert told["lost"] == {"id": "first", "kind": "oracle", "given": 2}
    begin(services, slug, "second", "oracle")
    told = view(services, slug)
    assert (told["lost"], "It is started again" in told["trouble"]) == (None, True)
    die(services)
    assert view(services, slug)["lost"] == {"id": "second", "kind": "oracle", "given": 0}
    begin(services, slug, "third", "oracle")
    die(services)
    assert view(services, slug)["lost"] is None  # not for ever
    assert "died" in view(services, slug)["trouble"]
    for state, lost in (("stopped", True), ("canceled", False), ("done", False)):
        begin(services, slug, state, "oracle")
        with services.database.write() as connection:
            jobs.finish(connection, state, state=state, message="", at=services.jobs.clock())
        assert (view(services, slug)["lost"] is not None) == lost


def test_who_began_work_is_told_why_it_is_not_there(services, slug):
    services.views.hindrance = lambda: NO_WORKER
    services.runs.scan(slug)
    desk, wish = Desk(services), {"do": "look", "slug": slug, "n": 1}
    assert desk.handle(wish)["trouble"] == ""
    told = desk.handle({**wish, "waits": True})
    assert (told["state"], told["trouble"], told["waits"]) == ("ready", NO_WORKER, True)
    begin(services, slug, "oracle", "oracle")
    told = desk.handle({**wish, "waits": True})
    assert (told["job"]["kind"], told["trouble"], "waits" in told) == ("oracle", "", False)


def test_what_hinders_the_work_is_told_while_it_waits(services, slug):
    services.views.hindrance = lambda: NO_WORKER
    assert view(services, slug)["trouble"] == NO_WORKER
    begin(services, slug, "job")
    die(services)
    assert view(services, slug)["trouble"].endswith(f"where the log stands. {NO_WORKER}")
    assert services.jobs.run("scan", slug).state == "done"
    assert view(services, slug)["trouble"] == ""  # nothing waits


def test_a_step_that_takes_long_does_not_look_dead(services, slug, monkeypatch):
    monkeypatch.setattr("dashboard.services.jobs.Pulse", partial(Pulse, seconds=0.01))
    monkeypatch.setattr(services.jobs, "clock", lambda: time.monotonic_ns())
    beats: list[int] = []
    deadline = time.monotonic() + 20

    def long_step(_slug: str, **_: Any) -> bool:
        while len(set(beats)) < 3:
            assert time.monotonic() < deadline, "no sign of life"
            with services.database.read() as connection:
                job = jobs.latest(connection, services.jobs.scope("scan", slug))
            assert job is not None
            beats.append(job.heartbeat_at)
        return True

    monkeypatch.setattr(services.runs, "scan", long_step)
    assert services.jobs.run("scan", slug).state == "done"
    assert beats == sorted(beats)


def test_what_a_machine_elsewhere_left_half_brought_in_goes_when_it_is_silent(services):
    clock = services.transfer.clock
    with hidden.hidden_rows(services.database, clock):
        with services.database.write() as connection:
            connection.execute(schema.jobs.update().values(host="elsewhere/boot/1", pid=1))
        hidden.sweep(services.database, at=clock())
        assert left(services) == 1
        hidden.sweep(services.database, at=clock() + STALE_MS + 1_000)
        assert left(services) == 0


def left(services: Services) -> int:
    with services.database.read() as connection:
        return len(list(arrivals.leftovers(connection)))
