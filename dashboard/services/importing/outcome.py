"""What came of an import, and how what it wrote is taken out again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from dashboard.storage import imports
from dashboard.storage.database import Database
from dashboard.storage.streams import Stream

PAUSE_SECONDS = 0.005  # between two transactions, so that a press gets in


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of an import.

    Parameters
    ----------
    stream
        The stream as it is now; None where the import was canceled.
    rows
        How many samples were added.
    labeled
        How many of them have a known label.
    missing
        Rows that were left out because their label is empty.
    skipped
        Bad rows that were left out.
    listed
        A sentence for each of the first of those.

    """

    stream: Stream | None
    rows: int = 0
    labeled: int = 0
    missing: int = 0
    skipped: int = 0
    listed: tuple[str, ...] = ()


class GivenUp(Exception):
    """The job is not ours any more: somebody took it for dead and clears up."""


def discard(
    database: Database, stream_id: int, *, beat: Callable[[Connection], object] | None = None
) -> None:
    """Delete what of a stream nobody sees, in short transactions.

    Parameters
    ----------
    database
        Where it is.
    stream_id
        The stream.
    beat
        Called in each transaction.

    """
    while True:
        with database.write() as connection:
            if beat is not None:
                beat(connection)
            if not imports.discard_some(connection, stream_id):
                return
        time.sleep(PAUSE_SECONDS)
