"""Long work in small steps: scans, warm starts, oracle runs, the first start.

Each step is one transaction of `Labeling`, so a run can be stopped or killed anywhere and goes on
where the log stands. `Watch` reports progress and says whether to stop; the command line, the
background callbacks and the tests each bring their own.
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.core.events import Source
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, Unavailable
from dashboard.services.datasets import SAMPLE_MESSAGES, SMS_SPAM
from dashboard.services.experiments import Experiments
from dashboard.services.labeling import Labeling, find_experiment, stands_at
from dashboard.storage import log, streams
from dashboard.storage.experiments import Experiment
from dashboard.storage.streams import Stream

CHUNK_SECONDS = 0.2
FIRST_WARM_START = 1_000

Watch = Callable[[int, int, str], bool]
"""Called with samples or labels done, in all, and a sentence; False asks the run to stop."""


def keep_going(_done: int, _total: int, _sentence: str = "") -> bool:
    """A watch that nobody looks at."""
    return True


class Runs:
    """Work that takes longer than a press may.

    Parameters
    ----------
    labeling, experiments
        The services whose steps it takes.

    """

    def __init__(self, labeling: Labeling, experiments: Experiments):
        self.labeling = labeling
        self.experiments = experiments

    def _now(self, slug: str) -> tuple[Experiment, Stream, int | None]:
        """The experiment, its stream and the position of its first open query."""
        with self.labeling.database.read() as connection:
            experiment = find_experiment(connection, slug)
            if experiment.archived_at is not None:  # its answers are refused, for ever
                raise BadInput(f"{experiment.slug} is archived; reopen it to label on.")
            query = log.open_query(connection, experiment.id)
            stream = streams.get(connection, experiment.stream_id)
        return experiment, stream, None if query is None else query["position"]

    def _bind(self, slug: str) -> str:
        """What names this very experiment, even when a reset gives its slug to another."""
        return self._now(slug)[0].uid

    def scan(self, slug: str, *, annotator: str = "", watch: Watch = keep_going) -> bool:
        """Scan on until a query is open or the stream ends; False when stopped before.

        Where several people label, until one is open for this annotator.
        """
        uid = self._bind(slug)
        while not self.labeling.scan_on(uid, seconds=CHUNK_SECONDS, annotator=annotator):
            experiment, stream, _ = self._now(uid)
            if not watch(experiment.position, stream.samples, "Looking for the next question"):
                return False
        return True

    def warm_start(self, slug: str, *, watch: Watch = keep_going) -> bool:
        """Answer the queries of the first samples from known truth, then find the first query."""
        uid = self._bind(slug)
        while True:
            experiment, stream, _ = self._now(uid)
            total = experiment.warm_until
            with self.labeling.database.read() as connection:
                done = stands_at(connection, experiment)
            if done >= total:
                return self.scan(uid, watch=watch)
            if not watch(done, total, "Warm start"):
                return False
            if done == experiment.position:
                self.labeling.scan_on(uid, seconds=CHUNK_SECONDS, warm_start=True)
                continue
            self._tell_truth(uid, stream, done, source=Source.WARM_START, annotator="")

    def oracle(
        self,
        slug: str,
        *,
        count: int | None = None,
        annotator: str = "",
        watch: Watch = keep_going,
    ) -> int:
        """Answer queries with the known truth.

        Parameters
        ----------
        slug
            The experiment.
        count
            How many answers, or all there are.
        annotator
            On whose behalf.
        watch
            Hears of progress, and may stop the run.

        Returns
        -------
        int
            How many labels were given.

        Raises
        ------
        BadInput
            If the stream's labels are not known.

        """
        uid = self._bind(slug)
        experiment, stream, query = self._now(uid)
        if not stream.truths:
            raise BadInput(f"Nobody knows the labels of {stream.slug}; label it by hand.")
        given = 0
        while count is None or given < count:
            experiment, stream, query = self._now(uid)
            if query is None and experiment.position >= stream.samples:
                break
            done, total = (given, count) if count else (experiment.position, stream.samples)
            if not watch(done, total, "Labeling from known truth"):
                return given
            if query is None:
                self.labeling.scan_on(uid, seconds=CHUNK_SECONDS)
                continue
            given += self._tell_truth(uid, stream, query, source=Source.ORACLE, annotator=annotator)
        self.scan(uid, watch=watch)
        return given

    def _tell_truth(
        self, slug: str, stream: Stream, position: int, *, source: Source, annotator: str
    ) -> int:
        truth = self.labeling.samples.get(stream.id, position).truth
        if truth is None:
            raise BadInput(
                f"The label of the sample at position {position} is not known; answer it by hand."
            )
        outcome = self.labeling.answer(
            slug, position=position, label=truth, source=source, annotator=annotator
        )
        return int(outcome.done)

    def first_start(self, *, watch: Watch = keep_going) -> str:
        """Create and warm up the first experiment; its slug.

        Where the real stream cannot be had, the built-in one takes its place, and the
        experiment's note says why and how to bring the real one.
        """
        if existing := self.experiments.last_used():
            return existing
        watch(0, 0, "Fetching the SMS Spam Collection")
        note = ""
        try:
            stream = self.experiments.ensure_stream(
                SMS_SPAM,
                progress=lambda done, total: watch(
                    done // 1000, total // 1000, "Downloading the SMS Spam Collection (kB)"
                ),
            )
        except Unavailable as error:
            note = f"These are made-up messages, because the real ones could not be had: {error}"
            stream = self.experiments.ensure_stream(SAMPLE_MESSAGES)
        spec = make_spec("recommended", text=True, classes=len(stream.classes), seed=42)
        made = self.experiments.create(
            stream.title, stream=stream, spec=spec, warm_start=FIRST_WARM_START, note=note
        )
        self.warm_start(made.slug, watch=watch)
        return made.slug
