"""The part of a check-up that looks at the machine: programs, folder, disk, clock, data sets."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from river import datasets

from dashboard.settings import Settings
from dashboard.storage import health

ROOT = Path(__file__).resolve().parents[2]
OLDEST_PYTHON = (3, 11)
LITTLE = 200 * 2**20  # a disk with less is as good as full
_SLOW_CLOCK = 5.0


class Finding(NamedTuple):
    """One thing that was looked at.

    Parameters
    ----------
    check
        What was looked at.
    state
        `ok`, `note` for what a person may want to know, or `bad`.
    sentence
        What was found.
    mend
        What to do about it; only where it is bad.

    """

    check: str
    state: str
    sentence: str
    mend: str = ""


def ok(check: str, sentence: str) -> Finding:
    """It is as it should be."""
    return Finding(check, "ok", sentence)


def note(check: str, sentence: str) -> Finding:
    """It works, and somebody may want to know."""
    return Finding(check, "note", sentence)


def bad(check: str, sentence: str, mend: str) -> Finding:
    """It is wrong, and this is how to mend it."""
    return Finding(check, "bad", sentence, mend)


def bytes_of(count: int) -> str:
    """A size as people say it.

    Examples
    --------
    >>> bytes_of(1_500), bytes_of(3 * 2**30)
    ('1.5 kB', '3.2 GB')

    """
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, {"bytes": "kB", "kB": "MB", "MB": "GB", "GB": "TB"}[unit]
    return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"


def programs(requirements: Path = ROOT / "requirements.txt") -> Iterator[Finding]:
    """Python and the packages, against those that the release was tested with."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield bad("python", f"Python is {version}, and Sluice needs 3.11 or later.",
                  "Name a later one: make PYTHON=python3.12 run")  # fmt: skip
    else:
        yield ok("python", f"Python {version}.")
    pins = dict(_pins(requirements)) if requirements.is_file() else {}
    wrong = [_wrong(name, pin) for name, pin in pins.items() if _installed(name) != pin]
    for sentence in wrong:
        yield bad("packages", sentence, f"Run `{Path(sys.executable).name} -m pip install -r "
                  f"{requirements.name}`.")  # fmt: skip
    if pins and not wrong:
        named = ", ".join(f"{name} {pins[name]}" for name in ("river", "dash") if name in pins)
        yield ok("packages", f"{len(pins)} packages as this release was tested: {named}, ….")
    yield from _sqlite()


def _pins(requirements: Path) -> Iterator[tuple[str, str]]:
    for line in requirements.read_text(encoding="utf-8").splitlines():
        name, mark, pin = line.partition("==")
        if mark and not line.startswith("#"):
            yield name.partition("[")[0].strip(), pin.strip()


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _wrong(name: str, pin: str) -> str:
    installed = _installed(name)
    is_what = f"is {installed}" if installed else "is not installed"
    return f"{name} {is_what}, and this release was tested with {pin}."


def _sqlite() -> Iterator[Finding]:
    if health.SQLITE < health.OLDEST_SQLITE:
        found, oldest = (".".join(map(str, v)) for v in (health.SQLITE, health.OLDEST_SQLITE))
        yield bad("packages", f"SQLite is {found}; those before {oldest} can damage a database "
                  "that several processes write.",
                  "Install the wheel of pysqlite3 that requirements.txt names.")  # fmt: skip


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Whether the folder is there, can be written, and is closed to others."""
    check, folder = "data folder", settings.data
    if not folder.exists():
        above = next(p for p in folder.parents if p.exists())
        if os.access(above, os.W_OK | os.X_OK):
            yield note(check, f"There is no folder {folder} yet; the first start makes it.")
        else:
            yield bad(check, f"There is no folder {folder}, and {above} cannot be written.",
                      "Point SLUICE_DATA at a folder that can be.")  # fmt: skip
        return
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield bad(check, f"{folder} cannot be written by this user.",
                  "Point SLUICE_DATA at a folder that can, or change its owner.")  # fmt: skip
        return
    yield from _open_to_others(settings)
    for left in sorted(folder.glob(".restore-*")):
        yield bad(check, f"{left} was left by a `restore` that was cut off.", f"Delete {left}.")
    kept = [*folder.glob("*.before-restore-*"), *folder.glob("before-restore-*.dump")]
    if kept:
        size = bytes_of(sum(path.stat().st_size for path in kept))
        yield note(check, f"What `restore` has put aside takes {size}: {folder}/*before-restore-*.")


def _open_to_others(settings: Settings) -> Iterator[Finding]:
    check, folder = "data folder", settings.data
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        yield bad(check, f"Others on this machine can get into {folder} (mode {mode:04o}), where "
                  "pickles, texts and labels are.", f"chmod 700 {folder}")  # fmt: skip
    elif folder.stat().st_uid != os.geteuid():
        yield bad(check, f"{folder} belongs to another user.", f"chown -R $USER {folder}")
    else:
        yield ok(check, f"{folder} can be written, and only by this user.")
    secret = settings.data / "secret_key"
    if secret.exists() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
        yield bad(check, f"Others can read {secret}, and sign what they like with it.",
                  f"chmod 600 {secret}; delete it if somebody has read it.")  # fmt: skip


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether there is room for labels, for a backup, and for a Parquet file on its way."""
    folder = next(p for p in (settings.data, *settings.data.parents) if p.exists())
    for place, what in ((folder, "labels"), (Path(tempfile.gettempdir()), "downloads")):
        free = shutil.disk_usage(place).free
        inodes = os.statvfs(place)
        if free < LITTLE:
            yield bad("disk", f"Only {bytes_of(free)} are free at {place}, for {what}.",
                      "Make room.")  # fmt: skip
        elif inodes.f_files and not inodes.f_favail:
            yield bad("disk", f"No file can be made at {place}: its disk has as many as it can "
                      "hold.", "Delete files there.")  # fmt: skip
        elif place == folder:
            yield ok("disk", f"{bytes_of(free)} are free at {place}.")


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the clock can be right, and agrees with that of the disk."""
    built = max(path.stat().st_mtime for path in (ROOT / "dashboard").glob("*.py"))
    now = time.time()
    if now < built - 24 * 3600:
        yield bad("clock", f"The clock says {time.strftime('%Y-%m-%d', time.gmtime(now))}, before "
                  "this release was installed.",
                  "Set it, and let it be kept right (`timedatectl set-ntp true`).")  # fmt: skip
        return
    if settings.data.is_dir() and os.access(settings.data, os.W_OK):
        with tempfile.NamedTemporaryFile(dir=settings.data, prefix=".probe-") as probe:
            apart = abs(os.stat(probe.name).st_mtime - time.time())
        if apart > _SLOW_CLOCK:
            yield bad("clock", f"The disk of {settings.data} has a clock that is {apart:.0f} s "
                      "apart from this machine's.", "Set both.")  # fmt: skip
            return
    yield ok("clock", f"{time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(now))}.")


def river_data(settings: Settings) -> Iterator[Finding]:
    """Whether River's SMS Spam Collection is there, and whole."""
    base = (
        Path(settings.river_data).expanduser()
        if settings.river_data
        else Path.home() / "river_data"
    )
    data = datasets.SMSSpam()
    file = base / "SMSSpam" / data.filename
    if settings.river_data and not base.is_dir():
        yield bad("RIVER_DATA", f"RIVER_DATA is {base}, and there is no such folder.",
                  "Name the folder that holds SMSSpam, or unset it.")  # fmt: skip
    elif not file.is_file():
        yield note("RIVER_DATA", f"{file} is not there yet; the first start downloads it, or makes "
                   "up messages where it cannot.")  # fmt: skip
    elif file.stat().st_size != data.size:
        yield bad("RIVER_DATA", f"{file} has {file.stat().st_size:,} bytes instead of "
                  f"{data.size:,}: a download was cut off.", f"Delete {file}.")  # fmt: skip
    else:
        yield ok("RIVER_DATA", f"{file} is whole.")
