"""Advice: from the log alone, the same everywhere, and nothing is changed by asking for it."""

from __future__ import annotations

import itertools
import pickle
import shutil
from typing import Any

import numpy as np
import pytest

from dashboard.analytics.advice import Because, Target, Verdict
from dashboard.analytics.stability import wanted
from dashboard.core.learner import Learner
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, NotFound
from dashboard.services import probes
from dashboard.services.advising import target_of
from dashboard.services.container import Services
from dashboard.services.labeling import find_with_stream
from dashboard.services.probes import PROBE, probe_of
from dashboard.settings import Settings
from dashboard.storage import log, looks

pytestmark = pytest.mark.usefixtures("patient")


def label(services: Services, slug: str, next_query: Any, count: int) -> None:
    """Answers with the known truth."""
    stream = services.experiments.find(slug).stream_id
    for _ in range(count):
        position = next_query(services, slug)
        truth = services.labeling.samples.get(stream, position).truth
        services.labeling.answer(slug, position=position, label=truth, milliseconds=3_000)


@pytest.fixture
def services(settings: Settings, open_more: Any, kept_data: Any, make_experiment: Any,
             next_query: Any) -> Services:  # fmt: skip
    """With an experiment of 130 labels, made once for all tests."""

    def build(services: Services) -> None:
        slug = make_experiment(
            services,
            "advised",
            preset="recommended",
            n=900,
            floor=0.2,
            strategy="entropy",
            discount_factor=3.0,
        )
        label(services, slug, next_query, 130)

    shutil.copytree(kept_data("advised", build), settings.data)
    made: Services = open_more()
    return made


@pytest.fixture
def labeled(services: Services) -> str:
    """That experiment."""
    return services.experiments.find("advised").slug


def looked(services: Services, slug: str) -> list[tuple[int, int, list[int]]]:
    with services.database.read() as connection:
        found = find_with_stream(connection, slug)
    made = services.advisor.probes.looks(*found)
    assert made is not None
    return [(look.labels, look.scanned, look.predicted.tolist()) for look in made]


def by_hand(services: Services, slug: str) -> list[tuple[int, int, list[int]]]:
    """The same by a bare learner, label after label."""
    with services.database.read() as connection:
        experiment, stream = find_with_stream(connection, slug)
        labels = log.labels_since(connection, experiment.id, 0)
    get = services.labeling.samples.get
    probe = [get(stream.id, p).fields for p in probe_of(stream, seed=experiment.spec.seed)]
    learner, scanned, made = Learner(experiment.spec, n_classes=2), 0, []
    for n, (position, answer) in enumerate(labels, start=1):
        learner.learn(get(stream.id, position).fields, answer)
        scanned = max(scanned, position + 1)
        if n % 25 == 0:
            named = [max(p, key=p.__getitem__) for p in map(learner.predict, probe)]
            made.append((n, scanned, [int(x) for x in named]))
    return made


def test_looks_are_those_of_a_bare_learner(services: Services, labeled: str) -> None:
    expected = {look[0]: look for look in by_hand(services, labeled)}
    found = looked(services, labeled)
    assert [look[0] for look in found] == [25, 50, 75, 100, 125]
    assert found == [expected[look[0]] for look in found]
    assert len(found[0][2]) == PROBE
    assert any(a[2] != b[2] for a, b in itertools.pairwise(found))


def test_they_go_on_with_the_labels(services: Services, labeled: str, next_query: Any) -> None:
    looked(services, labeled)
    for _ in range(4):
        label(services, labeled, next_query, 20)
        expected = {look[0]: look for look in by_hand(services, labeled)}
        assert looked(services, labeled) == [
            expected[look[0]] for look in looked(services, labeled)
        ]


def test_all_copies_may_be_deleted(services: Services, labeled: str, open_more: Any) -> None:
    first = looked(services, labeled)
    services.labeling.settle()
    again = open_more()
    assert looked(again, labeled) == first
    shutil.rmtree(services.settings.snapshots)
    assert looked(open_more(), labeled) == first


def test_another_process_finds_them_made(
    services: Services, labeled: str, open_more: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = looked(services, labeled)
    monkeypatch.setattr(probes, "_predict", None)
    assert looked(open_more(), labeled) == first


def test_a_damaged_copy_is_made_anew(services: Services, labeled: str, open_more: Any) -> None:
    first = looked(services, labeled)
    cache = services.labeling.snapshots.cache
    key = looks.key_of(services.experiments.find(labeled).uid)
    blob = bytearray(cache.get(key))
    blob[-20] ^= 1
    cache.set(key, bytes(blob))
    assert looks.load(services.labeling.snapshots, key.split("/")[0]) == {}
    assert looked(open_more(), labeled) == first


def test_a_correction_is_looked_at(services: Services, labeled: str) -> None:
    before = looked(services, labeled)
    with services.database.read() as connection:
        experiment = services.experiments.find(labeled)
        position, answer = log.labels_since(connection, experiment.id, 0)[3]
    services.labeling.correct(labeled, position=position, label=1 - answer)
    after = looked(services, labeled)
    assert after != before
    assert after == [look for look in by_hand(services, labeled) if look[0] <= 125]
    services.labeling.correct(labeled, position=position, label=answer)
    assert looked(services, labeled) == before


def test_an_undo_is_looked_at(services: Services, labeled: str) -> None:
    looked(services, labeled)
    for _ in range(8):
        assert services.labeling.undo(labeled).done
    assert [look[0] for look in looked(services, labeled)] == [25, 50, 75, 100]
    assert services.advisor.standing(labeled).evidence.labels == 122


def test_asking_changes_nothing(services: Services, labeled: str, next_query: Any) -> None:
    with services.labeling.held(labeled) as warm:
        before = pickle.dumps(warm.learner)
    position = next_query(services, labeled)
    head = services.experiments.find(labeled).head
    for _ in range(2):
        services.advisor.standing(labeled)
        services.advisor.line(labeled)
    with services.labeling.held(labeled) as warm:
        assert pickle.dumps(warm.learner) == before
    assert services.experiments.find(labeled).head == head
    assert next_query(services, labeled) == position
    assert services.verification.verify(labeled).difference == ""


def test_the_evidence_is_that_of_the_accuracy_page(services: Services, labeled: str) -> None:
    found = services.advisor.standing(labeled).evidence
    now = services.reports.accuracy(labeled).estimates.now
    for name in ("value", "low", "high"):
        assert float(getattr(found.estimate, name)) == pytest.approx(float(getattr(now, name)))
    assert sum(found.per_class) == found.labels == 130
    assert found.seconds == 3.0
    assert found.known.least is not None
    assert found.known.least < float(now.value)


def test_a_target_is_kept_and_has_a_way_to_it(services: Services, labeled: str) -> None:
    assert services.advisor.evidence(labeled).forecast is None
    assert services.advisor.set_target(labeled, " 85 %", "4,5") == Target(0.85, 0.045)
    found = services.advisor.standing(labeled)
    assert found.evidence.target == Target(0.85, 0.045)
    ahead = found.evidence.forecast
    assert ahead is not None
    assert ahead.labels.low <= ahead.labels.likely <= ahead.labels.high
    assert ahead.seconds.likely == pytest.approx(3.0 * ahead.labels.likely)
    services.experiments.reset(labeled)
    assert services.advisor.evidence(labeled).target == Target(0.85, 0.045)
    assert services.advisor.set_target(labeled, "", "2") is None
    assert services.advisor.evidence(labeled).target is None


@pytest.mark.parametrize(
    ("accuracy", "within", "sentence"),
    [
        ("high", "", "The accuracy has to be a number from 50 to 99.9, not 'high'."),
        ("100", "", "The accuracy has to be a number from 50 to 99.9, not '100'."),
        ("nan", "", "not 'nan'"),
        ("95", "0", "The number after ± has to be a number from 0.1 to 50, not '0'."),
        ("95", "some", "not 'some'"),
    ],
)
def test_what_is_no_target_is_refused(
    services: Services, labeled: str, accuracy: str, within: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        services.advisor.set_target(labeled, accuracy, within)
    assert services.experiments.find(labeled).target is None


def test_an_archived_experiment_keeps_its_target(services: Services, labeled: str) -> None:
    services.advisor.set_target(labeled, "90", "")
    archived = services.experiments.archive(labeled)
    with pytest.raises(BadInput, match="archived"):
        services.advisor.set_target(archived.slug, "95", "")
    assert services.advisor.evidence(archived.slug).target == Target(0.9, 1.0)


@pytest.mark.parametrize(
    "stored", ["", "[]", "{}", '{"accuracy": 2, "within": 1}', '{"accuracy": null}', "no JSON"]
)
def test_what_was_brought_in_may_hold_anything(stored: str) -> None:
    assert target_of(stored) is None


def test_an_empty_log_has_advice_too(services: Services, make_experiment: Any) -> None:
    slug = make_experiment(services, "empty", preset="recommended", n=50)
    found = services.advisor.standing(slug)
    assert found.advice is not None
    assert found.advice.verdict == Verdict.KEEP_GOING
    assert found.advice.because[0] == Because.TOO_EARLY
    assert found.evidence.left == 0
    assert not found.evidence.estimate.shown
    assert services.advisor.line(slug)["verdict"] == "keep going"
    with pytest.raises(NotFound):
        services.advisor.standing("nobody")
    assert services.advisor.token("nobody") == ""


def test_looks_are_kept_as_long_as_they_are_compared(
    services: Services, make_experiment: Any
) -> None:
    """Of hundreds of labels, the looks of a quarter of them play a part as well."""
    slug = make_experiment(services, "long", n=1_000, strategy="random", budget=0.9, floor=0.0)
    for n in (350, 700):
        services.runs.oracle(slug, count=350)
        assert [at for at, _, _ in looked(services, slug)] == wanted(n)
    assert looked(services, slug)[0][0] < n // 2 - 75


def test_too_many_labels_are_not_learned_again(
    services: Services, labeled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "MOST_LABELS", 100)
    assert services.advisor.standing(labeled).advice is None
    assert services.advisor.line(labeled) == {"verdict": "", "because": ""}


def test_rows_of_more_classes(services: Services, make_experiment: Any, next_query: Any) -> None:
    spec = make_spec("recommended", text=False, classes=3)
    slug = make_experiment(services, "rows", n=900, text=False, classes=3, spec=spec)
    label(services, slug, next_query, 30)
    found = services.advisor.standing(slug)
    assert found.probe == PROBE
    assert len(found.evidence.per_class) == 3
    _, _, predicted = looked(services, slug)[0]
    assert set(np.unique(predicted)) <= {-1, 0, 1, 2}


def test_it_goes_with_the_experiment(services: Services, labeled: str) -> None:
    looked(services, labeled)
    key = looks.key_of(services.experiments.find(labeled).uid)
    assert key in services.labeling.snapshots.cache
    services.experiments.delete(labeled)
    assert key not in services.labeling.snapshots.cache
