"""The labeling page's one door: takes a wish, does it, and answers with the next view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.errors import BadInput, NotFound, SluiceError, Unavailable
from dashboard.services.container import Services
from dashboard.services.guide import Guide
from dashboard.services.labeling import Outcome
from dashboard.services.people import signed_in
from dashboard.services.views import Data
from dashboard.services.wishes import key_of, text, whole

ANNOTATOR = "local"
ADVICE_SECONDS = 0.2  # that the first view waits for
MAX_MILLISECONDS = 24 * 3600 * 1000


class Desk:
    """Translates between the page's plain data and the services.

    Parameters
    ----------
    services
        What does the work.
    annotator
        Who sits at the desk.

    """

    def __init__(self, services: Services, *, annotator: str = ANNOTATOR):
        self.services = services
        self.annotator = annotator

    def open(self, slug: str | None) -> Data:
        """The first view of the page: of the named experiment, or of the one used last."""
        try:
            slug = slug or self.services.experiments.last_used()
            if not slug:
                return self._no_experiment()
            self.services.experiments.touch(slug)
            view = self._view(slug)
            if view["query"]:  # it is shown anew, and its time begins again
                self.services.labeling.turns.take(slug, self.annotator, anew=True)
            return self._advised(view, wait=ADVICE_SECONDS)
        except SluiceError as error:
            return _trouble(str(error), missing=isinstance(error, NotFound))

    def handle(self, wish: Mapping[str, Any]) -> Data:
        """Do what a page asks for.

        Parameters
        ----------
        wish
            `do` is `answer`, `pass`, `undo`, `mark`, `stop`, `reset`, `look`, `next` or `why`,
            or one of those that `Guide` knows; `slug` names the experiment; `n` numbers the wish
            and comes back with the view; `names` says which classes the page knows; `waits`,
            whether it began work in the background that it has not seen at work yet.

        """
        slug = wish.get("slug")
        number = wish.get("n") if isinstance(wish.get("n"), int) else 0
        try:
            if not slug:
                if wish.get("do") == "stop":
                    self.services.jobs.stop("")
                return {**self._no_experiment(), "n": number}
            view = self._fulfill(str(slug), wish)
        except NotFound as error:
            view = _trouble(str(error), missing=True)
        except SluiceError as error:
            view = self._refused(str(slug), str(error))
        return {**view, "n": number}

    def _fulfill(self, slug: str, wish: Mapping[str, Any]) -> Data:
        names = wish.get("names")
        guide = Guide(self.services, annotator=self.annotator)
        if wish.get("do") in guide.reads:
            return guide.read(slug, wish)
        if wish.get("do") == "why":
            seq = whole(wish.get("seq"), "answer")
            return {"why": self.services.explanations.why(slug, seq, annotator=self.annotator)}
        if wish.get("do") in guide.changes:
            guide.change(slug, wish)
            return {**self._view(slug, names=names), **guide.read(slug, wish)}
        outcome = self._do(slug, wish)
        view = self._advised(self._view(slug, notice=outcome.notice, names=names))
        return self._waited(view) if wish.get("waits") is True else view

    def _waited(self, view: Data) -> Data:
        """The view with why what the page began is not at work yet; `waits` says there is a why."""
        if view["job"] or view["start"]:  # it is, or the view has said so
            return view
        why = self.services.views.hindrance()
        return {**view, "trouble": f"{view['trouble']} {why}".strip(), "waits": bool(why)}

    def _view(self, slug: str, *, notice: str = "", names: object = None) -> Data:
        """What the page shows to whoever sits here; a query that is with nobody becomes theirs."""

        def look() -> Data:
            return self.services.views.view(
                slug, notice=notice, names=names, annotator=self.annotator
            )

        view = look()
        if view["free"] and self.services.labeling.turns.take(slug, self.annotator):
            view = look()
        return view

    def _advised(self, view: Data, *, wait: float = 0.0) -> Data:
        """The view with what is known of whether to go on; a press waits for none of it."""
        labels = view["counters"]["labels"]
        line = self.services.lines.line(view["slug"], view["uid"], labels, wait=wait)
        return {**view, "advice": line}

    def _do(self, slug: str, wish: Mapping[str, Any]) -> Outcome:
        what = wish.get("do")
        if what == "look":
            return Outcome(False)
        if what == "next":
            return self._next(slug)
        if what in ("answer", "pass"):
            return self._answer(slug, wish, label=_label(wish) if what == "answer" else None)
        if what == "undo":
            target = wish.get("target")
            return self.services.labeling.undo(
                slug, target=whole(target, "target"), key=key_of(wish), annotator=self.annotator
            )
        if what == "mark":
            return self._mark(slug, wish)
        if what == "stop":
            self.services.jobs.stop(slug)
            return Outcome(True)
        if what == "reset":
            self.services.jobs.stop(slug)
            archived = self.services.experiments.reset(slug)
            return Outcome(True, f"Started over. The old log is kept as {archived.slug}.")
        raise BadInput("The page asked for something this server does not know; reload it.")

    def _next(self, slug: str) -> Outcome:
        """Look for a query as long as a press may, for one of several people who has none.

        It draws, so a page asks for it in so many words; asked again, it finds the same query.
        """
        if self._view(slug)["next"]:
            self.services.labeling.scan_on(slug, annotator=self.annotator)
        return Outcome(False)

    def _answer(self, slug: str, wish: Mapping[str, Any], *, label: int | None) -> Outcome:
        milliseconds = wish.get("milliseconds")
        if isinstance(milliseconds, (int, float)) and not isinstance(milliseconds, bool):
            milliseconds = int(min(max(0, milliseconds), MAX_MILLISECONDS))
        else:
            milliseconds = None
        outcome = self.services.labeling.answer(
            slug,
            position=whole(wish.get("position"), "position"),
            label=label,
            key=key_of(wish),
            milliseconds=milliseconds,
            annotator=self.annotator,
        )
        if not outcome.done and signed_in(self.annotator):  # somebody else was first
            self.services.labeling.scan_on(slug, annotator=self.annotator)
        return outcome

    def _mark(self, slug: str, wish: Mapping[str, Any]) -> Outcome:
        flag, note = wish.get("flag"), wish.get("note")
        return self.services.marks.mark(
            slug,
            position=whole(wish.get("position"), "position"),
            flag=flag if isinstance(flag, bool) else None,
            note=None if note is None else text(note, "note"),
            key=key_of(wish),
            annotator=self.annotator,
        )

    def _refused(self, slug: str, sentence: str) -> Data:
        try:
            return {**self._view(slug, notice=sentence), "refused": True}
        except SluiceError as error:
            # While the database is away, the page keeps what it shows and sends the wish again.
            return {**_trouble(sentence), "again": isinstance(error, Unavailable)}

    def _no_experiment(self) -> Data:
        if slug := self.services.experiments.last_used():
            return self._view(slug)
        return {**_EMPTY, **self.services.jobs.first_start_status()}


_EMPTY: Data = {
    "slug": "",
    "name": "",
    "uid": "",
    "head": 0,
    "archived": False,
    "names": "",
    "classes": [],
    "truth": False,
    "samples": 0,
    "note": "",
    "notice": "",
    "counters": None,
    "query": None,
    "last": None,
    "recent": [],
    "job": None,
    "start": "",
    "next": False,
    "trouble": "",
    "state": "warming",
    "free": False,
    "others": 0,
    "lost": None,
}


def _trouble(sentence: str, *, missing: bool = False) -> Data:
    return {**_EMPTY, "state": "error", "trouble": sentence, "missing": missing}


def _label(wish: Mapping[str, Any]) -> int:
    return whole(wish.get("label"), "label")
