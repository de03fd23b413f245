"""The charts of a whole labeled data set end where a bare simulation ends."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

import pytest

from dashboard.core import scores
from dashboard.core.simulation import simulate
from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.services.tables import chart_csv


@pytest.mark.slow
def test_the_blogs_run_ends_where_the_simulation_ends(
    services: Services, monkeypatch: pytest.MonkeyPatch, river_data: Any, sms_examples: Any
) -> None:
    monkeypatch.setenv("RIVER_DATA", str(river_data))
    stream = services.experiments.ensure_stream("sms-spam")
    spec = make_spec("blog", text=True, classes=2, seed=42)
    slug = services.experiments.create("sms", stream=stream, spec=spec).slug
    services.runs.oracle(slug)
    outcome = simulate(sms_examples, spec, n_classes=2)
    curve = services.reports.accuracy(slug).curve
    queries = services.reports.queries(slug).curve
    assert (curve.samples[-1], curve.labels[-1]) == (outcome.samples, outcome.labels)
    assert curve.accuracy[-1] == scores.accuracy(outcome.confusion)
    assert curve.f1[-1] == scores.f1(outcome.confusion, n_classes=2)
    assert curve.balanced[-1] == scores.balanced_accuracy(outcome.confusion)
    support = Counter[int]()
    for (truth, _), n in outcome.confusion.items():
        support[truth] += n
    assert curve.baseline[-1] == max(support.values()) / outcome.samples
    assert queries.queried[-1] == outcome.labels
    histogram = services.reports.entropy(slug).histogram
    assert histogram.queried.sum() == outcome.labels
    assert histogram.queried.sum() + histogram.skipped.sum() == outcome.samples
    last = list(csv.DictReader(io.StringIO(
        b"".join(chart_csv(services.reports, slug, chart="accuracy-curve", params={})).decode()
    )))[-1]  # fmt: skip
    assert float(last["accuracy"]) == scores.accuracy(outcome.confusion)
