"""What must hold of an answer: no status of 500, a sentence, nothing changed that should not."""

from __future__ import annotations

import json
import re
from typing import Any

from werkzeug.test import TestResponse

from dashboard.security.requests import CALLBACKS
from dashboard.services.people import Role
from tests.fuzz.asking import Ask
from tests.fuzz.world import LOCAL, Job, World

State = dict[str, tuple[Any, ...]]

SLUG, NAME, HEAD, POSITION, ARCHIVED, SPEC, CLASSES, GUIDELINES, WARM, NOTE, STREAM = range(11)
# What each wish may write: the kinds of its events, and the parts of the experiment beside them.
_LOGGED = (HEAD, POSITION)
WRITES: dict[str, tuple[frozenset[str], tuple[int, ...]]] = {
    "answer": (frozenset({"label"}), _LOGGED),
    "pass": (frozenset({"pass"}), _LOGGED),
    "next": (frozenset({"scan"}), _LOGGED),
    "undo": (frozenset({"undo", "retract"}), _LOGGED),  # the latter where others answered since
    "mark": (frozenset({"mark"}), _LOGGED),
    "correct": (frozenset({"relabel", "retract"}), _LOGGED),
    "class": (frozenset({"change", "scan"}), (*_LOGGED, SPEC, CLASSES)),
    "strategy": (frozenset({"change", "scan"}), (*_LOGGED, SPEC)),
    "spot-check": (frozenset({"check"}), _LOGGED),
    "take-back": (frozenset({"check"}), _LOGGED),
    "guidelines": (frozenset(), (GUIDELINES,)),
    "rename": (frozenset(), (NAME,)),
    "reset": (frozenset(), (SLUG, ARCHIVED)),
    "archive": (frozenset(), (SLUG, ARCHIVED)),
    "reopen": (frozenset(), (SLUG, ARCHIVED)),
    "delete": (frozenset(), ()),
}
# Where somebody else was first, those who sign in get a query of their own, scanned for if need be.
_GOES_ON = ("answer", "pass")
_ANNOTATOR = ("answer", "pass", "next", "undo", "mark", "correct")
_DOORS = {
    "label-reply": ("answer", "pass", "next", "undo", "mark", "class", "strategy", "guidelines",
                    "reset"),
    "..log-story": ("correct",),
    "..spots-said": ("spot-check", "take-back"),
    "..experiments-list.children...experiments-notice": ("rename", "reset", "archive", "reopen",
                                                         "delete"),
}  # fmt: skip
_BY_EXPERIMENT = ("..log-story", "..spots-said")  # and not by `slug`
_CREATES = ".._pages_location.href...experiments-create"
_ENDS = re.compile(r"[.!?…][\"'”)]*$")
_BROKEN = ("Traceback (most recent call last)", "site-packages", "werkzeug.debug")


def is_sentence(text: str) -> bool:
    """Whether a person can read it.

    Examples
    --------
    >>> is_sentence("<h1>Gone</h1><p>It is not here any more.</p>"), is_sentence("KeyError: 'x'")
    (True, False)

    """
    parts = re.split(r"<[^>]*>", text) if text.lstrip().startswith("<") else [text]
    return any(" " in part.strip() and _ENDS.search(part.strip()) for part in parts)


def wish_of(ask: Ask) -> tuple[str, dict[str, Any]]:
    """Callback and wish of a request; empty where it is none."""
    if ask.path != CALLBACKS or ask.method != "POST":
        return "", {}
    try:
        body = json.loads(ask.body)
        value = body["inputs"][0]["value"]
        output = body["output"]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return "", {}
    return str(output), value if isinstance(value, dict) else {}


def answered(ask: Ask, answer: TestResponse, text: str) -> list[str]:
    """What is wrong with an answer."""
    status = answer.status_code
    found = [f"status {status}"] if status >= 500 else []
    found += [f"the body holds {mark!r}" for mark in _BROKEN if mark in text]
    if 400 <= status < 500 and ask.method != "HEAD" and not is_sentence(_error_of(text)):
        found.append(f"no sentence with status {status}: {text[:200]!r}")
    if status == 200 and ask.path == CALLBACKS and ask.method == "POST":
        found += _replied(text)
    if not ask.wrong and status >= 400 and ask.who == LOCAL and "uploads/" not in ask.path:
        found += _refused(ask, status, text)
    return found


def _error_of(text: str) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, TypeError, KeyError):
        return text


def _refused(ask: Ask, status: int, text: str) -> list[str]:
    """Callbacks never refuse what a page sends; an address may name what is gone."""
    if not ask.door.startswith("callback"):
        return []
    return [f"a right request got status {status}: {text[:200]!r}"]


def _strict(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _replied(text: str) -> list[str]:
    """A browser has to be able to read what a callback answers."""
    try:
        reply = json.loads(text, parse_constant=_strict)
    except ValueError as error:
        return [f"no browser reads this: {error}: {text[:200]!r}"]
    if not isinstance(reply, dict):
        return [f"no reply: {text[:200]!r}"]
    said: list[str] = []
    trouble = (reply.get("sideUpdate") or {}).get("frame-trouble", {}).get("data") or {}
    said.append(trouble.get("sentence", ""))
    view = ((reply.get("response") or {}).get("label-reply") or {}).get("data") or {}
    said += [view.get("notice", ""), view.get("trouble", "")]
    return [f"no sentence: {words!r}" for words in said if words and not is_sentence(words)]


def changed(world: World, ask: Ask, answer: TestResponse, before: State, after: State) -> list[str]:
    """What an answered request changed, and should not have."""
    if before == after:
        return []
    output, wish = wish_of(ask)
    role = world.role(ask.who)
    do = str(wish.get("do"))
    slug = str(
        wish.get("slug") if not output.startswith(_BY_EXPERIMENT) else wish.get("experiment")
    )
    door = next((verbs for start, verbs in _DOORS.items() if output.startswith(start)), ())
    may = answer.status_code == 200 and role is not None and role >= Role.ANNOTATOR
    if role is Role.ANNOTATOR and do not in _ANNOTATOR:
        may = False
    if not may:
        return [f"{ask.who} changed something with {do!r}: {_between(before, after)}"]
    if output.startswith(_CREATES):
        return _only_new(before, after)
    if do not in door:
        return [f"{output} changed something with {do!r}: {_between(before, after)}"]
    return _as_wished(world, wish, do, slug, ask.who, before, after)


def _between(before: State, after: State) -> list[Any]:
    return [(uid, before.get(uid), after.get(uid)) for uid in before.keys() | after.keys()
            if before.get(uid) != after.get(uid)]  # fmt: skip


def _only_new(before: State, after: State) -> list[str]:
    old = {uid: values for uid, values in after.items() if uid in before}
    return [] if old == before else [f"creating changed others: {_between(before, old)}"]


def _as_wished(
    world: World, wish: dict[str, Any], do: str, slug: str, who: str, before: State, after: State
) -> list[str]:
    kinds, parts = WRITES[do]
    if do in _GOES_ON and who != LOCAL:
        kinds |= {"scan"}
    found = []
    for uid, old, new in _between(before, after):
        if old is None:
            if do != "reset" or new[SLUG] != slug:
                found.append(f"{do} made {new}")
            continue
        if old[SLUG] != slug and uid != slug:
            found.append(f"{do} of {slug!r} changed {old} to {new}")
        elif new is None:
            if do != "delete" or wish.get("name") != old[NAME]:
                found.append(f"{do} deleted {old}")
        else:
            other = [i for i, (a, b) in enumerate(zip(old, new, strict=True))
                     if i not in parts and not _same(i, a, b)]  # fmt: skip
            if other:
                found.append(f"{do} changed parts {other}: {old} to {new}")
            found += _events(world.events(uid, old[HEAD]), wish, do, kinds, who)
    return found


def _same(part: int, old: Any, new: Any) -> bool:
    """Whether a part says the same; JSON may be spelled in several ways."""
    return bool(old == new or (part in (SPEC, CLASSES) and json.loads(old) == json.loads(new)))


def _events(
    made: list[dict[str, Any]], wish: dict[str, Any], do: str, kinds: frozenset[str], who: str
) -> list[str]:
    """New events that do not say what was wished."""
    found = [f"{do} wrote {e['kind']}" for e in made if e["kind"] not in kinds]
    for event in made:
        if event["kind"] == "scan":
            continue
        if event["annotator"] != who or event["key"] != _key_of(wish, event["kind"]):
            found.append(f"{do} of {who} wrote {event}")
        if do in ("answer", "pass", "mark", "correct") and event["position"] != wish["position"]:
            found.append(f"{do} at {wish['position']} wrote {event}")
        if do in ("answer", "correct") and event["label"] != wish.get("label"):
            found.append(f"{do} with {wish.get('label')} wrote {event}")
    steps = [e for e in made if e["kind"] != "scan"]
    return found if len(steps) <= 1 else [*found, f"{do} wrote {len(steps)} events"]


def _key_of(wish: dict[str, Any], kind: str) -> Any:
    """The key of a request, which a spot-check has from the nonce; none where that says nothing."""
    if kind != "check":
        return wish.get("key")
    return str(wish["nonce"])[:100] if wish.get("nonce") else None


def worked(world: World, job: Job, receipt: Any, before: State, after: State) -> list[str]:
    """What is wrong with a job that ran: with its receipt, or with what it changed."""
    found = []
    if isinstance(receipt, dict) and "background_callback_error" in receipt:
        found.append(f"a job failed: {receipt['background_callback_error']['tb']}")
    wish = job.args[0] if isinstance(job.args, list) and job.args else {}
    slug = str(wish.get("slug")) if isinstance(wish, dict) else ""
    for uid, old, new in _between(before, after):
        if old is not None and (new is None or (old[SLUG] != slug and uid != slug)):
            found.append(f"a job for {slug!r} changed {old} to {new}")
    return found
