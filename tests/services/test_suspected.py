"""Suspected mistakes on the log page: found, ranked, relabeled, and gone."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.core.learner import digest
from dashboard.errors import BadInput
from dashboard.services import suspects as suspects_module
from dashboard.services.container import Services

Row = dict[str, Any]


@pytest.fixture
def slug(services: Services, make_experiment: Any, next_query: Any) -> str:
    made = make_experiment(
        services, "doubt", preset="recommended", n=500, strategy="random", budget=0.5, floor=0.0
    )
    services.runs.oracle(made, count=200)
    return made


def page(services: Services, slug: str, **more: Any) -> Any:
    params = {"suspected": "true", **more.pop("params", {})}
    return services.records.page(slug, "labels", params=params, **more)


def wrong(services: Services, slug: str, count: int = 4) -> list[int]:
    """Positions of telling answers, now changed to the other class."""
    rows = services.records.page(slug, "labels", params={"correct": "true"}, stop=500).rows
    telling = sorted(rows, key=lambda row: -row["probability"])[:count]
    for row in telling:
        label = {"win": 1, "see": 0}[row["label"]]
        services.labeling.correct(slug, position=row["position"], label=label)
    return [row["position"] for row in telling]


def test_changed_answers_come_first_and_go_when_they_are_mended(services, slug):
    changed = wrong(services, slug)
    found = page(services, slug)
    likelihoods = [row["likelihood"] for row in found.rows]
    assert likelihoods == sorted(likelihoods)
    assert found.count == len(found.rows) < 40
    assert found.total == 200
    listed = [row["position"] for row in found.rows]
    assert len(set(listed[:8]) & set(changed)) >= 3
    first = found.rows[0]
    label = {"win": 1, "see": 0}[first["label"]]
    services.labeling.correct(slug, position=first["position"], label=label)
    after = page(services, slug)
    assert after.count == found.count - 1
    assert first["position"] not in [row["position"] for row in after.rows]


def test_other_filters_orders_and_ranges_hold_too(services, slug):
    wrong(services, slug)
    every = page(services, slug)
    wins = page(services, slug, params={"label": "win"})
    assert [r for r in every.rows if r["label"] == "win"] == list(wins.rows)
    by_position = page(services, slug, sort="position")
    positions = [row["position"] for row in by_position.rows]
    assert positions == sorted(row["position"] for row in every.rows)
    assert page(services, slug, first=1, stop=3).rows == every.rows[1:3]
    assert page(services, slug, sort="likelihood").rows == every.rows


def test_looking_changes_nothing(services, slug):
    experiment, learner = services.labeling.learner(slug)
    page(services, slug)
    after, same = services.labeling.learner(slug)
    assert after == experiment
    assert digest(same) == digest(learner)
    assert services.verification.verify(slug).difference == ""


def test_it_is_worked_out_again_after_some_answers_only(services, slug, monkeypatch, next_query):
    worked: list[int] = []
    real = suspects_module.opinions

    def opinions(answers: Any, *args: Any, **more: Any) -> Any:
        worked.append(len(answers))
        return real(answers, *args, **more)

    monkeypatch.setattr(suspects_module, "opinions", opinions)
    page(services, slug)
    for _ in range(9):
        services.labeling.answer(slug, position=next_query(services, slug), label=1)
    page(services, slug)
    assert worked == [200]
    services.labeling.answer(slug, position=next_query(services, slug), label=1)
    page(services, slug)
    assert worked == [200, 210]


def test_only_the_last_answers_are_looked_at(services, slug, monkeypatch):
    monkeypatch.setattr(suspects_module, "MOST_LABELS", 50)
    wrong(services, slug, count=30)
    found = page(services, slug)
    newest = services.records.page(slug, "labels", params={}, stop=200).rows
    by_answer = sorted(newest, key=lambda row: -row["position"])[:50]
    assert {r["position"] for r in found.rows} <= {r["position"] for r in by_answer}


def test_no_answers_no_suspects(services, make_experiment):
    slug = make_experiment(services, "empty")
    assert page(services, slug).count == 0


def test_a_new_experiment_of_the_same_name_starts_anew(services, slug):
    wrong(services, slug)
    assert page(services, slug).count
    services.experiments.reset(slug)
    assert page(services, slug).count == 0


@pytest.mark.parametrize(
    ("table", "params"),
    [("predictions", {"suspected": "true"}), ("labels", {"suspected": "maybe"}),
     ("labels", {"among": "1"})],
)  # fmt: skip
def test_what_cannot_be_suspected_is_a_sentence(services, slug, table, params):
    with pytest.raises(BadInput):
        services.records.page(slug, table, params=params)


def test_likelihood_is_no_order_of_all_answers(services, slug):
    with pytest.raises(BadInput, match="sorted"):
        services.records.page(slug, "labels", params={}, sort="likelihood")


def test_an_address_opens_it(services, slug):
    opening = services.records.opening(slug, {"suspected": "true"})
    assert (opening.trouble, opening.sort.field) == ("", "likelihood")
    assert opening.params == {"suspected": "true"}
    assert services.records.opening(slug, {"suspected": "no"}).trouble
