"""What `recommended` costs and earns on every data set at hand, as the table of the README.

Each run shuffles a set, keeps its last fifth for evaluation alone, and lets an oracle answer the
queries on the rest, once. Beside it, on the same shuffle: the same pipeline with as many labels
drawn at random, the same pipeline with all labels, and the `blog` preset. Sets that are not
there are left out, with the reason.

::

    python scripts/textsets.py
    python scripts/textsets.py --shuffles 20 --only recommended
    python scripts/textsets.py --sets youtube --budget 0.15

"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard.core import scores
from dashboard.core.learner import Learner
from dashboard.core.pipelines import TEXT
from dashboard.core.simulation import Example, evaluate, shuffled, simulate, split
from dashboard.core.spec import PRESETS, Spec, make_spec
from dashboard.errors import SluiceError, Unavailable
from dashboard.services.datasets import builtin

HOLDOUT = 0.2
PROCESSES = 2
WAYS = ("recommended", "random", "everything", "blog")
WORDS = {
    "recommended": "`recommended`",
    "random": "as many at random",
    "everything": "every label",
    "blog": "`blog`",
}


class Score(NamedTuple):
    """One way of labeling one shuffle.

    Parameters
    ----------
    labels
        How many it took.
    accuracy, f1
        On the held-out samples; F1 is the mean over all classes.
    second
        F1 of the second class alone, where there are two.
    named
        How many classes the model names on the held-out samples.
    seconds
        How long it took.

    """

    labels: int
    accuracy: float
    f1: float
    second: float | None
    named: int
    seconds: float


class Task(NamedTuple):
    """A shuffle of a set, labeled in one way or several."""

    name: str
    folder: str
    shuffle: int
    ways: tuple[str, ...]
    choices: dict[str, Any]


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _youtube(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((folder / "youtube").glob("Youtube*.csv")):
        for row in _table(path):
            yield row["CONTENT"], "spam" if row.get("CLASS", row.get("label")) == "1" else "fine"


def _banking(folder: Path) -> Iterator[tuple[str, str]]:
    for part in ("train", "test"):
        for row in _table(folder / "banking77" / f"{part}.csv"):
            yield row["text"], row["category"]


def _clinc(folder: Path) -> Iterator[tuple[str, str]]:
    data = json.loads((folder / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    for part in ("train", "val", "test"):
        yield from data[part]


def _clinc_domains(folder: Path) -> Iterator[tuple[str, str]]:
    named = json.loads((folder / "clinc150" / "domains.json").read_text(encoding="utf-8"))
    domain = {intent: name for name, intents in named.items() for intent in intents}
    for text, intent in _clinc(folder):
        yield text, domain[intent]


FILES: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "youtube": _youtube,
    "clinc150, 10 domains": _clinc_domains,
    "banking77": _banking,
    "clinc150": _clinc,
}
BUILT_IN = ("sms-spam", "phishing", "image-segments")
SETS = (BUILT_IN[0], *FILES, *BUILT_IN[1:])


class Data(NamedTuple):
    """A set in file order."""

    examples: list[Example]
    n_classes: int
    text: bool


@lru_cache(maxsize=1)
def load(name: str, folder: str) -> Data:
    """A set by name; `Unavailable` where its files are not there."""
    if name in BUILT_IN:
        source = builtin(name)
        items = source.items(lambda _done, _total: None)
        known = [(item.fields, item.truth) for item in items if item.truth is not None]
        return Data(known, len(source.classes), source.kind == "text")
    try:
        pairs = list(FILES[name](Path(folder)))
    except OSError as error:
        raise Unavailable(f"{name} is left out: {error.filename} cannot be read.") from error
    if not pairs:
        raise Unavailable(f"{name} is left out: there are no files of it in {folder}.")
    index = {label: i for i, label in enumerate(sorted({label for _, label in pairs}))}
    return Data([({TEXT: text}, index[label]) for text, label in pairs], len(index), True)


def told(stream: Sequence[Example], spec: Spec, n_classes: int) -> Learner:
    """A model that was told the labels of a stream, in order, without being asked."""
    learner = Learner(spec, n_classes=n_classes)
    for x, label in stream:
        learner.learn(x, label)
    return learner


def score(labels: int, confusion: scores.Confusion, n_classes: int, began: float) -> Score:
    """The scores of a confusion matrix of held-out samples."""
    return Score(
        labels,
        scores.accuracy(confusion) or 0.0,
        statistics.fmean(scores.f1_of(confusion, c) for c in {truth for truth, _ in confusion}),
        scores.f1_of(confusion, 1) if n_classes == 2 else None,
        len({predicted for _, predicted in confusion} - {None}),
        time.process_time() - began,
    )


def run(task: Task) -> dict[str, Score]:
    """All ways of labeling one shuffle that were asked for."""
    data = load(task.name, task.folder)
    n = data.n_classes
    everything = shuffled(data.examples, task.shuffle)
    stream, kept = split(everything, HOLDOUT)
    made: dict[str, Score] = {}
    spec = make_spec("recommended", text=data.text, classes=n, **task.choices)
    for way in task.ways:
        began = time.process_time()
        if way == "recommended" or (way == "blog" and data.text):
            chosen = spec if way == "recommended" else make_spec("blog", text=True, classes=n)
            outcome = simulate(everything, chosen, n_classes=n, holdout=HOLDOUT)
            made[way] = score(outcome.labels, outcome.holdout, n, began)
        elif way != "blog":
            share = range(len(stream))
            if way == "random":
                count = made["recommended"].labels
                share = sorted(random.Random(task.shuffle).sample(share, count))  # type: ignore
            learner = told([stream[i] for i in share], spec, n)
            made[way] = score(len(share), evaluate(learner, kept), n, began)
    return made


def summary(runs: Sequence[Score]) -> str:
    """Labels, accuracy, mean F1 with the worst in brackets.

    Examples
    --------
    >>> summary([Score(200, 0.98, 0.9, None, 2, 1.0), Score(221, 0.99, 0.95, None, 2, 1.0)])
    '210 · .985 · .925 (.900)'

    """
    means = [statistics.fmean(column) for column in zip(*(r[:3] for r in runs), strict=True)]
    worst = min(r.f1 for r in runs)
    return f"{means[0]:,.0f} · {_short(means[1])} · {_short(means[2])} ({_short(worst)})"


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def collapsed(runs: Sequence[Score]) -> int:
    """In how many runs the model ended with one class, or next to it.

    Examples
    --------
    >>> collapsed([Score(9, 0.9, 0.47, 0.0, 1, 1.0), Score(9, 0.9, 0.8, 0.7, 2, 1.0)])
    1

    """
    return sum(r.named < 2 or r.f1 < 0.5 for r in runs)


def row(name: str, n_classes: int, runs: Sequence[dict[str, Score]], ways: Sequence[str]) -> str:
    """A line of the table."""
    cells = [name, str(n_classes)]
    cells += [summary([r[way] for r in runs]) if way in runs[0] else "–" for way in ways]
    main = [r["recommended"] for r in runs]
    second = [r.second for r in main if r.second is not None]
    cells += [_short(statistics.fmean(second)) if second else "–"]
    cells += [f"{collapsed(main)} of {len(main)}"]
    return f"| {' | '.join(cells)} |"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Simulate `recommended` and what it has to beat on every data set at hand."
    )
    parser.add_argument("--shuffles", type=int, default=10, metavar="N", help="how many (10)")
    parser.add_argument(
        "--texts",
        default=os.environ.get("SLUICE_TEXTS", "../shared/data"),
        metavar="FOLDER",
        help="where the text sets are; SLUICE_TEXTS, else ../shared/data",
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS, metavar="SET")
    parser.add_argument("--only", nargs="+", choices=WAYS, default=WAYS, metavar="WAY")
    for name in ("pipeline", "strategy"):
        parser.add_argument(f"--{name}", metavar="NAME", help="instead of the preset's")
    for name in ("budget", "floor"):
        parser.add_argument(f"--{name}", type=float, metavar="SHARE")
    arguments = parser.parse_args(argv)
    if arguments.shuffles < 1:
        parser.error("--shuffles has to be at least 1.")
    return arguments


def _there(arguments: argparse.Namespace) -> list[str]:
    found = []
    for name in arguments.sets:
        try:
            load(name, arguments.texts)
            found.append(name)
        except Unavailable as error:
            print(error, file=sys.stderr)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run and print; the exit code is 2 where something typed cannot be used."""
    arguments = _arguments(argv)
    names = ("pipeline", "strategy", "budget", "floor")
    choices = {n: v for n in names if (v := getattr(arguments, n)) is not None}
    ways = tuple(w for w in WAYS if w == "recommended" or w in arguments.only)
    head = ["set", "classes", *(WORDS[w] for w in ways), f"F1 of the second, {PRESETS[0]}"]
    print(f"| {' | '.join([*head, 'collapsed'])} |\n|{'---|' * (len(head) + 1)}", flush=True)
    with ProcessPoolExecutor(PROCESSES, initializer=os.nice, initargs=(19,)) as pool:
        for name in _there(arguments):
            tasks = [
                pool.submit(run, Task(name, arguments.texts, shuffle, ways, choices))
                for shuffle in range(arguments.shuffles)
            ]
            try:
                runs = [task.result() for task in as_completed(tasks)]
            except SluiceError as error:
                print(error, file=sys.stderr)
                return 2
            data = load(name, arguments.texts)
            print(row(name, data.n_classes, runs, ways), flush=True)
            for way in ways:
                if way in runs[0]:
                    spent = statistics.fmean(r[way].seconds for r in runs)
                    print(f"{name}, {way}: {spent:.1f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
