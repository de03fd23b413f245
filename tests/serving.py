"""A real server on a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.services.container import Services, open_services
from dashboard.settings import read_settings

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`python -m dashboard serve` in a process group of its own.

    Parameters
    ----------
    folder
        Its data folder.
    workers
        Number of server processes.
    environ
        More settings.

    """

    def __init__(self, folder: Path, *, workers: int = 1, **environ: str):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            **os.environ,
            "SLUICE_DATA": str(folder),
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(workers),
            "PYTHONHASHSEED": "0",
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "dashboard", "serve"]

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            self.command(),
            cwd=ROOT,
            env=self.environ,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 180  # others may want the machine, too
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.url + "/healthz", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; with SIGKILL the master and its workers die at the same instant."""
        if self.process is None:
            return
        if how is signal.SIGKILL:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        self.process.wait(30)
        self.process = None

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command beside the server, over the same folder."""
        return subprocess.run(
            [sys.executable, "-m", "dashboard", *words],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=check,
            timeout=600,
        )

    @contextmanager
    def beside(self) -> Iterator[Services]:
        """Services over the same folder, as a command has them, without a process of their own."""
        services = open_services(read_settings(self.environ))
        try:
            yield services
        finally:
            services.labeling.settle()
            services.labeling.snapshots.cache.close()
            services.database.close()

    def verified(self, slug: str) -> bool:
        """Whether the log replays to what is stored; what the command says of it, test_cli has."""
        with self.beside() as services:
            return services.verification.verify(slug).difference == ""
