"""`python -m dashboard`: the command line."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line with hash randomization switched off.

    Some River models differ with the hash seed, so every process runs with the same one.
    """
    if os.environ.get("PYTHONHASHSEED") != "0":
        arguments = [sys.executable, "-m", "dashboard", *sys.argv[1:]]
        os.execve(sys.executable, arguments, {**os.environ, "PYTHONHASHSEED": "0"})
    from dashboard.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
