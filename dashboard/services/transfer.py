"""A whole experiment as one file: taken out here, brought in elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dashboard.services.labeling import Labeling, find_experiment, now_ms
from dashboard.services.runs import Watch, keep_going
from dashboard.services.transfer_checks import Record, plain
from dashboard.services.transfer_file import (
    EVENTS,
    EXPERIMENT,
    MANIFEST,
    PREDICTIONS,
    SAMPLES,
    STREAM,
    Part,
    manifest,
)
from dashboard.services.transfer_in import Brought, bring_in
from dashboard.services.zips import Member, zipped
from dashboard.storage import archive
from dashboard.storage.cells import iso
from dashboard.storage.snapshots import runtime_version


class Transfer:
    """Takes experiments out as files, and brings them in.

    Parameters
    ----------
    labeling
        Whose database it is; builds the model of what was brought in.
    clock
        Milliseconds since 1970 UTC.

    """

    def __init__(self, labeling: Labeling, *, clock: Callable[[], int] = now_ms):
        self.labeling = labeling
        self.database = labeling.database
        self.clock = clock

    def stream(self, slug: str) -> Iterator[bytes]:
        """A whole experiment as a zip file, in chunks and in constant memory.

        Raises
        ------
        NotFound
            If there is no such experiment; at once, before the first chunk.

        """
        with self.database.read() as connection:
            uid = find_experiment(connection, slug).uid
        return self._zipped(uid)

    def _zipped(self, uid: str) -> Iterator[bytes]:
        at = self.clock()
        yield from zipped(self._members(uid, at), at=at)

    def _members(self, uid: str, at: int) -> Iterator[Member]:
        parts: dict[str, Part] = {}
        with self.database.read() as connection:  # one state of all, however long it takes
            found = find_experiment(connection, uid)
            tables = {
                EXPERIMENT: iter([_experiment(archive.experiment_row(connection, found.id))]),
                STREAM: iter([_stream(archive.stream_row(connection, found.stream_id))]),
                SAMPLES: _plain(archive.samples(connection, found.stream_id)),
                EVENTS: _plain(archive.events(connection, found.id)),
                PREDICTIONS: _plain(archive.predictions(connection, found.id)),
            }
            for name, records in tables.items():
                parts[name] = Part()
                yield name, parts[name].count(records)
        yield MANIFEST, [manifest(parts, made_at=iso(at), runtime=runtime_version())]

    def bring_in(
        self, path: Path, *, name: str | None = None, watch: Watch = keep_going
    ) -> Brought | None:
        """Store the experiment of a file; nothing of it is seen until all of it is there.

        Parameters
        ----------
        path
            A file that `stream` made, here or elsewhere.
        name
            What to call it; its own name unless given, with a number where that is taken.
        watch
            Hears of progress in records, and may stop it.

        Returns
        -------
        Brought or None
            None when it was stopped; nothing is left of it then.

        Raises
        ------
        BadInput
            If the file is not what it should be, with part and line.
        Conflict
            If there is an experiment of the name given.
        Unavailable
            If there is no room.

        """
        return bring_in(self.labeling, path, name=name, watch=watch, clock=self.clock)


def filename(slug: str) -> str:
    """What a browser should call the file.

    Examples
    --------
    >>> filename("sms-spam")
    'sms-spam-experiment.zip'

    """
    return f"{slug}-experiment.zip"


def _plain(rows: Iterable[Mapping[str, Any]]) -> Iterator[Record]:
    return (plain(row) for row in rows)


def _experiment(row: Record) -> Record:
    return plain({**row, "spec": json.loads(row["spec"]), "classes": json.loads(row["classes"])})


def _stream(row: Record) -> Record:
    columns = json.loads(row["columns"])
    return plain({**row, "classes": json.loads(row["classes"]), "columns": columns})
