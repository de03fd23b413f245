"""The importer: what a page, a job and the command line call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.errors import BadInput, Conflict
from dashboard.services.importing import worker
from dashboard.services.importing.checks import check_file, checked, in_order
from dashboard.services.importing.outcome import GivenUp, Imported, discard
from dashboard.services.importing.plan import Plan, Preview, Wishes, as_json
from dashboard.services.importing.writing import Writing
from dashboard.services.labeling import now_ms
from dashboard.services.runs import Watch, keep_going
from dashboard.storage import imports, jobs
from dashboard.storage.database import Database

_LOOKING = threading.BoundedSemaphore(2)  # a reader may take half a gigabyte


class Importer:
    """Looks into files and makes streams of them.

    Parameters
    ----------
    database
        Where the streams are.
    clock
        Milliseconds since 1970 UTC.

    """

    def __init__(self, database: Database, *, clock: Callable[[], int] = now_ms):
        self.database = database
        self.clock = clock

    def preview(self, path: Path, *, file: str = "", wishes: Wishes | None = None) -> Preview:
        """Find out what a file is, and show its first rows.

        Parameters
        ----------
        path
            Where it is.
        file
            What to call it; its name unless given.
        wishes
            What is known better than it can be found out.

        Raises
        ------
        BadInput
            If it is no table, or cannot be read.

        """
        file = file or path.name
        check_file(path, file)
        told = {"do": "preview", "path": str(path.absolute()), "file": file}
        with _LOOKING:
            answers = list(worker.ask({**told, "wishes": as_json(wishes or Wishes())}, file))
        return Preview.of(answers[-1]["preview"])

    def labels(self, plan: Plan, *, watch: Watch = keep_going) -> dict[str, int] | None:
        """How often each label is in the label column, in the order proposed for classes.

        Reads the whole file. Whole numbers come in their order, everything else by the alphabet.

        Parameters
        ----------
        plan
            What to read; its `label` is what counts.
        watch
            Hears how many rows are read, and may stop it.

        Returns
        -------
        dict or None
            None where the watch stopped it.

        Raises
        ------
        BadInput
            If there are more labels than there can be classes.

        """
        check_file(Path(plan.path), plan.file)
        if not plan.label:
            raise BadInput("Choose the label column first; the classes are looked for in it.")
        done = 0
        told = {"do": "labels", "plan": as_json(plan)}

        def wanted() -> bool:
            return watch(done, plan.estimate, "Looking for classes")

        found: dict[str, int] = {}
        try:
            for answer in worker.ask(told, plan.file, wanted=wanted):
                done = int(answer.get("progress") or done)
                found = answer.get("labels", found)
        except worker.Stopped:
            return None
        return {name: found[name] for name in in_order(found)}

    def run(self, plan: Plan, *, watch: Watch = keep_going) -> Imported:
        """Import a file, or append it to a stream.

        The rows are written in short transactions with pauses, hidden until the last one; whatever
        ends the import before leaves nothing behind.

        Parameters
        ----------
        plan
            What to make of it.
        watch
            Hears how many rows are done, and of about how many; may stop it.

        Raises
        ------
        BadInput
            Names file, row and column, and what to do.
        Conflict
            If there is such a stream already, or somebody else is writing it.

        """
        self.clear_abandoned()
        check_file(Path(plan.path), plan.file)
        writing = Writing(self.database, self.clock, checked(plan), watch)
        writing.claim()
        try:
            return writing.work()
        except GivenUp:
            raise Conflict(
                f"The import of {plan.file} was taken for dead and cleared up; start it again."
            ) from None
        except worker.Stopped:
            writing.end("canceled", "")
            return Imported(stream=None)
        except KeyboardInterrupt:
            writing.end("canceled", "")
            raise
        except Exception as error:
            writing.end("failed", str(error))
            raise

    def stop(self, slug: str) -> bool:
        """Ask the import into a stream to stop; False when there is none."""
        with self.database.write() as connection:
            return jobs.ask_to_stop(connection, imports.scope(slug))

    def status(self, slug: str) -> dict[str, Any] | None:
        """How the newest import into a stream stands: `state`, `done`, `total`, `sentence`.

        `state` is `running`, `done`, `canceled`, `failed` (the sentence says why) or `died`.
        """
        with self.database.read() as connection:
            job = jobs.latest(connection, imports.scope(slug))
        if job is None:
            return None
        state = "died" if jobs.is_dead(job, at=self.clock()) else job.state
        return {"state": state, "done": job.done, "total": job.total, "sentence": job.message}

    def clear_abandoned(self) -> None:
        """Take out what imports left whose process is gone."""
        with self.database.read() as connection:
            found = imports.abandoned(connection, at=self.clock())
        for job_id, stream_id in found:
            if stream_id is not None:
                discard(self.database, stream_id)
            with self.database.write() as connection:
                jobs.finish(connection, job_id, state="died", message="", at=self.clock())
