"""Runs with a row in the database: started from a page, watched from any page, stopped from any.

The work itself is in `runs`; here it gets a name, a heartbeat, a way to be stopped, and an end
that is told even when it failed.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from ulid import ULID

from dashboard.errors import BadInput, SluiceError
from dashboard.services.completion import Completion
from dashboard.services.experiments import Experiments
from dashboard.services.labeling import now_ms
from dashboard.services.pulse import Pulse
from dashboard.services.runs import Runs
from dashboard.storage import jobs
from dashboard.storage.database import Database

logger = logging.getLogger(__name__)

FIRST_START = "first-start"
DATASET = "dataset"
KINDS = (FIRST_START, "warm-start", "scan", "oracle", DATASET)
BEAT_SECONDS = 0.15
MAX_ORACLE = 1_000_000


class Receipt(NamedTuple):
    """How a job ended, for the one who started it."""

    state: str
    slug: str
    message: str


class Jobs:
    """Starts, watches and stops long work.

    Parameters
    ----------
    database
        Holds the rows.
    runs, experiments
        Do the work.
    clock
        Milliseconds since 1970 UTC.

    """

    def __init__(
        self,
        database: Database,
        runs: Runs,
        experiments: Experiments,
        *,
        clock: Callable[[], int] = now_ms,
    ):
        self.database = database
        self.runs = runs
        self.experiments = experiments
        self.clock = clock

    def run(
        self,
        kind: str,
        slug: str,
        *,
        count: int = 100,
        annotator: str = "",
        wanted: Callable[[], bool] = lambda: True,
    ) -> Receipt:
        """Do a piece of long work in this process, from claim to end.

        Parameters
        ----------
        kind
            `first-start`, `warm-start`, `scan`, `oracle` or `dataset`.
        slug
            The experiment; none for `first-start`.
        count
            Answers to give, for `oracle`.
        annotator
            On whose behalf.
        wanted
            Asked at each heartbeat whether anybody still wants the work done.

        Returns
        -------
        Receipt
            `state` is `done`, `canceled`, `stopped`, `busy` (another job works on this
            experiment already) or `failed`.

        """
        if kind not in KINDS:
            raise BadInput(f"There is no job {kind!r}; there are {', '.join(KINDS)}.")
        scope = self.scope(kind, slug)
        job_id = str(ULID())
        with self.database.write() as connection:
            mine = jobs.claim(
                connection,
                job_id=job_id,
                scope=scope,
                kind=kind,
                total=0,
                pid=os.getpid(),
                at=self.clock(),
            )
        if not mine:
            return Receipt("busy", slug, "Other work on this experiment is under way already.")
        watch = _Heart(self, job_id, wanted)
        try:
            with Pulse(partial(self._touch, job_id)):
                slug = self._work(kind, slug, count, annotator, watch)
        except SluiceError as error:
            return self._end(job_id, watch, Receipt("failed", slug, str(error)))
        except Exception as error:  # told on the page, and loud in the server's log
            self._end(job_id, watch, Receipt("failed", slug, f"{type(error).__name__}: {error}"))
            raise
        return self._end(job_id, watch, Receipt(watch.state, slug, ""))

    def _touch(self, job_id: str) -> None:
        with self.database.write() as connection:
            jobs.touch(connection, job_id, at=self.clock())

    def scope(self, kind: str, slug: str) -> str:
        """What a job works on: one at a time. Labeling goes on beside the data set's."""
        if kind == FIRST_START:
            return FIRST_START
        uid = self.experiments.find(slug).uid
        return f"{uid}/{DATASET}" if kind == DATASET else uid

    def _work(self, kind: str, slug: str, count: int, annotator: str, watch: _Heart) -> str:
        if kind == FIRST_START:
            return self.runs.first_start(watch=watch)
        if kind == "warm-start":
            finished = self.runs.warm_start(slug, watch=watch)
            if not finished and watch.state == "canceled":
                self.experiments.cut_warm_start(slug)
        elif kind == "scan":
            self.runs.scan(slug, annotator=annotator, watch=watch)
        elif kind == DATASET:
            Completion(self.runs.labeling).prepare(slug, watch=watch)
        else:
            self.runs.oracle(
                slug, count=min(max(1, count), MAX_ORACLE), annotator=annotator, watch=watch
            )
        return slug

    def _end(self, job_id: str, watch: _Heart, receipt: Receipt) -> Receipt:
        watch.flush()
        with self.database.write() as connection:
            jobs.finish(
                connection, job_id, state=receipt.state, message=receipt.message, at=self.clock()
            )
        return receipt

    def stop(self, slug: str, *, kind: str = "") -> bool:
        """Ask the job that works on an experiment to stop; False when there is none.

        Parameters
        ----------
        slug
            The experiment; empty for the first start.
        kind
            `dataset` for the one that goes on beside the others.

        """
        scope = self.scope(kind if slug else FIRST_START, slug)
        with self.database.write() as connection:
            return jobs.ask_to_stop(connection, scope)

    def first_start_status(self) -> dict[str, Any]:
        """What the label page shows while there is no experiment yet."""
        with self.database.read() as connection:
            job = jobs.latest(connection, FIRST_START)
        if job is None or job.state in ("done", "stopped"):
            return {"state": "warming", "start": FIRST_START, "trouble": "", "job": None}
        if job.state == "running" and not jobs.is_dead(job, at=self.clock()):
            return {
                "state": "warming",
                "start": "",
                "trouble": "",
                "job": {
                    "kind": job.kind,
                    "done": job.done,
                    "total": job.total,
                    "sentence": job.message or "Preparing the first experiment",
                },
            }
        reason = job.message if job.state == "failed" else "it was stopped or died"
        return {
            "state": "error",
            "start": "",
            "job": None,
            "offer": FIRST_START,
            "trouble": f"The first experiment could not be prepared: {reason}",
        }


class _Heart:
    """Reports a run's progress to its row a few times a second, and hears whether to stop."""

    def __init__(self, owner: Jobs, job_id: str, wanted: Callable[[], bool]):
        self.owner = owner
        self.job_id = job_id
        self.wanted = wanted
        self.state = "done"
        self.last = (0, 0, "")
        self._next = 0.0

    def __call__(self, done: int, total: int, sentence: str) -> bool:
        self.last = (done, total, sentence)
        if time.monotonic() < self._next:
            return True
        self._next = time.monotonic() + BEAT_SECONDS
        if not self.wanted():
            self.state = "stopped"
            return False
        if not self.flush():
            self.state = "canceled"
            return False
        return True

    def flush(self) -> bool:
        done, total, sentence = self.last
        with self.owner.database.write() as connection:
            return jobs.beat(
                connection,
                self.job_id,
                done=done,
                total=total,
                message=sentence,
                at=self.owner.clock(),
            )
