"""What the labeling page shows, as plain data: the next query, the counters, the last answers."""

from __future__ import annotations

import math
import statistics
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Connection, RowMapping

from dashboard.core.pipelines import TEXT
from dashboard.services.labeling import find_with_stream, now_ms, stands_at
from dashboard.services.people import signed_in
from dashboard.storage import jobs, leases, log, marks, rollups
from dashboard.storage.database import Database
from dashboard.storage.experiments import Experiment, LabelClass
from dashboard.storage.jobs import Job
from dashboard.storage.marks import Mark
from dashboard.storage.streams import Sample, SampleReader, Stream

RECENT = 6
PACE_OVER = 25
BARS = 5  # classes whose probabilities are shown after the answer
RESTARTS = 2  # how often in a row work that died is started again without being asked

Data = dict[str, Any]
_ALL_HERE: Data = {"next": False, "free": False, "others": 0}
_IN_TURN = "Looking for the next question, for one person after another"
Marks = Mapping[int, Mark]

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
    hindrance
        A sentence about why work in the background does not begin; empty where nothing is wrong.

    """

    def __init__(
        self,
        database: Database,
        samples: SampleReader,
        *,
        clock: Callable[[], int] = now_ms,
        hindrance: Callable[[], str] = str,
    ):
        self.database = database
        self.samples = samples
        self.clock = clock
        self.hindrance = hindrance

    def view(
        self, slug: str, *, notice: str = "", names: object = None, annotator: str = ""
    ) -> Data:
        """Everything the page needs, in one consistent read.

        Parameters
        ----------
        slug
            The experiment.
        notice
            A sentence for the person, such as why an answer was not taken.
        names
            The `names` of the view that the page got its classes with: while they are the same,
            `classes` is None. A hundred of them need not travel with every press.
        annotator
            Who looks: where several people label, they see a query of their own, and their own
            last answers.

        Returns
        -------
        dict
            `state` is `ready`, `scanning`, `warming`, `exhausted` or `error`; `start` names the
            background work that the page should begin, or is empty; `next` says whether the wish
            of that name may find a query sooner than work in the background; `free` says whether a
            query could be theirs that is with nobody, and `others` how many are with others when
            nothing else is left; `lost` tells of known truth that was being told when its process
            died or had to go, and how many labels it gave. The truth of the open query is nowhere
            in it.

        """
        person = annotator if signed_in(annotator) else ""
        with self.database.read() as connection:
            experiment, stream = find_with_stream(connection, slug)
            query = self._asked(connection, experiment, person)
            job = jobs.latest(connection, experiment.uid)
            deaths = _deaths(connection, job)
            answers = log.recent_answers(connection, experiment.id, PACE_OVER, annotator=person)
            marked = self._marked(connection, experiment, query, answers[:RECENT])
            warm = stands_at(connection, experiment) >= experiment.warm_until
            known = names_of(experiment.classes)
            data = {
                "slug": experiment.slug,
                "name": experiment.name,
                "uid": experiment.uid,
                "head": experiment.head,
                "archived": experiment.archived_at is not None,
                "names": known,
                "classes": None if names == known else _titles(experiment.classes),
                "truth": stream.truths > 0,
                "samples": stream.samples,
                "note": experiment.note,
                "notice": notice,
                "counters": self._counters(connection, experiment, query, answers),
                "query": self._query(stream, query, marked),
                "last": self._last(stream, answers, marked),
                "recent": [self._recent(stream, a, marked) for a in answers[:RECENT]],
            }
            data.update(self._state(experiment, stream, query, job, warm=warm, deaths=deaths))
            data["lost"] = self._lost(connection, experiment, job, deaths)
            waits = person and query is None and warm and not data["archived"]
            data.update(self._elsewhere(connection, experiment, person) if waits else _ALL_HERE)
            if waits and experiment.position < stream.samples:
                data.update(_in_turn(data))
        if data["start"]:
            data["trouble"] = f"{data['trouble']} {self.hindrance()}".strip()
        return data

    def _asked(
        self, connection: Connection, experiment: Experiment, person: str
    ) -> RowMapping | None:
        if person:
            return leases.own(connection, experiment.id, person, at=self.clock())
        return log.open_query(connection, experiment.id)

    def _lost(
        self, connection: Connection, experiment: Experiment, job: Job | None, deaths: int
    ) -> Data | None:
        """Work that its page may begin again for what is left of it: no open query needs it."""
        if job is None or job.kind != "oracle":
            return None
        died = job.state == "died" or jobs.is_dead(job, at=self.clock())
        if job.state != "stopped" and (not died or deaths > RESTARTS):
            return None
        given = log.told_since(connection, experiment.id, job.started_at)
        return {"id": job.id, "kind": job.kind, "given": given}

    def _elsewhere(self, connection: Connection, experiment: Experiment, person: str) -> Data:
        """Which open queries there are for somebody who has none."""
        return {
            "next": False,
            "free": leases.free(connection, experiment.id, person, at=self.clock()) is not None,
            "others": len(log.open_positions(connection, experiment.id)),
        }

    def _state(
        self,
        experiment: Experiment,
        stream: Stream,
        query: RowMapping | None,
        job: Job | None,
        *,
        warm: bool,
        deaths: int,
    ) -> Data:
        dead = job is not None and jobs.is_dead(job, at=self.clock())
        running = job if job is not None and job.state == "running" and not dead else None
        state: Data = {"job": None, "start": "", "trouble": ""}
        if running is not None and running.kind == "scan" and query is not None:
            running = job = None  # it looks for somebody else's question
        if running is not None:
            state["job"] = {
                "kind": running.kind,
                "done": running.done,
                "total": running.total,
                "sentence": running.message or _SENTENCES.get(running.kind, "Working"),
            }
            state["state"] = "warming" if running.kind == "warm-start" else "scanning"
            if deaths > 1:  # it lives; those before it did not
                state["trouble"] = f"The background process died. {_AGAIN}"
            return state
        if experiment.archived_at is not None:
            return {
                **state,
                "state": "error",
                "trouble": "This experiment is archived; reopen it to label on.",
            }
        needed = (
            "warm-start"
            if not warm
            else "scan"
            if query is None and experiment.position < stream.samples
            else ""
        )
        if not needed:
            state["state"] = "exhausted" if query is None else "ready"
            state["trouble"] = _trouble(job, dead) if query is not None else ""
        else:
            trouble = _trouble(job, dead)
            again = job is not None and job.kind == needed and 0 < deaths <= RESTARTS
            if trouble and not again:
                state.update(state="error", trouble=trouble, offer=needed)
                return state
            state.update(state="warming" if needed == "warm-start" else "scanning", start=needed)
            state["trouble"] = f"{trouble} {_AGAIN}" if trouble else ""
        return state

    @staticmethod
    def _marked(
        connection: Connection,
        experiment: Experiment,
        query: RowMapping | None,
        answers: Sequence[RowMapping],
    ) -> Marks:
        shown = [row["position"] for row in (*([] if query is None else [query]), *answers)]
        return marks.among(connection, experiment.id, shown)

    def _query(self, stream: Stream, row: RowMapping | None, marked: Marks) -> Data | None:
        if row is None:
            return None
        sample = self.samples.get(stream.id, row["position"])
        return {
            "position": row["position"],
            "sample_id": sample.sample_id,
            **_shown(sample, stream.columns),
            "predicted": row["predicted"],
            "probability": _probability(row),
            **_mark(marked, row),
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

    def _last(self, stream: Stream, answers: list[RowMapping], marked: Marks) -> Data | None:
        if not answers:
            return None
        row = answers[0]
        return {
            **self._recent(stream, row, marked),
            "predicted": row["predicted"],
            "probability": _probability(row),
            "top": _top(row),
            "entropy": row["entropy"],
            "query_probability": row["query_probability"],
            "reason": row["reason"],
            "truth": row["truth"],
        }

    def _recent(self, stream: Stream, row: RowMapping, marked: Marks) -> Data:
        sample = self.samples.get(stream.id, row["position"])
        return {
            "seq": row["seq"],
            "position": row["position"],
            "label": row["label"],
            "source": row["source"],
            "seconds": None if row["milliseconds"] is None else row["milliseconds"] / 1000,
            "text": sample.text[:400],
            **_mark(marked, row),
        }


def names_of(classes: Sequence[LabelClass]) -> str:
    """A few letters that tell these classes from any others, by what the page shows of them.

    Examples
    --------
    >>> names_of([LabelClass("ham", "Ham"), LabelClass("spam", "Spam")])
    '2-8eedca5a'

    """
    titles = "\n".join(c.title for c in classes)
    return f"{len(classes)}-{zlib.crc32(titles.encode()):08x}"


def _titles(classes: Sequence[LabelClass]) -> list[Data]:
    return [{"name": c.name, "title": c.title} for c in classes]


def _probability(row: RowMapping) -> float | None:
    """That of the predicted class."""
    predicted = row["predicted"]
    return None if predicted is None else log.unpack(row["probabilities"])[predicted]


def _top(row: RowMapping) -> list[tuple[int, float]]:
    """The likeliest classes, in class order where all of them are among these."""
    known = [(i, p) for i, p in enumerate(log.unpack(row["probabilities"])) if not math.isnan(p)]
    if len(known) <= BARS:
        return known
    return sorted(known, key=lambda pair: -pair[1])[:BARS]


def _mark(marked: Marks, row: RowMapping) -> Data:
    return marked.get(row["position"], Mark())._asdict()


def _shown(sample: Sample, columns: Mapping[str, str]) -> Data:
    if set(sample.fields) == {TEXT}:
        return {"text": sample.text, "fields": None}
    fields = [
        _field(name, value, columns.get(name, "text")) for name, value in sample.fields.items()
    ]
    return {"text": "", "fields": fields}


def _field(name: str, value: Any, kind: str) -> tuple[str, str | None, str]:
    """Name, value and type of a field, as the card shows them; a type is that of its column."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        kind = "number"
    elif kind == "number":
        kind = "category"  # n/a among numbers
    return name, None if value is None else str(value), kind


def _in_turn(data: Data) -> Data:
    """What one of several people is told who has no query while there are samples left."""
    job = data["job"]
    if job is None:
        return {"next": data["start"] == "scan"}
    if job["kind"] != "scan":
        return {}
    return {"next": True, "job": {**job, "sentence": _IN_TURN}}  # perhaps somebody else's job


_AGAIN = "It is started again where the log stands."


def _deaths(connection: Connection, job: Job | None) -> int:
    """How many jobs of this kind died in a row, one that is running or was not yet found dead too.

    Asked only about those: a press has nothing to wait for.
    """
    if job is None or job.state not in ("running", "died"):
        return 0
    return jobs.deaths(connection, job.scope, job.kind, most=RESTARTS + 2)


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
