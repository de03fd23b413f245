"""Rows of fields as features, by the types that the stream knows."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.pipelines import PIPELINES
from dashboard.core.rows import (
    Attributes,
    Buckets,
    FieldType,
    Marks,
    Numbers,
    date_parts,
    number_of,
)

COLUMNS = {"price": "number", "shop": "category", "sold": "date", "title": "text"}
ROW = {"price": 3.5, "shop": "Nord", "sold": "2024-05-31T17:30:00", "title": "Red hat, red!"}


def test_each_type_as_its_features():
    assert Numbers(COLUMNS).transform_one(ROW) == {"price": 3.5, "sold": 19874 + 17.5 / 24}
    assert Marks(COLUMNS).transform_one(ROW) == dict.fromkeys(
        ["shop=Nord", "sold month=5", "sold weekday=4", "sold hour=17", "title: red", "title: hat",
         "title: red hat", "title: ,", "title: hat ,", "title: , red", "title: !",
         "title: red !"],
        1,
    )  # fmt: skip
    assert Attributes(COLUMNS).transform_one(ROW) == {
        "price": 3.5, "shop is": "Nord", "sold day": 19874 + 17.5 / 24, "sold month": 5,
        "sold weekday": 4, "sold hour": 17,
    }  # fmt: skip


def test_without_types_numbers_are_numbers_and_the_rest_categories():
    """As in River's own data sets, which say nothing of types."""
    row: dict[str, Any] = {"a": 1, "b": 2.5, "c": "x", "d": True, "e": None, "f": math.nan}
    assert Numbers({}).transform_one(row) == {"a": 1, "b": 2.5}
    assert Marks({}).transform_one(row) == {"c=x": 1, "d=True": 1}


def test_a_value_that_is_not_of_its_type_is_a_category():
    row: dict[str, Any] = {"price": "n/a", "shop": 7, "sold": "soon", "title": 12}
    assert Numbers(COLUMNS).transform_one(row) == {}
    assert Marks(COLUMNS).transform_one(row) == {
        "price=n/a": 1, "shop=7": 1, "sold=soon": 1, "title: #2": 1,
    }  # fmt: skip
    assert Attributes(COLUMNS).transform_one(row) == {
        "price is": "n/a", "shop is": "7", "sold is": "soon",
    }  # fmt: skip


def test_a_row_of_texts_does_not_mix_its_fields():
    marks = Marks({"title": "text", "body": "text"}).transform_one({"title": "Red", "body": "red"})
    assert marks == {"title: red": 1, "body: red": 1}


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_dates_agree_with_the_library(moment):
    found = date_parts(moment.isoformat())
    day = (moment - datetime(1970, 1, 1)) / timedelta(days=1)
    assert found["day"] == pytest.approx(day, abs=1e-9)
    assert (found["month"], found["weekday"], found["hour"]) == (
        moment.month, moment.weekday(), moment.hour,
    )  # fmt: skip
    assert "hour" not in date_parts(moment.date().isoformat())


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_days_are_those_of_utc(moment, minutes):
    there = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)), microsecond=0)
    here = there.astimezone(UTC)
    assert date_parts(there.isoformat())["day"] == pytest.approx(
        here.timestamp() / 86_400, abs=1e-9
    )
    assert date_parts(there.isoformat())["hour"] == there.hour


@pytest.mark.parametrize(
    "text", ["", "31.05.2024", "2024-00-10", "2024-02-30", "0000-01-01", "2024-05-31T", "12:30",
             "2024-05-31T17", "20240531"],
)  # fmt: skip
def test_what_is_no_date(text):
    assert date_parts(text) == {}


@given(st.floats() | st.integers() | st.booleans() | st.text() | st.none())
def test_numbers_are_finite_and_can_be_squared(value):
    found = number_of(value)
    if found is None:
        assert not isinstance(value, (int, float)) or isinstance(value, bool) or value != value
    else:
        assert math.isfinite(float(found) ** 2)
        assert abs(found) == 1e100 or found == value


@pytest.mark.parametrize(
    ("value", "marks"),
    [
        (0.0, {"a>0.0"}),
        (0.49, {"a>0.0"}),
        (-0.5, {"a<0.0", "a<0.5"}),
        (1e100, {f"a>{i / 2}" for i in range(8)}),
    ],
)
def test_buckets(value, marks):
    assert set(Buckets().transform_one({"a": value})) == marks
    assert Buckets(keep=True).transform_one({"a": value})["a"] == value


@pytest.mark.parametrize("pipeline", [p.name for p in PIPELINES.values() if not p.text])
def test_types_change_what_is_learned(pipeline):
    """A text taken for a category would be a mark nobody sees twice."""
    typed, untyped = (PIPELINES[pipeline].build(c) for c in ({"note": "text"}, {}))
    row = {"note": "several words of a note"}
    assert typed.transform_one(row) != untyped.transform_one(row)
    assert set(untyped.transform_one(row)) == {
        "note is" if pipeline == "rows-tree" else f"note={row['note']}"
    }


def test_types_are_plain_words():
    assert [str(t) for t in FieldType] == ["number", "category", "date", "text"]
