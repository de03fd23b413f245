"""How far the labeling of the rest is, for the page that starts it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from dashboard.services.completion import QUICK
from dashboard.services.jobs import DATASET
from dashboard.storage import jobs
from dashboard.storage.experiments import Experiment
from dashboard.storage.prepared import Shelf


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What there is of an experiment's data set.

    Parameters
    ----------
    quick
        Whether it can be had at once, because the stream is short.
    head
        The event as of which it was prepared; None where it was not.
    current
        Whether the log has not moved since.
    running
        Whether it is being prepared, with so many samples
    done, total
        done and in all.
    trouble
        How the last attempt ended, where that was otherwise than well.
    waits
        Whether another experiment's is being prepared: one at a time.

    """

    quick: bool = True
    head: int | None = None
    current: bool = False
    running: bool = False
    done: int = 0
    total: int = 0
    trouble: str = ""
    waits: bool = False


def rest_of(
    connection: Connection, shelf: Shelf, experiment: Experiment, *, samples: int, at: int
) -> Rest:
    """What there is now.

    Parameters
    ----------
    connection
        A read transaction.
    shelf
        Where prepared files are.
    experiment
        Whose.
    samples
        How many its stream has.
    at
        Now, in milliseconds since 1970 UTC.

    """
    if samples <= QUICK:
        return Rest()
    head = shelf.newest(experiment.uid)
    rest = Rest(quick=False, head=head, current=head == experiment.head, total=samples)
    job = jobs.latest(connection, f"{experiment.uid}/{DATASET}")
    if job is None or job.state == "done":
        return rest
    died = jobs.is_dead(job, at=at) or job.state == "died"
    if job.state == "running" and not died:
        return replace(rest, running=True, done=job.done)
    if job.state == "failed" or died:
        said = "its process died" if died else job.message
        return replace(rest, trouble=f"The rest could not be labeled: {said}")
    return rest


def one_at_a_time(rests: list[Rest]) -> list[Rest]:
    """The same, where one being prepared lets the others wait."""
    busy = any(rest.running for rest in rests)
    return [replace(rest, waits=busy and not rest.running) for rest in rests]
