"""Downloads of long logs: in constant memory, of one moment, and without holding on to anything."""

from __future__ import annotations

import io
import math
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from pyarrow import parquet

from dashboard.core.events import Kind, Source
from dashboard.core.spec import make_spec
from dashboard.services import encodings
from dashboard.services.container import Services, open_services
from dashboard.services.downloads import FORMATS, WHATS
from dashboard.settings import read_settings
from dashboard.storage import log, schema
from dashboard.storage.streams import Sample

MANY = 20_000
TEXT = "a text of some length, as people send them"


def fill(services: Services, name: str, n: int) -> str:
    """An experiment with n answered queries; its slug."""
    stream = services.experiments.add_stream(
        slug=name, title=name, kind="text", classes=["ham", "spam"], source="",
        items=(Sample(f"s{i}", {"text": TEXT}, None) for i in range(n)),
    )  # fmt: skip
    spec = make_spec("blog", text=True, classes=2)
    made = services.experiments.create(name, stream=stream, spec=spec)
    with services.database.write() as connection:
        connection.execute(schema.events.insert(), [answer(made.id, p) for p in range(n)])
        connection.execute(schema.predictions.insert(), [predict(made.id, p) for p in range(n)])
    return made.slug


def answer(experiment_id: int, position: int) -> dict[str, Any]:
    return {
        "experiment_id": experiment_id, "seq": position + 2, "kind": Kind.LABEL,
        "position": position, "label": 1, "first": 0, "stop": 0, "annotator": "",
        "source": Source.PERSON, "at": position, "voided": 0,
    }  # fmt: skip


def predict(experiment_id: int, position: int) -> dict[str, Any]:
    return {
        "experiment_id": experiment_id, "position": position, "voided": 0, "seq": position + 1,
        "predicted": 1, "probabilities": log.pack((0.25, 0.75)), "entropy": 0.5,
        "query_probability": 0.5, "reason": "entropy", "answered": position + 2,
        "answer": "label", "label": 1, "at": position,
    }  # fmt: skip


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services with one experiment of 20,000 answers and one of a single answer; only read."""
    opened = open_services(read_settings({"SLUICE_DATA": str(tmp_path_factory.mktemp("large"))}))
    fill(opened, "one", 1)
    fill(opened, "many", MANY)
    yield opened
    opened.database.close()


@pytest.mark.parametrize("fmt", ["csv", "jsonl"])
@pytest.mark.parametrize("what", WHATS)
def test_rows_are_read_as_they_are_sent(large: Services, what: str, fmt: str) -> None:
    list(large.downloads.stream("one", what, fmt))  # what is made once is not counted
    chunks = large.downloads.stream("many", what, fmt)
    tracemalloc.start()
    try:
        sizes = [len(next(chunks)), len(next(chunks))]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    sizes += map(len, chunks)
    assert peak < 1_500_000
    assert max(sizes) < 70_000
    assert sum(sizes) > 1_600_000


@pytest.mark.slow
def test_memory_does_not_grow_with_the_log(large: Services) -> None:
    list(large.downloads.stream("one", "predictions", "csv"))
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in large.downloads.stream("many", "predictions", "csv"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_500_000 < size


def test_parquet_is_written_in_batches(large: Services) -> None:
    chunks = list(large.downloads.stream("many", "predictions", "parquet"))
    assert max(map(len, chunks)) <= encodings.CHUNK
    stored = parquet.ParquetFile(io.BytesIO(b"".join(chunks))).metadata
    assert stored.num_rows == MANY
    assert stored.num_row_groups == math.ceil(MANY / encodings.BATCH)


@pytest.mark.parametrize("params", [{}, {"label": "spam"}, {"position_min": "0"}])
def test_labels_take_time_in_proportion(large: Services, params: dict[str, str]) -> None:
    # Were all events looked up for each prediction, those would be 400 million.
    chunks = large.downloads.stream("many", "labels", "csv", params=params)
    assert b"".join(chunks).count(b"\r\n") == MANY + 1


def test_a_download_shows_one_moment(services: Services) -> None:
    slug = fill(services, "some", 3_000)
    chunks = services.downloads.stream(slug, "predictions", "csv")
    content = next(chunks)
    with services.database.write() as connection:
        connection.execute(schema.predictions.update(), {"label": 0})
    content += b"".join(chunks)
    assert content.count(b",entropy,spam,,true,") == 3_000


def test_a_download_given_up_lets_go_of_the_database(services: Services) -> None:
    slug = fill(services, "some", 3_000)
    for what in WHATS:
        for fmt in FORMATS:
            chunks = services.downloads.stream(slug, what, fmt)
            next(chunks)
            chunks.close()  # type: ignore[attr-defined]
    with services.database.write() as connection:
        connection.execute(schema.events.update(), {"label": 0})
    assert services.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    with services.database.engine.connect() as plain:
        # Not busy: nobody reads an older state any more.
        assert plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
