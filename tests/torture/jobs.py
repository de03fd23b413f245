"""Background jobs that are killed, and background callbacks while somebody labels."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import psutil

from dashboard.services import datasets
from tests.client import Client
from tests.serving import Server
from tests.torture.annotators import Crowd
from tests.torture.victims import job_pid, jobs_of, workers

SLUG = "torture"


def torture_jobs(folder: Path, *, kills: int, seed: int = 2) -> dict[str, Any]:
    """Kill a background job while it labels; it says so, and goes on where the log stands.

    Parameters
    ----------
    folder
        An empty data folder.
    kills
        How many jobs are killed.
    seed
        Of the moments.

    """
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
            pid = job_pid(server)
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

    Parameters
    ----------
    folder
        An empty data folder.
    callbacks
        How many in all.

    """
    server = Server(folder, workers=2)
    server.run(
        "experiments", "create", SLUG, "--stream", datasets.SAMPLE_MESSAGES, "--preset", "blog"
    )
    server.run("experiments", "create", "other", "--stream", datasets.SAMPLE_MESSAGES)
    server.start()
    crowd = Crowd(server, SLUG, seed=3, names=[])
    crowd.start()
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
        crowd.stop()
        return {
            "receipts": len(receipts),
            "done": sum(r["state"] == "done" for r in receipts),
            "busy": sum(r["state"] == "busy" for r in receipts),
            "answers_meanwhile": crowd.answers,
            "left_behind": _left_behind(server),
        }
    finally:
        crowd.release()
        server.stop(signal.SIGKILL)


def _left_behind(server: Server) -> int:
    """Processes under the server that are neither workers nor their fork servers."""
    deadline = time.monotonic() + 10
    while True:
        jobs = [p for worker in workers(server) for p in jobs_of(worker)]
        if not jobs or time.monotonic() > deadline:
            return len(jobs)
        time.sleep(0.1)
