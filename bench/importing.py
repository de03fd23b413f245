"""The import of a large file: memory, and rows per second beside a bare read of the same file.

The bare read is Python's `csv`, which the importer uses, over all rows and nothing else. PyArrow's
reader and SQLite alone, taking the same samples in transactions of the same size, stand beside it:
they say what a faster reader could gain.
"""

from __future__ import annotations

import csv
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median

import psutil
import pyarrow.csv
import pysqlite3

from dashboard.services.container import Services, open_services
from dashboard.services.importing.plan import Plan
from dashboard.settings import read_settings

_BATCH = 4_000
_ROUNDS = 5


def make(path: Path, *, rows: int) -> None:
    """Write a CSV file of ids, texts of about 180 characters, and labels."""
    rng = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(5_000)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        for i in range(rows):
            text = " ".join(rng.choices(words, k=rng.randint(20, 36)))
            if i % 10 == 0:
                text += ', “quoted” "said" é'
            writer.writerow([f"row-{i:07d}", text, "spam" if rng.random() < 0.3 else "ham"])


class Memory:
    """The most memory that this process and its children had together."""

    def __init__(self) -> None:
        self.peak = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at it ten times a second."""
        done = threading.Event()
        thread = threading.Thread(target=self._look, args=(done,), daemon=True)
        thread.start()
        yield
        done.set()
        thread.join()

    def _look(self, done: threading.Event) -> None:
        me = psutil.Process()
        while not done.wait(0.1):
            total = me.memory_info().rss
            for child in me.children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bare(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass


def _arrow(path: Path) -> None:
    for _ in pyarrow.csv.open_csv(path):
        pass


def _database(path: Path, folder: Path) -> None:
    """The same samples into a table of the same kind, and nothing else."""
    (folder / "bare.db").unlink(missing_ok=True)
    database = pysqlite3.connect(str(folder / "bare.db"), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE TABLE samples (stream_id INTEGER, position INTEGER, sample_id TEXT, text TEXT, "
        "fields TEXT, truth SMALLINT, PRIMARY KEY (stream_id, position)) WITHOUT ROWID"
    )
    position = 0
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        while batch := list(islice(rows, _BATCH)):
            lines = [
                (1, position + i, own, text, None, 0) for i, (own, text, _) in enumerate(batch)
            ]
            position += len(batch)
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)", lines)
            database.execute("COMMIT")
    database.close()


def _canceled(services: Services, plan: Plan) -> int:
    """Import half of it, cancel, and count what is left."""
    half = plan.estimate // 2
    services.importer.run(replace(plan, name="canceled"), watch=lambda done, *_: done < half)
    with services.database.read() as connection:
        count = "SELECT count(*) FROM samples JOIN streams ON id = stream_id WHERE ready = 0"
        return int(connection.exec_driver_sql(count).scalar() or 0)


def import_table(folder: Path, *, rows: int, say: Callable[[str], None]) -> None:
    """Print how an import does beside a bare read of its file.

    Parameters
    ----------
    folder
        An empty folder.
    rows
        How many rows the file has.
    say
        Prints a line.

    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "large.csv"
    make(path, rows=rows)
    services = open_services(read_settings({"SLUICE_DATA": str(folder / "data")}))
    began = time.perf_counter()
    found = services.importer.preview(path)
    preview = time.perf_counter() - began
    plan = Plan(
        path=str(path),
        file=path.name,
        format=found.format,
        name="large",
        text="text",
        id="id",
        label="label",
        classes=("ham", "spam"),
        estimate=found.estimate,
    )
    memory = Memory()
    with memory.watched():  # before anything else has taken some
        services.importer.run(replace(plan, name="watched"))
    works: dict[str, Callable[[], object]] = {
        "bare read by csv": lambda: _bare(path),
        "import, classes given": lambda: services.importer.run(
            replace(plan, name=f"given {time.time_ns()}")
        ),
        "import, classes looked for first": lambda: services.importer.run(
            replace(plan, name=f"found {time.time_ns()}", classes=())
        ),
        "bare read by PyArrow": lambda: _arrow(path),
        "read by csv, written to bare SQLite": lambda: _database(path, folder),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_ROUNDS):  # by turns: the machine is noisy, and not evenly
        for name, work in works.items():
            times[name].append(_seconds(work))
    left = _canceled(services, plan)
    services.database.close()
    say(f"Import of {rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, median of {_ROUNDS} rounds")
    bare = times["bare read by csv"]
    for name, seconds in times.items():
        ratio = median(a / b for a, b in zip(bare, seconds, strict=True))
        say(f"{name:<38}{rows / median(seconds):>12,.0f} rows/s{ratio:>8.2f} ×")
    say(f"{'most memory, all processes':<38}{memory.peak / 2**20:>12,.0f} MiB")
    say(f"{'first rows shown after':<38}{preview:>12.2f} s")
    say(f"{'rows left after Cancel':<38}{left:>12,}\n")
