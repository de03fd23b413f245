"""A strategy's state in its two columns."""

from __future__ import annotations

import math
import random

import pytest

from dashboard.storage.states import columns_of, state_of


@pytest.mark.parametrize(
    "state",
    [None, 0.1 + 0.2, -7.0, (1.0,), (0.1 + 0.2, math.nextafter(1, 2)), (5e-324, 1.7e308, -0.0),
     tuple(random.Random(0).random() for _ in range(102))],
)  # fmt: skip
def test_bit_for_bit(state):
    back = state_of(columns_of(state))
    assert repr(back) == repr(state)


def test_one_column_is_used():
    assert columns_of(0.25) == {"strategy_state": 0.25, "strategy_memory": None}
    assert columns_of((0.25,)) == {"strategy_state": None, "strategy_memory": "[0.25]"}
    assert columns_of(()) == {"strategy_state": None, "strategy_memory": "[]"}
