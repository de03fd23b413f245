"""Charts of the accuracy page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.analytics.accuracy import AccuracyCurve, counted_at
from dashboard.analytics.buckets import Floats, Ints, ratio
from dashboard.analytics.estimates.along import AccuracyEstimates
from dashboard.analytics.estimates.result import Estimate
from dashboard.analytics.estimates.strata import Checked
from dashboard.core.weights import LEAST
from dashboard.figures.theme import (
    DASH,
    DASH_DOT,
    DOT,
    LONG_DASH,
    at,
    colorscale,
    counting,
    figure,
    palette,
    plain,
    readable_on,
    translucent,
)

FEW = 4  # classes up to which the numbers of a confusion matrix can be large
MOST_NUMBERS = 12  # classes up to which a confusion matrix can be read as numbers
BAND = 0.18  # opacity of a band
MOST_TICKS = 30  # classes up to which their names fit along an axis

# What a correction or a change looks like, and what it is called.
_MARKS = {
    "undo": ("triangle-left", "undo"),
    "relabel": ("diamond", "relabel"),
    "retract": ("x", "retraction"),
    "strategy": ("star", "change of strategy"),
}


def curve(
    data: AccuracyCurve,
    estimates: AccuracyEstimates,
    *,
    theme: str | None,
    by: str,
    show: Sequence[str],
    classes: Sequence[str],
    truth: bool = False,
    warm_until: int = 0,
    corrections: Sequence[tuple[str, int]] = (),
    revision: str = "",
) -> go.Figure:
    """Scores along the stream.

    Parameters
    ----------
    data, estimates
        What to draw, of the same log.
    theme
        `light` or `dark`.
    by
        `samples` or `labels`: what the horizontal axis counts.
    show, classes
        Some of `estimate`, `naive`, `overall`, `rolling`, `balanced` and `f1`; titles of the
        classes.
    truth
        Whether the true class of every sample is known.
    warm_until, corrections
        Where the warm start ended, or 0; kind and position of undos, relabels, retractions and
        changes of strategy.
    revision
        As long as it stays the same, so does the reader's zoom.

    """
    lines = _lines(data, theme, classes, truth=truth)
    traces = [_line(*lines[k], data=data, by=by) for k in lines if k in (*show, "baseline")]
    if "naive" in show:
        pen = {"color": palette(theme).bad, "width": 1.8, "dash": LONG_DASH}
        traces.append(_line("asked only (naive)", estimates.naive, pen, data=data, by=by))
    if "estimate" in show:
        traces += _estimate(estimates.accuracy, theme, data=data, by=by)
        traces += _with_checks(estimates.checked, theme, data=data, by=by)
    traces += _corrections(data, corrections, theme, by)
    shapes, notes = _warm_start(data, warm_until, theme, by)
    return figure(
        traces, theme=theme, revision=revision, shapes=shapes, annotations=notes,
        xaxis=counting(f"{by} so far"),
        yaxis={"tickformat": ".1~%", "autorangeoptions": {"clipmax": 1.004}},
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
    )  # fmt: skip


def _lines(
    data: AccuracyCurve, theme: str | None, classes: Sequence[str], *, truth: bool
) -> dict[str, tuple[str, Floats, dict[str, Any]]]:
    """Name, values and pen of each score, and of the baseline."""
    colors = palette(theme)
    commonest = (
        "commonest class" if data.majority is None else plain(classes[data.majority], most=24)
    )
    return {
        "rolling": (
            f"last {data.window:,}", data.rolling, {"color": colors.soft, "width": 1.3},
        ),
        "overall": (known_name(truth), data.accuracy, {"color": colors.accent, "width": 2.6}),
        "balanced": (
            "balanced", data.balanced, {"color": colors.ink, "width": 1.8, "dash": DASH},
        ),
        "f1": (
            f1_name(classes), data.f1, {"color": colors.ink, "width": 1.8, "dash": DASH_DOT},
        ),
        "baseline": (
            f"always “{commonest}”", data.baseline,
            {"color": colors.soft, "width": 1.4, "dash": DOT},
        ),
    }  # fmt: skip


def known_name(truth: bool) -> str:
    """What the accuracy on samples of a known class is called.

    Examples
    --------
    >>> known_name(True), known_name(False)
    ('known truth', 'where known')

    """
    return "known truth" if truth else "where known"


def f1_name(classes: Sequence[str]) -> str:
    """What the F1 of these classes is called.

    Examples
    --------
    >>> f1_name(["Ham", "Spam"]), f1_name(["a", "b", "c"])
    ('F1 of Spam', 'macro F1')

    """
    return f"F1 of {plain(classes[1], most=24)}" if len(classes) == 2 else "macro F1"


def _line(name: str, y: Floats, pen: dict[str, Any], *, data: AccuracyCurve, by: str) -> go.Scatter:
    # One sample alone draws no line: show it as a point.
    few = int(np.isfinite(y).sum()) < 3
    return go.Scatter(
        x=data.labels if by == "labels" else data.samples, y=y, name=name, line=pen,
        mode="lines+markers" if few else "lines", marker={"size": 7}, connectgaps=False,
        cliponaxis=not few, hovertemplate="%{y:.2%}",
    )  # fmt: skip


def _estimate(
    estimate: Estimate, theme: str | None, *, data: AccuracyCurve, by: str
) -> list[go.Scatter]:
    """The estimate over its band, where there is one."""
    color = palette(theme).warn
    some = bool(estimate.shown.any())
    name = f"estimate, {estimate.level:.0%} band" if some else "estimate: not measurable"
    line = _line(name, estimate.value, {"color": color, "width": 2.2}, data=data, by=by)
    line.mode = line.mode if some else "lines"  # in the legend, for there is nothing else
    line.customdata = np.stack([estimate.low, estimate.high], axis=-1)
    line.hovertemplate = "%{y:.2%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})"
    line.legendgroup = name
    x, y = _outline(np.asarray(line.x), estimate)
    band = go.Scatter(
        x=x, y=y, mode="lines", line={"width": 0}, fill="toself", hoverinfo="skip",
        fillcolor=translucent(color, BAND), showlegend=False, legendgroup=name,
    )  # fmt: skip
    return [band, line]


def _with_checks(
    checked: Checked | None, theme: str | None, *, data: AccuracyCurve, by: str
) -> list[go.Scatter]:
    """What spot-checks add to it: a point, at the end of the samples that it is about."""
    if checked is None or not checked.accuracy.shown or not len(data.samples):
        return []
    found = checked.accuracy
    value, low, high = (float(x) for x in (found.value, found.low, found.high))
    last = checked.samples if checked.floor < LEAST else int(data.samples[-1])
    samples, labels = counted_at(data, np.array([last - 1]))
    color = palette(theme).warn
    return [
        go.Scatter(
            x=labels if by == "labels" else samples, y=[value], mode="markers",
            name="with spot-checks", marker={"symbol": "diamond", "size": 10, "color": color},
            error_y={"type": "data", "symmetric": False, "array": [high - value],
                     "arrayminus": [value - low], "color": color, "thickness": 1.8, "width": 6},
            customdata=[[low, high]], cliponaxis=False,
            hovertemplate="%{y:.2%} (%{customdata[0]:.1%} to %{customdata[1]:.1%})",
        )
    ]  # fmt: skip


def _outline(x: Ints, estimate: Estimate) -> tuple[Floats, Floats]:
    """Around the band: there and back for each stretch without a gap, with gaps between them."""
    shown = np.concatenate([[False], estimate.shown, [False]])
    begins, ends = (np.flatnonzero(edge) for edge in (shown[1:] & ~shown[:-1],
                                                      shown[:-1] & ~shown[1:]))  # fmt: skip
    around: list[tuple[Floats, Floats]] = []
    for begin, end in zip(begins, ends, strict=True):
        part = slice(begin, end)
        back = x[part][::-1]
        around.append((
            np.concatenate([x[part], back, [np.nan]]),
            np.concatenate([estimate.low[part], estimate.high[part][::-1], [np.nan]]),
        ))  # fmt: skip
    if not around:
        return np.array([]), np.array([])
    xs, ys = zip(*around, strict=True)
    return np.concatenate(xs), np.concatenate(ys)


def _corrections(
    data: AccuracyCurve, corrections: Sequence[tuple[str, int]], theme: str | None, by: str
) -> list[go.Scatter]:
    """A row of marks along the foot of the chart."""
    made = []
    for kind, (symbol, name) in _MARKS.items():
        positions = np.array([p for k, p in corrections if k == kind], dtype=np.int64)
        if not len(positions):
            continue
        samples, labels = counted_at(data, positions)
        made.append(
            go.Scatter(
                x=labels if by == "labels" else samples, y=np.full(len(positions), 0.025),
                yaxis="y2", mode="markers", name=name, customdata=positions,
                marker={"symbol": symbol, "size": 9, "color": palette(theme).warn},
                hovertemplate="sample %{customdata:,}",
            )
        )  # fmt: skip
    return made


def _warm_start(
    data: AccuracyCurve, until: int, theme: str | None, by: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not until or not len(data.samples):
        return [], []
    samples, labels = counted_at(data, np.array([until - 1]))
    at = float(labels[0]) if by == "labels" else int(samples[0])
    colors = palette(theme)
    place = {"xref": "x", "yref": "paper"}
    line = {"color": colors.line, "width": 1.5}
    end = data.labels[-1] if by == "labels" else data.samples[-1]
    side = "right" if at > end / 2 else "left"
    return (
        [{"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line, **place}],
        [{"x": at, "y": 0.04, "text": " warm start up to here ", "showarrow": False,
          "xanchor": side, "yanchor": "bottom", "font": {"size": 11.5}, **place}],
    )  # fmt: skip


def confusion(
    matrix: Ints, *, theme: str | None, classes: Sequence[str], revision: str = ""
) -> go.Figure:
    """Confusion matrix: true classes down, predicted classes across, shade by share of the row.

    Parameters
    ----------
    matrix
        Samples by true and predicted class; the last column is "none yet".
    theme
        `light` or `dark`.
    classes
        Titles of the classes.
    revision
        As long as it stays the same, so does the reader's zoom.

    """
    if len(matrix) and not matrix[:, -1].any():
        matrix = matrix[:, :-1]
    names = [plain(c) for c in classes] + ["none yet"] * (matrix.shape[1] - len(classes))
    few = len(classes) <= MOST_NUMBERS
    share = np.nan_to_num(ratio(matrix, matrix.sum(axis=1, keepdims=True)))
    trace = go.Heatmap(
        # Half the bits: a matrix of a hundred classes is sent as a whole.
        z=share.astype(np.float32), zmin=0, zmax=1, colorscale=colorscale(theme), showscale=False,
        xgap=3 if few else 0, ygap=3 if few else 0, customdata=matrix.astype(np.int32),
        hovertemplate="true %{y}<br>predicted %{x}<br>%{customdata:,} samples, "
                      "%{z:.1%} of the class<extra></extra>",
    )  # fmt: skip
    return figure(
        [trace], theme=theme, revision=revision, hovermode="closest",
        annotations=_numbers(matrix, share, theme) if few else [],
        xaxis=_class_axis(names, len(classes), title="predicted"),
        yaxis={**_class_axis(names[: len(classes)], len(classes), title="true class"),
               "autorange": "reversed"},
    )  # fmt: skip


def _numbers(matrix: Ints, share: Floats, theme: str | None) -> list[dict[str, Any]]:
    """A number in each cell, black or white. Plotly's own are gray where that is hard to read."""
    scale = colorscale(theme)
    size = 14 if len(matrix) <= FEW else 11
    return [
        {
            "x": column, "y": row, "text": f"{matrix[row, column]:,}", "showarrow": False,
            "font": {"size": size, "color": readable_on(at(scale, float(share[row, column])))},
        }
        for row, column in np.ndindex(matrix.shape)
    ]  # fmt: skip


def _class_axis(names: Sequence[str], n_classes: int, *, title: str) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "title": {"text": title}, "showgrid": False, "showline": False, "constrain": "domain",
        "tickmode": "array", "tickvals": list(range(len(names))),
        "ticktext": list(names),
    }  # fmt: skip
    if n_classes > MOST_TICKS:
        axis.update(showticklabels=False, title={"text": f"{title} ({n_classes} classes)"})
    return axis
