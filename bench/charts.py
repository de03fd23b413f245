"""A chart's data from the rollups, at growing lengths of the log, beside the same at 10,000."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from dashboard.core import tally
from dashboard.core.pipelines import TEXT
from dashboard.core.spec import make_spec
from dashboard.core.strategies import normalized_entropy
from dashboard.core.tally import Row
from dashboard.services.container import Services, open_services
from dashboard.settings import read_settings
from dashboard.storage import rollups, schema
from dashboard.storage.log import pack
from dashboard.storage.streams import Sample

CHUNK = 10_000
ASKED = 0.01
ROUNDS = 15


def _made_up(n: int, *, seed: int) -> Iterator[Row]:
    """Predictions as a long run leaves them: one in a hundred asked, truth known."""
    chance = random.Random(seed)
    for position in range(n):
        p = chance.betavariate(0.4, 4)
        truth = int(chance.random() < p)
        asked = chance.random() < ASKED
        yield Row(
            position,
            int(p > 0.5),
            normalized_entropy({False: 1 - p, True: p}),
            ASKED,
            "entropy" if asked else "",
            truth,
            "label" if asked else None,
            truth if asked else None,
            max(p, 1 - p),
        )


def _fill(services: Services, slug: str, n: int) -> None:
    """Write predictions and rollups of an experiment as one long scan would have."""
    experiment = services.experiments.find(slug)
    chunk: list[Row] = []
    for row in _made_up(n, seed=n):
        chunk.append(row)
        if len(chunk) == CHUNK:
            _write(services, experiment.id, chunk)
            chunk.clear()
    with services.database.write() as connection:
        connection.execute(
            schema.experiments.update()
            .where(schema.experiments.c.id == experiment.id)
            .values(position=n, head=1)
        )


def _write(services: Services, experiment_id: int, chunk: list[Row]) -> None:
    statement = (
        "INSERT INTO predictions (experiment_id, position, voided, seq, predicted, probabilities,"
        " entropy, query_probability, reason, truth, answered, answer, label, at)"
        " VALUES (?, ?, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
    )
    values = [
        (
            experiment_id,
            r.position,
            r.predicted,
            pack((0.5, 0.5)),
            r.entropy,
            r.query_probability,
            r.reason,
            r.truth,
            1 if r.answer else None,
            r.answer,
            r.label,
        )
        for r in chunk
    ]
    with services.database.write() as connection:
        connection.exec_driver_sql(statement, values)
        rollups.add(connection, experiment_id, tally.tally(chunk))


def chart_table(folder: Path, *, sizes: list[int], say: Callable[[str], None]) -> None:
    """Milliseconds of each chart's data, medians, and the ratio to the smallest log.

    Parameters
    ----------
    folder
        An empty data folder.
    sizes
        Lengths of the logs; the first is the reference.
    say
        Prints a line.

    """
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    stream = services.experiments.add_stream(
        slug="made",
        title="Made",
        kind="text",
        classes=["ham", "spam"],
        items=iter([Sample("0", {TEXT: "one"}, 0)]),
        source="made by the bench",
    )
    spec = make_spec("blog", text=True, classes=2)
    for n in sizes:
        services.experiments.create(f"log {n}", stream=stream, spec=spec)
        began = time.perf_counter()
        _fill(services, f"log-{n}", n)
        services.advisor.set_target(f"log-{n}", "95", "2")
        say(f"{n:,} predictions written in {time.perf_counter() - began:.0f} s")
    reports = services.reports
    charts: dict[str, Callable[[str], object]] = {
        "accuracy": reports.accuracy,
        "queries": reports.queries,
        "entropy": reports.entropy,
        "quality": reports.quality,
        "advice": services.advisor.evidence,
    }
    say(f"{'chart data, ms':<16}" + "".join(f"{n:>14,}" for n in sizes) + f"{'ratio':>9}")
    for name, chart in charts.items():
        times: dict[int, list[float]] = {n: [] for n in sizes}
        for _ in range(ROUNDS):
            for n in sizes:
                began = time.perf_counter()
                chart(f"log-{n}")
                times[n].append(1000 * (time.perf_counter() - began))
        medians = [statistics.median(times[n]) for n in sizes]
        say(
            f"{name:<16}"
            + "".join(f"{m:>14.1f}" for m in medians)
            + f"{medians[-1] / medians[0]:>8.2f}×"
        )
    with services.database.read() as connection:
        rows = connection.execute(sa.select(sa.func.count()).select_from(schema.rollups)).scalar()
    say(f"({rows:,} rollup rows)")
