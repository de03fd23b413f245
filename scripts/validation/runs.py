"""Simulated experiments: what was predicted, asked and true, for many orders of a stream."""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import river
from numpy.typing import NDArray

from dashboard.core.simulation import Example
from dashboard.core.spec import Spec, make_spec
from dashboard.core.strategies import BudgetEntropySampler
from scripts.validation.lockstep import AdPredictors, OnLabel, Softmaxes, in_step, texts_of

LONGEST = 5_000
CHUNK = 250
CHECK_EVERY = 25
PROBE = 500
HELD_OUT, MOST_HELD_OUT = 0.2, 2_000


@dataclass(frozen=True)
class Runs:
    """Many runs over one stream, each in an order of its own: a row per run.

    Parameters
    ----------
    n_classes
        How many classes there are.
    floor
        Least query probability.
    predicted
        Index of the predicted class, -1 for none yet.
    truth
        Index of the true class.
    probability
        Of the predicted class.
    query_probability
        With which the sample was to be asked about.
    reason
        0 skipped, 1 asked by the strategy, 2 audit, 3 cold start.

    """

    n_classes: int
    floor: float
    predicted: NDArray[np.int16]
    truth: NDArray[np.int16]
    probability: NDArray[np.float32]
    query_probability: NDArray[np.float64]
    reason: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def samples(self) -> int:
        """Samples in each run."""
        return self.truth.shape[1]


@dataclass(frozen=True)
class Check:
    """The model after some labels.

    Parameters
    ----------
    labels, samples
        How many there had been.
    probe
        What it predicts on the fixed probe, -1 for none.
    held_out
        Its accuracy on samples that are never scanned.
    per_class
        Labels of each class.

    """

    labels: int
    samples: int
    probe: NDArray[np.int16]
    held_out: float
    per_class: tuple[int, ...]


def recipe(n_classes: int, floor: float, seed: int) -> Spec:
    """`recommended` with another floor; the budget is at least twice the floor."""
    binary = n_classes == 2
    return make_spec(
        "recommended",
        text=True,
        classes=n_classes,
        pipeline="shapes-adpredictor" if binary else "shapes-softmax",
        strategy=BudgetEntropySampler.name,
        floor=floor,
        budget=max(0.05 if binary else 0.10, 2 * floor),
        seed=seed,
    )


def order_of(n: int, seed: int) -> list[int]:
    """The numbers from 0 to n - 1 in an order that depends on nothing but the seed."""
    order = list(range(n))
    random.Random(seed).shuffle(order)
    return order


def simulate_runs(
    examples: Sequence[Example], n_classes: int, floor: float, *, runs: int, first: int = 0
) -> Runs:
    """Many orders of a stream, seeded by their number.

    Parameters
    ----------
    examples
        The stream.
    n_classes
        How many classes there are.
    floor
        Least query probability.
    runs
        How many orders.
    first
        Seed of the first.

    """
    seeds = range(first, first + runs)
    specs = [recipe(n_classes, floor, seed) for seed in seeds]
    orders = np.array([order_of(len(examples), seed)[:LONGEST] for seed in seeds])
    columns = in_step(texts_of(examples, specs[0]), orders, specs, n_classes=n_classes)
    return Runs(n_classes, floor, *columns)


def simulate_checks(
    examples: Sequence[Example], n_classes: int, floor: float, *, runs: int, first: int = 0
) -> tuple[Runs, list[list[Check]]]:
    """The same, with a fifth held out, and a look at the model every 25 labels and at the end.

    The probe is drawn at random from the whole stream, seen or not.
    """
    seeds = range(first, first + runs)
    specs = [recipe(n_classes, floor, seed) for seed in seeds]
    held = min(MOST_HELD_OUT, int(HELD_OUT * len(examples)))
    every = np.array([order_of(len(examples), seed) for seed in seeds])
    kept, orders = every[:, :held], every[:, held:][:, :LONGEST]
    probes = np.array(
        [order[order_of(len(order), s)[:PROBE]] for s, order in zip(seeds, orders, strict=True)]
    )
    looks: list[list[Check]] = [[] for _ in seeds]
    texts = texts_of(examples, specs[0], once=False)
    per_class = np.zeros((runs, n_classes), dtype=np.int64)
    models = []

    def look(run: int, samples: int) -> Check:
        at = np.concatenate([kept[run], probes[run]])
        p = np.nan_to_num(models[0].predict(np.full(len(at), run), at), nan=-1.0)
        named = np.where(p.max(1) > 0, p.argmax(1), -1)
        right = float((named[:held] == texts.truth[kept[run]]).mean())
        labels = tuple(map(int, per_class[run]))
        return Check(sum(labels), samples, named[held:].astype(np.int16), right, labels)

    def on_label(model: AdPredictors | Softmaxes) -> OnLabel:
        models.append(model)

        def watch(run: int, labels: int, samples: int, label: int) -> None:
            per_class[run, label] += 1
            if labels % CHECK_EVERY == 0:
                looks[run].append(look(run, samples))

        return watch

    columns = in_step(texts, orders, specs, n_classes=n_classes, on_label=on_label)
    for run, found in enumerate(looks):
        found.append(look(run, orders.shape[1]))
    return Runs(n_classes, floor, *columns), looks


def gathered(
    folder: Path | None, name: str, examples: Sequence[Example], n_classes: int, floor: float,
    *, runs: int,
) -> Runs:  # fmt: skip
    """So many runs, in parts that are kept and made only once.

    Parameters
    ----------
    folder
        Where parts are kept; None to keep none.
    name
        Of the text set.
    examples, n_classes
        The set itself.
    floor
        Least query probability.
    runs
        How many.

    """
    parts = []
    for first in range(0, runs, CHUNK):
        size = min(CHUNK, runs - first)
        say(f"{name}, floor {floor:g}: runs {first + 1} to {first + size}")
        make = _later(simulate_runs, examples, n_classes, floor, size, first)
        key = _key(name, examples, n_classes, floor, f"runs {first}+{size}")
        parts.append(cached(folder, key, make))
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS]
    return Runs(n_classes, floor, *columns)


def gathered_checks(
    folder: Path | None, name: str, examples: Sequence[Example], n_classes: int, floor: float,
    *, runs: int, first: int = 0,
) -> tuple[Runs, list[list[Check]]]:  # fmt: skip
    """The same with looks at the model, from a seed on."""
    say(f"{name}, floor {floor:g}: {runs} runs with looks at the model")
    make = _later(simulate_checks, examples, n_classes, floor, runs, first)
    key = _key(name, examples, n_classes, floor, f"looks {first}+{runs} at {PROBE}")
    found: tuple[Runs, list[list[Check]]] = cached(folder, key, make)
    return found


def _later(
    simulate: Callable[..., Any], examples: Sequence[Example], n_classes: int, floor: float,
    runs: int, first: int,
) -> Callable[[], Any]:  # fmt: skip
    return lambda: simulate(examples, n_classes, floor, runs=runs, first=first)


def _key(
    name: str, examples: Sequence[Example], n_classes: int, floor: float, what: str
) -> str:  # fmt: skip
    """Names what was simulated; another one once the recipe, the tokens or the texts change."""
    spec = recipe(n_classes, floor, 0)
    vectorizer = next(iter(spec.build().classifier.steps.values()))
    tokens = [sorted(map(str, vectorizer.transform_one(x))) for x, _ in examples[:50]]
    facts = (name, what, spec.to_dict(), len(examples), LONGEST, river.__version__, tokens)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def cached(folder: Path | None, key: str, make: Callable[[], Any]) -> Any:
    """What was made before under this key, or made now and kept."""
    if folder is None:
        return make()
    path = folder / f"{key}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.npz")
        np.savez(partial, **_packed(make()))
        partial.replace(path)
    with np.load(path) as stored:
        return _unpacked({key: stored[key] for key in stored.files})


_COLUMNS = tuple(f.name for f in fields(Runs) if f.name not in ("n_classes", "floor"))


def _packed(made: Runs | tuple[Runs, list[list[Check]]]) -> dict[str, Any]:
    runs, looks = made if isinstance(made, tuple) else (made, None)
    packed = {name: getattr(runs, name) for name in _COLUMNS}
    packed |= {"n_classes": runs.n_classes, "floor": runs.floor}
    if looks is not None:
        flat = [(i, look) for i, run in enumerate(looks) for look in run]
        packed |= {
            "run": [i for i, _ in flat],
            "labels": [look.labels for _, look in flat],
            "samples": [look.samples for _, look in flat],
            "held_out": [look.held_out for _, look in flat],
            "probe": np.array([look.probe for _, look in flat], np.int16),
            "per_class": [look.per_class for _, look in flat],
        }
    return packed


def _unpacked(stored: dict[str, Any]) -> Runs | tuple[Runs, list[list[Check]]]:
    columns = [stored[name] for name in _COLUMNS]
    runs = Runs(int(stored["n_classes"]), float(stored["floor"]), *columns)
    if "run" not in stored:
        return runs
    looks: list[list[Check]] = [[] for _ in range(len(runs))]
    names = ("run", "labels", "samples", "probe", "held_out", "per_class")
    for run, labels, samples, probe, held_out, per_class in zip(
        *(stored[name] for name in names), strict=True
    ):
        look = Check(
            int(labels), int(samples), probe, float(held_out), tuple(int(n) for n in per_class)
        )
        looks[run].append(look)
    return runs, looks


def say(what: str) -> None:
    """Tell somebody who watches how far it is."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)
