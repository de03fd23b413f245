"""What each route and each callback needs. Whatever is not named here is for leads alone.

The test of the rules tries all there are, so what is new is closed until somebody opens it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dash.dependencies import Output

from dashboard.services.people import Role

# Programs, styles and the way in: nothing of what people label.
PUBLIC = frozenset(
    {
        "/healthz",
        "/sign-in",
        "/assets/<path:filename>",
        "/vendor/bootstrap.min.css",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    }
)

ROUTES: Mapping[str, Role] = {
    "/": Role.VIEWER,  # the frame; the pages in it have needs of their own
    "/<path:path>": Role.VIEWER,
    "/sign-out": Role.VIEWER,
    "/_dash-layout": Role.VIEWER,
    "/_dash-dependencies": Role.VIEWER,
    "/_dash-update-component": Role.VIEWER,  # and what the callback needs
    "/_reload-hash": Role.VIEWER,
    "/_favicon.ico": Role.VIEWER,
    "/experiments/<slug>/charts/<chart>.csv": Role.VIEWER,
    "/experiments/<slug>/<what>.<fmt>": Role.ANNOTATOR,
}
# Routes that hand out texts and labels, or take files in: told in the audit log.
TOLD = ("/experiments/<slug>/<what>.", "/experiments/<slug>/dataset.", "/experiments/<slug>/model.",
        "/experiments/<slug>/experiment.", "/uploads")  # fmt: skip


class Rule(NamedTuple):
    """What a callback needs.

    Parameters
    ----------
    role
        Who may call it.
    wishes
        Where its first input is a wish: those that the role may make, beside none at all. Others
        are for leads.
    field
        What of a wish says what it is, to the callback as well as here.

    """

    role: Role
    wishes: tuple[str, ...] | None = None
    field: str = "do"


_LABELING = ("answer", "pass", "undo", "mark", "stop", "look", "next", "guide", "rate", "why")

# By how the ids of its outputs begin; where there are several, the strictest counts.
CALLBACKS: Mapping[str, Rule] = {
    "_pages_": Rule(Role.VIEWER),
    "accuracy-target-": Rule(Role.LEAD),
    "accuracy-": Rule(Role.VIEWER),
    "queries-": Rule(Role.VIEWER),
    "entropy-": Rule(Role.VIEWER),
    "experiments-list": Rule(Role.VIEWER),
    "experiments-seen": Rule(Role.VIEWER),
    "label-reply": Rule(Role.ANNOTATOR, _LABELING),
    "log-": Rule(Role.ANNOTATOR),
    "skipped-": Rule(Role.ANNOTATOR),
    "spots-": Rule(Role.LEAD),
    # Dash calls it when its page is opened, without a wish: it has an output in the frame.
    "experiments-create-trouble": Rule(Role.VIEWER, ()),
    "frame-job-receipt": Rule(Role.ANNOTATOR, ("first-start", "warm-start", "scan"), field="kind"),
}
_CLOSED = Rule(Role.LEAD)

# Wishes that only look, or whose answer is in the label log with who gave it.
_QUIET = (*_LABELING, "correct", "warm-start", "scan")


def need(outputs: Output | list[Output], body: Mapping[str, Any]) -> Role:
    """Who may send a request to a callback.

    Parameters
    ----------
    outputs
        Of the callback.
    body
        Of the request, whose inputs are those of the callback, in order.

    """
    every = outputs if isinstance(outputs, list | tuple) else [outputs]
    rules = [_rule(str(output.component_id)) for output in every]
    wish = wish_of(body)
    return max((_of(rule, wish) for rule in rules), default=Role.LEAD)


def _of(rule: Rule, wish: Mapping[str, Any]) -> Role:
    if rule.wishes is None or not wish or wish.get(rule.field) in rule.wishes:
        return rule.role
    return Role.LEAD


def _rule(component: str) -> Rule:
    return next((rule for start, rule in CALLBACKS.items() if component.startswith(start)), _CLOSED)


def wish_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the first input of a request wishes for; empty where that is nothing."""
    inputs = body.get("inputs") or [{}]
    value = inputs[0].get("value")
    return value if isinstance(value, dict) else {} if value is None else {"do": "?"}


def _word(wish: Mapping[str, Any]) -> str:
    return str(wish.get("do") or wish.get("kind") or "")


def deed_of(role: Role, body: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the audit log should say of a request to a callback; None where that is nothing.

    Parameters
    ----------
    role
        What it needs.
    body
        Of the request.

    """
    wish = wish_of(body)
    if role < Role.ANNOTATOR or not wish or _word(wish) in _QUIET:
        return None
    if _word(wish) in ("", "?") and role < Role.LEAD:
        return None  # a table's wish for rows, or a figure's look at the log
    names = ("slug", "experiment", "name", "stream", "count")
    about = {name: wish[name] for name in names if isinstance(wish.get(name), str | int)}
    return {"deed": _word(wish) or str(body.get("output")).strip("."), **about}
