"""A long log beside a short one: start, first query, every page and a press.

The long log is a block of made-up predictions with its answers, counted by the app's own code and
then repeated: the rows by SQL, the counts by adding them up. The model has learned every label, and
has a snapshot, as after labeling all that. Other experiments lie beside it.
"""

from __future__ import annotations

import pickle
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from playwright.sync_api import Browser

from dashboard.core import tally
from dashboard.core.events import Source
from dashboard.core.learner import Learner
from dashboard.core.messages import sample_messages
from dashboard.core.pipelines import TEXT
from dashboard.core.spec import Spec, make_spec
from dashboard.core.strategies import normalized_entropy
from dashboard.core.tally import Counts, Key, Row
from dashboard.services import datasets
from dashboard.services.container import Services, open_services
from dashboard.settings import read_settings
from dashboard.storage import log, rollups, schema
from dashboard.storage.streams import Sample, Stream
from tests.client import Client, Data
from tests.serving import Server

BLOCK = 100_000  # a whole number of buckets of every size
TEXTS = 10_000
ASKED = 0.01
MORE = 20_000  # samples left to scan: two hundred queries
SIZED = tuple(map(str, tally.BUCKET_SIZES))
PAGES = {
    "label": ("/", '[data-testid="status"][data-state="ready"]'),
    "accuracy": ("/accuracy", ".js-plotly-plot .trace"),
    "queries": ("/queries", ".js-plotly-plot .trace"),
    "entropy": ("/entropy", ".js-plotly-plot .trace"),
    "quality": ("/quality", ".js-plotly-plot .trace"),
    "skipped": ("/skipped", ".ag-row"),
    "log": ("/log", ".ag-row"),
    "experiments": ("/experiments", "#experiments-list a"),
}


class Block(NamedTuple):
    """A stretch of a log: rows, and the number of the event that scanned each."""

    rows: list[Row]
    scanned_by: list[int]
    asked: list[int]


def _block(size: int) -> Block:
    """Predictions as a long run leaves them: one in a hundred asked and answered with the truth."""
    chance = random.Random(1)
    rows, scanned_by, asked = [], [], []
    for position in range(size):
        p = chance.betavariate(0.4, 4)
        truth = int(chance.random() < p)
        ask = chance.random() < ASKED
        scanned_by.append(1 + len(asked))
        if ask:
            asked.append(position)
        rows.append(
            Row(
                position, int(p > 0.5), normalized_entropy({False: 1 - p, True: p}), ASKED,
                "random" if ask else "", truth, "label" if ask else None, truth if ask else None,
                max(p, 1 - p),
            )
        )  # fmt: skip
    return Block(rows, scanned_by, asked)


def spec_of_all() -> Spec:
    """The recipe of every experiment here."""
    return make_spec("blog", text=True, classes=2, strategy="random", budget=ASKED, floor=0.0)


def build(services: Services, n: int, slug: str) -> int:
    """Write a log of about n predictions; how many labels it has.

    Parameters
    ----------
    services
        Where to.
    n
        A multiple of `BLOCK`, or less than one.
    slug
        Of the experiment, and of its stream.

    """
    size = min(n, BLOCK)
    block, copies = _block(size), n // size
    stream = _stream(services, slug, n)
    made = services.experiments.create(slug, stream=stream, spec=spec_of_all())
    # The last query stands open, and nothing after it was scanned.
    last = block.asked[-1]
    open_at = (copies - 1) * size + last
    head = copies * len(block.asked)
    _predictions(services, made.id, block, copies)
    _events(services, made.id, block, copies)
    with services.database.write() as connection:
        predictions = schema.predictions
        mine = predictions.c.experiment_id == made.id
        connection.execute(predictions.delete().where(mine, predictions.c.position > open_at))
        connection.execute(
            predictions.update()
            .where(mine, predictions.c.position == open_at)
            .values(answered=None, answer=None, label=None)
        )
        rollups.replace(connection, made.id, _counts(block, copies, last=last))
        connection.execute(
            schema.experiments.update()
            .where(schema.experiments.c.id == made.id)
            .values(position=open_at + 1, head=head)
        )
    _snapshot(services, slug, stream)
    return head - 1


def _stream(services: Services, slug: str, n: int) -> Stream:
    items = (
        Sample(f"s{i}", {TEXT: text}, int(spam))
        for i, (text, spam) in enumerate(sample_messages(TEXTS))
    )
    stream = services.experiments.add_stream(
        slug=f"{slug}-stream", title=slug, kind="text", classes=["ham", "spam"], items=items,
        source="made by the bench",
    )  # fmt: skip
    samples = schema.samples
    total, first = n + MORE, TEXTS
    while first < total:  # what is there is doubled, a block at most
        more = min(first, BLOCK, total - first)
        with services.database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO samples (stream_id, position, sample_id, text, fields, truth)"
                " SELECT stream_id, position + ?, 's' || (position + ?), text, fields, truth"
                " FROM samples WHERE stream_id = ? AND position < ?",
                (first, first, stream.id, more),
            )
        first += more
    with services.database.write() as connection:
        count = sa.select(sa.func.max(samples.c.position) + 1).where(
            samples.c.stream_id == stream.id
        )
        connection.execute(
            schema.streams.update()
            .where(schema.streams.c.id == stream.id)
            .values(samples=count.scalar_subquery(), truths=count.scalar_subquery())
        )
    return services.experiments.ensure_stream(stream.slug)


def _predictions(services: Services, experiment_id: int, block: Block, copies: int) -> None:
    number = {position: j for j, position in enumerate(block.asked)}
    values = [
        (
            experiment_id, r.position, by, r.predicted, log.pack((1 - p, p)), r.entropy,
            r.query_probability, r.reason, r.truth,
            number[r.position] + 2 if r.answer else None, r.answer, r.label,
        )
        for r, by in zip(block.rows, block.scanned_by, strict=True)
        for p in [r.probability if r.predicted else 1 - (r.probability or 0)]
    ]  # fmt: skip
    with services.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO predictions (experiment_id, position, voided, seq, predicted,"
            " probabilities, entropy, query_probability, reason, truth, answered, answer, label,"
            " at) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            values,
        )
    for copy in range(1, copies):
        further, later = copy * len(block.rows), copy * len(block.asked)
        with services.database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO predictions (experiment_id, position, voided, seq, predicted,"
                " probabilities, entropy, query_probability, reason, truth, answered, answer,"
                " label, at)"
                " SELECT experiment_id, position + ?, 0, seq + ?, predicted, probabilities,"
                " entropy, query_probability, reason, truth, answered + ?, answer, label, at"
                " FROM predictions WHERE experiment_id = ? AND position < ?",
                (further, later, later, experiment_id, len(block.rows)),
            )


def _events(services: Services, experiment_id: int, block: Block, copies: int) -> None:
    """The first scan, and an event for each answer but the last query's."""
    every = [
        (copy * len(block.rows) + position, block.rows[position].label, copy)
        for copy in range(copies)
        for position in block.asked
    ]
    statement = (
        "INSERT INTO events (experiment_id, seq, kind, position, label, first, stop, annotator,"
        " source, milliseconds, at, voided) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
    )
    first = (experiment_id, 1, "scan", None, None, 0, every[0][0] + 1, "", Source.PERSON.value,
             None, 0)  # fmt: skip
    answers = [
        (experiment_id, j + 2, "label", position, label, position + 1, every[j + 1][0] + 1,
         "local", Source.PERSON.value, 500, copy * tally.HOUR)
        for j, (position, label, copy) in enumerate(every[:-1])
    ]  # fmt: skip
    with services.database.write() as connection:
        connection.exec_driver_sql(statement, [first, *answers])


def _counts(block: Block, copies: int, *, last: int) -> dict[Key, str]:
    """The counts of all of it, of which the last copy ends with an open query."""
    open_query = block.rows[last]._replace(answer=None, label=None)
    whole = tally.tally(block.rows)
    end = tally.tally([*block.rows[:last], open_query])
    for hours, labels in ((whole, len(block.asked)), (end, len(block.asked) - 1)):
        counts = {"labels": labels, "from:person": labels, "timed": labels, "ms": 500 * labels}
        hours["hour", 0] = Counter(counts)
    total: dict[Key, Counts] = {}
    for copy in range(copies):
        for (kind, bucket), counts in (whole if copy < copies - 1 else end).items():
            moved = bucket
            if kind in SIZED:
                moved += copy * len(block.rows) // int(kind)
            elif kind == "hour":
                moved += copy
            total.setdefault((kind, moved), Counter()).update(counts)
    texts = {key: rollups._dump(counts) for key, counts in total.items()}
    return {key: text for key, text in texts.items() if text != "{}"}


def _snapshot(services: Services, slug: str, stream: Stream) -> None:
    """What the model would be after all these labels."""
    found = services.experiments.find(slug)
    learner = Learner(found.spec, n_classes=2)
    texts = [{TEXT: text} for text, _ in sample_messages(TEXTS)]
    with services.database.read() as connection:
        labels = log.labels_since(connection, found.id, 0)
    learner.replay(
        ((texts[position % TEXTS], label) for position, label in labels),
        draws=found.position, state=found.strategy_state,
    )  # fmt: skip
    services.labeling.snapshots.put(
        found, pickle.dumps(learner, protocol=5), head=found.head, position=found.position, at=0
    )


def _beside(services: Services, count: int) -> None:
    stream = services.experiments.ensure_stream(datasets.SAMPLE_MESSAGES)
    for number in range(count):
        made = services.experiments.create(f"beside {number}", stream=stream, spec=spec_of_all())
        services.runs.oracle(made.slug, count=2)
    services.labeling.settle()


def large_table(
    browser: Browser,
    folder: Path,
    *,
    sizes: tuple[int, ...],
    beside: int,
    rounds: int,
    say: Callable[[str], None],
) -> None:
    """Print what start, first query, pages and presses cost, per length of the log.

    Parameters
    ----------
    browser
        Opens the pages.
    folder
        An empty folder.
    sizes
        Lengths of the logs; the first is the reference.
    beside
        How many other experiments there are.
    rounds
        How often each page is opened; ten times as many presses.
    say
        Prints a line.

    """
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    slugs = {}
    for n in sizes:
        began = time.perf_counter()
        labels = build(services, n, f"log-{n}")
        slugs[n] = f"log-{n}"
        say(f"{n:,} predictions, {labels:,} labels written in {time.perf_counter() - began:.0f} s")
    _beside(services, beside)
    services.database.close()
    say(f"{(folder / 'sluice.db').stat().st_size / 1e6:,.0f} MB, {beside} experiments beside them")
    say(f"{'ms':<28}" + "".join(f"{n:>14,}" for n in sizes) + f"{'ratio':>9}")
    server = Server(folder)
    _row("start to first query", {n: [_start(server, slug)] for n, slug in slugs.items()}, say)
    server.start()
    try:
        _presses(server, slugs, rounds=10 * rounds, say=say)
        for name in PAGES:
            _page(browser, server, name, slugs, rounds=rounds, say=say)
    finally:
        server.stop()


def _row(name: str, times: dict[int, list[float]], say: Callable[[str], None]) -> None:
    medians = [statistics.median(values) for values in times.values()]
    ratio = medians[-1] / medians[0]
    say(f"{name:<28}" + "".join(f"{m:>14.1f}" for m in medians) + f"{ratio:>8.2f}×")


def _start(server: Server, slug: str) -> float:
    began = time.perf_counter()
    server.start()
    try:
        view = Client(server.url).wish(slug, "look")
        took = time.perf_counter() - began
        assert view["query"] is not None, view["trouble"]
    finally:
        server.stop()
    return 1000 * took


def _presses(
    server: Server, slugs: dict[int, str], *, rounds: int, say: Callable[[str], None]
) -> None:
    client = Client(server.url)
    times: dict[int, list[float]] = {n: [] for n in slugs}
    for number in range(rounds):
        for n, slug in slugs.items():
            view = _ready(client, slug, nonce=f"scan-{n}-{number}")
            began = time.perf_counter()
            client.wish(
                slug, "answer", position=view["query"]["position"], label=number % 2,
                key=f"press-{n}-{number}", milliseconds=500,
            )  # fmt: skip
            if number:  # the first reads the snapshot
                times[n].append(1000 * (time.perf_counter() - began))
    _row("press, over HTTP", times, say)


def _ready(client: Client, slug: str, *, nonce: str) -> Data:
    """What is on the screen once there is a query: on a slow machine a job has to look for it."""
    deadline = time.monotonic() + 120
    while (view := client.wish(slug, "look"))["query"] is None:
        assert time.monotonic() < deadline, view["trouble"]
        if wanted := view["start"] or view.get("offer"):
            client.finish_job(client.start_job(wanted, slug, f"{nonce}-{time.monotonic()}"))
        time.sleep(0.05)
    return view


def _page(
    browser: Browser,
    server: Server,
    name: str,
    slugs: dict[int, str],
    *,
    rounds: int,
    say: Callable[[str], None],
) -> None:
    path, sign = PAGES[name]
    times: dict[int, list[float]] = {n: [] for n in slugs}
    context = browser.new_context()
    for number in range(rounds + 1):
        for n, slug in slugs.items():
            page = context.new_page()
            began = time.perf_counter()
            page.goto(f"{server.url}{path}?experiment={slug}")
            page.wait_for_selector(sign, state="attached", timeout=120_000)
            if number:  # the first fills the browser's cache
                times[n].append(1000 * (time.perf_counter() - began))
            page.close()
    context.close()
    _row(f"{name} page", times, say)


def same_counts(services: Services, slugs: Iterable[str]) -> bool:
    """Whether the counts that were added up are those that the log gives."""
    with services.database.read() as connection:
        ids = [services.experiments.find(slug).id for slug in slugs]
        return all(rollups.stored(connection, i) == rollups.recount(connection, i) for i in ids)
