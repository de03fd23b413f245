"""What can be killed, how it comes back, and what of the disposable can be spoiled meanwhile."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil

from dashboard.errors import Unavailable
from dashboard.services.container import Services, open_services
from dashboard.settings import read_settings
from dashboard.storage import jobs
from tests.client import Client, Refused
from tests.postgres import PostgresServer
from tests.redis_server import WorkerProcess
from tests.serving import Server

T = TypeVar("T")


def workers(server: Server) -> list[psutil.Process]:
    """Its web workers that are alive now."""
    assert server.process is not None
    return [p for p in psutil.Process(server.process.pid).children() if _says(p, "gunicorn")]


def is_up(server: Server) -> bool:
    """Whether it answers, or will soon: its first process is there."""
    return server.process is not None and bool(workers(server))


def _says(process: psutil.Process, word: str) -> bool:
    try:
        return word in " ".join(process.cmdline())
    except psutil.Error:  # it ended meanwhile
        return False


def jobs_of(worker: psutil.Process) -> list[psutil.Process]:
    """The background jobs that a worker started."""
    try:
        return [job for fork_server in worker.children() for job in fork_server.children()]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def opened(server: Server) -> Iterator[Services]:
    """Services over the server's data, closed again: at a kill nobody else may hold the file."""
    services = _patiently(lambda: open_services(read_settings(server.environ)))
    try:
        yield services
    finally:
        services.database.close()


def _patiently(step: Callable[[], T], *, seconds: float = 60) -> T:
    """Do something again for as long as the database is not back."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return step()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def job_pid(server: Server, *, seconds: float = 30) -> int:
    """The process of the running job, once it has claimed its row."""
    deadline = time.monotonic() + seconds
    with opened(server) as services:
        while time.monotonic() < deadline:
            with services.database.read() as connection:
                found = [j.pid for j in jobs.running(connection) if psutil.pid_exists(j.pid)]
            if found:
                return found[0]
            time.sleep(0.02)
    raise AssertionError("the job did not start")


def spoil(folder: Path, chance: random.Random) -> str:
    """Delete or damage the snapshots now and then; what was done, in words."""
    snapshots = folder / "snapshots"
    dice = chance.random()
    if dice < 0.15:
        shutil.rmtree(snapshots)
        return "snapshots deleted"
    if dice < 0.3:
        for path in snapshots.rglob("*.val"):
            path.write_bytes(chance.randbytes(path.stat().st_size))
        return "snapshots damaged"
    return ""


class Victims:
    """Kills at random.

    Parameters
    ----------
    server
        Whose processes.
    postgres
        The database server, where there is one.
    celery
        Who does the background jobs, where that is not the server itself.
    lead
        Starts the jobs that are killed; without one there are none.
    beside
        The experiment that the jobs label, another one than people do.
    chance
        Chooses.

    """

    def __init__(
        self,
        server: Server,
        *,
        postgres: PostgresServer | None,
        celery: WorkerProcess | None,
        lead: Client | None,
        beside: str,
        chance: random.Random,
    ):
        self.server = server
        self.postgres = postgres
        self.celery = celery
        self.lead = lead
        self.beside = beside
        self.chance = chance
        self.kills: list[str] = []
        self.spoiled: list[str] = []
        self._jobs = 0
        self._ways: dict[str, tuple[Callable[[], None], float]] = {
            "worker": (self._worker, 6),
            "server": (self._server, 1),
        }
        if lead is not None:
            self._ways["job"] = (self._job, 0.5)
        if celery is not None:
            self._ways["Celery worker"] = (self._celery, 0.7)
        if postgres is not None:
            self._ways["database backend"] = (self._backend, 4)
            self._ways["database server"] = (self._postmaster, 3)

    def strike(self, most: int) -> list[str]:
        """Kill one after the other, at random moments, at most so many; what was killed."""
        done: list[str] = []
        for _ in range(min(most, self.chance.choice((1, 1, 2, 3)))):
            time.sleep(self.chance.uniform(0, 0.05))
            done.append(self.kill())
        return done

    def kill(self) -> str:
        """Kill one of them, and bring it back where it does not come back by itself."""
        names = list(self._ways)
        what = self.chance.choices(names, [self._ways[name][1] for name in names])[0]
        self._ways[what][0]()
        self.kills.append(what)
        return what

    def bring_back(self) -> None:
        """Start what is down where a kill was cut short."""
        if self.postgres is not None and self.postgres.process is None:
            self.postgres.start()
        if not is_up(self.server):
            self.server.stop(signal.SIGKILL)
            self.server.start()

    def _worker(self) -> None:
        deadline = time.monotonic() + 30
        while not (alive := workers(self.server)):  # the last one has just been killed
            assert time.monotonic() < deadline, "no worker comes back"
            time.sleep(0.01)
        self.chance.choice(alive).kill()

    def _server(self) -> None:
        self.server.stop(signal.SIGKILL)
        if done := spoil(self.server.folder, self.chance):
            self.spoiled.append(done)
        self.server.start()

    def _job(self) -> None:
        victim = psutil.Process(self._start_job())
        time.sleep(self.chance.uniform(0.0, 0.4))
        with suppress(psutil.NoSuchProcess):
            victim.kill()

    def _start_job(self) -> int:
        """Start a job; its process. Whoever is killed at the same time has it started again."""
        assert self.lead is not None
        deadline = time.monotonic() + 120
        while True:
            self._jobs += 1
            with suppress(*Refused, AssertionError):
                if self._jobs % 4 == 3:  # or the jobs would run out of samples
                    self.lead.wish(self.beside, "reset")
                self.lead.start_job("oracle", self.beside, f"kill-{self._jobs}", count=10_000)
                return job_pid(self.server)
            assert time.monotonic() < deadline, "no job can be started"
            time.sleep(0.5)

    def _celery(self) -> None:
        assert self.celery is not None
        self._start_job()
        time.sleep(self.chance.uniform(0.0, 0.4))
        self.celery.stop(signal.SIGKILL)
        self.celery.start()

    def _backend(self) -> None:
        assert self.postgres is not None
        assert self.postgres.process is not None
        deadline = time.monotonic() + 30
        while True:
            found = [
                p
                for p in psutil.Process(self.postgres.process.pid).children()
                if _says(p, "127.0.0.1(")
            ]
            if found:
                break
            assert time.monotonic() < deadline, "nobody is connected to the database"
            time.sleep(0.01)
        with suppress(psutil.NoSuchProcess):
            self.chance.choice(found).kill()

    def _postmaster(self) -> None:
        assert self.postgres is not None
        self.postgres.stop(signal.SIGKILL)
        time.sleep(self.chance.uniform(0, 0.5))
        self.postgres.start()
