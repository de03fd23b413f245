"""Files on their way in: streamed to disk under ids of our own, and gone after a day.

The name a file had is kept beside it and never becomes a path.
"""

from __future__ import annotations

import errno
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

from ulid import ULID

from dashboard.errors import BadInput, NotFound, Unavailable

KEPT_SECONDS = 24 * 3600
MAX_NAME = 255
_BLOCK = 1 << 20
_DATA, _NAME = "data", "name.json"


class TooLarge(BadInput):
    """More was sent than may be."""

    status = 413


class Upload(NamedTuple):
    """A file that was sent.

    Parameters
    ----------
    id
        What to call it from now on.
    name
        What it was called, for messages and for its ending.
    size
        In bytes.
    path
        Where it is.

    """

    id: str
    name: str
    size: int
    path: Path


class Uploads:
    """The folder of files that were sent.

    Parameters
    ----------
    folder
        Where they lie.
    max_mb
        How large one may be, in megabytes.
    clock
        Seconds since 1970 UTC.

    """

    def __init__(self, folder: Path, *, max_mb: int, clock: Callable[[], float] = time.time):
        self.folder = folder
        self.max_mb = max_mb
        self.clock = clock

    def take(self, name: str, body: IO[bytes], *, size: int | None = None) -> Upload:
        """Write a file to disk as it comes in.

        Parameters
        ----------
        name
            What it is called.
        body
            Its bytes.
        size
            How many there will be, where that is known.

        Raises
        ------
        TooLarge
            As soon as it is; nothing of it is kept.
        BadInput
            If it is empty, was cut off, or has no name.
        Unavailable
            If there is no room for it.

        """
        name = _checked_name(name)
        if size is not None:
            self._check_size(size)
        upload = self.folder / str(ULID.from_timestamp(self.clock()))
        try:
            self.clear_old()
            upload.mkdir(mode=0o700, parents=True)
            done = self._write(upload / _DATA, body)
            if size is not None and done != size:
                raise BadInput(f"{name} was cut off on its way; send it again.")
            if not done:
                raise BadInput(f"{name}: the file is empty; choose one with rows in it.")
            (upload / _NAME).write_text(json.dumps(name))
        except OSError as error:
            shutil.rmtree(upload, ignore_errors=True)
            raise self._no_room(error) from error
        except BaseException:
            shutil.rmtree(upload, ignore_errors=True)
            raise
        return Upload(upload.name, name, done, upload / _DATA)

    def _write(self, path: Path, body: IO[bytes]) -> int:
        done = 0
        with path.open("xb") as file:
            while block := body.read(_BLOCK):
                done += len(block)
                self._check_size(done)
                file.write(block)
        return done

    def _check_size(self, size: int) -> None:
        if size > self.max_mb * 1_000_000:
            raise TooLarge(
                f"The file is larger than {self.max_mb:,} MB; pack it with gzip, import it with "
                "`python -m dashboard import`, or raise SLUICE_MAX_UPLOAD_MB."
            )

    def _no_room(self, error: OSError) -> Unavailable:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Unavailable(f"The disk that holds {self.folder} is full; make room, try again.")
        return Unavailable(
            f"The folder {self.folder} cannot be written ({error.strerror}); check who may."
        )

    def find(self, upload_id: str) -> Upload:
        """The file of an id.

        Raises
        ------
        NotFound
            If it is not there, or not any more.

        """
        folder = self._folder_of(upload_id)
        try:
            name = str(json.loads((folder / _NAME).read_text()))
            size = (folder / _DATA).stat().st_size
        except (OSError, ValueError) as error:
            raise NotFound("This file is not here any more; choose it again.") from error
        return Upload(folder.name, name, size, folder / _DATA)

    def delete(self, upload_id: str) -> None:
        """Forget a file; one that is gone already is no mistake."""
        shutil.rmtree(self._folder_of(upload_id), ignore_errors=True)

    def _folder_of(self, upload_id: str) -> Path:
        try:
            return self.folder / str(ULID.from_str(upload_id))
        except (ValueError, TypeError) as error:
            raise NotFound("There is no such upload; choose the file again.") from error

    def clear_old(self) -> None:
        """Delete what has been here for more than a day, and what was cut off by a kill."""
        before = self.clock() - KEPT_SECONDS
        for folder in self.folder.iterdir() if self.folder.exists() else ():
            try:
                made = ULID.from_str(folder.name).timestamp
            except ValueError:
                continue  # not ours
            if made < before:
                shutil.rmtree(folder, ignore_errors=True)


def _checked_name(name: str) -> str:
    """The last part of a name, as it can be shown.

    Examples
    --------
    >>> _checked_name("C:\\\\data\\\\comments.csv")
    'comments.csv'

    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1].strip()
    shown = "".join(c if c.isprintable() else "?" for c in last)[-MAX_NAME:]
    if not shown:
        raise BadInput("The file has no name; send it as /uploads?name=comments.csv.")
    return shown
