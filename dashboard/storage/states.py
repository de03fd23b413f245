"""A strategy's state as two columns: one number as such, several as JSON, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import RowMapping

from dashboard.core.strategies import State


def columns_of(state: State) -> dict[str, Any]:
    """The columns `strategy_state` and `strategy_memory` of a state.

    Examples
    --------
    >>> columns_of(0.5)
    {'strategy_state': 0.5, 'strategy_memory': None}
    >>> columns_of((0.1, 3.0))
    {'strategy_state': None, 'strategy_memory': '[0.1, 3.0]'}

    """
    several = isinstance(state, tuple)
    return {
        "strategy_state": None if several else state,
        "strategy_memory": json.dumps(state) if several else None,
    }


def state_of(row: RowMapping | Mapping[str, Any]) -> State:
    """The reverse of `columns_of`, from a row that has both columns.

    Examples
    --------
    >>> state_of(columns_of((0.1, 3.0))), state_of(columns_of(0.5)), state_of(columns_of(None))
    ((0.1, 3.0), 0.5, None)

    """
    memory = row["strategy_memory"]
    if memory is not None:
        return tuple(json.loads(memory))
    state: float | None = row["strategy_state"]
    return state
