"""Who does the work in the background where `REDIS_URL` is set: workers, which tell of themselves.

Each worker leaves a note in Redis that vanishes when it is not renewed. A worker takes jobs of its
own release alone: their names are made of source text, and a sampler of another version decides
otherwise.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dashboard.errors import Unavailable
from dashboard.settings import Settings
from dashboard.storage import refusals
from dashboard.storage.machine import here
from dashboard.storage.snapshots import runtime_version

COMMAND = "python -m dashboard worker"
NOTE_SECONDS = 15  # how long a note is believed
PATIENCE_SECONDS = 3  # how long Redis may take to answer
_LOOK_SECONDS = 2.0
_PREFIX = "sluice-worker:"
_ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def code_version() -> str:
    """A few letters that tell this release from any other: its sources, and what it runs on.

    Examples
    --------
    >>> len(code_version())
    12

    """
    digest = hashlib.sha256(f"{runtime_version()} {version('dash')}".encode())
    for room in ("dashboard", "pages"):
        for path in sorted((_ROOT / room).rglob("*.py")):
            digest.update(f"\0{path.relative_to(_ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True, kw_only=True)
class Worker:
    """What a worker tells of itself.

    Parameters
    ----------
    host
        The name of its machine.
    pid
        Its process.
    code
        Its `code_version`.
    database
        Where it finds the log, without the password.

    """

    host: str
    pid: int
    code: str
    database: str


def this_worker(settings: Settings) -> Worker:
    """The note of this process."""
    return Worker(
        host=here().partition("/")[0],
        pid=os.getpid(),
        code=code_version(),
        database=refusals.place(settings.database_url),
    )


class Workers:
    """Looks into Redis for those who work.

    Parameters
    ----------
    settings
        Where Redis and the database are.

    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self._client: Any = None
        self._lock = threading.Lock()
        self._said, self._until = "", 0.0

    @property
    def used(self) -> bool:
        """Whether work is handed to workers at all."""
        return self.settings.redis_url is not None

    def announce(self, worker: Worker) -> None:
        """Leave or renew a note."""
        with self._redis() as redis:
            redis.set(_key(worker), json.dumps(asdict(worker)), ex=NOTE_SECONDS)

    def leave(self, worker: Worker) -> None:
        """Take the note away."""
        with self._redis() as redis:
            redis.delete(_key(worker))

    def found(self) -> list[Worker]:
        """Those who work now.

        Raises
        ------
        Unavailable
            If Redis does not answer.

        """
        with self._redis() as redis:
            notes = [redis.get(key) for key in sorted(redis.scan_iter(f"{_PREFIX}*"))]
        return [Worker(**json.loads(note)) for note in notes if note]

    def hindrance(self) -> str:
        """Why a job that is handed over does not begin; empty where nothing is wrong."""
        if not self.used:
            return ""
        with self._lock:  # asked by every page that waits, several times a second
            if time.monotonic() >= self._until:
                self._said = self._look()
                self._until = time.monotonic() + _LOOK_SECONDS
            return self._said

    def _look(self) -> str:
        try:
            workers = self.found()
        except Unavailable as error:
            return str(error)
        if any(worker.code == code_version() for worker in workers):
            return ""
        if not workers:
            return f"No worker is running, so this waits; start one: `{COMMAND}`."
        where = ", ".join(sorted({worker.host for worker in workers}))
        return (
            f"No worker of this release is running, so this waits; the one on {where} runs other "
            "code: bring it to the same."
        )

    def _redis(self) -> _Guarded:
        if self._client is None:
            self._client = _connect(self.settings)
        return _Guarded(self._client, self.settings)


class _Guarded:
    """Redis, whose refusals become a sentence."""

    def __init__(self, client: Any, settings: Settings):
        self._client, self._settings = client, settings

    def __enter__(self) -> Any:
        return self._client

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> None:
        from redis.exceptions import RedisError

        if isinstance(error, RedisError | OSError):
            raise Unavailable(unreachable(self._settings, error)) from error


def unreachable(settings: Settings, error: BaseException) -> str:
    """The sentence for a Redis that does not answer; without its password."""
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return (
        f"Redis at {redis_place(settings)} cannot be used ({reason}), so nothing is done in the "
        "background; start it, or check REDIS_URL."
    )


def redis_place(settings: Settings) -> str:
    """Host, port and number of Redis.

    Examples
    --------
    >>> from dashboard.settings import read_settings
    >>> redis_place(read_settings({"REDIS_URL": "redis://:hush@cache.example:6380/2"}))
    'cache.example:6380/2'

    """
    from urllib.parse import urlsplit

    parts = urlsplit(settings.redis_url or "")
    return f"{parts.hostname}:{parts.port or 6379}/{parts.path.strip('/') or 0}"


def _connect(settings: Settings) -> Any:
    import redis

    return redis.Redis.from_url(
        settings.redis_url or "",
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        decode_responses=True,
    )


def _key(worker: Worker) -> str:
    return f"{_PREFIX}{worker.host}:{worker.pid}"
