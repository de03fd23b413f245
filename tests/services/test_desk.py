"""The labeling page's door: what comes back of each wish, and how little of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.core.spec import make_spec
from dashboard.errors import Unavailable
from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.storage.streams import Sample
from tests.streams import INTENTS, intent_texts

Data = dict[str, Any]
Wisher = Callable[..., Data]


@pytest.fixture
def slug(services: Services, make_experiment: Callable[..., str]) -> str:
    made = make_experiment(services, n=200)
    services.runs.oracle(made, count=8)
    return made


@pytest.fixture
def wish(services: Services, slug: str) -> Wisher:
    """`wish("mark", position=3, flag=True)`: the reply; every wish has a key of its own."""
    keys = count()

    def send(do: str, **more: Any) -> Data:
        key = f"key-of-a-wish-{next(keys)}"
        return Desk(services).handle({"slug": slug, "do": do, "key": key, "n": 1, **more})

    return send


@pytest.fixture
def intents(services: Services) -> str:
    """An experiment with 77 classes."""
    stream = services.experiments.add_stream(
        slug="intents",
        title="Intents",
        kind="text",
        classes=list(INTENTS),
        items=(Sample(f"i{i}", {"text": t}, y) for i, (t, y) in enumerate(intent_texts(200))),
        source="made up by the tests",
    )
    spec = make_spec("blog", text=True, classes=77)
    services.experiments.create("Intents", stream=stream, spec=spec)
    services.runs.oracle("intents", count=20)
    return "intents"


@contextmanager
def statements(services: Services) -> Iterator[list[str]]:
    made: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        made.append(statement)

    sa.event.listen(services.database.engine, "before_cursor_execute", note)
    yield made
    sa.event.remove(services.database.engine, "before_cursor_execute", note)


# Marks ---------------------------------------------------------------------------------------


def test_flag_and_note_stand_by_the_sample_and_by_its_answer(services, slug, wish) -> None:
    position = wish("look")["query"]["position"]
    view = wish("mark", position=position, flag=True)
    assert (view["query"]["flag"], view["query"]["note"]) == (True, "")
    view = wish("mark", position=position, note="  which one? ")
    assert (view["query"]["flag"], view["query"]["note"]) == (True, "which one?")
    view = wish("answer", position=position, label=1)
    assert (view["query"]["flag"], view["query"]["note"]) == (False, "")
    assert (view["last"]["flag"], view["last"]["note"]) == (True, "which one?")
    assert [a["position"] for a in view["recent"] if a["flag"]] == [position]
    assert wish("mark", position=position, flag=False)["last"]["flag"] is False


def test_a_mark_sent_twice_is_one_event(services, slug, wish) -> None:
    view = wish("look")
    for _ in range(2):
        again = wish("mark", position=view["query"]["position"], flag=True, key="one-key-only")
    assert again["head"] == view["head"] + 1
    assert again["query"]["flag"] is True


def test_a_press_reads_its_marks_with_one_statement_however_many_there_are(
    services, slug, wish
) -> None:
    position = wish("look")["query"]["position"]
    services.lines.settle()
    with statements(services) as before:
        services.views.view(slug)
    for at in range(position):
        wish("mark", position=at, flag=True, note=f"note {at}")
    services.lines.settle()  # a thread of its own looks for the advice
    with statements(services) as after:
        services.views.view(slug)
    assert after == before
    assert sum("ix_events_mark" in s for s in after) == services.database.is_sqlite  # told, there


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"position": 3, "note": "x" * 2001}, "at most 2,000 characters"),
        ({"position": 3, "note": 7}, "no usable note"),
        ({"position": -1, "flag": True}, "no usable position"),
        ({"position": True, "flag": True}, "no usable position"),
        ({"position": 3, "flag": True, "key": "short"}, "no usable idempotency key"),
    ],
)
def test_a_mark_that_cannot_be_is_told(slug, wish, values, sentence) -> None:
    view = wish("mark", **values)
    assert view["refused"]
    assert sentence in view["notice"]


def test_what_a_database_cannot_hold_is_left_out(slug, wish) -> None:
    position = wish("look")["query"]["position"]
    view = wish("mark", position=position, note="a\0b \ud83d שלום 🎌")
    assert view["query"]["note"] == "ab ? שלום 🎌"


# Classes -------------------------------------------------------------------------------------


def test_classes_travel_only_while_the_page_does_not_know_them(wish) -> None:
    view = wish("look")
    assert view["classes"] == [{"name": "win", "title": "Win"}, {"name": "see", "title": "See"}]
    known = view["names"]
    assert wish("look", names=known)["classes"] is None
    assert wish("class", index=0, name="Won", guideline="", names=known)["classes"][0] == {
        "name": "Won",
        "title": "Won",
    }
    assert wish("look", names=known)["names"] != known


def test_a_press_among_77_classes_has_a_small_reply(services, intents) -> None:
    for index in range(0, 77, 7):
        services.changes.edit_class(intents, index, guideline="Only with a reason. " * 20)
    desk = Desk(services)
    first = desk.open(intents)
    assert len(first["classes"]) == 77
    query = first["query"]
    wish = {"slug": intents, "do": "answer", "position": query["position"], "label": 76,
            "key": "a-key-of-its-own", "names": first["names"], "n": 1}  # fmt: skip
    view = desk.handle(wish)
    assert view["classes"] is None
    assert view["last"]["label"] == 76
    top = [p for _, p in view["last"]["top"]]
    assert len(top) == 5
    assert top == sorted(top, reverse=True)
    assert "guideline" not in json.dumps(view)
    assert len(json.dumps(view)) < 3_000


def test_up_to_five_classes_keep_their_order_in_the_bars(wish) -> None:
    view = wish("look")
    last = wish("answer", position=view["query"]["position"], label=1)["last"]
    assert [i for i, _ in last["top"]] == [0, 1]
    assert dict(last["top"])[last["predicted"]] == last["probability"]
    assert sum(p for _, p in last["top"]) == pytest.approx(1)


# Guidelines ----------------------------------------------------------------------------------


def test_guidelines_are_read_when_asked_for_and_kept(services, slug, wish) -> None:
    assert wish("guide")["guide"]["text"] == ""
    text = "What does the person want?\n\n- If unsure, pass."
    reply = wish("guidelines", text=text)
    assert reply["guide"]["text"] == text
    assert reply["query"] is not None
    wish("class", index=1, name="See", guideline="Anything to look at.\nNot films.")
    guide = wish("guide")["guide"]
    assert guide["classes"] == [
        {"title": "Win", "guideline": ""},
        {"title": "See", "guideline": "Anything to look at.\nNot films."},
    ]
    services.experiments.reset(slug)
    assert wish("guide")["guide"] == guide
    assert services.verification.verify(slug).difference == ""


def test_a_class_is_added_and_renamed_while_a_query_is_open(services, slug, wish) -> None:
    query = wish("look")["query"]
    view = wish("class", index=None, name="Neither")
    assert [c["title"] for c in view["classes"]] == ["Win", "See", "Neither"]
    assert view["query"]["position"] == query["position"]
    view = wish("class", index=2, name="Nothing of it", guideline="")
    assert view["guide"]["classes"][2]["title"] == "Nothing of it"
    assert wish("answer", position=query["position"], label=2)["last"]["label"] == 2
    assert services.verification.verify(slug).difference == ""


def test_the_model_is_there_again_when_the_dialog_is_done(services, slug, wish) -> None:
    """A change makes the model anew: the next press should not have to wait for it."""
    wish("class", index=None, name="Neither")
    warm = services.labeling.held(slug)
    assert warm.learner is not None
    assert warm.head == services.experiments.find(slug).head


@pytest.mark.parametrize(
    ("do", "values", "sentence"),
    [
        ("guidelines", {"text": "x" * 20_001}, "at most 20,000 characters"),
        ("class", {"index": 0, "name": "See", "guideline": ""}, "a class 'See' already"),
        ("class", {"index": None, "name": " "}, "needs a name"),
        ("class", {"index": 0, "name": "Win", "guideline": "x" * 2001}, "at most 2,000"),
        ("class", {"index": 9, "name": "Win", "guideline": ""}, "no class number 9"),
    ],
)
def test_a_change_that_cannot_be_is_told(services, slug, wish, do, values, sentence) -> None:
    head = services.experiments.find(slug).head
    reply = wish(do, **values)
    assert reply["refused"]
    assert sentence in reply["notice"]
    assert services.experiments.find(slug).head == head


def test_while_the_database_is_away_the_wish_is_to_be_sent_again(
    services, wish, monkeypatch
) -> None:
    view = wish("look")
    position = view["query"]["position"]

    def away() -> Any:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(services.database, "read", away)
    reply = wish("answer", position=position, label=1, key="one-key-only")
    assert (reply["again"], reply["trouble"]) == (True, "The database does not answer.")
    monkeypatch.undo()
    reply = wish("answer", position=position, label=1, key="one-key-only")
    assert "again" not in reply
    assert reply["head"] == view["head"] + 1


def test_an_archived_experiment_can_be_read_and_not_written(services, slug) -> None:
    services.experiments.set_guidelines(slug, "As before.")
    archived = services.experiments.reset(slug).slug
    desk = Desk(services)
    assert desk.handle({"slug": archived, "do": "guide", "n": 1})["guide"]["text"] == "As before."
    for more in ({"do": "guidelines", "text": "new"}, {"do": "mark", "position": 0, "flag": True}):
        reply = desk.handle({"slug": archived, "key": "some-key-or-other", "n": 1, **more})
        assert "archived" in reply["notice"]


# Rows ----------------------------------------------------------------------------------------


def test_a_row_is_a_card_of_names_values_and_kinds(services) -> None:
    fields = {"size": 1.5, "count": 3, "sold": True, "age": None, "tag": "a & <b>", "text": "שלום"}
    stream = services.experiments.add_stream(
        slug="cards",
        title="Cards",
        kind="rows",
        classes=["keep", "drop"],
        items=iter([Sample("c0", fields, 0), Sample("c1", fields, 1)]),
        source="made up by the tests",
    )
    spec = make_spec(text=False, classes=2)
    services.experiments.create("Cards", stream=stream, spec=spec)
    services.labeling.scan_on("cards")
    query = services.views.view("cards")["query"]
    assert [list(field) for field in query["fields"]] == [
        ["size", "1.5", "number"],
        ["count", "3", "number"],
        ["sold", "True", "text"],
        ["age", None, "text"],
        ["tag", "a & <b>", "text"],
        ["text", "שלום", "text"],
    ]
