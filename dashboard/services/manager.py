"""The experiments page's one door: takes what was typed, checks it, and does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dashboard.core.spec import PRESETS, make_spec
from dashboard.errors import BadInput, Conflict
from dashboard.services import datasets
from dashboard.services.container import Services
from dashboard.services.experiments import slug_of
from dashboard.services.jobs import DATASET
from dashboard.services.typed import number, text, whole
from dashboard.storage.experiments import Experiment


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
        name = text(typed, "name").strip()
        if not name:
            raise BadInput("The experiment needs a name; type one.")
        slug = slug_of(name)
        if any(slug == e.slug for e in experiments.every()):
            raise Conflict(f"There is an experiment {slug!r} already; choose another name.")
        is_text, classes, columns = self._kind(text(typed, "stream"))
        warm_start = whole(typed, "warm_start", "warm start", otherwise=0)
        spec = make_spec(
            text(typed, "preset") or PRESETS[0],
            text=is_text,
            classes=classes,
            columns=columns,
            seed=whole(typed, "seed", "seed", otherwise=42),
            discount_factor=number(typed, "discount", "discount factor"),
            floor=number(typed, "floor", "floor"),
        )
        stream = experiments.ensure_stream(text(typed, "stream"))
        return experiments.create(name, stream=stream, spec=spec, warm_start=warm_start)

    def _kind(self, slug: str) -> tuple[bool, int, Mapping[str, str]]:
        """What a recipe has to know of a stream: before it is fetched, where it is built in."""
        stored = {s.slug: s for s in self.services.experiments.streams()}
        if slug in stored:
            found = stored[slug]
            return found.is_text, len(found.classes), found.columns
        source = datasets.builtin(slug, list(stored))
        return source.kind == "text", len(source.classes), {}

    def act(self, wish: Mapping[str, Any]) -> Done:
        """Do something to an experiment.

        Parameters
        ----------
        wish
            `do` is `rename`, `reset`, `archive`, `reopen`, `delete` or `stop-rest`; `slug` says
            to which; `name` is the new name, and for `delete` the old one, typed again.

        """
        slug, name = text(wish, "slug"), text(wish, "name")
        experiments = self.services.experiments
        found = experiments.find(slug)
        what = wish.get("do")
        if what == "rename":
            return Done(f"Renamed to {experiments.rename(slug, name).name}.", slug)
        if what == "reopen":
            reopened = experiments.reopen(slug)
            return Done(f"{reopened.name} is live again.", reopened.slug)
        if what == "stop-rest":
            self.services.jobs.stop(slug, kind=DATASET)
            return Done("Stopped; the rest of it is not labeled.", slug)
        if what == "delete" and name != found.name:
            raise BadInput(f"To delete it, type its name exactly: {found.name}")
        if what not in ("reset", "archive", "delete"):
            raise BadInput("The page asked for something this server does not know; reload it.")
        self.services.jobs.stop(slug)  # or it would go on labeling what is put aside
        self.services.jobs.stop(slug, kind=DATASET)
        if what == "reset":
            experiments.reset(slug)
            return Done(f"{found.name} starts over. The old log is among the archived ones.", slug)
        if what == "archive":
            archived = experiments.archive(slug)
            return Done(f"{found.name} is archived; nothing of it is lost.", archived.slug)
        experiments.delete(slug)
        return Done(f"{found.name} is deleted.", "")
