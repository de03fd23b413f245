"""Brings an experiment in from a file, piece by piece, hidden until all of it is there.

Others label meanwhile: what is written goes in small transactions with pauses between them.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from dashboard.errors import BadInput, Conflict, Unavailable
from dashboard.services import transfer_file
from dashboard.services.datasets import BUILTINS
from dashboard.services.experiments import slug_of
from dashboard.services.hidden import PAUSE_SECONDS, hidden_rows, sweep
from dashboard.services.labeling import Labeling, find_experiment
from dashboard.services.runs import Watch
from dashboard.services.transfer_checks import Record, Wrong, require, try_out
from dashboard.services.transfer_file import Parcel
from dashboard.services.transfer_plan import Plan, read_plan
from dashboard.services.transfer_tables import Events, Predictions, Samples
from dashboard.storage import arrivals, experiments, jobs, rollups
from dashboard.storage.arrivals import Hidden
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.snapshots import runtime_version

SENTENCE = "Bringing in"
BATCH, BATCH_CHARACTERS = 2_000, 4 << 20
BEAT_SECONDS = 0.5

Add = Callable[[Connection, Hidden, Sequence[Mapping[str, Any]]], None]


class Brought(NamedTuple):
    """An experiment that was brought in, and what there is to say about it."""

    experiment: Experiment
    notice: str = ""


class _Stopped(Exception):
    """The watch asked to stop."""


def bring_in(
    labeling: Labeling, path: Path, *, name: str | None, watch: Watch, clock: Callable[[], int]
) -> Brought | None:
    """Store the experiment of a file; see `Transfer.bring_in`."""
    database = labeling.database
    with Parcel(path) as parcel:
        plan = read_plan(parcel)
        _check_name(database, name)
        _check_room(database, parcel)
        sweep(database, at=clock())
        try:
            with hidden_rows(database, clock) as (hidden, job_id):
                carrier = _Carrier(database, parcel, plan, hidden, job_id, watch, clock)
                uid = carrier.carry(name)
        except _Stopped:
            return None
        made = _settled(labeling, uid, parcel)
        same = parcel.manifest.get("runtime") == runtime_version()
    return Brought(made, "" if same else _OTHER_VERSIONS)


_OTHER_VERSIONS = (
    "It was made by other versions of Sluice, River, NumPy or Python; where these predict "
    "otherwise, `verify` will say so."
)


def _check_name(database: Database, name: str | None) -> None:
    """Early, before anything is written; looked at again at the end."""
    if name is not None:
        with database.read() as connection:
            _refuse_taken(connection, slug_of(name))


def _refuse_taken(connection: Connection, slug: str) -> None:
    if experiments.find(connection, slug) is not None:
        raise Conflict(f"There is an experiment {slug!r} already; choose another name.")


def _check_room(database: Database, parcel: Parcel) -> None:
    if not database.is_sqlite:  # its disk is elsewhere
        return
    folder = database.settings.data
    free = shutil.disk_usage(folder).free
    if free < parcel.unpacked:
        raise Unavailable(
            f"{parcel.name} needs {parcel.unpacked >> 20:,} MiB, and the disk that holds {folder} "
            f"has {free >> 20:,} left; make room and try again."
        )


def _settled(labeling: Labeling, uid: str, parcel: Parcel) -> Experiment:
    """The experiment, once its model could be built from its log."""
    try:
        return labeling.learner(uid)[0]
    except Exception as error:
        with labeling.database.write() as connection:
            experiments.remove(connection, find_experiment(connection, uid).id)
        said = f"has a log that does not replay ({type(error).__name__}: {error!s:.80})"
        raise BadInput(f"{parcel.name} {said}; export it again.") from error


class _Carrier:
    """Carries the parts of one file into the database, in order."""

    def __init__(
        self,
        database: Database,
        parcel: Parcel,
        plan: Plan,
        hidden: Hidden,
        job_id: str,
        watch: Watch,
        clock: Callable[[], int],
    ):
        self.database, self.parcel, self.plan = database, parcel, plan
        self.hidden, self.job_id, self.watch, self.clock = hidden, job_id, watch, clock
        self.done = 0
        self.total = sum(parcel.expected(name) for name in transfer_file.TABLES)
        self._next_beat = 0.0

    def carry(self, name: str | None) -> str:
        """Everything; the uid of the experiment."""
        self._samples()
        plan, head = self.plan, self.plan.experiment["head"]
        events = Events(plan.stream["samples"], plan.n_classes, head)
        self._table(transfer_file.EVENTS, events.row, arrivals.add_events)
        predictions = Predictions(plan.n_classes, head)
        self._table(transfer_file.PREDICTIONS, predictions.row, arrivals.add_predictions)
        self._fit_together(events, predictions)
        self._publish(name)
        return self.hidden.token

    def _samples(self) -> None:
        plan = self.plan
        samples = Samples(plan.stream["kind"], plan.n_truths)
        with self.database.read() as connection:
            shared = arrivals.identical(connection, plan.stream) is not None
        self._table(transfer_file.SAMPLES, samples.row, None if shared else arrivals.add_samples)
        told = [plan.stream[name] for name in ("samples", "truths", "fingerprint")]
        try:
            require([samples.count, samples.truths, samples.fingerprint] == told,
                    "does not describe the samples in samples.jsonl")  # fmt: skip
            if samples.count:
                try_out(plan.spec, plan.n_classes, samples.first)
        except Wrong as error:
            self.parcel.refuse(str(error), part=transfer_file.STREAM)

    def _table(self, part: str, check: Callable[[Record], Record], add: Add | None) -> None:
        for batch in _batches(self._rows(part, check)):
            if add is not None:
                self._write(part, add, batch)
            self._progress(len(batch))

    def _rows(self, part: str, check: Callable[[Record], Record]) -> Iterator[Record]:
        for line, record in self.parcel.records(part):
            try:
                row = check(record)
            except Wrong as error:
                self.parcel.refuse(str(error), part=part, line=line)
            yield row

    def _write(self, part: str, add: Add, batch: list[Record]) -> None:
        try:
            with self.database.write() as connection:
                add(connection, self.hidden, batch)
        except BadInput as error:
            self.parcel.refuse(f"cannot be stored ({error})", part=part)
        time.sleep(PAUSE_SECONDS)

    def _progress(self, records: int) -> None:
        self.done += records
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + BEAT_SECONDS
            self._beat()
        if not self.watch(self.done, self.total, SENTENCE):
            raise _Stopped

    def _beat(self) -> None:
        with self.database.write() as connection:
            jobs.beat(
                connection, self.job_id, done=self.done, total=self.total, message=SENTENCE,
                at=self.clock(),
            )  # fmt: skip

    def _fit_together(self, events: Events, predictions: Predictions) -> None:
        stands = self.plan.experiment
        fine = (
            events.count == stands["head"]
            and events.stop == stands["position"] == predictions.live
            and events.scanned == predictions.count
            and events.state == (stands["strategy_state"], stands["strategy_memory"])
        )
        if not fine:
            self.parcel.refuse("has events and predictions that do not belong together")
        with self.database.read() as connection:
            found = arrivals.unfounded(connection, self.hidden)
        if found is not None:
            wrong = "answers a sample that had not been asked about"
            self.parcel.refuse(wrong, part=transfer_file.EVENTS, line=found)

    def _publish(self, name: str | None) -> None:
        with self.database.read() as connection:
            counted = rollups.recount(connection, self.hidden.experiment_id)
        at = self.clock()
        with self.database.write() as connection:
            experiment = {**self.plan.experiment, **_named(connection, self.plan, name)}
            stream = {**self.plan.stream}
            shared = arrivals.identical(connection, stream)
            stream["slug"] = _stream_slug(connection, stream["slug"])
            rollups.replace(connection, self.hidden.experiment_id, counted)
            arrivals.publish(
                connection, self.hidden, {**experiment, "uid": self.hidden.token, "used_at": at},
                stream, shared=shared,
            )  # fmt: skip


def _named(connection: Connection, plan: Plan, name: str | None) -> dict[str, str]:
    if name is not None:
        _refuse_taken(connection, slug_of(name))
        return {"name": name.strip(), "slug": slug_of(name)}
    wanted = slug = plan.experiment["slug"]
    number = 2
    while experiments.find(connection, slug) is not None:
        slug, number = f"{wanted}-{number}", number + 1
    return {"slug": slug}


def _stream_slug(connection: Connection, slug: str) -> str:
    # A built-in name stays with what the built-in one brings.
    return arrivals.free_stream_slug(connection, f"{slug}-imported" if slug in BUILTINS else slug)


def _batches(rows: Iterator[Record]) -> Iterator[list[Record]]:
    """Rows in lists that are neither long nor heavy."""
    batch: list[Record] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += len(row.get("text") or row.get("fields") or "")
        if len(batch) == BATCH or weight > BATCH_CHARACTERS:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch
