"""Charts of the entropy page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from dashboard.analytics.buckets import Floats
from dashboard.analytics.entropy import Drift, Histogram, query_probability
from dashboard.figures.theme import (
    DASH,
    STEEP,
    Palette,
    colorscale,
    counting,
    factor,
    figure,
    mixed,
    palette,
)

_FINE = np.arange(201) / 200


class Rule(NamedTuple):
    """How entropy becomes a query probability; without a discount factor it plays no part.

    Parameters
    ----------
    name
        What the chart calls it.
    discount
        The discount factor, or None.
    floor
        Least query probability; the only one where there is no discount factor.

    """

    name: str
    discount: float | None
    floor: float

    def probability(self, entropy: Floats) -> Floats:
        """The curve."""
        if self.discount is None:
            return np.full(len(entropy), self.floor)
        return query_probability(entropy, discount=self.discount, floor=self.floor)


def histogram(
    data: Histogram,
    *,
    theme: str | None,
    side_by_side: bool,
    log: bool,
    rules: Sequence[Rule] = (),
    revision: str = "",
) -> go.Figure:
    """Entropy of queried and skipped samples, with the query probability over it.

    Parameters
    ----------
    data
        What to draw.
    theme
        `light` or `dark`.
    side_by_side
        Whether the bars stand beside each other rather than over each other.
    log
        Whether counts are drawn on a logarithmic axis.
    rules
        How entropy becomes a query probability: as it is, then as it might be.
    revision
        As long as it stays the same, so does the reader's zoom.

    """
    return figure(
        [*_bars(data, side_by_side, palette(theme)), *_rules(rules, palette(theme))],
        theme=theme, revision=revision, barmode="overlay",
        xaxis={"title": {"text": "normalized entropy: 0 sure, 1 unsure"}, "range": [-0.005, 1.005],
               "hoverformat": ".2f"},
        yaxis=_counts_axis(log),
        yaxis2={"overlaying": "y", "side": "right", "range": [0, 1.02], "tickformat": ".0%",
                "tickmode": "array", "tickvals": [0, 0.25, 0.5, 0.75, 1],
                "showgrid": False, "title": {"text": "query probability"}, "fixedrange": True},
    )  # fmt: skip


def _bars(data: Histogram, side_by_side: bool, colors: Palette) -> list[go.Bar]:
    middle = (data.edges[1:] + data.edges[:-1]) / 2
    width = float(data.edges[1])
    # The skipped are pale with an outline, the queried solid: told apart without color.
    looks = {
        "skipped": (data.skipped, mixed(colors.card, colors.skipped, 0.65), colors.soft),
        "queried": (data.queried, colors.queried, colors.queried),
    }
    return [
        go.Bar(
            x=middle, y=values, name=name, width=width * (0.44 if side_by_side else 0.9),
            offset=_offset(name, width, side_by_side),
            # What stands behind shines through where it is the smaller one.
            opacity=0.82 if name == "queried" and not side_by_side else 1,
            # No outline where there is no bar: it would lie on the axis.
            marker={"color": fill, "line": {"width": (values > 0).astype(int), "color": edge}},
            hovertemplate="%{y:,}",
        )
        for name, (values, fill, edge) in looks.items()
    ]  # fmt: skip


def rules(
    discount: float | None, other: float | None, *, floor: float, budget: float
) -> list[Rule]:
    """The query probability as it is, and as it would be with another discount factor.

    Parameters
    ----------
    discount
        The discount factor now, or None for a strategy that asks at random.
    other
        The one to compare with, or None.
    floor
        Least query probability of any sample.
    budget
        Share that a random strategy asks about.

    """
    if discount is None:
        now = Rule("odds now (random)", None, max(budget, floor))
    else:
        now = Rule(f"odds now (factor {factor(discount)})", discount, floor)
    if other is None:
        return [now]
    return [now, Rule(f"odds with factor {factor(other)}", other, floor)]


def _offset(name: str, width: float, side_by_side: bool) -> float:
    if not side_by_side:
        return -0.45 * width
    return -0.44 * width if name == "skipped" else 0.02 * width


def _counts_axis(log: bool) -> dict[str, Any]:
    if log:
        title = {"text": "samples"}
        return {"title": title, "type": "log", "dtick": 1, "tickformat": ",", "rangemode": "normal"}
    return {**counting("samples"), "type": "linear"}


def _rules(rules: Sequence[Rule], colors: Palette) -> list[go.Scatter]:
    pens = (
        {"color": colors.ink, "width": 1.8},
        {"color": colors.warn, "width": 2, "dash": DASH},
    )
    return [
        go.Scatter(
            x=_FINE, y=rule.probability(_FINE), name=rule.name, mode="lines", line=pen,
            yaxis="y2", hovertemplate="%{y:.1%}",
        )
        for rule, pen in zip(rules, pens, strict=False)
    ]  # fmt: skip


def drift(data: Drift, *, theme: str | None, revision: str = "") -> go.Figure:
    """Heat map of the distribution of entropy along the stream."""
    bins = len(data.counts)
    trace = go.Heatmap(
        # A first column and a step, or a single column would be one sample wide.
        x0=data.size / 2, dx=data.size, y=(np.arange(bins) + 0.5) / bins, z=data.share,
        zmin=0, zmax=1, colorscale=colorscale(theme, STEEP), customdata=data.counts,
        colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0, "len": 1.0,
                  "title": {"text": ""}, "xpad": 6},
        hovertemplate="around sample %{x:,.0f}, entropy %{y:.2f}<br>%{customdata:,} samples, "
                      "%{z:.1%} of the column<extra></extra>",
    )  # fmt: skip
    return figure(
        [trace], theme=theme, revision=revision, hovermode="closest",
        xaxis=counting(f"position, {data.size:,} samples a column"),
        yaxis={"title": {"text": "normalized entropy"}, "range": [0, 1], "showgrid": False},
    )  # fmt: skip
