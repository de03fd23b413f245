"""Figures as values: what is drawn, from what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.analytics import accuracy, entropy, queries
from dashboard.analytics.buckets import Buckets, make_buckets
from dashboard.analytics.estimates import strata
from dashboard.analytics.estimates.along import accuracy_estimates
from dashboard.analytics.queries import pace
from dashboard.core.checks import ALL, Cell
from dashboard.core.tally import Row, tally
from dashboard.figures import accuracy as accuracy_figures
from dashboard.figures import entropy as entropy_figures
from dashboard.figures import estimates, words
from dashboard.figures import queries as query_figures
from dashboard.figures import theme as colors
from tests.contrast import contrast

EMPTY = Buckets(25, np.array([], dtype=np.int64), ())
THEMES = ("light", "dark")


@pytest.fixture
def buckets() -> Buckets:
    rows = [
        Row(i, i % 2, (i % 10) / 10, 0.3, "entropy" if i % 3 == 0 else "", int(i % 5 == 0),
            "label" if i % 3 == 0 else None, 0 if i % 3 == 0 else None)
        for i in range(120)
    ]  # fmt: skip
    found = sorted((b, counts) for (k, b), counts in tally(rows).items() if k == "25")
    return make_buckets("25", found)


def curve_of(buckets: Buckets, **more: Any) -> Any:
    data = accuracy.accuracy_curve(buckets, n_classes=2, window=50)
    found = accuracy_estimates(buckets, floor=0.3)
    choices = {"by": "samples", "show": ("overall", "rolling", "balanced", "f1"), **more}
    pair = ("Ham", "Spam")
    return data, accuracy_figures.curve(data, found, theme="light", classes=pair, **choices)


def names(figure: Any) -> list[str]:
    return [trace.name for trace in figure.data]


def test_the_curves_that_were_asked_for(buckets: Buckets) -> None:
    data, figure = curve_of(buckets)
    assert names(figure) == ["last 50", "where known", "balanced", "F1 of Spam", "always “Ham”"]
    assert figure.data[1].x.tolist() == data.samples.tolist()
    assert figure.data[1].y.tolist() == data.accuracy.tolist()
    assert names(curve_of(buckets, show=())[1]) == ["always “Ham”"]
    assert curve_of(buckets, by="labels")[1].data[1].x.tolist() == data.labels.tolist()
    dashes = [trace.line.dash for trace in figure.data]
    assert len({(t.line.dash, t.line.width) for t in figure.data}) == 5, dashes


def test_naive_estimate_and_known_truth_are_told_apart_without_color(buckets: Buckets) -> None:
    every = ("estimate", "naive", "overall", "rolling", "balanced", "f1")
    figure = curve_of(buckets, show=every, truth=True)[1]
    *_, naive, band, estimate = figure.data
    assert names(figure)[1] == "known truth"
    assert (naive.name, estimate.name) == ("asked only (naive)", "estimate, 95% band")
    lines = [trace for trace in figure.data if trace is not band]
    assert len({(t.line.dash, t.line.width) for t in lines}) == len(lines) == 7
    assert (band.fill, band.showlegend, band.hoverinfo) == ("toself", False, "skip")


def test_the_band_goes_around_what_is_shown_and_around_nothing_else(buckets: Buckets) -> None:
    *_, band, estimate = curve_of(buckets, show=("estimate",))[1].data
    assert np.isnan(estimate.y).tolist() == [True, True, False, False, False]  # 20 audits by 67
    assert band.x[:6].tolist() == [75, 100, 120, 120, 100, 75]
    low, high = estimate.customdata.T
    assert band.y[:6].tolist() == [*low[2:], *high[:1:-1]]
    assert (low[2:] <= estimate.y[2:]).all()
    assert (estimate.y[2:] <= high[2:]).all()
    labels = curve_of(buckets, show=("estimate",), by="labels")[1]
    assert labels.data[-1].x.tolist() == [9, 17, 25, 34, 40]


def test_an_estimate_that_is_withheld_all_along_says_so_in_the_legend(buckets: Buckets) -> None:
    data = accuracy.accuracy_curve(buckets, n_classes=2, window=50)
    found = accuracy_estimates(buckets, floor=0.0)
    figure = accuracy_figures.curve(
        data, found, theme="dark", by="samples", show=("estimate",), classes=("a", "b")
    )
    band, line = figure.data[-2:]
    assert (line.name, line.mode, len(band.x)) == ("estimate: not measurable", "lines", 0)


@pytest.mark.parametrize(("floor", "samples"), [(0.0, 100), (0.3, 120)])
@pytest.mark.parametrize("by", ["samples", "labels"])
def test_spot_checks_are_a_point_at_the_end_of_what_they_are_about(
    buckets: Buckets, floor: float, samples: int, by: str
) -> None:
    totals: Counter[str] = sum((c for c in buckets.counts[:4]), Counter())
    before = {0: Counter[str](), 100: totals + Counter({"spot": 30, "spot:e": 2})}
    whole = before[100] + buckets.counts[4]
    checked = strata.checked([Cell(0, 100, ALL)], before, whole, floor=floor)
    assert checked is not None
    assert checked.samples == samples
    data = accuracy.accuracy_curve(buckets, n_classes=2, window=50)
    found = accuracy_estimates(buckets, floor=floor).with_checks(checked)
    show = {"theme": "light", "by": by, "classes": ("a", "b")}
    point = accuracy_figures.curve(data, found, show=("estimate",), **show).data[-1]
    now = checked.accuracy
    assert (point.name, point.mode) == ("with spot-checks", "markers")
    along = data.labels if by == "labels" else data.samples
    assert list(point.x) == [along[data.samples.tolist().index(samples)]]
    assert list(point.y) == [now.value]
    assert point.y[0] + point.error_y.array[0] == pytest.approx(now.high)
    assert point.y[0] - point.error_y.arrayminus[0] == pytest.approx(now.low)
    assert "with spot-checks" not in names(
        accuracy_figures.curve(data, found, show=("overall",), **show)
    )
    alone = replace(found, checked=None)
    assert "with spot-checks" not in names(
        accuracy_figures.curve(data, alone, show=("estimate",), **show)
    )


def test_the_band_has_a_gap_where_the_estimate_is_withheld(buckets: Buckets) -> None:
    found = accuracy_estimates(buckets, floor=0.3).accuracy
    withheld = np.array(["", "", "why", "", "why"], dtype=object)
    x, y = accuracy_figures._outline(np.arange(5), replace(found, withheld=withheld))
    np.testing.assert_equal(x, [0, 1, 1, 0, np.nan, 3, 3, np.nan])
    assert (len(y), np.isnan(y[[4, 7]]).all()) == (8, True)


def test_corrections_and_the_warm_start_are_marked(buckets: Buckets) -> None:
    marks = [("undo", 3), ("relabel", 30), ("undo", 60), ("strategy", 40)]
    data, figure = curve_of(buckets, warm_until=50, corrections=marks)
    undo, relabel, change = figure.data[-3:]
    assert (undo.name, undo.x.tolist()) == ("undo", [4, 61])
    assert (change.name, change.x.tolist()) == ("change of strategy", [41])
    assert len({trace.marker.symbol for trace in (undo, relabel, change)}) == 3
    assert figure.layout.shapes[0].x0 == 50
    labels = curve_of(buckets, by="labels", warm_until=50)[1]
    assert labels.layout.shapes[0].x0 == data.labels[1]


@pytest.mark.parametrize("classes", [2, 12, 77])
def test_a_confusion_matrix_shows_numbers_while_there_is_room(classes: int) -> None:
    matrix = np.eye(classes, classes + 1, dtype=np.int64) * 7
    titles = [f"<b>class {i}" for i in range(classes)]
    figure = accuracy_figures.confusion(matrix, theme="dark", classes=titles)
    trace = figure.data[0]
    assert trace.z.shape == (classes, classes)
    numbers = [note.text for note in figure.layout.annotations]
    assert numbers == ([f"{n}" for n in matrix[:, :-1].ravel()] if classes <= 12 else [])
    assert figure.layout.xaxis.ticktext[0] == "&lt;b&gt;class 0"
    matrix[0, -1] = 1
    figure = accuracy_figures.confusion(matrix, theme="dark", classes=titles)
    assert figure.layout.xaxis.ticktext[-1] == "none yet"
    assert figure.data[0].z[0].sum() == pytest.approx(1)


@pytest.mark.parametrize("theme", THEMES)
def test_the_numbers_of_a_confusion_matrix_can_be_read(theme: str) -> None:
    """Black or white on every shade: a contrast of 4.5 to 1 at the least."""
    matrix = np.array([[100 - n, n, 0] for n in range(0, 101, 2)])
    figure = accuracy_figures.confusion(matrix[:12], theme=theme, classes=["c"] * 12)
    assert {n.font.color for n in figure.layout.annotations} == {"#000000", "#ffffff"}
    scale = colors.colorscale(theme)
    for share in np.linspace(0, 1, 101):
        cell = colors.at(scale, float(share))
        assert contrast(cell, colors.readable_on(cell)) >= 4.5


def test_queries_are_drawn_in_the_color_of_queries(buckets: Buckets) -> None:
    data = queries.query_curve(buckets, window=50)
    figure = query_figures.ratio(data, theme="light", budget=0.125)
    assert names(figure) == ["last 50", "expected", "overall", "budget 12.5%"]
    counts = query_figures.counts(data, theme="light")
    bars = query_figures.reasons(queries.reasons(buckets), theme="light")
    assert counts.data[1].line.color == bars.data[0].marker.color == figure.data[0].line.color
    assert counts.data[0].line.dash != counts.data[1].line.dash
    assert sum(bars.data[0].y) == data.queried[-1]


def test_one_sample_stands_on_an_axis_of_whole_numbers(buckets: Buckets) -> None:
    few = Buckets(25, np.array([0]), (Counter({"n": 1, "asked": 1, "h:q:24": 1}),))
    drift = entropy_figures.drift(entropy.drift(few), theme="light")
    assert (drift.data[0].x0, drift.data[0].dx) == (12.5, 25)
    counts = query_figures.counts(queries.query_curve(few, window=50), theme="light")
    for axis in (counts.layout.xaxis, counts.layout.yaxis, drift.layout.xaxis):
        assert (axis.rangemode, axis.autorangeoptions.include) == ("tozero", 10)


def test_hours_show_the_last_three_days_and_days_show_all() -> None:
    hour = Counter({"labels": 2, "from:person": 2, "timed": 1, "ms": 900})
    by_hour = [(0, hour), (100, hour), (150, hour)]
    hours = query_figures.answers(pace(by_hour, days=False), theme="light")
    days = query_figures.answers(pace(by_hour, days=True), theme="light")
    assert (len(hours.data[0].x), len(days.data[0].x)) == (2, 3)
    assert str(days.data[0].x[1]) == "1970-01-05 00:00:00"
    assert query_figures.seconds(pace(by_hour, days=True), theme="light").data[0].y[0] == 0.9


def test_the_histogram_and_its_rules(buckets: Buckets) -> None:
    data = entropy.histogram(buckets)
    rules = entropy_figures.rules(3.0, 30.0, floor=0.02, budget=0.05)
    figure = entropy_figures.histogram(
        data, theme="light", side_by_side=False, log=True, rules=rules
    )
    assert names(figure) == [
        "skipped", "queried", "odds now (factor 3)", "odds with factor 30",
    ]  # fmt: skip
    assert figure.data[0].y.sum() + figure.data[1].y.sum() == 120
    assert min(figure.data[2].y) == 0.02
    assert figure.layout.yaxis.type == "log"
    assert len(entropy_figures.rules(3.0, None, floor=0.0, budget=0.05)) == 1
    (at_random,) = entropy_figures.rules(None, None, floor=0.02, budget=0.05)
    assert set(at_random.probability(np.array([0.0, 1.0]))) == {0.05}


def test_bars_side_by_side_do_not_overlap(buckets: Buckets) -> None:
    figure = entropy_figures.histogram(
        entropy.histogram(buckets), theme="light", side_by_side=True, log=False
    )
    skipped, queried = figure.data
    assert skipped.offset + skipped.width <= queried.offset


@pytest.mark.parametrize("theme", THEMES)
def test_the_empty_log_is_drawn(theme: str) -> None:
    curve = accuracy.accuracy_curve(EMPTY, n_classes=2, window=500)
    found = accuracy_estimates(EMPTY, floor=0.02)
    pair = ("Ham", "Spam")
    figures = [
        accuracy_figures.curve(curve, found, theme=theme, by="labels", classes=pair,
                               show=("overall", "naive", "estimate"), warm_until=10,
                               corrections=[("undo", 3)]),
        accuracy_figures.confusion(np.zeros((2, 3), dtype=np.int64), theme=theme, classes=pair),
        query_figures.ratio(queries.query_curve(EMPTY, window=500), theme=theme, budget=0.05),
        query_figures.counts(queries.query_curve(EMPTY, window=500), theme=theme),
        query_figures.reasons(queries.reasons(EMPTY), theme=theme),
        query_figures.answers(pace([], days=False), theme=theme),
        query_figures.seconds(pace([], days=True), theme=theme),
        entropy_figures.histogram(entropy.histogram(EMPTY), theme=theme, side_by_side=True,
                                  log=True),
        entropy_figures.drift(entropy.drift(EMPTY), theme=theme),
    ]  # fmt: skip
    for figure in figures:
        assert figure.to_json()
    assert words.accuracy_figures(curve, pair)[0] == ("–", "accuracy where known")
    assert estimates.headline(found.now) == ("–", "estimated accuracy: there is nothing to measure")
    assert estimates.rows(found, curve, truth=True)[0][2] == "there is nothing to measure"
    assert estimates.note(found) == "There is nothing to measure."
    assert words.pace_caption(pace([], days=False)).startswith("One bar per hour")
    assert words.histogram_caption(entropy.histogram(EMPTY)) == "No sample in this stretch yet."


def test_words_say_what_is_not_known(buckets: Buckets) -> None:
    data, _ = curve_of(buckets)
    assert "known for 120 of 120" in words.accuracy_caption(data, truth=False)
    assert "known for" not in words.accuracy_caption(data, truth=True)


@pytest.mark.parametrize(("now", "same", "steers", "begins"), [
    (100.0, True, False, "The discount factor is 100. With these entropies it is expected to ask "),
    (2.384, True, True, "The discount factor steers itself and is 2.38 now. Held there all along,"),
    (100.0, False, False, "With a discount factor of 30 in place of 100, it would have asked "),
    (None, False, False, "It asks at random. By entropy, with a discount factor of 30, it would"),
])  # fmt: skip
def test_what_another_discount_factor_would_ask(
    now: float | None, same: bool, steers: bool, begins: str
) -> None:
    said = words.what_if(
        other=now if same and now else 30.0, expected=12.4, now=now, same=same, steers=steers,
        queried=683, samples=5_574,
    )  # fmt: skip
    assert said.startswith(begins)
    assert "about 12 of these 5,574 samples (0.2%); in fact it asked for 683." in said
