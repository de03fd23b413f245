"""What the labeling page shows, as plain data: the next query, the counters, the last answers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection, RowMapping

from dashboard.core.pipelines import TEXT
from dashboard.services.labeling import find_experiment, now_ms
from dashboard.storage import jobs, log, rollups, streams
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment
from dashboard.storage.jobs import Job
from dashboard.storage.streams import Sample, SampleReader, Stream

RECENT = 6
PACE_OVER = 25

Data = dict[str, Any]

_SENTENCES = {
    "scan": "Looking for the next question",
    "warm-start": "Warm start",
    "oracle": "Labeling from known truth",
}


class Views:
    """Reads an experiment for the labeling page; changes and draws nothing.

    Parameters
    ----------
    database, samples
        The storage.
    clock
        Milliseconds since 1970 UTC.

    """

    def __init__(
        self, database: Database, samples: SampleReader, *, clock: Callable[[], int] = now_ms
    ):
        self.database = database
        self.samples = samples
        self.clock = clock

    def view(self, slug: str, *, notice: str = "") -> Data:
        """Everything the page needs, in one consistent read.

        Parameters
        ----------
        slug
            The experiment.
        notice
            A sentence for the person, such as why an answer was not taken.

        Returns
        -------
        dict
            `state` is `ready`, `scanning`, `warming`, `exhausted` or `error`; `start` names the
            background work that the page should begin, or is empty. The truth of the open query
            is nowhere in it.

        """
        with self.database.read() as connection:
            experiment = find_experiment(connection, slug)
            stream = streams.get(connection, experiment.stream_id)
            query = log.open_query(connection, experiment.id)
            job = jobs.latest(connection, experiment.uid)
            answers = log.recent_answers(connection, experiment.id, PACE_OVER)
            data = {
                "slug": experiment.slug,
                "name": experiment.name,
                "uid": experiment.uid,
                "head": experiment.head,
                "archived": experiment.archived_at is not None,
                "classes": [vars(c) for c in experiment.classes],
                "truth": stream.truths > 0,
                "samples": stream.samples,
                "note": experiment.note,
                "notice": notice,
                "counters": self._counters(connection, experiment, query, answers),
                "query": self._query(stream, query),
                "last": self._last(experiment, stream, answers),
                "recent": [self._recent(experiment, stream, a) for a in answers[:RECENT]],
            }
        data.update(self._state(experiment, stream, query, job))
        return data

    def _state(
        self, experiment: Experiment, stream: Stream, query: RowMapping | None, job: Job | None
    ) -> Data:
        dead = job is not None and jobs.is_dead(job, at=self.clock())
        running = job if job is not None and job.state == "running" and not dead else None
        state: Data = {"job": None, "start": "", "trouble": ""}
        if running is not None:
            state["job"] = {
                "kind": running.kind,
                "done": running.done,
                "total": running.total,
                "sentence": running.message or _SENTENCES.get(running.kind, "Working"),
            }
            state["state"] = "warming" if running.kind == "warm-start" else "scanning"
            return state
        position = experiment.position if query is None else query["position"]
        if experiment.archived_at is not None:
            return {
                **state,
                "state": "error",
                "trouble": "This experiment is archived; reopen it to label on.",
            }
        needed = (
            "warm-start"
            if position < experiment.warm_until
            else "scan"
            if query is None and position < stream.samples
            else ""
        )
        if not needed:
            state["state"] = "exhausted" if query is None else "ready"
            state["trouble"] = _trouble(job, dead) if query is not None else ""
        elif trouble := _trouble(job, dead):
            state.update(state="error", trouble=trouble, offer=needed)
        else:
            state.update(state="warming" if needed == "warm-start" else "scanning", start=needed)
        return state

    def _query(self, stream: Stream, row: RowMapping | None) -> Data | None:
        if row is None:
            return None
        sample = self.samples.get(stream.id, row["position"])
        return {
            "position": row["position"],
            "sample_id": sample.sample_id,
            **_shown(sample),
            "predicted": row["predicted"],
            "probabilities": _probabilities(row),
        }

    def _counters(
        self,
        connection: Connection,
        experiment: Experiment,
        query: RowMapping | None,
        answers: list[RowMapping],
    ) -> Data:
        counts = rollups.totals(connection, experiment.id)
        known, total = counts["known"], counts["n"]
        times = [a["milliseconds"] for a in answers if a["milliseconds"] is not None]
        until = experiment.position if query is None else query["position"]
        before = log.asked_before(connection, experiment.id, until)
        return {
            "predictions": total,
            "labels": counts["labels"],
            "passes": counts["passes"],
            "skipped": until - (0 if before is None else before + 1),
            "accuracy": counts["correct"] / known if known else None,
            "known": known,
            "ask_rate": counts["asked"] / total if total else None,
            "seconds": statistics.median(times) / 1000 if times else None,
        }

    def _last(
        self, experiment: Experiment, stream: Stream, answers: list[RowMapping]
    ) -> Data | None:
        if not answers:
            return None
        row = answers[0]
        return {
            **self._recent(experiment, stream, row),
            "predicted": row["predicted"],
            "probabilities": _probabilities(row),
            "entropy": row["entropy"],
            "query_probability": row["query_probability"],
            "reason": row["reason"],
            "truth": row["truth"],
        }

    def _recent(self, experiment: Experiment, stream: Stream, row: RowMapping) -> Data:
        sample = self.samples.get(stream.id, row["position"])
        return {
            "seq": row["seq"],
            "position": row["position"],
            "label": row["label"],
            "source": row["source"],
            "seconds": None if row["milliseconds"] is None else row["milliseconds"] / 1000,
            "text": sample.text[:400],
        }


def _probabilities(row: RowMapping) -> list[float | None]:
    return [None if math.isnan(p) else p for p in log.unpack(row["probabilities"])]


def _shown(sample: Sample) -> Data:
    if set(sample.fields) == {TEXT}:
        return {"text": sample.text, "fields": None}
    return {"text": sample.text, "fields": [[k, str(v)] for k, v in sample.fields.items()]}


def _trouble(job: Job | None, dead: bool) -> str:
    """A sentence about a job that ended otherwise than well."""
    if job is None:
        return ""
    what = _SENTENCES.get(job.kind, "The background work").lower()
    if dead or job.state == "died":
        return (
            f"The background process died ({what}, {job.done:,} of {job.total:,}). "
            "Nothing that was saved is lost."
        )
    if job.state == "failed":
        return f"The background process failed ({what}): {job.message}"
    if job.state == "canceled":
        return f"Stopped ({what}, {job.done:,} of {job.total:,}). Everything so far is saved."
    return ""
