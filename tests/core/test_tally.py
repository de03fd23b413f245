"""What one logged sample adds to the counts: whole numbers, and nothing while it is open."""

from __future__ import annotations

import random

import pytest

from dashboard.core import tally
from dashboard.core.tally import Row

SKIPPED = Row(7, 1, 0.4301, 0.0625, "", 1, None, None)
OPEN = Row(26, 0, 1.0, 0.5, "entropy", 1, None, None)
LABELED = OPEN._replace(answer="label", label=0)
PASSED = OPEN._replace(answer="pass")
RETRACTED = OPEN._replace(answer="retracted")


def counts(*rows: Row) -> dict[tuple[str, int], dict[str, int]]:
    return {key: dict(value) for key, value in tally.tally(rows).items()}


def test_an_open_query_counts_nowhere():
    assert tally.is_open(OPEN)
    assert counts(OPEN) == {}
    assert not any(map(tally.is_open, (SKIPPED, LABELED, PASSED, RETRACTED)))


def test_a_skipped_sample():
    own = {
        "n": 1, "pi": 62_500_000, "h:s:10": 1, "known": 1, "sup:1": 1, "correct": 1, "tp:1": 1,
        "pred:1": 1, "as:1": 1,
    }  # fmt: skip
    assert counts(SKIPPED) == {
        ("all", 0): own,
        ("25", 0): own,
        ("500", 0): own,
        ("10000", 0): own,
        ("100000", 0): own,
        ("entropy", 430): {"s": 1},
        ("confusion", tally.confusion_bucket(1, 1)): {"n": 1},
    }


HALF = {"w": 2_000_000, "w2": 4_000_000}
RIGHT = {"judged": 1, "q:0": 1, "is:0": 1, **HALF}
UNJUDGED = {
    "u": 1, "uy": 1_000_000, "uv": 2_000_000, "u:0": 1, "uy:0": 1_000_000, "uv:0": 2_000_000,
    "uo:15": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "what", "judged"),
    [(LABELED, "labels", RIGHT), (PASSED, "passes", UNJUDGED), (RETRACTED, "retracted", UNJUDGED)],
)
def test_an_answered_query_is_judged_by_the_truth(row, what, judged):
    """The truth of the stream comes first, the label only where there is none.

    What estimates are made of is the label all the same.
    """
    own = {
        "n": 1, "pi": 500_000_000, "h:q:24": 1, "asked": 1, "why:entropy": 1, what: 1,
        "known": 1, "sup:1": 1, "pred:0": 1, "as:0": 1, **judged,
    }  # fmt: skip
    right = {"n": 1, "y": 1_000_000, "v": 2_000_000, **HALF}
    cell = {("cell", tally.confusion_bucket(0, 0)): right} if judged is RIGHT else {}
    assert counts(row) == {
        ("all", 0): own,
        ("25", 1): own,
        ("500", 0): own,
        ("10000", 0): own,
        ("100000", 0): own,
        ("entropy", 999): {"q": 1},
        ("confusion", tally.confusion_bucket(1, 0)): {"n": 1},
        **cell,
    }


@pytest.mark.parametrize(("row", "more"), [
    (SKIPPED, {}),
    (LABELED, {"q": 1, **HALF}),
    (LABELED._replace(label=1), {"q": 1, "e": 1, "ey": 1_000_000, "ev": 2_000_000, **HALF}),
    (PASSED, {"u": 1, "uy": 1_000_000, "uv": 2_000_000}),
    (LABELED._replace(reason="spot-check"), {}),
])  # fmt: skip
def test_the_probability_of_the_predicted_class_is_counted_in_ten_bins(row, more):
    found = counts(row._replace(probability=0.8125))
    assert found["confidence", 8] == {"n": 1, "p": 812_500, **more}
    assert not any(kind == "confidence" for kind, _ in counts(row))


def test_without_truth_the_label_is_the_judge():
    labeled = tally.counts_of(LABELED._replace(truth=None))
    assert (labeled["known"], labeled["sup:0"], labeled["correct"], labeled["tp:0"]) == (1, 1, 1, 1)
    for row in (PASSED, RETRACTED, SKIPPED):
        nobody_knows = tally.counts_of(row._replace(truth=None))
        assert (
            set(nobody_knows) & {"known", "correct", "sup:0", "sup:1", "pred:0", "pred:1"} == set()
        )
        assert ("confusion", tally.confusion_bucket(0, 0)) not in counts(row._replace(truth=None))


def test_naming_no_class_is_wrong_and_predicts_no_class():
    row = tally.counts_of(SKIPPED._replace(predicted=None))
    assert (row["known"], row["correct"], row["sup:1"]) == (1, 0, 1)
    assert not any(name.startswith(("pred:", "tp:")) for name in row)
    assert tally.confusion_cell(tally.confusion_bucket(1, None)) == (1, None)


def random_rows(n: int, *, seed: int) -> list[Row]:
    rng = random.Random(seed)
    made = []
    for position in range(n):
        reason = rng.choice(("", "entropy", "audit", "cold-start", "spot-check"))
        answer = rng.choice((None, "label", "pass", "retracted")) if reason else None
        made.append(
            Row(
                position,
                rng.choice((None, 0, 1, 2)),
                rng.choice((0.0, 1.0, rng.random())),
                rng.random(),
                reason,
                rng.choice((None, 0, 1, 2)),
                answer,
                rng.randrange(3) if answer == "label" else None,
                rng.choice((None, 0.0, 1.0, rng.random())),
            )
        )
    return made


@pytest.mark.parametrize("seed", range(5))
def test_taking_away_leaves_no_trace(seed):
    rows = random_rows(200, seed=seed)
    deltas = tally.tally(rows)
    rng = random.Random(seed)
    rng.shuffle(rows)
    for row in rows:
        tally.add_row(deltas, row, sign=-1)
    assert not any(any(values.values()) for values in deltas.values())


@pytest.mark.parametrize("seed", range(5))
def test_every_size_of_bucket_adds_up_to_the_whole(seed):
    rows = random_rows(1200, seed=seed)
    deltas = tally.tally(rows)
    closed = [r for r in rows if not (r.reason and r.answer is None)]
    whole = deltas["all", 0]
    assert whole["n"] == len(closed)
    assert whole["asked"] == sum(1 for r in closed if r.reason)
    assert whole["labels"] == sum(r.answer == "label" for r in closed)
    known = [(t, r.predicted) for r in closed if (t := r.truth if r.truth is not None else r.label)
             is not None]  # fmt: skip
    assert whole["known"] == len(known)
    assert whole["correct"] == sum(t == p for t, p in known)
    for size in ("25", "500", "10000"):
        parts = [values for (kind, _), values in deltas.items() if kind == size]
        for name in whole:
            assert sum(part[name] for part in parts) == whole[name]
    entropy = [v for (kind, _), v in deltas.items() if kind == "entropy"]
    assert sum(v["q"] for v in entropy) == whole["asked"]
    assert sum(v["q"] + v["s"] for v in entropy) == whole["n"]
    cells = {tally.confusion_cell(b): v["n"] for (k, b), v in deltas.items() if k == "confusion"}
    assert cells == {pair: known.count(pair) for pair in set(known)}
    for label in range(3):
        assert whole[f"tp:{label}"] == cells.get((label, label), 0)
        assert whole[f"pred:{label}"] == sum(p == label for _, p in known)
        assert whole[f"sup:{label}"] == sum(t == label for t, _ in known)


def test_answers_are_counted_by_the_hour_and_taken_away_again():
    deltas = tally.new_deltas()
    tally.add_answer(deltas, at=7_199_999, label=True, source="person", milliseconds=900)
    tally.add_answer(deltas, at=7_200_000, label=False, source="oracle", milliseconds=None)
    assert {k: dict(v) for k, v in deltas.items()} == {
        ("hour", 1): {"labels": 1, "from:person": 1, "timed": 1, "ms": 900},
        ("hour", 2): {"passes": 1, "from:oracle": 1},
    }
    tally.add_answer(deltas, at=7_199_999, label=True, source="person", milliseconds=900, sign=-1)
    assert not any(deltas["hour", 1].values())


@pytest.mark.parametrize(("value", "bins", "expected"), [
    (0.0, 25, 0), (0.0399, 25, 0), (0.04, 25, 1), (0.96, 25, 24), (1.0, 25, 24), (1.0, 1000, 999),
    (1.0000000000000002, 25, 24), (-1e-17, 25, 0),
])  # fmt: skip
def test_bins(value, bins, expected):
    assert tally.bin_of(value, bins) == expected
