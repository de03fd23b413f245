"""The short forms of the long tests; `make torture` runs the long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture import torture, torture_callbacks, torture_jobs

pytestmark = [pytest.mark.slow]  # what they kill is their own, and no clock decides


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(tmp_path: Path, workers: int) -> None:
    result = torture(tmp_path / "data", kills=6, workers=workers, seed=workers)
    assert result["lost"] == 0
    assert result["doubled"] == 0
    assert result["acknowledged"] > 0


def test_a_killed_job_says_so_and_goes_on(tmp_path: Path) -> None:
    result = torture_jobs(tmp_path / "data", kills=3)
    assert result["told"] == 3


def test_background_callbacks_under_labeling_load(tmp_path: Path) -> None:
    result = torture_callbacks(tmp_path / "data", callbacks=24)
    assert result["receipts"] == 24
    assert result["left_behind"] == 0
    assert result["answers_meanwhile"] > 0
