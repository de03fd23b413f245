"""The experiments page's one door: takes what was typed, checks it, and does it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from dashboard.core.spec import PRESETS, make_spec
from dashboard.errors import BadInput, Conflict
from dashboard.services import datasets
from dashboard.services.container import Services
from dashboard.services.experiments import slug_of
from dashboard.storage.experiments import Experiment

_WHOLE = re.compile(r"\d{1,12}")


class Done(NamedTuple):
    """What came of a wish.

    Parameters
    ----------
    notice
        A sentence for the person.
    slug
        What the experiment is called now; empty where it is gone.

    """

    notice: str
    slug: str


class Manager:
    """Creates, renames, resets, archives, reopens and deletes on behalf of a page.

    Parameters
    ----------
    services
        What does the work.

    """

    def __init__(self, services: Services):
        self.services = services

    def create(self, typed: Mapping[str, Any]) -> Experiment:
        """Create an experiment; its stream is brought in first where it is not here yet.

        Parameters
        ----------
        typed
            `name`, `stream`, `preset`, `seed`, `warm_start`, and, where not empty, `discount` and
            `floor`, all as text.

        Raises
        ------
        BadInput, Conflict
            Before anything is fetched or written.

        """
        experiments = self.services.experiments
        name = _text(typed, "name").strip()
        if not name:
            raise BadInput("The experiment needs a name; type one.")
        slug = slug_of(name)
        if any(slug == e.slug for e in experiments.every()):
            raise Conflict(f"There is an experiment {slug!r} already; choose another name.")
        source = datasets.builtin(_text(typed, "stream"))
        warm_start = _whole(typed, "warm_start", "warm start", otherwise=0)
        spec = make_spec(
            _text(typed, "preset") or PRESETS[0],
            text=source.kind == "text",
            classes=len(source.classes),
            seed=_whole(typed, "seed", "seed", otherwise=42),
            discount_factor=_number(typed, "discount", "discount factor"),
            floor=_number(typed, "floor", "floor"),
        )
        stream = experiments.ensure_stream(source.slug)
        return experiments.create(name, stream=stream, spec=spec, warm_start=warm_start)

    def act(self, wish: Mapping[str, Any]) -> Done:
        """Do something to an experiment.

        Parameters
        ----------
        wish
            `do` is `rename`, `reset`, `archive`, `reopen` or `delete`; `slug` says to which;
            `name` is the new name, and for `delete` the old one, typed again.

        """
        slug, name = _text(wish, "slug"), _text(wish, "name")
        experiments = self.services.experiments
        found = experiments.find(slug)
        what = wish.get("do")
        if what == "rename":
            return Done(f"Renamed to {experiments.rename(slug, name).name}.", slug)
        if what == "reopen":
            reopened = experiments.reopen(slug)
            return Done(f"{reopened.name} is live again.", reopened.slug)
        if what == "delete" and name != found.name:
            raise BadInput(f"To delete it, type its name exactly: {found.name}")
        if what not in ("reset", "archive", "delete"):
            raise BadInput("The page asked for something this server does not know; reload it.")
        self.services.jobs.stop(slug)  # or it would go on labeling what is put aside
        if what == "reset":
            experiments.reset(slug)
            return Done(f"{found.name} starts over. The old log is among the archived ones.", slug)
        if what == "archive":
            archived = experiments.archive(slug)
            return Done(f"{found.name} is archived; nothing of it is lost.", archived.slug)
        experiments.delete(slug)
        return Done(f"{found.name} is deleted.", "")


def _text(typed: Mapping[str, Any], field: str) -> str:
    value = typed.get(field)
    return value if isinstance(value, str) else ""


def _whole(typed: Mapping[str, Any], field: str, words: str, *, otherwise: int) -> int:
    text = _text(typed, field).replace(",", "").strip()
    if not text:
        return otherwise
    if not _WHOLE.fullmatch(text):
        raise BadInput(f"The {words} has to be a whole number, not {text[:40]!r}.")
    return int(text)


def _number(typed: Mapping[str, Any], field: str, words: str) -> float | None:
    text = _text(typed, field).strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise BadInput(f"The {words} has to be a number, not {text[:40]!r}.") from error
