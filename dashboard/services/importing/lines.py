"""Text files as lines, within limits: unpacked where they are packed, decoded, never too long."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.plan import MAX_RECORD, Format

PACKED_AT_LEAST = 256 << 20  # a gzip file may unpack to this
_PACKED_TIMES = 50  # or to so many times its own size
ENCODING = "name the encoding that the file was saved in"

# Bytes -----------------------------------------------------------------------------------------


class _Unpacked(io.RawIOBase):
    """What is in a gzip file, up to a limit."""

    def __init__(self, path: Path):
        self._file = gzip.GzipFile(path)
        self._left = max(PACKED_AT_LEAST, _PACKED_TIMES * os.path.getsize(path))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._file.read(len(buffer))
        except EOFError as error:
            raise Refused(Bad(what="the gzip file is cut off", mend="copy it again")) from error
        except (OSError, zlib.error) as error:
            what = "the gzip file is damaged"
            raise Refused(Bad(what=what, mend="copy it again, or unpack it yourself")) from error
        self._left -= len(data)
        if self._left < 0:
            what = "the gzip file unpacks to far more than a table would"
            raise Refused(Bad(what=what, mend="unpack it yourself and look at what is in it"))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def open_bytes(path: Path, *, packed: bool) -> IO[bytes]:
    """The bytes of a file, unpacked where it is a gzip file."""
    return io.BufferedReader(_Unpacked(path), 1 << 18) if packed else path.open("rb")


# Lines -----------------------------------------------------------------------------------------


class Lines:
    """Lines of a text file, none longer than memory allows; those of the row at hand are kept.

    Parameters
    ----------
    file
        Opened with `newline=""`.

    """

    def __init__(self, file: IO[str]):
        self._read: Callable[[int], str] = file.readline
        self._again: list[str] = []
        self._failed: Exception | None = None
        self._before = 0  # lines before the row at hand
        self.record: list[str] = []

    def begin(self) -> int:
        """Begin a new row; the number of its first line."""
        self._before += len(self.record)
        self.record.clear()
        return self._before + 1

    def again(self) -> None:
        """Read all lines of the row at hand but the first once more."""
        self._again.extend(reversed(self.record[1:]))
        del self.record[1:]

    def block(self, count: int) -> list[str]:
        """So many lines at once, or fewer; what is wrong with the next one waits for its turn."""
        block: list[str] = []
        try:  # what came before an error stays in the list
            block.extend(islice(iter(partial(self._read, MAX_RECORD), ""), count))
        except (Refused, UnicodeError) as error:
            self._failed = error
            self._read = self._fail
        return block

    def back(self, block: list[str]) -> None:
        """Read these lines next."""
        self._again.extend(reversed(block))

    @property
    def waiting(self) -> bool:
        """Whether there are lines that have been read and are to be read again."""
        return bool(self._again)

    def _fail(self, _size: int) -> str:
        assert self._failed is not None
        raise self._failed

    def __iter__(self) -> Iterator[str]:
        read, again, record = self._read, self._again, self.record
        while line := again.pop() if again else read(MAX_RECORD):
            record.append(line)
            if len(line) >= MAX_RECORD or (
                len(record) % 1000 == 0 and sum(map(len, record)) >= MAX_RECORD
            ):
                what = f"it is longer than {MAX_RECORD:,} characters"
                mend = "check that a quote is closed and that lines end"
                raise Refused(Bad(row=-1, what=what, mend=mend))
            yield line


@contextmanager
def open_lines(path: Path, fmt: Format) -> Iterator[Lines]:
    """The lines of a file. Bytes that are no text come as lone surrogates, and are named later."""
    with (
        open_bytes(path, packed=fmt.gzip) as raw,
        io.TextIOWrapper(raw, fmt.encoding, errors="surrogateescape", newline="") as text,
    ):
        yield Lines(text)
