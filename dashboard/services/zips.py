"""Zip files written while they are sent: nothing is held but the piece at hand."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterable, Iterator

CHUNK = 1 << 16
CONTENT_TYPE = "application/zip"

_FIRST, _LAST = 315_532_800, 4_354_819_198  # what a zip file knows of times: 1980 to 2107

Member = tuple[str, Iterable[bytes]]


class _Outlet:
    """A file that cannot be wound back: what is written waits until it is taken."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing to do: there is nothing behind it."""

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return taken


def zipped(members: Iterable[Member], *, at: int) -> Iterator[bytes]:
    """A zip file in chunks, in constant memory.

    Parameters
    ----------
    members
        Names with their content in pieces; each is asked for when those before it are written,
        so that a last one may tell of the others.
    at
        The time that all of them bear, in milliseconds since 1970 UTC.

    Examples
    --------
    >>> import io
    >>> packed = b"".join(zipped([("a.txt", [b"one ", b"two"])], at=1_795_342_830_000))
    >>> zipfile.ZipFile(io.BytesIO(packed)).read("a.txt")
    b'one two'

    """
    outlet = _Outlet()
    written = time.gmtime(min(max(at // 1000, _FIRST), _LAST))[:6]
    # The stub knows only files that can be wound back; ZipFile itself needs no more than this.
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]
        for name, pieces in members:
            info = zipfile.ZipInfo(name, written)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece)
                    if outlet.size >= CHUNK:
                        yield outlet.take()
    yield outlet.take()
