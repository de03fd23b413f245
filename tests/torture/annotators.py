"""People who label over HTTP as the page does, and remember what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from tests.client import Client, Refused
from tests.serving import Server

PASSWORD = "under fire"
LOCAL = "local"  # who labels where nobody signs in
SEEKS = 3  # as the page: times that a question is asked for before a job looks for it
RESTART = 5.0  # seconds until a job that was asked for in vain is asked for again
# An answer that was not taken because somebody else's was. All others were taken, or are repeated.
BEATEN = "That sample was answered already"


class Answer(NamedTuple):
    """What a reply said is stored."""

    annotator: str
    position: int
    label: int | None
    key: str


class Annotator(threading.Thread):
    """Labels until told to stop.

    Parameters
    ----------
    server
        Whom to talk to; it may be away for a while.
    slug
        The experiment.
    seed
        Of the answers: one in ten is wrong on purpose, some are passes.
    name
        Under which to sign in; empty where nobody has to.
    think
        Seconds between two answers, on average.

    """

    def __init__(self, server: Server, slug: str, *, seed: int, name: str = "", think: float = 0.0):
        super().__init__(daemon=True)
        self.server = server
        self.slug = slug
        self.random = random.Random(seed)
        self.name = name or LOCAL
        self.signs_in = bool(name)
        self.think = think
        self.client = Client(server.url)
        self.acknowledged: list[Answer] = []
        self.acknowledged_at: list[float] = []
        self.presses: list[tuple[float, str]] = []  # how long each took, and the state it brought
        self.beaten = 0
        self.retries = 0
        self.sentences: set[str] = set()
        self.enough = threading.Event()
        self.may_answer: Callable[[], bool] = lambda: True
        self._next_start = 0.0
        self._sought = 0
        self.exhausted = False
        self.problem = ""

    def run(self) -> None:
        """Answer what is on the screen, again and again."""
        try:
            self._sign_in()
            view = self._insist("look")
            while not self.enough.is_set():
                if view["state"] == "exhausted":
                    self.exhausted = True
                    return
                if view["query"] is None or view["state"] != "ready":
                    view = self._look_on(view)
                    continue
                self.enough.wait(self.random.uniform(0, 2 * self.think))
                while not self.may_answer() and not self.enough.is_set():
                    time.sleep(0.02)
                view = self._answer(view)
        except Exception as error:  # noqa: BLE001 - shown by the main thread
            self.problem = repr(error)

    def _look_on(self, view: dict[str, Any]) -> dict[str, Any]:
        """Have the next query looked for where the server says so, and look again."""
        self._sought = self._sought + 1 if view["next"] else 0
        if 0 < self._sought <= (1 if view["job"] else SEEKS):
            return self._insist("next")
        now = time.monotonic()
        wanted = view["start"] or view.get("offer")  # a job that died is offered again
        if wanted and now > self._next_start:
            self._next_start = now + RESTART
            with suppress(*Refused):
                self.client.try_job(wanted, self.slug, f"{self.name}-{now}")
        time.sleep(0.1)
        return self._insist("next" if view["start"] and view["next"] else "look")

    def _sign_in(self) -> None:
        while self.signs_in and not self.enough.is_set():
            try:
                return self.client.sign_in(self.name, PASSWORD)
            except Refused:
                self._wait()
        return None

    def _answer(self, view: dict[str, Any]) -> dict[str, Any]:
        """Answer what is on the screen; the reply is what comes next."""
        position = view["query"]["position"]
        spam = any(c.isdigit() for c in view["query"]["text"]) ^ (self.random.random() < 0.1)
        label = None if self.random.random() < 0.05 else int(spam)
        key = str(uuid.UUID(int=self.random.getrandbits(128)))
        began = time.perf_counter()
        reply = self._insist(
            "pass" if label is None else "answer",
            position=position,
            label=label,
            key=key,
            milliseconds=500,
        )
        self.presses.append((time.perf_counter() - began, reply["state"]))
        if reply["notice"].startswith(BEATEN):
            self.beaten += 1
        else:
            self.acknowledged_at.append(time.time())
            self.acknowledged.append(Answer(self.name, position, label, key))
        return reply

    def _insist(self, do: str, **more: Any) -> dict[str, Any]:
        """Send one request until it is fulfilled, as the page does, or a person who reads it.

        An answer is sent again under its key for as long as nobody knows what became of it: also
        when it is time to stop, so that in the end every answer is acknowledged.
        """
        while True:
            try:
                view = self.client.wish(self.slug, do, **more)
                if not view.get("refused") and not (view["trouble"] and not view["slug"]):
                    return view
                self.sentences.add(view["notice"] or view["trouble"])
            except Refused:
                pass
            self._wait()
            if do in ("look", "next") and self.enough.is_set():
                return {"state": "scanning", "query": None, "start": "", "next": False, "job": None}

    def _wait(self) -> None:
        self.retries += 1
        time.sleep(0.2)


class Crowd:
    """Some annotators at once.

    Parameters
    ----------
    server, slug
        As of an `Annotator`.
    seed
        Of the first; each has one of its own.
    names
        Of those who sign in; empty for one who does not have to.
    think
        Seconds between two answers of one of them, on average.

    """

    def __init__(
        self, server: Server, slug: str, *, seed: int, names: list[str], think: float = 0.0
    ):
        self.everyone = [
            Annotator(server, slug, seed=1000 * seed + i, name=name, think=think)
            for i, name in enumerate(names or [""])
        ]
        self.limit: int | None = None
        for one in self.everyone:
            one.may_answer = self._may_answer

    def _may_answer(self) -> bool:
        return self.limit is None or self.answers < self.limit

    def allow(self, more: int) -> None:
        """Let them give so many more answers: a stream should last however slow the machine is."""
        self.limit = self.answers + more

    def start(self) -> None:
        """Let them begin."""
        for one in self.everyone:
            one.start()

    def stop(self, seconds: float = 120) -> None:
        """Tell them to stop, and wait until the last answers are acknowledged."""
        self.release()
        for one in self.everyone:
            one.join(seconds)
            assert not one.is_alive(), f"{one.name} hangs"
            assert not one.problem, f"{one.name}: {one.problem}"

    def release(self) -> None:
        """Tell them to stop."""
        for one in self.everyone:
            one.enough.set()

    @property
    def answers(self) -> int:
        """How many answers were acknowledged."""
        return sum(len(one.acknowledged) for one in self.everyone)

    @property
    def labels_on(self) -> bool:
        """Whether there is anybody who goes on."""
        return any(one.is_alive() for one in self.everyone)

    def why_not(self) -> str:
        """Why nobody goes on."""
        problems = [one.problem for one in self.everyone if one.problem]
        return f"{problems}" if problems else "the stream has ended; take fewer kills a run"

    def wait_for(self, more: int, *, seconds: float = 30) -> None:
        """Wait for so many more answers, not for ever."""
        wanted, deadline = self.answers + more, time.monotonic() + seconds
        while self.answers < wanted and time.monotonic() < deadline and self.labels_on:
            time.sleep(0.002)
