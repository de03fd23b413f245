"""The question rate in the middle of an experiment: what is told, and what then comes."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from dashboard.services.container import Services
from dashboard.services.desk import Desk

Data = dict[str, Any]
Wisher = Callable[..., Data]


@pytest.fixture
def slug(services: Services, make_experiment: Callable[..., str]) -> str:
    """Of 1,500 samples, the first few hundred scanned."""
    made = make_experiment(services, preset="recommended", n=1500)
    services.runs.oracle(made, count=40)
    return made


@pytest.fixture
def wish(services: Services, slug: str) -> Wisher:
    keys = count()

    def send(do: str, **more: Any) -> Data:
        key = f"key-of-a-wish-{next(keys)}"
        return Desk(services).handle({"slug": slug, "do": do, "key": key, "n": 1, **more})

    return send


def spec(services: Services, slug: str) -> Any:
    return services.experiments.find(slug).spec


def numbers(words: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", words)]


def test_the_rate_as_it_is(services, slug, wish) -> None:
    rate = wish("rate")["rate"]
    totals = services.views.view(slug)["counters"]
    assert (rate["choice"], rate["every"]) == ("one-in", 20)
    asked = totals["labels"] + totals["passes"]
    assert rate["so_far"].endswith(f" asked, {asked:,} of {totals['predictions']:,} samples.")
    expected, left, low, high = numbers(rate["ahead"])
    assert left == 1500 - services.experiments.find(slug).position
    assert low <= expected <= high
    assert expected == round(0.05 * left)
    assert "strategy" not in rate["ahead"]


def test_before_anything_is_scanned(services, make_experiment) -> None:
    made = make_experiment(services, "new", n=120)
    rate = Desk(services).handle({"slug": made, "do": "rate", "n": 1})["rate"]
    assert rate["so_far"] == "Nothing has been scanned so far."
    assert rate["ahead"] == (
        "It takes a few more samples to tell how many questions lie in the 120 samples that are "
        "left."
    )
    assert (rate["choice"], rate["every"], rate["discount"]) == ("discount", 1, 100.0)


def test_one_in_n_is_asked_from_then_on(services, slug, wish) -> None:
    before = services.views.view(slug)
    told = wish("rate", choice="one-in", every="4", labels="", discount="")["rate"]["ahead"]
    assert spec(services, slug).budget == 0.05  # nothing was changed by looking
    view = wish("strategy", choice="one-in", every="4", labels="7", discount="x")
    assert not view.get("refused")
    assert view["query"]["position"] == before["query"]["position"]
    assert view["head"] == before["head"] + 1
    assert (spec(services, slug).strategy, spec(services, slug).budget) == ("budget-entropy", 0.25)
    services.runs.oracle(slug)
    asked = services.views.view(slug)["counters"]["labels"] - before["counters"]["labels"] - 1
    _, _, low, high = numbers(told)
    assert low <= asked <= high
    assert services.verification.verify(slug).difference == ""


def test_so_many_labels_in_all_come_out_even_when_changed_twice(services, slug, wish) -> None:
    told = wish("rate", choice="labels", labels="150")["rate"]["ahead"]
    assert told.endswith("The strategy becomes “Balanced quantiles (BIQF)”.")
    wish("strategy", choice="labels", labels="150")
    services.runs.oracle(slug, count=40)
    rate = wish("rate")["rate"]
    assert rate["choice"] == "labels"
    assert abs(rate["labels"] - 150) <= 12
    wish("strategy", choice="labels", labels="240")
    assert abs(wish("rate")["rate"]["labels"] - 240) <= 2
    services.runs.oracle(slug)
    assert abs(services.views.view(slug)["counters"]["labels"] - 240) <= 12
    assert services.verification.verify(slug).difference == ""


def test_until_i_say_stop_is_the_share_of_recommended(services, slug, wish) -> None:
    wish("strategy", choice="one-in", every="3")
    wish("strategy", choice="open", every="3")
    assert spec(services, slug).budget == 0.05


def test_the_discount_factor_itself(services, slug, wish) -> None:
    ahead = {}
    for discount in ("3", "300"):
        told = wish("rate", choice="discount", discount=discount)["rate"]["ahead"]
        ahead[discount] = numbers(told)[0]
        assert told.endswith("The strategy becomes “Entropy”.")
    assert ahead["3"] > 2 * ahead["300"]
    wish("strategy", choice="discount", discount="30")
    made = spec(services, slug)
    assert (made.strategy, made.discount_factor, made.floor) == ("entropy", 30.0, 0.02)
    assert wish("rate")["rate"]["discount"] == 30.0
    wish("strategy", choice="one-in", every="8")
    assert spec(services, slug).strategy == "budget-entropy"
    assert services.verification.verify(slug).difference == ""


def test_every_sample(services, slug, wish) -> None:
    told = wish("rate", choice="one-in", every="1")["rate"]["ahead"]
    left = 1500 - services.experiments.find(slug).position
    assert told.startswith(f"{left:,} questions in the {left:,} samples that are left.")


def test_at_the_end_nothing_is_left(services, slug, wish) -> None:
    services.runs.oracle(slug)
    assert "nothing is left" in wish("rate")["rate"]["ahead"]
    assert "nothing is left" in wish("rate", choice="labels", labels="900")["notice"]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"choice": "one-in", "every": "0"}, "from 1 to"),
        ({"choice": "one-in", "every": "many"}, "no question rate"),
        ({"choice": "one-in"}, "no question rate"),
        ({"choice": "labels", "labels": "7"}, "labels already"),
        ({"choice": "labels", "labels": ["7"]}, "no question rate"),
        ({"choice": "discount", "discount": "a lot"}, "has to be a number, not 'a lot'"),
        ({"choice": "discount", "discount": "-1"}, "from 0 to"),
        ({"choice": "discount", "discount": "nan"}, "from 0 to"),
        ({"choice": "sometimes"}, "does not know"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(services, slug, wish, choice, sentence) -> None:
    head = services.experiments.find(slug).head
    for do in ("rate", "strategy"):
        reply = wish(do, **choice)
        assert sentence in reply["notice"]
    assert services.experiments.find(slug).head == head


def test_the_floor_is_raised_and_lowered_in_the_middle(services, make_experiment) -> None:
    made = make_experiment(services, "bare", n=1500, discount_factor=30.0, floor=0)
    services.runs.oracle(made, count=30)
    keys = count()

    def send(do: str, **more: Any) -> Data:
        key = f"key-of-a-floor-{next(keys)}"
        return Desk(services).handle({"slug": made, "do": do, "key": key, "n": 1, **more})

    rate = send("rate")["rate"]
    assert (rate["floor"], rate["choice"]) == ("0", "discount")
    assert "from spot-checks alone" in rate["floor_ahead"]
    wanted = {"choice": "discount", "discount": str(rate["discount"])}
    told = send("rate", floor="10", **wanted)["rate"]["floor_ahead"]
    audits, of, points, _ = numbers(told)
    assert of == min(1000, 1500 - services.experiments.find(made).position)
    assert points == 3
    assert spec(services, made).floor == 0  # nothing was changed by looking
    before = services.experiments.find(made)
    assert not send("strategy", floor="10 %", **wanted).get("refused")
    after = spec(services, made)
    assert (after.strategy, after.discount_factor, after.floor) == ("entropy", 30.0, 0.1)
    services.runs.oracle(made)
    estimates = services.reports.accuracy(made).estimates
    assert (estimates.floor, estimates.since >= before.position) == (0.1, True)
    assert estimates.now.shown
    assert audits * 0.5 < estimates.audits < audits * 2 + 10
    assert services.verification.verify(made).difference == ""
    send("strategy", floor="0", **wanted)
    assert spec(services, made).floor == 0
    assert services.verification.verify(made).difference == ""


def test_another_floor_leaves_the_rate_as_it_was(services, make_experiment) -> None:
    made = make_experiment(services, "odd", preset="recommended", n=300, budget=0.07)
    wish = {"slug": made, "n": 1, "choice": "one-in", "every": "14", "key": "key-of-a-floor"}
    Desk(services).handle({**wish, "do": "strategy", "floor": "3"})
    assert (spec(services, made).budget, spec(services, made).floor) == (0.07, 0.03)
    # Another rate with the floor as it is shown: the floor follows the budget, as before.
    Desk(services).handle({**wish, "do": "strategy", "every": "50", "floor": "3", "key": "k" * 9})
    assert (spec(services, made).budget, spec(services, made).floor) == (0.02, 0.008)


@pytest.mark.parametrize(
    ("floor", "sentence"),
    [
        ("a lot", "percent from 0 to 100, not 'a lot'"),
        ("-1", "percent from 0 to 100"),
        ("101", "percent from 0 to 100"),
        ("nan", "percent from 0 to 100"),
        ("60", "has to be below the budget"),
    ],
)
def test_a_floor_that_cannot_be(services, slug, wish, floor, sentence) -> None:
    head = services.experiments.find(slug).head
    for do in ("rate", "strategy"):
        assert sentence in wish(do, choice="one-in", every="20", floor=floor)["notice"]
    assert services.experiments.find(slug).head == head
