"""A PostgreSQL server of the tests' own, from the programs that Debian's package brings."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from tests.serving import free_port

WITHOUT = "PostgreSQL is not installed: `apt-get install postgresql` brings it"
_USER = "postgres"  # PostgreSQL does not run as root


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where they are not installed."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    candidates = [*reversed(folders), *([Path(found).parent] if found else [])]
    return next((p for p in candidates if (p / "initdb").exists()), None)


class PostgresServer:
    """A server on a free port of this machine, with a folder that goes when it ends.

    Parameters
    ----------
    port
        Where it listens; a free port unless given.
    durable
        Whether a commit waits for the disk; it does not have to where nothing is killed.

    """

    def __init__(self, *, port: int = 0, durable: bool = False):
        found = programs()
        assert found is not None, WITHOUT
        self.bin = found
        self.port = port or free_port()
        self.durable = durable
        # Not under pytest's folder: another user, whom PostgreSQL runs as, cannot get there.
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-postgres-"))
        self.process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._data = self.folder / "data"
        # A collation of a language, as most servers have, tells orders that rely on bytes.
        self._run("initdb", "-D", str(self._data), "-U", _USER, "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US",
                  "--no-sync")  # fmt: skip

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self.bin / program, *words], check=True, capture_output=True, cwd="/", **self._as
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": self.port,
            "max_connections": 200,
            "fsync": "on" if self.durable else "off",
        }
        words = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self._data, *words],
                stdout=log, stderr=log, cwd="/", start_new_session=True, **self._as,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.plain_url(_USER), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT in order, SIGKILL as a crash."""
        if self.process is None:
            return
        # Each of its processes leads a session of its own: a crash has to take them one by one.
        parts = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        for part in parts if how is signal.SIGKILL else ():
            with suppress(psutil.NoSuchProcess):
                part.kill()
        self.process.wait(60)
        self.process = None

    def plain_url(self, database: str) -> str:
        """The address of a database as PostgreSQL's own programs and Heroku write it."""
        return f"postgres://{_USER}@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str, *, template: str = "template1", anew: bool = False) -> str:
        """Create a database, empty or as a template, in place of another; its address."""
        names = sql.Identifier(name), sql.Identifier(template)
        with psycopg.connect(self.plain_url(_USER), autocommit=True) as connection:
            if anew:
                connection.execute(sql.SQL("DROP DATABASE {}").format(names[0]))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self.plain_url(name)

    def remove(self) -> None:
        """Stop it at once, also in the middle of a recovery, and delete its folder."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
