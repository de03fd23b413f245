"""Each chart's data as a table, to be downloaded as CSV."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dashboard.analytics.entropy import query_probability
from dashboard.analytics.estimates.result import Estimate
from dashboard.core.tally import HOUR
from dashboard.errors import NotFound
from dashboard.services.choices import (
    AccuracyChoices,
    EntropyChoices,
    Params,
    QualityChoices,
    QueriesChoices,
)
from dashboard.services.encodings import csv_of
from dashboard.services.findings import AccuracyReport, EntropyReport, QueriesReport
from dashboard.services.quality import QualityReport
from dashboard.services.reports import Reports
from dashboard.storage.cells import Value, iso


class Table(NamedTuple):
    """Names of the columns, and the rows."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]


def chart_csv(reports: Reports, slug: str, *, chart: str, params: Params) -> Iterator[bytes]:
    """A chart's data as CSV.

    Parameters
    ----------
    reports
        Where the figures are.
    slug
        The experiment.
    chart
        A name of `CHARTS`.
    params
        What was chosen on the page; the defaults where nothing was.

    Raises
    ------
    NotFound
        If there is no such chart or experiment.
    BadInput
        If a choice cannot be used.

    """
    if chart not in CHARTS:
        raise NotFound(f"There is no chart {chart!r}; there are {', '.join(CHARTS)}.")
    table = CHARTS[chart](reports, slug, params)
    return csv_of(table.columns, table.rows)


def _column(values: Iterable[float]) -> list[Value]:
    """Plain numbers, and None for NaN."""
    plain = np.asarray(values).tolist()
    return [None if isinstance(v, float) and math.isnan(v) else v for v in plain]


def _table(columns: dict[str, Iterable[float]]) -> Table:
    values = [_column(column) for column in columns.values()]
    return Table(list(columns), list(zip(*values, strict=True)))


# Accuracy --------------------------------------------------------------------------------------


def _accuracy(reports: Reports, slug: str, params: Params) -> AccuracyReport:
    chosen = AccuracyChoices.read(params, strict=True)
    return reports.accuracy(slug, window=int(chosen.window))


def _accuracy_curve(reports: Reports, slug: str, params: Params) -> Table:
    report = _accuracy(reports, slug, params)
    curve, estimates = report.curve, report.estimates
    estimate = estimates.accuracy
    return _table({
        "samples": curve.samples, "labels": curve.labels, "known": curve.known,
        "correct": curve.correct, "accuracy": curve.accuracy,
        f"accuracy_last_{curve.window}": curve.rolling, "balanced_accuracy": curve.balanced,
        "f1": curve.f1, "majority_baseline": curve.baseline,
        "naive": estimates.naive, "judged": estimates.judged, "estimate": estimate.value,
        "estimate_low": estimate.low, "estimate_high": estimate.high,
        "effective_sample_size": estimate.effective, "non_response": estimates.passed,
        "withheld": estimate.withheld,
    })  # fmt: skip


def _accuracy_estimate(reports: Reports, slug: str, params: Params) -> Table:
    report = _accuracy(reports, slug, params)
    estimates, curve = report.estimates, report.curve
    rows = [
        ("all samples", *_estimate(estimates.now)),
        ("skipped samples", *_estimate(estimates.skipped)),
        *(("asked only", *_share(estimates.naive[i], int(estimates.judged[i])))
          for i in range(len(estimates.naive))[-1:]),
        *(("known truth", *_share(share, None))
          for share in curve.accuracy[-1:] if report.subject.truth),
    ]  # fmt: skip
    return Table(
        ("of", "accuracy", "low", "high", "interval", "level", "looks", "answers",
         "effective_sample_size", "withheld"),
        rows,
    )  # fmt: skip


def _estimate(estimate: Estimate) -> tuple[Value, ...]:
    return (
        *_column([x.item() for x in (estimate.value, estimate.low, estimate.high)]),
        estimate.kind, estimate.level, str(estimate.looks), int(estimate.answers),
        float(estimate.effective), str(estimate.withheld),
    )  # fmt: skip


def _share(share: float, answers: int | None) -> tuple[Value, ...]:
    return (*_column([share]), None, None, "", None, "", answers, None, "")


def _confusion(reports: Reports, slug: str, params: Params) -> Table:
    report = _accuracy(reports, slug, params)
    names: list[str | None] = [*report.subject.names, None]
    cells = zip(*np.nonzero(report.matrix), strict=True)
    rows = [(names[t], names[p], int(report.matrix[t, p])) for t, p in cells]
    return Table(("truth", "predicted", "samples"), rows)


def _mistakes(reports: Reports, slug: str, params: Params) -> Table:
    report = _accuracy(reports, slug, params)
    names: list[str | None] = [*report.subject.names, None]
    n_classes = len(report.subject.names)
    rows = [(names[t], names[n_classes if p is None else p], n) for t, p, n in report.mistakes]
    return Table(("truth", "predicted", "samples"), rows)


def _class_scores(reports: Reports, slug: str, params: Params) -> Table:
    report = _accuracy(reports, slug, params)
    rows = [
        (report.subject.names[s.index], s.support, s.predicted, s.precision, s.recall, s.f1)
        for s in report.scores
    ]
    return Table(("class", "support", "predicted", "precision", "recall", "f1"), rows)


# Queries ---------------------------------------------------------------------------------------


def _queries(reports: Reports, slug: str, params: Params) -> QueriesReport:
    chosen = QueriesChoices.read(params, strict=True)
    return reports.queries(slug, window=int(chosen.window), days=chosen.per == "day")


def _query_ratio(reports: Reports, slug: str, params: Params) -> Table:
    curve = _queries(reports, slug, params).curve
    return _table({
        "samples": curve.samples, "queried": curve.queried, "ratio": curve.overall,
        f"ratio_last_{curve.window}": curve.rolling,
        f"expected_last_{curve.window}": curve.expected,
    })  # fmt: skip


def _query_counts(reports: Reports, slug: str, params: Params) -> Table:
    curve = _queries(reports, slug, params).curve
    return _table({"samples": curve.samples, "queried": curve.queried, "skipped": curve.skipped})


def _query_reasons(reports: Reports, slug: str, params: Params) -> Table:
    report = _queries(reports, slug, params)
    data = report.reasons
    return _table({
        "first": data.first,
        "stop": np.minimum(data.first + data.size, report.saved.samples),
        **{name: data.counts[:, i] for i, name in enumerate(data.names)},
    })  # fmt: skip


def _answers(reports: Reports, slug: str, params: Params) -> Table:
    pace = _queries(reports, slug, params).pace
    columns = [
        [iso(int(hour) * HOUR) for hour in pace.begin], _column(pace.labels),
        _column(pace.passes), *(_column(pace.counts[:, i]) for i in range(len(pace.sources))),
        _column(pace.timed), _column(pace.seconds),
    ]  # fmt: skip
    return Table(
        ("begin", "labels", "passes", *pace.sources, "timed", "mean_seconds"),
        list(zip(*columns, strict=True)),
    )


# Entropy ---------------------------------------------------------------------------------------


def _entropy(reports: Reports, slug: str, params: Params) -> EntropyReport:
    chosen = EntropyChoices.read(params, strict=True)
    return reports.entropy(slug, last=chosen.last, stretch=chosen.stretch, times=chosen.times)


def _histogram(reports: Reports, slug: str, params: Params) -> Table:
    report = _entropy(reports, slug, params)
    data = report.histogram
    middle = (data.edges[1:] + data.edges[:-1]) / 2
    columns: dict[str, Iterable[float]] = {
        "entropy_from": data.edges[:-1], "entropy_to": data.edges[1:],
        "queried": data.queried, "skipped": data.skipped,
    }  # fmt: skip
    factors = {"query_probability_now": report.discount, "query_probability_other": report.other}
    for name, discount in factors.items():
        if discount is not None:
            columns[name] = query_probability(middle, discount=discount, floor=report.floor)
    return _table(columns)


def _drift(reports: Reports, slug: str, params: Params) -> Table:
    report = _entropy(reports, slug, params)
    data, bins = report.drift, len(report.drift.counts)
    return _table({
        "first": data.first,
        "stop": np.minimum(data.first + data.size, report.subject.totals["n"]),
        **{f"entropy_from_{i / bins:.2f}": data.counts[i] for i in range(bins)},
    })  # fmt: skip


# Quality ---------------------------------------------------------------------------------------


def _quality(reports: Reports, slug: str, params: Params) -> QualityReport:
    chosen = QualityChoices.read(params, strict=True)
    return reports.quality(slug, long=chosen.long)


def _quality_confusion(reports: Reports, slug: str, params: Params) -> Table:
    report = _quality(reports, slug, params)
    data, found = report.quality, report.quality.confusion
    names: list[str | None] = [*report.subject.names, None]
    truth = None if data.known is None else data.known.matrix
    there = (found.answers > 0) | (np.nan_to_num(found.value) > 0)
    if truth is not None:
        there |= truth > 0
    rows = [
        (names[t], names[p], *_limits(found, (t, p)), int(found.answers[t, p]),
         None if truth is None else int(truth[t, p]))
        for t, p in zip(*np.nonzero(there), strict=True)
    ]  # fmt: skip
    return Table(
        ("truth", "predicted", "estimate", "low", "high", "answers", "known_samples"), rows
    )


def _limits(estimate: Estimate, at: tuple[int, ...]) -> list[Value]:
    return _column([x[at].item() for x in (estimate.value, estimate.low, estimate.high)])


def _quality_scores(reports: Reports, slug: str, params: Params) -> Table:
    report = _quality(reports, slug, params)
    s, known = report.quality.scores, report.quality.known
    four = {"precision": s.precision, "recall": s.recall, "f1": s.f1, "prevalence": s.prevalence}
    rows = [
        _score(name, score, estimate, (i,), None if known is None else known.of_class(i)[score])
        for i, name in enumerate(report.subject.names)
        for score, estimate in four.items()
    ]
    macro, balanced = (None, None) if known is None else (known.macro_f1, known.balanced)
    rows.append(_score(None, "macro_f1", s.macro_f1, (), macro))
    rows.append(_score(None, "balanced_accuracy", s.balanced, (), balanced))
    return Table(
        ("class", "score", "estimate", "low", "high", "interval", "level", "looks", "answers",
         "effective_sample_size", "withheld", "known_truth"),
        rows,
    )  # fmt: skip


def _score(
    name: str | None, score: str, estimate: Estimate, at: tuple[int, ...], truth: Value
) -> Sequence[Value]:
    effective = np.broadcast_to(estimate.effective, estimate.value.shape)
    return (
        name, score, *_limits(estimate, at), estimate.kind, estimate.level, str(estimate.looks),
        int(estimate.answers[at]), float(effective[at]), str(estimate.withheld[at]), truth,
    )  # fmt: skip


def _reliability(reports: Reports, slug: str, params: Params) -> Table:
    data = _quality(reports, slug, params).quality.reliability
    found = data.accuracy
    return _table({
        "probability_from": data.edges[:-1], "probability_to": data.edges[1:],
        "samples": data.samples.astype(np.int64), "mean_probability": data.confidence,
        "accuracy": found.value, "low": found.low, "high": found.high,
        "answers": found.answers.astype(np.int64), "effective_sample_size": found.effective,
        "withheld": found.withheld,
    })  # fmt: skip


def _prevalence(reports: Reports, slug: str, params: Params) -> Table:
    report = _quality(reports, slug, params)
    data, found = report.stretches, report.stretches.prevalence
    rows = [
        (int(data.first[i]), int(data.stop[i]), name, *_limits(found, (i, c)),
         int(found.answers[i, c]), str(found.withheld[i, c]),
         *_column([data.predicted[i, c]]), *_column([np.nan if data.truth is None
                                                     else data.truth[i, c]]))
        for i in range(len(data.first)) for c, name in enumerate(report.subject.names)
    ]  # fmt: skip
    return Table(
        ("first", "stop", "class", "prevalence", "low", "high", "answers", "withheld",
         "predicted_share", "known_truth"),
        rows,
    )  # fmt: skip


def _drifts(reports: Reports, slug: str, params: Params) -> Table:
    data = _quality(reports, slug, params).drifts
    rows: list[Sequence[Value]] = []
    for name, signal in (("entropy", data.uncertainty), ("error", data.error)):
        if signal is None:
            continue
        changes = {change.at: "rises" if change.rises else "falls" for change in signal.changes}
        rows += [
            (name, int(stop) - signal.size, int(stop), float(value), float(mean), changes.get(i))
            for i, (stop, value, mean) in enumerate(
                zip(signal.stop, signal.values, signal.mean, strict=True)
            )
        ]
    return Table(("signal", "first", "stop", "fed", "window_mean", "change"), rows)


CHARTS: dict[str, Callable[[Reports, str, Params], Table]] = {
    "accuracy-curve": _accuracy_curve,
    "accuracy-estimate": _accuracy_estimate,
    "confusion": _confusion,
    "mistakes": _mistakes,
    "class-scores": _class_scores,
    "query-ratio": _query_ratio,
    "query-counts": _query_counts,
    "query-reasons": _query_reasons,
    "answers": _answers,
    "answer-seconds": _answers,
    "entropy-histogram": _histogram,
    "entropy-drift": _drift,
    "quality-confusion": _quality_confusion,
    "quality-scores": _quality_scores,
    "reliability-diagram": _reliability,
    "prevalence-curve": _prevalence,
    "drift-curve": _drifts,
}
