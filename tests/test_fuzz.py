"""A short run of the fuzzing, and that it finds what it is there to find."""

from __future__ import annotations

import dataclasses
import logging
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dash
import pytest
from flask import Response
from werkzeug.test import TestResponse

from dashboard.security import signin, values
from dashboard.security.requests import CALLBACKS
from dashboard.storage import log
from tests.fuzz import judge, wishes
from tests.fuzz.__main__ import place, run
from tests.fuzz.asking import Ask, Asking
from tests.fuzz.run import Fuzz, Report
from tests.fuzz.values import as_json
from tests.fuzz.watch import Watch
from tests.fuzz.world import LOCAL, World, open_at

INPUTS = 5_000
SEED = 20261126


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refused sign-ins and damaged files are logged by design; what is patched is put back."""
    monkeypatch.setattr(signin.Users.__init__, "__defaults__", signin.Users.__init__.__defaults__)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "w", guarded=False)
    yield made
    made.close()


@pytest.mark.slow
def test_nothing_that_is_sent_breaks_anything(tmp_path):
    with place(tmp_path) as folder:
        report = run(folder, inputs=INPUTS, seed=SEED)
    assert [(f.what, f.epoch, f.number, f.ask) for f in report.found] == []
    assert report.inputs == INPUTS
    # It got somewhere: every door was tried, and opened for somebody.
    app = dash.get_app()
    callbacks = {f"callback {o}" for o, known in app.callback_map.items() if "callback" in known}
    routes = {f"route {rule.rule}" for rule in app.server.url_map.iter_rules()}
    assert callbacks | routes <= report.doors.keys()
    assert callbacks | routes - {f"route {CALLBACKS}", "route /static/<path:filename>",
                                 "route /_reload-hash"} <= report.good.keys()  # fmt: skip
    assert report.writes > 50
    assert report.dispatched > 50
    assert report.worked > 10
    assert report.readers > 0
    assert report.verified > 50
    assert report.grown < 300


def test_every_value_of_every_callback_has_its_right_ones(world):
    """A new callback is fuzzed by itself; what its scripts send has to be said in `wishes`."""
    asking = Asking(world, random.Random(1), readers=0)
    known = {"n_intervals", "n_clicks"}
    for output, callback in asking.callbacks.items():
        for one in (*callback["inputs"], *callback["state"]):
            prop = f"{one['id']}.{one['property']}"
            laid_out = prop in asking._laid_out("texts")
            assert prop in wishes.WISHES or laid_out or one["property"] in known, (output, prop)


def test_every_value_of_every_callback_is_said_what_it_may_be(world):
    for callback in Asking(world, None, readers=0).callbacks.values():  # type: ignore[arg-type]
        for one in (*callback["inputs"], *callback["state"]):
            assert values.check_of(one["id"], one["property"]) is not None, one


# It finds what it is there to find ----------------------------------------------------------------


def right(world: World, output: str, wish: Any, who: str = LOCAL) -> Ask:
    asking = Asking(world, random.Random(1), readers=0)
    body = asking.body(output, [wish])
    return Ask("callback", "POST", CALLBACKS, who, body=as_json(body),
               content_type="application/json")  # fmt: skip


def findings(tmp_path: Path, spoil: Any, ask: Any) -> list[str]:
    """What is found of one request to an app with a fault."""
    report, watch = Report(), Watch(tmp_path)
    fuzz = Fuzz(tmp_path / "w", guarded=False, watch=watch, report=report)
    spoil(fuzz.world)
    with fuzz._heard(), watch.on():
        fuzz._ask(ask(fuzz.world), fuzz.world.state(), epoch=0, number=0)
    fuzz.close()
    return [f.what for f in report.found]


def answers_with(view: Any) -> Any:
    """A fault: the route of the health check is another one."""

    def spoil(world: World) -> None:
        world.app.server.view_functions["healthz"] = view

    return spoil


def broken() -> Response:
    raise ZeroDivisionError


def leaking() -> Response:
    return Response("Traceback (most recent call last): ...", 400)


def curt() -> Response:
    return Response("KeyError", 400)


def half() -> Response:
    def body() -> Iterator[str]:
        yield "position\n"
        raise LookupError("in the middle")

    return Response(body())


def littering() -> Response:
    Path("/tmp/litter-of-a-test").write_text("x")
    return Response("ok")


def phoning() -> Response:
    with socket.socket() as made:
        made.settimeout(0.1)
        made.connect_ex(("127.0.0.1", 9))
    return Response("ok")


@pytest.mark.parametrize(
    ("view", "said"),
    [(broken, "status 500"), (leaking, "the body holds"), (curt, "no sentence"),
     (half, "came through"), (littering, "open /tmp/litter"), (phoning, "socket.connect")],
)  # fmt: skip
def test_an_answer_that_is_wrong_is_found(tmp_path, view, said):
    found = findings(tmp_path, answers_with(view), lambda _: Ask("route", "GET", "/healthz", LOCAL))
    Path("/tmp/litter-of-a-test").unlink(missing_ok=True)
    assert any(said in what for what in found)


def test_a_look_that_writes_is_found(tmp_path):
    def view(world: World) -> Any:
        def scribble() -> Response:
            position = open_at(world.services, "texts")
            world.services.labeling.answer("texts", position=position, label=0)
            return Response("ok")

        return scribble

    def spoil(world: World) -> None:
        world.app.server.view_functions["healthz"] = view(world)

    found = findings(tmp_path, spoil, lambda _: Ask("route", "GET", "/healthz", LOCAL))
    assert any("changed something" in what for what in found)


def test_an_answer_that_says_something_else_is_found(tmp_path, monkeypatch):
    append = log.append

    def other(connection: Any, experiment_id: int, step: Any) -> None:
        event = dataclasses.replace(step.event, annotator="somebody else")
        append(connection, experiment_id, dataclasses.replace(step, event=event))

    def spoil(world: World) -> None:
        monkeypatch.setattr(log, "append", other)

    def ask(world: World) -> Ask:
        wish = {"n": 1, "slug": "texts", "do": "pass", "key": "k" * 9,
                "position": open_at(world.services, "texts")}  # fmt: skip
        return right(world, "label-reply.data", wish)

    assert any("pass of local wrote" in what for what in findings(tmp_path, spoil, ask))


def test_a_reply_that_no_browser_reads_is_found():
    ask = Ask("callback", "POST", CALLBACKS, LOCAL)
    text = '{"response": {"x": {"y": NaN}}}'
    answer = TestResponse([text.encode()], "200 OK", {}, None)  # type: ignore[arg-type]
    assert "no browser reads this" in judge.answered(ask, answer, text)[0]
