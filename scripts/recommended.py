"""What the `recommended` preset costs and earns: many shuffles of `sms-spam`, 20 % held out.

Each run shuffles the stream, keeps its last fifth for evaluation alone, and lets an oracle answer
the queries on the rest, once. Every ten labels the model is scored on what was held out, to see
from how many labels on it stays good.

::

    python scripts/recommended.py --shuffles 20
    python scripts/recommended.py --shuffles 20 --strategy entropy --discount-factor 30 --floor 0

"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard.core import scores
from dashboard.core.learner import Learner
from dashboard.core.simulation import Example, evaluate, shuffled, simulate, split
from dashboard.core.spec import PRESETS, STRATEGIES, Spec, make_spec
from dashboard.errors import SluiceError
from dashboard.services.datasets import SMS_SPAM, builtin

HOLDOUT = 0.2
EVERY = 10
GOOD_F1, GOOD_ACCURACY = 0.90, 0.98
COLLAPSED_F1 = 0.5
SOON = 40


class Check(NamedTuple):
    """The scores on the held-out samples after a number of labels."""

    labels: int
    f1: float
    accuracy: float

    @property
    def good(self) -> bool:
        """Whether both scores reach their thresholds."""
        return self.f1 >= GOOD_F1 and self.accuracy >= GOOD_ACCURACY


class Run(NamedTuple):
    """One shuffle.

    Parameters
    ----------
    shuffle
        Seed of the shuffle.
    labels
        Labels that the oracle gave.
    f1, accuracy
        On the held-out samples, by the final model.
    holds_from
        Number of labels from which on both thresholds held to the end; None for never.

    """

    shuffle: int
    labels: int
    f1: float
    accuracy: float
    holds_from: int | None


def holds_from(checks: Sequence[Check]) -> int | None:
    """The number of labels from which on all checks were good; None where the last was not.

    Parameters
    ----------
    checks
        In the order in which they were made.

    Examples
    --------
    >>> good, bad = (0.95, 0.99), (0.89, 0.99)
    >>> holds_from([Check(10, *good), Check(20, *bad), Check(30, *good), Check(33, *good)])
    30
    >>> holds_from([Check(10, *good), Check(12, *bad)]) is None
    True

    """
    first: int | None = None
    for check in reversed(checks):
        if not check.good:
            break
        first = check.labels
    return first


def check(labels: int, confusion: scores.Confusion) -> Check:
    """Both scores of a confusion matrix of two classes."""
    return Check(labels, scores.f1(confusion, n_classes=2), scores.accuracy(confusion) or 0.0)


def run(examples: Sequence[Example], spec: Spec, shuffle: int) -> Run:
    """Shuffle, hold out, simulate, and score on the way.

    Parameters
    ----------
    examples
        The stream in file order.
    spec
        The recipe of the sampler.
    shuffle
        Seed of the shuffle.

    """
    stream = shuffled(examples, shuffle)
    _, kept = split(stream, HOLDOUT)
    checks: list[Check] = []

    def on_label(labels: int, learner: Learner) -> None:
        if labels % EVERY == 0:
            checks.append(check(labels, evaluate(learner, kept)))

    outcome = simulate(stream, spec, n_classes=2, holdout=HOLDOUT, on_label=on_label)
    last = check(outcome.labels, outcome.holdout)
    return Run(shuffle, last.labels, last.f1, last.accuracy, holds_from([*checks, last]))


def summarize(runs: Sequence[Run]) -> dict[str, Any]:
    """The runs in one row; a run that never holds counts as infinitely late in the median.

    Parameters
    ----------
    runs
        At least one.

    Examples
    --------
    >>> runs = [Run(0, 200, 0.9, 0.98, 40), Run(1, 220, 0.25, 0.8, None)]
    >>> row = summarize(runs)
    >>> row["labels_mean"], row["collapsed"], row["holds_median"], row["holds_runs"]
    (210.0, 1, None, 1)

    """
    f1s, accuracies = [r.f1 for r in runs], [r.accuracy for r in runs]
    held = [r.holds_from for r in runs if r.holds_from is not None]
    median = statistics.median([*held, *[math.inf] * (len(runs) - len(held))])
    return {
        "shuffles": len(runs),
        "labels_mean": statistics.fmean(r.labels for r in runs),
        "labels_max": max(r.labels for r in runs),
        "f1_mean": statistics.fmean(f1s),
        "f1_worst": min(f1s),
        "accuracy_mean": statistics.fmean(accuracies),
        "accuracy_worst": min(accuracies),
        "collapsed": sum(f1 < COLLAPSED_F1 for f1 in f1s),
        "holds_median": median if math.isfinite(median) else None,
        "holds_runs": len(held),
        "holds_soon": sum(labels <= SOON for labels in held),
    }


def table(row: dict[str, Any]) -> str:
    """The summary for people."""
    n = row["shuffles"]
    median = row["holds_median"]
    lines = (
        ("", "mean", "worst"),
        ("labels", f"{row['labels_mean']:.1f}", f"{row['labels_max']}"),
        ("held-out F1", f"{row['f1_mean']:.4f}", f"{row['f1_worst']:.4f}"),
        ("held-out accuracy", f"{row['accuracy_mean']:.4f}", f"{row['accuracy_worst']:.4f}"),
        (f"collapsed (F1 < {COLLAPSED_F1:g})", f"{row['collapsed']} of {n}", ""),
        ("", "", ""),
        (f"F1 ≥ {GOOD_F1:.2f} and accuracy ≥ {GOOD_ACCURACY:.2f} for good", "", ""),
        ("  from labels on (median)", "never" if median is None else f"{median:g}", ""),
        ("  runs that get there", f"{row['holds_runs']} of {n}", ""),
        (f"  runs at ≤ {SOON} labels", f"{row['holds_soon']} of {n}", ""),
    )
    return "\n".join(f"{a:<42}{b:>10}{c:>10}".rstrip() for a, b, c in lines)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Simulate a preset on many shuffles of sms-spam, 20 % held out."
    )
    parser.add_argument("--shuffles", type=int, default=20, metavar="N", help="how many (20)")
    parser.add_argument(
        "--first", type=int, default=0, metavar="SEED", help="seed of the first shuffle (0)"
    )
    parser.add_argument("--preset", choices=PRESETS, default="recommended")
    parser.add_argument("--strategy", choices=STRATEGIES, help="instead of the preset's")
    parser.add_argument("--discount-factor", type=float, metavar="D")
    parser.add_argument("--budget", type=float, metavar="SHARE")
    parser.add_argument("--floor", type=float, metavar="SHARE")
    parser.add_argument("--json", action="store_true", help="print one JSON object, runs included")
    arguments = parser.parse_args(argv)
    if arguments.shuffles < 1:
        parser.error("--shuffles has to be at least 1.")
    return arguments


def _runs(arguments: argparse.Namespace, spec: Spec) -> list[Run]:
    items = builtin(SMS_SPAM).items(lambda _done, _total: None)
    examples = [(item.fields, item.truth) for item in items if item.truth is not None]
    runs: list[Run] = []
    for seed in range(arguments.first, arguments.first + arguments.shuffles):
        runs.append(run(examples, spec, seed))
        if sys.stderr.isatty():
            print(f"\r{len(runs)} of {arguments.shuffles}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return runs


def main(argv: Sequence[str] | None = None) -> int:
    """Run and print; the exit code is 2 where something typed cannot be used, 1 for the rest."""
    arguments = _arguments(argv)
    try:
        spec = make_spec(
            arguments.preset,
            text=True,
            classes=2,
            strategy=arguments.strategy,
            discount_factor=arguments.discount_factor,
            budget=arguments.budget,
            floor=arguments.floor,
        )
        runs = _runs(arguments, spec)
    except SluiceError as error:
        print(error, file=sys.stderr)
        return 2 if error.status == 400 else 1
    row = summarize(runs)
    if arguments.json:
        print(json.dumps({"spec": spec.to_dict(), **row, "runs": [r._asdict() for r in runs]}))
    else:
        print(" ".join(f"{key}={value}" for key, value in spec.to_dict().items()), end="\n\n")
        print(table(row))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
