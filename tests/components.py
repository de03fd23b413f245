"""What is in a Dash layout, found as a reader would: by words, links and ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def parts(component: Any) -> Iterator[Any]:
    """A component and everything in it."""
    if isinstance(component, (list, tuple)):
        for each in component:
            yield from parts(each)
    elif component is not None:
        yield component
        yield from parts(getattr(component, "children", None))


def by_id(component: Any, id_: str) -> Any:
    """The component of an id."""
    return next(p for p in parts(component) if getattr(p, "id", None) == id_)


def words(component: Any) -> str:
    """All its words, in order."""
    return " ".join(str(p) for p in parts(component) if isinstance(p, (str, int)))


def links(component: Any) -> list[str]:
    """Addresses of its links."""
    return [p.href for p in parts(component) if getattr(p, "href", None)]


def ids(component: Any) -> set[str]:
    """Ids of what has one."""
    return {p.id for p in parts(component) if isinstance(getattr(p, "id", None), str)}
