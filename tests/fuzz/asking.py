"""Requests: right ones, as the app itself says they look, and the same made wrong."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import dash
from flask import g

from dashboard.security.requests import CALLBACKS
from dashboard.services.people import LOCAL
from dashboard.services.tables import CHARTS
from dashboard.storage.filters import FIELDS
from tests.fuzz import wishes
from tests.fuzz.values import as_json, hostile, hostile_text, mutate, spoil
from tests.fuzz.world import PASSWORD, World

SLUGS = ("texts", "rows", "odd-unicode-i", "done", "new")
_WRITERS = ("label-reply", "..log-story")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO")
_TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", "",
          "multipart/form-data; boundary=x", "application/json; charset=utf-16", "text/html",
          "application/octet-stream", "application/json; charset=x", "x/y")  # fmt: skip
_HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Host", ("evil.example", "localhost:1", "[::1", "", "127.0.0.1:99999", "x@y", "a" * 300)),
    ("Origin", ("http://evil.example", "null", "http://localhost", "http://[evil", "é")),
    ("Sec-Fetch-Site", ("cross-site", "same-origin", "none", "", "x" * 500)),
    ("Accept", ("text/html", "*/*", "application/json;q=2", ";;;", "")),
    ("Accept-Encoding", ("gzip", "br", "zstd", "gzip;q=nan", "*;q=0", "identity;q=0", "x, ,;")),
    ("Accept-Language", ("de", "\udcff", "*;q=9e9")),
    ("Range", ("bytes=0-1", "bytes=-0", "bytes=9-1", "lines=1", "bytes=" + "0-1," * 200)),
    ("If-None-Match", ('"x"', "*", "W/", '"' * 9)),
    ("If-Modified-Since", ("Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", "9" * 40)),
    ("Cookie", ("session=x", "sluice-8050=.eJx", "a=b; " * 200, "=;=;", "sluice-8050=\udcff")),
    ("X-Forwarded-For", ("1.2.3.4", "::1, x", "\udcff")),
    ("X-Forwarded-Host", ("evil.example",)),
    ("X-HTTP-Method-Override", ("DELETE",)),
    ("Content-Encoding", ("gzip", "br")),
    ("Content-Length", ("abc", "-1", "0", "99999999999", "5")),
    ("Transfer-Encoding", ("chunked", "x")),
    ("Referer", ("http://evil.example/", "\udcff")),
)  # fmt: skip


@dataclass
class Ask:
    """A request.

    Parameters
    ----------
    door
        The route or callback that it is made for.
    who
        Who asks.
    wrong
        Whether something was made wrong on purpose; what is right has to be answered.
    wishes
        What it says to the callback, by input; empty where it says nothing that can be read.

    """

    door: str
    method: str
    path: str
    who: str
    query: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    content_type: str = ""
    wrong: bool = False

    def told(self) -> str:
        """The request as it can be sent again."""
        body = self.body[:2_000]
        shown = body.decode("ascii", "replace")
        if not shown.isascii():
            shown = "base64:" + base64.b64encode(body).decode()
        about = {"who": self.who, "method": self.method, "path": self.path[:500],
                 "query": self.query[:500], "headers": self.headers, "type": self.content_type,
                 "bytes": len(self.body), "body": shown}  # fmt: skip
        return json.dumps(about)


class Asking:
    """Makes requests to one app.

    Parameters
    ----------
    world
        The app; its routes and callbacks are looked up in it.
    rng
        Where chance comes from.
    readers
        How often a process may be started to read a file that was sent; whoever sends the
        requests counts them.

    """

    def __init__(self, world: World, rng: random.Random, *, readers: int):
        self.world, self.rng, self.readers = world, rng, readers
        self.callbacks = {
            output: known for output, known in world.app.callback_map.items() if "callback" in known
        }
        # Half of a page's requests look; those that write are asked for more often.
        writers = [output for output in self.callbacks if output.startswith(_WRITERS)]
        self.choices = [*self.callbacks, *writers * 3]
        self.routes = list(world.app.server.url_map.iter_rules())

    # What is asked -------------------------------------------------------------------------

    def next(self) -> Ask:
        """One more request."""
        rng = self.rng
        who = rng.choice(self.world.names)
        u = rng.random()
        if u < 0.68:
            ask = self._callback(rng.choice(self.choices), who)
        elif u < 0.72:
            ask = self._upload(who)
        else:
            rule = rng.choice(self.routes)
            ask = self._route(rule, who)
        if rng.random() < 0.12:
            self._frame(ask)
        return ask

    def _times(self) -> int:
        """How much is made wrong: nothing in a quarter of the cases."""
        return self.rng.choice((0, 0, 1, 1, 1, 1, 2, 3))

    # Callbacks -----------------------------------------------------------------------------

    def _callback(self, output: str, who: str) -> Ask:
        rng = self.rng
        values = self.right(output)
        times = self._times()
        wrong = mutate(rng, values, times=times, pool=self._pool()) if times else values
        if not isinstance(wrong, list) or len(wrong) != len(values):
            wrong = [hostile(rng) for _ in values]
        body: Any = self.body(output, wrong)
        ask = Ask(f"callback {output}", "POST", CALLBACKS, who, content_type="application/json")
        if rng.random() < 0.08:
            body = mutate(rng, body, times=rng.randint(1, 3), pool=self._pool())
            times = 1
        ask.body = as_json(body)
        if rng.random() < 0.04:
            ask.body, times = spoil(rng, ask.body), 1
        if rng.random() < 0.1:
            ask.query = self._job_query()
        ask.wrong = bool(times)
        return ask

    def right(self, output: str) -> list[Any]:
        """Values of a callback's inputs and states as a page would send them."""
        known = self.callbacks[output]
        props = [f"{one['id']}.{one['property']}" for one in (*known["inputs"], *known["state"])]
        slug = self.rng.choice(SLUGS)
        return [self._value(prop, slug) for prop in props]

    def _value(self, prop: str, slug: str) -> Any:
        if prop in wishes.WISHES:
            return wishes.WISHES[prop](self.rng, self.world, slug, self._upload_id())
        if found := self._laid_out(slug).get(prop):
            return self.rng.choice(found)
        return 1 if prop.endswith(("n_intervals", "n_clicks")) else None

    def _laid_out(self, slug: str) -> dict[str, list[Any]]:
        """Every property that the pages of an experiment give to their components."""
        pages = self.world.pages
        if slug not in pages:
            found: dict[str, list[Any]] = {}
            with self.world.app.server.test_request_context(f"/?experiment={slug}"):
                g.person = LOCAL
                for page in dash.page_registry.values():
                    made = page["layout"](experiment=slug)
                    _gather(json.loads(_json(made)), found)
            pages[slug] = found
        return pages[slug]

    def body(self, output: str, values: list[Any]) -> dict[str, Any]:
        """The body of a callback's request as Dash's renderer writes it."""
        known = self.callbacks[output]
        many = isinstance(known["output"], list | tuple)
        outputs = known["output"] if many else [known["output"]]
        named = [{"id": o.component_id, "property": o.component_property} for o in outputs]
        inputs = [{**one, "value": v} for one, v in zip(known["inputs"], values, strict=False)]
        states = [{**one, "value": v} for one, v in
                  zip(known["state"], values[len(known["inputs"]):], strict=True)]  # fmt: skip
        trigger = self.rng.choice(known["inputs"])
        made = {
            "output": output,
            "outputs": named if many else named[0],
            "inputs": inputs,
            "changedPropIds": [f"{trigger['id']}.{trigger['property']}"],
            "parsedChangedPropsIds": [f"{trigger['id']}.{trigger['property']}"],
        }
        return {**made, "state": states} if states else made

    def _job_query(self) -> str:
        """Handles of background callbacks: those of others, forged ones, none."""
        rng = self.rng
        key, job = rng.choice(self.world.handles) if self.world.handles else ("x", "1")
        forged: tuple[Callable[[], str], ...] = (
            lambda: key, lambda: job, lambda: job[:-1], lambda: f"{rng.randrange(1, 70_000)}",
            lambda: "1:0.0", lambda: f"{job}x", lambda: hostile_text(rng),
        )  # fmt: skip
        names = ("cacheKey", "job", "oldJob", "cancelJob", "endId", "cacheKey", "job")
        pairs = [(rng.choice(names), rng.choice(forged)()) for _ in range(rng.randint(1, 4))]
        if rng.random() < 0.3:
            pairs = [("cacheKey", key), ("job", job)]
        return _query(pairs)

    # Routes --------------------------------------------------------------------------------

    def _route(self, rule: Any, who: str) -> Ask:
        rng = self.rng
        wrong = rng.random() < 0.6
        path = re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", lambda m: self._word(m[1], wrong), rule.rule)
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        method = rng.choice(_METHODS) if rng.random() < 0.08 else rng.choice(methods)
        ask = Ask(f"route {rule.rule}", method, path, who, wrong=wrong)
        if rule.rule == CALLBACKS:
            ask.body, ask.content_type = as_json(hostile(rng)), "application/json"
        elif rule.rule == "/sign-in" and method == "POST":
            self._sign_in(ask)
        if rng.random() < 0.6:
            ask.query = self._words()
        return ask

    def _word(self, name: str, wrong: bool) -> str:
        rng = self.rng
        if not wrong or rng.random() < 0.6:
            found = wishes.words(name, self.world)
            text = rng.choice(found) if found else "x"
        else:
            text = hostile_text(rng)[:2_000]
        u = rng.random()
        if not wrong or u < 0.7:
            return urllib.parse.quote(text.encode("utf-8", "surrogatepass"), safe="/")
        return "%ff%00" if u < 0.75 else re.sub(r"[?#\s\0]", "", text)

    def _words(self) -> str:
        """A query string of parameters that pages and downloads have."""
        rng = self.rng
        pairs = []
        for _ in range(rng.choice((1, 1, 2, 3, 8))):
            name = rng.choice(wishes.PARAMETERS)
            known = wishes.parameter(rng, name)
            pairs.append((name, known if rng.random() < 0.5 else hostile_text(rng)))
        if rng.random() < 0.1:
            pairs += pairs[:1]
        return _query(pairs) if rng.random() < 0.95 else "&=%&%ff=%zz&;" + "a" * 500

    def _sign_in(self, ask: Ask) -> None:
        rng = self.rng
        form = {"name": rng.choice(("lea", "nobody", hostile_text(rng))),
                "password": rng.choice((PASSWORD, "wrong", hostile_text(rng))),
                "next": rng.choice(("/log", "//evil.example", hostile_text(rng)))}  # fmt: skip
        ask.body = _query(list(form.items())).encode()
        ask.content_type = "application/x-www-form-urlencoded"

    # Files ---------------------------------------------------------------------------------

    def _upload(self, who: str) -> Ask:
        rng = self.rng
        name, body = rng.choice(FILES)
        wrong = rng.random() < 0.6
        if wrong:
            name = hostile_text(rng)[:3_000] if rng.random() < 0.5 else name
            body = spoil(rng, body) if rng.random() < 0.6 else body
        ask = Ask("route /uploads", "POST", "/uploads", who, body=body, wrong=wrong)
        ask.query = _query([("name", name)])
        ask.content_type = rng.choice(("application/octet-stream", "text/csv", ""))
        return ask

    def _upload_id(self) -> str:
        if self.readers > 0 and self.world.uploads and self.rng.random() < 0.5:
            return self.rng.choice(self.world.uploads)
        return "01ARZ3NDEKTSV4RRFFQ69G5FAV"

    # Around it -----------------------------------------------------------------------------

    def _frame(self, ask: Ask) -> None:
        """Wrong headers, types and methods."""
        rng = self.rng
        ask.wrong = True
        for _ in range(rng.choice((1, 1, 2, 3))):
            name, choices = rng.choice(_HEADERS)
            value = rng.choice(choices)
            ask.headers.append((name, value.encode("utf-8", "replace").decode("latin-1")))
        if rng.random() < 0.2:
            ask.content_type = rng.choice(_TYPES)
        if rng.random() < 0.1:
            ask.method = rng.choice(_METHODS)
        if rng.random() < 0.05:
            ask.path = "/" + ask.path.replace("/", "//").upper()

    def _pool(self) -> tuple[str, ...]:
        return (*SLUGS, "old", *wishes.VERBS, *FIELDS, *CHARTS)


def _query(pairs: list[tuple[str, str]]) -> str:
    quote = urllib.parse.quote_plus
    return "&".join(f"{k}={quote(v.encode('utf-8', 'surrogatepass'))}" for k, v in pairs)


def _json(layout: Any) -> str:
    text = dash._utils.to_json(layout)
    return text if text is not None else "null"


def _gather(tree: Any, found: dict[str, list[Any]]) -> None:
    if isinstance(tree, dict):
        props = tree.get("props")
        if isinstance(props, dict) and isinstance(props.get("id"), str):
            for name, value in props.items():
                if name not in ("id", "children", "className"):
                    found.setdefault(f"{props['id']}.{name}", []).append(value)
        for value in tree.values():
            _gather(value, found)
    elif isinstance(tree, list):
        for value in tree:
            _gather(value, found)


def _parquet() -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pa.table({"text": ["a b", "c d"], "label": ["x", "y"]}), file)
    return file.getvalue()


def _xlsx() -> bytes:
    import openpyxl

    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (("text", "label"), ("a b", "x"), ("c d", "y")):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


_CSV = b'text,label,size\nfree prize,spam,1\nsee you,ham,2\n"a, ""b""",spam,3\n'
FILES: tuple[tuple[str, bytes], ...] = (
    ("comments.csv", _CSV),
    ("größe 日本.csv", _CSV.replace(b",", b";")),
    ("rows.jsonl", b'{"text": "a", "label": "x"}\n{"text": "b", "label": "y"}\n'),
    ("rows.csv.gz", gzip.compress(_CSV * 50)),
    ("plain.txt", "one line\nanother line\n日本語\n".encode()),
    ("table.parquet", _parquet()),
    ("table.xlsx", _xlsx()),
    ("nul.csv", b"text,label\na\0b,x\n\xff\xfe,y\n"),
    ("../../etc/passwd", b"a,b\n1,2\n"),
    ("empty.csv", b""),
)
