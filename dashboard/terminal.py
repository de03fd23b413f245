"""Progress for whoever runs a command by hand."""

from __future__ import annotations

import sys


class Watch:
    """Progress on standard error, where a person is looking."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __call__(self, done: int, total: int, sentence: str) -> bool:
        """Show how far it is; a command is stopped by Ctrl-C."""
        if self.shown:
            of = f" of {total:,}" if total else ""
            print(f"\r{sentence}: {done:,}{of}    ", end="", file=sys.stderr, flush=True)
        return True

    def end(self) -> None:
        """Clear the line."""
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr)
