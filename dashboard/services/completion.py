"""The whole labeled data set: people's labels, and the model's for the rest.

The model is a copy of the one at the head: nothing is drawn, nothing learned, nothing logged. A
long stream is predicted once, in the background, into a file that can be deleted at any time;
downloads are made from it, or predict as they go where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import NamedTuple

from dashboard.core.pipelines import TEXT
from dashboard.errors import BadInput, Conflict, NotFound
from dashboard.services.answers import Answers, Given, Row, live_answers
from dashboard.services.encodings import csv_of, jsonl_of, parquet_of, with_types
from dashboard.services.labeling import Labeling, find_experiment
from dashboard.services.runs import Watch, keep_going
from dashboard.storage import cells, export, log, streams
from dashboard.storage.cells import Record
from dashboard.storage.completion import labels_in_force, sample_parts
from dashboard.storage.experiments import Experiment
from dashboard.storage.export import Table
from dashboard.storage.prepared import Facts, Shelf, Stored
from dashboard.storage.snapshots import runtime_version
from dashboard.storage.streams import Stream

FORMATS = ("csv", "jsonl", "parquet")
SENTENCE = "Labeling the rest"
ATTEMPTS = 50
QUICK = 20_000  # so many are predicted in a second or two: nothing to prepare


class Readiness(NamedTuple):
    """Whether a data set can be had at once.

    Parameters
    ----------
    head
        The head as of which it was prepared; None where nothing is.
    current
        Whether that is the head of now.
    quick
        Whether the stream is so short that nothing needs to be prepared.

    """

    head: int | None
    current: bool
    quick: bool


class _Stopped(Exception):
    """The watch asked to stop."""


@dataclass(frozen=True)
class _Moment:
    """An experiment as of one head, and who answers for its samples then."""

    experiment: Experiment
    stream: Stream
    facts: Facts
    answers: Answers


class Completion:
    """Labels the rest of a stream, for downloads.

    Parameters
    ----------
    labeling
        Makes copies of models, and knows the storage.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling
        self.database = labeling.database
        self.shelf = Shelf(self.database.settings.exports)

    def stream(
        self,
        slug: str,
        format: str,
        *,
        raw: bool = False,
        head: int | None = None,
        watch: Watch = keep_going,
    ) -> Iterator[bytes]:
        """The whole data set, in chunks and in constant memory.

        Parameters
        ----------
        slug
            The experiment.
        format
            `csv`, `jsonl` or `parquet`.
        raw
            Whether a CSV keeps texts that a spreadsheet would run as a formula as they are.
        head
            The head it was prepared at; that of now unless given.
        watch
            Hears of progress.

        Raises
        ------
        NotFound
            If there is no such experiment; at once, before the first chunk.
        BadInput
            If there is no such format.
        Conflict
            If nothing is prepared for the head given.

        """
        if format not in FORMATS:
            raise BadInput(f"There is no format {format!r}; choose one of {', '.join(FORMATS)}.")
        moment = self._prepared(slug, head) or self._now(slug)
        return self._encoded(moment, format, raw=raw, watch=watch)

    def prepare(self, slug: str, *, watch: Watch = keep_going) -> int | None:
        """Label the rest and keep that, so that downloads need not.

        Returns
        -------
        int or None
            The head it was prepared at; None where the watch stopped it, and nothing is kept.

        """
        moment = self._now(slug)
        facts = moment.facts
        if (known := self._usable(facts.uid, facts.head, facts.samples)) is not None:
            known.close()
            return facts.head
        rows = self._rows(moment.stream, watch)
        try:
            self.shelf.put(facts, (moment.answers(row) for row in rows))
        except _Stopped:
            return None
        try:
            with self.database.read() as connection:
                find_experiment(connection, facts.uid)
        except NotFound:  # deleted meanwhile
            self.shelf.forget(facts.uid)
            raise
        return facts.head

    def readiness(self, slug: str) -> Readiness:
        """What a page may offer without delay."""
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            samples = streams.get(connection, experiment.stream_id).samples
        head = self.shelf.newest(experiment.uid)
        return Readiness(head, head == experiment.head, samples <= QUICK)

    # As of when ----------------------------------------------------------------------------

    def _prepared(self, slug: str, head: int | None) -> _Moment | None:
        """What a file holds, where there is one of the head asked for."""
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            stream = streams.get(connection, experiment.stream_id)
            open_now = log.open_positions(connection, experiment.id)
        current = head is None or head == experiment.head
        length = stream.samples if current else None
        stored = self._usable(experiment.uid, experiment.head if current else head, length)
        if stored is None:
            if current:
                return None
            raise Conflict(
                f"The data set of {experiment.slug} as of event {head:,} is not kept any more; "
                "have the rest labeled again, or ask for it as it is now."
            )
        answers, facts = stored.answers(), stored.facts
        stream = replace(stream, samples=facts.samples)
        # What was settled then may have been undone since, and stands open again.
        scanned = min(facts.position, experiment.position)
        facts = replace(facts, position=scanned, open=(*facts.open, *open_now))
        return _Moment(experiment, stream, facts, lambda _row: next(answers))

    def _usable(self, uid: str, head: int | None, samples: int | None) -> Stored | None:
        stored = self.shelf.find(uid, head or 0)
        if stored is None or samples in (None, stored.facts.samples):
            return stored
        stored.close()  # the stream has grown since
        return None

    def _now(self, slug: str) -> _Moment:
        """The model and the labels of one and the same head."""
        for _ in range(ATTEMPTS):
            experiment, learner = self.labeling.learner(slug)
            with self.database.read() as connection:
                if find_experiment(connection, experiment.uid).head != experiment.head:
                    continue
                stream = streams.get(connection, experiment.stream_id)
                given = Given(labels_in_force(connection, experiment.id))
                facts = Facts(
                    uid=experiment.uid, head=experiment.head, samples=stream.samples,
                    position=experiment.position, runtime=runtime_version(),
                    open=tuple(log.open_positions(connection, experiment.id)),
                )  # fmt: skip
            return _Moment(experiment, stream, facts, live_answers(given, learner))
        raise Conflict("Answers came in all the while; try again.")

    # Rows ----------------------------------------------------------------------------------

    def _rows(self, stream: Stream, watch: Watch) -> Iterator[Row]:
        """All samples; raises `_Stopped` where the watch asks for it."""
        done = 0
        for part in sample_parts(self.database, stream):
            yield from part
            done += len(part)
            if not watch(done, stream.samples, SENTENCE):
                raise _Stopped

    def _encoded(self, moment: _Moment, format: str, *, raw: bool, watch: Watch) -> Iterator[bytes]:
        table = self._table(moment, watch, typed=format == "parquet")
        with closing(table.rows):
            if format == "csv":
                yield from csv_of(table.columns, table.rows, raw=raw)
            elif format == "jsonl":
                yield from jsonl_of(table.columns, table.rows)
            else:
                yield from parquet_of(table.columns, table.rows)

    def _table(self, moment: _Moment, watch: Watch, *, typed: bool) -> Table:
        stream, fields = moment.stream, None
        columns: dict[str, type] = {"experiment": str, "sample_id": str, "position": int}
        if stream.is_text:
            columns[TEXT] = str
        else:
            with self.database.read() as connection:
                fields = export.field_names(connection, stream)
            columns.update({f"x.{name}": object for name in fields})
        columns.update({"label": str, "labeled_by": str, "probability": float, "truth": str})
        make = _maker(moment, fields)
        table = Table(columns, (make(row) for row in self._rows(stream, watch)))
        if typed and fields is not None:
            with self.database.read() as connection:
                table = with_types(table, export.field_rows(connection, stream))
        return table


def filename(slug: str, format: str) -> str:
    """What a browser should call the file.

    Examples
    --------
    >>> filename("sms-spam", "csv")
    'sms-spam-dataset.csv'

    """
    return f"{slug}-dataset.{format}"


def _maker(moment: _Moment, fields: list[str] | None) -> Callable[[Row], Record]:
    slug, name = moment.experiment.slug, cells.namer(moment.experiment)
    scanned, open_ = moment.facts.position, frozenset(moment.facts.open)
    answers = moment.answers

    def make(row: Row) -> Record:
        label, by, probability = answers(row)
        # What may yet be asked about is not told: it would be known before the answer.
        settled = row.position < scanned and row.position not in open_
        return (
            slug, row.sample_id, row.position, *cells.content(row, fields),
            name(label), by, probability, name(row.truth if settled else None),
        )  # fmt: skip

    return make
