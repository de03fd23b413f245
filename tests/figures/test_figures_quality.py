"""Charts and words of the quality page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.analytics.buckets import Buckets, make_buckets
from dashboard.analytics.drift import drifts
from dashboard.analytics.quality import Quality, quality
from dashboard.analytics.stretches import Stretches, stretches
from dashboard.core.tally import Row, new_deltas, tally
from dashboard.figures import quality as figures
from dashboard.figures import quality_along as along
from dashboard.figures import quality_words as words

EMPTY = Buckets(25, np.array([], dtype=np.int64), ())
PAIR = ("Ham", "<b>Spam")
FLOOR = 0.05


def row(i: int, classes: int = 2) -> Row:
    """One in 20 an audit, one in 400 wrong; halfway through, the model becomes unsure."""
    asked, predicted = i % 20 == i // 20 % 20, i * 7 // 3 % classes
    truth = (predicted + (i // 20 % 20 == 7)) % classes
    return Row(
        i, predicted, 0.9 if i > 2_000 else 0.1, FLOOR, "audit" if asked else "", truth,
        "label" if asked else None, truth if asked else None, 0.97 if i % 3 else 0.62,
    )  # fmt: skip


def quality_of(n: int, *, classes: int = 2, floor: float = FLOOR, **more: Any) -> Quality:
    counts = tally(row(i, classes) for i in range(n)) if n else new_deltas()
    series = {
        kind: [(b, c) for (k, b), c in counts.items() if k == kind]
        for kind in ("cell", "confidence", "confusion")
    }
    return quality(series, counts["all", 0], n_classes=classes, floor=floor, **more)


def buckets_of(n: int, classes: int = 2) -> Buckets:
    counts = tally(row(i, classes) for i in range(n))
    return make_buckets("25", sorted((b, c) for (k, b), c in counts.items() if k == "25"))


def stretches_of(n: int, *, classes: int = 2, floor: float = FLOOR, **more: Any) -> Stretches:
    return stretches(buckets_of(n, classes), n_classes=classes, floor=floor, **more)


def names(figure: Any) -> list[str]:
    return [trace.name for trace in figure.data if trace.showlegend is not False]


def test_the_matrix_is_the_estimate_with_its_limits() -> None:
    data = quality_of(4_000, truth=True)
    figure = figures.confusion(data, theme="light", classes=PAIR)
    found = data.confusion
    assert figure.data[0].customdata.shape == (2, 2, 3)
    numbers = [note.text for note in figure.layout.annotations]
    assert numbers[0].startswith(f"{found.value[0, 0]:,.0f}<br>")
    assert f"{found.low[0, 1]:,.0f} to {found.high[0, 1]:,.0f}" in numbers[1]
    known = figures.confusion(data, theme="light", classes=PAIR, truth=True)
    assert data.known is not None
    assert known.layout.annotations[0].text == f"{data.known.matrix[0, 0]:,}"
    assert words.confusion_caption(data, truth=True) == "Known truth of all samples so far."
    caption = words.confusion_caption(data, truth=False)
    assert "Intervals: 95%, for one look" in caption
    assert "gamma (Fay & Feuer 1997). It rests on 200 answers with a label" in caption


def test_where_nothing_is_measurable_the_truth_or_a_sentence_is_shown() -> None:
    known, unknown = quality_of(400, floor=0.0, truth=True), quality_of(400, floor=0.0)
    assert figures.shows_truth(known, truth=False)
    assert "The estimate is not measurable: the floor is 0" in words.confusion_caption(
        known, truth=False
    )
    figure = figures.confusion(unknown, theme="dark", classes=PAIR, truth=True)
    assert [note.text for note in figure.layout.annotations] == ["not measurable"]
    assert words.confusion_caption(unknown, truth=True).startswith("Not measurable: the floor is 0")
    assert "give an experiment a floor of 2% or more" in words.headline(known)
    late = quality_of(400, since=250)
    assert "the first 250 samples had a floor of 0" in words.headline(late)
    assert words.classes(known)[0][0] == words.Cell(
        "not measurable", "", words.classes(known)[0][0].truth, str(known.scores.f1.withheld[0])
    )
    assert "Intervals" not in words.scores_caption(known)
    assert words.means(known)[0][1:3] == ("–", "not measurable")


@pytest.mark.parametrize("classes", [2, 5, 77])
def test_a_matrix_of_any_size(classes: int) -> None:
    titles = [f"class {i}" for i in range(classes)]
    data = quality_of(4_000, classes=classes)
    figure = figures.confusion(data, theme="dark", classes=titles)
    assert figure.data[0].z.shape == (classes, classes)
    assert len(figure.layout.annotations) == (classes**2 if classes <= 12 else 0)


def test_scores_stand_with_interval_truth_and_size() -> None:
    data = quality_of(4_000, truth=True)
    precision, *_, labeled, predicted, effective = words.classes(data)[1]
    found = data.scores.precision
    assert isinstance(precision, words.Cell)
    assert precision.value == f"{found.value[1]:.1%}"
    assert precision.interval == f"{100 * found.low[1]:.1f}–{found.high[1]:.1%}"
    assert data.known is not None
    assert precision.truth == f"truth {data.known.scores[1].precision:.1%}"
    assert int(labeled) == data.scores.recall.answers[1]
    assert (int(predicted), int(effective)) == (found.answers[1], found.effective[1].round())
    assert "MOVER" in words.scores_caption(data)
    macro, balanced = words.means(data)
    assert macro[1] == f"{data.scores.macro_f1.value:.1%}"
    assert balanced[-1] == f"{data.known.balanced:.1%}"
    assert words.figures(data)[0][1].startswith("macro F1, ")


def test_too_little_says_how_much_is_needed() -> None:
    data = quality_of(1_000)
    said = words.scores_caption(data)
    assert "“too few audits”: scores of classes need 80 audits to be expected in all" in said
    assert "so far there are 50 in all" in said
    assert words.figures(data)[0] == ("–", "macro F1: too few audits")
    early = quality_of(200)
    assert "10 audits are to be expected so far; 20 are needed" in words.confusion_caption(
        early, truth=False
    )


def test_the_reliability_diagram_shows_bins_that_are_known_well_enough() -> None:
    data = quality_of(4_000).reliability
    bars, _, points = figures.reliability(data, theme="light").data
    assert points.x.tolist() == data.confidence[data.accuracy.shown].tolist()
    assert points.y.tolist() == data.accuracy.value[data.accuracy.shown].tolist()
    assert (points.y + points.error_y.array <= 1).all()
    assert sum(bars.y) == pytest.approx(1)
    caption = words.reliability_caption(data)
    assert caption.startswith("Expected calibration error: ")
    assert "200 answers with a label" in caption
    few = figures.reliability(quality_of(100).reliability, theme="light")
    assert few.layout.annotations[0].text == "too few answers"


def test_prevalence_is_drawn_in_boxes_with_the_truth_beside() -> None:
    data = stretches_of(4_000, truth=True)
    figure = along.prevalence(data, theme="light", classes=PAIR)
    assert names(figure) == ["Ham", "&lt;b&gt;Spam", "known truth"]
    band, _, points = figure.data[:3]
    assert band.fill == "toself"
    assert len(band.x) == 5 * data.prevalence.shown[:, 0].sum()
    assert np.nanmax(band.y) == np.nanmax(data.prevalence.high[:, 0])
    np.testing.assert_array_equal(points.y, data.prevalence.value[:, 0])
    assert "One estimate per 450 samples. A stretch takes 20 audits" in words.prevalence_caption(
        data, floor=FLOOR
    )


def test_of_many_classes_the_commonest_are_drawn_each_in_a_color_of_its_own() -> None:
    data = stretches_of(2_000, classes=77)
    figure = along.prevalence(data, theme="dark", classes=[f"c{i}" for i in range(77)])
    assert len(along.shown_classes(data)) == len(names(figure)) == along.MOST_CLASSES
    colors = [trace.marker.color for trace in figure.data if trace.mode == "markers"]
    assert len(set(colors)) == along.MOST_CLASSES
    assert "the CSV has all" in words.prevalence_caption(data, floor=FLOOR)


def test_without_a_floor_the_shares_predicted_are_drawn() -> None:
    data = stretches_of(1_000, floor=0.0)
    figure = along.prevalence(data, theme="light", classes=PAIR)
    assert names(figure) == ["Ham, as predicted", "&lt;b&gt;Spam, as predicted"]
    caption = words.prevalence_caption(data, floor=0.0)
    assert caption.startswith("Not measurable: the floor is 0")
    assert caption.endswith("in each 25 samples.")


def test_drift_is_marked_where_it_was_noticed() -> None:
    data = drifts(buckets_of(4_000), floor=FLOOR)
    figure = along.drift(data, theme="light")
    assert [c.rises for c in data.uncertainty.changes] == [True]
    assert "uncertainty rises" in names(figure)
    assert figure.layout.shapes[0].x0 == data.uncertainty.stop[data.uncertainty.changes[0].at]
    caption = words.drift_caption(data)
    assert "the mean normalized entropy of each 25 samples. Fed with 160 values" in caption
    assert "it noticed 1 change." in caption
    assert "δ = 0.002" in caption
    alone = drifts(buckets_of(4_000), floor=0.0)
    assert not along.drift(alone, theme="light").layout.yaxis2.visible
    assert "Error: not measurable: the floor is 0" in words.drift_caption(alone)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_empty_log_is_drawn(theme: str) -> None:
    data = quality_of(0)
    found = stretches(EMPTY, n_classes=2, floor=FLOOR)
    moved = drifts(EMPTY, floor=FLOOR)
    drawn = [
        figures.confusion(data, theme=theme, classes=PAIR),
        figures.reliability(data.reliability, theme=theme),
        along.prevalence(found, theme=theme, classes=PAIR),
        along.drift(moved, theme=theme),
    ]
    assert all(figure.to_json() for figure in drawn)
    assert words.confusion_caption(data, truth=False).startswith("There is nothing to measure")
    assert words.prevalence_caption(found, floor=FLOOR).startswith("There is nothing")
    assert "Fed with 0 values" in words.drift_caption(moved)


def test_passes_are_reported() -> None:
    assert "Non-response: 3 answers" in words.headline(replace(quality_of(400), passed=3))
