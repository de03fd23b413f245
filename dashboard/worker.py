"""What `celery -A dashboard.worker worker` serves; `python -m dashboard worker` starts it.

Jobs run in processes that are forked from this one, which has imported everything and opened
nothing. They end by themselves when it goes, or is asked to.
"""

from __future__ import annotations

import mmap
import os
from typing import Any

from celery import signals

from dashboard import background
from dashboard.app import server_app
from dashboard.errors import BadInput, SluiceError
from dashboard.queueing import ALIVE_SECONDS, QueueManager, alive_key, make_celery
from dashboard.services.pulse import Pulse
from dashboard.services.workers import Workers, this_worker
from dashboard.settings import Settings


def _manager() -> QueueManager:
    if os.environ.get("PYTHONHASHSEED") != "0":
        raise BadInput("Start workers with PYTHONHASHSEED=0, as `python -m dashboard worker` does.")
    found: Any = server_app()._background_manager
    if not isinstance(found, QueueManager):
        raise BadInput("REDIS_URL is not set; a worker takes its work from there.")
    return found


manager = _manager()
settings: Settings = manager.settings
celery = manager.handle
celery.conf.update(make_celery(settings, patient=True).conf.changes)
_workers = Workers(settings)
_main = os.getpid()
_closing = mmap.mmap(-1, 1)  # shared with the processes that are forked from here
_pulses: dict[str, Pulse] = {}


def _tell(**_: Any) -> None:
    try:
        _workers.announce(this_worker(settings))
    except SluiceError:  # Celery itself says that Redis is away, and waits for it
        return


def _close(**_: Any) -> None:
    _closing[0] = 1
    try:
        _workers.leave(this_worker(settings))
    except SluiceError:
        return


def _begin(**_: Any) -> None:
    background.ask_instead(_wanted)


def _wanted() -> bool:
    """Whether the worker that this process belongs to is there, and not about to go."""
    return os.getppid() == _main and not _closing[0]


def _at_work(task_id: str, **_: Any) -> None:
    client, key = celery.backend.client, alive_key(task_id)
    client.set(key, "works", ex=ALIVE_SECONDS)
    pulse = Pulse(lambda: client.set(key, "works", ex=ALIVE_SECONDS), seconds=ALIVE_SECONDS / 5)
    _pulses[task_id] = pulse.__enter__()


def _done(task_id: str, **_: Any) -> None:
    if task_id in _pulses:
        _pulses.pop(task_id).__exit__(None, None, None)
    celery.backend.client.delete(alive_key(task_id))


for _signal, _receiver in (
    (signals.worker_ready, _tell),
    (signals.heartbeat_sent, _tell),
    (signals.worker_shutting_down, _close),
    (signals.worker_process_init, _begin),
    (signals.task_prerun, _at_work),
    (signals.task_postrun, _done),
):
    _signal.connect(_receiver, weak=False)
