"""Estimates in words and numbers: never without what they rest on, or why there is none yet."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.analytics.accuracy import AccuracyCurve
from dashboard.analytics.estimates.along import AccuracyEstimates
from dashboard.analytics.estimates.intervals import LEVEL
from dashboard.analytics.estimates.result import FEWEST, Estimate, Looks, Withheld
from dashboard.analytics.estimates.strata import Checked
from dashboard.core.weights import LEAST
from dashboard.figures.words import NONE, counted, percent

NAIVE = (
    "“Asked only” is the share of right predictions among the samples that were asked about. That "
    "is too low, by 12 to 33 points in simulations: it asks about what it is unsure of, so the "
    "hard samples are counted far more often than there are."
)

COLUMNS = ("of", "accuracy", f"{LEVEL:.0%} interval", "answers", "effective")


def headline(estimate: Estimate) -> tuple[str, str]:
    """The number over the chart, and what it is.

    Parameters
    ----------
    estimate
        A single one.

    """
    if not estimate.shown:
        return NONE, f"estimated accuracy: {shortly(estimate)}"
    low, high = percent(estimate.low.item(), 1), percent(estimate.high.item(), 1)
    return percent(estimate.value.item()), f"estimated accuracy, {low} to {high}"


def shortly(estimate: Estimate) -> str:
    """Why an estimate is withheld, in two or three words.

    Examples
    --------
    >>> from collections import Counter
    >>> import numpy as np
    >>> from dashboard.analytics.buckets import Buckets
    >>> from dashboard.analytics.estimates.along import accuracy_estimates
    >>> some = Buckets(25, np.array([0]), (Counter({"n": 25, "judged": 9}),))
    >>> shortly(accuracy_estimates(some, floor=0.02).now)
    'not measurable yet'

    """
    return str(estimate.withheld).partition(":")[0]


def rows(
    estimates: AccuracyEstimates, curve: AccuracyCurve, *, truth: bool
) -> list[tuple[str, ...]]:
    """The table of what is known of the accuracy, as `COLUMNS`."""
    judged = int(estimates.judged[-1]) if len(estimates.judged) else 0
    naive = percent(float(estimates.naive[-1])) if judged else NONE
    made = [
        ("all samples, estimated", *_cells(estimates.now)),
        ("skipped samples, estimated", *_cells(estimates.skipped)),
        ("asked only, naive", naive, NONE, f"{judged:,}", NONE),
    ]
    if truth and len(curve.known):
        known = percent(float(curve.accuracy[-1]))
        made.append(("all samples, known truth", known, NONE, NONE, NONE))
    return made


def _cells(estimate: Estimate) -> Sequence[str]:
    rests_on = f"{int(estimate.answers):,}", f"{float(estimate.effective):,.0f}"
    if not estimate.shown:
        return NONE, shortly(estimate), *rests_on
    low, high = (percent(x.item(), 1).rstrip("%") for x in (estimate.low, estimate.high))
    return percent(estimate.value.item()), f"{low}–{high}%", *rests_on


def skipped_figures(
    estimates: AccuracyEstimates,
    *,
    skipped: int,
    of: int,
    known: int,
    correct: int,
    checked: int = 0,
) -> list[tuple[str, str]]:
    """The numbers over the ledger of what was skipped: value and what it is.

    Parameters
    ----------
    estimates
        As on the accuracy page.
    skipped, of
        Samples that the sampler did not ask about, of all that were predicted.
    known, correct
        How many of the skipped have a known class, and were predicted right.
    checked
        How many of the skipped were spot-checked since.

    """
    since = f", {checked:,} of them spot-checked" if checked else ""
    figures = [
        (f"{skipped:,}", f"skipped of {counted(of, 'sample')}{since}"),
        _error(estimates.skipped),
    ]
    if known:
        whole = "by known truth" if known == skipped else f"where known ({known:,} of them)"
        figures.append((percent(1 - correct / known), f"error among them {whole}"))
    return figures


def _error(accuracy: Estimate) -> tuple[str, str]:
    """The error, which is what the accuracy leaves, with its limits."""
    if not accuracy.shown:
        return NONE, f"estimated error among them: {shortly(accuracy)}"
    low, high = percent(1 - accuracy.high.item(), 1), percent(1 - accuracy.low.item(), 1)
    return (
        percent(1 - accuracy.value.item()),
        f"estimated error among them, {low} to {high} ({accuracy.level:.0%} interval)",
    )


def skipped_note(estimates: AccuracyEstimates) -> str:
    """What the estimated error among the skipped rests on, or what to do to have one."""
    skipped = estimates.skipped
    if skipped.shown:
        return note(estimates, about=skipped, limit="upper")
    return f"{_why(estimates, about=skipped)} {_TO_DO.get(str(skipped.withheld), '')}".rstrip()


_TO_DO = {
    Withheld.NO_FLOOR.value: "Spot-check some of them, or raise the floor where the question rate "
    "is changed on the label page, to 2 % for instance: it then asks about a few of the samples to "
    "come as well.",
    Withheld.TOO_FEW.value: "Keep labeling.",
    Withheld.UNEVEN.value: "Keep labeling.",
}


def note(
    estimates: AccuracyEstimates, *, about: Estimate | None = None, limit: str = "lower"
) -> str:
    """What the estimate rests on, what its interval is, and what it leaves out.

    Parameters
    ----------
    estimates
        All of them.
    about
        The one in question; that for all samples unless given.
    limit
        Which limit takes samples without a label for mistakes: the `upper` where errors are shown.

    """
    found = about or estimates.now
    said = [_made_of(estimates, found) if found.shown else _why(estimates, about=found)]
    said += _checks_note(estimates.checked)
    checked = estimates.checked
    if estimates.since and not (checked and checked.from_the_start):
        said.append(
            f"The first {counted(estimates.since, 'sample')} are left out: the floor was 0 there."
        )
    if passed := int(estimates.passed[-1]) if len(estimates.passed) else 0:
        said.append(
            f"Non-response: {counted(passed, 'answer')} without a label (passed, or taken back). "
            f"The estimate leaves them out; the {limit} limit takes them, and all samples like "
            "them, for mistakes."
        )
    return " ".join(said)


def _checks_note(checked: Checked | None) -> list[str]:
    """What spot-checks have to do with an estimate."""
    if checked is None:
        return []
    said = []
    if checked.floor < LEAST and checked.samples:
        said.append(
            f"With a floor of 0 it is about the {counted(checked.samples, 'sample')} that "
            "spot-checks were drawn from: of those scanned since, nothing is known."
        )
    if checked.passed:
        said.append(
            f"Of the spot-checks, {counted(checked.passed, 'answer')} had no label: non-response, "
            "taken for mistakes in the worse limit."
        )
    return said


def _made_of(estimates: AccuracyEstimates, now: Estimate) -> str:
    return (
        f"Each answer stands for all samples that were as likely to be asked about. Interval: "
        f"{now.kind}, {now.level:.0%}, {_LOOKS[now.looks]}. It rests on "
        f"{counted(int(now.answers), 'answer')} with a label, {_drawn_apart(estimates)}; "
        f"they tell as much as {float(now.effective):,.0f} drawn alike (effective sample size)."
    )


def _drawn_apart(estimates: AccuracyEstimates) -> str:
    checked = estimates.checked
    audits = f"{estimates.audits:,} of them audits"
    return audits if checked is None else f"{audits} and {checked.labeled:,} spot-checked"


_LOOKS = {
    Looks.ONE: "for one look: whoever looks again and again will see it miss more often",
    Looks.MANY: "for many looks",
}


def _why(estimates: AccuracyEstimates, *, about: Estimate) -> str:
    why = str(about.withheld)
    said = f"{why[:1].upper()}{why[1:]}."
    if why in (Withheld.TOO_FEW, Withheld.UNEVEN):
        said += (
            f" With a floor of {percent(estimates.floor, 1)}, {estimates.expected:.0f} audits are "
            f"to be expected so far; {FEWEST} are needed."
        )
    return said
