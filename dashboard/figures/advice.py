"""Whether to go on, in words: the verdict with its reasons, and what each rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboard.analytics.advice import Advice, Because, Known, Target, Verdict
from dashboard.analytics.estimates.forecast import Forecast, Range
from dashboard.analytics.estimates.result import Estimate
from dashboard.analytics.stability import Gain, Rise
from dashboard.figures.estimates import shortly
from dashboard.figures.words import counted

Change = tuple[int, float, float]

TOO_MANY = "There are too many labels to look back on: they would have to be learned again."


def points(share: float) -> str:
    """A difference of accuracies.

    Examples
    --------
    >>> points(0.0123), points(0.0), points(0.00001), points(0.01)
    ('1.2 points', '0 points', 'under 0.1 points', '1.0 point')

    """
    if 0 < share < 0.0005:
        return "under 0.1 points"
    said = f"{100 * share:.1f}" if share else "0"
    return f"{said} point{'' if said == '1.0' else 's'}"


def share(value: float) -> str:
    """A share in per cent, as short as it is exact.

    Examples
    --------
    >>> share(0.95), share(0.9512), share(0.005)
    ('95%', '95.1%', '0.5%')

    """
    return f"{round(100 * value, 1):g}%"


def lasts(seconds: float) -> str:
    """How long something takes, in the unit one would say it in.

    Examples
    --------
    >>> lasts(40), lasts(60), lasts(400), lasts(9000), lasts(200_000)
    ('under a minute', 'a minute', '7 minutes', '2.5 hours', '56 hours')

    """
    minutes = round(seconds / 60)
    if seconds < 55:
        return "under a minute"
    if minutes < 100:
        return "a minute" if minutes == 1 else f"{minutes} minutes"
    hours = seconds / 3600
    return f"{hours:.1f} hours" if hours < 10 else f"{hours:,.0f} hours"


def verdict(advice: Advice) -> tuple[str, str]:
    """The verdict, and all that it rests on in a sentence.

    Parameters
    ----------
    advice
        As found.

    """
    because = [str(reason) for reason in advice.because]
    if advice.verdict == Verdict.STOP:
        because.append("all labels to the end of the stream are likely to add less than a point")
    if advice.verdict == Verdict.DIMINISHING and len(because) > 1:
        said = f"{because[0]}, but {_and(because[1:])}"
    else:
        said = _and(because)
    title = str(advice.verdict).capitalize()
    return title, f"{said[:1].upper()}{said[1:]}."


def _and(parts: Sequence[str]) -> str:
    """Several as one.

    Examples
    --------
    >>> _and(["a", "b", "c"])
    'a; b; and c'

    """
    if len(parts) < 3:
        return ", and ".join(parts)
    return f"{'; '.join(parts[:-1])}; and {parts[-1]}"


def known(estimate: Estimate, found: Known) -> str:
    """The accuracy so far with its band, and what is sure however often one looks."""
    if not estimate.shown:
        return shortly(estimate)
    low, high = share(estimate.low.item()), share(estimate.high.item())
    said = f"{share(estimate.value.item())}, {low} to {high} (95% interval)"
    return said if found.least is None else f"{said}; at least {share(found.least)} at all looks"


def changed(change: Change, probe: int) -> str:
    """What some labels changed on the probe."""
    _, part, kappa = change
    turned = round(part * probe)
    return f"{turned:,} of {counted(probe, 'prediction')} ({share(part)}), agreement κ {kappa:.2f}"


def gained(found: Gain, rise: Rise | None = None) -> str:
    """What the next labels are likely to bring, and how long they take.

    That and what all labels to the end may bring are estimated from different stretches; the next
    few are not said to bring more than all.
    """
    if found.likely is None or found.most is None:
        return "too early to tell"
    likely, most = found.likely, found.most
    if rise is not None:
        likely, most = min(likely, rise.likely), min(most, rise.most)
    said = f"{points(likely)} more, at most {points(most)}"
    return said if found.seconds is None else f"{said}; {lasts(found.seconds)} at your pace"


def risen(found: Rise | None, *, labels: int) -> str:
    """What all labels to the end of the stream may bring."""
    if found is None:
        return "too early to tell"
    about = f"; about {counted(labels, 'label')}" if labels else ""
    return f"{points(found.likely)} more, at most {points(found.most)}{about}"


def target_words(target: Target) -> str:
    """A target as one would say it.

    Examples
    --------
    >>> target_words(Target(0.95, 0.02)), target_words(Target(0.9))
    ('95% accuracy, ± 2 points', '90% accuracy')

    """
    said = f"{share(target.accuracy)} accuracy"
    return said if target.within >= 1 else f"{said}, ± {100 * target.within:g} points"


def ahead(found: Forecast | None, *, left: int, timed: bool, measured: bool = True) -> str:
    """How many labels lie before the target, and how long they take, with a range.

    Parameters
    ----------
    found
        The forecast; None where nothing can be told yet.
    left
        Labels that the rest of the stream is likely to ask for.
    timed
        Whether it is known how long an answer takes.
    measured
        Whether there is a floor.

    """
    if not measured:
        return "With a floor of 0 no number of labels makes it known; raise the floor for that."
    if found is None:
        return "It takes a few more audits to tell how far away it is."
    if found.labels.likely == 0:
        return "It is reached."
    if math.isinf(found.labels.low):
        return "It is not in sight: with errors as they are, no number of labels will reach it."
    if math.isinf(found.labels.likely):
        words = f"At the very best {_round(found.labels.low)} more labels, and perhaps never"
    else:
        words = f"About {_round(found.labels.likely)} more labels ({_ends(found.labels)})"
        words += f", {_times(found.seconds)}" if timed else ""
    if left < found.labels.likely < math.inf:
        words += (
            f"; the rest of the stream will ask for about {left:,} only" if left
            else "; but the whole stream is scanned"
        )  # fmt: skip
    return f"{words}."


def _ends(found: Range) -> str:
    if math.isinf(found.high):
        return f"{_round(found.low)} at best, and perhaps far more"
    return f"{_round(found.low)} to {_round(found.high)}"


def _times(found: Range) -> str:
    if math.isinf(found.high):
        return f"{lasts(found.likely)} ({lasts(found.low)} at best)"
    return f"{lasts(found.likely)} ({lasts(found.low)} to {lasts(found.high)})"


def _round(n: float) -> str:
    """A number of labels, no more exact than it is known.

    Examples
    --------
    >>> _round(7.2), _round(132), _round(1670)
    ('7', '130', '1,700')

    """
    if n < 20:
        return f"{n:.0f}"
    digits = 10 ** (len(f"{n:.0f}") - 2)
    return f"{round(n / digits) * digits:,}"


def note(probe: int, advice: Advice) -> str:
    """How the evidence is to be read."""
    said = (
        "The accuracy is that of the predictions so far, each made before its sample was learned. "
        f"“At all looks” holds however often one looks. The same {counted(probe, 'sample')} of the "
        "stream are predicted every 25 labels. At most, each doubling of the labels changes as "
        "many of these predictions as the last one, all for the better; more likely, ever fewer, "
        "and half of them for the better."
    )
    if Because.NO_FLOOR in advice.because:
        said += (
            " Without a floor nobody knows how many mistakes there are among the samples it is "
            "sure of, so it never says that you can stop."
        )
    if Because.SPOT_CHECKED in advice.because:
        said += (
            " With a floor of 0 the accuracy is that of the samples which spot-checks were drawn "
            "from: nobody checks those scanned since, and no limit holds at all looks, so it never "
            "says that you can stop."
        )
    return said
