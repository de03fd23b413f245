"""What the inputs and states of callbacks may hold, as far as that can be said from outside.

Every callback is a door: a browser can send anything as the value of anything. What kind of thing
each of them holds is said here once, so that a callback may rely on getting an object where its
page sends one. What is in the object is for the service it is handed to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]


def _object(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _count(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value is None or (whole and 0 <= value < 2**53)


def _path(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.startswith("/"))


def _theme(value: Any) -> bool:
    return value in (None, "light", "dark")


def _choice(_value: Any) -> bool:
    """What `choices` reads forgives everything."""
    return True


# By property where that says it, else by component.
PROPERTIES: dict[str, Check] = {
    "n_intervals": _count,
    "n_clicks": _count,
    "pathname": _path,
    "search": _text,
    "getRowsRequest": _object,
}
_OBJECTS = (
    "label-outbox", "log-wish", "log-shown", "experiments-wish", "experiments-create-wish",
    "experiments-seen", "frame-job-request", "frame-rest-request", "import-upload", "import-read",
    "import-ask", "import-go", "accuracy-shown", "queries-shown", "entropy-shown", "quality-shown",
    "accuracy-target-wish", "spots-wish",
)  # fmt: skip
_TEXTS = (
    "log-head", "accuracy-slug", "queries-slug", "entropy-slug", "quality-slug",
    "accuracy-target-said", "accuracy-advice-shown", "skipped-number",
)  # fmt: skip
COMPONENTS: dict[str, Check] = {
    **dict.fromkeys(_OBJECTS, _object),
    **dict.fromkeys(_TEXTS, _text),
    "frame-theme-name": _theme,
}
CHOICES = ("accuracy-", "queries-", "entropy-", "quality-")


def check_of(component: str, prop: str) -> Check | None:
    """What a property of a component may hold; None where nobody has said so.

    Examples
    --------
    >>> check = check_of("log-wish", "data")
    >>> check({"do": "look"}), check(None), check("look")
    (True, True, False)

    """
    if prop in PROPERTIES:
        return PROPERTIES[prop]
    if component in COMPONENTS:
        return COMPONENTS[component]
    return _choice if component.startswith(CHOICES) else None


def fits(one: dict[str, Any]) -> bool:
    """Whether an input or state of a request holds what it may.

    Examples
    --------
    >>> fits({"id": "_pages_location", "property": "pathname", "value": "log"})
    False

    """
    check = check_of(str(one.get("id")), str(one.get("property")))
    return check is None or check(one.get("value"))
