"""A Redis server and workers of the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import redis

from dashboard.services.workers import Worker, Workers, code_version
from dashboard.settings import read_settings
from tests.serving import ROOT, free_port

WITHOUT = "Redis is not installed: `apt-get install redis-server` brings it"


def program() -> str | None:
    """The path of `redis-server`, or None where it is not installed."""
    return shutil.which("redis-server")


class RedisServer:
    """A server on a free port of this machine, which writes nothing to the disk.

    Parameters
    ----------
    words
        More options of `redis-server`.

    """

    def __init__(self, *words: str):
        assert program() is not None, WITHOUT
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.words = words
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-redis-"))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", *self.words]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(program()), *words], cwd=self.folder, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
                if client.ping():
                    return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


class WorkerProcess:
    """`python -m dashboard worker` in a process group of its own.

    Parameters
    ----------
    environ
        Its environment, as that of a server.
    folder
        Where its log goes.

    """

    def __init__(self, environ: dict[str, str], folder: Path):
        self.environ, self.folder = environ, folder
        self.workers = Workers(read_settings(environ))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / "worker.log"

    def begin(self, *words: str) -> None:
        """Start it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", "worker", *words],
                cwd=ROOT, env=self.environ, start_new_session=True, stdout=log, stderr=log,
            )  # fmt: skip

    def wait(self) -> None:
        """Wait until it says that it is there."""
        assert self.process is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if any(w.pid == self.process.pid for w in self.workers.found()):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def start(self, *words: str) -> None:
        """Start it and wait until it is there."""
        self.begin(*words)
        self.wait()

    def children(self) -> list[psutil.Process]:
        """The processes that do its jobs."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it, with SIGKILL all of its processes at one instant; its exit code."""
        if self.process is None:
            return 0
        if how is signal.SIGKILL:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        code = self.process.wait(60)
        self.process = None
        return code


def note(workers: Workers, **changes: str) -> None:
    """Leave the note of a worker that is somewhere else."""
    told = {"host": "elsewhere", "code": code_version(), "database": "", **changes}
    workers.announce(Worker(pid=1, **told))
