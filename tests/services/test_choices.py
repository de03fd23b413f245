"""Choices come from addresses: pages forgive them, downloads do not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dashboard.errors import BadInput
from dashboard.services.choices import (
    AccuracyChoices,
    EntropyChoices,
    QualityChoices,
    QueriesChoices,
)

READERS = (AccuracyChoices, QueriesChoices, EntropyChoices, QualityChoices)


@pytest.mark.parametrize("reader", READERS)
def test_nothing_chosen_is_the_default(reader: Any) -> None:
    assert reader.read({}) == reader() == reader.read({}, strict=True)


@pytest.mark.parametrize(("reader", "params"), [
    (AccuracyChoices, {"by": "weeks"}), (AccuracyChoices, {"window": "0"}),
    (AccuracyChoices, {"window": ["500"]}), (AccuracyChoices, {"curves": "overall,x"}),
    (AccuracyChoices, {"curves": {"a": 1}}), (QueriesChoices, {"per": "year"}),
    (EntropyChoices, {"range": "1"}), (EntropyChoices, {"range": "a,b"}),
    (EntropyChoices, {"range": "-1,5"}), (EntropyChoices, {"range": [None, 3]}),
    (EntropyChoices, {"ask": "more"}), (EntropyChoices, {"ask": "nan"}),
    (QualityChoices, {"matrix": "x"}), (QualityChoices, {"stretch": ["long"]}),
    (EntropyChoices, {"ask": "9"}), (EntropyChoices, {"span": "501"}),
])  # fmt: skip
def test_what_cannot_be_used(reader: Any, params: dict[str, Any]) -> None:
    assert reader.read(params) == reader()
    with pytest.raises(BadInput, match=f"The choice {next(iter(params))} has to be"):
        reader.read(params, strict=True)


def test_from_an_address_and_from_the_controls_alike() -> None:
    typed = AccuracyChoices.read({"by": "labels", "curves": "f1,overall", "window": "2000"})
    clicked = AccuracyChoices.read({"by": "labels", "curves": ["f1", "overall"], "window": "2000"})
    assert typed == clicked == AccuracyChoices("labels", ("overall", "f1"), "2000")
    assert AccuracyChoices.read({"curves": "none"}).curves == ()


def test_the_stretch_and_the_slider() -> None:
    chosen = EntropyChoices.read({"span": "range", "range": [700, 50], "ask": "-1"})
    assert (chosen.stretch, chosen.last, chosen.times) == ((50, 700), None, 10.0)
    assert EntropyChoices.read({"span": "5000", "range": "1,2"}).stretch is None
    assert EntropyChoices.read({"span": "5000"}).last == 5_000


@pytest.mark.parametrize("bound", [math.inf, -math.inf, math.nan, 10**400, "9" * 5_000, None, []])
def test_a_range_that_no_stream_has(bound):
    assert EntropyChoices.read({"span": "range", "range": [0, bound]}).range == (0, 0)
    with pytest.raises(BadInput):
        EntropyChoices.read({"span": "range", "range": [0, bound]}, strict=True)
