"""Background callbacks in processes of their own, forked from a clean one.

Dash's `DiskcacheManager` forks the web worker: a child then inherits whatever locks the other
threads held at that instant, and the listening socket. Here children come from a fork server, a
single-threaded process that has imported the app and nothing else. A job is known by process id
*and* start time, so that a recycled id is never killed, and is asked to end before it is killed.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import multiprocessing.context
import multiprocessing.forkserver
import multiprocessing.process
import signal
import threading
from collections.abc import Callable
from typing import Any

import psutil
from dash import DiskcacheManager
from plotly.utils import PlotlyJSONEncoder

logger = logging.getLogger(__name__)

LOCAL = "SLUICE_LOCAL_MANAGER"
SECONDS_TO_END = 2


class ForkServerManager(DiskcacheManager):
    """`DiskcacheManager` with clean children.

    Parameters
    ----------
    cache
        Where receipts are left; shared by all server processes.

    """

    def __init__(self, cache: Any):
        super().__init__(cache)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["dashboard.preload"])
        self._children: list[multiprocessing.process.BaseProcess] = []
        self._lock = threading.Lock()

    def call_job_fn(self, key: str, job_fn: Any, args: Any, context: Any) -> str:
        """Start a job; its handle is `pid:start time`."""
        name = next(k for k, fn in self.func_registry.items() if fn is job_fn)
        payload = json.dumps(
            [name, key, self._make_progress_key(key), args, dict(context)], cls=PlotlyJSONEncoder
        )
        child = self._context.Process(target=run_payload, args=(payload,), daemon=False)
        with self._lock:
            # A child whose handle is dropped takes its parent for dead: keep the living.
            self._children = [c for c in self._children if c.is_alive()]
            child.start()
            self._children.append(child)
        return f"{child.pid}:{_started(child.pid)}"

    def job_running(self, job: Any) -> bool:
        """Whether a job's process is still at work."""
        return _find(job) is not None

    def terminate_job(self, job: Any) -> None:
        """Ask a job's process to end, and kill it where it does not."""
        process = _find(job)
        if process is None:
            return
        try:
            process.terminate()
            process.wait(SECONDS_TO_END)
        except psutil.TimeoutExpired:
            process.kill()
        except psutil.NoSuchProcess:
            return

    def terminate_unhealthy_job(self, job: Any) -> bool:
        """Nothing to do: a job that is gone is told by its row."""
        return False

    def warm_up(self) -> None:
        """Start the fork server, so that the first job need not wait for the imports."""
        multiprocessing.forkserver.ensure_running()


def run_payload(payload: str) -> None:
    """Run one job. Executed in the child.

    Parameters
    ----------
    payload
        What `call_job_fn` wrote: function, keys, arguments and callback context, as JSON.

    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from dash._utils import AttributeDict

    from dashboard.app import server_app

    name, key, progress_key, args, context = json.loads(payload)
    manager = local_manager(server_app())
    manager.func_registry[name](key, progress_key, args, AttributeDict(context))


def local_manager(app: Any) -> ForkServerManager:
    """The manager of an app that starts processes of this machine."""
    found: ForkServerManager = app.server.config[LOCAL]
    return found


_ask: list[Callable[[], bool]] = []


def ask_instead(wanted: Callable[[], bool]) -> None:
    """Let another than the parent say whether a job of this process is still wanted."""
    _ask[:] = [wanted]


def parent_lives() -> bool:
    """Whether the server process or worker that started this job is still there, and stays."""
    if _ask:
        return _ask[0]()
    parent = multiprocessing.process.parent_process()
    return parent is None or parent.is_alive()


def _started(pid: int | None) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return 0.0


def _find(job: Any) -> psutil.Process | None:
    pid, _, started = str(job or "").partition(":")
    if not pid.isdigit() or not started:
        return None
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(started)) < 0.01
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return None
    return process if same and alive else None
