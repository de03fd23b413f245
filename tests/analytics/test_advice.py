"""Stop advice: never greener than the evidence."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dashboard.analytics.advice import (
    FEWEST_OF_CLASS,
    NEAR,
    Advice,
    Because,
    Known,
    Target,
    Verdict,
    advise,
)
from dashboard.analytics.estimates.answers import Answers, evidence_of
from dashboard.analytics.estimates.anytime import histogram, least_accuracy
from dashboard.analytics.estimates.evidence import Evidence
from dashboard.analytics.estimates.forecast import Range, forecast
from dashboard.analytics.stability import (
    FARTHER,
    LOOKS,
    Look,
    Rise,
    changes,
    gain,
    kappa,
    kappas,
    rise,
    rises,
    wanted,
)
from dashboard.core.messages import sample_messages
from dashboard.core.pipelines import TEXT
from scripts.validation.runs import simulate_checks
from scripts.validation.stopping import gaining, stopping

PROBE = np.arange(200) % 2


def looks(n: int = 12, *, noise: int = 0) -> list[Look]:
    """Looks 25 labels apart; `noise` predictions differ from one to the next."""
    made = []
    for i in range(n):
        predicted = PROBE.copy()
        predicted[np.arange(noise) + noise * (i % 5)] ^= 1
        made.append(Look(25 * (i + 1), 250 * (i + 1), predicted))
    return made


def ask(**changes: object) -> Advice:
    chosen = {
        "looks": looks(), "samples": 4_000, "per_class": [150, 150], "floor": 0.05,
        "known": Known(0.96, 0.015), "target": Target(0.95, 0.02), "seconds": 4.0,
    } | changes  # fmt: skip
    return advise(chosen.pop("looks"), **chosen)  # type: ignore[arg-type]


def test_green_needs_everything() -> None:
    found = ask()
    assert found.verdict == Verdict.STOP
    assert found.because == (Because.REACHED, Because.STEADY)
    assert found.kappas == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("changes", "verdict", "because"),
    [
        ({"looks": looks(5)}, Verdict.KEEP_GOING, Because.TOO_EARLY),
        ({"looks": []}, Verdict.KEEP_GOING, Because.TOO_EARLY),
        ({"looks": looks(noise=8)}, Verdict.KEEP_GOING, Because.CHANGING),
        (
            {"looks": [Look(k.labels, k.scanned, np.zeros(200, int)) for k in looks()]},
            Verdict.KEEP_GOING,
            Because.ONE_CLASS,
        ),
        ({"per_class": [291, FEWEST_OF_CLASS - 1]}, Verdict.KEEP_GOING, Because.RARE_CLASS),
        ({"floor": 0.0, "known": Known()}, Verdict.DIMINISHING, Because.NO_FLOOR),
        ({"floor": 0.0, "known": Known(None, 0.01)}, Verdict.DIMINISHING, Because.SPOT_CHECKED),
        ({"target": None}, Verdict.DIMINISHING, Because.NO_TARGET),
        ({"known": Known(0.949, 0.01)}, Verdict.DIMINISHING, Because.BELOW_TARGET),
        ({"known": Known(None, 0.01)}, Verdict.DIMINISHING, Because.BELOW_TARGET),
        ({"known": Known(0.96, 0.021)}, Verdict.DIMINISHING, Because.TOO_WIDE),
        ({"known": Known(0.96)}, Verdict.DIMINISHING, Because.TOO_WIDE),
        ({"looks": looks(noise=2)}, Verdict.DIMINISHING, Because.GAINING),
    ],
)
def test_anything_that_is_missing_is_said(
    changes: dict[str, object], verdict: Verdict, because: Because
) -> None:
    found = ask(**changes)
    assert found.verdict == verdict
    assert because in found.because


def test_less_evidence_never_makes_it_greener() -> None:
    order = list(Verdict)
    grid = itertools.product((0, 2, 8), ([150, 150], [290, 3]), (0.05, 0.0), (0.96, 0.9, None))
    for noise, per_class, floor, least in grid:
        some = ask(
            looks=looks(noise=noise), per_class=per_class, floor=floor, known=Known(least, 0.01)
        )  # fmt: skip
        assert order.index(some.verdict) <= order.index(ask().verdict)
        if (noise, per_class, floor, least) != (0, [150, 150], 0.05, 0.96):
            assert some.verdict != Verdict.STOP


def test_kappa_is_cohens() -> None:
    one, other = np.array([0] * 20 + [1] * 30), np.array([0] * 15 + [1] * 35)
    agree, chance = 45 / 50, 0.4 * 0.3 + 0.6 * 0.7
    assert kappa(one, other) == pytest.approx((agree - chance) / (1 - chance))
    assert kappa(one, one) == 1.0
    assert kappa(np.zeros(9), np.zeros(9)) == 1.0
    assert kappa(np.array([0, 1]), np.array([1, 0])) == -1.0


def test_kappas_look_back_a_hundred_labels_and_no_less() -> None:
    made = looks(9, noise=4)
    found = kappas(made)
    assert len(found) == LOOKS
    assert found[-1] == kappa(made[4].predicted, made[8].predicted)
    assert kappas(made[:4]) == ()
    gaps = [Look(labels, 10 * labels, PROBE) for labels in (10, 60, 109, 111)]
    assert kappas(gaps) == (1.0,)


def test_the_gain_shrinks_with_what_changed() -> None:
    calm, wild = gain(looks(), seconds=6), gain(looks(noise=9), seconds=6)
    assert calm.likely == 0
    assert calm.most == 2 / 200  # two samples of the probe may turn
    assert (wild.likely or 0) > 0
    assert (wild.most or 0) >= (wild.likely or 0)
    assert (calm.labels, calm.seconds) == (50, 300)
    assert gain(looks(2), seconds=6).likely is None


def evidence(errors: int, audits: int, floor: float = 0.05) -> tuple[Evidence, np.ndarray]:
    """So many audits, of which some were wrong, and twenty other errors at π = .7."""
    n = audits + 60
    wrong = np.isin(np.arange(n), [*range(errors), *range(audits, audits + 20)])
    pi = np.where(np.arange(n) < audits, floor, 0.7)
    answers = Answers(
        np.arange(n), wrong.astype(int), np.zeros(n, int), np.ones(n), pi, np.full(n, "entropy")
    )
    found = evidence_of(answers, round(audits / floor), floor=floor)
    return found, histogram(pi[wrong])


def test_a_forecast_is_a_range_and_more_takes_longer() -> None:
    found, odds = evidence(2, 50)
    wide, narrow = (
        forecast(found, odds, target=0.0, half_width=w, asked=0.08, seconds=3) for w in (0.05, 0.02)
    )
    for made in (wide, narrow):
        assert made.labels.low <= made.labels.likely <= made.labels.high
    assert 0 < wide.labels.likely < narrow.labels.likely < math.inf
    assert narrow.labels.likely == pytest.approx(0.08 * narrow.samples.likely)
    assert narrow.seconds.high == pytest.approx(3 * narrow.labels.high)
    there = forecast(found, odds, target=0.0, half_width=1.0, asked=0.08, seconds=3)
    assert there.samples == Range(0.0, 0.0, 0.0)


def test_what_cannot_be_reached_takes_for_ever() -> None:
    found, odds = evidence(5, 50)  # about one in ten wrong
    at_99 = forecast(found, odds, target=0.99, half_width=0.02, asked=0.08, seconds=3)
    assert at_99.labels.likely == math.inf
    at_80 = forecast(found, odds, target=0.80, half_width=0.05, asked=0.08, seconds=3)
    assert at_80.labels.likely < math.inf
    recent, _ = evidence(0, 50)
    better = forecast(
        found, odds, target=0.95, half_width=0.05, asked=0.08, seconds=3, recent=recent
    )
    assert better.labels.low < math.inf
    zero = evidence(2, 50)[0]
    none = forecast(
        type(zero)(*[*list(vars(zero).values())[:-1], 0.0]), odds, target=0.5, half_width=0.1,
        asked=0.08, seconds=3,
    )  # fmt: skip
    assert none.labels.low == math.inf


def test_the_limit_the_advice_rests_on_is_below_the_estimate() -> None:
    found, odds = evidence(2, 200)
    assert least_accuracy(found, odds) < 1 - found.wrong.total / found.scanned


def test_the_rise_to_the_end_grows_with_what_is_left_and_with_what_the_last_doubling_changed() -> (
    None
):
    made = looks(12, noise=2)
    few, many = rise(made, samples=3_200), rise(made, samples=12_000)
    assert few is not None
    assert many is not None
    changed = float(np.mean(made[5].predicted != made[11].predicted))  # 150 labels, and 300
    assert many.most == pytest.approx(2 * changed + 1 / 200)  # a quarter is scanned
    assert few.likely < few.most < many.most
    done = rise(made, samples=3_000)
    assert done is not None
    assert (done.likely, done.most) == (0.0, 0.0)
    assert rise(made[:1], samples=3_000) is None
    assert rise([], samples=3_000) is None
    assert rises(made, samples=12_000)[-1] == many
    assert len(rises(made, samples=12_000)) == LOOKS


def test_the_likely_rise_goes_with_how_fast_the_changes_become_fewer() -> None:
    def to_end(first: int, then: int, *, samples: int = 32_000) -> Rise:
        turned = ((50, 0), (100, first), (200, first + then))
        made = [Look(n, 10 * n, np.where(np.arange(200) < k, 1 - PROBE, PROBE)) for n, k in turned]
        found = rise(made, samples=samples)
        assert found is not None
        return found

    slow, fast = to_end(8, 8), to_end(40, 8)
    assert slow.most == fast.most == pytest.approx(4 * 8 / 200 + 1 / 200)  # four doublings
    factor = (8 / 200 + 0.02) / (40 / 200 + 0.04)
    expected = 0.5 * 8 / 200 * sum(factor**j for j in range(1, 5))
    assert fast.likely == pytest.approx(expected)
    assert fast.likely < slow.likely < slow.most
    # Where they became more, they are taken to stay as many.
    assert to_end(0, 8).likely == pytest.approx(
        0.5 * 8 / 200 * sum(min(1, (8 / 200 + 0.02) / 0.04) ** j for j in range(1, 5))
    )
    assert to_end(8, 8, samples=2_000).likely == 0


def test_one_calm_look_is_not_enough_to_stop() -> None:
    """What the last doubling changed is itself uncertain: it has to be little three times."""
    made = looks(14)
    restless = made[11].predicted.copy()
    restless[:3] ^= 1
    made[11] = Look(300, 3_000, restless)
    assert ask(looks=made, samples=12_000).verdict == Verdict.DIMINISHING
    assert ask(looks=looks(14), samples=12_000).verdict == Verdict.STOP


def test_what_was_steady_for_one_look_only_is_said_to_be() -> None:
    made = looks(14)
    made[7] = Look(200, 2_000, 1 - PROBE)
    made[6] = Look(175, 1_750, 1 - PROBE)
    found = ask(looks=made[:12])  # at 300 labels and 275 it had changed, at 250 it had not
    assert found.verdict == Verdict.KEEP_GOING
    assert found.because[0] == Because.CHANGING
    found = ask(looks=made[:13])
    assert found.because[0] == Because.NOT_LONG
    assert ask(looks=made + looks(16)[14:]).verdict != Verdict.KEEP_GOING


def test_stop_promises_a_point_to_the_end() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        probe = PROBE.copy()
        made = []
        for i in range(16):
            probe = np.where(rng.random(200) < rng.choice([0, 0.001, 0.01]), 1 - probe, probe)
            made.append(Look(25 * (i + 1), 250 * (i + 1), probe))
        found = ask(looks=made, samples=int(rng.integers(4_000, 40_000)))
        if found.verdict == Verdict.STOP:
            assert found.rise is not None
            assert found.rise.most <= NEAR + 1e-9


def test_looks_that_are_wanted_say_what_all_looks_say() -> None:
    """The page predicts the probe at these only."""
    every = looks(30, noise=3)
    for labels in (30, 100, 180, 260, 425, 733):
        there = [look for look in every if look.labels <= labels]
        some = [look for look in there if look.labels in wanted(labels)]
        assert kappas(some) == kappas(there)
        assert rises(some, samples=20_000) == rises(there, samples=20_000)
        assert gain(some, seconds=2) == gain(there, seconds=2)
        assert changes(some) == changes(there)
        assert len(changes(there)) == sum(there[-1].labels > back for back in FARTHER)


def test_on_messages_it_says_stop_and_nothing_is_lost_by_it() -> None:
    """The short form, on orders that the rule was not made on: the long one is `make validate`."""
    examples = [({TEXT: text}, int(spam)) for text, spam in sample_messages(4_000)]
    runs, checks = simulate_checks(examples, 2, 0.10, runs=24, first=2_000)
    by_target = {one.target: one for one in stopping(runs, checks)}
    some = by_target[0.90]
    assert some.says >= 12
    assert some.near >= 0.9
    assert some.kept >= 0.9
    assert some.labels[1] < some.labels_end
    assert by_target[0.95].says <= some.says
    soon, to_end = gaining(runs, checks)
    assert soon.looks > 100
    assert soon.within >= 0.9
    assert abs(soon.likely - soon.gained) < 0.005
    assert to_end.looks > 100
    assert to_end.within >= 0.9


def test_with_a_floor_of_0_it_never_says_stop() -> None:
    examples = [({TEXT: text}, int(spam)) for text, spam in sample_messages(1_500)]
    runs, checks = simulate_checks(examples, 2, 0.0, runs=4)
    assert all(one.says == 0 for one in stopping(runs, checks))
