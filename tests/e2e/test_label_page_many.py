"""The labeling page with 77 classes: found by typing, given by key, and nothing slower."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from typing import Any

import driving
import pytest
from playwright.sync_api import BrowserContext, Page
from sixty import KEYS, Query, Sixty, check_log, labels_csv, quiet

from dashboard.core.learner import Learner, Prediction
from dashboard.core.pipelines import TEXT
from dashboard.core.spec import Spec, make_spec
from dashboard.services.container import Services
from dashboard.storage.streams import Sample
from tests.serving import ROOT, Server
from tests.streams import INTENTS, intent_texts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BANKING77 = ROOT.parent / "shared" / "data" / "banking77" / "train.csv"
SPEC = make_spec(text=True, classes=77)
Examples = list[tuple[str, int]]


def banking77() -> tuple[list[str], Examples]:
    """The real questions, mixed: the file has them one intent after the other."""
    with BANKING77.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    random.Random(7).shuffle(rows)
    names = sorted({row["category"] for row in rows})
    return names, [(row["text"].strip("\r\n"), names.index(row["category"])) for row in rows]


def made() -> tuple[list[str], Examples]:
    return list(INTENTS), list(intent_texts(3000))


def store(services: Services, names: list[str], examples: Examples, spec: Spec, *own: str) -> None:
    """Experiments over them, in a data folder of their own."""
    stream = services.experiments.add_stream(
        slug="intents",
        title="Intents",
        kind="text",
        classes=names,
        items=(Sample(f"intent-{i}", {TEXT: t}, y) for i, (t, y) in enumerate(examples)),
        source="made by the tests",
    )
    for name in own:
        services.experiments.create(name, stream=stream, spec=spec)
        services.labeling.scan_on(name)


def bare_loop(examples: Examples, spec: Spec, labels: int) -> Iterator[tuple[Query, Prediction]]:
    """The learner alone: the first queries, their labels, and what it thought of them."""
    learner = Learner(spec, n_classes=77)
    for position, (text, label) in enumerate(examples):
        prediction = learner.scan(position, {TEXT: text})
        if prediction.decision.asked:
            yield Query(position, text, label), prediction
            learner.learn({TEXT: text}, label)
            labels -= 1
        if labels == 0:
            return


def title(name: str) -> str:
    return name[:1].upper() + name[1:]


def test_sixty_answers_among_77_classes_equal_the_bare_loop(
    make_server: Callable[..., Any],
    context: BrowserContext,
    page: Page,
    watch: Any,
) -> None:
    names, examples = banking77() if BANKING77.is_file() else made()
    loop = list(bare_loop(examples, SPEC, 60))
    expected = [query for query, _ in loop]
    server = make_server()
    with server.beside() as services:
        store(services, names, examples, SPEC, "intents")
    server.start()
    Sixty(server, context, page, "intents", [title(name) for name in names]).run(expected)
    check_log(server, "intents", expected, names)
    thought = [
        (names[p.predicted] if p.predicted is not None else "", p.decision.query_probability)
        for _, p in loop
    ]
    rows = labels_csv(server.url, "intents")
    assert [(r["predicted"], float(r["query_probability"])) for r in rows] == thought
    assert quiet(watch)


def _experiments(services: Services) -> None:
    """One per test that labels, over 77 classes of which every sample is asked about."""
    spec = make_spec(text=True, classes=77, strategy="random", budget=1.0, floor=0.0)
    store(services, *made(), spec, "typing", "enter", "counted", "small")


@pytest.fixture(scope="module")
def server(served: Callable[..., Server]) -> Server:
    return served("intents", _experiments)


def shown(page: Page) -> list[str]:
    """Names on the buttons in sight, in the order of the page."""
    return page.locator("#label-answers button:visible .name").all_text_contents()


def test_typing_narrows_the_buttons_and_enter_gives_the_first(
    server: Server, page: Page, watch: Any
) -> None:
    driving.open_label(page, server.url, "typing")
    assert len(shown(page)) == 77
    assert page.locator("#label-answers kbd").all_text_contents() == list(KEYS.upper())
    page.keyboard.press("/")
    page.keyboard.type("pin")
    assert shown(page)[0] == "Cancel_pin"
    assert len(shown(page)) == 7
    assert page.text_content("#label-found") == "7 classes, Enter gives Cancel_pin"
    page.keyboard.type(" ref")  # words in another order match nothing in order, letters may
    page.keyboard.press("Control+A")
    page.keyboard.type("rfd pn")
    assert shown(page) == ["Refund_pin"]
    page.keyboard.press("Control+A")
    page.keyboard.type("zzz")
    assert shown(page) == []
    before = driving.sample_id(page)
    driving.let_it_count(page)
    page.keyboard.press("Enter")  # nothing matches: nothing is given
    page.keyboard.press("Escape")
    assert len(shown(page)) == 77
    assert shown(page)[0] == "Cancel_card"
    page.keyboard.press("/")
    page.keyboard.press("Enter")  # nothing is typed: nothing is given
    assert driving.sample_id(page) == before
    page.keyboard.type("wdraw")
    page.keyboard.press("Enter")
    driving.wait_for_next(page, before)
    driving.wait_for_card(page, "You said Cancel_cash_withdrawal")
    # Ready for the next one, and Ctrl+Z still takes the last one back.
    assert page.input_value("#label-filter") == ""
    assert page.evaluate("document.activeElement.id") == "label-filter"
    assert len(shown(page)) == 77
    driving.let_it_count(page)
    after = driving.sample_id(page)
    page.keyboard.press("Control+z")
    driving.wait_for_next(page, after)
    assert driving.sample_id(page) == before
    assert watch.problems == []


def test_enter_counts_only_once_the_sample_has_been_there(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "enter")
    driving.press(page, "1")
    page.keyboard.press("/")
    page.keyboard.type("renew pin")
    given = page.evaluate(
        """() => {
            const sluice = window.dash_clientside.sluice;
            sluice.desk.shownAt = performance.now() - 100;
            const field = document.getElementById("label-filter");
            const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
            field.dispatchEvent(enter);
            return [sluice.desk.wish, field.value];
        }"""
    )
    assert given == [None, "renew pin"]
    before = driving.sample_id(page)
    driving.let_it_count(page)
    page.keyboard.press("Enter")
    driving.wait_for_next(page, before)
    assert driving.number(page, "labels") == 2


def test_one_request_per_label_by_typing_and_by_key(server: Server, page: Page, watch: Any) -> None:
    driving.open_label(page, server.url, "counted")
    page.wait_for_load_state("networkidle")
    check = Sixty(server, page.context, page, "counted", [title(n) for n in INTENTS])
    check.type(page, 40)
    before = len(watch.requests)
    for label in (40, 3, 76, 9, 0, 21):
        check.type(page, label)
    assert len(watch.requests) - before == 6


def test_a_reply_among_77_classes_stays_small(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "small")
    with page.expect_response("**/_dash-update-component") as waiting:
        driving.press(page, "5")
    assert len(waiting.value.body()) < 3_000


RANKS = [
    ("card", ["card", "card arrival", "my card", "discard", "arrival"], [0, 1, 2, 3]),
    ("ca ar", ["card arrival", "arrival of card"], [0]),
    ("cpwr", ["card_payment_wrong_rate", "crop water"], [0]),
    ("crw", ["rate", "card_payment_wrong_rate", "crop water"], [1, 2]),
    ("ÉTÉ", ["ete", "Été", "winter"], [0, 1]),
    ("日本", ["東京", "日本語"], [1]),
    ("", ["b", "a"], [0, 1]),
    ("a.b", ["a b c", "A_B"], [1, 0]),
]


def test_the_best_match_comes_first(server: Server, page: Page) -> None:
    driving.open_label(page, server.url, "small")
    find = "([names, typed]) => window.dash_clientside.sluice.matches(names, typed)"
    for typed, names, expected in RANKS:
        assert page.evaluate(find, [names, typed]) == expected, typed
