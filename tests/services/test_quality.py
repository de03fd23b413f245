"""What the quality page is given, against the estimates worked out from the exported log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from river.drift import ADWIN

from dashboard.analytics.estimates.answers import (
    NO_CLASS,
    NO_LABEL,
    Answers,
    bins_of,
    cells_of,
)
from dashboard.analytics.estimates.calibration import reliability
from dashboard.analytics.estimates.classes import confusion, scores
from dashboard.analytics.estimates.prevalence import margins_of, prevalence
from dashboard.analytics.estimates.result import Estimate, Withheld
from dashboard.core import scores as known
from dashboard.core.spec import make_spec
from dashboard.core.strategies import SPOT_CHECK
from dashboard.figures.quality_words import headline, scores_caption
from dashboard.services.container import Services, open_services
from dashboard.services.tables import chart_csv
from dashboard.settings import read_settings

FLOOR = 0.2

Rows = list[dict[str, str]]


def parsed(chunks: Any) -> Rows:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))


def chart(services: Services, slug: str, name: str, **params: str) -> Rows:
    return parsed(chart_csv(services.reports, slug, chart=name, params=params))


class Log:
    """The prediction log as it is exported, as arrays."""

    def __init__(self, services: Services, slug: str):
        self.rows = parsed(services.downloads.stream(slug, "predictions", "csv"))
        self.names = [c.name for c in services.experiments.find(slug).classes]
        index = {"": NO_CLASS, **{name: i for i, name in enumerate(self.names)}}
        self.predicted = np.array([index[row["predicted"]] for row in self.rows])
        self.truth = np.array([index[row["truth"]] for row in self.rows])
        self.probability = np.array(
            [max(float(row[f"p_{name}"] or 0) for name in self.names) for row in self.rows]
        )
        asked = np.array([row["asked"] == "true" for row in self.rows])
        label = np.array([index[row["label"]] if row["label"] else NO_LABEL for row in self.rows])
        pi = np.array([float(row["query_probability"]) for row in self.rows])
        why = np.array([row["reason"] for row in self.rows])
        every = np.arange(len(self.rows))
        self.answers = Answers(
            every, self.predicted, label, self.probability, pi, why
        ).where(asked)  # fmt: skip


def same(found: Estimate, expected: Estimate) -> None:
    assert found.withheld.tolist() == expected.withheld.tolist()
    assert (found.kind, found.level, found.looks) == (
        expected.kind, expected.level, expected.looks
    )  # fmt: skip
    for name in ("value", "low", "high", "answers", "effective"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-4)


SLUG = "made"


@pytest.fixture(scope="module")
def measured(kept_data: Any, make_experiment: Any, next_query: Any) -> Iterator[Services]:
    """An experiment with a floor, some passes and a correction, whose truth is known."""

    def build(services: Services) -> None:
        make_experiment(services, n=1_300, floor=FLOOR, discount_factor=20.0)
        for _ in range(5):
            services.runs.oracle(SLUG, count=20)
            position = next_query(services, SLUG)
            services.labeling.answer(SLUG, position=position, label=None)
        services.runs.oracle(SLUG)
        position = int(Log(services, SLUG).answers.position[0])
        services.labeling.correct(SLUG, position=position, label=1)

    folder = kept_data("measured", build)
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    yield services
    services.database.close()


def test_the_estimates_are_those_of_the_exported_log(measured: Services) -> None:
    log, found = Log(measured, SLUG), measured.reports.quality(SLUG).quality
    cells = cells_of(log.answers, log.predicted, n_classes=2, floor=FLOOR)
    same(found.confusion, confusion(cells))
    expected = scores(cells)
    for name in ("precision", "recall", "f1", "prevalence", "balanced", "macro_f1"):
        same(getattr(found.scores, name), getattr(expected, name))
    assert found.scores.macro_f1.shown
    assert (found.answers, found.passed) == (log.answers.judged.sum(), 5)
    assert found.expected == pytest.approx(cells.expected_audits)
    named = log.predicted != NO_CLASS
    diagram = reliability(bins_of(log.answers, log.probability[named], floor=FLOOR))
    same(found.reliability.accuracy, diagram.accuracy)
    same(found.reliability.gap, diagram.gap)
    same(found.reliability.error, diagram.error)
    np.testing.assert_allclose(found.reliability.confidence, diagram.confidence, rtol=1e-6)


def test_known_truth_stands_beside_the_estimates(measured: Services) -> None:
    log, found = Log(measured, SLUG), measured.reports.quality(SLUG).quality.known
    assert found is not None
    pairs = {
        (t, p): int(((log.truth == t) & (log.predicted == p)).sum())
        for t in range(2) for p in range(2)
    }  # fmt: skip
    assert {pair: int(found.matrix[pair]) for pair in pairs} == pairs
    assert found.balanced == known.balanced_accuracy(pairs)
    assert found.macro_f1 == pytest.approx(np.mean([known.f1_of(pairs, c) for c in range(2)]))
    assert found.prevalence[1] == (log.truth == 1).mean()
    estimates = measured.reports.quality(SLUG).quality.scores
    inside = [
        estimate.low[i] <= found.of_class(i)[name] <= estimate.high[i]
        for i in range(2)
        for name, estimate in (
            ("precision", estimates.precision), ("recall", estimates.recall),
            ("f1", estimates.f1), ("prevalence", estimates.prevalence),
        )
    ]  # fmt: skip
    assert all(inside)


def test_the_data_of_each_card_are_those_figures(measured: Services) -> None:
    found = measured.reports.quality(SLUG).quality
    cells = chart(measured, SLUG, "quality-confusion", matrix="truth")
    names = Log(measured, SLUG).names
    for row in cells:
        at = names.index(row["truth"]), names.index(row["predicted"])
        assert float(row["estimate"]) == found.confusion.value[at]
        assert found.known is not None
        assert int(row["known_samples"]) == found.known.matrix[at]
    rows = {(row["class"], row["score"]): row for row in chart(measured, SLUG, "quality-scores")}
    assert len(rows) == 2 * 4 + 2
    assert float(rows[names[1], "recall"]["low"]) == found.scores.recall.low[1]
    assert float(rows["", "macro_f1"]["high"]) == found.scores.macro_f1.high
    assert rows["", "balanced_accuracy"]["looks"] == "one look"
    bins = chart(measured, SLUG, "reliability-diagram")
    assert sum(int(row["samples"]) for row in bins) == 1_300
    assert {row["accuracy"] == "" for row in bins if row["withheld"]} == {True}


def test_prevalence_of_a_stretch_is_that_of_its_part_of_the_log(
    measured: Services,
) -> None:
    log, found = Log(measured, SLUG), measured.reports.quality(SLUG).stretches
    assert found.size == 125  # 22 audits at a floor of a fifth, in whole buckets
    for i in (0, 3, len(found.first) - 1):
        begin, stop = found.first[i], found.stop[i]
        part = log.answers.where((log.answers.position >= begin) & (log.answers.position < stop))
        cells = cells_of(part, log.predicted[begin:stop], n_classes=2, floor=FLOOR)
        expected = prevalence(margins_of(cells))
        for name in ("value", "low", "high"):
            np.testing.assert_allclose(
                getattr(found.prevalence, name)[i], getattr(expected, name), rtol=1e-5
            )
        assert found.truth is not None
        assert found.truth[i, 1] == (log.truth[begin:stop] == 1).mean()
        assert found.predicted[i, 1] == (log.predicted[begin:stop] == 1).mean()
    long = measured.reports.quality(SLUG, long=True).stretches
    assert (long.size, long.stop[-1]) == (500, 1_300)
    rows = chart(measured, SLUG, "prevalence-curve")
    assert [float(r["prevalence"]) for r in rows[2:4]] == found.prevalence.value[1].tolist()


def test_adwin_is_fed_with_the_means_of_the_log(measured: Services) -> None:
    log, found = Log(measured, SLUG), measured.reports.quality(SLUG).drifts
    entropy = np.array([float(row["entropy"]) for row in log.rows]).reshape(-1, 25)
    np.testing.assert_allclose(found.uncertainty.values, entropy.mean(axis=1), atol=0.02)
    assert found.error is not None
    weights = np.zeros(len(log.rows))
    wrong = log.answers.where(log.answers.wrong)
    weights[wrong.position] = 1 / wrong.query_probability
    fed = np.minimum(weights.reshape(-1, 25).mean(axis=1), 1)
    np.testing.assert_allclose(found.error.values, fed, rtol=1e-5)
    detector, noticed = ADWIN(clock=1), []
    for i, value in enumerate(found.error.values.tolist()):
        detector.update(value)
        if detector.drift_detected:
            noticed.append(i)
    assert [change.at for change in found.error.changes] == noticed
    rows = chart(measured, SLUG, "drift-curve")
    assert [r["signal"] for r in rows] == ["entropy"] * 52 + ["error"] * 52
    assert [float(r["fed"]) for r in rows[52:]] == found.error.values.tolist()


def test_without_a_floor_nothing_is_measurable_and_what_is_known_is_there(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=200)
    services.runs.oracle(slug)
    found = services.reports.quality(slug).quality
    assert set(found.confusion.withheld.flat) == {Withheld.NO_FLOOR.value}
    assert not found.scores.f1.shown.any()
    assert found.known is not None
    assert found.known.matrix.sum() == 200
    assert found.reliability.samples.sum() == 200
    assert np.isfinite(found.reliability.confidence).any()


def test_without_a_floor_spot_checks_tell_of_the_precision(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=400)
    services.runs.oracle(slug)
    skipped = {row["position"] for row in Log(services, slug).rows if row["asked"] == "false"}
    assert services.checks.queue(slug, 60).done
    services.runs.oracle(slug)
    log, found = Log(services, slug), services.reports.quality(slug).quality
    assert found.checked
    assert not found.scores.recall.shown.any()
    precision = found.scores.precision
    assert precision.shown[0]
    ham = [row for row in log.rows if row["predicted"] == log.names[0]]
    wrong, checked, others = 0, [], 0
    for row in ham:
        spot = row["reason"] == SPOT_CHECK
        assert spot <= (row["position"] in skipped)
        checked += [row["label"] != row["predicted"]] if spot else []
        others += row["position"] in skipped
        wrong += row["position"] not in skipped and row["label"] != row["predicted"]
    expected = 1 - (wrong + others * np.mean(checked)) / len(ham)
    assert precision.value[0] == pytest.approx(expected)
    assert precision.low[0] < expected < precision.high[0]
    assert "Spot-checks tell of the precision" in headline(found)
    assert "spot-checks" in scores_caption(found) or precision.shown.all()


def test_a_floor_that_came_late_does_not_make_the_whole_log_measurable(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=400)
    services.runs.oracle(slug, count=30)
    services.changes.strategy(slug, floor=0.3)
    services.runs.oracle(slug)
    found = services.reports.quality(slug).quality
    assert 0 < found.since < 400
    assert set(found.confusion.withheld.flat) == {Withheld.NO_FLOOR.value}


def test_where_the_truth_is_not_known_there_is_none(
    services: Services, make_stream: Any, next_query: Any
) -> None:
    stream = make_stream(services, n=60, truth=False)
    spec = make_spec("blog", text=True, classes=2, floor=FLOOR)
    slug = services.experiments.create("unknown", stream=stream, spec=spec).slug
    services.labeling.answer(slug, position=next_query(services, slug), label=0)
    assert services.reports.quality(slug).quality.known is None
