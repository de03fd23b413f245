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
from hypothesis.stateful import run_state_machine_as_test

from dashboard.services import labeling
from tests.histories.keeping import Keeping
from tests.histories.processes import Processes
from tests.histories.service import RECIPES, UNKNOWN, N, Service, Templates, build

EXAMPLES = int(os.environ.get("SLUICE_STATEFUL", "0"))
SHORT = 40  # examples in `make test`


class History(Processes, Keeping):
    """All that may happen."""


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
            stateful_step_count=30,
            deadline=None,
            derandomize=not EXAMPLES,
            # A short history is looked for in the long form only: that takes minutes.
            phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
