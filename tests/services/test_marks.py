"""Flags and notes: kept in the log, taken back, and unseen by the model."""

from __future__ import annotations

import pytest

from dashboard.errors import BadInput, NotFound
from dashboard.storage import marks
from dashboard.storage.marks import Mark

pytestmark = pytest.mark.both


@pytest.fixture
def slug(services, make_experiment) -> str:
    made = make_experiment(services, n=120)
    services.labeling.scan_on(made)
    return made


def marked(services, slug: str) -> dict[int, Mark]:
    with services.database.read() as connection:
        return marks.every(connection, services.experiments.find(slug).id)


def test_a_mark_changes_no_model_and_no_query(services, slug) -> None:
    before = services.labeling.learner(slug)[1].fingerprint()
    query = services.views.view(slug)["query"]["position"]
    assert services.marks.mark(slug, position=query, flag=True).done
    assert services.marks.mark(slug, position=query, note=" odd one ").done
    assert marked(services, slug) == {query: Mark(True, "odd one")}
    assert services.labeling.learner(slug)[1].fingerprint() == before
    assert services.views.view(slug)["query"]["position"] == query
    services.labeling.answer(slug, position=query, label=1)
    assert services.verification.verify(slug).difference == ""


def test_what_is_taken_back_is_gone(services, slug) -> None:
    query = services.views.view(slug)["query"]["position"]
    services.marks.mark(slug, position=query, flag=True, note="x")
    services.marks.mark(slug, position=query, flag=False, note="")
    assert marked(services, slug) == {}


def test_a_mark_survives_the_undo_of_its_answer(services, slug) -> None:
    query = services.views.view(slug)["query"]["position"]
    services.labeling.answer(slug, position=query, label=0)
    services.marks.mark(slug, position=query, flag=True)
    services.labeling.undo(slug)
    assert marked(services, slug) == {query: Mark(True)}
    assert services.verification.verify(slug).difference == ""


def test_a_repeated_request_is_recognized(services, slug) -> None:
    query = services.views.view(slug)["query"]["position"]
    head = services.experiments.find(slug).head
    for _ in range(2):
        services.marks.mark(slug, position=query, flag=True, key="k" * 20)
    assert not services.marks.mark(slug, position=query, flag=True).done
    assert services.experiments.find(slug).head == head + 1


def test_what_cannot_be_is_refused(services, slug) -> None:
    with pytest.raises(NotFound, match="position 119 has not been scanned"):
        services.marks.mark(slug, position=119, flag=True)
    with pytest.raises(BadInput, match="at most 2,000"):
        services.marks.mark(slug, position=0, note="x" * 2001)
