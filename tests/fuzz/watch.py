"""What the process does beside answering: files it writes, programs it starts, where it connects.

Python tells an audit hook of all of it (PEP 578). SQLite opens its own files, unseen: they are
looked for in the folders afterwards.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink",
             "os.truncate", "os.chmod", "shutil.rmtree")  # fmt: skip
_STARTING = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec")
_READER = "dashboard.services.importing.reader"  # files are read by a process of its own
# What the app's own caches are made of; everything else would be somebody else's pickle.
_KNOWN = {"builtins", "collections", "copy", "copyreg", "dashboard", "functools", "numpy", "random",
          "river", "_codecs", "math", "operator", "datetime", "itertools"}  # fmt: skip


class Watch:
    """Notes what should not happen while it is on.

    Parameters
    ----------
    allowed
        Folders in which files may be written.

    """

    def __init__(self, *allowed: Path):
        self.allowed = tuple(str(folder.resolve()) for folder in allowed)
        self.readers = 0
        self.seen: list[str] = []
        self._on = False
        sys.addaudithook(self._hear)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Listen for as long as this lasts."""
        self._on = True
        try:
            yield
        finally:
            self._on = False

    def take(self) -> list[str]:
        """What was noted since the last time."""
        seen, self.seen = self.seen, []
        return seen

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == "open":
            if isinstance(args[2], int) and args[2] & _WRITING:
                self._path(event, args[0])
        elif event in _CHANGING:
            self._path(event, args[0], *(a for a in args[1:] if isinstance(a, int)))
        elif event in _STARTING:
            self._start(event, args)
        elif event == "os.kill":
            self._kill(args)
        elif event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
            self.seen.append(f"{event} {args[1:]}")
        elif event == "pickle.find_class" and str(args[0]).partition(".")[0] not in _KNOWN:
            self.seen.append(f"a pickle names {args}")

    def _path(self, event: str, path: Any, *numbers: int) -> None:
        """Note a path outside; the last number is the folder that it is relative to, if any is."""
        if isinstance(path, int) or path is None:
            return
        base = f"/proc/self/fd/{numbers[-1]}" if numbers and numbers[-1] >= 0 else "."
        whole = os.path.realpath(os.path.join(os.path.realpath(base), os.fsdecode(path)))
        inside = any(whole == top or whole.startswith(top + os.sep) for top in self.allowed)
        if not inside and whole != os.devnull and "__pycache__" not in whole:
            self.seen.append(f"{event} {whole}")

    def _start(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and _READER in args[1]:
            self.readers += 1
        else:
            self.seen.append(f"{event} {args[:2]}")

    def _kill(self, args: tuple[Any, ...]) -> None:
        try:
            if psutil.Process(args[0]).ppid() == os.getpid():
                return
        except psutil.Error:
            pass
        self.seen.append(f"os.kill {args}")


def files_in(folder: Path) -> set[str]:
    """Every file and folder below one."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
