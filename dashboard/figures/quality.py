"""Charts of the quality page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.analytics.buckets import Floats
from dashboard.analytics.estimates.calibration import Reliability
from dashboard.analytics.estimates.result import Estimate, Withheld
from dashboard.analytics.quality import Quality
from dashboard.figures import accuracy
from dashboard.figures.theme import DOT, figure, mixed, note, palette

FEW = accuracy.FEW
MOST_NUMBERS = accuracy.MOST_NUMBERS


def confusion(
    data: Quality, *, theme: str | None, classes: Sequence[str], truth: bool = False
) -> go.Figure:
    """Confusion matrix of all samples: estimated, or known.

    Parameters
    ----------
    data
        What to draw.
    theme
        `light` or `dark`.
    classes
        Titles of the classes.
    truth
        Whether the known one is asked for.

    """
    if shows_truth(data, truth=truth) and data.known is not None:
        return accuracy.confusion(data.known.matrix, theme=theme, classes=classes)
    return _estimated(data.confusion, theme=theme, classes=classes)


def shows_truth(data: Quality, *, truth: bool) -> bool:
    """Whether the known matrix is shown: where it is asked for, or nothing is measurable."""
    return data.known is not None and (truth or not bool(data.confusion.shown.any()))


def _estimated(estimate: Estimate, *, theme: str | None, classes: Sequence[str]) -> go.Figure:
    value, low, high = (
        np.rint(np.nan_to_num(x)).astype(np.int64)
        for x in (estimate.value, estimate.low, estimate.high)
    )
    drawn = accuracy.confusion(value, theme=theme, classes=classes)
    trace = drawn.data[0]
    columns = trace.z.shape[1]
    trace.customdata = np.stack([value, low, high], axis=-1)[:, :columns].astype(np.int32)
    trace.hovertemplate = (
        "true %{y}<br>predicted %{x}<br>about %{customdata[0]:,} samples "
        "(%{customdata[1]:,} to %{customdata[2]:,}), %{z:.1%} of the class<extra></extra>"
    )
    if not estimate.shown.any():
        trace.hoverinfo, trace.hovertemplate = "skip", None
        drawn.layout.annotations = [note(short(estimate.withheld.flat[0]))]
    elif len(classes) <= FEW:
        cells = np.ndindex(len(classes), columns)
        for (row, column), number in zip(cells, drawn.layout.annotations, strict=True):
            limits = f"{low[row, column]:,} to {high[row, column]:,}"
            number.text += f'<br><span style="font-size:11px">{limits}</span>'
    return drawn


def short(why: str) -> str:
    """Why an estimate is withheld, in two or three words.

    Examples
    --------
    >>> short(Withheld.UNEVEN), short(Withheld.NO_FLOOR)
    ('too few audits', 'not measurable')

    """
    return _SHORT[Withheld(why)]


_SHORT = {
    Withheld.NO_FLOOR: "not measurable",
    Withheld.TOO_FEW: "too few answers",
    Withheld.UNEVEN: "too few audits",
    Withheld.CHANCE: "could be chance",
    Withheld.NOTHING: "none yet",
    Withheld.SHOWN: "",
}


def reliability(data: Reliability, *, theme: str | None, revision: str = "") -> go.Figure:
    """Reliability diagram: how often it was right, by how sure it was.

    Parameters
    ----------
    data
        What to draw.
    theme
        `light` or `dark`.
    revision
        As long as it stays the same, so does the reader's zoom.

    """
    colors, shown = palette(theme), data.accuracy.shown
    diagonal = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="perfect calibration", hoverinfo="skip",
        line={"color": colors.soft, "width": 1.4, "dash": DOT},
    )  # fmt: skip
    return figure(
        [_samples(data, theme), diagonal, _points(data, theme)],
        theme=theme, revision=revision, hovermode="closest",
        annotations=[] if shown.any() else [{**note(short(_why(data))), "x": 0.3, "y": 0.8}],
        xaxis={"title": {"text": "probability of the predicted class"}, "range": [-0.02, 1.02],
               "tickformat": ".0%", "showgrid": False},
        yaxis={"title": {"text": "share predicted right"}, "range": [-0.02, 1.04],
               "tickformat": ".0%"},
        yaxis2={"overlaying": "y", "range": [0, 1 / SHARE_OF_HEIGHT], "visible": False,
                "fixedrange": True},
    )  # fmt: skip


SHARE_OF_HEIGHT = 0.3  # what the bars take up of a reliability diagram at most


def _why(data: Reliability) -> str:
    """Why no bin is shown: what keeps the largest of them from it."""
    return str(data.accuracy.withheld[int(np.argmax(data.samples))])


def _samples(data: Reliability, theme: str | None) -> go.Bar:
    """How many samples each bin has, at the foot of the chart."""
    colors = palette(theme)
    share = data.samples / max(data.samples.sum(), 1.0)
    width = float(data.edges[1] - data.edges[0])
    return go.Bar(
        x=(data.edges[1:] + data.edges[:-1]) / 2, y=share, width=width * 0.94, yaxis="y2",
        name="share of samples", marker={"color": mixed(colors.card, colors.skipped, 0.4)},
        customdata=_told(data),
        hovertemplate="probability %{customdata[0]}<br>%{customdata[1]} samples, %{y:.1%} of all"
                      "<br>%{customdata[2]} answers<br>%{customdata[3]}<extra></extra>",
    )  # fmt: skip


def _told(data: Reliability) -> list[list[str]]:
    """What is said of each bin beside its bar."""
    found = data.accuracy
    return [
        [
            f"{data.edges[i]:.0%} to {data.edges[i + 1]:.0%}", f"{data.samples[i]:,.0f}",
            f"{found.answers[i]:,.0f}", "" if found.shown[i] else str(found.withheld[i]),
        ]
        for i in range(len(data.samples))
    ]  # fmt: skip


def _points(data: Reliability, theme: str | None) -> go.Scatter:
    found, shown = data.accuracy, data.accuracy.shown
    value: Floats = found.value[shown]
    color = palette(theme).accent
    return go.Scatter(
        x=data.confidence[shown], y=value, mode="lines+markers",
        name=f"estimate, {found.level:.0%} interval",
        line={"color": color, "width": 1.6}, marker={"size": 9},
        error_y=_bars(found, color),
        customdata=np.stack([found.low[shown], found.high[shown], found.answers[shown]], axis=-1),
        hovertemplate="predicted with %{x:.1%} on average<br>right: %{y:.1%} (%{customdata[0]:.1%} "
                      "to %{customdata[1]:.1%})<br>%{customdata[2]:,} answers<extra></extra>",
    )  # fmt: skip


def _bars(found: Estimate, color: str) -> dict[str, Any]:
    shown = found.shown
    return {
        "type": "data", "symmetric": False, "color": color, "thickness": 1.6, "width": 5,
        "array": (found.high - found.value)[shown], "arrayminus": (found.value - found.low)[shown],
    }  # fmt: skip
