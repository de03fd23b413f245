"""What an answer adds to the sums that estimates are made of, as whole numbers.

An answer that was asked for with probability π stands for itself and for the (1−π)/π samples that
were as likely to be asked about (Horvitz and Thompson 1952). These odds, and their square sums,
are kept in millionths: whole numbers are taken away again without a trace.

In the buckets along the stream (`25`, `500`, ..., `all`), with `<c>` a class or `none`:

==================================  ==========================================================
`as:<c>`                            scanned samples predicted to be of a class
`judged`, `audits`                  drawn queries with a label in force, and the audits of them
`w`, `w2`                           Σ 1/π and Σ 1/π² over these
`q:<c>`, `is:<c>`                   these by predicted class, and by label
`e`, `ey`, `ev`                     errors: Σ 1, Σ (1−π)/π, Σ (1−π)/π²
`fp:<c>`, `fpy:<c>`, `fpv:<c>`      the same by predicted class
`fn:<c>`, `fny:<c>`, `fnv:<c>`      the same by label
`o:<bin>`                           errors by bin of π, see `odds_bin`
`u`, `uy`, `uv`                     drawn queries without a label (passed, retracted)
`u:<c>`, `uy:<c>`, `uv:<c>`         the same by predicted class
`uo:<bin>`                          these by bin of π
`spot`, `spot:e`, `spot:u`          spot-checks with a label, wrong ones, those without a label
`sp:<c>`, `spe:<c>`, `spu:<c>`      the same by predicted class
==================================  ==========================================================

Of a kind of their own, for the whole log: `cell` (bucket: that of `confusion` for label and
predicted class) with `n`, `y`, `v`, `w`, `w2`; and `confidence` (bucket: ten bins of the predicted
class's probability) with `n`, `p` (Σ probability) for all scanned, `q`, `w`, `w2` for the judged,
`e`, `ey`, `ev` for errors, `u`, `uy`, `uv` for those without a label.

Nothing but `as:<class>` and the confidence bin is counted for a sample that was skipped: their
label is not known, whatever the stream's truth.
"""

from __future__ import annotations

import math
from collections import Counter

from dashboard.core.strategies import AUDIT, SPOT_CHECK

UNIT = 1_000_000
NONE = "none"
LEAST = 1e-3  # query probabilities below are taken as this: nothing is measurable there anyway
CONFIDENCE_BINS = 10
ODDS_STEP = math.log(1.05)
ODDS_BINS = int(-math.log(LEAST) / ODDS_STEP) + 2


def asked_counts(
    reason: str, query_probability: float, *, predicted: int | None, label: int | None
) -> Counter[str]:
    """What an answered query adds to the buckets along the stream.

    Parameters
    ----------
    reason
        Why it was asked about.
    query_probability
        With which it was to be asked about, in (0, 1].
    predicted
        The class predicted at the scan, or None.
    label
        The label in force, or None.

    Examples
    --------
    >>> counts = asked_counts("audit", 0.05, predicted=1, label=0)
    >>> counts["e"], counts["ey"] / UNIT, counts["ev"] / UNIT, counts["fn:0"], counts["o:62"]
    (1, 19.0, 380.0, 1, 1)

    """
    wrong = label is not None and label != predicted
    named = class_name(predicted)
    if reason == SPOT_CHECK:
        if label is None:
            return Counter({"spot:u": 1, f"spu:{named}": 1})
        found = {"spot": 1, "spot:e": int(wrong), f"sp:{named}": 1, f"spe:{named}": int(wrong)}
        return +Counter(found)
    if label is None:
        counts = _three("u", query_probability) | _three("u", query_probability, f":{named}")
        return +Counter({**counts, f"uo:{odds_bin(query_probability)}": 1})
    counts = {"judged": 1, "audits": int(reason == AUDIT), **_weights(query_probability)}
    counts |= {f"q:{named}": 1, f"is:{label}": 1}
    if wrong:
        counts |= _three("e", query_probability)
        counts |= _three("fp", query_probability, f":{named}")
        counts |= _three("fn", query_probability, f":{label}")
        counts[f"o:{odds_bin(query_probability)}"] = 1
    return +Counter(counts)


def cell_counts(query_probability: float) -> Counter[str]:
    """What a drawn query with a label adds to its pair of label and predicted class.

    Examples
    --------
    >>> cell_counts(0.5) == {"n": 1, "y": UNIT, "v": 2 * UNIT, "w": 2 * UNIT, "w2": 4 * UNIT}
    True

    """
    _, y, v = _three("", query_probability).values()
    return +Counter({"n": 1, "y": y, "v": v, **_weights(query_probability)})


def confidence_counts(
    query_probability: float, *, predicted: int | None, label: int | None
) -> Counter[str]:
    """What a drawn and answered query adds to its bin of confidence, beside `n` and `p`.

    Examples
    --------
    >>> confidence_counts(1.0, predicted=0, label=None), confidence_counts(
    ...     1.0, predicted=0, label=0) == {"q": 1, "w": UNIT, "w2": UNIT}
    (Counter({'u': 1}), True)

    """
    if label is None:
        return +Counter(_three("u", query_probability))
    counts = {"q": 1, **_weights(query_probability)}
    if label != predicted:
        counts |= _three("e", query_probability)
    return +Counter(counts)


def class_name(index: int | None) -> str:
    """What a class is called in the names of counts."""
    return NONE if index is None else str(index)


def odds_bin(query_probability: float) -> int:
    """Number of the bin of a query probability in the histogram of the wrong answers.

    Bin 0 is for π = 1 alone, of which nothing can be learned; bin b reaches from 1.05⁻ᵇ to below
    1.05¹⁻ᵇ.

    Examples
    --------
    >>> odds_bin(1.0), odds_bin(0.99), odds_bin(0.5), odds_bin(0.02), odds_bin(1e-9)
    (0, 1, 15, 81, 142)

    """
    if query_probability >= 1:
        return 0
    return min(ODDS_BINS - 1, 1 + int(-math.log(max(query_probability, LEAST)) / ODDS_STEP))


def _three(name: str, query_probability: float, suffix: str = "") -> dict[str, int]:
    pi = max(query_probability, LEAST)
    odds = (1 - pi) / pi
    return {
        f"{name}{suffix}": 1,
        f"{name}y{suffix}": round(odds * UNIT),
        f"{name}v{suffix}": round(odds / pi * UNIT),
    }


def _weights(query_probability: float) -> dict[str, int]:
    pi = max(query_probability, LEAST)
    return {"w": round(UNIT / pi), "w2": round(UNIT / pi**2)}
