"""What the accuracy page is given, against the exported log itself."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dashboard.analytics.estimates.accuracy import accuracy
from dashboard.analytics.estimates.answers import NO_CLASS, NO_LABEL, Answers, evidence_of
from dashboard.analytics.estimates.result import Withheld
from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.services.floors import Floor, Floors
from dashboard.services.tables import chart_csv

FLOOR = 0.1

Rows = list[dict[str, str]]


def parsed(chunks: Any) -> Rows:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))


def chart(services: Services, slug: str, name: str) -> Rows:
    return parsed(chart_csv(services.reports, slug, chart=name, params={}))


def answers_in(services: Services, slug: str, *, before: int | None = None) -> tuple[Answers, int]:
    """The answered queries of the prediction log, and how many samples are not open."""
    rows = parsed(services.downloads.stream(slug, "predictions", "csv"))[:before]
    names = services.experiments.find(slug).classes
    index = {"": NO_CLASS, **{c.name: i for i, c in enumerate(names)}}
    asked = [row for row in rows if row["asked"] == "true"]
    return Answers(
        np.array([int(row["position"]) for row in asked]),
        np.array([index[row["predicted"]] for row in asked]),
        np.array([index[row["label"]] if row["label"] else NO_LABEL for row in asked]),
        np.array([0.5 for _ in asked]),
        np.array([float(row["query_probability"]) for row in asked]),
        np.array([row["reason"] for row in asked]),
    ), len(rows)


def every_kind_of_step(services: Services, slug: str, next_query: Any, *, seed: int) -> None:
    """Labels, passes, undos, relabels and retractions until the stream ends."""
    rng = random.Random(seed)
    answered: list[int] = []
    while (position := next_query(services, slug)) is not None:
        u = rng.random()
        if answered and u < 0.05 and services.labeling.undo(slug).done:
            answered.pop()
            continue
        if answered and u < 0.15:
            label = rng.choice((None, 0, 1))
            services.labeling.correct(slug, position=rng.choice(answered[:-1] or [0]), label=label)
        label = None if u > 0.9 else int(rng.random() < 0.3)
        services.labeling.answer(slug, position=position, label=label)
        answered.append(position)


@pytest.fixture
def many(
    services: Services, make_stream: Callable[..., Any], next_query: Any, patient: None
) -> str:
    """An experiment of which nobody knows the truth, with every kind of step behind it."""
    stream = make_stream(services, n=430, truth=False)
    spec = make_spec("blog", text=True, classes=2, discount_factor=6.0, floor=FLOOR)
    slug = services.experiments.create("many", stream=stream, spec=spec).slug
    every_kind_of_step(services, slug, next_query, seed=5)
    return slug


def test_the_estimate_is_that_of_the_exported_log(services: Services, many: str) -> None:
    assert services.verification.verify(many).difference == ""
    answers, n = answers_in(services, many)
    found = services.reports.accuracy(many).estimates
    assert found.passed[-1] == answers.passed.sum() > 3
    evidence = evidence_of(answers, n, floor=FLOOR)
    expected = accuracy(evidence)
    assert found.now.shown
    for name in ("value", "low", "high"):
        assert getattr(found.now, name) == pytest.approx(getattr(expected, name).item(), abs=1e-6)
    assert found.now.effective == pytest.approx(evidence.effective.item(), rel=1e-5)
    assert (found.audits, found.expected) == (
        evidence.audits, pytest.approx(evidence.expected_audits)
    )  # fmt: skip
    assert found.naive[-1] == pytest.approx(1 - answers.wrong.sum() / answers.judged.sum())
    assert found.judged[-1] == found.now.answers == answers.judged.sum()


def test_the_data_of_both_cards_are_those_figures(services: Services, many: str) -> None:
    found = services.reports.accuracy(many).estimates
    points = chart(services, many, "accuracy-curve")
    for i, point in enumerate(points):
        shown = found.accuracy.shown[i]
        assert (point["withheld"] == "", point["estimate"] != "") == (shown, shown)
        assert int(point["judged"]) == found.judged[i]
        assert float(point["naive"]) == found.naive[i]
    assert float(points[-1]["estimate_low"]) == found.now.low
    assert int(points[-1]["non_response"]) == found.passed[-1]
    table = {row["of"]: row for row in chart(services, many, "accuracy-estimate")}
    assert list(table) == ["all samples", "skipped samples", "asked only"]
    whole = table["all samples"]
    assert (float(whole["low"]), float(whole["high"])) == (found.now.low, found.now.high)
    assert (whole["level"], whole["looks"]) == ("0.95", "one look")
    assert whole["interval"].startswith("gamma")
    assert float(whole["effective_sample_size"]) < int(whole["answers"])
    assert table["asked only"]["low"] == ""


def test_where_the_truth_is_known_it_stands_beside_the_estimate(
    services: Services, make_experiment: Any, patient: None
) -> None:
    slug = make_experiment(services, n=1_000, floor=FLOOR)
    services.runs.oracle(slug)
    report = services.reports.accuracy(slug)
    truth, found = report.curve.accuracy[-1], report.estimates
    assert found.now.low <= truth <= found.now.high
    assert found.naive[-1] < truth - 0.05
    rows = chart(services, slug, "accuracy-estimate")
    assert (rows[-1]["of"], float(rows[-1]["accuracy"])) == ("known truth", truth)


@pytest.mark.parametrize("truth", [True, False])
def test_what_is_known_of_the_skipped_is_that_of_the_exported_log(
    services: Services, make_stream: Callable[..., Any], next_query: Any, patient: None, truth: bool
) -> None:
    stream = make_stream(services, n=300, truth=truth)
    spec = make_spec("blog", text=True, classes=2, discount_factor=6.0, floor=FLOOR)
    slug = services.experiments.create("some", stream=stream, spec=spec).slug
    every_kind_of_step(services, slug, next_query, seed=7)
    rows = [
        row
        for row in parsed(services.downloads.stream(slug, "predictions", "csv"))
        if row["asked"] == "false"
    ]
    found = services.reports.skipped(slug)
    assert found.skipped == len(rows) > 0
    assert found.known == (len(rows) if truth else 0)
    assert found.correct == sum(row["correct"] == "true" for row in rows)
    same = services.reports.accuracy(slug).estimates.skipped
    for name in ("value", "low", "high", "answers", "effective"):
        assert getattr(found.estimates.skipped, name) == getattr(same, name)


def test_without_a_floor_there_is_no_number(services: Services, make_experiment: Any) -> None:
    slug = make_experiment(services, n=300)
    services.runs.oracle(slug)
    found = services.reports.accuracy(slug).estimates
    assert str(found.now.withheld) == Withheld.NO_FLOOR
    assert not found.accuracy.shown.any()
    whole = chart(services, slug, "accuracy-estimate")[0]
    assert (whole["accuracy"], whole["withheld"]) == ("", str(Withheld.NO_FLOOR))


def in_force(services: Services, slug: str) -> Floor:
    experiment = services.experiments.find(slug)
    with services.database.read() as connection:
        found = Floors().in_force(connection, experiment)
        assert services.reports._floors.in_force(connection, experiment) == found  # remembered
    return found


def test_the_lowest_floor_since_there_is_one_is_the_one_in_force(
    services: Services, make_experiment: Any, patient: None
) -> None:
    slug = make_experiment(services, n=1_000)
    services.runs.oracle(slug, count=20)
    assert in_force(services, slug) == (0.0, 0)
    services.changes.strategy(slug, floor=0.2)
    raised = services.experiments.find(slug).position
    assert in_force(services, slug) == (0.2, raised)
    services.runs.oracle(slug, count=60)
    services.changes.strategy(slug, floor=0.0)
    services.changes.strategy(slug, floor=FLOOR)  # at once: nothing was scanned without one
    assert in_force(services, slug) == (FLOOR, raised)
    services.changes.add_class(slug, "other")
    services.runs.oracle(slug)
    services.changes.strategy(slug, floor=0.3)
    assert in_force(services, slug) == (FLOOR, raised)
    report = services.reports.accuracy(slug)
    found = report.estimates
    assert (found.floor, found.since) == (FLOOR, -(-raised // 25) * 25)
    behind = found.since // 25
    assert not found.accuracy.shown[:behind].any()
    answers, _ = answers_in(services, slug)
    later = answers.where(answers.position >= found.since)
    expected = accuracy(evidence_of(later, 1_000 - found.since, floor=FLOOR))
    assert found.now.value == pytest.approx(expected.value.item(), abs=1e-6)
    assert found.now.low == pytest.approx(expected.low.item(), abs=1e-6)
    assert found.now.low <= report.curve.accuracy[-1] <= found.now.high
