"""Question rates in words: what they are translated into, and whether what is foretold comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.catalog import STRATEGIES
from dashboard.core.learner import Learner
from dashboard.core.rates import (
    LABELS,
    ONE_IN,
    OPEN,
    Ahead,
    Rate,
    ahead,
    in_words,
    parse,
    with_rate,
)
from dashboard.core.simulation import shuffled, simulate
from dashboard.core.spec import make_spec
from dashboard.errors import BadInput


@pytest.mark.parametrize(
    ("words", "rate"),
    [
        ("1 in 8", (ONE_IN, 8)), ("ask about 1 in 8", (ONE_IN, 8)),
        ("About one in 20", (ONE_IN, 20)), ("1 of 3", (ONE_IN, 3)),
        ("one out of 1,000", (ONE_IN, 1000)), ("every sample", (ONE_IN, 1)),
        ("1 in 1", (ONE_IN, 1)), ("300 labels", (LABELS, 300)), ("1 label", (LABELS, 1)),
        ("  1,200  labels in  all ", (LABELS, 1200)), ("until I say stop", (OPEN, 0)),
    ],
)  # fmt: skip
def test_words(words, rate):
    assert parse(words) == rate
    assert parse(str(parse(words))) == rate


@given(st.sampled_from([ONE_IN, LABELS]), st.integers(1, 10**9))
def test_rates_read_what_they_write(kind, n):
    assert parse(str(Rate(kind, n))) == (kind, n)


@given(st.text())
def test_any_words_give_a_rate_or_one_sentence(words):
    try:
        rate = parse(words)
    except BadInput as error:
        rate = None
        sentence = str(error)
    assert sentence.endswith(".") if rate is None else rate.kind in (ONE_IN, LABELS, OPEN)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("often", "'often' is no question rate; say something like '1 in 8', '300 labels in all' "
                  "or 'until I say stop'."),
        ("12", "'12' is no question rate; say something like '1 in 8', '300 labels in all' or "
               "'until I say stop'."),
        ("1 in 0", "The number in '1 in 0' has to be from 1 to 1,000,000,000."),
        ("1 in ,", "'1 in ,' is no question rate; say something like '1 in 8', '300 labels in all' "
                   "or 'until I say stop'."),
        ("9999999999 labels", "The number in '9999999999 labels' has to be from 1 to "
                              "1,000,000,000."),
    ],
)  # fmt: skip
def test_one_sentence_for_what_is_no_rate(words, sentence):
    with pytest.raises(BadInput) as caught:
        parse(words)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("start", "words", "expected"),
    [
        ({}, "1 in 8", ("budget-entropy", 0.125, 0.02)),
        ({}, "1 in 100", ("budget-entropy", 0.01, 0.004)),
        ({}, "until I say stop", ("budget-entropy", 0.05, 0.02)),
        ({}, "every sample", ("random", 1.0, 0.02)),
        ({}, "100 labels", ("biqf", 0.1, 0.02)),
        ({"discount_factor": 0}, "1 in 4", ("budget-entropy", 0.25, 0.02)),
        ({"margin": 1}, "1 in 4", ("budget-margin", 0.25, 0.02)),
        ({"strategy": "biqf"}, "1 in 4", ("biqf", 0.25, 0.02)),
        ({"strategy": "random"}, "until I say stop", ("random", 0.05, 0.02)),
        ({"floor": 0}, "1 in 4", ("budget-entropy", 0.25, 0.0)),
    ],
)
def test_rates_as_recipes(start, words, expected):
    spec = make_spec(text=True, classes=2, **start)
    made = with_rate(spec, parse(words), classes=2, samples=1000)
    assert (made.strategy, made.budget, made.floor) == expected
    assert (made.pipeline, made.seed, made.preset) == (spec.pipeline, spec.seed, spec.preset)
    made.build().decide({False: 0.5, True: 0.5})


@pytest.mark.parametrize(("classes", "strategy"), [(5, "budget-entropy"), (77, "budget-margin")])
def test_more_classes_keep_their_strategy(classes, strategy):
    spec = make_spec(text=True, classes=classes)
    made = with_rate(spec, Rate(OPEN), classes=classes, samples=1000)
    assert (made.strategy, made.budget, made) == (strategy, 0.1, spec)


@pytest.mark.parametrize(
    ("position", "labels", "sentence"),
    [
        (500, 100, "There are 100 labels already; choose more than that, or stop here."),
        (1000, 10, "Every sample of the stream has been scanned; nothing is left to ask."),
    ],
)
def test_nothing_left(position, labels, sentence):
    spec = make_spec(text=True, classes=2)
    with pytest.raises(BadInput) as caught:
        with_rate(
            spec, parse("100 labels"), classes=2, samples=1000, position=position, labels=labels
        )
    assert str(caught.value) == sentence


@pytest.mark.parametrize("labels", [40, 150, 600])
def test_a_number_of_labels_is_what_it_comes_to(make_examples, labels):
    """From the first sample on, whatever the model makes of them."""
    spec = make_spec(text=True, classes=2)
    made = with_rate(spec, Rate(LABELS, labels), classes=2, samples=2000)
    assert simulate(make_examples(2000), made, n_classes=2).labels == pytest.approx(labels, abs=6)


@pytest.mark.parametrize("n", [4, 8, 20])
def test_one_in_n_is_what_it_comes_to(make_examples, n):
    made = with_rate(make_spec(text=True, classes=2), Rate(ONE_IN, n), classes=2, samples=3000)
    outcome = simulate(make_examples(3000), made, n_classes=2)
    # It takes some forty questions to find its level.
    assert 0.97 / n <= outcome.labels / outcome.samples <= 1 / n + 60 / outcome.samples


def foretold(examples, spec, positions) -> list[tuple[Ahead | None, int]]:
    """At each position what is expected of the rest, and what the rest brought."""
    learner, spent, asked = Learner(spec, n_classes=2), [0.0], 0
    told = []
    for position, (x, y) in enumerate(examples):
        if position in positions:
            found = ahead(
                spec, samples=len(examples), position=position, spent=spent[-1],
                spent_halfway=spent[position // 2], state=learner.sampler.state,
            )  # fmt: skip
            told.append((found, asked))
        decision = learner.scan(position, x).decision
        spent.append(spent[-1] + decision.query_probability)
        asked += decision.asked
        if decision.asked:
            learner.learn(x, y)
    return [(found, asked - before) for found, before in told]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("shuffle", [0, 1])
def test_what_is_foretold_comes_about(sms_examples, strategy, shuffle):
    """From a quarter of the stream on."""
    chosen = {"entropy": {"discount_factor": 30}, "margin-coin": {"margin": 0.1}}.get(strategy, {})
    spec = make_spec(text=True, classes=2, strategy=strategy, **chosen)
    n = len(sms_examples)
    for told, brought in foretold(shuffled(sms_examples, shuffle), spec, (n // 4, n // 2)):
        assert told is not None
        assert 0.85 * told.low <= brought <= 1.15 * told.high
        assert told.expected == pytest.approx(brought, rel=0.45)


def test_at_the_ends_of_a_stream():
    plain, budget = (make_spec(text=True, classes=2, **c) for c in ({"discount_factor": 30}, {}))
    begun = {"position": 0, "spent": 0.0, "spent_halfway": 0.0}
    assert ahead(plain, samples=1000, **begun) is None
    assert ahead(budget, samples=1000, **begun) == (50, 30, 58)
    done = {"position": 1000, "spent": 61.0, "spent_halfway": 40.0}
    for spec in (plain, budget, make_spec(text=True, classes=2, strategy="biqf")):
        assert ahead(spec, samples=1000, **done) == (0, 0, 0)


@given(
    st.sampled_from(sorted(STRATEGIES)), st.integers(0, 10_000), st.integers(0, 10_000), st.data()
)
def test_never_more_than_there_are_nor_fewer_than_none(strategy, samples, position, data):
    position = min(position, samples)
    state = data.draw(st.sampled_from([None, 3.0, (-40.0, 0.5), (7.5,)]))
    spent = data.draw(st.floats(0, position))
    halfway = data.draw(st.floats(0, spent))
    spec = make_spec(text=True, classes=2, strategy=strategy)
    told = ahead(
        spec, samples=samples, position=position, spent=spent, spent_halfway=halfway, state=state
    )
    if told is not None:
        assert 0 <= told.low <= told.expected <= told.high <= samples - position


@given(st.floats(0, 1))
def test_shares_in_words(share):
    assert in_words(share) in ("none", "all", "nearly all") or in_words(share).startswith("about ")
    assert len(in_words(share)) < 30
