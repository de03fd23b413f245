"""Charts of the queries page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.analytics.buckets import Ints
from dashboard.analytics.queries import HOURS_A_DAY, Pace, QueryCurve, Reasons
from dashboard.core.strategies import AUDIT, COLD_START
from dashboard.figures.theme import (
    DASH,
    DASH_DOT,
    DOT,
    Palette,
    counting,
    figure,
    note,
    palette,
    plain,
)

SO_FAR = "samples so far"
LAST_HOURS = 72  # of the hours, the newest are shown; the days show all
_LEAST_BARS = {1: 12, HOURS_A_DAY: 10}
_HOUR_MS = 3_600_000

SOURCES = {
    "person": "by hand", "oracle": "from known truth", "warm-start": "warm start",
    "import": "imported",
}  # fmt: skip


def ratio(
    data: QueryCurve, *, theme: str | None, budget: float | None = None, revision: str = ""
) -> go.Figure:
    """Share of samples queried, along the stream.

    Parameters
    ----------
    data
        What to draw.
    theme
        `light` or `dark`.
    budget
        The share that the strategy aims at, or None.
    revision
        As long as it stays the same, so does the reader's zoom.

    """
    colors = palette(theme)
    pens = {
        f"last {data.window:,}": (data.rolling, {"color": colors.queried, "width": 2.4}),
        "expected": (data.expected, {"color": colors.soft, "width": 1.4, "dash": DASH}),
        "overall": (data.overall, {"color": colors.ink, "width": 1.6, "dash": DASH_DOT}),
    }  # fmt: skip
    traces = [
        go.Scatter(x=data.samples, y=y, name=name, line=pen, hovertemplate="%{y:.1%}",
                   **_few(data.samples))
        for name, (y, pen) in pens.items()
    ]  # fmt: skip
    traces += _budget(budget, data, colors)
    return figure(
        traces,
        theme=theme,
        revision=revision,
        xaxis=counting(SO_FAR),
        yaxis={"tickformat": ".1~%", "rangemode": "tozero"},
    )


def _budget(budget: float | None, data: QueryCurve, colors: Palette) -> list[go.Scatter]:
    if budget is None:
        return []
    x = [0, int(data.samples[-1]) if len(data.samples) else 1]
    return [
        go.Scatter(
            x=x, y=[budget, budget], name=f"budget {plain_percent(budget)}", mode="lines",
            line={"color": colors.soft, "width": 1.4, "dash": DOT}, hoverinfo="skip",
        )
    ]  # fmt: skip


def plain_percent(share: float) -> str:
    """A share without needless digits.

    Examples
    --------
    >>> plain_percent(0.05), plain_percent(0.125)
    ('5%', '12.5%')

    """
    return f"{100 * share:.3g}%"


def _few(x: Ints) -> dict[str, Any]:
    """One sample alone draws no line: show it as a point, whole though it lies on the edge."""
    few = len(x) <= 2
    return {"mode": "lines+markers" if few else "lines", "cliponaxis": not few}


def counts(data: QueryCurve, *, theme: str | None, revision: str = "") -> go.Figure:
    """Queried and skipped samples, added up along the stream."""
    colors = palette(theme)
    pens = {
        "skipped": (data.skipped, {"color": colors.skipped, "width": 2.8, "dash": DASH}),
        "queried": (data.queried, {"color": colors.queried, "width": 2.4}),
    }
    traces = [
        go.Scatter(x=data.samples, y=y, name=name, line=pen, hovertemplate="%{y:,}",
                   **_few(data.samples))
        for name, (y, pen) in pens.items()
    ]  # fmt: skip
    return figure(
        traces, theme=theme, revision=revision, xaxis=counting(SO_FAR), yaxis=counting(),
    )  # fmt: skip


def reason_name(reason: str) -> str:
    """A reason in words.

    Examples
    --------
    >>> reason_name("audit"), reason_name("budget-entropy")
    ('audit (the floor)', 'budget entropy')

    """
    return {AUDIT: "audit (the floor)", COLD_START: "cold start"}.get(
        reason, reason.replace("-", " ")
    )


def reasons(data: Reasons, *, theme: str | None, revision: str = "") -> go.Figure:
    """Queries by reason along the stream, stacked."""
    colors = palette(theme)
    looks = {AUDIT: (colors.warn, "/"), COLD_START: (colors.soft, ".")}
    traces = []
    for column, name in enumerate(data.names):
        color, pattern = looks.get(name, (colors.queried, ""))
        traces.append(
            go.Bar(
                x=data.first, y=data.counts[:, column], offset=0, width=data.size * 0.86,
                name=plain(reason_name(name)), marker=_fill(color, pattern, colors),
                hovertemplate="%{y:,}",
            )
        )  # fmt: skip
    return figure(
        traces, theme=theme, revision=revision, barmode="stack",
        xaxis={**counting(f"position, {data.size:,} samples a bar"), "hoverformat": ","},
        yaxis=counting(), showlegend=True,
    )  # fmt: skip


def _fill(color: str, pattern: str, colors: Palette) -> dict[str, Any]:
    return {
        "color": color,
        "line": {"width": 0},
        "pattern": {
            "shape": pattern,
            "fgcolor": colors.card,
            "bgcolor": color,
            "size": 6,
            "solidity": 0.25,
        },
    }


def answers(data: Pace, *, theme: str | None, revision: str = "") -> go.Figure:
    """Answers by the hour or the day they were given in, stacked by source."""
    colors = palette(theme)
    looks = {
        "person": (colors.queried, ""), "oracle": (colors.skipped, "/"),
        "warm-start": (colors.soft, "."), "import": (colors.warn, "x"),
    }  # fmt: skip
    kept = _shown(data)
    traces = [
        go.Bar(
            x=_times(data.begin[kept]), y=data.counts[kept, column], offset=0,
            width=data.hours * _HOUR_MS * 0.9, name=SOURCES[source],
            marker=_fill(*looks[source], colors), hovertemplate="%{y:,}",
        )
        for column, source in enumerate(data.sources)
    ]  # fmt: skip
    return figure(
        traces, theme=theme, revision=revision, barmode="stack", xaxis=_time_axis(data, kept),
        yaxis=counting(), showlegend=True,
    )  # fmt: skip


def seconds(data: Pace, *, theme: str | None, revision: str = "") -> go.Figure:
    """Mean seconds per answer, by the hour or the day."""
    kept, timed = _shown(data), bool(data.timed.any())
    trace = go.Scatter(
        x=_times(data.begin[kept] + data.hours / 2), y=data.seconds[kept], mode="lines+markers",
        line={"color": palette(theme).queried, "width": 1.6}, marker={"size": 8},
        connectgaps=True, customdata=data.timed[kept],
        hovertemplate="%{y:.1f} s on average<br>%{customdata:,} answers<extra></extra>",
    )  # fmt: skip
    return figure(
        [trace], theme=theme, revision=revision,
        xaxis={**_time_axis(data, kept), "visible": timed},
        yaxis={"ticksuffix": " s", "rangemode": "tozero", "visible": timed}, showlegend=False,
        annotations=[] if timed else [note("No answer has been timed yet.")],
    )  # fmt: skip


def _shown(data: Pace) -> slice:
    """Of the hours, those of the last three days on which there were answers."""
    if data.hours == HOURS_A_DAY or not len(data.begin):
        return slice(None)
    return slice(int(np.searchsorted(data.begin, data.begin[-1] - LAST_HOURS + 1)), None)


def _times(hours: Any) -> list[datetime]:
    return [datetime.fromtimestamp(float(h) * 3600, UTC).replace(tzinfo=None) for h in hours]


def _time_axis(data: Pace, kept: slice) -> dict[str, Any]:
    """A few bars at least, or a single one would fill the chart."""
    axis: dict[str, Any] = {
        "title": {"text": "UTC"}, "type": "date", "tickangle": 0,
        # Short, or a phone has no room for them beside each other.
        "tickformat": "%b %-d\n%Y" if data.hours == HOURS_A_DAY else "%H:%M\n%b %-d",
    }  # fmt: skip
    begin = data.begin[kept]
    if len(begin):
        least = _LEAST_BARS[data.hours] * data.hours
        stop = int(begin[-1]) + data.hours
        # Not a range: a range would have to be sent anew with each bar, and undo a zoom.
        ends = _times([min(int(begin[0]), stop - least), stop])
        axis["autorangeoptions"] = {"include": [end.isoformat() for end in ends]}
    else:
        axis.update(showticklabels=False)
    return axis
