"""Charts of the quality page that run along the stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.analytics.buckets import Floats
from dashboard.analytics.drift import Drifts, Signal
from dashboard.analytics.stretches import Stretches
from dashboard.figures.theme import (
    DOT,
    Palette,
    counting,
    figure,
    mixed,
    palette,
    plain,
    translucent,
)

MOST_CLASSES = 4
FEW = 16  # stretches up to which marks can be large
BAND = 0.16  # opacity of a band
_SYMBOLS = ("circle", "square", "diamond", "triangle-up")


def shown_classes(data: Stretches) -> list[int]:
    """The classes that are drawn: all, or those predicted most often; in class order."""
    if not len(data.first):
        return []
    samples = (data.stop - data.first)[:, None]
    often = np.nansum(data.predicted * samples, axis=0)
    return sorted(np.argsort(-often, kind="stable")[:MOST_CLASSES].tolist())


def prevalence(
    data: Stretches, *, theme: str | None, classes: Sequence[str], revision: str = ""
) -> go.Figure:
    """Share of each class, stretch by stretch, with a band; and the truth where it is known.

    Parameters
    ----------
    data
        What to draw.
    theme
        `light` or `dark`.
    classes
        Titles of the classes.
    revision
        As long as it stays the same, so does the reader's zoom.

    """
    colors = palette(theme)
    traces: list[go.Scatter] = []
    for place, index in enumerate(shown_classes(data)):
        # A class has its color everywhere, but here no two may have the same.
        own = index if len(classes) <= len(colors.classes) else place
        pen = colors.classes[own]
        title = plain(classes[index], most=24)
        traces += _estimated(data, index, title, pen, _SYMBOLS[place])
        if data.truth is not None:
            known = _steps(data, data.truth[:, index], pen, DOT, 1.6, f"{title}, truth")
            traces.append(known.update(showlegend=False))
    if data.truth is not None:
        traces.append(_key("known truth", {"color": colors.soft, "width": 1.6, "dash": DOT}))
    return figure(
        traces, theme=theme, revision=revision, showlegend=True,
        xaxis={**counting("position"), "hoverformat": ","},
        yaxis={"tickformat": ".0%", "rangemode": "tozero"},
    )  # fmt: skip


def _key(name: str, pen: dict[str, Any]) -> go.Scatter:
    """An entry of the legend for lines of several colors."""
    return go.Scatter(x=[None], y=[None], mode="lines", name=name, line=pen, hoverinfo="skip")


def _estimated(
    data: Stretches, index: int, title: str, color: str, symbol: str
) -> list[go.Scatter]:
    """An estimate over its band; where there is none at all, the share predicted."""
    found = data.prevalence
    if not found.shown.any():
        name = f"{title}, as predicted"
        return [_steps(data, data.predicted[:, index], color, None, 2, name)]
    value, low, high = (x[:, index] for x in (found.value, found.low, found.high))
    middle = (data.first + data.stop) / 2
    line = _steps(data, value, color, None, 2.2, title)
    line.update(hoverinfo="skip", hovertemplate=None, showlegend=False, legendgroup=title)
    points = go.Scatter(
        x=middle, y=value, mode="markers", name=title, legendgroup=title,
        marker={"size": 8 if len(value) <= FEW else 5, "color": color, "symbol": symbol},
        customdata=np.stack([low, high], axis=-1),
        hovertemplate="%{y:.1%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})",
    )  # fmt: skip
    return [_band(data, low, high, color, title), line, points]


def _band(data: Stretches, low: Floats, high: Floats, color: str, group: str) -> go.Scatter:
    """A box for each stretch that has an estimate."""
    there = np.isfinite(low)
    left, right = data.first[there], data.stop[there]
    gap = np.full(len(left), np.nan)
    x = np.stack([left, right, right, left, gap], axis=-1).ravel()
    y = np.stack([low[there], low[there], high[there], high[there], gap], axis=-1).ravel()
    return go.Scatter(
        x=x, y=y, mode="lines", line={"width": 0}, fill="toself", hoverinfo="skip",
        fillcolor=translucent(color, BAND), showlegend=False, legendgroup=group,
    )  # fmt: skip


def _steps(
    data: Stretches, values: Floats, color: str, dash: str | None, width: float, name: str
) -> go.Scatter:
    """A level line over each stretch."""
    gap = np.full(len(values), np.nan)
    middle = (data.first + data.stop) / 2
    return go.Scatter(
        x=np.stack([data.first, middle, data.stop, gap], axis=-1).ravel(),
        y=np.stack([values, values, values, gap], axis=-1).ravel(),
        mode="lines", name=name, line={"color": color, "width": width, "dash": dash},
        hovertemplate="%{y:.1%}",
    )  # fmt: skip


def drift(data: Drifts, *, theme: str | None, revision: str = "") -> go.Figure:
    """What ADWIN was fed with, the mean of its window, and where it noticed a change.

    Parameters
    ----------
    data
        What to draw.
    theme
        `light` or `dark`.
    revision
        As long as it stays the same, so does the reader's zoom.

    """
    colors = palette(theme)
    traces = _signal(data.uncertainty, "uncertainty", colors, colors.accent, "y")
    shapes = _changes(data.uncertainty, colors, "y domain")
    if data.error is not None:
        traces += _signal(data.error, "error", colors, colors.bad, "y2")
        shapes += _changes(data.error, colors, "y2 domain")
    axis = {"tickformat": ".0%", "range": [-0.04, 1.04], "tickvals": [0, 0.5, 1]}
    lower = data.error is not None
    return figure(
        traces, theme=theme, revision=revision, hovermode="x", shapes=shapes, showlegend=True,
        xaxis={**counting("position"), "hoverformat": ",", "anchor": "y2" if lower else "y"},
        yaxis={**axis, "domain": [0.56, 1] if lower else [0, 1], "title": {"text": "mean entropy"}},
        yaxis2={**axis, "domain": [0, 0.44], "title": {"text": "share wrong"}, "visible": lower},
    )  # fmt: skip


def _signal(data: Signal, name: str, colors: Palette, color: str, axis: str) -> list[go.Scatter]:
    fed = go.Scatter(
        x=data.stop, y=data.values, mode="markers", name=f"{name}, as fed", yaxis=axis,
        marker={"size": 4, "color": mixed(colors.card, color, 0.5)},
        hovertemplate="%{y:.1%}<extra></extra>",
    )  # fmt: skip
    mean = go.Scatter(
        x=data.stop, y=data.mean, mode="lines", name=f"{name}, mean of the window", yaxis=axis,
        line={"color": color, "width": 2.2},
        hovertemplate="up to %{x:,}: %{y:.1%} on average<extra></extra>",
    )  # fmt: skip
    return [fed, mean, *_markers(data, name, color, axis)]


def _markers(data: Signal, name: str, color: str, axis: str) -> list[go.Scatter]:
    """Where a change was noticed: upwards for a mean that rises, downwards for one that falls."""
    made = []
    for rises, symbol, word in ((True, "triangle-up", "rises"), (False, "triangle-down", "falls")):
        places = [change.at for change in data.changes if change.rises is rises]
        if places:
            made.append(
                go.Scatter(
                    x=data.stop[places], y=data.mean[places], mode="markers", yaxis=axis,
                    name=f"{name} {word}", marker={"size": 13, "symbol": symbol, "color": color},
                    hovertemplate=f"{name} {word}, noticed at %{{x:,}}<extra></extra>",
                )
            )  # fmt: skip
    return made


def _changes(data: Signal, colors: Palette, place: str) -> list[dict[str, Any]]:
    line = {"color": colors.soft, "width": 1.2, "dash": DOT}
    at = [int(data.stop[change.at]) for change in data.changes]
    return [
        {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "xref": "x", "yref": place,
         "line": line}
        for x in at
    ]  # fmt: skip
