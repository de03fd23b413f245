"""Unseen errors, told how many samples there are: what is known anyway takes off luck of the draw.

How many samples were predicted to be of a class, and how many of these nobody was asked about, is
known. What the answers would make of that number, Σ q (1−π)/π over all of them, is off by luck, and
the number of unseen errors is off by the same luck: where too many audits came, too many errors
came with them. So as much is taken off as the errors vary together with it, in the way that leaves
the least variance:

    unseen = Σ q e (1−π)/π + λ (U − Σ q (1−π)/π)        λ = Σ q e (1−π)/π² / Σ q (1−π)/π²

with U samples that nobody was asked about. What is added is 0 on average. Where hardly anything is
wrong λ is about 0, and nothing changes. Where much is, and all audits are alike, it is U times the
share of errors among the audits, which is never more than U: the plain sum can be, and whoever
cuts it off there, or divides by what is left, is biased.

Sources: Cassel, Särndal and Wretman 1976 (Biometrika 63, 615-620); Montanari 1987 (International
Statistical Review 55, 191-202) for λ; the same as "power tuning" in Angelopoulos, Duchi and Zrnic
2023 (arXiv 2311.01453).
"""

from __future__ import annotations

import numpy as np

from dashboard.analytics.buckets import Floats, ratio
from dashboard.analytics.estimates.evidence import Weighted


def unseen_given(kind: Weighted, answered: Weighted, unlabeled: Floats) -> Floats:
    """How many of a kind were not seen, among a number of samples that is known.

    Parameters
    ----------
    kind
        What to estimate, errors for instance.
    answered
        All answers among the same samples, with a label or without one.
    unlabeled
        How many of these samples nobody was asked about.

    Examples
    --------
    100 samples at a floor of 5 %, of which 8 audits came rather than 5, 4 of them wrong. Nobody was
    asked about 92 of the samples, which cannot hold 76 + 76 errors and right ones; half of them is
    what the audits say.

    >>> wrong, all_of = (Weighted(*(np.array(k * x) for x in (1.0, 19.0, 380.0))) for k in (4, 8))
    >>> wrong.unseen.item(), unseen_given(wrong, all_of, np.array(92.0)).item()
    (76.0, 46.0)

    """
    together = np.nan_to_num(ratio(kind.spread, answered.spread))
    told = kind.unseen + together * (unlabeled - answered.unseen)
    return np.asarray(np.clip(told, 0.0, np.maximum(unlabeled, 0.0)))
