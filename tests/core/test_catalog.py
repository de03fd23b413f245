"""The contract that every pipeline keeps under every strategy, over short streams."""

from __future__ import annotations

import json
import math
import pickle
import random
from collections import Counter
from typing import Any

import pytest

from dashboard.core.catalog import STRATEGIES, check_pipeline, fitting_pipelines
from dashboard.core.learner import Learner, Prediction
from dashboard.core.pipelines import PIPELINES
from dashboard.core.spec import Spec
from dashboard.core.strategies import AUDIT, COLD_START, State
from dashboard.errors import BadInput

Examples = list[tuple[dict[str, Any], int]]
PAIRS = [(pipeline, strategy) for pipeline in PIPELINES for strategy in STRATEGIES]
COLUMNS = {"size": "number", "color": "category", "at": "date", "note": "text"}
MANY = 12
COMMON = "the and you for have with just that"


def examples_for(pipeline: str, n: int, *, classes: int | None = None, seed: int = 0) -> Examples:
    """Texts or rows that tell their class most of the time, to a person as to a model."""
    found = PIPELINES[pipeline]
    classes = classes or (2 if found.binary else 4)
    rng = random.Random(seed)
    made: Examples = []
    for _ in range(n):
        label = rng.randrange(classes)
        telling = [f"{chr(97 + label)}{rng.choice('xyz')}" for _ in range(3)]
        text = " ".join([*telling, *rng.choices(COMMON.split(), k=3)][:: rng.choice((1, -1))])
        row = {
            "size": rng.gauss(3.0 * label, 1.0),
            "color": f"c{label if rng.random() < 0.8 else rng.randrange(classes)}",
            "at": f"2024-{label % 12 + 1:02d}-{rng.randrange(10, 29)}T{rng.randrange(10, 24)}:00",
            "note": text,
        }
        if rng.random() < 0.1:
            row[rng.choice(sorted(row))] = None
        made.append(({"text": text} if found.text else row, label))
    return made


def fresh(
    pipeline: str, strategy: str, *, classes: int | None = None, seed: int = 42, floor: float = 0.1
) -> Learner:
    found = PIPELINES[pipeline]
    spec = Spec(
        preset="",
        pipeline=pipeline,
        strategy=strategy,
        discount_factor=3.0,
        budget=0.3,
        floor=floor,
        seed=seed,
        margin=1.0,
        columns={} if found.text else COLUMNS,
    )
    return Learner(spec, n_classes=classes or (2 if found.binary else 4))


def run(
    learner: Learner, examples: Examples, *, first: int = 0
) -> tuple[list[Prediction], list[tuple[dict[str, Any], int]]]:
    """What was said of each, and what was learned: all questions but every seventh position's."""
    said, learned = [], []
    for position, (x, y) in enumerate(examples, start=first):
        said.append(learner.scan(position, x))
        if said[-1].decision.asked and position % 7:
            learner.learn(x, y)
            learned.append((x, y))
    return said, learned


def through_the_database(state: State) -> State:
    """A state as it comes back from the log: a float as such, several as JSON."""
    return tuple(json.loads(json.dumps(state))) if isinstance(state, tuple) else state


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
def test_repeats_with_its_seed(pipeline, strategy):
    examples = examples_for(pipeline, 60)
    one, other = fresh(pipeline, strategy, seed=7), fresh(pipeline, strategy, seed=7)
    assert repr(run(one, examples)) == repr(run(other, examples))
    assert one.fingerprint() == other.fingerprint()
    assert (
        fresh(pipeline, strategy, seed=8).fingerprint() != fresh(pipeline, strategy).fingerprint()
    )


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
def test_survives_pickling(pipeline, strategy):
    examples = examples_for(pipeline, 80)
    learner = fresh(pipeline, strategy)
    run(learner, examples[:50])
    copy = pickle.loads(pickle.dumps(learner, protocol=5))
    assert copy.fingerprint() == learner.fingerprint()
    rest = repr(run(learner, examples[50:], first=50))
    assert repr(run(copy, examples[50:], first=50)) == rest
    assert copy.fingerprint() == learner.fingerprint()


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
def test_replay_equals_live(pipeline, strategy):
    """Labels in order, one draw per position, the stored state; also from a pickle on the way."""
    examples = examples_for(pipeline, 100)
    live = fresh(pipeline, strategy)
    _, early = run(live, examples[:30])
    middle = pickle.dumps(live, protocol=5)
    _, late = run(live, examples[30:70], first=30)
    assert early
    assert late
    state = through_the_database(live.sampler.state)

    replayed = fresh(pipeline, strategy)
    replayed.replay(early + late, draws=70, state=state)
    assert replayed.fingerprint() == live.fingerprint()

    caught_up = pickle.loads(middle)
    caught_up.replay(late, draws=40, state=state)
    assert caught_up.fingerprint() == live.fingerprint()

    rest = repr(run(live, examples[70:], first=70))
    assert repr(run(replayed, examples[70:], first=70)) == rest
    assert repr(run(caught_up, examples[70:], first=70)) == rest


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
def test_goes_back_to_a_stored_state(pipeline, strategy):
    """What an undo does: the labels until then, the draws until then, the state of then."""
    examples = examples_for(pipeline, 60)
    learner = fresh(pipeline, strategy)
    _, learned = run(learner, examples[:25])
    then, state = learner.fingerprint(), through_the_database(learner.sampler.state)
    expected = repr(run(learner, examples[25:], first=25))
    again = fresh(pipeline, strategy)
    again.replay(learned, draws=25, state=state)
    assert again.fingerprint() == then
    assert repr(run(again, examples[25:], first=25)) == expected


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_prediction_changes_nothing(pipeline):
    examples, unseen = examples_for(pipeline, 60), examples_for(pipeline, 30, seed=1)
    learner = fresh(pipeline, "entropy")
    for step in (0, 20, 40):
        before = learner.fingerprint()
        said = [learner.predict(x) for x, _ in unseen]
        assert [learner.predict(x) for x, _ in unseen] == said
        assert learner.fingerprint() == before
        run(learner, examples[step : step + 20], first=step)


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
def test_asks_from_cold(pipeline, strategy):
    """Without a floor; where chance plays no part, the very first sample."""
    said, _ = run(fresh(pipeline, strategy, floor=0.0), examples_for(pipeline, 30))
    assert any(p.decision.asked for p in said)
    if strategy != "random" or not PIPELINES[pipeline].binary:
        assert (said[0].decision.query_probability, said[0].decision.asked) == (1.0, True)


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
def test_asks_again_after_one_class(pipeline, strategy):
    """Ten of one class, then all: without a floor it still finds out that there are others."""
    learner = fresh(pipeline, strategy, floor=0.0)
    for x, y in [e for e in examples_for(pipeline, 60) if e[1] == 0][:10]:
        learner.learn(x, y)
    found = Counter(y for _, y in run(learner, examples_for(pipeline, 300, seed=2))[1])
    assert set(found) - {0}


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
@pytest.mark.parametrize("floor", [0.0, 0.25])
def test_every_decision_follows_from_its_logged_probability(pipeline, strategy, floor):
    """Asked iff u < max(p, floor), with the one u of its seed; reason and entropy agree."""
    said, _ = run(fresh(pipeline, strategy, floor=floor, seed=5), examples_for(pipeline, 80))
    draws = random.Random(5)
    for prediction in said:
        entropy, query_probability, asked, reason = prediction.decision
        assert floor <= query_probability <= 1
        assert asked == (draws.random() < query_probability)
        assert reason in ({strategy, AUDIT, COLD_START} if asked else {""})
        known = [p for p in prediction.probabilities if not math.isnan(p)]
        assert (reason == COLD_START) == (len(known) < 2)
        assert 0 <= entropy <= 1 + 1e-9
        if STRATEGIES[strategy].deterministic and len(known) > 1:
            assert query_probability in (1.0, floor)


@pytest.mark.parametrize(("pipeline", "strategy"), PAIRS)
def test_learns_what_it_asks_about(pipeline, strategy):
    """Two classes or four, texts or rows: better than the largest class on what it never saw."""
    learner = fresh(pipeline, strategy)
    run(learner, examples_for(pipeline, 1_000 if strategy == "random" else 200))
    kept = examples_for(pipeline, 100, seed=3)
    assert accuracy(learner, kept) > 1.5 * max(Counter(y for _, y in kept).values()) / len(kept)


@pytest.mark.parametrize(
    ("pipeline", "strategy"), [(p, s) for p, s in PAIRS if not PIPELINES[p].binary]
)
def test_many_classes(pipeline, strategy):
    learner = fresh(pipeline, strategy, classes=MANY)
    said, _ = run(learner, examples_for(pipeline, 300, classes=MANY))
    known = [not math.isnan(p) for p in said[-1].probabilities]
    assert known == [True] * MANY
    assert math.fsum(said[-1].probabilities) == pytest.approx(1)
    assert accuracy(learner, examples_for(pipeline, 100, classes=MANY, seed=3)) > 3 / MANY


def accuracy(learner: Learner, examples: Examples) -> float:
    right = 0
    for x, y in examples:
        y_pred = learner.predict(x)
        right += int(max(y_pred, key=y_pred.__getitem__)) == y
    return right / len(examples)


ODD_TEXTS = (
    "", " \n", "word", "word " * 3000, "x" * 20_000, "1" * 5000, "你好,世界", "👩🏽‍💻❤️🇫🇷",
    "مرحبا بالعالم", "\u200f\u200e", "a\u0000b", "=SUM(A1)", "<b>bold</b>",
)  # fmt: skip
ODD_ROWS: tuple[dict[str, Any], ...] = (
    {}, {"size": None}, {"size": math.nan}, {"size": math.inf}, {"size": -math.inf},
    {"size": 10**400}, {"size": 1e308}, {"size": "n/a"}, {"size": True}, {"color": 3},
    {"color": ""}, {"at": "soon"}, {"at": "2024-02-30"}, {"at": 20240531}, {"note": 7},
    {"note": ""}, {"new": 1.5}, {"new": "value"}, {"new": [1, {"a": 2}]},
    {"size": 0, "at": "0001-01-01"},
)  # fmt: skip


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_takes_whatever_comes_first(pipeline):
    found = PIPELINES[pipeline]
    odd = [{"text": t} for t in ODD_TEXTS] if found.text else list(ODD_ROWS)
    for x in odd:
        learner = fresh(pipeline, "entropy")
        learner.scan(0, x)
        learner.learn(x, 0)
        for position, (other, y) in enumerate(examples_for(pipeline, 20), start=1):
            learner.scan(position, other)
            learner.learn(other, y)
        assert math.fsum(learner.predict(x).values()) == pytest.approx(1)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_takes_whatever_comes(pipeline):
    """Nothing that an importer lets through may stop an experiment, or leave it with no number."""
    odd: Examples = [({"text": t}, 0) for t in ODD_TEXTS]
    if not PIPELINES[pipeline].text:
        odd = [(dict(x), 0) for x in ODD_ROWS]
    usual = examples_for(pipeline, 200)
    learner = fresh(pipeline, "entropy")
    for x, y in usual[:50]:
        learner.learn(x, y)
    for i, (x, y) in enumerate((*odd, *odd)):
        made = learner.scan(i, x)
        assert all(math.isfinite(p) for p in made.probabilities), x
        assert math.fsum(made.probabilities) == pytest.approx(1)
        learner.learn(x, y)
    run(learner, usual[50:])
    assert accuracy(learner, usual[50:]) > 0.5


def test_every_entry_says_what_it_is_for():
    for name, entry in (*PIPELINES.items(), *STRATEGIES.items()):
        assert entry.name == name
        assert entry.title
        assert entry.source
        assert entry.fits.endswith(".")
    for strategy in STRATEGIES.values():
        assert set(strategy.parameters) <= set(Spec.__dataclass_fields__)


@pytest.mark.parametrize("text", [True, False])
def test_there_is_a_choice_for_all_data(text):
    two, many = (fitting_pipelines(text=text, classes=n) for n in (2, 100))
    assert len(two) > len(many) >= 2
    assert all(p.text == text for p in two)
    assert not any(p.binary for p in many)


@pytest.mark.parametrize(
    ("name", "text", "classes", "sentence"),
    [
        ("best", True, 2, f"There is no pipeline 'best'; choose one of {', '.join(PIPELINES)}."),
        ("rows-lr", True, 3, "The pipeline 'rows-lr' learns rows of fields, and this stream has "
                             "texts; use one of shapes-softmax, shapes-naive-bayes, "
                             "bag-of-words-softmax, tfidf-softmax."),
        ("tfidf-lr", False, 9, "The pipeline 'tfidf-lr' learns texts, and this stream has rows of "
                               "fields; use one of rows-softmax, rows-steps-softmax, rows-tree."),
        ("rows-adpredictor", False, 3, "The pipeline 'rows-adpredictor' tells two classes apart, "
                                       "and there are 3; use one of rows-softmax, "
                                       "rows-steps-softmax, rows-tree."),
    ],
)  # fmt: skip
def test_one_sentence_for_a_pipeline_that_does_not_fit(name, text, classes, sentence):
    with pytest.raises(BadInput) as caught:
        check_pipeline(name, text=text, classes=classes)
    assert str(caught.value) == sentence
