"""Whether to go on, on the accuracy page: verdict, evidence and target."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from dash import Dash, Output, no_update

from dashboard.figures.advice import share
from dashboard.security import rules
from dashboard.services.container import Services
from dashboard.services.people import Role
from tests import components

pytestmark = pytest.mark.usefixtures("patient")


def page() -> ModuleType:
    return sys.modules["pages.accuracy"]


@pytest.fixture
def slug(live: Services, make_experiment: Any) -> str:
    made: str = make_experiment(live, n=900, floor=0.2, discount_factor=3.0)
    live.runs.oracle(made, count=130)
    return made


def card(slug: str, shown: str | None = None) -> tuple[str, str]:
    content, token = page().advise(1, None, slug, shown)
    return " ".join(components.words(content).split()), token


def test_the_page_has_a_place_for_it(app: Dash, slug: str) -> None:
    tree = page().layout(experiment=slug)
    words = components.words(tree)
    assert "Whether to go on" in words
    assert {"accuracy-advice", "accuracy-target-form", "accuracy-target-said"} <= (
        components.ids(tree)
    )


def test_it_says_what_is_known_and_what_is_not(app: Dash, live: Services, slug: str) -> None:
    words, _ = card(slug)
    standing = live.advisor.standing(slug)
    assert standing.advice is not None
    assert str(standing.advice.verdict).capitalize() in words
    assert f"at least {share(standing.evidence.known.least or 0)} at all looks" in words
    assert "changed by the last 100 labels" in words
    assert "of 500 predictions" in words
    assert "the next 50 labels" in words
    assert "target none is set" in words


def test_it_is_drawn_again_only_where_something_moved(app: Dash, slug: str) -> None:
    _, token = card(slug)
    assert page().advise(2, None, slug, token) == (no_update, no_update)
    assert page().advise(2, None, "nobody", None) == (no_update, no_update)
    said = page().aim({"do": "target", "accuracy": "90", "within": ""}, slug)
    assert said == "The target is 90% accuracy."
    words, other = card(slug, token)
    assert "target: 90% accuracy" in words
    assert other != token


def test_a_target_is_set_refused_and_taken_away(app: Dash, live: Services, slug: str) -> None:
    aim = page().aim
    assert aim(None, slug) is no_update
    said = aim({"do": "target", "accuracy": "95", "within": "2"}, slug)
    assert said == "The target is 95% accuracy, ± 2 points."
    assert "The accuracy has to be a number from 50 to 99.9" in aim({"accuracy": "<b>"}, slug)
    assert live.advisor.evidence(slug).target is not None
    assert aim({"accuracy": ["95"]}, slug) == "There is no target any more."
    assert live.advisor.evidence(slug).target is None
    assert "There is no experiment" in aim({"accuracy": "95"}, "nobody")


def test_a_new_experiment_is_too_early(app: Dash, live: Services, make_experiment: Any) -> None:
    slug = make_experiment(live, "new", preset="recommended", n=90)
    words, _ = card(slug)
    assert "Keep going There are too few labels to tell" in words
    assert "too early to tell" in words
    assert "accuracy so far there is nothing to measure" in words


def test_viewers_see_and_leads_set(app: Dash) -> None:
    tick, wish = {"inputs": [{"value": 3}]}, {"inputs": [{"value": {"do": "target"}}]}
    shows = [Output("accuracy-advice", "children"), Output("accuracy-advice-shown", "data")]
    assert rules.need(shows, tick) == Role.VIEWER
    assert rules.need(Output("accuracy-target-said", "children"), wish) == Role.LEAD
