"""Ask many times, judge each answer, and begin again with fresh data now and then."""

from __future__ import annotations

import collections
import gzip
import json
import random
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
import psutil
from backports import zstd
from flask import got_request_exception
from werkzeug.test import TestResponse

from tests.fuzz import judge
from tests.fuzz.asking import Ask, Asking
from tests.fuzz.watch import Watch, files_in
from tests.fuzz.world import WITNESS, World

JOBS_RUN = 3  # of those dispatched in an epoch, in this process
READERS = 2  # requests of an epoch that may have a file read, in a process of its own


@dataclass
class Found:
    """Something that should not be, and the request that showed it."""

    what: str
    ask: str
    epoch: int
    number: int


@dataclass
class Report:
    """What a run came to."""

    inputs: int = 0
    statuses: collections.Counter[int] = field(default_factory=collections.Counter)
    doors: collections.Counter[str] = field(default_factory=collections.Counter)
    good: collections.Counter[str] = field(default_factory=collections.Counter)
    writes: int = 0
    dispatched: int = 0
    worked: int = 0
    readers: int = 0
    verified: int = 0
    grown: int = 0
    slowest: tuple[float, str] = (0.0, "")
    found: list[Found] = field(default_factory=list)

    def line(self) -> str:
        """The summary."""
        kinds = ", ".join(f"{n:,} × {status}" for status, n in sorted(self.statuses.items()))
        return (
            f"{self.inputs:,} inputs to {len(self.doors)} routes and callbacks ({kinds}); "
            f"{self.writes:,} changed a log as they should; {self.dispatched:,} jobs dispatched, "
            f"{self.worked:,} of them run, {self.readers:,} files read; {self.verified:,} logs "
            f"verified; memory grew by {self.grown} MB; {len(self.found):,} findings"
        )


class Fuzz:
    """One run over one app.

    Parameters
    ----------
    folder
        For the data folder and whatever else there is.
    guarded
        Whether people have to sign in.
    watch
        Notes what else the process does.
    report
        Where the outcome is added.

    """

    def __init__(self, folder: Path, *, guarded: bool, watch: Watch, report: Report):
        self.folder, self.watch, self.report = folder, watch, report
        self.world = World(folder, guarded=guarded)
        self._outside = files_in(folder) - self._inside()
        # Of whoever runs this beside other tests: a browser, a database.
        self._others = set(psutil.Process().children(recursive=True))
        self._rss = 0

    def _inside(self) -> set[str]:
        return {f for f in files_in(self.folder) if f.split("/")[0] == "data"}

    def epoch(self, number: int, *, seed: int, inputs: int) -> None:
        """Ask so many times, from data as they were made; the same again for the same numbers."""
        world = self.world
        world.renew()
        rng = random.Random(seed * 1_000_003 + number)
        asking = Asking(world, rng, readers=READERS)
        prints, read = self._prints(), self.watch.readers
        with self._heard(), self.watch.on():
            before = world.state()
            for i in range(inputs):
                asking.readers = READERS - (self.watch.readers - read)
                ask = asking.next()
                before = self._ask(ask, before, epoch=number, number=i)
            self._work(rng, number, inputs)
        self._look_around(number, inputs, prints)

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Learn of exceptions that became a status 500."""
        raised = self.world.trouble

        def note(_sender: Any, exception: BaseException, **_: Any) -> None:
            raised.append(exception)

        with ExitStack() as stack:
            got_request_exception.connect(note, self.world.app.server)
            stack.callback(got_request_exception.disconnect, note, self.world.app.server)
            yield

    def _ask(self, ask: Ask, before: judge.State, *, epoch: int, number: int) -> judge.State:
        world, report = self.world, self.report
        began = time.perf_counter()
        found: list[str] = []
        try:
            answer = self._send(ask)
            text = _unpacked(answer).decode("utf-8", "replace")
        except Exception as error:  # noqa: BLE001 - the finding
            answer, text = None, ""
            found.append(f"{error!r} came through: {_where(error)}")
        took = time.perf_counter() - began
        if took > report.slowest[0]:
            report.slowest = (took, ask.told())
        found += [f"{error!r} at {_where(error)}" for error in world.trouble]
        world.trouble.clear()
        if ask.path.startswith("/sign-"):
            world.clients[ask.who] = world.client(ask.who)  # whoever asks stays who they are
        after = world.state()
        if answer is not None:
            self._count(ask, answer, text, wrote=before != after)
            found += judge.answered(ask, answer, text)
            found += judge.changed(world, ask, answer, before, after)
            answer.close()
        found += self.watch.take()
        self._note(found, ask, epoch, number)
        return after

    def _send(self, ask: Ask) -> TestResponse:
        headers = [(n, v) for n, v in ask.headers if n not in ("Content-Length", "Cookie")]
        environ: dict[str, Any] = {}
        for name, value in ask.headers:
            if name == "Content-Length":
                environ["CONTENT_LENGTH"] = value
            elif name == "Cookie":
                environ["HTTP_COOKIE"] = value
        # A path with half a character becomes one with a question mark: that is no query here.
        path = "/" + ask.path.encode("utf-8", "replace").decode().removeprefix("/")
        path = path.replace("?", "%3F")
        return self.world.clients[ask.who].open(
            path, method=ask.method, query_string=ask.query, headers=headers, data=ask.body,
            content_type=ask.content_type or None, environ_overrides=environ,
        )  # fmt: skip

    def _count(self, ask: Ask, answer: TestResponse, text: str, *, wrote: bool) -> None:
        report, status = self.report, answer.status_code
        report.inputs += 1
        report.statuses[status] += 1
        report.doors[ask.door] += 1
        report.writes += wrote
        if status < 400:
            report.good[ask.door] += 1
        if status == 200 and text.startswith("{"):
            self._remember(ask, text)

    def _remember(self, ask: Ask, text: str) -> None:
        """Keep names that later requests can use: of files, of jobs."""
        try:
            said = json.loads(text)
        except ValueError:
            return
        if ask.path == "/uploads" and isinstance(said.get("id"), str):
            self.world.uploads.append(said["id"])
        elif isinstance(said.get("cacheKey"), str):
            self.world.handles.append((said["cacheKey"], str(said.get("job"))))
            del self.world.handles[:-20]

    def _work(self, rng: random.Random, epoch: int, number: int) -> None:
        """Run some of the jobs that were dispatched, as their processes would."""
        world, report = self.world, self.report
        report.dispatched += len(world.jobs)
        for job in rng.sample(world.jobs, min(JOBS_RUN, len(world.jobs))):
            if "first-start" in json.dumps(job.args):
                continue  # which would download
            before = world.state()
            receipt = world.run(job)
            found = judge.worked(world, job, receipt, before, world.state()) + self.watch.take()
            ask = Ask("job", "", "", "", body=json.dumps(job.args).encode())
            self._note(found, ask, epoch, number)
            report.worked += 1

    def _note(self, found: list[str], ask: Ask, epoch: int, number: int) -> None:
        self.report.found += [Found(what, ask.told(), epoch, number) for what in found]

    def _prints(self) -> dict[str, str]:
        """Fingerprints of what no request is made for."""
        verify = self.world.services.verification.verify
        return {slug: verify(slug).fingerprint for slug in (WITNESS,)}

    def _look_around(self, epoch: int, number: int, prints: dict[str, str]) -> None:
        """Every log verifies, the witness is what it was, no file is where none should be."""
        world, found = self.world, []
        if self._prints() != prints:
            found.append("the witness has another fingerprint")
        for experiment in world.services.experiments.every():
            verdict = world.services.verification.verify(experiment.slug)
            self.report.verified += 1
            if verdict.difference:
                found.append(f"{experiment.slug} does not verify: {verdict.difference}")
        if strange := files_in(self.folder) - self._inside() - self._outside:
            found.append(f"files appeared: {sorted(strange)[:9]}")
        children = [
            c
            for c in psutil.Process().children(recursive=True)
            if c not in self._others and "resource_tracker" not in " ".join(c.cmdline())
        ]
        if children:
            found.append(f"processes are left: {[c.cmdline() for c in children]}")
        self._note(found, Ask("the end", "", "", ""), epoch, number)
        self.report.readers = self.watch.readers
        rss = psutil.Process().memory_info().rss >> 20
        self._rss = self._rss or rss
        self.report.grown = max(self.report.grown, rss - self._rss)

    def close(self) -> None:
        """Give back what is open."""
        self.world.close()


def _unpacked(answer: TestResponse) -> bytes:
    """The body as a browser would read it."""
    body, how = answer.get_data(), answer.headers.get("Content-Encoding", "")
    if not body:  # what HEAD gets has a coding, and nothing in it
        return body
    if how == "gzip":
        return gzip.decompress(body)
    if how == "br":
        return bytes(brotli.decompress(body))
    # Written in one go or streamed: several frames, whose sizes are not told.
    return zstd.decompress(body) if how == "zstd" else body


def _where(error: BaseException) -> str:
    """The innermost places of ours, and the last one."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/dashboard/" in f.filename or "/pages/" in f.filename]
    return " < ".join(
        f"{Path(f.filename).name}:{f.lineno} {f.line}" for f in [*frames[-1:], *ours[::-1][:3]]
    )
