"""What the fuzzing found, a test for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash
from dash._utils import AttributeDict
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.errors import BadInput
from dashboard.security.requests import CALLBACKS
from dashboard.settings import Settings
from dashboard.storage import experiments
from dashboard.ui.ids import Frame

RELOAD = "The page sent something that this server does not know; reload it.\n"


@pytest.fixture
def app(settings: Settings, make_experiment: Any) -> Iterator[Dash]:
    made = create_app(settings)
    services = made.server.config["SLUICE"]()
    for name in ("one", "two"):
        services.runs.oracle(make_experiment(services, name, n=60), count=5)
    made.server.test_client().get("/_dash-layout")
    yield made
    services.labeling.settle()
    services.database.close()


@pytest.fixture
def client(app: Dash) -> FlaskClient:
    client: FlaskClient = app.server.test_client()
    return client


def output_of(app: Dash, *inputs: str) -> str:
    """The callback of these inputs."""
    return next(
        output for output, known in app.callback_map.items()
        if "callback" in known
        and [f"{i['id']}.{i['property']}" for i in known["inputs"]][: len(inputs)] == [*inputs]
    )  # fmt: skip


def send(app: Dash, client: FlaskClient, values: dict[str, Any], first: str = "") -> TestResponse:
    """Send a callback these values, by input or state; None for the others."""
    output = output_of(app, first or next(iter(values)))
    known = app.callback_map[output]
    many = isinstance(known["output"], list | tuple)
    outputs = [{"id": o.component_id, "property": o.component_property}
               for o in (known["output"] if many else [known["output"]])]  # fmt: skip

    def given(part: str) -> list[dict[str, Any]]:
        return [{**one, "value": values.get(f"{one['id']}.{one['property']}")}
                for one in known[part]]  # fmt: skip

    body = {"output": output, "outputs": outputs if many else outputs[0],
            "inputs": given("inputs"), "state": given("state"),
            "changedPropIds": [next(iter(values))]}  # fmt: skip
    return client.post(CALLBACKS, data=json.dumps(body), content_type="application/json")


def told(answer: TestResponse) -> str:
    """The sentence of a toast."""
    assert answer.status_code == 200
    sentence: str = answer.get_json()["sideUpdate"][Frame.TROUBLE]["data"]["sentence"]
    return sentence


@pytest.mark.parametrize(
    ("prop", "value"),
    [
        ("log-wish.data", [[]]),
        ("log-wish.data", "look"),
        ("log-grid.getRowsRequest", "0x10"),
        ("label-outbox.data", [1]),
        ("experiments-wish.data", "\u202e"),
        ("experiments-create-wish.data", [[]]),
        ("experiments-tick.n_intervals", "1"),
        ("experiments-tick.n_intervals", float("nan")),
        ("log-tick.n_intervals", -1),
        ("import-cancel.n_clicks", True),
        ("frame-job-request.data", 7),
        ("_pages_location.pathname", "log"),
        ("_pages_location.pathname", 2**31),
    ],
)
def test_a_value_of_another_kind_than_the_page_sends(app, client, prop, value):
    answer = send(app, client, {prop: value})
    assert answer.status_code == 400
    assert answer.text == RELOAD


@pytest.mark.parametrize(
    ("tick", "state", "value"),
    [
        ("experiments-tick.n_intervals", "experiments-seen.data", [None]),
        ("log-tick.n_intervals", "log-shown.data", 1),
        ("accuracy-tick.n_intervals", "accuracy-shown.data", "x"),
        ("accuracy-tick.n_intervals", "accuracy-slug.data", {"a": 1}),
        ("accuracy-tick.n_intervals", "frame-theme-name.data", ["dark"]),
        ("queries-tick.n_intervals", "frame-theme-name.data", "{0}"),
        ("_pages_location.pathname", "_pages_location.search", ["?experiment=one"]),
    ],
)
def test_a_state_of_another_kind(app, client, tick, state, value):
    first = "/log" if tick.endswith("pathname") else 1
    answer = send(app, client, {tick: first, state: value})
    assert answer.status_code == 400
    assert answer.text == RELOAD


def test_a_page_that_has_seen_nothing_yet_is_shown_everything(app, client):
    answer = send(app, client, {"experiments-tick.n_intervals": 1, "experiments-seen.data": {}})
    assert answer.status_code == 200
    assert "one" in answer.text
    assert send(app, client, {"log-tick.n_intervals": 1}).status_code == 204


@pytest.mark.parametrize("path", ["7/x.js", "dash/none.js", "%ff%00/x"])
def test_a_script_that_is_not_there(client, path):
    answer = client.get(f"/_dash-component-suites/{path}")
    assert answer.status_code == 404
    assert answer.text == "There is no such script; reload the page.\n"


@pytest.mark.parametrize("page", ["/", "/accuracy", "/quality", "/log", "/skipped", "/experiments"])
def test_of_two_experiments_in_an_address_the_last_is_opened(app, client, page):
    values = {"_pages_location.pathname": page,
              "_pages_location.search": "?experiment=one&experiment=two"}  # fmt: skip
    answer = send(app, client, values)
    assert answer.status_code == 200
    values["_pages_location.search"] = "?experiment=two"
    assert len(answer.text) == len(send(app, client, values).text)


def test_half_a_character_is_no_name(app, client, open_more):
    values = {"accuracy-tick.n_intervals": 1, "accuracy-slug.data": "\ud800",
              "frame-theme-name.data": "dark"}  # fmt: skip
    assert "half a character" in told(send(app, client, values))
    services = open_more()
    with (
        pytest.raises(BadInput, match="half a character"),
        services.database.read() as connection,
    ):
        experiments.find(connection, "\ud800")


@pytest.mark.parametrize(
    ("request_", "wish", "said"),
    [
        (Frame.JOB_REQUEST, {"kind": "/etc/passwd", "slug": "one"}, "There is no job"),
        (Frame.JOB_REQUEST, {"kind": "scan", "slug": "gone"}, "There is no experiment 'gone'"),
        (Frame.JOB_REQUEST, {"kind": "oracle", "slug": "one", "count": "many"}, "no usable count"),
        (Frame.JOB_REQUEST, {"kind": "oracle", "slug": "one", "count": [1]}, "no usable count"),
        (Frame.REST_REQUEST, {"slug": "gone"}, "There is no experiment 'gone'"),
    ],
)
def test_a_job_that_is_refused_says_so(app, request_, wish, said):
    """Its callback, as the job's own process runs it."""
    manager = app._background_manager
    known = app.callback_map[output_of(app, f"{request_}.data")]
    name = next(k for k, fn in manager.func_registry.items() if fn in _fns(manager, known))
    context = AttributeDict(custom_data={"sluice_annotator": "local"})
    with app.server.app_context():
        manager.func_registry[name]("key", "progress", [{"nonce": "n", **wish}], context)
    receipt = manager.handle.get("key")
    assert receipt["nonce"] == "n"
    assert receipt["state"] == "failed"
    assert said in receipt["message"]


def _fns(manager: Any, known: dict[str, Any]) -> list[Any]:
    """What runs the jobs of a callback."""
    registry = manager.func_registry
    names = [n for n in registry if registry[n].__closure__ and _mine(registry[n], known)]
    assert len(names) == 1
    return [registry[names[0]]]


def _mine(job: Any, known: dict[str, Any]) -> bool:
    inner = [cell.cell_contents for cell in job.__closure__]
    return any(getattr(fn, "__name__", "") == known["callback"].__wrapped__.__name__
               for fn in inner if callable(fn))  # fmt: skip
