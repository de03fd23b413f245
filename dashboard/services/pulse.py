"""A sign of life from a thread: a step of a job may take longer than others would wait for one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from dashboard.errors import SluiceError

logger = logging.getLogger(__name__)

PULSE_SECONDS = 5.0


class Pulse:
    """Calls something every few seconds, from entry to exit.

    Parameters
    ----------
    beat
        What to call. What it raises of ours is logged: the next one may succeed.
    seconds
        How often.

    Examples
    --------
    >>> beaten = threading.Event()
    >>> with Pulse(beaten.set, seconds=0.001):
    ...     beaten.wait(60)
    True

    """

    def __init__(self, beat: Callable[[], None], *, seconds: float = PULSE_SECONDS):
        self._beat, self._seconds = beat, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self._beat()
            except SluiceError as error:
                logger.warning("A job could not say that it lives: %s", error)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
