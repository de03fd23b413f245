"""Flags and notes on samples: for people, unseen by any model."""

from __future__ import annotations

import json

from dashboard.core.events import Event, Kind
from dashboard.errors import BadInput, NotFound
from dashboard.services.labeling import Labeling, Outcome, find_experiment, refuse_archived
from dashboard.storage import log, marks
from dashboard.storage.log import Append
from dashboard.storage.marks import Mark

MAX_NOTE = 2_000


class Marks:
    """Marks samples of experiments.

    Parameters
    ----------
    labeling
        Whose storage is used.

    """

    def __init__(self, labeling: Labeling):
        self.labeling = labeling

    def mark(
        self,
        slug: str,
        *,
        position: int,
        flag: bool | None = None,
        note: str | None = None,
        key: str | None = None,
        annotator: str = "",
    ) -> Outcome:
        """Set or take back the flag of a sample, or write its note; None leaves as it is.

        Raises
        ------
        BadInput
            For a note that is too long.
        NotFound
            For a sample that has not been scanned.

        """
        if note is not None and len(note) > MAX_NOTE:
            raise BadInput(f"A note has at most {MAX_NOTE:,} characters, not {len(note):,}.")
        return self.labeling.retrying(
            lambda: self._mark(slug, position, flag, note, key, annotator)
        )

    def _mark(
        self,
        slug: str,
        position: int,
        flag: bool | None,
        note: str | None,
        key: str | None,
        annotator: str,
    ) -> Outcome:
        database = self.labeling.database
        with database.read() as connection:
            experiment = find_experiment(connection, slug)
            refuse_archived(experiment)
            if key and log.find_key(connection, experiment.id, key):
                return Outcome(False, "That mark was made before.")
            if not 0 <= position < experiment.position:
                raise NotFound(f"The sample at position {position} has not been scanned yet.")
            old = marks.at(connection, experiment.id, position)
        new = Mark(old.flag if flag is None else flag, old.note if note is None else note.strip())
        if new == old:
            return Outcome(False)
        event = Event(
            seq=experiment.head + 1,
            kind=Kind.MARK,
            first=experiment.position,
            stop=experiment.position,
            at=self.labeling.clock(),
            position=position,
            strategy_state=experiment.strategy_state,
            annotator=annotator,
            key=key,
            payload=json.dumps(new._asdict(), ensure_ascii=False),
        )
        with database.write() as connection:
            log.append(connection, experiment.id, Append(event))
        return Outcome(True)
