"""What the scripts of the pages put into their stores, and the words that addresses are made of."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from dashboard.services.tables import CHARTS
from dashboard.storage import log
from dashboard.storage.filters import FIELDS
from tests.fuzz.values import hostile_text
from tests.fuzz.world import World, open_at

Wish = Callable[[random.Random, World, str, str], Any]

VERBS = ("answer", "next", "pass", "undo", "mark", "stop", "look", "guide", "rate", "why",
         "guidelines", "class", "strategy", "reset", "rename", "archive", "reopen", "delete",
         "stop-rest", "correct", "scan", "oracle", "dataset")  # fmt: skip
_OTHER = {"texts": "ant", "rows": "yes", "odd-unicode-i": 'größe "1"', "done": "ant", "new": "bee"}


def _key(rng: random.Random) -> str:
    # Now and then one that was used before: a repeated request.
    return f"key-{rng.randrange(300) if rng.random() < 0.1 else rng.getrandbits(64)}".ljust(8, "0")


def _exists(world: World, slug: str) -> bool:
    return any(values[0] == slug for values in world.state().values())


def _answered(world: World, slug: str) -> list[int]:
    services = world.services
    if not _exists(world, slug):
        return []
    with services.database.read() as connection:
        found = log.answers_in_force(connection, services.experiments.find(slug).id)
    return [position for _, position, _, _ in found]


def label(rng: random.Random, world: World, slug: str, _upload: str) -> dict[str, Any]:
    """A wish of the label page."""
    do = rng.choice((*VERBS[:14], "answer", "answer", "answer", "pass", "undo"))
    if do == "reset" and rng.random() < 0.9:
        do = "look"  # or nothing would last
    position = open_at(world.services, slug) if _exists(world, slug) else 0
    if do == "mark":
        position = rng.choice(_answered(world, slug) or [0])
    made = {"n": rng.randrange(99), "slug": slug, "do": do, "names": None}
    more: dict[str, dict[str, Any]] = {
        "answer": {"position": position, "label": rng.randrange(2), "key": _key(rng),
                   "milliseconds": rng.randrange(9_000)},
        "pass": {"position": position, "key": _key(rng), "milliseconds": 700},
        "undo": {"target": None, "key": _key(rng)},
        "look": {"waits": rng.random() < 0.5},
        "mark": {"position": position, "flag": rng.random() < 0.5,
                 "note": rng.choice((None, "a note", hostile_text(rng))), "key": _key(rng)},
        "why": {"seq": rng.randrange(1, 40)},
        "guidelines": {"text": rng.choice(("What is it about?", hostile_text(rng)))},
        "class": {"name": rng.choice(("dog", hostile_text(rng)[:60])), "key": _key(rng),
                  "index": rng.choice((None, 0, 1)), "guideline": "what flies"},
        "strategy": {"choice": rng.choice(("one-in", "labels", "discount", "open")),
                     "every": "9", "labels": "50", "discount": "30", "key": _key(rng)},
        "rate": {"choice": rng.choice(("", "one-in", "labels", "discount", "open")),
                 "every": "20", "labels": "40", "discount": "9"},
    }  # fmt: skip
    return {**made, **more.get(do, {})}


def story(rng: random.Random, world: World, slug: str, _upload: str) -> dict[str, Any]:
    """A wish of the log page for one sample."""
    answered = _answered(world, slug) or [0]
    made = {"do": rng.choice(("look", "correct")), "experiment": slug, "nonce": "n",
            "position": rng.choice(answered)}  # fmt: skip
    if made["do"] == "correct":
        made.update(label=rng.choice((None, 0, 1)), key=_key(rng))
    return made


def grid(rng: random.Random, _world: World, _slug: str, _upload: str) -> dict[str, Any]:
    """What the table asks for."""
    first = rng.choice((0, 0, 100))
    columns = ("position", "entropy", "label", "labeled_at", "reason", "at", "seconds", "source")
    model = [{"colId": rng.choice(columns), "sort": rng.choice(("asc", "desc"))}]
    return {"startRow": first, "endRow": first + 100, "sortModel": rng.choice(([], model)),
            "filterModel": {}, "context": None}  # fmt: skip


def shown(rng: random.Random, _world: World, slug: str, _upload: str) -> dict[str, Any]:
    """What the table is of."""
    params = {
        name: parameter(rng, name) for name in rng.sample(sorted(FIELDS), rng.choice((0, 1, 2)))
    }
    table = rng.choice(("labels", "predictions", "skipped"))
    if table == "labels" and rng.random() < 0.2:
        params["suspected"] = "true"
    return {"experiment": slug, "table": table, "params": params}


def act(rng: random.Random, _world: World, slug: str, _upload: str) -> dict[str, Any]:
    """A wish of the experiments page."""
    do = rng.choice(("rename", "stop-rest", "rename", "reset", "archive", "reopen", "delete"))
    if do in ("reset", "archive", "delete") and rng.random() < 0.7:
        do = "reopen"
    name = {"texts": "Texts", "rows": "Rows", "done": "Done", "new": "New"}.get(slug, slug)
    new = rng.choice((name, hostile_text(rng)[:90])) if do == "rename" else name
    return {"do": do, "slug": slug, "name": new, "here": rng.choice(("", slug, "texts"))}


def create(rng: random.Random, _world: World, _slug: str, _upload: str) -> dict[str, Any]:
    """A new experiment. Not over the stream that would have to be downloaded."""
    return {"name": rng.choice((f"Fresh {rng.randrange(9)}", hostile_text(rng)[:90])),
            "stream": rng.choice(("texts", "rows", "odd", "short", "phishing")),
            "preset": rng.choice(("recommended", "blog", "river-docs", "")),
            "seed": rng.choice(("42", "7", "")), "warm_start": rng.choice(("0", "5", "")),
            "discount": rng.choice(("", "30")), "floor": rng.choice(("", "0.05", "0"))}  # fmt: skip


def job(rng: random.Random, _world: World, slug: str, _upload: str) -> dict[str, Any]:
    """A wish for background work."""
    kind = rng.choice(("scan", "oracle", "warm-start", "scan", "oracle"))
    return {
        "kind": kind,
        "slug": slug,
        "nonce": f"n{rng.getrandbits(40)}",
        "count": rng.choice((None, 3)),
    }


def rest(rng: random.Random, _world: World, slug: str, _upload: str) -> dict[str, Any]:
    """A wish for the labeled data set."""
    return {"slug": slug, "nonce": f"n{rng.getrandbits(40)}"}


def upload(_rng: random.Random, _world: World, _slug: str, sent: str) -> dict[str, Any]:
    """A file that was sent."""
    return {"upload": sent, "nonce": sent}


def typed(rng: random.Random, _world: World, _slug: str, sent: str) -> dict[str, Any]:
    """The form of the import page."""
    return {"upload": sent, "nonce": f"n{rng.getrandbits(40)}", "name": f"Sent {rng.randrange(9)}",
            "sample": rng.choice(("column:text", "row")), "fields": ["text", "size"], "id": "",
            "label": rng.choice(("label", "")), "missing": rng.choice(("keep", "skip", "refuse")),
            "bad": rng.choice(("", "skip")), "classes": rng.choice(("ham\nspam", "")),
            "preset": "recommended", "rate": rng.choice(("", "20")), "warm_start": "0",
            "append": "", "kind": rng.choice(("", "csv", "text")), "encoding": "",
            "delimiter": rng.choice(("", ",", "tab")), "header": rng.choice(("", "yes", "no")),
            "sheet": ""}  # fmt: skip


def target(rng: random.Random, _world: World, slug: str, _upload: str) -> dict[str, Any]:
    """What is to be reached."""
    return {"do": "target", "slug": slug, "accuracy": rng.choice(("95", "")), "within": "2"}


def spots(rng: random.Random, _world: World, slug: str, _upload: str) -> dict[str, Any]:
    """Spot-checks of what was skipped."""
    do = rng.choice(("spot-check", "take-back"))
    return {"do": do, "experiment": slug, "n": rng.choice(("3", "20")), "predicted": "",
            "nonce": _key(rng)}  # fmt: skip


def number(rng: random.Random, _world: World, _slug: str, _upload: str) -> str:
    """How many spot-checks are typed."""
    return rng.choice(("20", "3", ""))


def said(_rng: random.Random, _world: World, _slug: str, _upload: str) -> str:
    """A line that a callback wrote."""
    return "The target is 95 %."


def theme(rng: random.Random, _world: World, _slug: str, _upload: str) -> str:
    """Light or dark."""
    return rng.choice(("light", "dark"))


def path(rng: random.Random, _world: World, _slug: str, _upload: str) -> str:
    """The address of a page."""
    return rng.choice(PAGES)


def search(rng: random.Random, _world: World, slug: str, _upload: str) -> str:
    """What stands behind it."""
    pairs = [("experiment", slug)]
    pairs += [(name, parameter(rng, name)) for name in rng.sample(PARAMETERS, rng.randrange(4))]
    return "?" + "&".join(f"{name}={value}" for name, value in pairs)


PAGES = ("/", "/accuracy", "/queries", "/entropy", "/quality", "/skipped", "/log", "/experiments",
         "/import", "/nowhere")  # fmt: skip
WISHES: dict[str, Wish] = {
    "label-outbox.data": label,
    "log-wish.data": story,
    "log-grid.getRowsRequest": grid,
    "log-shown.data": shown,
    "experiments-wish.data": act,
    "experiments-create-wish.data": create,
    "frame-job-request.data": job,
    "frame-rest-request.data": rest,
    "import-upload.data": upload,
    "import-read.data": typed,
    "import-ask.data": typed,
    "import-go.data": typed,
    "frame-theme-name.data": theme,
    "accuracy-target-wish.data": target,
    "spots-wish.data": spots,
    "skipped-number.value": number,
    "accuracy-target-said.children": said,
    "accuracy-advice-shown.data": said,
    "_pages_location.pathname": path,
    "_pages_location.search": search,
}

PARAMETERS = (
    "experiment", "table", "sort", "suspected", "by", "curves", "window", "per", "bars", "counts",
    "span", "range", "ask", "matrix", "stretch", "raw", "history", "head", "name", "next", "v", "m",
    *FIELDS,
)  # fmt: skip
_KNOWN: dict[str, tuple[str, ...]] = {
    "experiment": tuple(_OTHER), "table": ("labels", "predictions"),
    "sort": ("-entropy", "position"),
    "suspected": ("true",), "by": ("labels", "samples"), "curves": ("f1,overall", "none", "naive"),
    "window": ("100", "2000"), "per": ("day",), "bars": ("beside",), "counts": ("log",),
    "span": ("500", "range", "all"), "range": ("5,50", "0,0"), "ask": ("-1", "0.5"),
    "matrix": ("truth",), "stretch": ("long",), "raw": ("1",), "history": ("1",),
    "head": ("3", "9999"), "label": ("ant", "none"), "predicted": ("bee",), "truth": ("ant",),
    "asked": ("true", "false"), "correct": ("true", "false"), "reason": ("entropy", "cold-start"),
    "source": ("oracle", "person"), "q": ("w1", "日"), "v": ("1",), "m": ("1",),
}  # fmt: skip


def parameter(rng: random.Random, name: str) -> str:
    """A value that a parameter may have."""
    return rng.choice(_KNOWN.get(name, ("0.5", "3", "0")))


def words(name: str, world: World) -> tuple[str, ...]:
    """What stands for a part of a route; nothing for a part that nobody knows yet."""
    known: dict[str, tuple[str, ...]] = {
        "slug": tuple(_OTHER),
        "what": ("labels", "predictions"),
        "fmt": ("csv", "jsonl", "parquet"),
        "chart": tuple(CHARTS),
        "filename": ("sluice.css", "base.js", "pages/log.css", "favicon.svg"),
        "path": tuple(page[1:] for page in PAGES[1:]),
        "upload_id": tuple(world.uploads[-3:]) or ("x",),
        "package_name": ("dash", "dash_ag_grid", "plotly"),
        "fingerprinted_path": ("deps/react@18.min.js", "dash_ag_grid.min.js", "dcc/async-graph.js"),
    }
    return known.get(name, ())
