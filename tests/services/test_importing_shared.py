"""Data sets that people bring, from file to stream; skipped where they are not at hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dashboard.services.importing.plan import Plan
from dashboard.storage import streams

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(autouse=True)
def _at_hand() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"the data sets are not in {SHARED}")


def plan(services, path, **chosen):
    found = services.importer.preview(path)
    return Plan(path=str(path), file=path.name, format=found.format, text=found.text,
                label=found.label, **chosen)  # fmt: skip


def test_youtube_comments_in_five_files(services):
    paths = sorted((SHARED / "youtube").glob("*.csv"))
    assert len(paths) == 5
    services.importer.run(plan(services, paths[0], name="youtube"))
    for path in paths[1:]:
        services.importer.run(plan(services, path, append="youtube"))
    expected = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                label = row.get("CLASS", row.get("label"))
                expected.append((row["CONTENT"].strip("\r\n"), int(label)))
    with services.database.read() as connection:
        stream = streams.find(connection, "youtube")
        rows = [row for part in streams.stored(connection, stream.id) for row in part]
        assert stream.fingerprint == streams.fingerprint(connection, stream.id)
    assert (stream.samples, stream.classes) == (1956, ("0", "1"))
    assert [(text, truth) for _, text, _, truth in rows] == expected


def test_banking_with_77_classes(services):
    made = services.importer.run(plan(services, SHARED / "banking77" / "train.csv", name="banking"))
    assert (made.rows, made.labeled, len(made.stream.classes)) == (10_003, 10_003, 77)
