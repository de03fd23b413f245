"""Who did what, one JSON object a line, at the end of a file that nobody rewrites.

Answers are in the label log, with who gave them; here is the rest: who signed in and out, was
refused, took data along, or changed an experiment as a whole.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

logger = logging.getLogger(__name__)

FILE = "audit.jsonl"
_LONGEST = 200  # of a value; a line is written at once and stays whole


class Audit:
    """Adds to the file; several processes may.

    Parameters
    ----------
    path
        The file.

    """

    def __init__(self, path: Path):
        self.path = path

    def note(self, deed: str, *, who: str, **about: object) -> None:
        """Add a line. A disk that refuses is told in the server's log, and stops nobody.

        Parameters
        ----------
        deed
            What was done.
        who
            By whom.
        about
            More of it; long texts are cut.

        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {"at": at, "who": who, "deed": deed, **about}
        short = {name: _short(value) for name, value in told.items() if value not in (None, "")}
        line = json.dumps(short, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            logger.error("The audit log %s cannot be written: %s", self.path, error)


def _short(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)[:_LONGEST]
