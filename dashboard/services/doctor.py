"""A check-up: what is wrong with an installation, in sentences, and how to mend it.

It looks and changes nothing: no database is made or brought forward, no cache opened.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from dashboard.errors import SluiceError
from dashboard.services import doctor_machine as machine
from dashboard.services import doctor_workers
from dashboard.services.doctor_machine import Finding, bad, note, ok
from dashboard.services.people import Role
from dashboard.services.users import Users
from dashboard.settings import LOOPBACK, Settings, read_settings
from dashboard.storage import health
from dashboard.storage.health import Health
from dashboard.storage.schema import SCHEMA_VERSION

_BIG_LOG = 512 * 2**20
_AHEAD_MS = 120_000
_SKEW_MS = 5_000
_SHORT_KEY = 32


def examine(environ: Mapping[str, str] | None = None, *, thoroughly: bool = True) -> list[Finding]:
    """Look at everything that an installation needs.

    Parameters
    ----------
    environ
        The environment with the settings; the process's own unless given.
    thoroughly
        Whether to read the whole database, which takes seconds per gigabyte.

    """
    found = [*machine.programs()]
    try:
        settings = read_settings(environ)
    except SluiceError as error:
        return [*found, bad("settings", str(error), "Change the variable, then check again.")]
    found += [
        *_network(settings),
        *_people(settings),
        *machine.data_folder(settings),
        *machine.disk(settings),
    ]
    found += _database(settings, thoroughly=thoroughly)
    found += [
        *doctor_workers.workers(settings),
        *_caches(settings),
        *machine.clock(settings),
        *machine.river_data(settings),
    ]
    return found


def _network(settings: Settings) -> Iterator[Finding]:
    check, address = "settings", f"{settings.host}:{settings.port}"
    if settings.secret_key and len(settings.secret_key) < _SHORT_KEY:
        yield bad(
            check, f"SECRET_KEY has {len(settings.secret_key)} characters, which can be guessed.",
            "Unset it, and one is made; or make one: `openssl rand -hex 32`.",
        )  # fmt: skip
    if settings.host not in LOOPBACK and settings.open:
        yield note(check, f"Everyone who can reach {address} may label: SLUICE_OPEN is 1.")
    else:
        yield ok(check, f"Sluice listens on {address}.")


def _people(settings: Settings) -> Iterator[Finding]:
    check = "sign-in"
    if settings.users is None:
        yield ok(check, "Nobody has to sign in.")
        return
    users = Users(settings.users)
    try:
        users.require_some()
    except SluiceError as error:
        yield bad(check, str(error), "Until then the server does not start.")
        return
    if users.open_to_others:
        yield bad(
            check, f"Others on this machine can read {users.path}, and try passwords on it.",
            f"chmod 600 {users.path}",
        )  # fmt: skip
    roles = [user.role for user in users.every().values()]
    counts = ", ".join(f"{roles.count(role)} {role.word}" for role in Role if role in roles)
    yield ok(check, f"Those in {users.path} may sign in: {counts}.")


def _database(settings: Settings, *, thoroughly: bool) -> Iterator[Finding]:
    check = "database"
    try:
        found = health.examine(settings, thoroughly=thoroughly)
    except SluiceError as error:
        yield bad(check, str(error), "See the sentence; `restore FILE` puts a backup in its place.")
        return
    if found is None:
        yield note(check, "There is no database yet; the first start makes it.")
        return
    yield from _schema(settings, found)
    if found.damage:
        yield bad(
            check, f"{found.where} is damaged: {found.damage}.",
            "Stop the server and put a backup in its place with `restore FILE`; the damaged one is "
            "kept.",
        )  # fmt: skip
    elif thoroughly and settings.database_url.startswith("sqlite"):
        yield ok(check, f"{found.where} is sound ({machine.bytes_of(found.size[0])}).")
    if found.size[1] > _BIG_LOG:
        yield bad(
            check, f"Its log has grown to {machine.bytes_of(found.size[1])}: something reads "
            "without an end, and keeps it from being folded in.",
            "Restart the server; end other programs that have the database open.",
        )  # fmt: skip
    if found.lax:
        yield bad(
            check, f"The server of {found.where} runs with {' and '.join(found.lax)} off: a power "
            "cut can lose acknowledged labels.",
            "Switch it on in postgresql.conf.",
        )  # fmt: skip
    yield from _jobs(found)
    yield from _times(found)


def _schema(settings: Settings, found: Health) -> Iterator[Finding]:
    if found.schema == SCHEMA_VERSION:
        yield ok("database", f"{found.where} has schema {found.schema}, as this release.")
        return
    is_what = f"has schema {found.schema}" if found.schema else "is empty"
    sentence = f"{found.where} {is_what}, and this release needs schema {SCHEMA_VERSION}"
    if settings.database_url.startswith("sqlite"):
        yield note("database", f"{sentence}; the next start brings it forward.")
    else:
        yield bad("database", f"{sentence}.", "Run `python -m dashboard migrate`.")


def _jobs(found: Health) -> Iterator[Finding]:
    for slug, job in found.dead:
        yield bad(
            "jobs", f"A job died while it worked on {slug or 'the first start'} ({job.kind}, "
            f"{job.done:,} of {job.total:,}); nothing that was saved is lost.",
            "Start the import again; what it left goes then." if job.kind == "import"
            else "Open the experiment and press Continue.",
        )  # fmt: skip
    if not found.dead:
        yield ok("jobs", "No job has died.")


def _times(found: Health) -> Iterator[Finding]:
    now = int(time.time() * 1000)
    if found.newest is not None and found.newest > now + _AHEAD_MS:
        yield bad(
            "clock", f"The newest event was logged at {_moment(found.newest)}, and the clock says "
            f"{_moment(now)}: it is wrong now, or was then.",
            "Set it, and let it be kept right (`timedatectl set-ntp true`).",
        )  # fmt: skip
    if abs(found.skew) > _SKEW_MS:
        ahead = "ahead of" if found.skew > 0 else "behind"
        yield bad(
            "clock", f"The clock of the database's machine is {abs(found.skew) / 1000:.0f} s "
            f"{ahead} this one's.",
            "Set both, and let them be kept right (`timedatectl set-ntp true`).",
        )  # fmt: skip


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _caches(settings: Settings) -> Iterator[Finding]:
    for place in (settings.snapshots, settings.jobs):
        if not (place / "cache.db").exists():
            continue
        if damage := health.cache_damage(place):
            yield bad(
                "cache", f"The cache {place} is damaged ({damage}).",
                "Stop the server and delete the folder: it is made again from the log.",
            )  # fmt: skip
        else:
            size = sum(file.stat().st_size for file in _files(place))
            yield ok("cache", f"{place} is sound ({machine.bytes_of(size)}).")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
