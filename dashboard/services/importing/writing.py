"""One import from claim to end: the reader's samples go into the database, hidden until the last.

Whatever ends it before, a mistake in the file, Cancel, Ctrl-C or kill -9, leaves nothing: what is
written is taken out again here, or by the next process that looks (`clear_abandoned`).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection
from ulid import ULID

from dashboard.core.printed import printed
from dashboard.errors import BadInput, Conflict, NotFound, SluiceError
from dashboard.services import datasets
from dashboard.services.experiments import slug_of
from dashboard.services.importing import worker
from dashboard.services.importing.bad import Bad
from dashboard.services.importing.checks import fitted, found_classes
from dashboard.services.importing.ids import SeenIds
from dashboard.services.importing.outcome import GivenUp, Imported, discard
from dashboard.services.importing.plan import MAX_LISTED, Plan, as_json
from dashboard.services.importing.shape import numbered
from dashboard.services.runs import Watch
from dashboard.storage import imports, jobs, streams
from dashboard.storage.database import Database

PAUSE_SECONDS = 0.005  # between two transactions, so that a press gets in
_BEAT_SECONDS = 0.5


class Writing:
    """An import under way.

    Parameters
    ----------
    database
        Where it goes.
    clock
        Milliseconds since 1970 UTC.
    plan
        What to make of the file; checked.
    watch
        Hears how far it is, and may stop it.

    """

    def __init__(self, database: Database, clock: Callable[[], int], plan: Plan, watch: Watch):
        self.database, self.clock, self.plan, self.watch = database, clock, plan, watch
        self.slug = plan.append or slug_of(plan.name)
        self.job_id = str(ULID())
        self.stream_id: int = 0
        self.done, self.sentence = 0, "Reading the file"
        self.canceled = False
        self._next_beat = self._committed = 0.0
        self._first = 0  # position of the first new sample
        self._rows = self._labeled = self._missing = self._skipped = self._old_truths = 0
        self._listed: list[str] = []
        self._writer = imports.Writer(database)
        self._sha, self._digest = hashlib.sha256(), ""
        self._seen: SeenIds | None = SeenIds() if plan.id or plan.append else None

    # Begin and end -----------------------------------------------------------------------------

    def claim(self) -> None:
        """Register the job and make the hidden stream, or take the one to append to.

        Raises
        ------
        NotFound
            If there is no such stream to append to.
        Conflict
            If there is one of that name already, or somebody else writes it.

        """
        at = self.clock()
        with self.database.write() as connection:
            mine = jobs.claim(
                connection,
                job_id=self.job_id,
                scope=imports.scope(self.slug),
                kind=imports.KIND,
                total=self.plan.estimate,
                pid=os.getpid(),
                at=at,
            )
            if not mine:
                raise Conflict(
                    f"Rows are being imported into {self.slug} already; wait, or stop it."
                )
            if self.plan.append:
                self._take(connection)
                return
            if self.slug in datasets.BUILTINS or imports.is_taken(connection, self.slug):
                raise Conflict(f"There is a stream {self.slug!r} already; choose another name.")
            self.stream_id = imports.open_new(
                connection,
                slug=self.slug,
                title=self.plan.name.strip(),
                kind="text" if self.plan.text else "rows",
                at=at,
            )

    def _take(self, connection: Connection) -> None:
        """Fit the plan to the stream that is there."""
        stream = streams.find(connection, self.slug)
        if self.slug in datasets.BUILTINS:
            raise BadInput(f"{self.slug} is built in; import the file as a stream of its own.")
        if stream is None:
            raise NotFound(
                f"There is no stream {self.slug!r} to append to; import it as a new one."
            )
        self.plan = fitted(self.plan, stream)
        self.stream_id = stream.id
        self._first, self._old_truths = stream.samples, stream.truths

    def end(self, state: str, message: str) -> None:
        """Take out what was written, and close the job."""
        if self.stream_id:
            discard(self.database, self.stream_id, beat=self._beat)
        with self.database.write() as connection:
            jobs.finish(connection, self.job_id, state=state, message=message, at=self.clock())

    # The work ----------------------------------------------------------------------------------

    def work(self) -> Imported:
        """Read the file and write the samples; at the end the stream is shown.

        Raises
        ------
        BadInput
            Names file, row and column.
        worker.Stopped
            If it was canceled.
        GivenUp
            If it was taken for dead.

        """
        if self.plan.append:
            self._remember()
        elif not self.plan.classes:
            self._find_classes()
        self.done, self.sentence = 0, "Importing rows"
        try:
            for answer in self._ask("rows"):
                if "samples" in answer:
                    self._batch(answer)
                self._digest = answer.get("digest", "")
        finally:
            self._writer.close()
        return self._publish()

    def _ask(self, what: str) -> Any:
        told = {"do": what, "plan": as_json(self.plan)}
        for answer in worker.ask(told, self.plan.file, wanted=self._wanted):
            self.done = int(answer.get("progress") or answer.get("seen") or self.done)
            yield answer

    def _wanted(self) -> bool:
        if not self.watch(self.done, self.plan.estimate, self.sentence):
            return False
        if time.monotonic() >= self._next_beat:
            with self.database.write() as connection:
                self._beat(connection)
        return not self.canceled

    def _beat(self, connection: Connection) -> None:
        """Say in the job's row that we live, and hear whether we should."""
        self._next_beat = time.monotonic() + _BEAT_SECONDS
        goes_on = jobs.beat(
            connection,
            self.job_id,
            done=self.done,
            total=self.plan.estimate,
            message=self.sentence,
            at=self.clock(),
        )
        if goes_on:
            return
        job = jobs.latest(connection, imports.scope(self.slug))
        if job is None or job.id != self.job_id or job.state != "running":
            raise GivenUp
        self.canceled = True

    def _remember(self) -> None:
        """Read what the stream holds: its digest is carried on, and no id may come again."""
        self.sentence = "Reading what is there"
        assert self._seen is not None
        with self.database.read() as connection:
            stream = streams.get(connection, self.stream_id)
            for rows in streams.stored(connection, self.stream_id):
                self._sha.update(printed(rows))
                self._seen.again([row[0] for row in rows])
                self.done += len(rows)
                if not self._wanted():
                    raise worker.Stopped
        if self._sha.hexdigest() != stream.fingerprint:
            raise SluiceError(
                f"The samples of {self.slug} are not those that were stored; put a backup of the "
                "database in its place."
            )

    def _find_classes(self) -> None:
        self.sentence = "Looking for classes"
        for answer in self._ask("labels"):
            if "labels" in answer:
                classes = found_classes(self.plan, answer["labels"])
                self.plan = replace(self.plan, classes=classes, estimate=answer["rows"])

    def _batch(self, answer: worker.Answer) -> None:
        """Write some samples, in one short transaction."""
        self._missing += answer["missing"]
        for bad in answer["bad"]:
            self._skip(Bad(**bad))
        ids, texts, fields = (worker.split(b, answer["samples"]) for b in answer["blobs"])
        made = self._numbered(answer["numbers"], ids, texts, fields, answer["truths"])
        if not self.plan.settled:
            self._sha.update(printed(zip(*made, strict=True)))
        since = time.monotonic() - self._committed  # reading and this took a while already
        if since < PAUSE_SECONDS:
            time.sleep(PAUSE_SECONDS - since)
        with self._writer.write() as connection:
            self._beat(connection)
            if self.canceled:
                raise worker.Stopped
            imports.add(connection, self.stream_id, self._first + self._rows, made)
        self._committed = time.monotonic()
        self._rows += len(made[0])
        self._labeled += len(made[0]) - made[3].count(None)

    def _skip(self, bad: Bad) -> None:
        self._skipped += 1
        if len(self._listed) < MAX_LISTED:
            self._listed.append(bad.sentence(self.plan.file))

    def _numbered(
        self, numbers: list[int], ids: list[Any], *values: list[Any]
    ) -> tuple[list[Any], ...]:
        """Ids, texts, fields and truths, without the rows whose id is there already."""
        if not self.plan.id:
            ids = numbered(self._first + self._rows, len(ids))
        again = set(self._seen.again(ids)) if self._seen is not None else set()
        for i in sorted(again):
            where = f", here or in {self.slug}" if self.plan.append else ""
            what = f"the id {ids[i]!r} is there twice{where}"
            mend = "give each row its own, or skip bad rows"
            bad = Bad(row=numbers[i], column=self.plan.id, what=what, mend=mend)
            if not self.plan.skip_bad:
                raise BadInput(bad.sentence(self.plan.file))
            self._skip(bad)
        if again:
            kept = [i for i in range(len(ids)) if i not in again]
            return tuple([column[i] for i in kept] for column in (ids, *values))
        return ids, *values

    def _publish(self) -> Imported:
        plan = self.plan
        if not self._rows:
            why = self._listed[0] if self._listed else f"{plan.file}: there is no row to import."
            raise BadInput(f"{why} No row is left." if self._listed else why)
        more: dict[str, Any] = {}
        if not plan.append:
            more = {
                "classes": list(plan.classes),
                "columns": dict(plan.fields),
                "source": f"imported from {plan.file}",
            }
        with self.database.write() as connection:
            self._beat(connection)
            if self.canceled:
                raise worker.Stopped
            imports.publish(
                connection,
                self.stream_id,
                length=self._first + self._rows,
                truths=self._old_truths + self._labeled,
                fingerprint=self._digest if plan.settled else self._sha.hexdigest(),
                **more,
            )
            jobs.finish(connection, self.job_id, state="done", message="", at=self.clock())
            stream = streams.get(connection, self.stream_id)
        return Imported(
            stream=stream,
            rows=self._rows,
            labeled=self._labeled,
            missing=self._missing,
            skipped=self._skipped,
            listed=tuple(self._listed),
        )
