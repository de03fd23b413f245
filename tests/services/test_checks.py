"""Spot-checks: drawn apart from the sampler, asked about blind, learned like any other label."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.core.checks import draw
from dashboard.core.strategies import SPOT_CHECK
from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.settings import read_settings
from dashboard.storage import checks as stored
from dashboard.storage import log, rollups
from dashboard.storage.schema import events, predictions

Make = Callable[..., str]

N = 300


def waiting(services: Services, slug: str) -> list[int]:
    with services.database.read() as connection:
        return stored.waiting(connection, services.experiments.find(slug).id)


def open_now(services: Services, slug: str) -> list[int]:
    with services.database.read() as connection:
        rows = log.open_queries(connection, services.experiments.find(slug).id, 1_000)
    return [row["position"] for row in rows]


def head_of(services: Services, slug: str) -> int:
    return services.experiments.find(slug).head


def fingerprint(services: Services, slug: str) -> str:
    return services.labeling.learner(slug)[1].fingerprint()


def verified(services: Services, slug: str) -> str:
    verdict = services.verification.verify(slug)
    assert verdict.difference == ""
    return verdict.fingerprint


def rows_of(services: Services, slug: str, table: str, **params: Any) -> list[dict[str, Any]]:
    page = services.records.page(slug, table, params=params, stop=500)
    return [dict(row) for row in page.rows]


def counters(services: Services, slug: str) -> Any:
    return services.views.view(slug)["counters"]


def answer(services: Services, slug: str, position: int, label: int | None = 0) -> None:
    assert services.labeling.answer(slug, position=position, label=label).done


def answer_all(services: Services, slug: str) -> int:
    """Answer what waits from known truth; how many."""
    positions = waiting(services, slug)
    experiment = services.experiments.find(slug)
    for position in positions:
        truth = services.labeling.samples.get(experiment.stream_id, position).truth
        answer(services, slug, position, truth)
    return len(positions)


@pytest.fixture
def slug(services: Services, make_experiment: Make, patient: None) -> str:
    """An experiment that skipped a lot: 40 answers in."""
    made = make_experiment(services, n=N, preset="recommended")
    services.runs.oracle(made, count=25)
    assert len(rows_of(services, made, "skipped")) > 40
    return made


def test_a_draw_is_one_event_that_names_what_was_drawn_from_what(
    services: Services, slug: str
) -> None:
    skipped = {row["position"] for row in rows_of(services, slug, "skipped")}
    before = services.experiments.find(slug)
    assert services.checks.queue(slug, 7, annotator="lea").done
    after = services.experiments.find(slug)
    with services.database.read() as connection:
        event = log.get_event(connection, after.id, after.head)
    assert event is not None
    assert (event["seq"], event["kind"], event["annotator"]) == (before.head + 1, "check", "lea")
    payload = json.loads(event["payload"])
    order = sorted(skipped)
    wanted = [order[i] for i in draw(len(order), 7, seed=before.spec.seed, seq=event["seq"])]
    assert payload == {
        "among": "all", "population": len(skipped), "first": 0, "stop": before.position,
        "positions": wanted,
    }  # fmt: skip
    assert waiting(services, slug) == wanted


def test_the_sampler_decides_as_if_nothing_had_been_queued(
    services: Services, make_experiment: Make, patient: None
) -> None:
    one, other = (make_experiment(services, name, n=N, preset="blog") for name in "ab")
    for slug in (one, other):
        services.runs.oracle(slug, count=20)
    assert services.checks.queue(one, 20).done
    assert fingerprint(services, one) == fingerprint(services, other)
    assert services.checks.take_back(one).done
    for slug in (one, other):
        services.runs.oracle(slug, count=20)
    assert fingerprint(services, one) == fingerprint(services, other)
    assert open_now(services, one) == open_now(services, other)


def test_the_open_query_comes_first_then_spot_checks_in_the_order_drawn(
    services: Services, slug: str
) -> None:
    (query,) = open_now(services, slug)
    services.checks.queue(slug, 5)
    drawn = waiting(services, slug)
    assert open_now(services, slug) == [query, *drawn]
    position = services.experiments.find(slug).position
    answer(services, slug, query)
    for at in drawn:
        assert services.views.view(slug)["query"]["position"] == at
        assert services.experiments.find(slug).position == position  # nothing was scanned
        answer(services, slug, at)
    (after,) = open_now(services, slug)
    assert after >= position
    verified(services, slug)


def test_a_spot_check_looks_like_any_other_query(services: Services, slug: str) -> None:
    usual = services.views.view(slug)
    services.checks.queue(slug, 1)
    answer(services, slug, usual["query"]["position"])
    view = services.views.view(slug)
    assert view["query"]["position"] == waiting(services, slug)[0]
    assert view.keys() == usual.keys()
    assert view["query"].keys() == usual["query"].keys()
    assert (view["state"], view["start"], view["notice"]) == ("ready", "", "")
    assert "spot" not in json.dumps({**view, "last": None, "recent": []})
    answer(services, slug, view["query"]["position"])
    assert services.views.view(slug)["last"]["reason"] == SPOT_CHECK


def test_what_is_queued_stays_skipped_everywhere_until_it_is_answered(
    services: Services, slug: str
) -> None:
    def everything() -> Any:
        with services.database.read() as connection:
            counted = rollups.stored(connection, services.experiments.find(slug).id)
        tables = {t: rows_of(services, slug, t) for t in ("labels", "predictions", "skipped")}
        made = [b"".join(services.downloads.stream(slug, what, "csv"))
                for what in ("labels", "predictions")]  # fmt: skip
        return counted, tables, made, counters(services, slug)

    before = everything()
    services.checks.queue(slug, 20)
    assert everything() == before


def test_an_answer_tells_what_it_was_and_leaves_the_decision_as_it_was(
    services: Services, slug: str
) -> None:
    services.checks.queue(slug, 3)
    at = waiting(services, slug)[0]
    (before,) = rows_of(services, slug, "predictions", position_min=str(at), position_max=str(at))
    skipped = len(rows_of(services, slug, "skipped"))
    answer(services, slug, at, 1)
    (after,) = rows_of(services, slug, "predictions", position_min=str(at), position_max=str(at))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"reason", "label"}
    assert (after["asked"], after["reason"], after["label"]) == (False, SPOT_CHECK, "see")
    label = rows_of(services, slug, "labels")[0]
    assert (label["position"], label["reason"], label["label"]) == (at, SPOT_CHECK, "see")
    assert label["predicted"] == before["predicted"]
    assert label["query_probability"] == before["query_probability"]
    assert len(rows_of(services, slug, "skipped")) == skipped - 1
    assert not [r for r in rows_of(services, slug, "predictions", asked="true")
                if r["position"] == at]  # fmt: skip


def test_an_answer_never_enters_the_weighted_sums(services: Services, slug: str) -> None:
    def sums() -> dict[str, int]:
        with services.database.read() as connection:
            totals = rollups.totals(connection, services.experiments.find(slug).id)
        kinds = ("judged", "audits", "w", "w2", "e", "ey", "ev", "u", "uy", "uv")
        return {name: totals[name] for name in kinds}

    before = sums()
    services.checks.queue(slug, 6)
    answer_all(services, slug)
    assert sums() == before


def test_a_label_from_one_is_learned_and_the_prediction_logged_before_is_judged(
    services: Services, slug: str
) -> None:
    services.checks.queue(slug, 2)
    before = fingerprint(services, slug)
    answer(services, slug, waiting(services, slug)[0], 1)
    assert fingerprint(services, slug) != before
    verified(services, slug)


def test_undo_and_relabel_and_retract(services: Services, slug: str) -> None:
    services.checks.queue(slug, 4)
    first, second, *_ = drawn = waiting(services, slug)
    before = rows_of(services, slug, "predictions"), fingerprint(services, slug)
    answer(services, slug, first, 1)
    assert services.labeling.undo(slug).done
    assert (rows_of(services, slug, "predictions"), fingerprint(services, slug)) == before
    assert waiting(services, slug) == drawn
    verified(services, slug)
    answer(services, slug, first, 1)
    answer(services, slug, second, 1)
    assert services.labeling.correct(slug, position=first, label=0).done
    assert services.labeling.correct(slug, position=second, label=None).done
    verified(services, slug)
    with services.database.read() as connection:
        totals = rollups.totals(connection, services.experiments.find(slug).id)
    assert (totals["spot"], totals["spot:u"]) == (1, 1)
    history = services.downloads.stream(slug, "labels", "csv", history=True)
    lines = b"".join(history).decode().splitlines()
    assert sum(f",{SPOT_CHECK}," in line for line in lines) == 4


def test_undoing_an_earlier_answer_drops_those_that_its_branch_held(
    services: Services, make_experiment: Make, patient: None
) -> None:
    slug = make_experiment(services, n=N, preset="recommended")
    services.runs.oracle(slug, count=24)
    position = services.experiments.find(slug).position
    while services.experiments.find(slug).position < position + 12:  # a branch worth drawing from
        position = services.experiments.find(slug).position
        answer(services, slug, open_now(services, slug)[0])
    services.checks.queue(slug, 500)
    drawn = waiting(services, slug)
    assert [p for p in drawn if p >= position]
    assert services.labeling.undo(slug).done
    assert services.experiments.find(slug).position == position
    assert waiting(services, slug) == [p for p in drawn if p < position]
    verified(services, slug)
    services.checks.take_back(slug)
    answer(services, slug, open_now(services, slug)[0])
    assert services.checks.queue(slug, 500).done  # what was scanned anew can be drawn
    assert [p for p in waiting(services, slug) if p >= position]
    verified(services, slug)


def test_what_still_waits_can_be_taken_back(services: Services, slug: str) -> None:
    services.checks.queue(slug, 5)
    first, *rest = waiting(services, slug)
    answer(services, slug, first)
    assert services.checks.take_back(slug).done
    assert waiting(services, slug) == []
    assert not services.checks.take_back(slug).done
    status = services.checks.status(slug)
    assert (status.waiting, status.answered) == (0, 1)
    assert not services.labeling.answer(slug, position=rest[0], label=0).done
    verified(services, slug)


def test_a_later_draw_leaves_out_what_was_drawn(services: Services, slug: str) -> None:
    services.checks.queue(slug, 10)
    once = waiting(services, slug)
    for at in once[:5]:
        answer(services, slug, at)
    services.checks.queue(slug, 500)
    assert waiting(services, slug)[:5] == once[5:]
    assert not set(once) & set(waiting(services, slug)[5:])
    assert services.checks.status(slug).left == 0
    with pytest.raises(BadInput, match="left to spot-check"):
        services.checks.queue(slug, 1)
    verified(services, slug)


def test_those_of_one_class_alone(services: Services, slug: str) -> None:
    wanted = {r["position"] for r in rows_of(services, slug, "skipped", predicted="win")}
    services.checks.queue(slug, 500, predicted="win")
    assert set(waiting(services, slug)) == wanted
    verified(services, slug)
    with pytest.raises(BadInput, match="There is no class 'fly'"):
        services.checks.queue(slug, 1, predicted="fly")


def test_what_cannot_be(services: Services, slug: str, make_experiment: Make) -> None:
    for n in (0, 501):
        with pytest.raises(BadInput, match="from 1 to 500"):
            services.checks.queue(slug, n)
    warming = make_experiment(services, "warming", n=N, warm_start=50)
    with pytest.raises(BadInput, match="warm start is not done"):
        services.checks.queue(warming, 1)


def test_spot_checks_within_the_warm_start_do_not_begin_it_again(
    services: Services, make_experiment: Make, patient: None
) -> None:
    slug = make_experiment(services, "warm", n=N, preset="recommended", warm_start=60)
    services.runs.warm_start(slug)
    services.checks.queue(slug, 500)
    for _ in range(5):
        view = services.views.view(slug)
        assert (view["state"], view["start"]) == ("ready", "")
        answer(services, slug, view["query"]["position"])
    head = head_of(services, slug)
    services.runs.warm_start(slug)
    assert head_of(services, slug) == head
    verified(services, slug)


def test_a_key_queues_once_and_a_lost_race_draws_anew(
    services: Services, open_more: Callable[..., Services], slug: str
) -> None:
    assert services.checks.queue(slug, 3, key="k").done
    assert not open_more().checks.queue(slug, 3, key="k").done
    assert len(waiting(services, slug)) == 3


def test_two_tabs_answer_one_spot_check_once(
    services: Services, open_more: Callable[..., Services], slug: str
) -> None:
    services.checks.queue(slug, 3)
    other = open_more()
    at = waiting(other, slug)[0]
    answer(services, slug, at, 1)
    assert not other.labeling.answer(slug, position=at, label=0).done
    verified(other, slug)


def test_snapshots_gone_and_another_process(
    services: Services, open_more: Callable[..., Services], slug: str
) -> None:
    services.checks.queue(slug, 6)
    for at in waiting(services, slug)[:3]:
        answer(services, slug, at, 1)
    expected = fingerprint(services, slug), waiting(services, slug), verified(services, slug)
    services.labeling.settle()
    services.labeling.snapshots.cache.clear()
    again = open_more()
    assert (fingerprint(again, slug), waiting(again, slug), verified(again, slug)) == expected


def test_the_oracle_answers_them_and_a_pass_is_non_response(services: Services, slug: str) -> None:
    services.checks.queue(slug, 4)
    answer(services, slug, waiting(services, slug)[0], None)
    services.runs.oracle(slug, count=4)
    status = services.checks.status(slug)
    assert (status.waiting, status.answered) == (0, 4)
    with services.database.read() as connection:
        totals = rollups.totals(connection, services.experiments.find(slug).id)
    assert (totals["spot"], totals["spot:u"]) == (3, 1)


def test_a_changed_draw_is_found(services: Services, slug: str) -> None:
    services.checks.queue(slug, 4)
    experiment = services.experiments.find(slug)
    with services.database.write() as connection:
        mine = (events.c.experiment_id == experiment.id) & (events.c.seq == experiment.head)
        payload = json.loads(connection.scalar(events.select().with_only_columns(
            events.c.payload).where(mine)))  # fmt: skip
        payload["positions"].reverse()
        connection.execute(events.update().where(mine).values(payload=json.dumps(payload)))
    assert "what was drawn" in services.verification.verify(slug).difference
    with services.database.write() as connection:
        payload["positions"].reverse()
        connection.execute(events.update().where(mine).values(payload=json.dumps(payload)))
        drawn = predictions.c.checked.is_not(None)
        connection.execute(predictions.update().where(drawn).values(checked=None, turn=None))
    assert "open queries" in services.verification.verify(slug).difference


def test_a_whole_experiment_takes_them_along(
    services: Services, slug: str, open_more: Callable[..., Services], tmp_path: Any
) -> None:
    services.checks.queue(slug, 5)
    answer(services, slug, waiting(services, slug)[0], 1)
    file = tmp_path / "experiment.zip"
    file.write_bytes(b"".join(services.transfer.stream(slug)))
    other = open_more(read_settings({"SLUICE_DATA": str(tmp_path / "other")}))
    found = other.transfer.bring_in(file)
    assert found is not None
    brought = found.experiment.slug
    assert waiting(other, brought) == waiting(services, slug)
    assert verified(other, brought) == verified(services, slug)
