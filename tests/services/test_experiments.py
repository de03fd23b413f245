"""Create, reset, archive, reopen, rename and delete."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, Conflict, NotFound
from dashboard.services.container import Services
from dashboard.services.experiments import slug_of
from dashboard.storage import schema


def counts(services: Services) -> dict[str, int]:
    """Rows of every table."""
    with services.database.read() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in schema.metadata.tables.items()
        }


def slugs(services: Services) -> list[str]:
    return [e.slug for e in services.experiments.every()]


@pytest.fixture
def hours(services, monkeypatch) -> Any:
    """A clock that goes on by an hour each time somebody looks."""
    now = [1_700_000_000_000]

    def tick() -> int:
        now[0] += 3_600_000
        return now[0]

    monkeypatch.setattr(services.experiments, "clock", tick)
    return now


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("SMS spam", "sms-spam"),
        ("  Crème   brûlée: Round 2! ", "creme-brulee-round-2"),
        ("a_b.c/d\\e", "a-b-c-d-e"),
        ("../../etc/passwd", "etc-passwd"),
        ("<b>Bold</b>", "b-bold-b"),
        ("ＡＢＣ①", "abc1"),
        ("İstanbul", "istanbul"),
        ("Übung 50%", "ubung-50"),
        ("-x-", "x"),
        ("7", "7"),
        ("日本 go", "go"),
        ("x" * 80, "x" * 80),
    ],
)
def test_slugs(name, slug):
    assert slug_of(name) == slug


@pytest.mark.parametrize("name", ["", "   ", "---", "日本", "🎉", "ß"])
def test_names_without_a_letter(name):
    with pytest.raises(BadInput) as caught:
        slug_of(name)
    assert str(caught.value) == f"The name {name!r} needs a letter from a to z or a digit in it."


def test_a_name_that_is_too_long():
    with pytest.raises(BadInput) as caught:
        slug_of("x" * 81)
    assert str(caught.value) == "A name may have 80 characters; this one has 81."


@pytest.mark.both
def test_create(services, make_stream, hours):
    stream = make_stream(services, classes=3)
    spec = make_spec("recommended", text=True, classes=3, seed=9)
    made = services.experiments.create(
        "  My Run ", stream=stream, spec=spec, warm_start=10, note="A note."
    )
    assert services.experiments.find("my-run") == made
    assert (made.slug, made.name, made.note) == ("my-run", "My Run", "A note.")
    assert (made.head, made.position, made.strategy_state) == (0, 0, None)
    assert (made.warm_start, made.warm_until) == (10, 10)
    assert (made.spec, made.stream_id) == (spec, stream.id)
    assert [(c.name, c.title) for c in made.classes] == [
        ("win", "Win"), ("see", "See"), ("pay", "Pay"),
    ]  # fmt: skip
    assert (made.archived_at, made.archived_from) == (None, None)
    assert made.created_at == made.used_at == hours[0]
    assert services.experiments.stream_of(made) == stream


def test_create_conflicts(services, make_experiment):
    make_experiment(services, "My run")
    before = counts(services)
    with pytest.raises(Conflict) as caught:
        make_experiment(services, "my RUN!")
    assert str(caught.value) == "There is an experiment 'my-run' already; choose another name."
    assert counts(services) == before


@pytest.mark.both
def test_of_many_that_create_one_name_at_once_one_wins(services, open_more, make_stream):
    make_stream(services, n=10)
    workers = [services, *(open_more() for _ in range(3))]

    def create(worker: Services) -> str:
        stream = worker.experiments.ensure_stream("made-up")
        spec = make_spec("blog", text=True, classes=2)
        try:
            return worker.experiments.create("One", stream=stream, spec=spec).uid
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(create, workers))
    assert made.count("conflict") == 3
    assert slugs(services) == ["one"]


@pytest.mark.parametrize("warm_start", [-1, 41])
def test_a_warm_start_out_of_range(services, make_experiment, warm_start):
    with pytest.raises(BadInput) as caught:
        make_experiment(services, n=40, warm_start=warm_start)
    assert str(caught.value) == (
        "The warm start has to be a whole number from 0 to 40, the number of samples in "
        f"made-40-2-text-0, not {warm_start}."
    )
    assert slugs(services) == []


def test_a_warm_start_without_truth(services, make_stream):
    stream = make_stream(services, truth=False)
    spec = make_spec("blog", text=True, classes=2)
    with pytest.raises(BadInput) as caught:
        services.experiments.create("x", stream=stream, spec=spec, warm_start=1)
    assert str(caught.value) == (
        "A warm start answers from known labels, and made-up does not know them all; use a warm "
        "start of 0."
    )
    assert services.experiments.create("x", stream=stream, spec=spec).warm_start == 0


def test_streams(services, make_stream):
    made = make_stream(services, slug="mine", n=30)
    assert services.experiments.ensure_stream("mine") == made
    with pytest.raises(Conflict) as caught:
        make_stream(services, slug="mine", n=5)
    assert str(caught.value) == "There is a stream 'mine' already; choose another name."
    with pytest.raises(NotFound, match="There is no stream 'yours'; built in are sms-spam, "):
        services.experiments.ensure_stream("yours")
    assert counts(services)["samples"] == 30


@pytest.mark.parametrize(
    ("slug", "kind", "classes", "samples"),
    [("phishing", "rows", 2, 1250), ("image-segments", "rows", 7, 2310)],
)
def test_rivers_bundled_streams(services, slug, kind, classes, samples):
    stream = services.experiments.ensure_stream(slug)
    assert (stream.kind, len(stream.classes)) == (kind, classes)
    assert stream.samples == stream.truths == samples
    assert services.experiments.ensure_stream(slug) == stream
    with services.database.read() as connection:
        seen = connection.execute(
            sa.select(schema.samples.c.truth).where(schema.samples.c.stream_id == stream.id)
        ).scalars()
        assert set(seen) == set(range(classes))


@pytest.mark.both
def test_a_stream_brought_in_by_two_at_once_is_stored_once(services, open_more):
    workers = [services, open_more()]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda w: w.experiments.ensure_stream("phishing"), workers))
    assert made[0] == made[1]
    assert (counts(services)["streams"], counts(services)["samples"]) == (1, 1250)


def test_fingerprints_of_streams_depend_on_the_data_alone(services, make_stream):
    one, same = (make_stream(services, slug=slug, n=20) for slug in ("one", "same"))
    other = make_stream(services, slug="other", n=20, seed=1)
    unknown = make_stream(services, slug="unknown", n=20, truth=False)
    assert one.fingerprint == same.fingerprint
    assert len({s.fingerprint for s in (one, other, unknown)}) == 3


# Reset, archive, reopen -----------------------------------------------------------------------


@pytest.mark.both
def test_reset_keeps_the_slug_and_archives_the_log(services, make_experiment, hours):
    slug = make_experiment(services, "My run", preset="recommended", warm_start=20, seed=3)
    services.runs.warm_start(slug)
    services.runs.oracle(slug, count=4)
    old = services.experiments.find(slug)
    verdict = services.verification.verify(slug)
    archived = services.experiments.reset(slug)
    live = services.experiments.find(slug)
    assert (archived.uid, archived.head, archived.position) == (old.uid, old.head, old.position)
    assert archived.slug == "my-run-archived-20231115-011320"
    assert archived.archived_from == slug
    assert archived.archived_at is not None
    assert (live.slug, live.name, live.spec, live.classes, live.warm_start) == (
        slug, "My run", old.spec, old.classes, 20,
    )  # fmt: skip
    assert (live.head, live.position, live.warm_until, live.strategy_state) == (0, 0, 20, None)
    assert live.uid != old.uid
    assert live.archived_at is None
    assert slugs(services) == [slug, archived.slug]
    assert services.verification.verify(archived.slug) == verdict
    assert services.views.view(slug)["counters"]["labels"] == 0
    services.runs.warm_start(slug)
    services.runs.oracle(slug, count=4)
    assert services.labeling.learner(slug)[1].fingerprint() == (
        services.labeling.learner(archived.slug)[1].fingerprint()
    )


def test_reset_of_an_archived_one_is_refused(services, make_experiment):
    archived = services.experiments.archive(make_experiment(services)).slug
    before = counts(services)
    with pytest.raises(BadInput) as caught:
        services.experiments.reset(archived)
    assert str(caught.value) == f"{archived} is archived; reopen it before you reset it."
    assert counts(services) == before


def test_archives_of_one_second_get_slugs_of_their_own(services, make_experiment, monkeypatch):
    monkeypatch.setattr(services.experiments, "clock", lambda: 1_700_000_000_000)
    slug = make_experiment(services)
    made = [services.experiments.reset(slug).slug for _ in range(3)]
    stem = "made-archived-20231114-221320"
    assert made == [stem, f"{stem}-2", f"{stem}-3"]
    assert len({e.uid for e in services.experiments.every()}) == 4


def test_archiving_twice_changes_nothing(services, make_experiment, hours):
    archived = services.experiments.archive(make_experiment(services))
    assert services.experiments.archive(archived.slug) == archived


def test_reopen_brings_the_old_slug_back_where_it_is_free(services, make_experiment, hours):
    slug = make_experiment(services)
    services.runs.oracle(slug, count=3)
    before = services.experiments.find(slug)
    archived = services.experiments.archive(slug)
    with pytest.raises(NotFound):
        services.experiments.find(slug)
    reopened = services.experiments.reopen(archived.slug)
    assert (reopened.slug, reopened.archived_at, reopened.archived_from) == (slug, None, None)
    assert (reopened.uid, reopened.head) == (before.uid, before.head)
    assert reopened.used_at > before.used_at
    assert services.runs.oracle(slug, count=2) == 2
    assert services.experiments.reopen(slug) == services.experiments.find(slug)
    assert services.verification.verify(slug).difference == ""


def test_reopen_keeps_the_archived_slug_where_the_old_is_taken(services, make_experiment, hours):
    slug = make_experiment(services)
    archived = services.experiments.reset(slug)
    reopened = services.experiments.reopen(archived.slug)
    assert (reopened.slug, reopened.archived_at) == (archived.slug, None)
    assert services.experiments.find(slug).uid != reopened.uid
    assert services.runs.oracle(reopened.slug, count=2) == 2
    # Archived again, it gets another slug, and the first one back when it is free.
    again = services.experiments.archive(reopened.slug)
    assert again.slug.startswith(f"{archived.slug}-archived-")
    assert services.experiments.reopen(again.slug).slug == archived.slug


# Rename, touch, delete ------------------------------------------------------------------------


def test_rename_keeps_the_slug(services, make_experiment):
    slug = make_experiment(services, "My run")
    services.runs.oracle(slug, count=2)
    before = services.experiments.find(slug)
    renamed = services.experiments.rename(slug, "  Größer & better ")
    assert (renamed.slug, renamed.name) == (slug, "Größer & better")
    assert (renamed.uid, renamed.head) == (before.uid, before.head)
    assert services.views.view(slug)["name"] == "Größer & better"
    for bad in ("", "x" * 81, "日本"):
        with pytest.raises(BadInput):
            services.experiments.rename(slug, bad)
    assert services.experiments.find(slug) == renamed
    with pytest.raises(NotFound):
        services.experiments.rename("no-such", "a name")


def test_the_experiment_used_last(services, make_experiment, hours):
    assert services.experiments.last_used() is None
    for name in ("one", "two", "three"):
        make_experiment(services, name)
    assert slugs(services) == ["three", "two", "one"]
    services.experiments.touch("one")
    assert services.experiments.last_used() == "one"
    services.experiments.touch("one")  # again: nothing to write
    assert slugs(services) == ["one", "three", "two"]
    archived = services.experiments.archive("one").slug
    assert services.experiments.last_used() == "three"
    assert slugs(services) == ["three", "two", archived]
    with pytest.raises(NotFound):
        services.experiments.touch("no-such")


@pytest.mark.both
def test_delete_removes_everything(services, open_more, make_experiment):
    """Every row of every table, and the snapshots' files; the other experiment keeps its own."""
    kept = make_experiment(services, "kept")
    services.runs.oracle(kept, count=30)
    services.labeling.settle()
    before = counts(services)
    cache = services.labeling.snapshots.cache
    files = set(cache.iterkeys())
    assert before["snapshots"] == len(files) > 0
    gone = make_experiment(services, "gone")
    services.runs.oracle(gone, count=30)
    services.labeling.undo(gone)
    services.labeling.settle()
    full = counts(services)
    for name in ("experiments", "events", "predictions", "rollups", "snapshots"):
        assert full[name] > before[name], name
    services.experiments.delete(gone)
    assert counts(services) == before
    assert set(cache.iterkeys()) == files
    assert slugs(services) == [kept]
    assert services.verification.verify(kept).difference == ""
    with pytest.raises(NotFound):
        services.experiments.delete(gone)
    with pytest.raises(NotFound):
        open_more().labeling.undo(gone)


def test_a_deleted_name_can_be_used_again(services, open_more, make_experiment):
    """No warm copy, snapshot or key of the old one lives on, in no worker."""
    slug, other = make_experiment(services), open_more()
    services.runs.scan(slug)
    position = services.views.view(slug)["query"]["position"]
    services.labeling.answer(slug, position=position, label=1, key="once")
    services.runs.oracle(slug, count=30)
    services.labeling.settle()
    other.labeling.learner(slug)
    services.experiments.delete(slug)
    assert make_experiment(services) == slug
    fresh = services.experiments.find(slug).spec
    assert other.labeling.learner(slug)[1].fingerprint() == (
        services.labeling.learner(slug)[1].fingerprint()
    )
    assert services.experiments.find(slug).head == 0
    assert other.labeling.learner(slug)[1].spec == fresh
    services.runs.scan(slug)
    assert other.labeling.answer(slug, position=position, label=0, key="once").done
    services.runs.oracle(slug, count=5)
    assert other.verification.verify(slug).difference == ""


def test_a_snapshot_saved_too_late_is_not_kept(services, make_experiment):
    """The experiment was deleted while its snapshot was on its way."""
    slug = make_experiment(services)
    experiment, learner = services.labeling.learner(slug)
    services.experiments.delete(slug)
    make_experiment(services, "another")  # may get the same number in the database
    services.labeling.snapshots.put(experiment, pickle.dumps(learner), head=0, position=0, at=0)
    assert counts(services)["snapshots"] == 0
    assert list(services.labeling.snapshots.cache.iterkeys()) == []
