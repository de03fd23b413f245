"""Fuzzing of every route and every callback of the app.

    python -m tests.fuzz                       100,000 inputs
    python -m tests.fuzz --inputs 5000 --seed 7
    python -m tests.fuzz --seed 7 --epoch 12   one epoch of that run again

Requests are made from what the app itself says of its routes, callbacks and pages, right ones and
the same made wrong, and sent through Flask's test client, without sign-in and with it. Exit code 1
if an answer has a status of 500 or more, tells a traceback, or anything changed that should not.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fuzz.run import Found, Fuzz, Report
from tests.fuzz.watch import Watch, files_in

EPOCH = 500
FREE = 3  # of five epochs, those in which nobody has to sign in


def run(
    folder: Path, *, inputs: int, seed: int, only: int | None = None, progress: bool = False
) -> Report:
    """Ask so many times.

    Parameters
    ----------
    folder
        For data; temporary files have to be in it, too.
    inputs
        How many requests.
    seed
        Of everything that is left to chance.
    only
        An epoch to run alone.
    progress
        Whether to tell on the way.

    """
    report, watch = Report(), Watch(folder)
    fuzzes = [
        Fuzz(folder / name, guarded=name == "guarded", watch=watch, report=report)
        for name in ("open", "guarded")
    ]
    for epoch in range(-(-inputs // EPOCH)) if only is None else [only]:
        size = min(EPOCH, inputs - epoch * EPOCH) if only is None else EPOCH
        known = len(report.found)
        fuzzes[epoch % 5 >= FREE].epoch(epoch, seed=seed, inputs=size)
        for found in report.found[known:] if progress else ():
            print(f"epoch {found.epoch}, input {found.number}: {found.what}", file=sys.stderr)
        if progress and epoch % 10 == 9:
            print(report.line(), file=sys.stderr)
    for fuzz in fuzzes:
        fuzz.close()
    if left := files_in(folder / "tmp"):
        report.found.append(Found(f"temporary files are left: {sorted(left)[:9]}", "", -1, -1))
    return report


@contextmanager
def place(folder: Path) -> Iterator[Path]:
    """A folder to run in, with a place for temporary files of its own."""
    (folder / "tmp").mkdir()
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")
    try:
        yield folder
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before


def _fast_folder() -> str | None:
    """Memory, where there is some: this is not about disks."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epoch", type=int, help="run one epoch alone")
    parser.add_argument("--show", type=int, default=20, help="findings to print")
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)  # refused sign-ins and damaged files are logged by design
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="sluice-fuzz-", dir=_fast_folder()) as made,
        place(Path(made)) as folder,
    ):
        report = run(
            folder, inputs=wanted.inputs, seed=wanted.seed, only=wanted.epoch, progress=True
        )
    known: set[str] = set()
    for found in report.found:
        if found.what[:160] not in known and len(known) < wanted.show:
            known.add(found.what[:160])
            print(f"epoch {found.epoch}, input {found.number}: {found.what}\n    {found.ask}")
    print(f"slowest: {report.slowest[0]:.2f} s, {report.slowest[1][:300]}")
    print(f"seed {wanted.seed}: {report.line()}; {time.monotonic() - began:.0f} s")
    return 1 if report.found else 0


if __name__ == "__main__":
    sys.exit(main())
