"""Kill -9 at random moments while labeling goes on, then ask the log what became of it.

An annotator labels over HTTP as the page does: same requests, same idempotency keys, the same
answer sent again when no reply came. Meanwhile workers, the whole server and background jobs are
killed, and snapshots are deleted or damaged. At the end every acknowledged answer is in the log
once, nothing else is, the path equals a bare River loop, and `verify` exits 0.

    python -m tests.torture --kills 100
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import psutil

from dashboard.core.learner import Learner
from dashboard.core.spec import make_spec
from dashboard.services import datasets
from dashboard.services.container import open_services
from dashboard.settings import read_settings
from dashboard.storage import log
from tests.client import Client, Refused
from tests.serving import Server

SLUG = "torture"


class Annotator(threading.Thread):
    """Labels until told to stop; remembers what was acknowledged.

    Parameters
    ----------
    server
        Whom to talk to; it may be away for a while.
    seed
        Of the answers: one in ten is wrong on purpose, some are passes.

    """

    def __init__(self, server: Server, *, seed: int):
        super().__init__(daemon=True)
        self.server = server
        self.random = random.Random(seed)
        self.acknowledged: list[tuple[int, int | None]] = []
        self.retries = 0
        self.enough = threading.Event()
        self.problem = ""

    def run(self) -> None:
        """Answer what is on the screen, again and again."""
        try:
            while not self.enough.is_set():
                view = self._insist("look")
                if view["state"] == "exhausted":
                    return
                if view["query"] is None or view["state"] != "ready":
                    time.sleep(0.05)
                    continue
                self._answer(view)
        except Exception as error:  # noqa: BLE001 - shown by the main thread
            self.problem = repr(error)

    def _answer(self, view: dict[str, Any]) -> None:
        position = view["query"]["position"]
        spam = any(c.isdigit() for c in view["query"]["text"]) ^ (self.random.random() < 0.1)
        label = None if self.random.random() < 0.05 else int(spam)
        do = "pass" if label is None else "answer"
        self._insist(
            do,
            position=position,
            label=label,
            key=str(uuid.UUID(int=self.random.getrandbits(128))),
            milliseconds=500,
        )
        self.acknowledged.append((position, label))

    def _insist(self, do: str, **more: Any) -> dict[str, Any]:
        """Send one request until there is a reply to it, as the page does."""
        while True:
            try:
                return Client(self.server.url).wish(SLUG, do, **more)
            except Refused:
                self.retries += 1
                if self.enough.wait(0.1) and do == "look":
                    return {"state": "exhausted"}


def _workers(server: Server) -> list[psutil.Process]:
    assert server.process is not None
    return [p for p in psutil.Process(server.process.pid).children() if _is_worker(p)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "gunicorn" in " ".join(process.cmdline())
    except psutil.Error:  # it ended meanwhile
        return False


def _let_label(annotator: Annotator, chance: random.Random) -> None:
    """Wait for a few answers, then for a random moment within the next one."""
    wanted = len(annotator.acknowledged) + chance.randrange(6)
    deadline = time.monotonic() + 30
    while len(annotator.acknowledged) < wanted and time.monotonic() < deadline:
        if annotator.problem or not annotator.is_alive():
            return
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.05))


def _kill_once(server: Server, chance: random.Random) -> str:
    """Kill something, spoil something, and bring the server back if it is gone."""
    workers = _workers(server)
    if chance.random() < 0.7 and workers:
        victim = chance.choice(workers)
        victim.kill()
        return "worker"
    server.stop(signal.SIGKILL)
    spoiled = _spoil(server.folder, chance)
    server.start()
    return "server" + spoiled


def _spoil(folder: Path, chance: random.Random) -> str:
    snapshots = folder / "snapshots"
    dice = chance.random()
    if dice < 0.15:
        shutil.rmtree(snapshots)
        return ", snapshots deleted"
    if dice < 0.3:
        for path in snapshots.rglob("*.val"):
            path.write_bytes(chance.randbytes(path.stat().st_size))
        return ", snapshots damaged"
    return ""


def _check(server: Server, annotator: Annotator) -> dict[str, int]:
    """Compare the log with what was acknowledged, and with River alone."""
    environ = {**server.environ, "SLUICE_DATA": str(server.folder)}
    services = open_services(read_settings(environ))
    with services.database.read() as connection:
        experiment = services.experiments.find(SLUG)
        answers = log.answers_in_force(connection, experiment.id)
    services.database.close()
    stored = [(position, label) for _, position, label, _ in answers]
    lost = [a for a in annotator.acknowledged if a not in stored]
    doubled = len(stored) - len({p for p, _ in stored})
    # The one that was under way when the annotator stopped may be stored, yet unacknowledged.
    assert stored[: len(annotator.acknowledged)] == annotator.acknowledged, "another order"
    assert len(stored) - len(annotator.acknowledged) <= 1, "answers that nobody gave"
    _same_path(stored)
    verified = server.run("verify", SLUG, check=False)
    assert verified.returncode == 0, verified.stderr
    return {"acknowledged": len(annotator.acknowledged), "lost": len(lost), "doubled": doubled}


def _same_path(stored: list[tuple[int, int | None]]) -> None:
    """The positions asked equal those of a bare loop that was given the same answers."""
    learner = Learner(make_spec("blog", text=True, classes=2), n_classes=2)
    given = iter(stored)
    wanted = next(given, None)
    for position, sample in enumerate(
        datasets.builtin(datasets.SAMPLE_MESSAGES).items(lambda _done, _total: None)
    ):
        if wanted is None:
            return
        if learner.scan(position, sample.fields).decision.asked:
            assert position == wanted[0], f"asked {wanted[0]}, River alone asks {position}"
            if wanted[1] is not None:
                learner.learn(sample.fields, wanted[1])
            wanted = next(given, None)


def torture(folder: Path, *, kills: int, workers: int, seed: int = 1) -> dict[str, Any]:
    """Label under fire.

    Parameters
    ----------
    folder
        An empty data folder.
    kills
        How many times something is killed.
    workers
        Server processes.
    seed
        Of everything random here.

    """
    chance = random.Random(seed)
    server = Server(folder, workers=workers)
    server.run(
        "experiments", "create", SLUG, "--stream", datasets.SAMPLE_MESSAGES, "--preset", "blog"
    )
    server.start()
    annotator = Annotator(server, seed=seed)
    annotator.start()
    killed: dict[str, int] = {}
    try:
        for _ in range(kills):
            _let_label(annotator, chance)
            what = _kill_once(server, chance)
            killed[what] = killed.get(what, 0) + 1
        time.sleep(1)
        annotator.enough.set()
        annotator.join(60)
        assert not annotator.is_alive(), "the annotator hangs"
        assert not annotator.problem, annotator.problem
        return {**_check(server, annotator), "kills": kills, "retries": annotator.retries, **killed}
    finally:
        annotator.enough.set()
        server.stop(signal.SIGKILL)


def torture_jobs(folder: Path, *, kills: int, seed: int = 2) -> dict[str, Any]:
    """Kill a background job while it labels; it says so, and goes on where the log stands."""
    chance = random.Random(seed)
    server = Server(folder)
    server.run(
        "experiments", "create", SLUG, "--stream", datasets.SAMPLE_MESSAGES, "--preset", "blog"
    )
    server.start()
    client, told, labels = Client(server.url), 0, []
    try:
        for number in range(kills):
            client.start_job("oracle", SLUG, f"kill-{number}", count=10_000)
            pid = _job_pid(client, folder)
            time.sleep(chance.uniform(0.0, 0.4))
            victim = psutil.Process(pid)
            victim.kill()
            victim.wait(10)
            view = client.wish(SLUG, "look")
            told += "died" in view["trouble"] or view["state"] == "exhausted"
            labels.append(view["counters"]["labels"])
        client.finish_job(client.start_job("oracle", SLUG, "last", count=20))
        verified = server.run("verify", SLUG, check=False)
        assert verified.returncode == 0, verified.stderr
        assert labels == sorted(labels), "labels were lost"
        return {"kills": kills, "told": told, "labels": labels[-1]}
    finally:
        server.stop(signal.SIGKILL)


def torture_callbacks(folder: Path, *, callbacks: int) -> dict[str, Any]:
    """Four tabs press the same button again and again while somebody labels.

    Each gets its own receipt: one tab's job does the work, the others hear that it is under way.
    Afterwards no process is left behind.
    """
    server = Server(folder, workers=2)
    server.run(
        "experiments", "create", SLUG, "--stream", datasets.SAMPLE_MESSAGES, "--preset", "blog"
    )
    server.run("experiments", "create", "other", "--stream", datasets.SAMPLE_MESSAGES)
    server.start()
    annotator = Annotator(server, seed=3)
    annotator.start()
    receipts: list[dict[str, Any]] = []
    try:
        for number in range(callbacks // 4):
            clients = [Client(server.url) for _ in range(4)]
            handles = [
                c.start_job("oracle", "other", f"{number}-{tab}", count=5)
                for tab, c in enumerate(clients)
            ]
            for client, handle in zip(clients, handles, strict=True):
                receipt = client.finish_job(handle)
                assert receipt["nonce"] == handle["wish"]["nonce"], "another tab's receipt"
                receipts.append(receipt)
        annotator.enough.set()
        annotator.join(60)
        assert not annotator.problem, annotator.problem
        return {
            "receipts": len(receipts),
            "done": sum(r["state"] == "done" for r in receipts),
            "busy": sum(r["state"] == "busy" for r in receipts),
            "answers_meanwhile": len(annotator.acknowledged),
            "left_behind": _left_behind(server),
        }
    finally:
        annotator.enough.set()
        server.stop(signal.SIGKILL)


def _left_behind(server: Server) -> int:
    """Processes under the server that are neither workers nor their fork servers."""
    assert server.process is not None
    deadline = time.monotonic() + 10
    while True:
        jobs = [p for worker in _workers(server) for p in _jobs_of(worker)]
        if not jobs or time.monotonic() > deadline:
            return len(jobs)
        time.sleep(0.1)


def _jobs_of(worker: psutil.Process) -> list[psutil.Process]:
    try:
        return [job for fork_server in worker.children() for job in fork_server.children()]
    except psutil.NoSuchProcess:
        return []


def _job_pid(client: Client, folder: Path) -> int:
    """The process of the running job, once it has claimed its row."""
    import pysqlite3

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        connection = pysqlite3.connect(f"file:{folder / 'sluice.db'}?mode=ro", uri=True)
        row = connection.execute("SELECT pid FROM jobs WHERE state = 'running'").fetchone()
        connection.close()
        if row and psutil.pid_exists(row[0]):
            return int(row[0])
        time.sleep(0.02)
    raise AssertionError("the job did not start")


def main() -> None:
    """Run the long form and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            result = torture(
                Path(folder) / "data",
                kills=options.kills // 2,
                workers=workers,
                seed=options.seed + workers,
            )
            print(f"{workers} workers:", result, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print(
            "jobs:",
            torture_jobs(Path(folder) / "data", kills=max(5, options.kills // 5)),
            flush=True,
        )
    with tempfile.TemporaryDirectory() as folder:
        print("callbacks:", torture_callbacks(Path(folder) / "data", callbacks=120))


if __name__ == "__main__":
    main()
