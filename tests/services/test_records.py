"""Pages of the logs, stories of samples, and downloads of what is filtered."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.errors import BadInput, NotFound
from dashboard.services import orders
from dashboard.services import records as records_module
from dashboard.services.container import Services
from dashboard.storage import browse

Row = dict[str, Any]


@pytest.fixture
def slug(services: Services, make_experiment: Callable[..., str]) -> str:
    slug = make_experiment(services, "mixed", n=160)
    services.runs.oracle(slug, count=20)
    return slug


def open_position(services: Services, slug: str) -> int:
    services.runs.scan(slug)
    return int(services.views.view(slug)["query"]["position"])


def download(services: Services, slug: str, what: str, fmt: str = "csv", **options: Any) -> str:
    return b"".join(services.downloads.stream(slug, what, fmt, **options)).decode()


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# Pages ---------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_page_is_newest_first_with_the_counts(services: Services, slug: str) -> None:
    page = services.records.page(slug, "labels", params={}, first=0, stop=5)
    everything = csv_rows(download(services, slug, "labels"))
    assert (page.count, page.total) == (20, 20)
    assert [r["position"] for r in page.rows] == [int(r["position"]) for r in everything[::-1][:5]]
    assert page.rows[0]["text"] == everything[-1]["text"]


def test_the_count_without_a_filter_is_that_of_the_rollups(services: Services, slug: str) -> None:
    services.labeling.answer(slug, position=open_position(services, slug), label=None)
    labeled = services.records.page(slug, "labels", params={})
    predicted = services.records.page(slug, "predictions", params={}, stop=500)
    assert labeled.total == len(csv_rows(download(services, slug, "labels")))
    assert predicted.total == len(csv_rows(download(services, slug, "predictions")))
    assert len(predicted.rows) == predicted.total


def test_a_filtered_count_is_made_once_until_the_log_moves(
    services: Services, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Any] = []
    real = records_module.browse.count

    def count(connection: Any, experiment: Any, chosen: Any) -> int:
        counted.append(chosen)
        return real(connection, experiment, chosen)

    monkeypatch.setattr(records_module.browse, "count", count)

    def filtered() -> int:
        before = len([c for c in counted if c.terms])
        services.records.page(slug, "predictions", params={"correct": "false"})
        return len([c for c in counted if c.terms]) - before

    assert [filtered(), filtered(), filtered()] == [1, 0, 0]
    services.labeling.answer(slug, position=open_position(services, slug), label=0)
    assert [filtered(), filtered()] == [1, 0]


@pytest.mark.both
@pytest.mark.parametrize("table", ["labels", "predictions"])
@pytest.mark.parametrize("params", [{}, {"predicted": "win"}])
def test_far_down_the_rows_are_those_that_follow(
    services: Services, slug: str, monkeypatch: pytest.MonkeyPatch, table: str,
    params: dict[str, str],
) -> None:  # fmt: skip
    for field in browse.sortable(table):
        for sort in (field, f"-{field}"):

            def positions(first: int, stop: int, sort: str = sort) -> list[Any]:
                page = services.records.page(
                    slug, table, params=params, sort=sort, first=first, stop=stop
                )
                return [row["position"] for row in page.rows]

            monkeypatch.setattr(orders, "FAR_DOWN", 10_000)
            whole = positions(0, 500)
            monkeypatch.setattr(orders, "FAR_DOWN", 3)
            assert positions(3, 8) + positions(8, 500) == whole[3:]
            assert len(whole) > 8


def test_an_order_is_worked_out_once_until_the_log_moves(
    services: Services, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = orders.browse.order

    def order(connection: Any, experiment: Any, chosen: Any, sort: Any) -> Any:
        made.append(sort.field)
        return real(connection, experiment, chosen, sort)

    monkeypatch.setattr(orders.browse, "order", order)
    monkeypatch.setattr(orders, "FAR_DOWN", 3)

    def scroll(sort: str, first: int) -> Any:
        return services.records.page(slug, "labels", params={}, sort=sort, first=first).rows

    for first in (0, 3, 6, 9):
        scroll("-entropy", first)
        scroll("-labeled_at", first)
    assert made == ["entropy"]
    services.labeling.answer(slug, position=open_position(services, slug), label=0)
    assert len(scroll("-entropy", 3)) == 18
    assert made == ["entropy"] * 2


def test_the_beginning_of_an_order_is_read_once_until_the_log_moves(
    services: Services, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = orders.browse.keys

    def keys(connection: Any, experiment: Any, chosen: Any, sort: Any, **range_: Any) -> Any:
        read.append(str(sort))
        return real(connection, experiment, chosen, sort, **range_)

    monkeypatch.setattr(orders.browse, "keys", keys)

    def scroll(sort: str, first: int, stop: int) -> list[Any]:
        page = services.records.page(slug, "skipped", params={}, sort=sort, first=first, stop=stop)
        return [row["position"] for row in page.rows]

    whole = scroll("-entropy", 0, 500)
    assert scroll("-entropy", 0, 3) + scroll("-entropy", 3, 500) == whole
    assert scroll("-entropy", 400, 500) == []
    assert read == ["-entropy"]
    services.runs.oracle(slug, count=1)
    scroll("-entropy", 0, 3)
    assert read == ["-entropy"] * 2


def test_the_skipped_are_the_predictions_nobody_was_asked_about(
    services: Services, slug: str
) -> None:
    expected = [
        r for r in csv_rows(download(services, slug, "predictions")) if r["asked"] == "false"
    ]
    page = services.records.page(slug, "skipped", params={}, sort="position", stop=500)
    assert [str(row["position"]) for row in page.rows] == [row["position"] for row in expected]
    assert (
        page.count
        == page.total
        == len(expected)
        == services.records.overview(slug).totals["skipped"]
    )
    for row in page.rows:
        assert row["probability"] == row[f"p_{row['predicted']}"]
    for name, text in (("asked", "true"), ("label", "win"), ("reason", "entropy")):
        with pytest.raises(BadInput, match=f"the same {name}"):
            services.records.page(slug, "skipped", params={name: text})


def test_long_texts_are_cut_in_the_table_and_whole_in_the_story(services: Services) -> None:
    from dashboard.core.spec import make_spec
    from dashboard.storage.streams import Sample

    long = "word " * 200
    stream = services.experiments.add_stream(
        slug="long", title="Long", kind="text", classes=["a", "b"],
        items=iter([Sample("x", {"text": long}, 0)]), source="here",
    )  # fmt: skip
    spec = make_spec("blog", text=True, classes=2, discount_factor=0)
    services.experiments.create("long", stream=stream, spec=spec)
    services.runs.oracle("long")
    (row,) = services.records.page("long", "labels", params={}).rows
    assert row["text"] == long[:300] + "…"
    assert services.records.story("long", 0).sample.text == long


def test_an_impossible_range_is_a_sentence(services: Services, slug: str) -> None:
    for first, stop in ((-1, 5), (5, 4), (0, 501), (2**31, 2**31 + 1)):
        with pytest.raises(BadInput, match="A page has up to"):
            services.records.page(slug, "labels", params={}, first=first, stop=stop)


def test_past_the_end_there_is_nothing(services: Services, slug: str) -> None:
    for table in ("labels", "predictions"):
        page = services.records.page(slug, table, params={}, first=10_000, stop=10_100)
        assert page.rows == ()


# Addresses -----------------------------------------------------------------------------------


def test_an_address_opens_what_it_says(services: Services, slug: str) -> None:
    params = {"table": "predictions", "sort": "-entropy", "q": "word", "label": ""}
    opening = services.records.opening(slug, params)
    assert (opening.table, str(opening.sort), opening.params) == (
        "predictions", "-entropy", {"q": "word"},
    )  # fmt: skip
    assert opening.trouble == ""


WRONG: list[dict[str, Any]] = [
    {"table": "nope"},
    {"table": ["labels"]},
    {"sort": "<script>"},
    {"label": "nope"},
    {"utm_source": "mail"},
    {"q": ["a", "b"]},
]


def test_an_address_that_cannot_be_followed_shows_everything_and_says_so(
    services: Services, slug: str
) -> None:
    for params in WRONG:
        opening = services.records.opening(slug, params)
        assert (opening.table, opening.params) == ("labels", {})
        assert opening.trouble.startswith("This address cannot be followed")


def test_the_overview_names_what_there_is(services: Services, slug: str) -> None:
    overview = services.records.overview(slug)
    assert overview.totals["labels"] == 20
    assert set(overview.reasons) <= {"entropy", "cold-start"}
    assert [c.name for c in overview.classes] == ["win", "see"]


# Stories -------------------------------------------------------------------------------------


def kinds(services: Services, slug: str, position: int) -> list[str]:
    return [step.kind for step in services.records.story(slug, position).steps]


@pytest.mark.both
def test_a_story_has_everything_in_order(services: Services, slug: str) -> None:
    position = open_position(services, slug)
    services.labeling.answer(slug, position=position, label=0, milliseconds=1500, annotator="ann")
    services.labeling.undo(slug, annotator="ann")
    services.labeling.answer(slug, position=position, label=1, annotator="ann")
    services.labeling.correct(slug, position=position, label=0, annotator="bob")
    services.labeling.correct(slug, position=position, label=None, annotator="bob")
    story = services.records.story(slug, position)
    assert [s.kind for s in story.steps] == [
        "predicted", "label", "undo", "label", "relabel", "retract",
    ]  # fmt: skip
    assert story.steps[1].facts["seconds"] == 1.5
    assert [s.seq for s in story.steps] == sorted(s.seq for s in story.steps)
    assert (story.answer, story.label, story.changeable) == ("retracted", None, True)


def test_a_story_tells_marks_and_what_was_changed_meanwhile(services: Services, slug: str) -> None:
    position = open_position(services, slug)
    services.marks.mark(slug, position=position, flag=True, annotator="ann")
    services.changes.strategy(slug, strategy="budget-entropy", budget=0.2, annotator="ann")
    services.labeling.answer(slug, position=position, label=0, annotator="ann")
    services.changes.add_class(slug, "third", annotator="ann")
    services.changes.edit_class(slug, 1, name="seen", guideline="To look at.", annotator="ann")
    services.marks.mark(slug, position=position, flag=False, note="which one?", annotator="ann")
    services.changes.strategy(slug, budget=0.3, annotator="ann")  # no longer part of its story
    story = services.records.story(slug, position)
    told = [(step.kind, dict(step.facts)) for step in story.steps[1:]]
    assert [kind for kind, _ in told] == [
        "mark", "strategy", "label", "class-added", "class-renamed", "guideline", "mark",
    ]  # fmt: skip
    assert told[0][1] == {"flag": True, "note": None, "annotator": "ann"}
    assert told[1][1]["before"] == "entropy, discount factor 100, floor 0"
    assert told[1][1]["after"].startswith("budget-entropy, budget 0.2, ")
    assert told[4][1] == {"before": "See", "after": "seen", "annotator": "ann"}
    assert told[6][1] == {"flag": False, "note": "which one?", "annotator": "ann"}


def test_a_prediction_that_an_undo_took_back_is_told(services: Services, slug: str) -> None:
    position = open_position(services, slug)
    services.labeling.answer(slug, position=position, label=0)
    services.labeling.undo(slug)
    services.labeling.answer(slug, position=position, label=0)
    after = position + 1
    services.labeling.answer(slug, position=open_position(services, slug), label=0)
    assert kinds(services, slug, after)[:3] == ["predicted", "replaced", "predicted"]


def test_an_open_query_has_no_story_not_even_after_an_undo(services: Services, slug: str) -> None:
    position = open_position(services, slug)
    with pytest.raises(NotFound, match="no row in the log yet"):
        services.records.story(slug, position)
    services.labeling.answer(slug, position=position, label=0)
    services.labeling.undo(slug)
    with pytest.raises(NotFound, match="no row in the log yet"):
        services.records.story(slug, position)


def test_what_was_never_scanned_has_no_story(services: Services, slug: str) -> None:
    for position in (-1, 159, 160, 10**9):
        with pytest.raises(NotFound):
            services.records.story(slug, position)


def test_an_archived_experiment_tells_but_changes_nothing(services: Services, slug: str) -> None:
    position = services.records.page(slug, "labels", params={}).rows[0]["position"]
    archived = services.experiments.archive(slug)
    story = services.records.story(archived.slug, int(str(position)))
    assert not story.changeable


# Downloads of what is filtered ---------------------------------------------------------------

FILTERS: list[tuple[str, dict[str, str], Callable[[dict[str, str]], bool]]] = [
    ("labels", {"label": "win"}, lambda r: r["label"] == "win"),
    ("labels", {"source": "oracle", "entropy_min": "0.9"},
     lambda r: r["source"] == "oracle" and float(r["entropy"]) >= 0.9),
    ("labels", {"q": "WIN"}, lambda r: "win" in r["text"].lower()),
    ("predictions", {"correct": "false"}, lambda r: r["correct"] == "false"),
    ("predictions", {"asked": "false", "position_max": "40"},
     lambda r: r["asked"] == "false" and int(r["position"]) <= 40),
    ("predictions", {"predicted": "see", "reason": "entropy"},
     lambda r: r["predicted"] == "see" and r["reason"] == "entropy"),
]  # fmt: skip


@pytest.mark.both
def test_a_filtered_file_is_the_whole_file_filtered(services: Services, slug: str) -> None:
    for what, params, keep in FILTERS:
        expected = [row for row in csv_rows(download(services, slug, what)) if keep(row)]
        assert csv_rows(download(services, slug, what, params=params)) == expected
        lines = download(services, slug, what, "jsonl", params=params).splitlines()
        assert [json.loads(line)["position"] for line in lines] == [
            int(row["position"]) for row in expected
        ]
        page = services.records.page(slug, what, params=params, sort="position", stop=500)
        assert [str(r["position"]) for r in page.rows] == [r["position"] for r in expected]


def test_the_history_is_not_filtered_or_it_would_tell_a_truth(
    services: Services, slug: str
) -> None:
    with pytest.raises(BadInput, match="comes whole"):
        services.downloads.stream(slug, "labels", "csv", history=True, params={"truth": "win"})


def test_a_wrong_filter_of_a_download_is_a_sentence_at_once(services: Services, slug: str) -> None:
    with pytest.raises(BadInput, match="cannot be filtered by 'lable'"):
        services.downloads.stream(slug, "labels", "csv", params={"lable": "win"})
