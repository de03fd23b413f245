"""The analytics pages as values: component trees, and what a callback sends."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import dash
import pytest
from dash import Dash, Patch, no_update
from dash.development.base_component import Component

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.ui import charts

PAGES = ("accuracy", "queries", "entropy", "quality")
CONTROLS: dict[str, dict[str, Any]] = {
    "accuracy": {"by": "samples", "curves": ["overall"], "window": "500"},
    "queries": {"window": "500", "per": "hour"},
    "entropy": {"bars": "over", "counts": "linear", "span": "all", "range": [0, 90], "ask": "0"},
    "quality": {"matrix": "estimate", "stretch": "short"},
}  # fmt: skip
CHARTS = {
    "accuracy": {"accuracy-curve", "accuracy-estimate", "confusion", "class-scores", "mistakes"},
    "queries": {"query-ratio", "query-counts", "query-reasons", "answers", "answer-seconds"},
    "entropy": {"entropy-histogram", "entropy-drift"},
    "quality": {
        "quality-confusion",
        "quality-scores",
        "reliability-diagram",
        "prevalence-curve",
        "drift-curve",
    },
}


@pytest.fixture
def services(live: Services) -> Services:
    """Those of the app."""
    return live


@pytest.fixture
def slug(services: Services, make_experiment: Any) -> str:
    made: str = make_experiment(services, n=90)
    services.runs.oracle(made)
    return made


def page(name: str) -> ModuleType:
    return sys.modules[f"pages.{name}"]


def every(tree: Component) -> list[Component]:
    return [tree, *(part for part in tree._traverse() if isinstance(part, Component))]


def text(tree: Any) -> str:
    if isinstance(tree, (list, tuple)):
        return " ".join(text(part) for part in tree)
    return text(getattr(tree, "children", None)) if isinstance(tree, Component) else str(tree)


def value_of(tree: Component, id_: str) -> Any:
    [found] = [part for part in every(tree) if getattr(part, "id", None) == id_]
    return found.data if isinstance(found, dash.dcc.Store) else found.value


def draw(
    name: str, slug: str, shown: Any = None, *, theme: str | None = "light", **changes: Any
) -> dict[str, Any]:
    asked = {"tick": 1, "theme": theme, "shown": shown, "slug": slug}
    made: dict[str, Any] = page(name).draw(asked, {**CONTROLS[name], **changes})
    return made


@pytest.mark.parametrize("name", PAGES)
def test_without_an_experiment_the_page_tells_what_to_do(app: Dash, name: str) -> None:
    tree = page(name).layout()
    assert "There is no experiment yet" in text(tree)
    assert [part.href for part in every(tree) if isinstance(part, dash.html.A)] == ["/"]


@pytest.mark.parametrize("name", PAGES)
def test_an_unknown_experiment_is_a_sentence(app: Dash, slug: str, name: str) -> None:
    tree = page(name).layout(experiment="<nope>")
    assert "There is no experiment '<nope>'." in text(tree)
    assert app.server.test_client().get(f"/{name}?experiment=nope").status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_each_chart_has_a_heading_a_sentence_and_its_data(app: Dash, slug: str, name: str) -> None:
    tree = page(name).layout(experiment=slug)
    cards = [part for part in every(tree) if isinstance(part, dash.html.Section)]
    assert {getattr(card, "data-testid") for card in cards} == CHARTS[name]
    client = app.server.test_client()
    for card in cards:
        heading = next(part for part in every(card) if isinstance(part, dash.html.H2))
        assert getattr(card, "aria-labelledby") == heading.id
        assert any(getattr(part, "className", "") == "how" for part in every(card))
        link = next(part for part in every(card) if isinstance(part, dash.html.A))
        answer = client.get(link.href)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.data.endswith(b"\r\n")


def test_chart_links_refuse_with_a_sentence(app: Dash, slug: str) -> None:
    client = app.server.test_client()
    answer = client.get(f"/experiments/{slug}/charts/pie.csv")
    assert (answer.status_code, "no chart 'pie'" in answer.text) == (404, True)
    answer = client.get(f"/experiments/{slug}/charts/entropy-drift.csv?ask=x")
    assert (answer.status_code, "ask has to be a number" in answer.text) == (400, True)
    assert client.get("/experiments/nope/charts/entropy-drift.csv").status_code == 404


def test_choices_in_the_address_are_those_on_the_page(app: Dash, slug: str) -> None:
    tree = page("accuracy").layout(experiment=slug, by="labels", curves="f1", window="x")
    assert value_of(tree, "accuracy-by") == "labels"
    assert value_of(tree, "accuracy-curves") == ["f1"]
    assert value_of(tree, "accuracy-window") == "500"
    assert value_of(page("queries").layout(experiment=slug, per="day"), "queries-per") == "day"
    tree = page("entropy").layout(experiment=slug, span="range", range="30,60", ask="-1.5")
    assert value_of(tree, "entropy-range") == [30, 60]
    assert value_of(tree, "entropy-ask") == "-1.5"
    assert value_of(page("entropy").layout(experiment=slug), "entropy-range") == [0, 90]


@pytest.mark.parametrize("name", PAGES)
def test_the_first_call_draws_everything(app: Dash, slug: str, name: str) -> None:
    made = draw(name, slug)
    untouched = {key for key, value in made.items() if value is no_update}
    assert untouched == set()
    assert (made["empty"], made["body"]) == (True, False)
    json.dumps(made["shown"])


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_redrawn_that_has_not_moved(app: Dash, slug: str, name: str) -> None:
    shown = json.loads(json.dumps(draw(name, slug)["shown"]))
    assert set(draw(name, slug, shown).values()) == {no_update}


@pytest.mark.parametrize("name", PAGES)
def test_without_a_theme_or_an_experiment_it_waits(app: Dash, slug: str, name: str) -> None:
    assert set(draw(name, slug, theme=None).values()) == {no_update}
    assert set(draw(name, "deleted").values()) == {no_update}


@pytest.mark.parametrize(("name", "changes", "redrawn"), [
    ("accuracy", {"window": "100"}, {"curve", "caption", "strip"}),
    ("accuracy", {"by": "labels"}, {"curve", "caption", "strip"}),
    ("queries", {"per": "day"}, {"answers", "seconds", "pace_caption"}),
    ("queries", {"window": "100"}, {"ratio", "caption"}),
    ("entropy", {"ask": "-1"}, {"histogram", "caption", "what_if", "range_box"}),
    ("quality", {"matrix": "truth"}, {"confusion", "confusion_caption"}),
    ("quality", {"stretch": "long"}, {"prevalence", "prevalence_caption"}),
])  # fmt: skip
def test_a_choice_redraws_what_depends_on_it(
    app: Dash, slug: str, name: str, changes: dict[str, Any], redrawn: set[str]
) -> None:
    made = draw(name, slug, draw(name, slug)["shown"], **changes)
    moved = {key for key, value in made.items() if value is not no_update}
    assert moved == redrawn | {"empty", "body", "shown"}


def test_a_figure_drawn_again_leaves_the_zoom_alone(
    app: Dash, services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=90)
    services.runs.oracle(slug, count=9)
    first = draw("accuracy", slug)
    assert not isinstance(first["curve"], Patch)
    services.runs.oracle(slug, count=9)
    again = draw("accuracy", slug, first["shown"])["curve"]
    assert isinstance(again, Patch)
    touched = {tuple(step["location"]) for step in again.to_plotly_json()["operations"]}
    assert ("data",) in touched
    assert not {("layout", "xaxis"), ("layout", "yaxis")} & touched
    assert not {path for path in touched if path[-1] in ("range", "autorange")}
    turned = draw("accuracy", slug, first["shown"], by="labels")["curve"]
    assert not isinstance(turned, Patch)


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_log_shows_a_sentence_until_something_is_counted(
    app: Dash, services: Services, make_experiment: Any, name: str
) -> None:
    slug = make_experiment(services, n=90)
    made = draw(name, slug)
    assert (made["empty"], made["body"]) == (False, True)
    services.runs.oracle(slug, count=9)
    made = draw(name, slug, made["shown"])
    assert (made["empty"], made["body"]) == (True, False)


def test_few_classes_need_no_list_of_mistakes(
    app: Dash, services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=90, classes=5)
    tree = page("accuracy").layout(experiment=slug)
    hidden = [part for part in every(tree) if getattr(part, "hidden", None)]
    assert any("Most often mistaken" in text(part) for part in hidden)


def test_a_strangers_class_is_text(app: Dash) -> None:
    name = charts.class_name(9, "<b>x")
    swatch, title = name.children
    assert (swatch.className, title.children) == ("swatch class-2", "<b>x")


def test_a_table_says_what_it_holds() -> None:
    made = charts.table(("class", "n"), [("a", "1")], label="Class by class")
    assert made.tabIndex == "0"
    head, body = made.children.children
    assert [cell.scope for cell in head.children.children] == ["col", "col"]
    assert body.children[0].children[0].scope == "row"


def test_the_buttons_of_a_choice_say_which_is_pressed() -> None:
    options = [("a", "first"), ("b", "second")]
    one = charts.segments("x-y", "Choice", options=options, value="b")
    many = charts.toggles("x-z", "Choices", options=options, values=["a", "b"])
    for group, pressed, data in ((one, ["false", "true"], "b"), (many, ["true"] * 2, ["a", "b"])):
        row, store = group.children
        assert [getattr(button, "aria-pressed") for button in row.children] == pressed
        assert (store.data, getattr(row, "data-for")) == (data, store.id)


def test_the_naive_curve_says_why_it_is_wrong(app: Dash, slug: str) -> None:
    assert "too low" in draw("accuracy", slug, curves=["naive"])["caption"]
    assert "too low" not in draw("accuracy", slug)["caption"]


def test_without_a_floor_a_sentence_stands_in_place_of_the_estimate(app: Dash, slug: str) -> None:
    made = draw("accuracy", slug)
    assert text(made["strip"][0]) == "– estimated accuracy: not measurable"
    assert "all samples, estimated – not measurable" in text(made["estimate"])
    assert made["estimate_note"].startswith("Not measurable: the floor is 0, so samples the model")


def test_an_estimate_says_what_it_rests_on(
    app: Dash, services: Services, make_experiment: Any, next_query: Any
) -> None:
    slug = make_experiment(services, n=430, floor=0.1)
    services.runs.oracle(slug, count=3)
    made = draw("accuracy", slug)
    assert text(made["strip"][0]) == "– estimated accuracy: not measurable yet"
    assert "With a floor of 10.0%, 0 audits are to be expected so far; 20" in made["estimate_note"]
    services.labeling.answer(slug, position=next_query(services, slug), label=None)
    services.runs.oracle(slug)
    made = draw("accuracy", slug)
    found = services.reports.accuracy(slug).estimates
    assert text(made["strip"][0]).startswith(f"{found.now.value:.2%} estimated accuracy, ")
    note = made["estimate_note"]
    assert "gamma (Fay & Feuer 1997), 95%, for one look" in note
    assert f"rests on {int(found.now.answers)} answers with a label, {found.audits} of them" in note
    assert f"as much as {found.now.effective:.0f} drawn alike (effective sample size)" in note
    assert "Non-response: 1 answer without a label" in note
    limits = f"{found.now.value:.2%} {100 * found.now.low:.1f}–{found.now.high:.1%}"
    assert f"all samples, estimated {limits} {int(found.now.answers)}" in text(made["estimate"])
    assert "all samples, known truth" in text(made["estimate"])
    band, line = draw("accuracy", slug, curves=["estimate"])["curve"].data[-2:]
    assert (line.name, band.fill) == ("estimate, 95% band", "toself")


def test_what_is_known_has_its_own_name(
    app: Dash, services: Services, slug: str, make_stream: Any
) -> None:
    def buttons(of: str) -> str:
        tree = page("accuracy").layout(experiment=of, curves="estimate,naive")
        assert value_of(tree, "accuracy-curves") == ["estimate", "naive"]
        return text([p for p in every(tree) if isinstance(p, dash.html.Button)])

    stream = make_stream(services, slug="unknown", n=40, truth=False)
    spec = make_spec("blog", text=True, classes=2)
    unknown = services.experiments.create("unknown", stream=stream, spec=spec).slug
    assert "asked only known truth rolling" in buttons(slug)
    assert "asked only where known rolling" in buttons(unknown)
    services.runs.scan(unknown)
    services.labeling.answer(unknown, position=0, label=0)
    assert "known truth" not in text(draw("accuracy", unknown)["estimate"])


def test_the_quality_page_says_what_to_do_without_a_floor(app: Dash, slug: str) -> None:
    made = draw("quality", slug)
    assert made["note"].startswith("Not measurable: the floor is 0")
    assert "give an experiment a floor of 2% or more when it is created" in made["note"]
    why = [p.title for p in every(made["scores"]) if getattr(p, "className", "") == "lines"]
    assert len(why) == 8
    assert (
        "not measurable: the floor is 0, so samples the model is sure of are never checked" in why
    )
    assert "Known truth of all samples" in made["confusion_caption"]


def test_a_score_stands_over_its_interval_and_the_truth(
    app: Dash, services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=630, floor=0.3, discount_factor=20.0)
    services.runs.oracle(slug)
    made = draw("quality", slug)
    report = services.reports.quality(slug)
    found, known = report.quality.scores.precision, report.quality.known
    [first, *_] = [p for p in every(made["scores"]) if getattr(p, "className", "") == "lines"]
    value, interval, truth = first.children
    assert value.children == f"{found.value[0]:.1%}"
    assert interval.children == f"{100 * found.low[0]:.1f}–{found.high[0]:.1%}"
    assert known is not None
    assert truth.children == f"truth {known.scores[0].precision:.1%}"
    assert made["note"].startswith(
        f"Estimated for all samples so far from {found.answers.sum():.0f}"
    )
    assert "macro F1" in text(made["means"])


def test_without_known_truth_there_is_no_switch(
    app: Dash, services: Services, slug: str, make_stream: Any
) -> None:
    def hidden(of: str) -> list[str]:
        tree = page("quality").layout(experiment=of)
        return [text(p) for p in every(tree) if getattr(p, "hidden", None)]

    stream = make_stream(services, slug="unknown", n=40, truth=False)
    spec = make_spec("blog", text=True, classes=2)
    unknown = services.experiments.create("unknown", stream=stream, spec=spec).slug
    assert any("known truth" in part for part in hidden(unknown))
    assert not any("known truth" in part for part in hidden(slug))
