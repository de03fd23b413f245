"""The quality page in words and numbers: never a score without what it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from dashboard.analytics.drift import Drifts, Signal
from dashboard.analytics.estimates.calibration import Reliability
from dashboard.analytics.estimates.intervals import LEVEL
from dashboard.analytics.estimates.result import (
    FEWEST,
    FEWEST_FOR_SCORES,
    FEWEST_OF_BIN,
    FEWEST_OF_CLASS,
    FEWEST_PER_CLASS,
    FEWEST_PER_CLASS_FOR_PRECISION,
    Estimate,
    Looks,
    Withheld,
)
from dashboard.analytics.quality import Quality
from dashboard.analytics.stretches import Stretches
from dashboard.core.drift import DELTA
from dashboard.figures.quality import short, shows_truth
from dashboard.figures.quality_along import MOST_CLASSES
from dashboard.figures.words import NONE, counted, percent

COLUMNS = ("class", "precision", "recall", "F1", "prevalence", "labeled", "predicted", "effective")
MEANS = (
    "mean of the classes",
    "estimate",
    f"{LEVEL:.0%} interval",
    "answers",
    "effective",
    "truth",
)

SET_A_FLOOR = (
    "What can be done: give an experiment a floor of 2% or more when it is created. Then a few "
    "of the samples the model is sure of are asked about, too, and speak for all of them."
)


class Cell(NamedTuple):
    """A score in a table.

    Parameters
    ----------
    value
        The number, or why there is none, in a few words.
    interval
        Its limits, or empty.
    truth
        What is so, or empty where that is not known.
    why
        Why there is no number, in full, or empty.

    """

    value: str
    interval: str
    truth: str
    why: str


def cell(estimate: Estimate, index: int | None = None, truth: float | None = None) -> Cell:
    """A score as it stands in a table.

    Parameters
    ----------
    estimate
        The scores.
    index
        Which one of them; None for the only one.
    truth
        What is so, or None where that is not known.

    """
    at = () if index is None else index
    known = "" if truth is None else f"truth {percent(truth, 1)}"
    if not estimate.shown[at]:
        why = str(estimate.withheld[at])
        return Cell(short(why), "", known, why)
    value, low, high = (float(x[at]) for x in (estimate.value, estimate.low, estimate.high))
    return Cell(percent(value, 1), f"{100 * low:.1f}–{percent(high, 1)}", known, "")


def figures(data: Quality) -> list[tuple[str, str]]:
    """The numbers over the charts: value and what it is."""
    named = (
        ("macro F1", data.scores.macro_f1),
        ("balanced accuracy", data.scores.balanced),
        ("calibration error", data.reliability.error),
    )
    made = []
    for name, estimate in named:
        value, interval, _, why = cell(estimate)
        made.append((NONE, f"{name}: {value}") if why else (value, f"{name}, {interval}"))
    return [*made, (f"{data.answers:,}", "answers with a label")]


def headline(data: Quality) -> str:
    """What all of the page rests on, or why nothing is measurable and what to do."""
    if data.since:
        return (
            f"Not measurable: the first {counted(data.since, 'sample')} had a floor of 0, so "
            "samples the model was sure of were never checked, and sums over the whole log hold "
            "them, too. What can be done: reset the experiment, which keeps the floor it has now. "
            "Shown below is what is known without it."
        )
    if not data.floor:
        why = str(Withheld.NO_FLOOR)
        checks = (
            " Spot-checks tell of the precision of the samples that they were drawn from."
            if data.checked
            else ""
        )
        begun = f"{why[:1].upper()}{why[1:]}.{checks} {SET_A_FLOOR}"
        return f"{begun} Shown below is what is known without it."
    said = (
        f"Estimated for all samples so far from {counted(data.answers, 'answer')} with a label: "
        "each stands for all samples that were as likely to be asked about. With a floor of "
        f"{percent(data.floor, 1)}, {data.expected:,.0f} audits are to be expected so far."
    )
    if data.passed:
        said += (
            f" Non-response: {counted(data.passed, 'answer')} without a label (passed, or taken "
            "back) are left out of the values; the intervals allow for them, and for all samples "
            "like them, either way."
        )
    return said


def confusion_caption(data: Quality, *, truth: bool) -> str:
    """Which confusion matrix is shown, and what it rests on."""
    found = data.confusion
    why = str(found.withheld.flat[0])
    if shows_truth(data, truth=truth):
        lead = "Known truth of all samples so far."
        return f"{lead} The estimate is {why}." if why and not truth else lead
    if why:
        return f"{_begun(why)}. {_needed_for_accuracy(data)}".strip()
    return " ".join([
        "Estimated samples of the stream so far, rounded.",
        _interval([("", found)]),
        _rests_on(found, data.answers),
    ])  # fmt: skip


def scores_caption(data: Quality) -> str:
    """What the columns of the table of classes are, and why some of them are empty."""
    s = data.scores
    said = (
        "Labeled: answers with this label. Predicted: answers among the samples predicted to be of "
        "this class. Effective: so many answers drawn alike would tell as much as those "
        "(effective sample size)."
    )
    named = (("precision", s.precision), ("recall, F1 and means", s.recall),
             ("prevalence", s.prevalence))  # fmt: skip
    every = (s.precision, s.recall, s.f1, s.prevalence, s.macro_f1, s.balanced)
    why = {Withheld(w) for e in every for w in e.withheld.flat}
    intervals = [_interval(named)] if Withheld.SHOWN in why else []
    return " ".join([said, *intervals, *_explained(why, data)])


def _explained(why: Collection[Withheld], data: Quality) -> Iterator[str]:
    """What is meant by the few words that stand in place of a score."""
    few = " or ".join(f"“{short(w)}”" for w in (Withheld.TOO_FEW, Withheld.UNEVEN) if w in why)
    if few and data.checked:
        yield (
            f"{few}: precision needs {FEWEST} spot-checks with a label among the samples predicted "
            "to be of the class."
        )
    elif few:
        needed = max(FEWEST_FOR_SCORES, FEWEST_PER_CLASS * data.classes)
        more = max(FEWEST_FOR_SCORES, FEWEST_PER_CLASS_FOR_PRECISION * data.classes)
        precision = f" (precision {more:,})" if more > needed else ""
        yield (
            f"{few}: scores of classes need {needed:,} audits to be expected in all{precision}, "
            f"and {FEWEST_OF_CLASS} of them among the samples predicted to be of the class; so far "
            f"there are {data.expected:,.0f} in all. A mean needs every class."
        )
    if Withheld.NOTHING in why:
        yield f"“{short(Withheld.NOTHING)}”: no sample was predicted to be of the class."


def _needed_for_accuracy(data: Quality) -> str:
    if not data.floor:
        return ""
    return (
        f"With a floor of {percent(data.floor, 1)}, {data.expected:,.0f} audits are to be expected "
        f"so far; {FEWEST} are needed."
    )


def _interval(named: Iterable[tuple[str, Estimate]]) -> str:
    """What kind the intervals are, at which level, and for how many looks."""
    named = list(named)
    first = named[0][1]
    kinds = "; ".join(f"{name}: {e.kind}" if name else e.kind for name, e in named)
    return f"Intervals: {first.level:.0%}, {_LOOKS[first.looks]}; {kinds}."


_LOOKS = {
    Looks.ONE: "for one look (whoever looks again and again will see them miss more often)",
    Looks.MANY: "for many looks",
}


def _rests_on(estimate: Estimate, answers: int) -> str:
    size = float(estimate.effective.flat[0])
    return (
        f"It rests on {counted(answers, 'answer')} with a label, which tell as much as "
        f"{size:,.0f} drawn alike (effective sample size)."
    )


def means(data: Quality) -> list[tuple[str, ...]]:
    """The table of means over the classes, as `MEANS`."""
    known = data.known
    truths = (None, None) if known is None else (known.macro_f1, known.balanced)
    named = zip(
        ("macro F1", "balanced accuracy"), (data.scores.macro_f1, data.scores.balanced), truths,
        strict=True,
    )  # fmt: skip
    return [(name, *_row(estimate), percent(truth, 1)) for name, estimate, truth in named]


def _row(estimate: Estimate) -> Sequence[str]:
    value, interval, _, why = cell(estimate)
    rests_on = f"{int(estimate.answers):,}", f"{float(estimate.effective):,.0f}"
    return (NONE, value, *rests_on) if why else (value, interval, *rests_on)


def classes(data: Quality) -> list[tuple[Cell | str, ...]]:
    """The table of classes, as `COLUMNS` without the first."""
    s, known = data.scores, data.known
    four = {"precision": s.precision, "recall": s.recall, "f1": s.f1, "prevalence": s.prevalence}
    made: list[tuple[Cell | str, ...]] = []
    for i in range(data.classes):
        truth = {} if known is None else known.of_class(i)
        cells = (cell(estimate, i, truth.get(name)) for name, estimate in four.items())
        sizes = (s.recall.answers[i], s.precision.answers[i], s.precision.effective[i])
        made.append((*cells, *(f"{float(size):,.0f}" for size in sizes)))
    return made


def reliability_caption(data: Reliability) -> str:
    """The expected calibration error, with its interval, and which way it leans."""
    error, gap = data.error, data.gap
    said = []
    if error.shown:
        value, interval, _, _ = cell(error)
        said.append(f"Expected calibration error: {value} ({interval}).")
    else:
        said.append(f"Expected calibration error: {error.withheld}.")
    if gap.shown:
        low, high = gap.low.item(), gap.high.item()
        lean = "too sure" if gap.value.item() >= 0 else "not sure enough"
        said.append(
            f"On average it is {100 * abs(gap.value.item()):.1f} points {lean} (mean probability "
            f"minus accuracy: {100 * low:+.1f} to {100 * high:+.1f} points)."
        )
    if Withheld.NO_FLOOR in error.withheld:
        return said[0]
    said.append(_interval([("bins", data.accuracy), ("error", error)]))
    said.append(_rests_on(error, int(error.answers)))
    said.append(
        f"A bin is shown once {FEWEST_OF_BIN} audits are to be expected in it and {FEWEST} in "
        f"all, the error from {FEWEST_FOR_SCORES} in all."
    )
    return " ".join(said)


def prevalence_caption(data: Stretches, *, floor: float) -> str:
    """What the prevalence chart is made of."""
    found, classes = data.prevalence, data.predicted.shape[-1]
    said = f"One estimate per {counted(data.size, 'sample')}."
    if not found.shown.any():
        why = str(found.withheld.flat[0]) if found.withheld.size else str(Withheld.NOTHING)
        said = (
            f"{_begun(why)}. Drawn is the share predicted to be of each class, in each "
            f"{data.size:,} samples."
        )
    if floor:
        said += (
            f" A stretch takes {FEWEST} audits to be expected, which are {FEWEST / floor:,.0f} "
            f"samples with a floor of {percent(floor, 1)}; where there are fewer there is none."
        )
        said += f" {_interval([('', found)])}"
    if found.shown.any():
        answers = int(found.answers.sum())
        said += f" All stretches together rest on {counted(answers, 'answer')} with a label."
    if classes > MOST_CLASSES:
        said += (
            f" Drawn are the {MOST_CLASSES} classes predicted most often; the CSV has all of them."
        )
    return said


def drift_caption(data: Drifts) -> str:
    """What ADWIN was fed with, and what it found."""
    said = [
        f"Uncertainty: the mean normalized entropy of each {data.uncertainty.size:,} samples. "
        f"{_found(data.uncertainty)}"
    ]
    if data.error is None:
        said.append(f"Error: {Withheld.NO_FLOOR}.")
    else:
        said.append(
            f"Error: the share of errors in each {data.error.size:,} samples, estimated from its "
            f"answers by their weights (more than 100% counts as 100%). {_found(data.error)}"
        )
    said.append(
        f"Detector: River's ADWIN (Bifet and Gavaldà 2007) with δ = {DELTA:g}, looking after each "
        "value; a marker stands where it noticed a change, which is later than it began, and "
        "few values or small changes escape it."
    )
    return " ".join(said)


def _found(data: Signal) -> str:
    fed = counted(len(data.values), "value")
    if not data.changes:
        return f"Fed with {fed}, it noticed no change."
    return f"Fed with {fed}, it noticed {counted(len(data.changes), 'change')}."


def _begun(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
