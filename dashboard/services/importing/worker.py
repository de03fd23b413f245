"""Starts the reader in a process of its own, hears it, and ends it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from dashboard.errors import BadInput
from dashboard.services.importing.bad import Bad

SILENCE_SECONDS = 120.0  # a reader that says nothing for so long has run away
_LISTEN_SECONDS = 0.2
_PIPE = 1 << 20  # bytes that may be under way: an answer in one go, not in dozens
_AHEAD = 4  # answers that may wait: while these are stored, the next ones are read
_MEMORY = "more memory than a table of its size should"
# What a reader is told of the world; not the secrets of the server.
_ENVIRON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT", "PYTHONHASHSEED")
_ROOT = Path(__file__).resolve().parents[3]

logger = logging.getLogger(__name__)

Answer = dict[str, Any]


class Stopped(Exception):
    """Nobody wants the answers any more."""


def ask(
    told: dict[str, Any], file: str, *, wanted: Callable[[], bool] = lambda: True
) -> Iterator[Answer]:
    """Tell the reader what to do and hear its answers; it ends with the iterator.

    Parameters
    ----------
    told
        See `reader.main`.
    file
        What to call the file in messages.
    wanted
        Asked several times a second, also while nothing is heard.

    Raises
    ------
    BadInput
        What the reader refused, or that it needed too much memory or time.
    Stopped
        If the answers are not wanted any more.

    """
    with tempfile.TemporaryFile() as errors:
        process = _start(errors)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(json.dumps(told).encode())
            yield from _heard(process, process.stdout, file, wanted)
        except _Died:
            raise _reason(process, errors, file) from None
        finally:
            process.kill()
            process.wait()


class _Died(Exception):
    """The reader ended in the middle."""


def _start(errors: IO[bytes]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard.services.importing.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={k: os.environ[k] for k in _ENVIRON if k in os.environ} | {"PYTHONPATH": str(_ROOT)},
        cwd=_ROOT,
    )
    with contextlib.suppress(ImportError, AttributeError, OSError):  # where the system can do that
        import fcntl

        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _PIPE)  # type: ignore[arg-type]
    return process


def _heard(
    process: subprocess.Popen[bytes], out: IO[bytes], file: str, wanted: Callable[[], bool]
) -> Iterator[Answer]:
    answers: queue.Queue[Answer | None] = queue.Queue(_AHEAD)
    gone = threading.Event()
    thread = threading.Thread(target=_listen, args=(out, answers, gone), daemon=True)
    thread.start()
    heard = time.monotonic()
    try:
        while True:
            if not wanted():
                raise Stopped
            try:
                answer = answers.get(timeout=_LISTEN_SECONDS)
            except queue.Empty:
                if time.monotonic() - heard > SILENCE_SECONDS:
                    raise _runaway(file, "too long") from None
                continue
            heard = time.monotonic()
            if answer is None:
                raise _Died
            if "refused" in answer:
                raise BadInput(Bad(**answer["refused"]).sentence(file))
            if "memory" in answer:
                raise _runaway(file, _MEMORY)
            yield answer
            if not {"preview", "labels", "end"}.isdisjoint(answer):
                return
    finally:
        gone.set()
        process.kill()
        thread.join()


def _listen(out: IO[bytes], answers: queue.Queue[Answer | None], gone: threading.Event) -> None:
    with out:
        for line in out:
            try:
                answer: Answer = json.loads(line)
                blobs = [out.read(size) for size in answer.get("bytes", ())]
            except ValueError:  # cut off: it died while it wrote
                break
            answer["blobs"] = blobs
            if not _put(answers, answer, gone):
                return
        _put(answers, None, gone)


def _put(answers: queue.Queue[Answer | None], answer: Answer | None, gone: threading.Event) -> bool:
    while not gone.is_set():
        with contextlib.suppress(queue.Full):
            answers.put(answer, timeout=_LISTEN_SECONDS)
            return True
    return False


def split(blob: bytes, count: int) -> list[str] | list[None]:
    """What `shape.joined` joined: so many texts, or as often nothing."""
    return blob.decode().split("\0") if blob else [None] * count


def _runaway(file: str, what: str) -> BadInput:
    return BadInput(f"{file}: reading it takes {what}; save it as CSV, or split it.")


def _reason(process: subprocess.Popen[bytes], errors: IO[bytes], file: str) -> BadInput:
    """Why a reader died; what it said last is for the log."""
    code = process.wait()
    if code in (-signal.SIGABRT, -signal.SIGKILL):  # how a library out of memory ends
        return _runaway(file, _MEMORY)
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4000))
    said = errors.read().decode("utf-8", "replace")
    logger.error("The reader of %s ended with exit %d: %s", file, code, said)
    return BadInput(f"{file}: it made the reader fail (exit {code}); save it as CSV and try again.")
