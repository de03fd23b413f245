"""The whole service against a model of a few lines, in histories that nobody thought of.

`make test` runs a short form, always the same; `make stateful` a long one, of other histories each
time. What people, leads and processes do in them is in `tests/histories`, the model in
`tests/model.py`.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from dashboard.services import labeling
from tests.histories.processes import Processes
from tests.histories.service import LOTS, RECIPES, UNKNOWN, Lot, N, Service, Templates, build

EXAMPLES = int(os.environ.get("SLUICE_STATEFUL", "0"))
SHORT = 20  # examples in `make test`
STEPS = 40


# All that may happen, and how often: of each hundred, half are answers and their undoing.
OFTEN = {
    "press": 12, "stray": 5, "cross": 6, "come_late": 4, "repeat": 2, "undo": 12, "correct": 3,
    "retract": 5, "wait": 4, "come_back": 4, "take": 6, "go_on": 3, "scan_past": 6, "queue": 8,
    "take_back": 2,
    "mark": 1, "change": 3, "tell_truth": 2, "reset": 1, "put_aside": 1,
    "restart": 2, "save": 2, "spoil": 3, "break_off": 7, "kill": 3,
}  # fmt: skip
WHAT = st.sampled_from([what for what, times in OFTEN.items() for _ in range(times)])


class History(Processes):
    """One thing after another. A single rule: of several, Hypothesis leaves some out each time."""

    @rule(what=WHAT, lot=LOTS)
    def happens(self, what: str, lot: Lot) -> None:
        """The next thing."""
        getattr(self, what)(lot)


@pytest.fixture(scope="session")
def templates(kept_data: Any, make_texts: Any) -> Templates:
    """A data folder for each recipe, made once."""
    made = {}
    for name, (classes, choices) in RECIPES.items():
        texts = make_texts(N, classes=classes, seed=3)
        examples = [({"text": t}, y if i < N - UNKNOWN else None) for i, (t, y) in enumerate(texts)]
        begun = partial(build, classes=classes, examples=examples, **choices)
        made[name] = kept_data(f"stateful-{name}", begun), examples
    return made


@pytest.mark.slow
def test_any_history_equals_the_model(templates, patient, monkeypatch):
    monkeypatch.setattr(labeling, "SNAPSHOT_EVERY", 3)
    monkeypatch.setattr(labeling, "REPLAY_SECONDS_PER_LABEL", 3600.0)
    monkeypatch.setattr(Service, "templates", templates, raising=False)
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=EXAMPLES or SHORT,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not EXAMPLES,
            # A short history is looked for in the long form only: that takes minutes.
            phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
