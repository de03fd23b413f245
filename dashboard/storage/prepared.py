"""Files in which the rest of a stream stands labeled, one per experiment: all of it disposable.

A file holds label, giver and probability of each sample, by position; texts stay in the database.
It is written beside its place and renamed to a name that tells its digest, so that it is whole, or
not there, or not believed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from ulid import ULID

from dashboard.errors import Unavailable
from dashboard.storage.snapshots import runtime_version

logger = logging.getLogger(__name__)

BATCH = 4_096
_FACTS = b"sluice"


class Answer(NamedTuple):
    """What stands for a sample in the data set.

    Parameters
    ----------
    label
        Index of the class; None where even the model names none.
    by
        Who gave it: `person`, `oracle`, `warm-start`, `import` or `model`.
    probability
        How sure the model is, where it gave the label.

    """

    label: int | None
    by: str | None
    probability: float | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """As of what a file was made.

    Parameters
    ----------
    uid, head
        The experiment, and the last event that counted.
    samples
        How many the stream had.
    position
        How many had been scanned.
    open
        Queries that nobody had answered.
    runtime
        What a prediction depends on beside the log.

    """

    uid: str
    head: int
    samples: int
    position: int
    open: tuple[int, ...]
    runtime: str


class Stored:
    """A file that can be read.

    Parameters
    ----------
    path
        Where it is.
    facts
        As of what it was made.
    file
        The file, opened.

    """

    def __init__(self, path: Path, facts: Facts, file: Any):
        self.path, self.facts, self._file = path, facts, file

    def answers(self) -> Iterator[Answer]:
        """One per sample, in order; the file is closed after the last."""
        import pyarrow as pa

        try:
            for batch in self._file.iter_batches(batch_size=BATCH):
                columns = (column.to_pylist() for column in batch.columns)
                yield from map(Answer._make, zip(*columns, strict=True))
        except (pa.ArrowException, OSError) as error:  # it was whole when it was opened
            raise Unavailable(f"The disk does not give {self.path} back ({error}).") from error
        finally:
            self.close()

    def close(self) -> None:
        """Give the file back; `answers` does so itself."""
        self._file.close()


class Shelf:
    """Where the files are.

    Parameters
    ----------
    folder
        Made where missing, for this user alone.

    """

    def __init__(self, folder: Path):
        self.folder = folder

    def find(self, uid: str, head: int) -> Stored | None:
        """The file of an experiment as of a head; None where there is none that can be used."""
        import pyarrow as pa
        from pyarrow import parquet

        path = next(self.folder.glob(f"{uid}-{head}-*.parquet"), None)
        if path is None:
            return None
        try:
            if _digest(path) != path.stem.rpartition("-")[2]:
                raise ValueError("its digest is another one")
            file = parquet.ParquetFile(path)
            told = json.loads((file.schema_arrow.metadata or {})[_FACTS])
            facts = Facts(**{**told, "open": tuple(told["open"])})
        except (pa.ArrowException, OSError, LookupError, TypeError, ValueError) as error:
            logger.warning("The prepared data set %s cannot be read: %s", path.name, error)
            path.unlink(missing_ok=True)
            return None
        if facts.runtime == runtime_version():
            return Stored(path, facts, file)
        file.close()
        return None

    def newest(self, uid: str) -> int | None:
        """The last head that a file of an experiment was made at, or None."""
        heads = (path.stem.split("-")[1] for path in self.folder.glob(f"{uid}-*-*.parquet"))
        return max((int(head) for head in heads if head.isdigit()), default=None)

    def put(self, facts: Facts, answers: Iterable[Answer]) -> None:
        """Write a file; those that were made of the same experiment before go.

        Raises
        ------
        Unavailable
            If the disk refuses; nothing is left then.

        """
        part = self.folder / f"{facts.uid}-{ULID()}.part"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(part, facts, answers)
            self.forget(facts.uid, but=part)
            part.replace(self.folder / f"{facts.uid}-{facts.head}-{_digest(part)}.parquet")
        except OSError as error:
            raise Unavailable(
                f"The data set cannot be written to {self.folder} ({error.strerror or error}); "
                "make room and try again."
            ) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def forget(self, uid: str, *, but: Path | None = None) -> None:
        """Delete all files of an experiment, those that were never finished too."""
        for path in self.folder.glob(f"{uid}-*"):
            if path != but:
                with suppress(OSError):
                    path.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _write(path: Path, facts: Facts, answers: Iterable[Answer]) -> None:
    # Imported late: it takes a moment that only those who want Parquet should wait.
    import pyarrow as pa
    from pyarrow import parquet

    types = (("label", pa.int16()), ("by", pa.string()), ("probability", pa.float64()))
    schema = pa.schema(types, metadata={_FACTS: json.dumps(asdict(facts))})
    left = iter(answers)
    with parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(left, BATCH)):
            columns = [list(column) for column in zip(*batch, strict=True)]
            writer.write_batch(pa.record_batch(columns, schema=schema))
