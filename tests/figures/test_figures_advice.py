"""The advice in words."""

from __future__ import annotations

import math

import pytest

from dashboard.analytics.advice import Advice, Because, Known, Verdict
from dashboard.analytics.estimates.forecast import Forecast, Range
from dashboard.analytics.stability import Gain, Rise
from dashboard.figures import advice as words

NEVER = Range(math.inf, math.inf, math.inf)


def advice(verdict: Verdict, *because: Because) -> Advice:
    return Advice(verdict, because, (), Known(), None, Gain(50, None, None, None), None)


def ahead(low: float, likely: float, high: float, **more: object) -> str:
    labels = Range(low, likely, high)
    made = Forecast(labels.times(20), labels, labels.times(4))
    chosen = {"left": 10_000, "timed": True} | more
    return words.ahead(made, **chosen)  # type: ignore[arg-type]


def test_a_verdict_has_all_its_reasons() -> None:
    title, said = words.verdict(advice(Verdict.KEEP_GOING, Because.TOO_EARLY))
    assert (title, said) == ("Keep going", "There are too few labels to tell.")
    title, said = words.verdict(
        advice(Verdict.DIMINISHING, Because.STEADY, Because.GAINING, Because.NO_TARGET)
    )
    assert title == "Diminishing"
    assert said == (
        "The last hundred labels changed next to nothing, but the labels to the end of the stream "
        "may raise the accuracy by more than a point, and no target is set."
    )
    title, said = words.verdict(advice(Verdict.STOP, Because.REACHED, Because.STEADY))
    assert title == "You can stop"
    assert said.endswith("are likely to add less than a point.")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((132, 360, 1670), "About 360 more labels (130 to 1,700), 24 minutes (9 minutes to 1.9 "
                           "hours)."),
        ((132, 360, math.inf), "About 360 more labels (130 at best, and perhaps far more), 24 "
                               "minutes (9 minutes at best)."),
        ((132, math.inf, math.inf), "At the very best 130 more labels, and perhaps never."),
        ((0, 0, 0), "It is reached."),
    ],
)  # fmt: skip
def test_a_way_has_a_range(found: tuple[float, float, float], said: str) -> None:
    assert ahead(*found) == said


def test_a_way_that_is_too_long_is_said_to_be() -> None:
    assert ahead(50, 200, 900, left=80, timed=False) == (
        "About 200 more labels (50 to 900); the rest of the stream will ask for about 80 only."
    )
    assert ahead(50, 200, 900, left=0, timed=False).endswith("; but the whole stream is scanned.")
    never = words.ahead(Forecast(NEVER, NEVER, NEVER), left=80, timed=True)
    assert never.startswith("It is not in sight")
    assert words.ahead(None, left=80, timed=True).startswith("It takes a few more audits")


def test_gains_are_points_and_take_time() -> None:
    assert words.gained(Gain(50, 0.002, 0.014, 200)) == (
        "0.2 points more, at most 1.4 points; 3 minutes at your pace"
    )
    assert words.gained(Gain(50, 0.002, 0.014, None)) == "0.2 points more, at most 1.4 points"
    assert words.gained(Gain(50, None, None, 200)) == "too early to tell"
    assert words.gained(Gain(50, 0.004, 0.014, None), Rise(0.001, 0.02)) == (
        "0.1 points more, at most 1.4 points"
    )
    assert words.risen(Rise(0.001, 0.01), labels=1) == (
        "0.1 points more, at most 1.0 point; about 1 label"
    )
    assert words.risen(None, labels=5) == "too early to tell"


def test_where_there_is_no_floor_no_number_of_labels_is_promised() -> None:
    said = words.ahead(None, left=80, timed=True, measured=False)
    assert said.startswith("With a floor of 0 no number of labels")
    assert "audits" not in said


def test_spot_checks_are_not_said_to_be_nobody() -> None:
    found = advice(Verdict.DIMINISHING, Because.STEADY, Because.SPOT_CHECKED)
    said = words.verdict(found)[1] + words.note(500, found)
    assert "spot-checks tell of the samples scanned before them alone" in said
    assert "never says that you can stop" in said
    assert "nobody knows" not in said


def test_without_a_floor_it_says_what_it_cannot_say() -> None:
    assert "never says that you can stop" in words.note(
        500, advice(Verdict.DIMINISHING, Because.STEADY, Because.NO_FLOOR)
    )
    assert "never says" not in words.note(500, advice(Verdict.KEEP_GOING, Because.TOO_EARLY))
