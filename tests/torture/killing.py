"""Label under fire, then ask the log what became of it."""

from __future__ import annotations

import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from dashboard.services import datasets
from dashboard.services.people import Role
from dashboard.services.users import Users
from tests.client import Client
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer, WorkerProcess
from tests.serving import Server
from tests.torture.annotators import PASSWORD, Crowd
from tests.torture.checks import compare, same_path, stored_answers, verify_all
from tests.torture.victims import Victims, opened

SLUG, BESIDE = "torture", "beside"
LEAD = "lea"
RATE = 5.0  # answers per second of all together: nobody can be quicker than the kills
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def names_for(annotators: int) -> list[str]:
    """Of those who sign in: nobody has to where there is only one.

    Examples
    --------
    >>> names_for(1), names_for(3)
    ([], ['ann01', 'ann02', 'ann03'])

    """
    return [f"ann{i:02d}" for i in range(1, annotators + 1)] if annotators > 1 else []


def people(file: Path, annotators: int) -> dict[str, str]:
    """The settings with which these may sign in, and a lead; none where nobody has to."""
    names = names_for(annotators)
    if not names:
        return {}
    users = Users(file, _QUICK)
    for name in names:
        users.add(name, Role.ANNOTATOR, PASSWORD)
    users.add(LEAD, Role.LEAD, PASSWORD)
    return {"SLUICE_USERS": str(file)}


def _nothing(_line: str) -> None:
    pass


def torture(
    folder: Path,
    *,
    kills: int,
    workers: int,
    annotators: int = 1,
    postgres: PostgresServer | None = None,
    redis: RedisServer | None = None,
    jobs: bool = False,
    seed: int = 1,
    say: Callable[[str], None] = _nothing,
) -> dict[str, Any]:
    """Label under fire.

    Parameters
    ----------
    folder
        An empty folder.
    kills
        How many times something is killed.
    workers
        Server processes.
    annotators
        Who label at once; more than one have to sign in.
    postgres
        Where the database is, and what is killed besides; SQLite unless given.
    redis
        Where background jobs are handed to a Celery worker, which is killed, too.
    jobs
        Whether background jobs label another experiment, and are killed, too.
    seed
        Of everything random here.
    say
        Hears what was killed.

    """
    chance = random.Random(seed)
    folder.mkdir(parents=True)
    environ = people(folder / "users", annotators)
    if postgres is not None:
        environ["DATABASE_URL"] = postgres.new_database(f"torture_{annotators}_{workers}_{seed}")
    if redis is not None:
        environ["REDIS_URL"] = redis.url
    server = Server(folder / "data", workers=workers, **environ)
    celery = None if redis is None else WorkerProcess(server.environ, folder)
    _prepare(server, one=annotators == 1, jobs=jobs)
    crowd = Crowd(server, SLUG, seed=seed, names=names_for(annotators), think=think(annotators))
    try:
        server.start()
        if celery is not None:
            celery.start()
        victims = Victims(
            server, postgres=postgres, celery=celery, beside=BESIDE, chance=chance,
            lead=_lead(server, annotators) if jobs else None,
        )  # fmt: skip
        crowd.start()
        verified = 0
        with suppress(KeyboardInterrupt):  # enough of it; what was done is checked all the same
            while len(victims.kills) < kills:
                crowd.allow(15)
                crowd.wait_for(chance.randrange(6))
                assert crowd.labels_on, crowd.why_not()
                struck = victims.strike(kills - len(victims.kills))
                with opened(server) as services:
                    verified += verify_all(services)
                say(f"{len(victims.kills)}: {', '.join(struck)}; {crowd.answers} answers")
        victims.bring_back()
        crowd.allow(annotators)
        crowd.wait_for(annotators, seconds=60)
        crowd.stop()
        sentences = sorted(set().union(*(one.sentences for one in crowd.everyone)))
        return {
            **_check(server, crowd, one=annotators == 1),
            "kills": len(victims.kills), "verified": verified,
            **Counter(victims.kills), **Counter(victims.spoiled), "sentences": sentences,
        }  # fmt: skip
    finally:
        crowd.release()
        server.stop(signal.SIGKILL)
        if celery is not None:
            celery.stop(signal.SIGKILL)


def think(annotators: int) -> float:
    """Seconds between two answers of one of them; one alone need not think."""
    return annotators / RATE if annotators > 1 else 0.0


def _prepare(server: Server, *, one: bool, jobs: bool) -> None:
    if "DATABASE_URL" in server.environ and server.environ["DATABASE_URL"].startswith("postgres"):
        server.run("migrate")
    words = ("experiments", "create", SLUG, "--stream", datasets.SAMPLE_MESSAGES)
    often = ("--strategy", "random", "--budget", "0.5", "--floor", "0")
    server.run(*words, *(("--preset", "blog") if one else often))
    if jobs:
        server.run("experiments", "create", BESIDE, *words[3:], *often)


def _lead(server: Server, annotators: int) -> Client:
    client = Client(server.url)
    if names_for(annotators):
        client.sign_in(LEAD, PASSWORD)
    return client


def _check(server: Server, crowd: Crowd, *, one: bool) -> dict[str, Any]:
    """Compare the log with what was acknowledged, and with River alone."""
    with opened(server) as services:
        stored = stored_answers(services, SLUG)
        verify_all(services)
    counted = compare(stored, crowd)
    if one:
        same_path(stored)
    verified = server.run("verify", SLUG, check=False)
    assert verified.returncode == 0, verified.stderr
    return counted


def complain(result: dict[str, Any]) -> None:
    """End with a code where something was lost or doubled."""
    if result["lost"] or result["doubled"]:
        sys.exit(f"lost {result['lost']}, doubled {result['doubled']}")
