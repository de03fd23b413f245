"""Background callbacks handed to Celery workers, through Redis.

Dash's `CeleryManager` polls for ever when a worker was killed, kills a worker's process whenever a
result is read, and now and then misses a result that arrives between two of its looks. Here a job
has a sign of life in Redis that its process renews; without it nobody waits any longer.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from dash import CeleryManager
from kombu.exceptions import OperationalError
from plotly.utils import PlotlyJSONEncoder
from redis.exceptions import RedisError

from dashboard.errors import Unavailable
from dashboard.services.workers import PATIENCE_SECONDS, code_version, unreachable
from dashboard.settings import Settings

WAIT_SECONDS = 3600  # how long a job may wait for a worker
ALIVE_SECONDS = 15  # how long a job is believed to live without a sign
MOST_SECONDS = 12 * 3600  # then a job is killed; it goes on where the log stands
# What a session is known by stays out of Redis: a job learns whose it is from `custom_data`.
_KEPT_BACK = ("cookies", "headers")
_UNKNOWN = object()


def queue_name() -> str:
    """Where the jobs of this release are put: a worker of another one never sees them."""
    return f"sluice-{code_version()}"


def make_celery(settings: Settings, *, patient: bool = False) -> Celery:
    """Celery, set up so that only JSON travels and nothing runs twice.

    Parameters
    ----------
    settings
        Where Redis is.
    patient
        Whether to wait for Redis where it is away, as a worker does; a server tells its page.

    """
    celery = Celery("sluice", broker=settings.redis_url, backend=settings.redis_url)
    tries = {"max_retries": 20 if patient else 1, "interval_start": 0, "interval_step": 0.5}
    celery.conf.update(
        task_default_queue=queue_name(),
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        result_expires=24 * 3600,
        task_time_limit=MOST_SECONDS,
        # A job goes on where the log stands when somebody asks again: it is never sent twice.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=PATIENCE_SECONDS,
        broker_transport_options={"socket_connect_timeout": PATIENCE_SECONDS},
        redis_socket_connect_timeout=PATIENCE_SECONDS,
        redis_socket_timeout=4 * PATIENCE_SECONDS,
        redis_retry_on_timeout=patient,
        result_backend_transport_options={"retry_policy": tries},
        task_publish_retry_policy=tries,
    )
    return celery


class QueueManager(CeleryManager):
    """`CeleryManager` that notices when a job is gone.

    Parameters
    ----------
    celery
        From `make_celery`.
    settings
        Where Redis is.

    """

    def __init__(self, celery: Celery, settings: Settings):
        super().__init__(celery)
        self.settings = settings
        self._seen = threading.local()

    def call_job_fn(self, key: str, job_fn: Any, args: Any, context: Any) -> str:
        """Put a job into the queue; its handle is Celery's."""
        told = {name: value for name, value in dict(context).items() if name not in _KEPT_BACK}
        args, told = json.loads(json.dumps([args, told], cls=PlotlyJSONEncoder))
        job = str(uuid.uuid4())
        with self._guard():
            self.handle.backend.client.set(alive_key(job), "waits", ex=WAIT_SECONDS)
            job_fn.apply_async(
                (key, self._make_progress_key(key), args, told), task_id=job, expires=WAIT_SECONDS
            )
        return job

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except (RedisError, OperationalError, OSError) as error:
            raise Unavailable(unreachable(self.settings, error)) from error

    def get_result(self, key: str, job: str) -> Any:
        """What a job left, or `UNDEFINED`. It is left alone: it may have more to write."""
        # First: what ends between the two looks is found by the second.
        self._seen.job, self._seen.running = job, self._lives(job)
        try:
            left = self.handle.backend.client.get(key)
            if left is None:
                return self.UNDEFINED
            self.handle.backend.client.delete(key)
        except (RedisError, OSError):  # it may be back at the next poll
            return self.UNDEFINED
        self._seen.running = False
        return json.loads(left)

    def job_running(self, job: str) -> bool:
        """Whether a job waits or is at work, as of the look for its result."""
        if getattr(self._seen, "job", _UNKNOWN) == job:
            self._seen.job = _UNKNOWN
            return bool(self._seen.running)
        return self._lives(job)

    def _lives(self, job: str | None) -> bool:
        if not job:
            return False
        try:
            alive = bool(self.handle.backend.client.exists(alive_key(job)))
            return alive and self.get_task(job).status not in ("FAILURE", "REVOKED")
        except (RedisError, OSError):
            return True

    def terminate_job(self, job: str | None) -> None:
        """Take a job out of the queue, or end its process."""
        if job:
            with self._guard():
                self.handle.backend.client.delete(alive_key(job))
                super().terminate_job(job)

    def get_updated_props(self, key: str) -> dict[str, Any]:
        """None: no job of ours sets properties, and Dash forgets to clear them away."""
        return {}


def alive_key(job: str) -> str:
    """Where the sign of life of a job is."""
    return f"sluice-alive:{job}"
