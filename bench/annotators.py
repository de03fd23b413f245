"""Several people at once on one experiment: labels per second, and how long a press takes.

They label over HTTP with sessions of their own, as the page does. Each table ends with the check
that every acknowledged answer is in the log once, and that the log verifies.
"""

from __future__ import annotations

import statistics
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from dashboard.core.spec import make_spec
from dashboard.services import datasets
from tests.serving import Server
from tests.torture.annotators import Crowd
from tests.torture.checks import compare, stored_answers, verify_all
from tests.torture.killing import names_for, people
from tests.torture.victims import opened

THINK = 2.0
LONG = 1.0  # seconds: a request that takes longer has to say why


def annotators_table(
    folder: Path,
    *,
    annotators: tuple[int, ...],
    workers: tuple[int, ...],
    seconds: float,
    say: Callable[[str], None],
) -> None:
    """Print labels per second without thinking time, and presses with 2 s of it.

    Parameters
    ----------
    folder
        An empty folder.
    annotators, workers
        How many of each, in turn.
    seconds
        How long each measurement takes.
    say
        Prints a line.

    """
    say(f"Annotators on one experiment, {seconds:g} s each; press in ms, thinking {THINK:g} s")
    say(
        f"{'':<28}{'labels/s':>9}{'p50':>7}{'p95':>7}{'p99':>7}{'most':>8}{'> 1 s':>7}{'lost':>6}"
        f"{'doubled':>9}{'shown to two':>14}"
    )
    for processes in workers:
        here = folder / f"workers-{processes}"
        here.mkdir(parents=True)
        server = Server(here / "data", workers=processes, **people(here / "users", max(annotators)))
        _create(server, [f"{how}-{n}" for n in annotators for how in ("quick", "thinking")])
        server.start()
        try:
            say(f"{f'{processes} workers: /healthz':<28}{'':>9}{_health(server):>7.1f}")
            for number in annotators:
                _row(server, number, workers=processes, seconds=seconds, say=say)
        finally:
            server.stop()


def _create(server: Server, slugs: list[str]) -> None:
    with opened(server) as services:
        stream = services.experiments.ensure_stream(datasets.SAMPLE_MESSAGES)
        spec = make_spec(text=True, classes=2, strategy="random", budget=0.5, floor=0.0)
        for slug in slugs:
            services.experiments.create(slug, stream=stream, spec=spec)


def _health(server: Server) -> float:
    """Milliseconds of the least that the server can be asked for, the median of 30."""
    times = []
    for _ in range(30):
        began = time.perf_counter()
        urllib.request.urlopen(server.url + "/healthz", timeout=60).close()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _row(
    server: Server, annotators: int, *, workers: int, seconds: float, say: Callable[[str], None]
) -> None:
    rate, counted = 0.0, {"lost": 0, "doubled": 0, "shown to two": 0}
    presses: list[tuple[float, str]] = []
    for how, think in (("quick", 0.0), ("thinking", THINK)):
        slug = f"{how}-{annotators}"
        names = names_for(max(annotators, 2))[:annotators]  # a single one signs in, too
        crowd = Crowd(server, slug, seed=annotators, names=names, think=think)
        reached = _label(crowd, seconds)
        if think:
            presses = [press for one in crowd.everyone for press in one.presses]
        else:
            rate = reached
        with opened(server) as services:
            verify_all(services)
            found = compare(stored_answers(services, slug), crowd)
        counted = {name: n + found[name] for name, n in counted.items()}
    times = sorted(1000 * took for took, _ in presses)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    long = [state for took, state in presses if took > LONG]
    silent = sum(state != "scanning" for state in long)
    say(
        f"{f'{annotators} annotators, {workers} workers':<28}{rate:>9.1f}{cuts[49]:>7.0f}"
        f"{cuts[94]:>7.0f}{cuts[98]:>7.0f}{times[-1]:>8.0f}{silent:>7}{counted['lost']:>6}"
        f"{counted['doubled']:>9}{counted['shown to two']:>14}"
    )


def _label(crowd: Crowd, seconds: float) -> float:
    """Let them label for a while once everybody has signed in; labels per second."""
    crowd.start()
    deadline = time.monotonic() + 120
    while not all(one.presses for one in crowd.everyone) and time.monotonic() < deadline:
        assert crowd.labels_on, [one.problem for one in crowd.everyone]
        time.sleep(0.01)
    for one in crowd.everyone:  # the first press of each does not count
        one.presses.clear()
    before, began = crowd.answers, time.monotonic()
    time.sleep(seconds)
    rate = (crowd.answers - before) / (time.monotonic() - began)
    crowd.stop()
    return rate
