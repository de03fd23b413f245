"""Kill -9 at random moments while labeling goes on, then ask the log what became of it.

Annotators label over HTTP as the page does: same requests, same idempotency keys, the same answer
sent again when no reply came. Meanwhile workers, the whole server, background jobs and the
database server are killed, one to three at a time, and snapshots are deleted or damaged. After
that every experiment is verified; at the end every acknowledged answer is in the log once, under
who gave it, and nothing else is; the path of one annotator equals a bare River loop.

    python -m tests.torture                     all of it: one to two hours
    python -m tests.torture --kills 50 --annotators 4 --database postgresql --only kills
    python -m tests.torture --only power
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.postgres import WITHOUT, PostgresServer, programs
from tests.redis_server import RedisServer
from tests.torture.jobs import torture_callbacks, torture_jobs
from tests.torture.killing import complain, torture
from tests.torture.power import table

DATABASES = ("sqlite", "postgresql")
PARTS = ("kills", "power", "jobs", "callbacks")


def say(line: str = "") -> None:
    """Print at once: the whole takes an hour."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


def _kills(options: argparse.Namespace) -> None:
    """Every number of annotators on every database, each with its share of the kills."""
    runs = [(database, n) for database in options.database for n in options.annotators]
    total = 0
    for number, (database, annotators) in enumerate(runs):
        share = options.kills * (number + 1) // len(runs) - options.kills * number // len(runs)
        result = _one(options, database=database, annotators=annotators, kills=share)
        total += result["kills"]
        say(f"{database}, {annotators} annotators: {result}")
        complain(result)
    say(f"{total} kills, lost 0, doubled 0")


def _one(
    options: argparse.Namespace, *, database: str, annotators: int, kills: int
) -> dict[str, Any]:
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-torture-")))
        postgres = None
        if database == "postgresql":
            if programs() is None:
                raise SystemExit(WITHOUT)
            postgres = PostgresServer()  # kill -9 loses nothing that the system has in hand
            stack.callback(postgres.remove)
            postgres.start()
        redis = None
        if options.redis:
            redis = RedisServer()
            stack.callback(redis.remove)
            redis.start()
        result = torture(
            folder / "run", kills=kills, workers=options.workers, annotators=annotators,
            postgres=postgres, redis=redis, jobs=True, seed=options.seed,
            say=say if options.verbose else lambda _line: None,
        )  # fmt: skip
    return {**result, "minutes": round((time.monotonic() - began) / 60, 1)}


def main() -> None:
    """Run the long form and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=500, help="of all runs together")
    parser.add_argument("--annotators", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--database", choices=DATABASES, nargs="+", default=list(DATABASES))
    parser.add_argument("--redis", action="store_true", help="jobs by a Celery worker")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--answers", type=int, default=300, help="before the power is cut")
    parser.add_argument("--cuts", type=int, default=500, help="of the power")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--verbose", action="store_true", help="a line per kill")
    options = parser.parse_args()
    if options.only in (None, "kills"):
        _kills(options)
    if options.only in (None, "power"):
        table(answers=options.answers, cuts=options.cuts, say=say)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only in (None, "jobs"):
            say(f"jobs: {torture_jobs(folder / 'jobs', kills=max(5, options.kills // 25))}")
        if options.only in (None, "callbacks"):
            say(f"callbacks: {torture_callbacks(folder / 'callbacks', callbacks=120)}")


if __name__ == "__main__":
    main()
