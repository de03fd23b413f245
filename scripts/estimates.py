"""Are the estimates right? Bias, error and coverage against known truth, and the stop advice.

Every text set at hand is run through in a thousand orders for each floor, and so are made-up
streams of the unfriendly kind. Each estimate is compared with what it estimates, wherever a number
is shown; where it is withheld, the table says in what share of the runs it was shown. All numbers
are in points (hundredths) unless they are shares of runs. Prints Markdown::

    python scripts/estimates.py --texts FOLDER --cache FOLDER
    python scripts/estimates.py --runs 100 --only sms-spam,even
    python scripts/estimates.py --stop-advice --floors 0.05

The simulated runs are kept in the cache, where one is named: a second time takes minutes.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard.analytics.stability import SOON
from dashboard.core.simulation import Example
from dashboard.errors import Unavailable
from scripts.validation.judging import WITH_PASSES, Line, judge
from scripts.validation.runs import Runs, gathered, gathered_checks, say
from scripts.validation.stopping import Stopped, gaining, stopping
from scripts.validation.synthetic import SYNTHETIC, synthetic_runs
from scripts.validation.texts import TEXT_SETS, TextSet

FLOORS = (0.0, 0.02, 0.05, 0.10)
COVERED, UNBIASED = 0.93, 0.01
FIRST_UNSEEN = 1_000  # the stop advice was made on seeds 0 to 99, and is judged on others


def points(value: float, *, digits: int = 1, sign: bool = False) -> str:
    """A share in hundredths, or a dash.

    Examples
    --------
    >>> points(0.0123), points(float("nan")), points(-0.004, digits=2, sign=True)
    ('1.2', '–', '-0.40')

    """
    if math.isnan(value):
        return "–"
    return f"{100 * value:{'+' if sign else ''}.{digits}f}"


def share(value: float) -> str:
    """A share of runs, or a dash."""
    return "–" if math.isnan(value) else f"{value:.3f}".removeprefix("0")


def fails(line: Line) -> bool:
    """Whether a shown estimate misses its goals; passes bias the value, which its limits say."""
    biased = abs(line.bias) >= UNBIASED and line.name != WITH_PASSES
    return not math.isnan(line.bias) and (line.coverage < COVERED or biased)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [" | ".join(row) for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines)


def settings(arguments: argparse.Namespace, only: set[str]) -> Iterator[tuple[str, float, Runs]]:
    """All runs, one set and floor after the other."""
    for texts, examples in _sets(arguments.texts, only):
        for floor in arguments.floors:
            yield (
                texts.name,
                floor,
                gathered(
                    arguments.cache,
                    texts.name,
                    examples,
                    texts.n_classes,
                    floor,
                    runs=arguments.runs,
                ),
            )
    for kind in SYNTHETIC:
        for floor in arguments.floors if not only or kind.name in only else ():
            yield kind.name, floor, synthetic_runs(kind, floor, runs=arguments.runs)


def _sets(folder: Path, only: set[str]) -> Iterator[tuple[TextSet, list[Example]]]:
    for texts in TEXT_SETS:
        if only and texts.name not in only:
            continue
        try:
            yield texts, texts.load(folder)
        except Unavailable as error:
            print(f"{texts.name} is left out: {error}", file=sys.stderr)


def estimates_table(found: Sequence[tuple[str, float, Line]]) -> str:
    """Every estimate, set, floor and look where a number was shown in a tenth of the runs."""
    head = ("set", "floor %", "samples", "estimate", "truth", "shown", "bias", "± (its error)",
            "RMSE", "coverage", "± (mean)", "effective n")  # fmt: skip
    rows = [
        (name, points(floor, digits=0), f"{line.samples:,}", line.name, points(line.truth),
         share(line.shown), points(line.bias, digits=2, sign=True), points(line.doubt, digits=2),
         points(line.rmse),
         share(line.coverage), points(line.width), f"{line.effective:.0f}")
        for name, floor, line in found
        if not math.isnan(line.bias)
    ]  # fmt: skip
    return markdown(head, rows)


def summary_table(found: Sequence[tuple[str, float, Line]]) -> str:
    """The worst of every estimate over all sets, by floor: what the README quotes."""
    head = ("estimate", "floor %", "cells", "least coverage", "greatest bias", "± (its error)",
            "± (mean), most", "first shown at")  # fmt: skip
    rows = []
    for name in dict.fromkeys(line.name for _, _, line in found):
        for floor in sorted({floor for _, floor, _ in found}):
            lines = [line for _, f, line in found if f == floor and line.name == name]
            shown = [line for line in lines if not math.isnan(line.bias)]
            if not shown:
                rows.append((name, points(floor, digits=0), "0", "withheld", *[""] * 4))
                continue
            worst = max(shown, key=lambda line: abs(line.bias))
            rows.append(
                (name, points(floor, digits=0), f"{len(shown)}",
                 share(min(line.coverage for line in shown)),
                 points(worst.bias, digits=2, sign=True),
                 points(worst.doubt, digits=2), points(max(line.width for line in shown)),
                 f"{min(line.samples for line in shown):,}")
            )  # fmt: skip
    return markdown(head, rows)


def stopping_tables(arguments: argparse.Namespace, only: set[str]) -> Iterator[str]:
    """The stop advice, and the forecasts of the next labels and of all, on the text sets."""
    stops, gains = [], []
    for texts, examples in _sets(arguments.texts, only):
        for floor in arguments.floors:
            if floor == 0:  # it never says so, as tests show
                continue
            runs, checks = gathered_checks(
                arguments.cache, texts.name, examples, texts.n_classes, floor,
                runs=arguments.stops, first=FIRST_UNSEEN,
            )  # fmt: skip
            where = (texts.name, points(floor, digits=0))
            stops += [(*where, *_stopped(one)) for one in stopping(runs, checks)]
            for ahead, gain in zip((f"{SOON} labels", "all to the end"), gaining(runs, checks),
                                   strict=True):  # fmt: skip
                gains.append(
                    (*where, ahead, f"{gain.looks:,}", points(gain.likely), points(gain.gained),
                     share(gain.within))
                )  # fmt: skip
    yield markdown(
        ("set", "floor %", "target %", "says stop", "labels (fewest–most)", "of",
         "held-out accuracy then", "at the end", "within a point", "running accuracy kept",
         "target really met"), stops,
    )  # fmt: skip
    yield markdown(
        ("set", "floor %", "ahead", "looks", "gain expected", "gain", "within the range"), gains
    )  # fmt: skip


def _stopped(one: Stopped) -> tuple[str, ...]:
    says = points(one.target, digits=0), f"{one.says} of {one.runs}"
    if not one.says:
        return (*says, *("–",) * 7)
    least, median, most = one.labels
    return (
        *says, f"{median:.0f} ({least:.0f}–{most:.0f})", f"{one.labels_end:.0f}",
        points(one.then), points(one.end), share(one.near), share(one.running), share(one.kept),
    )  # fmt: skip


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Validate estimates and stop advice.")
    parser.add_argument("--runs", type=int, default=1000, metavar="N", help="orders each (1000)")
    parser.add_argument(
        "--stops", type=int, default=100, metavar="N", help="orders for the stop advice (100)"
    )
    parser.add_argument(
        "--texts", type=Path, default=Path(os.environ.get("SLUICE_TEXTS", "../shared/data")),
        metavar="FOLDER", help="where the text sets are; SLUICE_TEXTS, else ../shared/data",
    )  # fmt: skip
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keeps simulated runs")
    parser.add_argument("--only", default="", metavar="SETS", help="names, with commas between")
    parser.add_argument("--floors", type=_floors, default=FLOORS, metavar="SHARES")
    parser.add_argument("--stop-advice", action="store_true", help="nothing but the stop advice")
    parser.add_argument("--all", action="store_true", help="print every cell, not only the worst")
    arguments = parser.parse_args(argv)
    if min(arguments.runs, arguments.stops) < 1:
        parser.error("--runs and --stops have to be at least 1.")
    return arguments


def _floors(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables; the exit code is 1 where a shown estimate misses its goals."""
    arguments = _arguments(argv)
    only = {name for name in arguments.only.split(",") if name}
    if arguments.stop_advice:
        print("\n\n".join(stopping_tables(arguments, only)))
        return 0
    found: list[tuple[str, float, Line]] = []
    for name, floor, runs in settings(arguments, only):
        say(f"{name}, floor {floor:g}: judging")
        found += [(name, floor, line) for line in judge(runs)]
    failed = [entry for entry in found if fails(entry[2])]
    tables = [summary_table(found), *stopping_tables(arguments, only)]
    if arguments.all:
        tables.insert(1, estimates_table(found))
    if failed:
        tables.append("Missed:\n\n" + estimates_table(failed))
    say("")
    print("\n\n".join(tables))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
