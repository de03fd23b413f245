"""What can be chosen on the analytics pages. The same names stand in addresses and in CSV links.

Values come from addresses and from browsers, so all of them are checked. A page forgives what it
cannot use and takes the default; a download says what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from dashboard.errors import BadInput

WINDOWS = ("100", "500", "2000")
CURVES = ("overall", "rolling", "balanced", "f1")
SPANS = ("all", "500", "5000", "range")
ASK_LEAST, ASK_MOST = -5.3, 0.3  # exponents of ten: discount factors from 200,000 to 0.5

Params = Mapping[str, Any]

T = TypeVar("T")


@dataclass(frozen=True)
class AccuracyChoices:
    """Choices of the accuracy page."""

    by: str = "samples"
    curves: tuple[str, ...] = ("overall", "rolling")
    window: str = "500"

    @classmethod
    def read(cls, params: Params, *, strict: bool = False) -> Self:
        """The choices in an address or from the controls.

        Examples
        --------
        >>> AccuracyChoices.read({"curves": "f1,overall", "window": "7"})
        AccuracyChoices(by='samples', curves=('overall', 'f1'), window='500')

        """
        return cls(
            _one(params, "by", ("samples", "labels"), cls.by, strict=strict),
            _some(params, "curves", CURVES, cls.curves, strict=strict),
            _one(params, "window", WINDOWS, cls.window, strict=strict),
        )


@dataclass(frozen=True)
class QueriesChoices:
    """Choices of the queries page."""

    window: str = "500"
    per: str = "hour"

    @classmethod
    def read(cls, params: Params, *, strict: bool = False) -> Self:
        """The choices in an address or from the controls."""
        return cls(
            _one(params, "window", WINDOWS, cls.window, strict=strict),
            _one(params, "per", ("hour", "day"), cls.per, strict=strict),
        )


@dataclass(frozen=True)
class EntropyChoices:
    """Choices of the entropy page.

    Parameters
    ----------
    bars
        `over` or `beside`: where the bars stand.
    counts
        `linear` or `log`.
    span
        `all`, `500`, `5000` for the last so many samples, or `range`.
    range
        Positions from the first to before the second; plays a part with the span `range`.
    ask
        How much to ask, as an exponent: the discount factor to compare with is 10 ** -ask.

    """

    bars: str = "over"
    counts: str = "linear"
    span: str = "all"
    range: tuple[int, int] = (0, 0)
    ask: float | None = None

    @classmethod
    def read(cls, params: Params, *, strict: bool = False) -> Self:
        """The choices in an address or from the controls.

        Examples
        --------
        >>> EntropyChoices.read({"span": "range", "range": "500,25", "ask": "-2"}).range
        (25, 500)

        """
        return cls(
            _one(params, "bars", ("over", "beside"), cls.bars, strict=strict),
            _one(params, "counts", ("linear", "log"), cls.counts, strict=strict),
            _one(params, "span", SPANS, cls.span, strict=strict),
            _range(params, strict=strict),
            _ask(params, strict=strict),
        )

    @property
    def last(self) -> int | None:
        """The last so many samples, or None."""
        return int(self.span) if self.span.isdigit() else None

    @property
    def stretch(self) -> tuple[int, int] | None:
        """The positions chosen, or None."""
        return self.range if self.span == "range" else None

    @property
    def discount(self) -> float | None:
        """The discount factor to compare with, or None for the one of now."""
        return None if self.ask is None else discount_of(self.ask)


def discount_of(ask: float) -> float:
    """The discount factor of a place on the slider.

    Examples
    --------
    >>> discount_of(-2.0)
    100.0

    """
    return float(10.0**-ask)


def ask_of(discount: float) -> float:
    """The place on the slider of a discount factor, as near as the slider can be set.

    Examples
    --------
    >>> ask_of(100.0), ask_of(1e9)
    (-2.0, -5.3)

    """
    return max(ASK_LEAST, min(ASK_MOST, round(-math.log10(max(discount, 1e-9)), 2)))


def _one(
    params: Params, name: str, options: Sequence[str], default: str, *, strict: bool
) -> str:
    value = params.get(name)
    if value is None or value in options:
        return default if value is None else str(value)
    return _refused(name, f"one of {', '.join(options)}", value, default, strict=strict)


def _some(
    params: Params,
    name: str,
    options: Sequence[str],
    default: tuple[str, ...],
    *,
    strict: bool,
) -> tuple[str, ...]:
    value = params.get(name)
    if value is None:
        return default
    wanted = value if isinstance(value, list) else str(value).split(",")
    wanted = [] if wanted == ["none"] else wanted  # an empty value would not survive an address
    if all(w in options for w in wanted):
        return tuple(o for o in options if o in wanted)
    return _refused(name, f"some of {', '.join(options)}", value, default, strict=strict)


def _range(params: Params, *, strict: bool) -> tuple[int, int]:
    value = params.get("range")
    if value is None:
        return (0, 0)
    parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
    try:
        low, high = sorted(int(part) for part in parts)
        if not 0 <= low <= high < 2**40:
            raise ValueError
    except (TypeError, ValueError):
        return _refused("range", "two positions like 0,500", value, (0, 0), strict=strict)
    return low, high


def _ask(params: Params, *, strict: bool) -> float | None:
    value = params.get("ask")
    if value is None:
        return None
    try:
        ask = float(value)
        if not ASK_LEAST <= ask <= ASK_MOST:
            raise ValueError
    except (TypeError, ValueError):
        least = f"a number from {ASK_LEAST} to {ASK_MOST}"
        return _refused("ask", least, value, None, strict=strict)
    return ask


def _refused(name: str, wanted: str, value: object, default: T, *, strict: bool) -> T:
    if strict:
        raise BadInput(f"The choice {name} has to be {wanted}, not {str(value)[:40]!r}.")
    return default
