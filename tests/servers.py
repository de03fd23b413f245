"""Whether a server program that tests want is here; in CI its absence is a failure."""

from __future__ import annotations

import os

import pytest


def needed(found: object, sentence: str) -> None:
    """Skip the test at hand where a program is not installed; fail it in CI.

    Parameters
    ----------
    found
        The program, or nothing.
    sentence
        What is missing, and how to get it.

    """
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
