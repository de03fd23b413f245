"""The advice as one line for the labeling page: told from memory, worked out beside the presses."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import NamedTuple

from dashboard.analytics.stability import EVERY
from dashboard.services.advising import Advisor

logger = logging.getLogger(__name__)

KEPT = 64
STALE = 60.0  # seconds after which the next press has it looked at again

Line = dict[str, str]


class _Told(NamedTuple):
    line: Line
    step: int
    at: float


class Lines:
    """Tells what was found last, and lets a thread look again every 25 labels.

    Parameters
    ----------
    advisor
        Who knows.

    """

    def __init__(self, advisor: Advisor):
        self.advisor = advisor
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._asked: dict[str, Future[None]] = {}
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="advice")

    def line(self, slug: str, uid: str, labels: int, *, wait: float = 0.0) -> Line | None:
        """Verdict and reason, or None where nothing is known yet. Nothing is worked out meanwhile.

        Parameters
        ----------
        slug, uid
            The experiment.
        labels
            How many it has.
        wait
            Seconds to wait for what is not known: 0 while somebody labels.

        """
        with self._lock:
            told = self._told.get(uid)
            fresh = told is not None and told.step == labels // EVERY
            if not fresh or (told is not None and time.monotonic() - told.at > STALE):
                asked = self._asked.get(uid)
                if asked is None:
                    asked = self._asked[uid] = self._thread.submit(self._look, slug, uid, labels)
            else:
                asked = None
        if asked is not None and wait:
            with contextlib.suppress(TooLate):
                asked.result(timeout=wait)
            with self._lock:
                told = self._told.get(uid)
        return told.line if told and told.line["verdict"] else None

    def settle(self) -> None:
        """Wait until what is under way is told."""
        self._thread.submit(lambda: None).result()

    def _look(self, slug: str, uid: str, labels: int) -> None:
        try:
            line = self.advisor.line(slug)
            with self._lock:
                self._told[uid] = _Told(line, labels // EVERY, time.monotonic())
                self._told.move_to_end(uid)
                while len(self._told) > KEPT:
                    self._told.popitem(last=False)
        finally:
            with self._lock:
                self._asked.pop(uid, None)
