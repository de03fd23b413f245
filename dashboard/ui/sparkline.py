"""A small curve without a library: an SVG used as a mask, so that its color is the theme's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from dashboard.ui.forms import aria

WIDTH, HEIGHT = 132, 34

Point = tuple[int, float]


def lowest(curves: Sequence[Sequence[Point]]) -> float:
    """Where the common scale of some curves begins: a tenth under the lowest settled value.

    The first few samples of a log say nothing yet and are not looked at.

    Examples
    --------
    >>> lowest([[(25, 0.2), (50, 0.9), (75, 0.95), (100, 0.96)]])
    0.8

    """
    settled = [y for curve in curves for x, y in curve if x >= 0.3 * curve[-1][0]]
    return max(0.0, (int(min(settled, default=1.0) * 10 + 1e-9) - 1) / 10)


def sparkline(curve: Sequence[Point], *, low: float, words: str) -> Any:
    """Accuracy from the first prediction to the last, from `low` to 100 %.

    Parameters
    ----------
    curve
        Samples seen and accuracy.
    low
        Accuracy at the bottom.
    words
        What the curve says, for those who do not see it.

    """
    shape = svg(curve, low=low)
    url = f'url("data:image/svg+xml,{quote(shape, safe="")}")'
    return html.Div(
        className="spark", role="img", style={"WebkitMaskImage": url, "maskImage": url},
        **aria(label=words),
    )  # fmt: skip


def svg(curve: Sequence[Point], *, low: float) -> str:
    """The curve as a picture of one color, opaque where it is to be seen."""
    points = [_place(x / curve[-1][0], y, low=low) for x, y in curve]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    first, last = points[0][0], points[-1][0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">'
        f'<path d="M0 {HEIGHT - 0.5}H{WIDTH}" stroke="black" stroke-opacity=".25"/>'
        f'<polygon points="{first:.1f},{HEIGHT} {line} {last:.1f},{HEIGHT}" fill-opacity=".13"/>'
        f'<polyline points="{line}" fill="none" stroke="black" stroke-width="1.6" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
        f'<circle cx="{last:.1f}" cy="{points[-1][1]:.1f}" r="2.2"/></svg>'
    )


def _place(x: float, y: float, *, low: float) -> tuple[float, float]:
    share = (max(low, y) - low) / (1 - low)
    return 3 + (WIDTH - 6) * x, HEIGHT - 3 - (HEIGHT - 6) * share
