"""The short forms of the long tests; `make torture` runs the long ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import WITHOUT, PostgresServer, programs
from tests.torture.jobs import torture_callbacks, torture_jobs
from tests.torture.killing import torture
from tests.torture.power import WITHOUT as WITHOUT_STRACE
from tests.torture.power import can_trace, power_loss

pytestmark = [pytest.mark.slow]  # what they kill is their own, and no clock decides


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    if programs() is None:
        pytest.skip(WITHOUT)
    made = PostgresServer()
    made.start()
    yield made
    made.remove()


def test_one_annotator_loses_nothing_and_goes_the_way_of_river(tmp_path: Path) -> None:
    result = torture(tmp_path / "run", kills=6, workers=1)
    assert (result["lost"], result["doubled"]) == (0, 0)
    assert result["acknowledged"] > 0
    assert result["verified"] > 1


def test_several_annotators_on_postgresql_lose_nothing(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    result = torture(tmp_path / "run", kills=6, workers=2, annotators=4, postgres=postgres, seed=3)
    assert (result["lost"], result["doubled"]) == (0, 0)
    assert result["acknowledged"] >= 4
    assert result["verified"] > 1


def test_a_killed_job_says_so_and_goes_on(tmp_path: Path) -> None:
    result = torture_jobs(tmp_path / "data", kills=3)
    assert result["told"] == 3


def test_background_callbacks_under_labeling_load(tmp_path: Path) -> None:
    result = torture_callbacks(tmp_path / "data", callbacks=24)
    assert result["receipts"] == 24
    assert result["left_behind"] == 0
    assert result["answers_meanwhile"] > 0


@pytest.mark.skipif(not can_trace(), reason=WITHOUT_STRACE)
def test_power_loss_takes_no_acknowledged_answer(tmp_path: Path) -> None:
    result = power_loss(tmp_path, answers=20, cuts=30)
    assert result["acknowledged"] > 0
    assert (result["lost"], result["damaged"]) == (0, 0)
