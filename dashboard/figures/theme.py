"""One color language for all charts: the tokens of the style sheet, light and dark.

Nothing is told by color alone: dashes, markers, patterns and outlines say it, too.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
DARK_NAME = "dark"

# In pixels: Plotly's own names stretch with the pen, and leave one dash of them in a legend.
DASH, DOT, DASH_DOT, LONG_DASH = "6px,4px", "2px,3px", "8px,3px,2px,3px", "12px,4px"


@dataclass(frozen=True)
class Palette:
    """Colors of one theme, named as in `assets/sluice.css`."""

    paper: str
    card: str
    ink: str
    soft: str
    line: str
    accent: str
    warn: str
    bad: str
    queried: str
    skipped: str
    classes: tuple[str, ...]


LIGHT = Palette(
    paper="#fbfaf7", card="#ffffff", ink="#1b1f24", soft="#57616c", line="#e2dfd6",
    accent="#0b6e72", warn="#8a5a00", bad="#b3261e", queried="#0b6e72", skipped="#958f83",
    classes=("#2f6fb3", "#c2541b", "#6a51a3", "#2b8a57", "#a8327a", "#8a6d00", "#3a7f9a",
             "#6b6b6b"),
)  # fmt: skip
DARK = Palette(
    paper="#12161a", card="#1a2026", ink="#e8eaed", soft="#9aa5b1", line="#2b333b",
    accent="#4cc2bf", warn="#e0b250", bad="#ff8a80", queried="#4cc2bf", skipped="#66707b",
    classes=("#7fb2ea", "#f0925a", "#b39ddb", "#6fcf97", "#f08bc3", "#e0c050", "#7fc8de",
             "#b0b0b0"),
)  # fmt: skip


def palette(name: str | None) -> Palette:
    """The colors of a theme, `light` or `dark`."""
    return DARK if name == DARK_NAME else LIGHT


def plain(text: str, *, most: int = 0) -> str:
    """A stranger's text as Plotly shows it: no markup, cut where it would be too long.

    Parameters
    ----------
    text
        The text.
    most
        Characters to keep, or 0 for all.

    Examples
    --------
    >>> plain("<b>win</b>"), plain("a long name", most=7)
    ('&lt;b&gt;win&lt;/b&gt;', 'a long…')

    """
    return html.escape(text if not most or len(text) <= most else text[: most - 1] + "…")


def factor(discount: float) -> str:
    """A discount factor as it is shown.

    Examples
    --------
    >>> factor(100.0), factor(29.99), factor(162754.8), factor(0.501)
    ('100', '30', '163,000', '0.501')

    """
    if discount < 1_000:
        return f"{discount:.3g}"
    return f"{float(f'{discount:.3g}'):,.0f}"


@lru_cache(maxsize=2)
def template(name: str | None) -> go.layout.Template:
    """How every chart of a theme looks."""
    colors = palette(name)
    axis = {
        "automargin": True, "gridcolor": colors.line, "linecolor": colors.line,
        "zeroline": False, "ticks": "", "title": {"font": {"size": 12}, "standoff": 10},
        "tickfont": {"size": 12}, "separatethousands": True,
    }  # fmt: skip
    layout = {
        "font": {"family": FONT, "size": 12.5, "color": colors.soft},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": [colors.accent, *colors.classes],
        "xaxis": {
            **axis, "showgrid": False, "showline": True, "spikecolor": colors.soft,
            "spikethickness": 1, "spikedash": "solid",
        },
        "yaxis": {**axis, "showline": False},
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8, "pad": 4},
        "legend": {
            # In line with the heading, and as wide as the card: on a phone that saves rows.
            "orientation": "h", "xref": "container", "x": 0, "xanchor": "left",
            "yref": "container", "y": 1, "yanchor": "top",
            "font": {"size": 12.5, "color": colors.ink}, "itemsizing": "constant",
            "traceorder": "normal",
        },
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colors.card, "bordercolor": colors.line,
            "font": {"family": FONT, "size": 12.5, "color": colors.ink}, "align": "left",
        },
        "barcornerradius": 2,
        "modebar": {"bgcolor": "rgba(0,0,0,0)"},
    }  # fmt: skip
    return go.layout.Template(layout=layout)


def figure(
    traces: Sequence[Any], *, theme: str | None, revision: str = "", **layout: Any
) -> go.Figure:
    """A figure in the theme.

    Parameters
    ----------
    traces
        What to draw.
    theme
        `light` or `dark`.
    revision
        As long as it stays the same, so does the reader's zoom.
    layout
        What differs from the template.

    """
    return go.Figure(
        data=list(traces),
        layout={"template": template(theme), "uirevision": revision or None, **layout},
    )


def counting(title: str = "") -> dict[str, Any]:
    """An axis of whole numbers from 0, however few there are: one that ended at 1 has fifths."""
    axis: dict[str, Any] = {
        "tickformat": ",", "rangemode": "tozero", "autorangeoptions": {"include": 10},
    }  # fmt: skip
    return {**axis, "title": {"text": title}} if title else axis


def blank() -> dict[str, Any]:
    """What stands in a chart's place before its first data: nothing, in no color."""
    hidden = {"visible": False}
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}
    return {"data": [], "layout": {"xaxis": hidden, "yaxis": hidden, **clear}}


def note(text: str) -> dict[str, Any]:
    """A sentence in the middle of a chart that has nothing to draw."""
    return {
        "text": text, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5,
        "xanchor": "center", "yanchor": "middle", "font": {"size": 13},
    }  # fmt: skip


# How much of the accent a share gets: quick at first, small shares are to be seen as well.
EVEN = ((0.0, 0.0), (0.01, 0.1), (0.25, 0.34), (1.0, 1.0))
STEEP = ((0.0, 0.0), (0.005, 0.12), (0.02, 0.22), (0.1, 0.42), (0.3, 0.66), (1.0, 1.0))


def colorscale(
    name: str | None, steps: Sequence[tuple[float, float]] = EVEN
) -> list[tuple[float, str]]:
    """From the card to the accent."""
    colors = palette(name)
    return [(at, mixed(colors.card, colors.accent, share)) for at, share in steps]


def at(scale: Sequence[tuple[float, str]], share: float) -> str:
    """The color of a share on a color scale.

    Examples
    --------
    >>> at([(0.0, "#000000"), (0.5, "#646464"), (1.0, "#ffffff")], 0.25)
    '#323232'

    """
    for (low, below), (high, above) in pairwise(scale):
        if share <= high:
            return mixed(below, above, (share - low) / (high - low))
    return scale[-1][1]


def readable_on(color: str) -> str:
    """Black or white, whichever stands out more.

    By the contrast ratio of WCAG 2.2, which is never under 4.58 for the better of the two.

    Examples
    --------
    >>> readable_on("#0b6e72"), readable_on("#4cc2bf")
    ('#ffffff', '#000000')

    """
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(color))
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"


def mixed(low: str, high: str, share: float) -> str:
    """A color between two others.

    Examples
    --------
    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'

    """
    parts = zip(_channels(low), _channels(high), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def translucent(color: str, share: float) -> str:
    """A color that lets through what lies below it.

    Examples
    --------
    >>> translucent("#0b6e72", 0.2)
    'rgba(11,110,114,0.2)'

    """
    return f"rgba({','.join(map(str, _channels(color)))},{share:g})"


def _channels(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
