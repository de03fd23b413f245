"""Figures of the charts, against a bare simulation and the exported logs."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dashboard.core import scores
from dashboard.core.simulation import simulate
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, NotFound
from dashboard.services.container import Services
from dashboard.services.tables import CHARTS, chart_csv
from dashboard.storage import log

Rows = list[dict[str, str]]

ESTIMATED = {
    "accuracy-curve", "accuracy-estimate", "quality-confusion", "quality-scores",
    "prevalence-curve",
}  # fmt: skip
ANSWER_CHARTS = ESTIMATED | {"confusion", "class-scores", "mistakes"}


def parsed(chunks: Any) -> Rows:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))


def chart(services: Services, slug: str, name: str, **params: str) -> Rows:
    return parsed(chart_csv(services.reports, slug, chart=name, params=params))


def predictions(services: Services, slug: str) -> Rows:
    return parsed(services.downloads.stream(slug, "predictions", "csv"))


def every_chart(services: Services, slug: str) -> dict[str, bytes]:
    return {
        name: b"".join(chart_csv(services.reports, slug, chart=name, params={})) for name in CHARTS
    }


@pytest.fixture
def unknown(services: Services, make_stream: Callable[..., Any]) -> str:
    """An experiment on a stream whose classes nobody knows, with a few answers."""
    stream = make_stream(services, slug="unknown", n=200, truth=False)
    spec = make_spec("blog", text=True, classes=2)
    slug = services.experiments.create("unknown", stream=stream, spec=spec).slug
    answer(services, slug, 40)
    return slug


def answer(services: Services, slug: str, count: int) -> list[int]:
    """Give answers until so many are given; their positions."""
    given = []
    for i in range(count):
        services.runs.scan(slug)
        with services.database.read() as connection:
            query = log.open_query(connection, services.experiments.find(slug).id)
        if query is None:
            break
        given.append(query["position"])
        services.labeling.answer(
            slug, position=given[-1], label=None if i % 7 == 6 else i % 2, milliseconds=1_500
        )
    return given


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_last_points_are_those_of_a_bare_simulation(
    services: Services, make_experiment: Any, make_examples: Any, classes: int
) -> None:
    slug = make_experiment(services, n=430, classes=classes)
    services.runs.oracle(slug)
    spec = make_spec("blog", text=True, classes=classes)
    outcome = simulate(make_examples(430, classes=classes), spec, n_classes=classes)
    report = services.reports.accuracy(slug)
    curve = report.curve
    assert (curve.samples[-1], curve.labels[-1]) == (outcome.samples, outcome.labels)
    assert curve.accuracy[-1] == scores.accuracy(outcome.confusion)
    assert curve.balanced[-1] == pytest.approx(
        scores.balanced_accuracy(outcome.confusion), rel=1e-14
    )
    f1 = scores.f1(outcome.confusion, n_classes=classes)
    assert curve.f1[-1] == pytest.approx(f1, rel=1e-14)
    for (truth, predicted), n in outcome.confusion.items():
        assert report.matrix[truth, classes if predicted is None else predicted] == n
    queries = services.reports.queries(slug)
    assert queries.curve.queried[-1] == queries.saved.labels == outcome.labels
    assert queries.curve.overall[-1] == outcome.labels / outcome.samples


def test_the_accuracy_chart_is_the_prediction_log(services: Services, make_experiment: Any) -> None:
    slug = make_experiment(services, n=330)
    services.runs.oracle(slug)
    rows = predictions(services, slug)
    points = chart(services, slug, "accuracy-curve", window="100")
    assert len(points) == 14
    for point in points:
        part = rows[: int(point["samples"])]
        right = sum(r["correct"] == "true" for r in part)
        assert int(point["labels"]) == sum(r["label"] != "" for r in part)
        assert float(point["accuracy"]) == right / len(part)
        commonest = Counter(r["truth"] for r in part).most_common(1)[0][1]
        assert float(point["majority_baseline"]) == commonest / len(part)
    window = [r for r in rows if int(r["position"]) // 25 > (329 // 25) - 4]
    right = sum(r["correct"] == "true" for r in window)
    assert float(points[-1]["accuracy_last_100"]) == right / len(window)


def test_counts_by_class_are_the_prediction_log(services: Services, make_experiment: Any) -> None:
    slug = make_experiment(services, n=330, classes=4)
    services.runs.oracle(slug)
    rows = predictions(services, slug)
    cells = Counter((r["truth"], r["predicted"]) for r in rows)
    confusion = chart(services, slug, "confusion")
    assert {(c["truth"], c["predicted"]): int(c["samples"]) for c in confusion} == cells
    for score in chart(services, slug, "class-scores"):
        name, right = score["class"], cells[score["class"], score["class"]]
        assert int(score["support"]) == sum(r["truth"] == name for r in rows)
        assert float(score["precision"]) == right / sum(r["predicted"] == name for r in rows)
        assert float(score["recall"]) == right / int(score["support"])
    worst = chart(services, slug, "mistakes")[0]
    assert int(worst["samples"]) == max(n for (t, p), n in cells.items() if t != p)


def test_the_queries_charts_are_the_logs(services: Services, unknown: str) -> None:
    rows = predictions(services, unknown)
    asked = [r for r in rows if r["asked"] == "true"]
    for name in ("query-ratio", "query-counts"):
        for point in chart(services, unknown, name):
            part = rows[: int(point["samples"])]
            assert int(point["queried"]) == sum(r["asked"] == "true" for r in part)
    last = chart(services, unknown, "query-ratio")[-1]
    assert float(last["ratio"]) == len(asked) / len(rows)
    odds = sum(float(r["query_probability"]) for r in rows) / len(rows)
    assert float(last["expected_last_500"]) == pytest.approx(odds, abs=1e-9)
    bars = chart(services, unknown, "query-reasons")
    assert sum(int(b["entropy"]) for b in bars) == sum(r["reason"] == "entropy" for r in rows)
    for name in ("answers", "answer-seconds"):
        for per in ("hour", "day"):
            bars = chart(services, unknown, name, per=per)
            given = sum(int(b["labels"]) + int(b["passes"]) for b in bars)
            assert given == sum(int(b["person"]) for b in bars) == len(asked)
            assert {float(b["mean_seconds"]) for b in bars} == {1.5}


def test_the_entropy_charts_are_the_log(services: Services, make_experiment: Any) -> None:
    slug = make_experiment(services, n=330)
    services.runs.oracle(slug)
    rows = predictions(services, slug)
    stretch = {"span": "range", "range": "100,200"}
    for params, part in (({}, rows), (stretch, rows[100:200]), ({"span": "500"}, rows)):
        bars = chart(services, slug, "entropy-histogram", **params)
        for bar in bars:
            low, high = float(bar["entropy_from"]), float(bar["entropy_to"])
            inside = [r for r in part if low <= float(r["entropy"]) < high
                      or high == 1.0 == float(r["entropy"])]  # fmt: skip
            queried = sum(r["asked"] == "true" for r in inside)
            assert (int(bar["queried"]), int(bar["skipped"])) == (queried, len(inside) - queried)
        assert sum(int(b["queried"]) + int(b["skipped"]) for b in bars) == len(part)
    columns = chart(services, slug, "entropy-drift")
    total = sum(int(n) for c in columns for k, n in c.items() if k.startswith("entropy_from"))
    assert total == len(rows)


def test_a_relabel_moves_the_figures_that_depend_on_answers_and_no_other(
    services: Services, unknown: str
) -> None:
    before = every_chart(services, unknown)
    rows = [r for r in predictions(services, unknown) if r["label"]]
    first = rows[3]
    other = 1 if first["label"] == "win" else 0
    services.labeling.correct(unknown, position=int(first["position"]), label=other)
    after = every_chart(services, unknown)
    moved = {name for name in CHARTS if before[name] != after[name]}
    assert moved == ANSWER_CHARTS
    assert services.reports.accuracy(unknown).corrections == [("relabel", int(first["position"]))]


def test_where_the_truth_is_known_a_relabel_moves_nothing_but_what_is_estimated(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=200)
    services.runs.oracle(slug)
    before, token = every_chart(services, slug), services.reports.token(slug)
    curve = services.reports.accuracy(slug).curve
    row = next(r for r in predictions(services, slug) if r["label"])
    services.labeling.correct(slug, position=int(row["position"]), label=int(row["label"] == "win"))
    after = every_chart(services, slug)
    assert {name for name in CHARTS if before[name] != after[name]} == ESTIMATED
    same = vars(services.reports.accuracy(slug).curve).items()
    assert all(np.array_equal(value, getattr(curve, name), equal_nan=True) for name, value in same)
    assert services.reports.token(slug) != token


def test_an_undo_is_marked_and_leaves_no_other_trace(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=200)
    services.runs.oracle(slug, count=10)
    before = every_chart(services, slug)
    [position] = answer(services, slug, 1)
    services.labeling.undo(slug)
    assert every_chart(services, slug) == before
    assert services.reports.accuracy(slug).corrections == [("undo", position)]


def test_a_change_of_strategy_is_marked_and_one_of_classes_is_not(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=200)
    services.runs.oracle(slug, count=5)
    services.changes.edit_class(slug, 1, name="other")
    assert services.reports.accuracy(slug).corrections == []
    scanned = services.experiments.find(slug).position
    services.changes.strategy(slug, strategy="random", budget=0.5)
    assert services.reports.accuracy(slug).corrections == [("strategy", scanned - 1)]


def test_only_the_last_corrections_are_read(services: Services, unknown: str) -> None:
    position = int(next(r for r in predictions(services, unknown) if r["label"])["position"])
    for i in range(5):
        services.labeling.correct(unknown, position=position, label=i % 2)
    with services.database.read() as connection:
        found = log.corrections(connection, services.experiments.find(unknown).id, limit=3)
    assert [(kind, at) for kind, at, _ in found] == [("relabel", position)] * 3
    assert found == sorted(found, key=lambda c: c[2])


def test_the_truth_of_an_open_query_is_nowhere(services: Services, make_experiment: Any) -> None:
    slug = make_experiment(services, n=200)
    services.runs.scan(slug)
    for name in CHARTS:
        assert not any(
            int(r.get("samples") or r.get("support") or 0) for r in chart(services, slug, name)
        ), name


def test_the_empty_log_and_many_classes(services: Services, make_stream: Any) -> None:
    from dashboard.storage.streams import Sample

    stream = services.experiments.add_stream(
        slug="many", title="Many", kind="text", classes=[f"=class {i}" for i in range(100)],
        items=(Sample(f"s{i}", {"text": f"word{i % 100} other"}, i % 100) for i in range(260)),
        source="made up",
    )  # fmt: skip
    spec = make_spec(text=True, classes=100)
    slug = services.experiments.create("many", stream=stream, spec=spec).slug
    always = {"accuracy-estimate": 2, "class-scores": 100, "entropy-histogram": 25,
              "quality-scores": 402, "reliability-diagram": 10}  # fmt: skip
    for name in CHARTS:
        rows = chart(services, slug, name)
        assert len(rows) == always.get(name, 0), name
    services.runs.oracle(slug)
    report = services.reports.accuracy(slug)
    assert report.matrix.sum() == report.curve.samples[-1] == 260
    assert chart(services, slug, "class-scores")[7]["class"] == "'=class 7"
    assert services.reports.entropy(slug).steers == (spec.strategy == "budget-entropy")


@pytest.mark.parametrize("times", [1.0, 0.1, 10.0])
def test_another_discount_factor(services: Services, make_experiment: Any, times: float) -> None:
    slug = make_experiment(services, n=330)
    services.runs.oracle(slug)
    report = services.reports.entropy(slug, times=times)
    exact = sum(float(r["entropy"]) ** (100 * times) for r in predictions(services, slug))
    assert (report.discount, report.other, report.same) == (100.0, 100 * times, times == 1)
    assert report.expected == pytest.approx(exact, rel=0.15)


def test_a_strategy_that_asks_at_random_has_no_discount_factor(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, "random", n=60, strategy="random", budget=0.3)
    services.runs.oracle(slug)
    report = services.reports.entropy(slug)
    assert (report.discount, report.same, report.steers) == (None, False, False)
    assert services.reports.queries(slug).budget == 0.3


def test_the_token_changes_with_every_step_and_with_a_reset(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=60)
    tokens = [services.reports.token(slug)]
    services.runs.scan(slug)
    tokens.append(services.reports.token(slug))
    services.experiments.reset(slug)
    tokens.append(services.reports.token(slug))
    assert len(set(tokens)) == 3
    assert services.reports.token("nope") == ""


def test_what_a_page_opens_with(services: Services, make_experiment: Any) -> None:
    assert services.reports.opening(None).problem == services.reports.opening(None).slug == ""
    slug = make_experiment(services, n=60)
    assert services.reports.opening(None).slug == slug
    opening = services.reports.opening("nope")
    assert (opening.slug, opening.others) == ("", ((slug, "made"),))
    assert "'nope'" in opening.problem


def test_charts_refuse_with_a_sentence(services: Services, make_experiment: Any) -> None:
    slug = make_experiment(services, n=60)
    with pytest.raises(NotFound, match="There is no chart 'pie'"):
        chart(services, slug, "pie")
    with pytest.raises(NotFound, match="no experiment 'nope'"):
        chart(services, "nope", "confusion")
    with pytest.raises(BadInput, match="window has to be one of 100, 500, 2000, not '7'"):
        chart(services, slug, "accuracy-curve", window="7")
