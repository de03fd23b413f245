"""The log page: its layout for any address, its callbacks called as functions."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import dash
import pytest
from dash import Dash
from dash.exceptions import PreventUpdate

from dashboard.services.container import Services
from dashboard.ui import log_table
from dashboard.ui.ids import Log
from tests.components import by_id, ids, links, parts, words


@pytest.fixture
def page(app: Dash) -> Any:
    return sys.modules["pages.log"]


@pytest.fixture
def slug(live: Services, make_experiment: Callable[..., str]) -> str:
    slug = make_experiment(live, "Mixed & <b>bold</b>", n=120)
    live.runs.oracle(slug, count=12)
    return slug


def request(**more: Any) -> dict[str, Any]:
    return {"startRow": 0, "endRow": 100, "sortModel": [], "filterModel": {}, **more}


def shown(slug: str, table: str = "labels", **params: str) -> dict[str, Any]:
    return {"experiment": slug, "table": table, "params": params}


def wish(slug: str, position: int, **more: Any) -> dict[str, Any]:
    return {"do": "look", "experiment": slug, "position": position, "nonce": "n", **more}


# Layout --------------------------------------------------------------------------------------


def test_every_layout_has_every_id(page: Any, slug: str) -> None:
    wanted = {v for k, v in vars(Log).items() if not k.startswith("_")}
    for layout in (page.layout(), page.layout(slug), page.layout("nobody")):
        assert wanted <= ids(layout)


def test_without_experiments_the_page_says_what_to_do(page: Any) -> None:
    layout = page.layout()
    assert "There is no experiment yet" in words(layout)
    assert "/" in links(layout)


def test_an_unknown_experiment_is_a_sentence(page: Any, slug: str) -> None:
    assert "There is no experiment 'nobody'" in words(page.layout("nobody"))


def test_an_empty_log_says_what_to_do(
    page: Any, live: Services, make_experiment: Callable[..., str]
) -> None:
    fresh = make_experiment(live, "fresh", n=120)
    layout = page.layout(fresh)
    assert "Nothing has been predicted or labeled yet" in words(layout)
    assert f"/?experiment={fresh}" in links(layout)


def test_an_address_fills_the_form_and_sorts_the_table(page: Any, slug: str) -> None:
    layout = page.layout(slug, table="predictions", sort="-entropy", q="word", correct="false")
    assert by_id(layout, "log-field-q").value == "word"
    chosen = [p.value for p in parts(layout) if getattr(p, "selected", None)]
    assert "false" in chosen
    assert by_id(layout, Log.SHOWN).data == shown(slug, "predictions", q="word", correct="false")
    columns = {c["field"]: c for c in by_id(layout, Log.GRID).columnDefs}
    assert columns["entropy"]["sort"] == "desc"
    assert "sort" not in columns["position"]


def test_a_hostile_address_is_followed_nowhere(page: Any, slug: str) -> None:
    for params in ({"label": "<img src=x>"}, {"drop": "1"}, {"table": "sqlite_master"},
                   {"sort": "1;--"}, {"q": "x" * 300}, {"entropy_min": "NaN"}):  # fmt: skip
        layout = page.layout(slug, **params)
        assert "This address cannot be followed" in words(layout)
        assert by_id(layout, Log.SHOWN).data == shown(slug)


def test_the_columns_are_sortable_by_the_server_or_not_at_all(page: Any, slug: str) -> None:
    from dashboard.storage.browse import sortable

    for table in ("labels", "predictions"):
        columns = by_id(page.layout(slug, table=table), Log.GRID).columnDefs
        offered = {c["field"] for c in columns if c["sortable"]}
        assert offered <= set(sortable(table))


# Rows ----------------------------------------------------------------------------------------


def test_rows_are_plain_text_with_a_key(page: Any, slug: str, live: Services) -> None:
    for table in ("labels", "predictions"):
        answer, line = page.rows(request(), shown(slug, table))
        total = live.records.overview(slug).totals[table]
        assert answer["rowCount"] == total
        assert len(answer["rowData"]) == min(100, total)
        assert all(isinstance(cell, str) for row in answer["rowData"] for cell in row.values())
        assert f"{total:,}" in words(line)
        assert f"/experiments/{slug}/{table}.csv" in links(line)


def test_rows_follow_the_filter_and_the_downloads_too(page: Any, slug: str) -> None:
    answer, line = page.rows(request(), shown(slug, q="win", label="win"))
    assert all("win" in row["text"].lower() and row["label"] == "Win" for row in answer["rowData"])
    assert f"/experiments/{slug}/labels.csv?q=win&label=win" in links(line)
    assert f"{answer['rowCount']} of 12 answers" in words(line)


def test_rows_follow_the_order_of_the_grid(page: Any, slug: str) -> None:
    model = [{"colId": "entropy", "sort": "asc", "type": "default"}]
    answer, _ = page.rows(request(sortModel=model), shown(slug, "predictions"))
    values = [float(row["entropy"]) for row in answer["rowData"]]
    assert values == sorted(values)


def test_suspected_mistakes_have_a_column_and_no_files(
    page: Any, live: Services, make_experiment: Callable[..., str]
) -> None:
    choices = {"strategy": "random", "budget": 1.0, "floor": 0.0}
    slug = make_experiment(live, "doubt", preset="recommended", n=120, **choices)
    live.runs.oracle(slug, count=100)
    rows = live.records.page(slug, "labels", params={"correct": "true"}, stop=100).rows
    for row in sorted(rows, key=lambda row: -row["probability"])[:3]:
        live.labeling.correct(
            slug, position=row["position"], label={"win": 1, "see": 0}[row["label"]]
        )
    for params, hidden in (({}, True), ({"suspected": "true"}, False)):
        columns = by_id(page.layout(slug, **params), Log.GRID).columnDefs
        assert [c["hide"] for c in columns if c["field"] == "likelihood"] == [hidden]
    model = [{"colId": "likelihood", "sort": "asc"}]
    answer, line = page.rows(request(sortModel=model), shown(slug, suspected="true"))
    likelihoods = [float(row["likelihood"]) for row in answer["rowData"]]
    assert likelihoods == sorted(likelihoods)
    assert answer["rowCount"] == len(likelihoods) > 0
    assert "very unlikely" in words(line)
    assert links(line) == []
    answer, line = page.rows(request(), shown(slug, suspected="true", q="nothing like it"))
    assert answer["rowCount"] == 0
    assert "None of these answers" in words(line)


def test_nothing_is_like_this(page: Any, slug: str) -> None:
    answer, line = page.rows(request(), shown(slug, q="no such words"))
    assert answer == {"rowData": [], "rowCount": 0}
    assert "None of 12 answers is like this" in words(line)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"params": {"label": "' OR 1=1"}}, "There is no label"),
        ({"params": {"entropy_min": "abc"}}, "has to be a number"),
        ({"params": {"rowid": "1"}}, "cannot be filtered by 'rowid'"),
        ({"table": "events"}, "There is no log 'events'"),
        ({"experiment": "nobody"}, "There is no experiment 'nobody'"),
    ],
)
def test_forged_wishes_for_rows_are_sentences(
    page: Any, slug: str, change: dict[str, Any], sentence: str
) -> None:
    answer, line = page.rows(request(), {**shown(slug), **change})
    assert answer == {"rowData": [], "rowCount": 0}
    assert sentence in words(line)


def test_a_forged_order_or_range_is_a_sentence(page: Any, slug: str) -> None:
    _, line = page.rows(request(sortModel=[{"colId": "1;--", "sort": "asc"}]), shown(slug))
    assert "cannot be sorted by" in words(line)
    for end in (10**6, "100", None, -1, 1.5):
        _, line = page.rows(request(endRow=end), shown(slug))
        assert "A page has up to" in words(line)


def test_without_an_experiment_nothing_is_asked(page: Any) -> None:
    with pytest.raises(PreventUpdate):
        page.rows(request(), shown(""))


def test_classes_have_their_color_whatever_they_are_called(page: Any, slug: str) -> None:
    columns = {c["field"]: c for c in by_id(page.layout(slug), Log.GRID).columnDefs}
    assert columns["label"]["cellClassRules"] == {
        "class-1": 'params.value == "Win"',
        "class-2": 'params.value == "See"',
    }
    assert log_table._is('a" || alert(1) || "') == 'params.value == "a\\" || alert(1) || \\""'


# Stories and corrections ---------------------------------------------------------------------


def a_labeled_position(live: Services, slug: str) -> tuple[int, str]:
    row = live.records.page(slug, "labels", params={}).rows[0]
    return int(str(row["position"])), str(row["label"])


def correction(content: Any, title: str) -> dict[str, Any]:
    """What the button of a class puts into the store."""
    for part in parts(content):
        if getattr(part, "className", "").startswith("choice ") and title in words(part):
            found: dict[str, Any] = json.loads(getattr(part, "data-wish"))
            return found
    raise AssertionError(f"no button {title}")


def test_a_story_is_told_and_its_text_is_text(page: Any, slug: str, live: Services) -> None:
    position, label = a_labeled_position(live, slug)
    content, changed = page.story(wish(slug, position))
    text = live.records.story(slug, position).sample.text
    assert any(getattr(p, "className", "") == "told" and p.children == text for p in parts(content))
    assert changed is dash.no_update
    assert f"Labeled {label.title()} from known truth." in words(content)


def test_a_relabel_is_logged_once_for_one_dialog(page: Any, slug: str, live: Services) -> None:
    position, label = a_labeled_position(live, slug)
    other = "See" if label == "win" else "Win"
    content, _ = page.story(wish(slug, position))
    asked = correction(content, other)
    head = live.experiments.find(slug).head
    content, changed = page.story({**asked, "nonce": "1"})
    assert live.experiments.find(slug).head == head + 1
    assert isinstance(changed, str)
    assert f"Relabeled {other} by local." in words(content)
    content, _ = page.story({**asked, "nonce": "2"})  # the same press, sent again
    assert live.experiments.find(slug).head == head + 1
    assert "That correction was recorded before." in words(content)
    rows = live.records.page(slug, "labels", params={}).rows
    assert {r["position"]: r["label"] for r in rows}[position] == other.lower()


def test_a_label_is_taken_back_and_its_row_goes(page: Any, slug: str, live: Services) -> None:
    position, _ = a_labeled_position(live, slug)
    content, _ = page.story(wish(slug, position))
    button = next(p for p in parts(content) if getattr(p, "children", "") == "Take it back")
    content, _ = page.story(json.loads(getattr(button, "data-wish")))
    assert "Its label was taken back." in words(content)
    answer, _ = page.rows(request(), shown(slug))
    assert str(position) not in [row["key"] for row in answer["rowData"]]
    assert answer["rowCount"] == 11


def test_marks_and_changes_are_told(page: Any, slug: str, live: Services) -> None:
    position = live.views.view(slug)["query"]["position"]
    live.marks.mark(slug, position=position, flag=True, annotator="ann")
    live.changes.strategy(slug, discount_factor=30.0, annotator="ann")
    live.changes.add_class(slug, "third", annotator="ann")
    live.changes.edit_class(slug, 2, name="other", guideline="The rest.", annotator="ann")
    live.labeling.answer(slug, position=position, label=2, annotator="ann")
    live.marks.mark(slug, position=position, flag=False, note="<b>why?</b>", annotator="ann")
    live.marks.mark(slug, position=position, note="", annotator="ann")
    content, _ = page.story(wish(slug, position))
    steps = [words(p) for p in parts(content) if type(p).__name__ == "Li"]
    assert [step.split("UTC ", 1)[1] for step in steps[1:]] == [
        "Flagged by ann.",
        "The question rate was changed by ann, from entropy, discount factor 100, floor 0 to "
        "entropy, discount factor 30, floor 0.",
        "The class third was added by ann.",
        "The class third was renamed other by ann.",
        "What belongs to other was written down by ann.",
        "Labeled other by ann.",
        "The flag was taken back by ann. Noted by ann: <b>why?</b>",
        "The note was taken out by ann.",
    ]


def test_pressing_the_label_in_force_sends_nothing(page: Any, slug: str, live: Services) -> None:
    position, _ = a_labeled_position(live, slug)
    content, _ = page.story(wish(slug, position))
    pressed = [p for p in parts(content) if getattr(p, "aria-pressed", None) == "true"]
    assert len(pressed) == 1
    assert not hasattr(pressed[0], "data-send")


def test_a_skipped_sample_has_a_story_and_no_buttons(page: Any, slug: str, live: Services) -> None:
    live.runs.oracle(slug, count=60)
    rows = live.records.page(slug, "predictions", params={"asked": "false"}).rows
    content, _ = page.story(wish(slug, int(str(rows[0]["position"]))))
    assert "It was never asked about" in words(content)
    assert not [p for p in parts(content) if getattr(p, "data-send", None)]


def test_an_open_query_is_not_told(page: Any, slug: str, live: Services) -> None:
    live.runs.scan(slug)
    position = live.views.view(slug)["query"]["position"]
    head = live.experiments.find(slug).head
    for asked in (
        wish(slug, position),
        wish(slug, position, do="correct", label=0, key="12345678"),
    ):
        content, _ = page.story(asked)
        assert "row in the log yet" in words(content) or "no answer to change" in words(content)
    assert live.experiments.find(slug).head == head


def test_forged_corrections_change_nothing(page: Any, slug: str, live: Services) -> None:
    position, _ = a_labeled_position(live, slug)
    head = live.experiments.find(slug).head
    for more in ({"label": 7}, {"label": "0"}, {"label": True}, {"key": ""}, {"key": None},
                 {"key": "<script>"}, {"position": 10**20}, {"position": "x"}, {"position": None},
                 {"experiment": "nobody"}, {"experiment": ["x"]}):  # fmt: skip
        forged = {**wish(slug, position, do="correct", label=0, key="12345678"), **more}
        content, _ = page.story(forged)
        assert words(content)
    assert live.experiments.find(slug).head == head


# Following -----------------------------------------------------------------------------------


def test_the_head_is_told_when_it_moved(page: Any, slug: str, live: Services) -> None:
    known = by_id(page.layout(slug), Log.HEAD).data
    with pytest.raises(PreventUpdate):
        page.head(1, known, shown(slug))
    live.runs.oracle(slug, count=1)
    assert page.head(2, known, shown(slug)) != known
    with pytest.raises(PreventUpdate):
        page.head(3, known, shown("nobody"))
