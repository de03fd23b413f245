"""What stands beside the charts, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.analytics.accuracy import AccuracyCurve, ClassScore
from dashboard.analytics.buckets import Floats, Ints
from dashboard.analytics.entropy import Histogram
from dashboard.analytics.queries import HOURS_A_DAY, Pace, QueryCurve, Saved
from dashboard.figures.theme import factor

NONE = "–"


def percent(share: float | None, digits: int = 2) -> str:
    """A share as people read it.

    Examples
    --------
    >>> percent(0.95479), percent(0.5, 0), percent(None)
    ('95.48%', '50%', '–')

    """
    return NONE if share is None or share != share else f"{share:.{digits}%}"


def counted(n: int, what: str) -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "sample"), counted(5_574, "sample")
    ('1 sample', '5,574 samples')

    """
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _last(values: Floats | Ints) -> float | None:
    return float(values[-1]) if len(values) else None


def accuracy_figures(
    curve: AccuracyCurve, classes: Sequence[str], *, truth: bool = False
) -> list[tuple[str, str]]:
    """The numbers over the accuracy chart: value and what it is."""
    samples, labels = (int(_last(v) or 0) for v in (curve.samples, curve.labels))
    majority = NONE if curve.majority is None else classes[curve.majority]
    f1 = f"F1 of {classes[1]}" if len(classes) == 2 else "macro F1"
    known = "accuracy, known truth" if truth else "accuracy where known"
    return [
        (percent(_last(curve.accuracy)), known),
        (percent(_last(curve.baseline)), f"always “{majority}”"),
        (percent(_last(curve.balanced)), "balanced accuracy"),
        (percent(_last(curve.f1)), f1),
        (f"{labels:,}", f"label{'' if labels == 1 else 's'} for {counted(samples, 'sample')}"),
    ]


def accuracy_caption(curve: AccuracyCurve, *, truth: bool, rolling: bool = True) -> str:
    """What the accuracy chart is made of."""
    said = f"One point per {curve.size:,} samples"
    said += f"; the thin line looks back on {curve.window:,}." if rolling else "."
    if truth or not len(curve.samples):
        return said
    of = counted(int(curve.samples[-1]), "sample")
    return (
        f"{said} The true class is known for {int(curve.known[-1]):,} of {of}, mostly those that "
        "were asked about because the model was unsure: on all samples it is likely better than "
        "this."
    )


def score_cells(score: ClassScore) -> tuple[str, ...]:
    """A row of the table of classes, without the class."""
    shares = (score.precision, score.recall, score.f1)
    return f"{score.support:,}", *(percent(share, 1) for share in shares)


def query_figures(saved: Saved) -> list[tuple[str, str]]:
    """The numbers over the queries charts."""
    each = saved.samples / saved.queried if saved.queried else 0.0
    rate = f"1 in {each:.1f}".removesuffix(".0") if 0 < each < 9.5 else f"1 in {each:,.0f}"
    return [
        (f"{saved.queried:,}", "queried"),
        (f"{saved.skipped:,}", "skipped"),
        (rate if each else NONE, "asked"),
        (f"{saved.labels:,}", "labels in force"),
        (f"{saved.passes:,}", "passes"),
    ]


def saved_sentence(saved: Saved) -> str:
    """Labels saved against labeling everything.

    Examples
    --------
    >>> saved_sentence(Saved(100, 12, 11, 1, 88, 0.88))
    'Labeling everything would have taken 100 labels; it asked for 12. That saved 88, or 88.0%.'

    """
    return (
        f"Labeling everything would have taken {counted(saved.samples, 'label')}; it asked for "
        f"{saved.queried:,}. That saved {saved.skipped:,}, or {percent(saved.share, 1)}."
    )


def ratio_caption(curve: QueryCurve) -> str:
    """What the ratio chart is made of."""
    return f"One point per {curve.size:,} samples; the thick line looks back on {curve.window:,}."


def pace_caption(pace: Pace) -> str:
    """What the charts over time are made of."""
    what = "day (UTC)" if pace.hours == HOURS_A_DAY else "hour, of the last three days"
    timed = int(pace.timed.sum())
    if not timed:
        return f"One bar per {what}. Nobody has answered by hand yet, so no answer was timed."
    mean = float((pace.seconds * pace.timed)[pace.timed > 0].sum()) / timed
    were = "answer was" if timed == 1 else "answers were"
    return f"One bar per {what}. {timed:,} {were} timed: {mean:.1f} s each on average."


def histogram_caption(data: Histogram) -> str:
    """Which samples a histogram counts."""
    queried, skipped = int(data.queried.sum()), int(data.skipped.sum())
    if not queried + skipped:
        return "No sample in this stretch yet."
    return (
        f"Samples {data.first + 1:,} to {data.stop:,}: {queried:,} queried, {skipped:,} skipped. "
        f"{len(data.queried)} bins."
    )


def what_if(
    *,
    other: float,
    expected: float,
    now: float | None,
    same: bool,
    steers: bool,
    queried: int,
    samples: int,
) -> str:
    """What another discount factor would have asked.

    Parameters
    ----------
    other, expected
        The discount factor, and how many queries are expected of it.
    now, same
        The one of now, None where it asks at random; whether the two are one.
    steers
        Whether the strategy changes it as it goes.
    queried, samples
        What there really was.

    """
    share = percent(expected / samples, 1) if samples else NONE
    these = f"{'this' if samples == 1 else 'these'} {counted(samples, 'sample')}"
    asked = f"about {round(expected):,} of {these} ({share})"
    if now is None:
        start = f"It asks at random. By entropy, with a discount factor of {factor(other)},"
    elif not same:
        start = f"With a discount factor of {factor(other)} in place of {factor(now)},"
    elif steers:
        start = f"The discount factor steers itself and is {factor(now)} now. Held there all along,"
    else:
        return (
            f"The discount factor is {factor(now)}. With these entropies it is expected to ask "
            f"for {asked}; in fact it asked for {queried:,}."
        )
    return f"{start} it would have asked for {asked}; in fact it asked for {queried:,}."


CAUTION = (
    "Counted from the entropies in the log. With more or fewer labels the model would have "
    "learned differently, and been sure of other samples."
)
