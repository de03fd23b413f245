"""Workers of the service: with a clock that is moved, broken off at any statement, or killed."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from dashboard.core.events import Kind
from dashboard.services.container import Services, open_services
from dashboard.settings import Settings


class Killed(BaseException):
    """The process ends here."""


class Clock:
    """Milliseconds since 1970, which pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


def start(settings: Settings, clock: Clock) -> Services:
    """A worker, by that clock."""
    services = open_services(settings)
    for part in (services.labeling, services.views, services.jobs):
        part.clock = clock
    return services


def close(services: Services) -> None:
    """End a worker."""
    services.labeling.settle()
    services.labeling._saver.shutdown()
    services.labeling.snapshots.cache.close()
    services.database.close()


def one_more(services: Services, slug: str) -> None:
    """Scan to one more query, for nobody in particular."""
    steps = services.labeling
    with steps.held(slug) as held:
        with services.database.read() as connection:
            current = steps._current(connection, slug, held)
        steps._commit(current, steps._scan(current, 3600.0), kind=Kind.SCAN)


def break_here() -> None:
    """Strike by an error."""
    raise Killed


@contextmanager
def breaking(services: Services, moment: Any, strike: Callable[[], None]) -> Iterator[None]:
    """Strike at the given statement of the next writing transaction, or right after its commit."""
    here, count = threading.get_ident(), [0]
    database = services.database
    write = database.write

    def before(connection: Any, *_: Any) -> None:
        writes = connection.get_execution_options().get("sluice_write")
        if not writes or threading.get_ident() != here:
            return
        if count[0] == moment:
            strike()
        count[0] += 1

    @contextmanager
    def committed() -> Iterator[Any]:
        with write() as connection:
            yield connection
        if moment == "committed" and threading.get_ident() == here:
            strike()

    sa.event.listen(database.engine, "before_cursor_execute", before)
    database.write = committed  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.write = write  # type: ignore[method-assign]
        sa.event.remove(database.engine, "before_cursor_execute", before)


def in_a_child(workers: list[Services], work: Callable[[], None]) -> bool:
    """Work in a forked process; whether it was killed."""
    for services in workers:  # a child must not inherit a connection, nor a thread at work
        services.labeling.settle()
        services.labeling.snapshots.cache.close()
        services.database.engine.dispose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which have settled
        child = os.fork()
    if not child:
        with suppress(BaseException):
            work()
            os._exit(0)
        os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
