"""Several people at one experiment: queries of their own, for a while, and nobody in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.core.events import Source
from dashboard.services.container import Services, open_services
from dashboard.services.desk import ANNOTATOR, Desk
from dashboard.services.labeling import Outcome
from dashboard.storage import jobs, schema
from tests.telling import clean, events, in_force, open_now, state

ROOT = Path(__file__).resolve().parents[2]
GIVEN = 25  # answers before people begin
SECONDS = 600

Views = dict[str, Any]


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += int(1000 * seconds)


@pytest.fixture
def clock(services: Services) -> Clock:
    made = Clock()
    for part in (services.labeling, services.views, services.jobs):
        part.clock = made
    return made


@pytest.fixture
def slug(services: Services, make_experiment: Any, patient: None) -> str:
    """An experiment under way, at an open query that is with nobody."""
    made = make_experiment(services, preset="recommended", n=400)
    assert services.runs.oracle(made, count=GIVEN) == GIVEN
    return made


@pytest.fixture
def sit(services: Services, slug: str) -> Callable[[str], Views]:
    """`sit("ann")`: opens the page; scans, as the page would, where it is asked to."""

    def open_page(who: str, mine: Services = services) -> Views:
        view = Desk(mine, annotator=who).open(slug)
        if view["start"] == "scan":
            mine.jobs.run("scan", slug, annotator=who)
            view = look(mine, slug, who)
        return view

    return open_page


def look(services: Services, slug: str, who: str) -> Views:
    return Desk(services, annotator=who).handle({"do": "look", "slug": slug, "n": 1})


def press(
    services: Services, slug: str, who: str, view: Views, label: int | None = 1, key: str = ""
) -> Views:
    """Answer what a view shows, through the page's door."""
    position = view["query"]["position"]
    wish = {
        "do": "pass" if label is None else "answer",
        "slug": slug,
        "n": 1,
        "label": label,
        "position": position,
        "key": key or f"press-{who}-{position}-{view['head']}",
    }
    said = Desk(services, annotator=who).handle(wish)
    assert "refused" not in said, said["notice"]
    return said


def undo(services: Services, slug: str, who: str) -> Views:
    view = look(services, slug, who)
    wish = {"do": "undo", "slug": slug, "n": 1, "target": view["last"]["seq"],
            "key": f"undo-{who}-{view['head']}"}  # fmt: skip
    return Desk(services, annotator=who).handle(wish)


def at(view: Views) -> int | None:
    return view["query"] and view["query"]["position"]


def leased(services: Services) -> dict[int, tuple[str, int]]:
    with services.database.read() as connection:
        rows = connection.execute(sa.select(schema.leases))
        return {row.position: (row.annotator, row.until) for row in rows}


# One person ------------------------------------------------------------------------------------


def test_where_nobody_signs_in_no_lease_is_written_or_read(services, slug, sit):
    first = sit(ANNOTATOR)
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    sa.event.listen(services.database.engine, "before_cursor_execute", note)
    try:
        view = press(services, slug, ANNOTATOR, first)
        view = press(services, slug, ANNOTATOR, view)
        undo(services, slug, ANNOTATOR)
        services.labeling.scan_on(slug, annotator=ANNOTATOR)
    finally:
        sa.event.remove(services.database.engine, "before_cursor_execute", note)
    assert len(said) > 20
    assert not [statement for statement in said if "leases" in statement]
    assert leased(services) == {}
    assert at(sit("")) == at(sit(ANNOTATOR))  # a link shows the same in any browser


def test_one_who_is_signed_in_labels_as_one_who_is_not(services, make_experiment, patient):
    """Decision for decision, random state and all."""
    made = [make_experiment(services, name, preset="recommended", n=300) for name in ("a", "b")]
    known = [services.labeling.samples.get(services.experiments.find(made[0]).stream_id, p).truth
             for p in range(300)]  # fmt: skip
    for slug, who in zip(made, (ANNOTATOR, "ann"), strict=True):
        view = Desk(services, annotator=who).open(slug)
        if view["start"] == "scan":
            services.runs.scan(slug, annotator=who)
            view = look(services, slug, who)
        for step in range(40):
            if view["query"] is None:
                break
            if step % 9 == 8:
                view = undo(services, slug, who)
            label = None if step % 7 == 6 else known[at(view)]
            view = press(services, slug, who, view, label, key=f"press-{who}-{step}")
    one, other = (state(services, slug) for slug in made)
    assert one == other
    assert len(in_force(services, made[0])) > 30
    assert clean(services, made[1])


# Several people --------------------------------------------------------------------------------


def test_everyone_gets_a_query_of_their_own(services, open_more, slug, sit):
    people = [f"p{number}" for number in range(6)]
    views = {who: sit(who, (services, open_more())[i % 2]) for i, who in enumerate(people)}
    shown = [at(view) for view in views.values()]
    assert len(set(shown)) == 6
    assert shown == sorted(shown) == open_now(services, slug)
    for who in people:  # a reload shows the same
        assert at(sit(who)) == at(views[who])
    for turn in range(18):
        who = people[(5 * turn) % 6]
        views[who] = press(services, slug, who, views[who], turn % 2)
        if views[who]["start"] == "scan":
            views[who] = sit(who)
        assert views[who]["state"] in ("ready", "scanning")
        shown = [at(view) for view in views.values()]
        assert len(set(shown)) == 6
    counted = in_force(services, slug)
    assert len(counted) == GIVEN + 18
    assert {p: held[0] for p, held in leased(services).items()} == {
        at(view): who for who, view in views.items()
    }
    assert clean(services, slug)


def test_when_all_are_with_others_the_sampler_scans_on(services, slug, sit):
    ann = sit("ann")
    head = services.experiments.find(slug).head
    waiting = Desk(services, annotator="ben").open(slug)
    assert (waiting["query"], waiting["state"], waiting["start"]) == (None, "scanning", "scan")
    ben = sit("ben")
    assert at(ben) > at(ann)
    assert [e.kind for e in events(services, slug)[head:]] == ["scan"]
    assert look(services, slug, "ann")["query"] == ann["query"]


def test_an_answer_scans_on_where_only_others_have_queries(services, slug, sit):
    ann, ben = sit("ann"), sit("ben")
    after = press(services, slug, "ann", ann)
    assert at(after) > at(ben)
    assert leased(services)[at(after)][0] == "ann"
    last = events(services, slug)[-1]
    assert (last.kind, last.annotator, last.stop - 1) == ("label", "ann", at(after))


def test_an_answer_takes_a_free_query_before_it_scans(services, slug, sit, clock):
    ann, ben = sit("ann"), sit("ben")
    clock.pass_(SECONDS + 1)
    cem = sit("cem")
    assert at(cem) == at(ann)  # the lowest
    position = services.experiments.find(slug).position
    after = press(services, slug, "cem", cem)
    assert at(after) == at(ben)
    assert services.experiments.find(slug).position == position


def test_a_lease_ends_when_its_time_is_over_and_not_before(services, slug, sit, clock):
    ann = sit("ann")
    clock.pass_(SECONDS - 1)
    assert at(Desk(services, annotator="ben").open(slug)) is None
    clock.pass_(1)
    assert at(Desk(services, annotator="ben").open(slug)) == at(ann)
    assert look(services, slug, "ann")["query"] is None
    assert clean(services, slug)


def test_a_reload_begins_the_time_anew_and_a_look_does_not(services, slug, sit, clock):
    ann = sit("ann")
    clock.pass_(100)
    look(services, slug, "ann")
    assert leased(services)[at(ann)] == ("ann", clock.now + 1000 * (SECONDS - 100))
    sit("ann")
    assert leased(services)[at(ann)] == ("ann", clock.now + 1000 * SECONDS)


def test_how_long_is_a_setting(open_more, settings, slug):
    quick = open_more(replace(settings, lease_seconds=7))
    clock = Clock()
    quick.labeling.clock = quick.views.clock = clock
    ann = Desk(quick, annotator="ann").open(slug)
    assert leased(quick) == {at(ann): ("ann", clock.now + 7000)}


def test_an_answer_that_comes_late_is_taken_while_the_query_is_open(services, slug, sit, clock):
    ann = sit("ann")
    clock.pass_(SECONDS + 1)
    ben = sit("ben")
    assert at(ben) == at(ann)
    after = press(services, slug, "ann", ann, 1)
    assert after["notice"] == ""
    assert in_force(services, slug)[-1] == (at(ann), 1, "label")
    refused = press(services, slug, "ben", ben, 0)
    assert refused["notice"] == "That sample was answered already; nothing was learned."
    assert at(refused) not in (None, at(ann), at(after))
    assert len(in_force(services, slug)) == GIVEN + 1
    assert clean(services, slug)


def test_a_pass_frees_the_query_too(services, slug, sit):
    ann = sit("ann")
    press(services, slug, "ann", ann, None)
    assert at(ann) not in leased(services)
    assert in_force(services, slug)[-1] == (at(ann), None, "pass")


def test_an_oracle_takes_the_first_whoever_has_it(services, slug, sit):
    ann, ben = sit("ann"), sit("ben")
    assert services.runs.oracle(slug, count=2, annotator="lea") == 2
    assert [p for p, *_ in in_force(services, slug)[GIVEN:]] == [at(ann), at(ben)]
    assert "lea" not in {who for who, _ in leased(services).values()}
    assert at(look(services, slug, "ann")) not in (None, at(ann))


def test_at_the_end_of_the_stream_one_waits_for_others(services, make_experiment, patient, clock):
    slug = make_experiment(services, n=3)  # a fresh model asks about all
    ann = Desk(services, annotator="ann").open(slug)
    services.runs.scan(slug, annotator="ann")
    ann = look(services, slug, "ann")
    services.runs.scan(slug, annotator="ben")
    ben = look(services, slug, "ben")
    while services.experiments.find(slug).position < 3 or at(ben) is not None:
        ben = press(services, slug, "ben", ben)
    assert (ben["state"], ben["query"], ben["others"], ben["start"]) == ("exhausted", None, 1, "")
    assert at(ann) == 0
    clock.pass_(SECONDS)
    ben = look(services, slug, "ben")
    assert (ben["state"], at(ben), ben["others"]) == ("ready", 0, 0)
    ben = press(services, slug, "ben", ben)
    assert (ben["state"], ben["query"], ben["others"]) == ("exhausted", None, 0)
    assert clean(services, slug)


def test_an_archived_experiment_and_a_warm_start_give_no_leases(services, make_experiment):
    slug = make_experiment(services, n=120, warm_start=60)
    services.labeling.scan_on(slug)
    view = Desk(services, annotator="ann").open(slug)
    assert (view["state"], view["start"]) == ("warming", "warm-start")
    archived = services.experiments.archive(slug).slug
    assert Desk(services, annotator="ann").open(archived)["state"] == "error"
    assert leased(services) == {}


def test_leases_may_be_deleted_at_any_time(services, slug, sit):
    ann, ben = sit("ann"), sit("ben")
    with services.database.write() as connection:
        connection.execute(schema.leases.delete())
    assert press(services, slug, "ben", ben)["notice"] == ""
    assert press(services, slug, "ann", ann)["notice"] == ""
    assert clean(services, slug)


def test_they_are_in_no_file_that_is_taken_along(services, slug, sit, tmp_path):
    file = tmp_path / "one.zip"
    file.write_bytes(b"".join(services.transfer.stream(slug)))
    sit("ann")
    again = tmp_path / "two.zip"
    again.write_bytes(b"".join(services.transfer.stream(slug)))
    name = services.transfer.bring_in(again, name="Brought").experiment.slug
    assert services.verification.verify(name) == services.verification.verify(slug)
    assert {who for who, _ in leased(services).values()} == {"ann"}


# A scan for somebody else -----------------------------------------------------------------------


def test_while_one_is_scanned_for_another_answers(services, slug, sit, clock):
    """Ben is shown and answers his, as if no job were running."""
    ben = sit("ben")
    with services.database.write() as connection:
        uid = services.experiments.find(slug).uid
        assert jobs.claim(
            connection, job_id="1", scope=uid, kind="scan", total=0, pid=os.getpid(),
            at=clock(),
        )  # fmt: skip
    waiting = look(services, slug, "ann")
    assert (waiting["state"], waiting["job"]["kind"]) == ("scanning", "scan")
    seen = look(services, slug, "ben")
    assert (seen["state"], seen["job"], at(seen)) == ("ready", None, at(ben))
    assert press(services, slug, "ben", ben)["last"]["position"] == at(ben)


def test_an_answer_comes_between_the_steps_of_a_scan(services, slug, sit, clock, monkeypatch):
    """The step is decided anew on what was learned meanwhile, and shorter."""
    ben = sit("ben")
    budgets: list[float] = []
    scan = services.labeling._scan

    def interrupted(current: Any, seconds: float, **how: Any) -> Any:
        budgets.append(seconds)
        scanned = scan(current, seconds, **how)
        if len(budgets) == 1:  # by another process
            head = services.experiments.find(slug).head
            other.labeling.answer(slug, position=at(ben), label=1, annotator="ben")
            assert services.experiments.find(slug).head == head + 1
        return scanned

    other = open_services(services.settings)
    other.labeling.clock = clock
    monkeypatch.setattr(services.labeling, "_scan", interrupted)
    services.runs.scan(slug, annotator="ann")
    assert budgets[:2] == [0.2, 0.1]
    assert [e.kind for e in events(services, slug)[-2:]] == ["label", "scan"]
    assert clean(services, slug)
    other.database.close()


# Asking for the next ----------------------------------------------------------------------------


def ask(services: Services, slug: str, who: str) -> Views:
    return Desk(services, annotator=who).handle({"do": "next", "slug": slug, "n": 1})


def test_next_finds_a_query_without_a_job(services, open_more, slug, sit):
    workers = (services, open_more())
    shown = [at(sit("p0"))]
    for number in range(1, 7):
        worker, who = workers[number % 2], f"p{number}"
        head = services.experiments.find(slug).head
        view = Desk(worker, annotator=who).open(slug)
        assert (view["start"], view["next"]) == ("scan", True)
        assert look(worker, slug, who)["query"] is None  # only to look draws nothing
        assert services.experiments.find(slug).head == head
        while at(view := ask(worker, slug, who)) is None:
            assert (view["state"], view["next"]) == ("scanning", True)
        assert (view["state"], view["start"], view["next"]) == ("ready", "", False)
        shown.append(at(view))
    assert len(set(shown)) == 7
    assert {held: who for held, (who, _) in leased(services).items()} == {
        position: f"p{number}" for number, position in enumerate(shown)
    }
    with services.database.read() as connection:
        uid = services.experiments.find(slug).uid
        assert jobs.latest(connection, uid) is None
    assert clean(services, slug)


def test_next_asked_again_is_the_same(services, slug, sit):
    sit("ann")
    while at(ben := ask(services, slug, "ben")) is None:
        pass
    head = services.experiments.find(slug).head
    assert at(ask(services, slug, "ben")) == at(ben)
    assert services.experiments.find(slug).head == head


def test_next_takes_what_is_free_before_it_scans(services, slug, sit, clock):
    ann = sit("ann")
    clock.pass_(SECONDS)
    head = services.experiments.find(slug).head
    assert at(ask(services, slug, "ben")) == at(ann)
    assert services.experiments.find(slug).head == head


def test_next_goes_on_beside_somebody_elses_scan(services, slug, sit, clock):
    sit("ann")
    with services.database.write() as connection:
        uid = services.experiments.find(slug).uid
        assert jobs.claim(
            connection, job_id="1", scope=uid, kind="scan", total=0, pid=os.getpid(), at=clock(),
        )  # fmt: skip
    waiting = look(services, slug, "ben")
    assert (waiting["start"], waiting["next"]) == ("", True)
    assert waiting["job"]["sentence"].endswith("for one person after another")
    while at(ask(services, slug, "ben")) is None:
        pass
    assert clean(services, slug)


@pytest.mark.parametrize("who", [ANNOTATOR, "ann"])
def test_next_does_nothing_in_a_warm_start_in_an_archive_and_at_the_end(
    services, make_experiment, who
):
    warming = make_experiment(services, "warm", n=120, warm_start=60)
    archived = services.experiments.archive(make_experiment(services, "old", n=5)).slug
    over = make_experiment(services, "over", n=3)
    services.runs.oracle(over)
    for slug in (warming, archived, over):
        head = services.experiments.find(slug).head
        view = ask(services, slug, who)
        assert (view["next"], view["query"]) == (False, None)
        assert services.experiments.find(slug).head == head


def test_next_is_a_look_where_nobody_signs_in(services, make_experiment):
    slug = make_experiment(services, n=50)
    view = ask(services, slug, ANNOTATOR)
    assert (view["start"], view["next"], view["head"]) == ("scan", False, 0)


def test_a_scan_lets_through_who_waits_where_people_share(services, make_experiment, monkeypatch):
    """A scan of an hour ends at the next sixteenth sample; it goes on where it stood."""
    slug = make_experiment(services, n=3000, preset="blog", discount_factor=1e6)
    services.labeling.scan_on(slug)
    monkeypatch.setattr("dashboard.services.labeling.SCAN_SECONDS", 0.0)
    services.labeling.answer(slug, position=0, label=1, annotator="ann")
    first = services.experiments.find(slug).position
    assert 1 < first <= 17
    monkeypatch.setattr("dashboard.services.labeling.YIELD_SECONDS", 0.0)
    held = services.labeling.held(slug)
    held.waiting.add(-1)  # a thread that waits
    assert services.labeling.scan_on(slug, seconds=3600.0, annotator="ann") is False
    second = services.experiments.find(slug).position
    assert 0 < second - first <= 16
    assert services.labeling.scan_on(slug, seconds=3600.0) is True  # nobody to share with
    assert services.experiments.find(slug).position > second + 16
    assert clean(services, slug)


def test_whoever_waits_for_a_copy_is_known_to_wait(services, slug):
    held = services.labeling.held(slug)
    inside = threading.Event()

    def enter() -> None:
        with held:
            inside.set()

    with held:
        assert not held.waiting
        thread = threading.Thread(target=enter)
        thread.start()
        while not held.waiting:
            assert thread.is_alive()
        assert not inside.is_set()
    thread.join()
    assert inside.is_set()
    assert not held.waiting


# Undo among several ----------------------------------------------------------------------------


def test_undo_opens_the_query_again_for_the_one_who_answered(services, slug, sit):
    ann, _ = sit("ann"), sit("ben")
    before = state(services, slug)
    press(services, slug, "ann", ann)
    view = undo(services, slug, "ann")
    assert view["notice"] == "Your last answer was taken back; here is its question again."
    assert at(view) == at(ann)
    assert state(services, slug) == before
    assert {who: p for p, (who, _) in leased(services).items()}["ann"] == at(ann)
    assert clean(services, slug)


def test_undo_comes_before_what_is_free(services, slug, sit, clock):
    """Ann's time is over and hers is the lowest; Ben undoes, and has his own again."""
    ann, ben = sit("ann"), sit("ben")
    clock.pass_(SECONDS - 1)
    sit("ben")
    assert at(press(services, slug, "ben", ben)) not in (at(ann), at(ben))
    clock.pass_(2)
    assert at(undo(services, slug, "ben")) == at(ben)
    assert at(sit("cem")) == at(ann)


def test_undo_takes_back_ones_own_last_answer(services, slug, sit):
    ann, ben = sit("ann"), sit("ben")
    after = press(services, slug, "ann", ann)
    press(services, slug, "ben", ben)
    happened = events(services, slug)
    open_before = open_now(services, slug)
    view = undo(services, slug, "ann")
    assert view["notice"].startswith("Your last answer was taken back. Others have answered since,")
    assert at(view) == at(after)  # she goes on where she was
    assert open_now(services, slug) == open_before
    assert events(services, slug)[:-1] == happened
    assert in_force(services, slug)[GIVEN:] == [
        (at(ann), None, "retracted"), (at(ben), 1, "label"),
    ]  # fmt: skip
    assert view["last"] is None
    assert look(services, slug, "ben")["last"]["position"] == at(ben)
    assert clean(services, slug)


def test_undo_goes_any_number_of_steps_back_for_each(services, open_more, slug, sit):
    views = {who: sit(who) for who in ("ann", "ben")}
    told: dict[str, list[int]] = {"ann": [], "ben": []}
    for turn in range(8):
        who = ("ann", "ben", "ben")[turn % 3]
        told[who].append(at(views[who]))
        views[who] = press(services, slug, who, views[who], turn % 2)
        views[who] = sit(who)
    for who in ("ann", "ben", "ann", "ann", "ben", "ben", "ben", "ben"):
        worker = open_more() if who == "ben" else services
        expected = told[who].pop()
        assert look(worker, slug, who)["last"]["position"] == expected
        undo(worker, slug, who)
        left = {p: a for p, _, a in in_force(services, slug)}
        assert left.get(expected, "retracted") == "retracted"
        assert all(left[p] == "label" for mine in told.values() for p in mine)
        assert clean(services, slug)
    for who in told:
        assert look(services, slug, who)["last"] is None
        nothing = services.labeling.undo(slug, annotator=who)
        assert nothing == Outcome(False, "There is nothing to undo yet.")
    assert len([a for a in in_force(services, slug) if a[2] == "label"]) == GIVEN


def test_an_undo_is_repeated_without_harm_whichever_it_was(services, slug, sit):
    ann, ben = sit("ann"), sit("ben")
    press(services, slug, "ann", ann)
    press(services, slug, "ben", ben)
    assert services.labeling.undo(slug, key="k", annotator="ann").done
    again = services.labeling.undo(slug, key="k", annotator="ann")
    assert again == Outcome(False, "That step was undone before.")


def test_local_undoes_whatever_was_last(services, slug, sit):
    ann = sit("ann")
    press(services, slug, "ann", ann)
    assert services.labeling.undo(slug) == Outcome(True)
    assert open_now(services, slug)[0] == at(ann)


def test_an_oracle_run_on_ones_behalf_is_ones_own(services, slug, sit):
    services.runs.oracle(slug, count=1, annotator="lea")
    assert services.labeling.undo(slug, annotator="ann").done is False
    assert services.labeling.undo(slug, annotator="lea").done
    assert len(in_force(services, slug)) == GIVEN


def test_an_answer_that_was_taken_back_stands_in_nobodys_way(services, slug, sit):
    """Nothing is in force since one's own: its query comes back, and that of the other is open."""
    ann, ben = sit("ann"), sit("ben")
    press(services, slug, "ann", ann)
    press(services, slug, "ben", ben)
    services.labeling.correct(slug, position=at(ben), label=None, annotator="cem")
    assert at(undo(services, slug, "ann")) == at(ann)
    assert len(in_force(services, slug)) == GIVEN
    assert open_now(services, slug)[:2] == [at(ann), at(ben)]
    assert clean(services, slug)


def test_a_query_that_an_oracle_answered_stays_with_whoever_has_it(services, slug, sit):
    """Undone, it is not asked of the one on whose behalf it was answered."""
    ben = sit("ben")
    services.runs.oracle(slug, count=1, annotator="lea")
    assert services.labeling.undo(slug, annotator="lea") == Outcome(
        True, "Your last answer was taken back; its question is with somebody else."
    )
    assert at(look(services, slug, "ben")) == at(ben)
    assert at(look(services, slug, "lea")) != at(ben)
    assert clean(services, slug)


def test_views_tell_each_of_their_own_answers(services, slug, sit):
    ann, ben = sit("ann"), sit("ben")
    services.labeling.answer(
        slug, position=at(ann), label=1, milliseconds=4000, annotator="ann", source=Source.PERSON
    )
    services.labeling.answer(slug, position=at(ben), label=0, milliseconds=900, annotator="ben")
    mine, theirs = (look(services, slug, who) for who in ("ann", "ben"))
    assert [r["position"] for r in mine["recent"]] == [at(ann)]
    assert (mine["counters"]["seconds"], theirs["counters"]["seconds"]) == (4.0, 0.9)
    assert mine["counters"]["labels"] == theirs["counters"]["labels"] == GIVEN + 2
    why = Desk(services, annotator="ann").handle(
        {"do": "why", "slug": slug, "n": 1, "seq": mine["last"]["seq"]}
    )
    assert why["why"]["label"] == 1
    everybody = services.views.view(slug)
    assert [r["position"] for r in everybody["recent"]][:2] == [at(ben), at(ann)]


# All at once -----------------------------------------------------------------------------------


def annotate(services: Services, slug: str, who: str, count: int) -> list[int]:
    """Label `count` samples; the positions. Stops where nothing is left."""
    told: list[int] = []
    view = Desk(services, annotator=who).open(slug)
    while len(told) < count:
        if view["query"] is None:
            if view["state"] == "exhausted":
                break
            services.runs.scan(slug, annotator=who)
            view = look(services, slug, who)
            continue
        view, position = press(services, slug, who, view), at(view)
        if view["last"] and view["last"]["position"] == position:
            told.append(position)
    return told


@pytest.mark.slow
def test_eight_at_once_over_two_workers(services, open_more, slug):
    """No query is shown to two of them, nothing is lost or doubled, and it verifies."""
    workers, gate = (services, open_more()), threading.Barrier(8)

    def work(number: int) -> list[int]:
        gate.wait()
        return annotate(workers[number % 2], slug, f"p{number}", 6)

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, range(8)))
    told = [p for mine in done for p in mine]
    assert len(told) == len(set(told))
    assert sorted(told) == sorted(p for p, *_ in in_force(services, slug)[GIVEN:])
    by = {e.position: e.annotator for e in events(services, slug) if e.annotator and e.position}
    assert all(by[p] == f"p{n}" for n, mine in enumerate(done) for p in mine)
    assert clean(services, slug)


CHILD = """
import sys
from dashboard.services.container import open_services
from dashboard.settings import read_settings
from tests.services.test_leases import annotate

services = open_services(read_settings())
print("ready", flush=True)
sys.stdin.readline()
print(*annotate(services, sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.mark.slow
def test_two_processes_at_once(settings, services, slug):
    environ = {**os.environ, "SLUICE_DATA": str(settings.data), "PYTHONPATH": str(ROOT),
               "DATABASE_URL": "", "PYTHONHASHSEED": "0"}  # fmt: skip
    started = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, slug, who, "6"], env=environ, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for who in ("ann", "ben")
    ]  # fmt: skip
    assert [child.stdout.readline() for child in started] == ["ready\n"] * 2
    for child in started:
        child.stdin.write("go\n")
        child.stdin.flush()
    done = [list(map(int, child.communicate(timeout=120)[0].split())) for child in started]
    told = sorted(p for mine in done for p in mine)
    assert [len(mine) for mine in done] == [6, 6]
    assert len(set(told)) == 12
    assert told == sorted(p for p, *_ in in_force(services, slug)[GIVEN:])
    assert clean(services, slug)
