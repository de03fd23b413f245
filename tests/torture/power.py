"""Power loss on SQLite: whatever the disk had not been asked to keep may be gone.

Kill -9 cannot show this, because the system still writes what a dead process gave it. Here
`strace` records every write and sync of a real server while somebody labels over HTTP. Then the
power is cut at random moments: the files are put together as a disk may hold them (`disk`), opened,
and asked for every answer that had been acknowledged by then.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pysqlite3

from dashboard import cli
from dashboard.services import datasets
from dashboard.services.container import open_services
from dashboard.settings import read_settings
from tests.serving import Server
from tests.torture.annotators import Annotator, Crowd
from tests.torture.disk import Disk, read_trace

SLUG = "power"
WITHOUT = "strace is not installed, or may not trace here: `apt-get install strace` brings it"
VERIFY_EVERY = 10
_CALLS = "pwrite64,pwritev,write,writev,ftruncate,fsync,fdatasync,unlink,unlinkat,rename,sync"

# A server that asks the disk for less.
_WEAKER = """
from dashboard.storage import database
database._PRAGMAS = tuple(
    p.replace("synchronous=FULL", "synchronous={}") for p in database._PRAGMAS
)
from gunicorn.app.wsgiapp import run
run()
"""


def can_trace() -> bool:
    """Whether `strace` is here and allowed to do its work."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False)
    return tried.returncode == 0


class _TracedServer(Server):
    """A server whose writes to the database are recorded.

    Parameters
    ----------
    folder
        Its data folder.
    trace
        Where the record goes.
    synchronous
        SQLite's setting; `FULL` is the app's own.

    """

    def __init__(self, folder: Path, trace: Path, *, synchronous: str):
        super().__init__(folder, workers=2)
        files = [folder, *(folder / f"sluice.db{end}" for end in ("", "-wal", "-journal"))]
        self._words = [
            "strace", "-f", "-qq", "-ttt", "-T", "-y", "-xx", "-s", "200000", "-o", str(trace),
            "-e", f"trace={_CALLS}", *(word for file in files for word in ("-P", str(file))),
        ]  # fmt: skip
        if synchronous == "FULL":
            self._served = [sys.executable, "-m", "dashboard", "serve"]
        else:
            words = cli._gunicorn(read_settings(self.environ))
            self._served = [words[0], "-c", _WEAKER.format(synchronous), *words[3:]]

    def command(self) -> list[str]:
        """The server, traced."""
        return [*self._words, *self._served]


class Recorded(NamedTuple):
    """What was written, and who was told what when."""

    disk: Disk
    crowd: Crowd
    ends: list[float]


def record(folder: Path, *, answers: int, synchronous: str, seed: int) -> Recorded:
    """Label so many times while everything written is recorded.

    Parameters
    ----------
    folder
        An empty folder.
    answers
        How many are acknowledged at least.
    synchronous
        SQLite's setting.
    seed
        Of the annotators.

    """
    data, trace = folder / "data", folder / "trace"
    server = _TracedServer(data, trace, synchronous=synchronous)
    server.run(
        "experiments", "create", SLUG, "--stream", datasets.SAMPLE_MESSAGES,
        "--strategy", "random", "--budget", "0.2", "--floor", "0",
    )  # fmt: skip
    database = data / "sluice.db"
    before = {str(database): database.read_bytes()}
    assert not (data / "sluice.db-wal").exists(), "somebody has the database open"
    crowd = Crowd(server, SLUG, seed=seed, names=[])
    try:
        server.start()
        crowd.start()
        crowd.wait_for(answers, seconds=600)
        crowd.stop()
        assert crowd.answers >= answers, "the machine is too slow"
    finally:
        crowd.release()
        server.stop(signal.SIGKILL)
    with trace.open(encoding="ascii") as lines:
        calls = [c for c in read_trace(lines) if c.name != "unlink" or "sluice.db-" in c.path]
    trace.unlink()
    return Recorded(Disk(calls, before), crowd, [call.end for call in calls])


def cut(recorded: Recorded, *, cuts: int, seed: int) -> dict[str, Any]:
    """Cut the power at random moments and look at what is left; counts of it.

    Parameters
    ----------
    recorded
        What was written.
    cuts
        How often.
    seed
        Of the moments, and of what of the unsynced is there.

    """
    chance = random.Random(seed)
    (one,) = recorded.crowd.everyone
    first = one.acknowledged_at[0]
    moments = [end for end in recorded.ends if end > first]
    counts = {"cuts": cuts, "acknowledged": 0, "lost": 0, "cuts that lost": 0, "damaged": 0}
    for number in range(cuts):
        # Around the end of any call: most of them are those of answers, some those of checkpoints.
        at = chance.choice(moments) + chance.choice((-1e-6, 1e-6, chance.uniform(0, 0.01)))
        # Nothing, or anything, of what was not synced.
        files = recorded.disk.after_failure(at, None if number % 2 else chance)
        acknowledged = {a for a, when in zip(*_told(one), strict=True) if when < at}
        with tempfile.TemporaryDirectory(prefix="sluice-power-") as name:
            folder = Path(name)
            for path, content in files.items():
                (folder / Path(path).name).write_bytes(content)
            found = _found(folder / "sluice.db")
            counts["acknowledged"] += len(acknowledged)
            if found is None:
                counts["damaged"] += 1
                continue
            lost = len(acknowledged - found)
            assert found <= set(one.acknowledged), "answers that nobody gave"
            counts["lost"] += lost
            counts["cuts that lost"] += bool(lost)
            if number % VERIFY_EVERY == 0:
                _verify(folder)
    return counts


def _told(one: Annotator) -> tuple[list[Any], list[float]]:
    return one.acknowledged, one.acknowledged_at


def _found(database: Path) -> set[tuple[Any, ...]] | None:
    """The answers in a database; None where it is damaged."""
    connection = pysqlite3.connect(str(database))
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return None
        rows = connection.execute(
            "SELECT annotator, position, label, key FROM events WHERE kind IN ('label', 'pass')"
        )
        return set(rows.fetchall())
    except pysqlite3.DatabaseError:
        return None
    finally:
        connection.close()


def _verify(folder: Path) -> None:
    """Open it as the app does after the power came back; replay the log; go on."""
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    try:
        verdict = services.verification.verify(SLUG)
        assert not verdict.difference, verdict.difference
        services.runs.oracle(SLUG, count=2)
    finally:
        services.labeling.settle()
        services.database.close()


def power_loss(
    folder: Path, *, answers: int, cuts: int, synchronous: str = "FULL", seed: int = 1
) -> dict[str, Any]:
    """Label, cut the power, and count; `synchronous` other than `FULL` shows what that costs.

    Parameters
    ----------
    folder
        An empty folder.
    answers, cuts
        How many.
    synchronous
        SQLite's setting.
    seed
        Of everything random here.

    """
    recorded = record(folder, answers=answers, synchronous=synchronous, seed=seed)
    return {"answers": recorded.crowd.answers, **cut(recorded, cuts=cuts, seed=seed)}


def table(*, answers: int, cuts: int, say: Callable[[str], None]) -> None:
    """Print what is lost with the app's own setting, and with the one that most would take."""
    if not can_trace():
        raise SystemExit(WITHOUT)
    for synchronous, times in (("FULL", cuts), ("NORMAL", max(1, cuts // 5))):
        with tempfile.TemporaryDirectory(prefix="sluice-power-") as name:
            result = power_loss(Path(name), answers=answers, cuts=times, synchronous=synchronous)
        say(f"power loss, synchronous={synchronous}: {result}")
        if synchronous == "FULL" and (result["lost"] or result["damaged"]):
            raise SystemExit("acknowledged answers are gone")
        if synchronous == "NORMAL" and not result["lost"]:
            raise SystemExit("nothing was lost with NORMAL: this test cannot see a loss")
