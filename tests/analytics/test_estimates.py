"""The sums, and the estimates made of them, against the formulas and against plain counting."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from dashboard.analytics.buckets import make_buckets
from dashboard.analytics.estimates import counters
from dashboard.analytics.estimates.accuracy import accuracy, skipped_accuracy
from dashboard.analytics.estimates.answers import (
    NO_LABEL,
    Answers,
    bins_of,
    cells_of,
    evidence_of,
)
from dashboard.analytics.estimates.anytime import (
    BETS,
    accuracy_at_all_looks,
    fewest_unseen,
    histogram,
    least_accuracy,
    most_unseen,
)
from dashboard.analytics.estimates.calibration import reliability
from dashboard.analytics.estimates.classes import Scores, confusion, scores
from dashboard.analytics.estimates.evidence import Bins, Cells, Evidence, Weighted, stacked
from dashboard.analytics.estimates.intervals import counted, heaviest
from dashboard.analytics.estimates.prevalence import margins_of, prevalence
from dashboard.analytics.estimates.regression import unseen_given
from dashboard.analytics.estimates.result import FEWEST, Estimate, Looks, Withheld
from dashboard.analytics.estimates.spotchecks import (
    Stratum,
    accuracy_with_spot_checks,
    skipped_accuracy_with_spot_checks,
)
from dashboard.core import scores as known
from dashboard.core.strategies import SPOT_CHECK
from dashboard.core.tally import Deltas, Row, tally

FLOOR = 0.05


def tallied(rows: list[tuple[Row, float, int]]) -> Deltas:
    """What the rollups would hold of them."""
    return tally(row._replace(probability=None if row.predicted is None else p)
                 for row, p, _ in rows)  # fmt: skip


def of_kind(deltas: Deltas, kind: str) -> list[tuple[int, Counter[str]]]:
    return sorted((bucket, counts) for (k, bucket), counts in deltas.items() if k == kind)


def stream(
    n: int, *, classes: int = 3, seed: int = 0, floor: float = FLOOR, passes: float = 0.0
) -> list[tuple[Row, float, int]]:
    """Closed rows with the probability of the predicted class and the true class."""
    rng = random.Random(seed)
    made = []
    for position in range(n):
        truth = rng.randrange(classes)
        predicted = truth if rng.random() < 0.8 else rng.randrange(classes)
        named = None if position < 3 else predicted
        pi = 1.0 if named is None else max(floor, rng.random() ** 8)
        asked = rng.random() < pi
        reason = "" if not asked else "cold-start" if named is None else "entropy"
        reason = "audit" if asked and pi == floor else reason
        answer = None if not asked else "pass" if rng.random() < passes else "label"
        label = truth if answer == "label" else None
        row = Row(position, named, rng.random(), pi, reason, None, answer, label)
        made.append((row, 0.5 + rng.random() / 2, truth))
    return made


def answers_in(rows: list[tuple[Row, float, int]]) -> Answers:
    asked = [(row, p) for row, p, _ in rows if row.reason]
    return Answers(
        np.array([row.position for row, _ in asked]),
        np.array([-1 if row.predicted is None else row.predicted for row, _ in asked]),
        np.array([NO_LABEL if row.label is None else row.label for row, _ in asked]),
        np.array([p for _, p in asked]),
        np.array([row.query_probability for row, _ in asked]),
        np.array([row.reason for row, _ in asked]),
    )


def evidence(rows: list[tuple[Row, float, int]], floor: float = FLOOR) -> Evidence:
    return evidence_of(answers_in(rows), len(rows), floor=floor)


def predictions_in(rows: list[tuple[Row, float, int]]) -> np.ndarray:
    return np.array([-1 if row.predicted is None else row.predicted for row, _, _ in rows])


def same(one: object, other: object, *, within: float = 1e-4) -> None:
    """Two sets of sums are equal, up to the millionths that counters round to."""
    for name, value in vars(one).items():
        if isinstance(value, Weighted):
            same(value, getattr(other, name), within=within)
        else:
            np.testing.assert_allclose(value, getattr(other, name), atol=within, err_msg=name)


def test_accuracy_is_the_weighted_mean_of_the_facts() -> None:
    rows = stream(3_000)
    found = accuracy(evidence(rows))
    wrong = [row for row, _, _ in rows if row.label is not None and row.label != row.predicted]
    assert found.value.item() == pytest.approx(
        1 - sum(1 / row.query_probability for row in wrong) / 3_000
    )
    truth = np.mean([row.predicted == true for row, _, true in rows])
    assert found.low <= truth <= found.high
    assert (found.kind, found.level, found.looks) == (
        "gamma (Fay & Feuer 1997)", 0.95, Looks.ONE,
    )  # fmt: skip
    assert found.answers.item() == sum(row.label is not None for row, _, _ in rows)


@pytest.mark.parametrize("weights", [[0.05], [0.05, 0.05, 0.5], [0.02, 0.3, 0.9, 1.0]])
def test_limits_are_those_of_fay_and_feuer(weights: list[float]) -> None:
    pi, floor = np.array(weights), min(weights)
    y, v = ((1 - pi) / pi).sum(), ((1 - pi) / pi**2).sum()
    heavy, square = (1 - floor) / floor, (1 - floor) / floor**2
    low = np.floor(v / (2 * y) * chi2.ppf(0.025, 2 * y * y / v))
    scale = (v + square) / (2 * (y + heavy))
    high = np.ceil(scale * chi2.ppf(0.975, 2 * (y + heavy) ** 2 / (v + square)))
    errors = Weighted(np.array(float(len(pi))), np.array(y), np.array(v))
    found = counted(errors, floor=floor, unlabeled=np.array(1e9))
    assert (found.low - len(pi), found.high - len(pi)) == (low, high)
    few = counted(errors, floor=floor, unlabeled=np.array(3.0))
    assert few.high == len(pi) + 3


def test_nothing_wrong_is_no_proof_of_nothing_wrong() -> None:
    none = Weighted(*(np.zeros(()) for _ in range(3)))
    found = counted(none, floor=0.02, unlabeled=np.array(10_000.0))
    assert found.low == 0
    assert 170 < found.high < 200  # 3.69 errors, the Poisson limit, at 50 each
    assert counted(none, floor=1.0, unlabeled=np.array(0.0)).high == 0
    assert heaviest(1.0) == 0


@pytest.mark.parametrize("seed", range(5))
def test_whatever_those_passed_over_were_the_limits_allow_for_it(seed: int) -> None:
    rows = stream(2_000, seed=seed, passes=0.2)
    found = accuracy(evidence(rows))
    for fate in (0, 1):

        def decided(row: Row, fate: int = fate) -> Row:
            if row.answer != "pass":
                return row
            other = 0 if row.predicted is None else (row.predicted + 1) % 3
            right = 0 if row.predicted is None else row.predicted
            return row._replace(answer="label", label=right if fate else other)

        judged = accuracy(evidence([(decided(row), p, truth) for row, p, truth in rows]))
        assert found.low <= judged.low + 1e-9
        assert judged.high - 1e-9 <= found.high
    n, passed = 2_000, sum(row.answer == "pass" for row, _, _ in rows)
    errors = sum(
        1 / row.query_probability
        for row, _, _ in rows
        if row.label is not None and row.label != row.predicted
    )
    assert found.value.item() == pytest.approx(1 - errors / (n - passed))


def test_skipped_and_asked_make_up_the_whole() -> None:
    rows = stream(4_000)
    found = evidence(rows)
    whole, skipped = accuracy(found), skipped_accuracy(found)
    asked = [row for row, _, _ in rows if row.reason]
    right = sum(row.label == row.predicted for row in asked)
    n, unlabeled = 4_000, 4_000 - len(asked)
    assert whole.value * n == pytest.approx(skipped.value * unlabeled + right)
    assert whole.low * n == pytest.approx(skipped.low * unlabeled + right)


def test_what_is_withheld_says_why_and_shows_no_number() -> None:
    rows = stream(3_000)
    zero = accuracy(evidence(rows, floor=0.0))
    assert zero.withheld == Withheld.NO_FLOOR
    assert np.isnan([zero.value, zero.low, zero.high]).all()
    assert accuracy(evidence(rows[:30])).withheld == Withheld.TOO_FEW
    assert accuracy(evidence(rows[:300])).withheld == Withheld.UNEVEN
    assert accuracy(evidence([])).withheld == Withheld.NOTHING
    needed = int(FEWEST / FLOOR)
    assert [accuracy(evidence(rows[:n])).shown.item() for n in (needed - 1, needed)] == [
        False,
        True,
    ]


def test_what_the_answers_were_does_not_decide_what_is_shown() -> None:
    rows = stream(2_500, classes=2)
    turned = [
        (row if row.label is None else row._replace(label=1 - row.label), p, truth)
        for row, p, truth in rows
    ]
    for n in range(100, 2_500, 100):
        both = [
            (accuracy(evidence(part)), scores(cells(part, 2)))
            for part in (rows[:n], turned[:n])
        ]  # fmt: skip
        (one, two), (other, four) = both
        assert one.withheld == other.withheld
        for name in vars(two):
            assert (getattr(two, name).shown == getattr(four, name).shown).all()


def cells(rows: list[tuple[Row, float, int]], classes: int, floor: float = FLOOR):  # type: ignore[no-untyped-def]
    return cells_of(answers_in(rows), predictions_in(rows), n_classes=classes, floor=floor)


def test_where_everything_is_labeled_the_scores_are_those_of_the_textbook() -> None:
    rows = [
        (
            row._replace(query_probability=1.0, reason="random", answer="label", label=truth),
            p,
            truth,
        )
        for row, p, truth in stream(2_000)
    ]
    found = scores(cells(rows, 3, floor=1.0))
    pairs = Counter((truth, row.predicted) for row, _, truth in rows)
    for c in range(3):
        named = sum(n for (_, predicted), n in pairs.items() if predicted == c)
        assert found.precision.value[c] == pytest.approx(pairs[c, c] / named)
        assert found.recall.value[c] == pytest.approx(known.recall(pairs, c))
        assert found.f1.value[c] == pytest.approx(known.f1_of(pairs, c))
    assert found.macro_f1.value == pytest.approx(known.f1(pairs, n_classes=3))
    assert found.balanced.value == pytest.approx(known.balanced_accuracy(pairs))
    for score in vars(found).values():
        np.testing.assert_allclose(score.low, score.value, atol=1e-12)
        np.testing.assert_allclose(score.high, score.value, atol=1e-12)
    matrix = confusion(cells(rows, 3, floor=1.0))
    assert matrix.value.sum() == 2_000
    for (truth, predicted), n in pairs.items():
        at = truth, 3 if predicted is None else predicted
        assert matrix.value[at] == matrix.low[at] == matrix.high[at] == n


def test_where_all_audits_are_alike_precision_is_their_share() -> None:
    """However many of them there happened to be: the number of the others is known."""
    rows = [
        (row._replace(query_probability=FLOOR, reason="audit" if asked else "",
                      answer="label" if asked else None, label=truth if asked else None), p, truth)
        for row, p, truth in stream(6_000)[3:]
        for asked in [row.position % 17 == 0]
    ]  # fmt: skip
    found = scores(cells(rows, 3))
    for c in range(3):
        audits = [row for row, _, _ in rows if row.reason and row.predicted == c]
        right = np.mean([row.label == c for row in audits])
        assert found.precision.value[c] == pytest.approx(right)
        assert found.precision.low[c] < right < found.precision.high[c]
        named = Counter(row.predicted for row, _, _ in rows)
        share = sum(
            named[k] * np.mean([row.label == c for row, _, _ in rows
                                if row.reason and row.predicted == k])
            for k in range(3)
        ) / len(rows)  # fmt: skip
        assert found.prevalence.value[c] == pytest.approx(share)


@pytest.mark.parametrize("classes", [2, 4, 10])
def test_precision_of_many_classes_needs_more_audits(classes: int) -> None:
    """What it is divided by goes with what the audits found."""

    def with_audits(expected: int) -> Scores:
        scanned = np.append(np.full(classes, expected / FLOOR / classes), 0.0)
        labeled = np.eye(classes, classes + 1) * scanned * FLOOR
        sums = Weighted(labeled, labeled * 19, labeled * 380)
        none = Weighted(*np.zeros((3, classes + 1)))
        return scores(Cells(scanned, labeled, labeled * 20, labeled * 400, sums, none, FLOOR))

    enough = max(80, 30 * classes)
    assert with_audits(enough).precision.shown.all()
    assert not with_audits(enough - 1).precision.shown.any()
    others = max(80, 25 * classes)
    assert with_audits(others).recall.shown.all()
    assert with_audits(others).macro_f1.shown
    assert not with_audits(others - 1).f1.shown.any()


@pytest.mark.parametrize(("expected", "shown"), [(29, False), (30, True)])
def test_a_bin_needs_audits_of_its_own(expected: int, shown: bool) -> None:
    scanned = np.array([0.0] * 8 + [expected, 60]) / FLOOR
    labeled = scanned * FLOOR
    none = Weighted(*np.zeros((3, 10)))
    bins = Bins(
        scanned, labeled, scanned * 0.9, labeled * 20, labeled * 400, none, none, FLOOR
    )  # fmt: skip
    found = reliability(bins).accuracy
    assert found.shown.tolist() == [False] * 8 + [shown, True]


def test_what_is_known_of_the_predictions_changes_hardly_anything_where_little_is_wrong() -> None:
    kind = Weighted(*np.array([2.0, 38.0, 760.0]))
    answered = Weighted(*np.array([400.0, 7_600.0, 152_000.0]))
    told = unseen_given(kind, answered, np.array(8_000.0))  # 400 more than the answers make of it
    assert told == pytest.approx(38 * 8_000 / 7_600)
    nothing = Weighted(*np.zeros(3))
    assert unseen_given(nothing, answered, np.array(8_000.0)) == 0
    assert unseen_given(nothing, nothing, np.array(0.0)) == 0
    assert unseen_given(answered, answered, np.array(8_000.0)) == 8_000  # all wrong


def test_the_matrix_adds_up_to_what_was_predicted() -> None:
    rows = stream(6_000)
    matrix = confusion(cells(rows, 3))
    predicted = np.bincount(np.where(predictions_in(rows) < 0, 3, predictions_in(rows)))
    np.testing.assert_allclose(matrix.value[:, :3].sum(0), predicted[:3])
    assert matrix.value.sum() == pytest.approx(6_000)
    errors = 6_000 * (1 - accuracy(evidence(rows)).value)
    assert matrix.value[~np.eye(3, 4, dtype=bool)].sum() == pytest.approx(errors)
    truth = np.zeros((3, 4))
    for row, _, true in rows:
        truth[true, 3 if row.predicted is None else row.predicted] += 1
    inside = (matrix.low <= truth) & (truth <= matrix.high)
    assert inside.mean() >= 11 / 12


def test_scores_of_classes_allow_for_passes() -> None:
    rows = stream(6_000, seed=3, passes=0.15)
    found = scores(cells(rows, 3))
    pairs = Counter((truth, row.predicted) for row, _, truth in rows)
    for c in range(3):
        assert found.recall.low[c] <= (known.recall(pairs, c) or 0) <= found.recall.high[c]
        assert found.f1.low[c] <= known.f1_of(pairs, c) <= found.f1.high[c]
    assert found.balanced.low <= (known.balanced_accuracy(pairs) or 0) <= found.balanced.high
    share = np.bincount([truth for _, _, truth in rows]) / 6_000
    assert (found.prevalence.low <= share).all()
    assert (share <= found.prevalence.high).all()
    without = scores(cells([r for r in rows if r[0].answer != "pass"], 3))
    assert (found.recall.high - found.recall.low > without.recall.high - without.recall.low).all()


def test_a_class_that_is_hardly_ever_predicted_is_withheld_alone() -> None:
    rows = [
        (row._replace(predicted=0 if row.predicted == 1 and i % 40 else row.predicted), p, truth)
        for i, (row, p, truth) in enumerate(stream(6_000, classes=2))
    ]
    found = scores(cells(rows, 2))
    assert found.f1.shown.tolist() == [True, False]
    assert not found.macro_f1.shown
    assert found.prevalence.shown.all()


def test_the_reliability_diagram_knows_the_probabilities_and_estimates_the_errors() -> None:
    rows = [r for r in stream(8_000) if r[0].predicted is not None]
    p = np.array([p for _, p, _ in rows])
    found = reliability(bins_of(answers_in(rows), p, floor=FLOOR))
    right = np.array([row.predicted == truth for row, _, truth in rows])
    assert found.samples.sum() == len(rows)
    assert found.confidence[5] == pytest.approx(p[(p >= 0.5) & (p < 0.6)].mean())
    assert np.isnan(found.confidence[0])
    shown = found.accuracy.shown
    assert shown.tolist() == [False] * 5 + [True] * 5
    exact = np.array([right[(p >= b / 10) & (p < (b + 1) / 10)].mean() for b in range(5, 10)])
    inside = (found.accuracy.low[5:] <= exact) & (exact <= found.accuracy.high[5:])
    assert inside.sum() >= 4  # each holds at 95 %, not all five at once
    gap = p.mean() - right.mean()
    assert found.gap.low <= gap <= found.gap.high
    assert found.gap.low < 0  # it is not cut off at 0


@pytest.mark.parametrize("width", [None, 4])
def test_counters_hold_the_same_sums_as_the_answers(width: int | None) -> None:
    rows = stream(900, seed=5, passes=0.1)
    part = rows if width is None else rows[800:]
    buckets = make_buckets("25", of_kind(tallied(rows), "25"))
    along = counters.evidence_along(buckets, floor=FLOOR, width=width)
    last = Evidence(**{
        name: Weighted(*(x[-1] for x in vars(value).values())) if isinstance(value, Weighted)
        else value if name == "floor" else value[-1]
        for name, value in vars(along).items()
    })  # fmt: skip
    same(last, evidence(part))
    margins = counters.margins_along(buckets, n_classes=3, floor=FLOOR, width=width)
    found = prevalence(margins)
    expected = prevalence(margins_of(cells(part, 3)))
    np.testing.assert_allclose(found.value[-1], expected.value, atol=1e-6)
    np.testing.assert_allclose(found.high[-1], expected.high, atol=1e-6)


def test_counters_of_pairs_bins_and_odds_hold_the_same_sums() -> None:
    rows = stream(1_500, seed=6, passes=0.1)
    deltas = tallied(rows)
    totals = deltas["all", 0]
    found = counters.cells_from(of_kind(deltas, "cell"), totals, n_classes=3, floor=FLOOR)
    same(found, cells(rows, 3))
    named = [r for r in rows if r[0].predicted is not None]
    p = np.array([p for _, p, _ in named])
    same(
        counters.bins_from(of_kind(deltas, "confidence"), floor=FLOOR),
        bins_of(answers_in(rows), p, floor=FLOOR),
        within=1e-3,
    )
    answers = answers_in(rows)
    buckets = make_buckets("25", [(0, totals)])
    odds = counters.odds_along(buckets)[-1]
    assert odds.tolist() == histogram(answers.query_probability[answers.wrong]).tolist()
    passed = counters.odds_along(buckets, "uo")[-1]
    assert passed.tolist() == histogram(answers.query_probability[answers.passed]).tolist()


def test_counts_are_whole_and_open_queries_and_spot_checks_count_as_they_should() -> None:
    deltas = tallied(stream(300, passes=0.2))
    assert {type(n) for counts in deltas.values() for n in counts.values()} == {int}
    opened = Row(7, 1, 0.9, 0.05, "audit", None, None, None, 0.8)
    assert tally([opened]) == {}
    checked = Row(7, 1, 0.1, 0.05, SPOT_CHECK, None, "label", 0, 0.8)
    deltas = tally([checked])
    own = {"as:1": 1, "spot": 1, "spot:e": 1}
    assert own.items() <= deltas["all", 0].items()
    assert not {"judged", "e", "w", "o:62"} & set(deltas["all", 0])
    assert of_kind(deltas, "cell") == []
    assert of_kind(deltas, "confidence") == [(8, {"n": 1, "p": 800_000})]
    passed = tally([checked._replace(answer="pass", label=None)])["all", 0]
    assert (passed["spot"], passed["spot:e"], passed["spot:u"], passed["u:1"]) == (0, 0, 1, 0)


def plain_most_unseen(pi: np.ndarray, floor: float, miss: float) -> int:
    """The martingale as it is written, with every query probability as it was."""
    bets = BETS * floor
    seen = sum(-bets / p - np.log(1 - p + p * np.exp(-bets / p)) for p in pi) + 0 * bets
    gain = -np.log(1 - floor + floor * np.exp(-bets / floor))
    unseen = 0
    while np.mean(np.exp(seen + unseen * gain)) < 1 / miss:
        unseen += 1
    return unseen


@pytest.mark.parametrize("floor", [0.02, 0.1])
@pytest.mark.parametrize("seed", range(4))
def test_the_binned_martingale_is_never_bolder_than_the_plain_one(floor: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pi = np.maximum(floor, rng.random(seed * 7) ** 3)
    found = most_unseen(histogram(pi), floor=floor, miss=0.05).item()
    exact = plain_most_unseen(pi, floor, 0.05)
    assert exact <= found <= 1.06 * exact + 2


def test_limits_at_all_looks_are_wider_and_in_order() -> None:
    rows = stream(5_000, classes=2)
    found, answers = evidence(rows), answers_in(rows)
    odds = histogram(answers.query_probability[answers.wrong])
    one, many = accuracy(found), accuracy_at_all_looks(found, odds)
    assert many.looks == Looks.MANY
    assert many.value == one.value
    assert many.low < one.low < one.high < many.high
    alone = least_accuracy(found, odds)
    assert many.low < alone < many.value
    assert np.isnan(least_accuracy(replace(found, floor=0.0), odds))
    miss = 0.025
    low = fewest_unseen(odds, floor=FLOOR, miss=miss)
    assert 0 < low < found.wrong.unseen < most_unseen(odds, floor=FLOOR, miss=miss)
    assert fewest_unseen(np.zeros_like(odds), floor=FLOOR, miss=miss) == 0


def test_limits_at_all_looks_allow_for_passes() -> None:
    rows = stream(4_000, passes=0.2)
    found, answers = evidence(rows), answers_in(rows)
    odds = histogram(answers.query_probability[answers.wrong])
    passed = histogram(answers.query_probability[answers.passed])
    truth = np.mean([row.predicted == true for row, _, true in rows])
    many = accuracy_at_all_looks(found, odds, passed_odds=passed)
    assert many.low < accuracy_at_all_looks(found, odds).low
    assert many.low <= truth <= many.high
    assert least_accuracy(found, odds, passed_odds=passed) < least_accuracy(found, odds)


def check_some(rows: list[tuple[Row, float, int]], k: int, seed: int) -> Stratum:
    skipped = [(row, truth) for row, _, truth in rows if not row.reason]
    drawn = random.Random(seed).sample(skipped, k)
    wrong = sum(row.predicted != truth for row, truth in drawn)
    return Stratum(evidence(rows), *np.array([float(k), 0.0, float(wrong)]))


def test_spot_checks_of_everything_leave_no_doubt() -> None:
    rows = stream(1_500)
    n = sum(not row.reason for row, _, _ in rows)
    found = accuracy_with_spot_checks(evidence(rows), [check_some(rows, n, 0)])
    truth = np.mean([row.predicted == true for row, _, true in rows])
    assert found.value == pytest.approx(truth, abs=1e-6)
    assert found.high - found.low < 0.005
    skipped = skipped_accuracy_with_spot_checks(evidence(rows), [check_some(rows, n, 0)])
    exact = np.mean([row.predicted == true for row, _, true in rows if not row.reason])
    assert skipped.value == pytest.approx(exact, abs=1e-6)


def test_spot_checks_narrow_the_interval_and_make_a_floor_of_0_measurable() -> None:
    rows = stream(3_000)
    plain = accuracy(evidence(rows))
    checked = accuracy_with_spot_checks(evidence(rows), [check_some(rows, 100, 1)])
    assert checked.high - checked.low < 0.9 * (plain.high - plain.low)
    assert checked.answers == plain.answers + 100
    nothing = accuracy_with_spot_checks(evidence(rows, floor=0.0), [])
    assert nothing.withheld == Withheld.NO_FLOOR
    stratum = check_some(rows, 100, 1)
    zero = replace(stratum, drawn_from=replace(stratum.drawn_from, floor=0.0))
    later = evidence(stream(3_500), floor=0.0)
    alone = accuracy_with_spot_checks(later, [zero])
    truth = np.mean([row.predicted == true for row, _, true in rows])
    assert alone.low <= truth <= alone.high
    assert alone.shown


def test_two_strata_and_what_was_scanned_since() -> None:
    rows = stream(3_000, seed=8)
    first, second = rows[:1_000], rows[1_000:2_000]
    strata = [check_some(first, 40, 1), check_some(second, 40, 2)]
    found = accuracy_with_spot_checks(evidence(rows), strata)
    truth = np.mean([row.predicted == true for row, _, true in rows])
    assert found.low <= truth <= found.high
    assert found.answers == evidence(rows).labeled + 80
    passed = replace(strata[0], labeled=np.array(30.0), passed=np.array(10.0))
    doubtful = accuracy_with_spot_checks(evidence(rows), [passed, strata[1]])
    assert doubtful.low < found.low


def test_one_by_one_or_stacked_it_is_the_same() -> None:
    parts = [stream(n, seed=n) for n in (900, 1_600, 4_000)]
    together = accuracy(stacked([evidence(part) for part in parts]))
    alone = [accuracy(evidence(part)) for part in parts]
    assert together.value.tolist() == [one.value.item() for one in alone]
    assert together.withheld.tolist() == [one.withheld.item() for one in alone]
    both = scores(stacked([cells(part, 3) for part in parts]))
    single = [scores(cells(part, 3)) for part in parts]
    for name, score in vars(both).items():
        expected = np.stack([getattr(one, name).value for one in single])
        np.testing.assert_array_equal(score.value, expected)


def test_every_estimate_says_what_kind_of_interval_it_has() -> None:
    rows = stream(6_000)
    p = np.array([p for row, p, _ in rows if row.predicted is not None])
    diagram = reliability(bins_of(answers_in(rows), p, floor=FLOOR))
    every: list[Estimate] = [
        accuracy(evidence(rows)), skipped_accuracy(evidence(rows)), confusion(cells(rows, 3)),
        *vars(scores(cells(rows, 3))).values(), diagram.accuracy, diagram.gap, diagram.error,
    ]  # fmt: skip
    for made, level in itertools.product(every, [0.95]):
        assert made.kind
        assert made.level == level
        assert made.looks == Looks.ONE
        assert (made.low[made.shown] <= made.value[made.shown]).all()
        assert (made.value[made.shown] <= made.high[made.shown]).all()
        assert np.isnan(made.value[~made.shown]).all()
        assert (made.effective > 0).any()


def test_a_lower_level_is_narrower() -> None:
    rows = stream(4_000)
    for estimate in (accuracy, skipped_accuracy):
        wide, narrow = estimate(evidence(rows)), estimate(evidence(rows), level=0.8)
        assert wide.low < narrow.low < narrow.high < wide.high
    every, some = scores(cells(rows, 3)), scores(cells(rows, 3), level=0.8)
    assert (every.f1.low < some.f1.low).all()
    assert every.macro_f1.high > some.macro_f1.high
