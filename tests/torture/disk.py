"""What a disk may hold when the power fails, from a record of what was written and synced.

A file consists of what was written before the last sync that had come back by then; of what was
written later, any part may be there, sector by sector, or nothing. A file that is new is there
once its folder has been synced. A file that was removed does not come back: that is kinder than
some disks are.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

SECTOR = 512


class Call(NamedTuple):
    """A system call that changes a file, or syncs one.

    Parameters
    ----------
    start, end
        When it began and when it came back, in seconds since 1970.
    name
        Of the call.
    path
        Of the file.
    offset
        Where it writes; the new length for `ftruncate`.
    data
        What it writes.

    """

    start: float
    end: float
    name: str
    path: str
    offset: int = 0
    data: bytes = b""


_LINE = re.compile(r"^(?P<pid>\d+) +(?P<at>[\d.]+) (?P<what>.*)$")
_RESUMED = re.compile(r"^<\.\.\. \w+ resumed>(?P<rest>.*)$")
_WHOLE = re.compile(r"^(?P<name>\w+)\((?P<given>.*)\) += (?P<result>-?\d+).* <(?P<took>[\d.]+)>$")
_OF_FILE = re.compile(r"^\d+<(?P<path>[^>]*)>(?:, (?P<rest>.*))?$")
_PATHS = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
UNFINISHED = " <unfinished ...>"


def read_trace(lines: Iterable[str]) -> Iterator[Call]:
    """The calls in a record of `strace -f -ttt -T -y -xx`, as they came back.

    Parameters
    ----------
    lines
        Of the record.

    Examples
    --------
    >>> list(read_trace([
    ...     r'7 1.5 pwrite64(3</d/x>, "\\x41\\x42", 2, 4096 <unfinished ...>',
    ...     r'8 1.6 fdatasync(4</d/y>) = 0 <0.25>',
    ...     r'7 1.7 <... pwrite64 resumed>) = 2 <0.5>',
    ... ]))  # doctest: +NORMALIZE_WHITESPACE
    [Call(start=1.6, end=1.85, name='fdatasync', path='/d/y', offset=0, data=b''),
     Call(start=1.5, end=2.0, name='pwrite64', path='/d/x', offset=4096, data=b'AB')]

    """
    begun: dict[str, tuple[float, str]] = {}
    for line in lines:
        found = _LINE.match(line.rstrip("\n"))
        if found is None:
            continue
        pid, start, what = found["pid"], float(found["at"]), found["what"]
        if what.endswith(UNFINISHED):
            begun[pid] = start, what.removesuffix(UNFINISHED)
            continue
        if resumed := _RESUMED.match(what):
            start, before = begun.pop(pid)
            what = before + resumed["rest"]
        if whole := _WHOLE.match(what):
            yield from _call(start, whole)


def _call(start: float, whole: re.Match[str]) -> Iterator[Call]:
    name, given, result = whole["name"], whole["given"], int(whole["result"])
    end = start + float(whole["took"])
    if result < 0:
        return
    if name in ("unlink", "unlinkat"):
        yield Call(start, end, "unlink", _bytes(given).decode())
        return
    found = _OF_FILE.match(given)
    if found is None:
        return
    path, rest = found["path"], found["rest"] or ""
    if "\\x" in path:
        path = bytes.fromhex(path.replace("\\x", "")).decode()
    if name == "pwrite64":
        data = _bytes(rest)
        assert len(data) >= result, "the record has cut a write short"
        yield Call(start, end, name, path, int(rest.rsplit(", ", 1)[1]), data[:result])
    elif name == "ftruncate":
        yield Call(start, end, name, path, int(rest))
    elif name in ("fsync", "fdatasync"):
        yield Call(start, end, name, path)
    else:
        raise AssertionError(f"{name} of {path} is not understood")


def _bytes(given: str) -> bytes:
    found = _PATHS.search(given)
    assert found is not None, given[:200]
    return bytes.fromhex(found[1].replace("\\x", ""))


class Disk:
    """A disk that can lose its power at any moment.

    Parameters
    ----------
    calls
        What was done to it.
    before
        Files that had been there all along, safely.

    """

    def __init__(self, calls: Iterable[Call], before: dict[str, bytes]):
        self.calls = sorted(calls)
        self.before = before

    def after_failure(self, at: float, chance: random.Random | None) -> dict[str, bytes]:
        """The files that are left.

        Parameters
        ----------
        at
            When the power fails.
        chance
            Says which sectors are there of what was not synced; without it, none are.

        Examples
        --------
        >>> disk = Disk([Call(1, 2, "pwrite64", "x", 0, b"ab"), Call(3, 4, "fsync", "x"),
        ...              Call(5, 6, "pwrite64", "x", 1, b"cd")], {"x": b""})
        >>> [disk.after_failure(at, None)["x"] for at in (3.5, 4.5, 7)]
        [b'', b'ab', b'ab']

        """
        left: dict[str, bytes] = {}
        for path in {*self.before, *(call.path for call in self.calls)}:
            mine = self._alive(path, at)
            if mine is None:
                continue
            safe = self._safe(path, mine, at)
            content = bytearray(self.before.get(path, b""))
            for call in mine:
                if call.name in ("pwrite64", "ftruncate") and call.start < at:
                    _do(content, call, None if call in safe else chance, whole=call in safe)
            left[path] = bytes(content)
        return left

    def _alive(self, path: str, at: float) -> list[Call] | None:
        """What was done to a file since it was made; None where it is not there."""
        mine = [call for call in self.calls if call.path == path and call.start < at]
        removed = [i for i, call in enumerate(mine) if call.name == "unlink"]
        if path in self.before:
            assert not removed, f"{path} was removed"
            return mine
        mine = mine[removed[-1] + 1 :] if removed else mine
        writes = [call for call in mine if call.name == "pwrite64"]
        folder = str(Path(path).parent)
        there = writes and any(
            call.path == folder and call.end < at and call.start >= writes[0].start
            for call in self.calls
            if call.name in ("fsync", "fdatasync")
        )
        return mine if there else None

    @staticmethod
    def _safe(path: str, mine: list[Call], at: float) -> set[Call]:
        """What was written before a sync that came back in time."""
        syncs = [c.start for c in mine if c.name in ("fsync", "fdatasync") and c.end < at]
        last = max(syncs, default=0.0)
        return {call for call in mine if call.end <= last}


def _do(content: bytearray, call: Call, chance: random.Random | None, *, whole: bool) -> None:
    if call.name == "ftruncate":
        if whole or (chance is not None and chance.random() < 0.5):
            del content[call.offset :]
            content.extend(bytes(call.offset - len(content)))
        return
    if whole:
        _write(content, call.offset, call.data)
        return
    if chance is None:
        return
    first = call.offset
    while first < call.offset + len(call.data):
        stop = min((first // SECTOR + 1) * SECTOR, call.offset + len(call.data))
        if chance.random() < 0.5:
            _write(content, first, call.data[first - call.offset : stop - call.offset])
        first = stop


def _write(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
