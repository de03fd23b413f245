"""Nobody gets in without a name, nobody does more than their role, and who did what is known."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dash
import pytest
from argon2 import PasswordHasher
from dash import Dash
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard import cli
from dashboard.app import create_app
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput, Conflict, NotFound
from dashboard.security import attempts, rules
from dashboard.security.audit import FILE
from dashboard.security.requests import CALLBACKS
from dashboard.services.container import Services
from dashboard.services.people import PAGES, ROLES, Role, role_of
from dashboard.services.users import Users
from dashboard.settings import Settings, read_settings
from dashboard.storage import log

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"
NAMES = {"vera": Role.VIEWER, "ann": Role.ANNOTATOR, "lea": Role.LEAD}


@pytest.fixture
def users(tmp_path: Path) -> Users:
    made = Users(tmp_path / "users", QUICK)
    for name, role in NAMES.items():
        made.add(name, role, PASSWORD)
    return made


@pytest.fixture
def guarded(users: Users, tmp_path: Path) -> Settings:
    return read_settings({"SLUICE_DATA": str(tmp_path / "data"), "SLUICE_USERS": str(users.path)})


@pytest.fixture
def app(guarded: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dash]:
    monkeypatch.setattr(Users.__init__, "__defaults__", (QUICK,))  # for names nobody has
    made = create_app(guarded)
    services = made.server.config["SLUICE"]()
    stream = services.experiments.ensure_stream("phishing")
    services.experiments.create("p", stream=stream, spec=make_spec(text=False, classes=2))
    services.runs.scan("p")
    made.server.test_client().get("/")  # Dash learns its callbacks
    yield made
    services.labeling.settle()
    services.database.close()


@pytest.fixture
def services(app: Dash) -> Services:
    found: Services = app.server.config["SLUICE"]()
    return found


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"name": name, "password": password, **more})


@pytest.fixture
def as_(app: Dash) -> Callable[[str], FlaskClient]:
    """`as_("ann")`: a browser in which somebody has signed in; `as_("")`: in which nobody has."""

    def client(name: str) -> FlaskClient:
        made: FlaskClient = app.server.test_client()
        if name:
            assert sign_in(made, name).status_code == 303
        return made

    return client


def body_of(app: Dash, output: str, value: Any = None) -> dict[str, Any]:
    """A request to a callback as the page sends it, with one value for every input."""
    known = app.callback_map[output]
    outputs = known["output"] if isinstance(known["output"], list | tuple) else [known["output"]]
    named = [{"id": o.component_id, "property": o.component_property} for o in outputs]
    return {
        "output": output,
        "outputs": named if isinstance(known["output"], list | tuple) else named[0],
        "inputs": [{**i, "value": value} for i in known["inputs"]],
        "state": [{**s, "value": None} for s in known["state"]],
        "changedPropIds": [f"{i['id']}.{i['property']}" for i in known["inputs"]],
    }


def wish(app: Dash, output: str, **value: Any) -> dict[str, Any]:
    return body_of(app, output, {"nonce": "n", "n": 1, "slug": "p", **value})


def told(guarded: Settings) -> list[dict[str, Any]]:
    path = guarded.data / FILE
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# Everything there is ---------------------------------------------------------------------------

WORDS = {"slug": "p", "chart": "accuracy-curve", "what": "labels", "fmt": "csv", "path": "accuracy",
         "filename": "sluice.css", "upload_id": "0" * 26, "package_name": "dash",
         "fingerprinted_path": "deps/react@18.min.js"}  # fmt: skip


def doors(app: Dash) -> list[tuple[str, str, str]]:
    """Route, method and an address of every route there is."""
    found = []
    for rule in app.server.url_map.iter_rules():
        values = {name: WORDS[name] for name in rule.arguments}
        address = rule.build(values)
        assert address is not None
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        found += [(rule.rule, method, address[1]) for method in methods]
    return found


def turned_away(answer: TestResponse) -> bool:
    at_the_door = answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]
    return answer.status_code == 401 or at_the_door


def test_no_route_is_open_but_those_that_hold_nothing(app, as_):
    client = as_("")
    open_ones = set()
    for route, method, address in doors(app):
        for accept in ("*/*", "text/html"):
            with client.open(address, method=method, headers={"Accept": accept}) as answer:
                if not turned_away(answer):
                    open_ones.add(route)
    assert open_ones == rules.PUBLIC


def test_no_callback_is_open(app, as_, services):
    client, head = as_(""), services.experiments.find("p").head
    asked = [output for output, known in app.callback_map.items() if "callback" in known]
    assert len(asked) > 8
    for output in asked:
        assert client.post(CALLBACKS, json=body_of(app, output)).status_code == 401, output
    answer = client.post(CALLBACKS, json=wish(app, "label-reply.data", do="reset"))
    assert answer.status_code == 401
    assert services.experiments.find("p").head == head
    # Nor what is no callback, or none with its own inputs.
    renamed = {**body_of(app, asked[0]), "inputs": [{"id": "x", "property": "pathname"}]}
    for body in (renamed, {"output": "none.there"}, []):
        assert client.post(CALLBACKS, json=body).status_code == 401


@pytest.mark.parametrize("name", ["vera", "ann"])
def test_no_route_gives_more_than_the_role(app, as_, name):
    client, role = as_(name), NAMES[name]
    closed = set()
    for route, method, address in doors(app):
        if route in ("/sign-out", CALLBACKS) or route in rules.PUBLIC:
            continue
        need = rules.ROUTES.get(route, Role.LEAD)
        with client.open(address, method=method) as answer:
            assert (answer.status_code == 403) == (role < need), (route, method)
            if role < need:
                closed.add(route)
                assert f"{name} is signed in as {role.word}" in answer.text
    assert "/experiments/<slug>/experiment.zip" in closed
    assert ("/experiments/<slug>/<what>.<fmt>" in closed) == (role is Role.VIEWER)


@pytest.mark.parametrize("name", ["vera", "ann"])
def test_no_callback_gives_more_than_the_role(app, as_, name):
    client, role, closed = as_(name), NAMES[name], set()
    for output, known in app.callback_map.items():
        if "callback" not in known:
            continue
        body = body_of(app, output)
        need = rules.need(known["output"], body)
        answer = client.post(CALLBACKS, json=body)
        assert (answer.status_code == 403) == (role < need), output
        if role < need:
            closed.add(output)
    assert any("experiments-place" in output for output in closed)
    assert ("label-reply.data" in closed) == (role is Role.VIEWER)


@pytest.mark.parametrize(
    ("output", "value", "need"),
    [
        ("label-reply.data", {"do": "look"}, Role.ANNOTATOR),
        ("label-reply.data", {"do": "undo"}, Role.ANNOTATOR),
        ("label-reply.data", {"do": "next"}, Role.ANNOTATOR),
        ("label-reply.data", {"do": "reset"}, Role.LEAD),
        ("label-reply.data", {"do": "guidelines", "text": "x"}, Role.LEAD),
        ("label-reply.data", {"do": "what comes next year"}, Role.LEAD),
        ("frame-job-receipt.data", {"kind": "scan"}, Role.ANNOTATOR),
        ("frame-job-receipt.data", {"kind": "oracle"}, Role.LEAD),
        ("frame-job-receipt.data", {"kind": "dataset"}, Role.LEAD),
        ("frame-job-receipt.data", {"kind": "oracle", "do": "scan"}, Role.LEAD),
        ("label-reply.data", {"kind": "scan"}, Role.LEAD),
        ("label-reply.data", {"do": "reset", "kind": "scan"}, Role.LEAD),
        ("import-done.data", {"name": "mine"}, Role.LEAD),
        ("accuracy-target-said.children", {"do": "target", "accuracy": "95"}, Role.LEAD),
        ("..spots-said.children...spots-said.hidden..", {"do": "spot-check"}, Role.LEAD),
        ("..spots-said.children...spots-said.hidden..", {"do": "look"}, Role.LEAD),
    ],
)
def test_a_wish_needs_its_role(app, as_, output, value, need):
    body = wish(app, output, **value)
    assert rules.need(app.callback_map[output]["output"], body) is need
    for name, role in NAMES.items():
        if role < need:
            assert as_(name).post(CALLBACKS, json=body).status_code == 403


@pytest.mark.parametrize("value", ["reset", ["reset"], 7, True, {"do": ["look"]}, {"do": None}])
def test_what_is_no_wish_is_for_leads(app, value):
    for output in ("label-reply.data", "frame-job-receipt.data"):
        body = body_of(app, output, value)
        assert rules.need(app.callback_map[output]["output"], body) is Role.LEAD


def test_every_rule_is_about_something(app):
    routes = {rule.rule for rule in app.server.url_map.iter_rules()}
    assert set(rules.ROUTES) <= routes
    assert routes >= rules.PUBLIC
    assert all(any(route.startswith(start) for route in routes) for start in rules.TOLD)
    outputs = [o for known in app.callback_map.values() for o in (
        known["output"] if isinstance(known["output"], list | tuple) else [known["output"]]
    )]  # fmt: skip
    for start in rules.CALLBACKS:
        assert any(str(o.component_id).startswith(start) for o in outputs), start
    assert set(PAGES) <= set(dash.page_registry)


# Pages -----------------------------------------------------------------------------------------


def page(app: Dash, client: FlaskClient, path: str) -> str:
    output = "..​_pages_content.children..._pages_store.data..".replace("\u200b", "")
    body = body_of(app, output)
    for one, value in zip(body["inputs"], (path, "?experiment=p"), strict=True):
        one["value"] = value
    answer = client.post(CALLBACKS, json=body)
    assert answer.status_code == 200
    return json.dumps(answer.json["response"]["_pages_content"]["children"])


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_to_those_who_may(app, as_, name):
    client = as_(name)
    for module, registered in dash.page_registry.items():
        shown = page(app, client, registered["path"])
        may = NAMES[name] >= PAGES.get(module, Role.LEAD)
        assert ("This page is not for you" in shown) is not may, module
    links = client.get("/_dash-layout").text
    assert ('"frame-nav-label"' in links) is (name != "vera")
    assert '"frame-nav-accuracy"' in links
    assert f'"data-role":"{NAMES[name].word}"' in links.replace(": ", ":")


def test_the_frame_tells_nothing_of_what_is_labeled(app, as_, services):
    """Dash has asked every page for its layout, to learn its ids, before anybody signed in."""
    sample = services.views.view("p")["query"]["sample_id"]
    assert sample in page(app, as_("ann"), "/")
    for path in ("/", "/log", "/_dash-layout", "/_dash-dependencies"):
        assert sample not in as_("vera").get(path).text


# Signing in and out ----------------------------------------------------------------------------


def test_in_and_out_again(app, as_):
    client = as_("")
    answer = client.get("/log?experiment=p", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "/sign-in?next=%2Flog%3Fexperiment%3Dp"
    door = client.get(answer.headers["Location"])
    assert (door.status_code, door.headers["Cache-Control"]) == (200, "no-store")
    assert 'value="/log?experiment=p"' in door.text
    answer = sign_in(client, "ann", next="/log?experiment=p")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/log?experiment=p")
    shown = client.get("/")
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get("/_dash-layout").status_code == 401
    assert client.post("/sign-out").headers["Location"] == "/sign-in"


def test_everyone_comes_in_where_they_may_be(as_):
    assert sign_in(as_(""), "vera").headers["Location"] == "/accuracy"
    assert sign_in(as_(""), "lea").headers["Location"] == "/"


@pytest.mark.parametrize(
    "next_page",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)",
     "/\n/evil.example", "evil.example", "http:/log", "/sign-in?next=/sign-in", "//[evil"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(as_, next_page):
    assert sign_in(as_(""), "ann", next=next_page).headers["Location"] == "/"
    assert "evil" not in as_("").get("/sign-in", query_string={"next": next_page}).text


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "wrong password"), ("nobody", PASSWORD), ("", ""), ("ann", ""), ("ANN", PASSWORD),
     ("ann\x00", PASSWORD), ("\udcff", PASSWORD), ("ann:annotator", PASSWORD)],
)  # fmt: skip
def test_name_and_password_have_to_match(as_, name, password):
    client = as_("")
    data = {"name": name.encode("utf-8", "surrogatepass"), "password": password}
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 401
    assert "Name and password do not match." in answer.text
    assert PASSWORD not in answer.text
    assert client.get("/_dash-layout").status_code == 401


def test_what_was_typed_is_shown_as_text(as_):
    typed = '"><script>alert(1)</script>'
    answer = sign_in(as_(""), typed, "wrong")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_page_of_others_signs_nobody_in_or_out(as_):
    foreign = {"Sec-Fetch-Site": "cross-site"}
    data = {"name": "ann", "password": PASSWORD}
    assert as_("").post("/sign-in", data=data, headers=foreign).status_code == 403
    client = as_("ann")
    assert client.post("/sign-out", headers=foreign).status_code == 403
    assert client.get("/_dash-layout").status_code == 200


def test_the_cookie_is_for_this_server_alone(app, as_):
    plain = sign_in(as_(""), "ann").headers["Set-Cookie"]
    assert plain.startswith("sluice-8050=")
    for wanted in ("HttpOnly", "SameSite=Lax", "Path=/", "Expires="):
        assert wanted in plain
    assert "Secure" not in plain, "or nobody could sign in on this machine, which has no HTTPS"
    secure = app.server.test_client().post(
        "/sign-in", data={"name": "ann", "password": PASSWORD}, base_url="https://sluice.example"
    )
    assert "; Secure" in secure.headers["Set-Cookie"]


def test_styles_are_no_business_of_sessions(as_):
    for client in (as_(""), as_("ann")):
        with client.get("/assets/sluice.css") as answer:
            assert "Cookie" not in answer.headers.get("Vary", "")
            assert "Set-Cookie" not in answer.headers


def test_without_encryption_it_says_so(app):
    client = app.server.test_client()
    said = "others on the network can read your password"
    assert said not in " ".join(client.get("/sign-in").text.split())
    far = " ".join(client.get("/sign-in", base_url="http://sluice.example").text.split())
    assert said in far
    near = client.get("/sign-in", base_url="https://sluice.example").text
    assert said not in " ".join(near.split())


def test_a_proxy_is_believed_where_there_is_one(users, tmp_path):
    for proxies, cookie in (("0", False), ("1", True)):
        told = {"SLUICE_DATA": str(tmp_path / proxies), "SLUICE_USERS": str(users.path),
                "SLUICE_PROXIES": proxies}  # fmt: skip
        client = create_app(read_settings(told)).server.test_client()
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        data = {"name": "ann", "password": PASSWORD}
        answer = client.post("/sign-in", data=data, headers=headers)
        assert ("; Secure" in answer.headers["Set-Cookie"]) is cookie
        (line,) = (tmp_path / proxies / FILE).read_text().splitlines()
        assert json.loads(line)["address"] == ("192.0.2.7" if proxies == "1" else "127.0.0.1")


# Sessions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda users: users.remove("ann"),
        lambda users: users.set_password("ann", "another password"),
        lambda users: users.path.write_text(
            users.path.read_text().replace("ann:annotator", "ann:viewer")
        ),
    ],
)
def test_a_session_ends_with_what_it_rests_on(as_, users, change):
    ann, lea = as_("ann"), as_("lea")
    change(users)
    assert ann.get("/_dash-layout").status_code == 401
    assert lea.get("/_dash-layout").status_code == 200


def test_a_cookie_of_ones_own_making_is_none(app, as_):
    client = as_("")
    signer = app.server.session_interface.get_signing_serializer(app.server)
    genuine = signer.dumps({"_user_id": "lea:" + "0" * 24})
    for value in (genuine, "eyJfdXNlcl9pZCI6ImxlYSJ9.AAAA.AAAA", ""):
        client.set_cookie("sluice-8050", value)
        assert client.get("/_dash-layout").status_code == 401


def test_a_file_that_cannot_be_read_lets_nobody_in(as_, users):
    client = as_("lea")
    users.path.write_text("lea:boss:hash\n")
    answer = client.get("/_dash-layout")
    assert answer.status_code == 503
    assert str(users.path) not in answer.text
    assert sign_in(as_(""), "lea").status_code == 503
    users.path.unlink()
    assert client.get("/_dash-layout").status_code == 503
    assert client.get("/healthz").json == {"status": "ok"}


# Attempts --------------------------------------------------------------------------------------


def test_attempts_are_limited_by_name_and_address(as_, guarded):
    client = as_("")
    most = attempts.LIMITS["both"]
    assert [sign_in(client, "ann", "wrong").status_code for _ in range(most)] == [401] * most
    answer = sign_in(client, "ann")
    assert answer.status_code == 429
    assert "try again in 15 minutes" in answer.text
    assert sign_in(as_(""), " Ann ", "x").status_code == 429, "another browser is the same address"
    assert sign_in(client, "lea").status_code == 303
    assert [line["deed"] for line in told(guarded)][-3:] == [
        "too many attempts", "too many attempts", "signed in"
    ]  # fmt: skip


def test_attempts_are_limited_by_address_and_by_name(tmp_path):
    counted = attempts.Attempts(tmp_path / "attempts")
    for n in range(attempts.LIMITS["address"]):
        counted.count(f"name {n}", "192.0.2.7")
    with pytest.raises(attempts.TooMany):
        counted.count("another", "192.0.2.7")
    counted.count("another", "192.0.2.8")
    others = [f"2001:db8:{n:x}::1" for n in range(attempts.LIMITS["name"])]
    for address in others:
        counted.count("ann", address)
    with pytest.raises(attempts.TooMany):
        attempts.Attempts(tmp_path / "attempts").count("ann", "192.0.2.99")


def test_those_who_got_in_do_not_count(tmp_path):
    counted = attempts.Attempts(tmp_path / "attempts")
    for _ in range(200):
        counted.count("ann", "192.0.2.7")
        counted.forget("ann", "192.0.2.7")
    for _ in range(attempts.LIMITS["both"]):
        counted.count("ann", "192.0.2.7")
    with pytest.raises(attempts.TooMany):
        counted.count("ann", "192.0.2.7")


def test_attempts_are_forgotten_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(attempts, "WITHIN", -1)
    counted = attempts.Attempts(tmp_path / "attempts")
    for _ in range(2 * attempts.LIMITS["both"]):
        counted.count("ann", "192.0.2.7")


# Who did what ----------------------------------------------------------------------------------


def answer_of(app: Dash, services: Services, **more: Any) -> dict[str, Any]:
    query = services.views.view("p")["query"]
    return wish(app, "label-reply.data", do="answer", position=query["position"], label=1,
                key="a-key-of-this-test", **more)  # fmt: skip


def test_an_answer_is_of_whoever_is_signed_in(app, as_, services):
    body = answer_of(app, services, annotator="lea", who="lea")
    assert as_("ann").post(CALLBACKS, json=body).status_code == 200
    with services.database.read() as connection:
        found = services.experiments.find("p")
        events = [e for e in log.all_events(connection, found.id) if e["kind"] == "label"]
    assert [event["annotator"] for event in events] == ["ann"]


def test_the_audit_log(app, as_, services, guarded):
    lea, vera = as_("lea"), as_("vera")
    lea.get("/experiments/p/labels.csv?raw=1").close()
    vera.get("/experiments/p/labels.csv")
    lea.post(CALLBACKS, json=answer_of(app, services))
    lea.post(CALLBACKS, json=wish(app, "label-reply.data", do="reset"))
    vera.post(CALLBACKS, json=wish(app, "label-reply.data", do="reset"))
    made = next(output for output in app.callback_map if "experiments-create" in output)
    lea.post(CALLBACKS, json=body_of(app, made, {"name": "x" * 300, "stream": "phishing"}))
    lea.post("/sign-out")
    lines = told(guarded)
    assert [(line["who"], line["deed"]) for line in lines] == [
        ("lea", "signed in"), ("vera", "signed in"), ("lea", "get"), ("vera", "refused"),
        ("lea", "reset"), ("vera", "refused"), ("lea", made.strip(".")), ("lea", "signed out"),
    ]  # fmt: skip
    assert lines[2]["path"] == "/experiments/p/labels.csv?raw=1"
    assert lines[4]["slug"] == "p"
    assert len(lines[6]["name"]) == 200
    assert all(line["address"] == "127.0.0.1" and line["at"].endswith("Z") for line in lines)
    assert stat.S_IMODE((guarded.data / FILE).stat().st_mode) == 0o600


def test_a_full_disk_stops_no_audited_deed(app, as_, guarded):
    (guarded.data / FILE).mkdir()
    assert as_("ann").get("/_dash-layout").status_code == 200


# Without sign-in -------------------------------------------------------------------------------


def test_nobody_signs_in_where_nobody_has_to(settings):
    app = create_app(settings)
    client = app.server.test_client()
    layout = client.get("/_dash-layout").text
    assert '"data-role":"lead"' in layout.replace(": ", ":")
    assert "Sign out" not in layout
    assert not (settings.data / FILE).exists()
    answer = client.get("/healthz")
    assert answer.json == {"status": "ok", "experiments": 0}
    assert "Set-Cookie" not in answer.headers
    app.server.config["SLUICE"]().database.close()


def test_another_address_needs_sign_in(tmp_path):
    with pytest.raises(BadInput, match="SLUICE_USERS"):
        read_settings({"HOST": "0.0.0.0"})
    assert read_settings({"HOST": "0.0.0.0", "SLUICE_USERS": "users"}).host == "0.0.0.0"


def test_a_server_that_nobody_can_enter_does_not_start(tmp_path, users, monkeypatch, capfd):
    monkeypatch.setenv("SLUICE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SLUICE_USERS", str(tmp_path / "none"))
    assert cli.run(["serve"]) == 2
    assert "users add NAME --role lead" in capfd.readouterr().err
    users.remove("lea")
    monkeypatch.setenv("SLUICE_USERS", str(users.path))
    assert cli.run(["serve"]) == 2
    assert "is a lead" in capfd.readouterr().err


# The file and its commands ---------------------------------------------------------------------


def test_the_file(users):
    assert stat.S_IMODE(users.path.stat().st_mode) == 0o600
    lines = users.path.read_text().splitlines()
    assert [line.split(":$argon2id$")[0] for line in lines] == [
        "vera:viewer", "ann:annotator", "lea:lead"
    ]  # fmt: skip
    assert PASSWORD not in users.path.read_text()
    assert [path.name for path in users.path.parent.glob(".*part")] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ann:boss:$argon2id$x", "line 4: it has to be name:role:argon2-hash"),
        ("ann:lead:plain password", "line 4: it has to be name:role:argon2-hash"),
        ("ann", "line 4"),
        ("Ann:lead:$argon2id$x", "'Ann' is there twice"),
        ("a b:lead:$argon2id$x", "line 4: A user's name"),
        ("local:lead:$argon2id$x", "'local' stands for"),
    ],
)
def test_a_line_that_cannot_be_read(users, line, said):
    users.path.write_text("# who may\n\n" + users.path.read_text().splitlines()[1] + f"\n{line}\n")
    with pytest.raises(BadInput) as caught:
        users.every()
    assert said in str(caught.value)


def test_users_that_cannot_be(users):
    with pytest.raises(Conflict, match="already"):
        users.add("ANN", Role.LEAD, PASSWORD)
    for name in ("a b", "", "a:b", "-x", "x" * 65, "local", "a\n"):
        with pytest.raises(BadInput):
            users.add(name, Role.LEAD, PASSWORD)
    for password in ("short", "x" * 257):
        with pytest.raises(BadInput, match="8 to 256"):
            users.add("new", Role.LEAD, password)
    with pytest.raises(NotFound):
        users.remove("nobody")
    assert list(users.every()) == list(NAMES)


def test_names_and_passwords_in_any_script(users):
    users.add("zoé", Role.VIEWER, "pässwörd")
    decomposed = "zoe\u0301"
    assert users.verify(decomposed, "pa\u0308sswo\u0308rd") is not None


def test_the_commands(tmp_path, monkeypatch, capfd):
    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return (cli.run(["users", *words]), *capfd.readouterr())

    monkeypatch.setattr(Users.__init__, "__defaults__", (QUICK,))
    monkeypatch.delenv("SLUICE_USERS", raising=False)
    monkeypatch.setenv("SLUICE_DATA", str(tmp_path / "data"))
    assert run("list") == (
        2,
        "",
        "Name the file in SLUICE_USERS first; the server needs it, too.\n",
    )
    monkeypatch.setenv("SLUICE_USERS", str(tmp_path / "users"))
    assert run("list")[0] == 2
    assert run("add", "lea", "--role", "lead", typed="short\n")[0] == 2
    added = run("add", "lea", "--role", "lead", typed=PASSWORD + "\n")
    assert added == (0, "lea may sign in as lead.\n", "")
    assert run("add", "lea", "--role", "viewer", typed=PASSWORD)[0] == 2
    assert run("list") == (0, "name\trole\nlea\tlead\n", "")
    users = Users(tmp_path / "users", QUICK)
    assert run("password", "lea", typed="another password") == (
        0, "lea has another password.\n", ""
    )  # fmt: skip
    assert users.verify("lea", PASSWORD) is None
    assert users.verify("lea", "another password") is not None
    assert run("password", "nobody", typed=PASSWORD) == (2, "", "There is no user 'nobody'.\n")
    lines = (tmp_path / "data" / FILE).read_text().splitlines()
    assert [(line["who"], line["deed"], line["name"]) for line in map(json.loads, lines)] == [
        ("command line", "user added", "lea"), ("command line", "password changed", "lea")
    ]  # fmt: skip
    code, out, err = run("remove", "lea")
    assert (code, out) == (0, "lea may not sign in any more.\n")
    assert "Nobody is a lead now" in err


def test_roles_are_in_order():
    assert list(ROLES) == ["viewer", "annotator", "lead"]
    assert [role_of(word) for word in ROLES] == sorted(Role)
    with pytest.raises(BadInput, match="viewer, annotator, lead"):
        role_of("boss")
