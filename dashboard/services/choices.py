"""What can be chosen on the analytics pages. The same names stand in addresses and in CSV links.

Values come from addresses and from browsers, so all of them are checked. A page forgives what it
cannot use and takes the default; a download says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from dashboard.errors import BadInput

WINDOWS = ("100", "500", "2000")
CURVES = ("estimate", "naive", "overall", "rolling", "balanced", "f1")
SPANS = ("all", "500", "5000", "range")
ASK_MOST = 2.0  # exponent of ten: up to a hundred times the discount factor, or a hundredth

Params = Mapping[str, Any]

T = TypeVar("T")


@dataclass(frozen=True)
class AccuracyChoices:
    """Choices of the accuracy page."""

    by: str = "samples"
    curves: tuple[str, ...] = ("estimate", "overall", "rolling")
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
        How much more to ask, as an exponent: the discount factor to compare with is that of now
        times 10 ** -ask.

    """

    bars: str = "over"
    counts: str = "linear"
    span: str = "all"
    range: tuple[int, int] = (0, 0)
    ask: float = 0.0

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
    def times(self) -> float:
        """By what the discount factor of now is multiplied for the comparison."""
        return float(10.0**-self.ask)


@dataclass(frozen=True)
class QualityChoices:
    """Choices of the quality page.

    Parameters
    ----------
    matrix
        `estimate` or `truth`: which confusion matrix, where there are both.
    stretch
        `short` or `long`: of what length prevalence is estimated.

    """

    matrix: str = "estimate"
    stretch: str = "short"

    @classmethod
    def read(cls, params: Params, *, strict: bool = False) -> Self:
        """The choices in an address or from the controls."""
        return cls(
            _one(params, "matrix", ("estimate", "truth"), cls.matrix, strict=strict),
            _one(params, "stretch", ("short", "long"), cls.stretch, strict=strict),
        )

    @property
    def long(self) -> bool:
        """Whether stretches are the longer ones."""
        return self.stretch == "long"


def _one(params: Params, name: str, options: Sequence[str], default: str, *, strict: bool) -> str:
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
    except (TypeError, ValueError, OverflowError):  # the last for infinity
        return _refused("range", "two positions like 0,500", value, (0, 0), strict=strict)
    return low, high


def _ask(params: Params, *, strict: bool) -> float:
    value = params.get("ask", 0.0)
    try:
        ask = float(value)
        if not -ASK_MOST <= ask <= ASK_MOST:
            raise ValueError
    except (TypeError, ValueError):
        wanted = f"a number from {-ASK_MOST:g} to {ASK_MOST:g}"
        return _refused("ask", wanted, value, 0.0, strict=strict)
    return ask


def _refused(name: str, wanted: str, value: object, default: T, *, strict: bool) -> T:
    if strict:
        raise BadInput(f"The choice {name} has to be {wanted}, not {str(value)[:40]!r}.")
    return default
