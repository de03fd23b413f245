"""The short form of `make validate-estimates`: coverage and bias against known truth, fixed seeds.

Marked as in the long form: an interval counts where a number is shown in a tenth of the runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dashboard.analytics.estimates import calibration, linear
from dashboard.core.learner import Learner
from dashboard.core.messages import sample_messages
from dashboard.core.pipelines import TEXT
from dashboard.core.simulation import Example
from scripts.estimates import estimates_table, fails, main, summary_table
from scripts.validation import judging
from scripts.validation.judging import Line, judge
from scripts.validation.lockstep import COLD, FLOOR, STRATEGY, in_step, texts_of
from scripts.validation.runs import Runs, gathered, order_of, recipe, simulate_runs
from scripts.validation.synthetic import SYNTHETIC, synthetic_runs

COVERED, UNBIASED = 0.93, 0.01


def messages(n: int = 2_000) -> list[Example]:
    return [({TEXT: text}, int(spam)) for text, spam in sample_messages(n)]


def one_by_one(examples: list[Example], order: list[int], spec: Any, classes: int) -> list[tuple]:  # type: ignore[type-arg]
    """The same run by the real learner."""
    learner, made = Learner(spec, n_classes=classes), []
    for position, i in enumerate(order):
        x, truth = examples[i]
        prediction = learner.scan(position, x)
        decision = prediction.decision
        p = 0.0 if prediction.predicted is None else prediction.probabilities[prediction.predicted]
        reason = {"": 0, "audit": FLOOR, "cold-start": COLD}.get(decision.reason, STRATEGY)
        made.append((p, decision.query_probability, reason, prediction.predicted))
        if decision.asked:
            learner.learn(x, truth)
    return made


@pytest.mark.parametrize("classes", [2, 4])
def test_runs_in_step_equal_runs_of_the_real_learner(
    classes: int, make_examples: Callable[..., list[Example]]
) -> None:
    examples = messages(900) if classes == 2 else make_examples(900, classes=classes)
    specs = [recipe(classes, 0.05, seed) for seed in range(3)]
    orders = [order_of(len(examples), seed) for seed in range(3)]
    texts = texts_of(examples, specs[0])
    predicted, truth, p, pi, reason = in_step(texts, np.array(orders), specs, n_classes=classes)
    for run, (spec, order) in enumerate(zip(specs, orders, strict=True)):
        real = one_by_one(examples, order, spec, classes)
        np.testing.assert_allclose(p[run], [r[0] for r in real], atol=1e-6)
        np.testing.assert_allclose(pi[run], [r[1] for r in real], atol=1e-9)
        assert reason[run].tolist() == [r[2] for r in real]
        assert truth[run].tolist() == [examples[i][1] for i in order]
        # Where a new model finds two classes equally likely, either may be named.
        differ = [
            i for i, r in enumerate(real) if predicted[run, i] != (-1 if r[3] is None else r[3])
        ]
        assert len(differ) <= 9
        assert all(abs(p[run, i] - 1 / 2) < 0.5 for i in differ)


def shown(lines: list[Line]) -> list[Line]:
    return [line for line in lines if not math.isnan(line.bias)]


@pytest.fixture(scope="module")
def looks() -> tuple[int, ...]:
    return (500, 2_000)


@pytest.mark.parametrize("floor", [0.05, 0.10])
def test_estimates_cover_the_truth_and_are_not_biased_on_messages(
    floor: float, looks: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "LOOKS", looks)
    lines = list(judge(simulate_runs(messages(), 2, floor, runs=120)))
    seen = shown(lines)
    assert {"accuracy", "accuracy of skipped", "accuracy, last 500", "prevalence", "F1"} <= {
        line.name for line in seen
    }
    assert [line for line in seen if line.coverage < COVERED] == []
    # What is passed over biases the value (its limits allow for it). With so few runs the mean of
    # those scores that vary most is itself uncertain: two standard errors are granted.
    wrong = [
        line
        for line in seen
        if line.name != judging.WITH_PASSES
        and abs(line.bias) >= max(UNBIASED, 2 * line.rmse / math.sqrt(120))
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", SYNTHETIC, ids=lambda kind: kind.name)
def test_accuracy_holds_on_unfriendly_streams(
    kind: Any, looks: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "LOOKS", looks)
    runs = synthetic_runs(kind, 0.05, runs=400, seed=1)
    for stop in looks:
        for line in shown(list(judging.accuracies(runs, stop))):
            assert line.coverage >= COVERED, line
            if line.name != judging.WITH_PASSES:
                assert abs(line.bias) < max(UNBIASED, 2 * line.rmse / math.sqrt(400)), line


def worst_of_classes(runs: Runs, stop: int) -> Line:
    """The score of classes, or share of a class, that is biased most."""
    found = shown(list(judging.classes(runs, stop)))
    assert {line.name for line in found} >= {"precision", "recall", "F1", "prevalence", "macro F1"}
    assert all(line.coverage >= COVERED for line in found), found
    return max(found, key=lambda line: abs(line.bias))


def test_scores_are_not_biased_where_much_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """45 % wrong: what is known of the predictions keeps the values from being cut off."""
    runs = synthetic_runs(SYNTHETIC[-1], 0.10, runs=400, seed=1)
    line = worst_of_classes(runs, 1_000)
    assert abs(line.bias) < max(UNBIASED, 2 * line.rmse / math.sqrt(400)), line
    monkeypatch.setattr(linear, "unseen_given", lambda kind, *_: kind.unseen)
    plain = worst_of_classes(runs, 1_000)
    assert abs(plain.bias) >= 2 * UNBIASED, plain
    assert plain.rmse > 1.5 * line.rmse


def test_bins_with_few_audits_would_be_biased(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rule about bins is for: which ones are large goes with what audits found there."""
    runs = simulate_runs(messages(1_200), 2, 0.10, runs=300)

    def of_bins() -> Line:
        return next(judging.calibration(runs, 1_000))

    line = of_bins()
    assert line.name == "accuracy per bin"
    assert abs(line.bias) < UNBIASED, line
    monkeypatch.setattr(calibration, "FEWEST_OF_BIN", 15)
    half = of_bins()
    assert half.shown > line.shown
    assert abs(half.bias) >= UNBIASED, half
    assert abs(half.bias) > 2 * abs(line.bias)


def test_the_limits_for_all_looks_hold_at_all_looks() -> None:
    for kind in SYNTHETIC:
        runs = synthetic_runs(kind, 0.10, runs=60, seed=2)
        short = Runs(
            2, 0.10, *(getattr(runs, name)[:, :1_500] for name in (
                "predicted", "truth", "probability", "query_probability", "reason"))
        )  # fmt: skip
        line = judging.all_looks(short)
        assert line.shown == 1
        assert line.coverage >= 0.95, kind.name


def test_a_floor_of_0_shows_nothing_but_spot_checks() -> None:
    runs = synthetic_runs(SYNTHETIC[0], 0.0, runs=20)
    lines = [line for stop in (500, 5_000) for line in judging.accuracies(runs, stop)]
    assert {line.name for line in shown(lines)} == {judging.WITH_CHECKS}


def test_an_interval_that_is_too_narrow_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge can say no: intervals of half the width fail."""
    kind = SYNTHETIC[1]
    real = judging.accuracy

    def halved(evidence: Any) -> Any:
        found = real(evidence)
        middle = found.value
        half = [middle + (limit - middle) / 2 for limit in (found.low, found.high)]
        return type(found)(middle, *half, *list(vars(found).values())[3:])

    monkeypatch.setattr(judging, "accuracy", halved)
    runs = synthetic_runs(kind, 0.05, runs=200)
    line = next(iter(judging.accuracies(runs, 5_000)))
    assert line.coverage < COVERED
    assert fails(line)


def test_runs_are_kept_and_made_only_once(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = messages(300)
    first = gathered(tmp_path, "some", examples, 2, 0.05, runs=3)
    monkeypatch.setattr("scripts.validation.runs.simulate_runs", None)
    again = gathered(tmp_path, "some", examples, 2, 0.05, runs=3)
    assert (first.query_probability == again.query_probability).all()
    with pytest.raises(TypeError):
        gathered(tmp_path, "some", examples[:-1], 2, 0.05, runs=3)


def test_the_stop_advice_can_be_had_alone(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--stop-advice", "--stops", "2", "--floors", "0,0.1", "--only", "sample-messages"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "| sample-messages | 10 | 95 | " in printed
    assert "| sample-messages | 10 | all to the end | " in printed
    assert "| sample-messages | 0 |" not in printed
    assert "coverage" not in printed


def test_the_script_prints_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "20", "--only", "rare", "--floors", "0.1"]) in (0, 1)
    printed = capsys.readouterr().out
    assert "| accuracy | 10 | 4 |" in printed
    lines = [("rare", 0.1, line) for line in judge(synthetic_runs(SYNTHETIC[2], 0.1, runs=10))]
    assert summary_table(lines).count("\n") >= 10
    assert "| rare | 10 | 5,000 | accuracy |" in estimates_table(lines)
    for line in shown([line for _, _, line in lines]):
        assert 0 <= line.doubt <= line.rmse
