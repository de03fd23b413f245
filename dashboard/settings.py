"""One frozen `Settings`, read once from the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.errors import BadInput, Unavailable

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are and how they are served; see the table in the README.

    Parameters
    ----------
    host
        Address to listen on.
    port
        Port to listen on.
    data
        Folder that holds database, snapshots and jobs.
    database_url
        SQLAlchemy URL of the database.
    redis_url
        Where background work is handed to workers, or None where the server does it itself.
    river_data
        Folder in which River looks for its data sets, or None for its default.
    workers
        Number of server processes.
    secret_key
        Signs sessions and job handles; made once and kept in the data folder where not given.
    open
        Whether an address other than loopback is meant, although nobody has to sign in.
    max_upload_mb
        How large a file may be that is sent to be imported, in megabytes.
    users
        File of those who may sign in, or None where nobody has to.
    proxies
        How many proxies stand in front, whose word about the sender is taken.
    lease_seconds
        How long a question that one person was shown is not shown to another.

    """

    host: str
    port: int
    data: Path
    database_url: str
    redis_url: str | None
    river_data: str | None
    workers: int
    secret_key: str | None
    open: bool
    max_upload_mb: int
    users: Path | None
    proxies: int
    lease_seconds: int

    @property
    def snapshots(self) -> Path:
        """Folder of the pickled samplers: disposable."""
        return self.data / "snapshots"

    @property
    def jobs(self) -> Path:
        """Folder of the background callbacks' receipts: disposable."""
        return self.data / "jobs"

    @property
    def uploads(self) -> Path:
        """Folder of the files that are being imported: disposable after a day."""
        return self.data / "uploads"

    @property
    def exports(self) -> Path:
        """Folder of prepared data sets: disposable."""
        return self.data / "exports"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Parameters
    ----------
    environ
        The environment; the process's own unless given.

    Raises
    ------
    BadInput
        Names the variable, its value and what it should be.

    Examples
    --------
    >>> settings = read_settings({"PORT": "9000", "SLUICE_DATA": "somewhere"})
    >>> settings.port, settings.host, settings.data.name
    (9000, '127.0.0.1', 'somewhere')

    """
    env = os.environ if environ is None else environ
    data = Path(env.get("SLUICE_DATA") or "data").expanduser().absolute()
    host = env.get("HOST") or "127.0.0.1"
    opened = env.get("SLUICE_OPEN") == "1"
    users = env.get("SLUICE_USERS")
    given = env.get("DATABASE_URL") or ""
    if host not in LOOPBACK and not opened and not users:
        raise BadInput(
            f"HOST is {host}, which others can reach, and nobody has to sign in; leave HOST at "
            "127.0.0.1, name those who may in SLUICE_USERS, or set SLUICE_OPEN=1 if everyone who "
            "can reach it may label."
        )
    if env.get("DYNO") and not given.startswith("postgres"):
        raise BadInput(
            "This is Heroku, where the disk vanishes with every restart, and DATABASE_URL names no "
            "PostgreSQL: labels would be lost; run `heroku addons:create heroku-postgresql`."
        )
    return Settings(
        host=host,
        port=_whole_number(env, "PORT", 8050, 1, 65535),
        data=data,
        database_url=_database_url(given or f"sqlite:///{data / 'sluice.db'}"),
        redis_url=_redis_url(env.get("REDIS_URL") or "", lax=bool(env.get("DYNO"))) or None,
        river_data=env.get("RIVER_DATA") or None,
        workers=_whole_number(env, "WEB_CONCURRENCY", 1, 1, 64),
        secret_key=env.get("SECRET_KEY") or None,
        open=opened,
        max_upload_mb=_whole_number(env, "SLUICE_MAX_UPLOAD_MB", 1024, 1, 1_000_000),
        users=Path(users).expanduser().absolute() if users else None,
        proxies=_whole_number(env, "SLUICE_PROXIES", 0, 0, 9),
        lease_seconds=_whole_number(env, "SLUICE_LEASE_SECONDS", 600, 1, 86_400),
    )


_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",  # as Heroku writes it
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def _database_url(url: str) -> str:
    """The address as SQLAlchemy wants it. Errors do not repeat it: a password may be in it."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in _DRIVERS:
        given = f"not with {scheme}://" if mark else "but it has no ://"
        raise BadInput(
            f"DATABASE_URL has to begin with sqlite:/// or postgresql://, {given}; without it "
            "the database is a file in SLUICE_DATA."
        )
    try:
        urlsplit(f"{_DRIVERS[scheme]}://{rest}").port  # noqa: B018  # reading it checks it
    except ValueError as error:
        raise BadInput(
            "DATABASE_URL cannot be read as an address; it looks like "
            "postgresql://user:password@host:5432/name, with %40 for an @ in the password."
        ) from error
    return f"{_DRIVERS[scheme]}://{rest}"


def _redis_url(url: str, *, lax: bool) -> str:
    """The address as Celery wants it, which insists on being told about certificates.

    Heroku's Redis signs its own: `lax` takes any. Errors do not repeat the address: a password may
    be in it.
    """
    if not url:
        return ""
    form = "it looks like redis://:password@host:6379/0, or rediss:// where it is encrypted"
    scheme, mark, _ = url.partition("://")
    if not mark or scheme not in ("redis", "rediss"):
        raise BadInput(
            f"REDIS_URL has to begin with redis:// or rediss://: {form}; without it the server "
            "does background work itself."
        )
    try:
        parts = urlsplit(url)
        number = parts.path.strip("/")
        good = bool(parts.hostname) and parts.port != 0 and (not number or number.isdecimal())
    except ValueError:
        good = False
    if not good:
        raise BadInput(f"REDIS_URL cannot be read as an address; {form}.")
    if scheme == "rediss" and "ssl_cert_reqs=" not in parts.query:
        query = f"{parts.query}&" if parts.query else ""
        path, check = parts.path or "/0", "none" if lax else "required"
        url = parts._replace(path=path, query=f"{query}ssl_cert_reqs={check}").geturl()
    return url


def _whole_number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise BadInput(f"{name} has to be a whole number from {low} to {high}, not {text!r}.")
    return int(text)


def prepare_data_folder(settings: Settings) -> None:
    """Make the data folder, for this user alone: the snapshots in it are pickles.

    Raises
    ------
    Unavailable
        If it cannot be made or written.

    """
    try:
        for folder in (settings.data, settings.snapshots, settings.jobs, settings.uploads):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = settings.data / f".probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise Unavailable(
            f"The data folder {settings.data} cannot be written ({error.strerror}); point "
            "SLUICE_DATA at a folder that can."
        ) from error


def secret_key(settings: Settings) -> str:
    """The key from the settings, or one made once and kept in the data folder."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data / "secret_key"
    try:
        # Created readable by nobody else, and by exactly one process.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return _read_key(path)


def _read_key(path: Path) -> str:
    for _ in range(100):  # another process may have created it, but not written it yet
        if key := path.read_text():
            return key
    raise Unavailable(f"The file {path} is empty; delete it, a new key will be made.")
