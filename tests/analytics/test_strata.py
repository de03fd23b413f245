"""Spot-checks against streams of which everything is known: coverage, bias, what is left out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from dashboard.analytics.estimates import plans, strata
from dashboard.analytics.estimates.counters import evidence_from
from dashboard.analytics.estimates.result import Withheld
from dashboard.analytics.estimates.spotchecks import Stratum, accuracy_with_spot_checks
from dashboard.analytics.estimates.strata import Checked
from dashboard.core import checks
from dashboard.core.checks import ALL, Cell, Check
from dashboard.core.strategies import SPOT_CHECK
from dashboard.core.tally import Counts, Row, counts_of

N = 800
RUNS = 150
Plan = Sequence[tuple[int, int, str]]  # when, how many, of which class


def scanned(rng: random.Random, floor: float, *, raised_at: int = 0) -> list[tuple[Row, int]]:
    """Rows as a sampler leaves them, and the true class of each. Early ones are worse."""
    rows = []
    for i in range(N):
        hard = rng.random() < 0.08
        predicted = int(rng.random() < 0.3)
        wrong = rng.random() < (0.35 if hard else 0.08 * (1.5 - i / N) * (1 + 2 * predicted) / 2)
        truth = 1 - predicted if wrong else predicted
        p = rng.uniform(0.3, 0.9) if hard else 0.0
        pi = max(p, floor if i >= raised_at else 0.0)
        u = rng.random()
        reason = "" if u >= pi else "entropy" if u < p else "audit"
        label = truth if reason else None
        rows.append((Row(i, predicted, 0.5, pi, reason, None, "label" if reason else None,
                         label, 0.9), truth))  # fmt: skip
    return rows


def spot_checked(
    rows: list[tuple[Row, int]], plan: Plan, *, seed: int, passes: float = 0.0, share: float = 1.0
) -> tuple[list[Row], list[Check]]:
    """The rows with spot-checks answered in the order of their draw, as far as somebody got."""
    rng = random.Random(seed)
    now, made, drawn = [row for row, _ in rows], [], set()
    for seq, (stop, n, among) in enumerate(plan, start=1):
        may = [row.position for row in now[:stop] if not row.reason
               and row.position not in drawn and among in (ALL, str(row.predicted))]  # fmt: skip
        check = checks.make(may, n, seed=seed, seq=seq, stop=stop, among=among)
        made.append(check)
        drawn.update(check.positions)
        for position in check.positions[: round(share * n)]:
            passed = rng.random() < passes
            now[position] = now[position]._replace(
                reason=SPOT_CHECK, answer="pass" if passed else "label",
                label=None if passed else rows[position][1],
            )  # fmt: skip
    return now, made


def counted(rows: list[Row], stop: int) -> Counts:
    total: Counts = Counter()
    for row in rows[:stop]:
        total.update(counts_of(row))
    return total


def found(
    rows: list[Row], made: Sequence[Check], *, floor: float, since: int = 0
) -> Checked | None:
    cells = checks.cells(made, at=[since])
    bounds = strata.bounds(cells, since=since)
    before = {p: counted(rows, p) for p in bounds}
    return strata.checked(cells, before, counted(rows, N), floor=floor, since=since)


def right(rows: list[tuple[Row, int]], kept: Callable[[Row], bool]) -> float:
    return float(np.mean([row.predicted == truth for row, truth in rows if kept(row)]))


TWICE: Plan = [(350, 25, ALL), (N, 35, ALL)]
BY_CLASS: Plan = [(500, 30, ALL), (N, 25, "1"), (N, 30, ALL)]
SETTINGS = {
    "no floor": (0.0, 0, TWICE, 1.0),
    "no floor, by class": (0.0, 0, BY_CLASS, 1.0),
    "no floor, the rest taken back": (0.0, 0, [(N, 80, ALL)], 0.5),
    "a floor": (0.02, 0, TWICE, 1.0),
    "a floor, one class": (0.02, 0, [(N, 40, "1")], 1.0),
    "a floor that came late": (0.05, 400, BY_CLASS, 1.0),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_intervals_hold_and_estimates_are_unbiased(name: str) -> None:
    floor, since, plan, share = SETTINGS[name]
    misses, off = Counter[str](), {"accuracy": [], "skipped": []}
    for seed in range(RUNS):
        rows = scanned(random.Random(seed), floor, raised_at=since)
        made = found(*spot_checked(rows, plan, seed=seed, share=share), floor=floor, since=since)
        assert made is not None
        assert made.samples == N
        truths = {"accuracy": right(rows, lambda row: True),
                  "skipped": right(rows, lambda row: not row.reason)}  # fmt: skip
        for what, truth in truths.items():
            estimate = getattr(made, what)
            assert estimate.shown
            misses[what] += not estimate.low - 1e-9 <= truth <= estimate.high + 1e-9
            off[what].append(estimate.value - truth)
    for what, differences in off.items():
        assert misses[what] <= 0.07 * RUNS, (what, misses)
        assert abs(np.mean(differences)) < 0.01, (what, np.mean(differences))


@pytest.mark.parametrize(
    "plan", [[(350, 60, ALL), (N, 120, ALL)], [(500, 40, "1"), (N, 40, "1"), (N, 120, ALL)]]
)
def test_precision_of_each_class_is_known_from_spot_checks(plan: Plan) -> None:
    misses, off = np.zeros(2), np.zeros((RUNS, 2))
    for seed in range(RUNS):
        rows = scanned(random.Random(seed), 0.0)
        now, made = spot_checked(rows, plan, seed=seed)
        cells = checks.cells(made)
        before = {p: counted(now, p) for p in strata.bounds(cells)}
        estimate = strata.precision_from_checks(cells, before, n_classes=2)
        assert estimate is not None
        assert estimate.shown.all()
        for c in range(2):
            truth = right(rows, lambda row, c=c: row.predicted == c)  # type: ignore[misc]
            off[seed, c] = estimate.value[c] - truth
            misses[c] += not estimate.low[c] - 1e-9 <= truth <= estimate.high[c] + 1e-9
    assert (misses <= 0.07 * RUNS).all(), misses
    assert (abs(off.mean(0)) < np.maximum(0.01, 2 * off.std(0) / RUNS**0.5)).all(), off.mean(0)


def test_a_class_that_few_spot_checks_found_is_withheld_alone() -> None:
    rows, made = spot_checked(scanned(random.Random(1), 0.0), [(N, 60, "0"), (N, 5, "1")], seed=1)
    cells = checks.cells(made)
    before = {p: counted(rows, p) for p in strata.bounds(cells)}
    estimate = strata.precision_from_checks(cells, before, n_classes=3)
    assert estimate is not None
    assert estimate.shown.tolist() == [True, False, False]
    assert estimate.withheld[1:].tolist() == [Withheld.UNEVEN.value, Withheld.TOO_FEW.value]
    assert np.isnan(estimate.value[1:]).all()
    assert strata.precision_from_checks([], {}, n_classes=3) is None


def test_spot_checks_of_several_draws_taken_for_one_would_be_biased() -> None:
    """What the rule about strata is for: early samples are worse, and are checked more often."""
    off, apart = [], []
    for seed in range(RUNS):
        rows = scanned(random.Random(seed), 0.0)
        now, made = spot_checked(rows, [(160, 70, ALL), (N, 20, ALL)], seed=seed)
        right_ones = found(now, made, floor=0.0)
        assert right_ones is not None
        totals = counted(now, N)
        values = np.array([float(totals[name]) for name in ("spot", "spot:u", "spot:e")])
        whole = evidence_from(totals, floor=0.0)
        mixed = accuracy_with_spot_checks(whole, [Stratum(whole, *values)])
        truth = right(rows, lambda row: True)
        off.append(mixed.value - truth)
        apart.append(right_ones.accuracy.value - truth)
    assert np.mean(off) < -0.01
    assert abs(np.mean(apart)) < 0.01


def test_without_a_floor_what_was_scanned_since_is_left_out() -> None:
    rows = scanned(random.Random(1), 0.0)
    made = found(*spot_checked(rows, [(500, 40, ALL)], seed=1), floor=0.0)
    assert made is not None
    assert (made.samples, made.labeled, made.floor) == (500, 40, 0.0)


def test_without_a_floor_one_class_alone_says_nothing_of_all() -> None:
    rows = scanned(random.Random(1), 0.0)
    made = found(*spot_checked(rows, [(500, 40, "1")], seed=1), floor=0.0)
    assert made is not None
    assert made.labeled == 40
    assert made.samples == 0
    assert not made.accuracy.shown


def test_a_floor_that_came_late_reaches_back_only_where_checks_do() -> None:
    rows = scanned(random.Random(3), 0.05, raised_at=400)
    whole = found(*spot_checked(rows, TWICE, seed=3), floor=0.05, since=400)
    part = found(*spot_checked(rows, [(300, 40, ALL)], seed=3), floor=0.05, since=400)
    assert whole is not None
    assert part is not None
    assert (whole.samples, whole.from_the_start) == (N, True)
    assert (part.samples, part.from_the_start) == (N - 400, False)


def test_passes_are_counted_and_taken_for_mistakes_in_the_worse_limit() -> None:
    rows = scanned(random.Random(4), 0.0)
    now, made = spot_checked(rows, [(N, 60, ALL)], seed=4, passes=0.3)
    doubtful = found(now, made, floor=0.0)
    sure = found(*spot_checked(rows, [(N, 60, ALL)], seed=4), floor=0.0)
    assert doubtful is not None
    assert sure is not None
    assert doubtful.passed > 5
    assert doubtful.labeled + doubtful.passed == 60
    assert doubtful.accuracy.low < sure.accuracy.low


def test_cells_follow_what_could_be_drawn() -> None:
    made = [Check(3, ALL, 9, 100, ()), Check(5, "1", 9, 300, ()), Check(8, ALL, 9, 300, ())]
    assert checks.cells(made, at=[50, 900]) == [
        Cell(0, 50, "1"), Cell(0, 50, ALL, ("1",)),
        Cell(50, 100, "1"), Cell(50, 100, ALL, ("1",)),
        Cell(100, 300, "1"), Cell(100, 300, ALL, ("1",)),
    ]  # fmt: skip
    assert checks.cells([]) == []
    assert checks.cells(checks.since_undone(made, [(9, 0)])) == []


def test_every_sample_has_the_same_chance_in_every_place_of_the_draw() -> None:
    times = np.zeros((12, 4))
    for seq in range(6_000):
        for place, index in enumerate(checks.draw(12, 4, seed=42, seq=seq)):
            times[index, place] += 1
    assert np.abs(times - 500).max() < 5 * np.sqrt(500)
    assert checks.draw(12, 4, seed=42, seq=1) != checks.draw(12, 4, seed=43, seq=1)


def test_the_plan_is_what_comes_of_it() -> None:
    """The half width that is promised, beside the mean of those that come."""
    widths = []
    for seed in range(60):
        rows = scanned(random.Random(seed), 0.0)
        made = found(*spot_checked(rows, [(N, 80, ALL)], seed=seed), floor=0.0)
        assert made is not None
        widths.append((made.skipped.high - made.skipped.low).item() / 2)
        error, skipped = 1 - right(rows, lambda row: not row.reason), made.unlabeled
    told = plans.half_width(error, skipped=skipped, checked=80)
    assert told == pytest.approx(np.mean(widths), rel=0.2)
