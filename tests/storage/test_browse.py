"""Filters and orders of the logs: what is understood, what is refused, and which rows come."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.storage import browse, export, filters, streams
from dashboard.storage.browse import Filter, Sort, parse, parse_sort
from dashboard.storage.experiments import Experiment
from dashboard.storage.log import pack
from dashboard.storage.schema import predictions

CLASSES = ("win", "see")


@pytest.fixture
def slug(services: Services, make_experiment: Callable[..., str]) -> str:
    """An experiment with answers, passes, a relabel, a retraction, an undo and an open query."""
    slug = make_experiment(services, "mixed", n=160)
    services.runs.oracle(slug, count=25)
    positions = [row["position"] for row in records(services, slug, "labels")]
    services.labeling.correct(slug, position=positions[3], label=1)
    services.labeling.correct(slug, position=positions[5], label=None)
    for label in (None, 0, None):
        services.labeling.answer(slug, position=open_position(services, slug), label=label)
    services.labeling.undo(slug)
    services.runs.scan(slug)
    assert open_position(services, slug) is not None
    return slug


def open_position(services: Services, slug: str) -> int:
    view = services.views.view(slug)
    return int(view["query"]["position"])


def records(services: Services, slug: str, table: str) -> list[dict[str, Any]]:
    """The whole export."""
    with services.database.read() as connection:
        experiment = services.experiments.find(slug)
        stream = streams.get(connection, experiment.stream_id)
        make = export.label_table if table == "labels" else export.prediction_table
        made = make(connection, experiment, stream)
        return [dict(zip(made.columns, row, strict=True)) for row in made.rows]


@pytest.fixture
def found(services: Services, slug: str) -> Callable[..., list[dict[str, Any]]]:
    """`found(table, params, sort)`: the rows of a description, all pages joined."""

    def rows(
        table: str, params: dict[str, str] | None = None, sort: str = "", page: int = 7
    ) -> list[dict[str, Any]]:
        chosen = parse(table, params or {}, classes=CLASSES)
        order = parse_sort(table, sort)
        with services.database.read() as connection:
            return paged(connection, services.experiments.find(slug), chosen, order, page)

    return rows


def paged(
    connection: Connection, experiment: Experiment, chosen: Filter, order: Sort, page: int
) -> list[dict[str, Any]]:
    stream = streams.get(connection, experiment.stream_id)
    rows: list[dict[str, Any]] = []
    count = browse.count(connection, experiment, chosen)
    for first in range(0, count + page, page):
        keys = browse.keys(connection, experiment, chosen, order, first=first, stop=first + page)
        rows += browse.records(connection, experiment, stream, chosen.table, keys)
    assert len(rows) == count
    return rows


def text_of(services: Services, slug: str, position: int) -> str:
    return services.labeling.samples.get(services.experiments.find(slug).stream_id, position).text


# What is understood ---------------------------------------------------------------------------


def test_values_are_typed_and_in_the_order_of_the_fields() -> None:
    params = {"entropy_min": " 0.5 ", "label": "none", "q": "a", "correct": "false", "truth": ""}
    assert parse("labels", params, classes=CLASSES).terms == (
        ("q", "a"), ("label", None), ("correct", False), ("entropy_min", 0.5),
    )  # fmt: skip


def test_equal_descriptions_are_equal_filters() -> None:
    one = parse("labels", {"q": "a", "label": "win"}, classes=CLASSES)
    other = parse("labels", {"label": "win", "q": "a", "source": ""}, classes=CLASSES)
    assert one == other
    assert hash(one) == hash(other)


HOSTILE = (
    {"position; DROP TABLE events": "1"},
    {"label": "'; DROP TABLE events; --"},
    {"label": "WIN"},
    {"predicted": "<script>"},
    {"reason": "entropy' OR '1'='1"},
    {"source": "nobody"},
    {"asked": "yes"},
    {"correct": "1"},
    {"entropy_min": "nan"},
    {"entropy_min": "inf"},
    {"entropy_max": "1e999"},
    {"position_min": "1_0"},
    {"position_min": "9" * 40},
    {"position_min": "0x10"},
    {"query_probability_max": "1; SELECT"},
    {"q": "x" * 201},
    {"q": "a\0b"},
    {"q": "\ud800"},
    {"q": ["a", "b"]},
    {"label": {"a": 1}},
    {"history": "1"},
    {"": "x"},
    {"confidence_min": "sure"},
)


@pytest.mark.parametrize("params", HOSTILE, ids=lambda p: repr(p)[:40])
@pytest.mark.parametrize("table", browse.TABLES)
def test_what_cannot_be_is_a_sentence(table: str, params: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as caught:
        parse(table, params, classes=CLASSES)
    assert len(str(caught.value)) < 400


def test_each_table_has_its_fields() -> None:
    with pytest.raises(BadInput, match="cannot be filtered by 'asked'"):
        parse("labels", {"asked": "true"}, classes=CLASSES)
    with pytest.raises(BadInput, match="cannot be filtered by 'source'"):
        parse("predictions", {"source": "person"}, classes=CLASSES)
    with pytest.raises(BadInput, match="no log 'models'"):
        parse("models", {}, classes=CLASSES)


def test_sorts() -> None:
    assert parse_sort("labels", "") == Sort("labeled_at", descending=True)
    assert parse_sort("predictions", None) == Sort("position", descending=True)
    assert str(parse_sort("predictions", "-entropy")) == "-entropy"
    for text in ("text", "--entropy", "entropy desc", "-", 7, ["entropy"], "seconds"):
        with pytest.raises(BadInput, match="cannot be sorted by"):
            parse_sort("predictions", text)


# Which rows come ------------------------------------------------------------------------------

Row = dict[str, Any]


def known(row: Row) -> str | None:
    return row["truth"] or row["label"]


CASES: list[tuple[dict[str, str], Callable[[Row], bool]]] = [
    ({}, lambda row: True),
    ({"label": "win"}, lambda row: row["label"] == "win"),
    ({"label": "none"}, lambda row: row["label"] is None),
    ({"predicted": "see"}, lambda row: row["predicted"] == "see"),
    ({"truth": "see"}, lambda row: row["truth"] == "see"),
    ({"truth": "none"}, lambda row: row["truth"] is None),
    ({"reason": "entropy"}, lambda row: row["reason"] == "entropy"),
    ({"correct": "true"}, lambda row: known(row) is not None and row["predicted"] == known(row)),
    ({"correct": "false"}, lambda row: known(row) is not None and row["predicted"] != known(row)),
    ({"entropy_min": "0.9"}, lambda row: row["entropy"] >= 0.9),
    ({"entropy_max": "0.9"}, lambda row: row["entropy"] <= 0.9),
    ({"position_min": "20", "position_max": "60"}, lambda row: 20 <= row["position"] <= 60),
    ({"query_probability_min": "0.5"}, lambda row: row["query_probability"] >= 0.5),
    ({"label": "see", "correct": "false"},
     lambda row: row["label"] == "see" and row["predicted"] != known(row)),
]  # fmt: skip


@pytest.mark.parametrize("table", browse.TABLES)
def test_a_filter_keeps_the_rows_of_the_export_that_it_describes(
    services: Services, slug: str, found: Callable[..., list[Row]], table: str
) -> None:
    everything = records(services, slug, table)
    for params, keep in CASES:
        assert found(table, params, "position") == [row for row in everything if keep(row)], params


def test_asked_and_source_and_seconds(
    services: Services, slug: str, found: Callable[..., list[Row]]
) -> None:
    everything = records(services, slug, "predictions")
    assert found("predictions", {"asked": "true"}, "position") == [
        row for row in everything if row["asked"]
    ]
    assert found("predictions", {"asked": "false"}, "position") == [
        row for row in everything if not row["asked"]
    ]
    labels = records(services, slug, "labels")
    people = [row for row in labels if row["source"] == "person"]
    assert found("labels", {"source": "person"}, "position") == people
    position = open_position(services, slug)
    services.labeling.answer(slug, position=position, label=0, milliseconds=1005)
    timed = found("labels", {"seconds_min": "1.005", "seconds_max": "1.005"})
    assert [row["position"] for row in timed] == [position]


def confidence(row: Row) -> float:
    return float(row[f"p_{row['predicted']}"])


@pytest.mark.parametrize("classes", [2, 3])
def test_confidence_is_compared_to_the_last_bit(
    services: Services, make_experiment: Callable[..., str], classes: int
) -> None:
    slug = make_experiment(services, "sure", n=90, classes=classes, discount_factor=6.0)
    services.runs.oracle(slug)
    everything = [r for r in records(services, slug, "predictions") if r["predicted"]]
    values = sorted(confidence(row) for row in everything)
    exact = [values[0], values[len(values) // 2], values[-1]]
    near = [math.nextafter(v, to) for v in exact for to in (0.0, 2.0)]
    with services.database.read() as connection:
        for bound in (*exact, *near, 0.0, -0.0, -0.5, 0.5, 1.0, 1.5, 2.0, 1e9):
            for end, kept in (
                ("min", [r["position"] for r in everything if confidence(r) >= bound]),
                ("max", [r["position"] for r in everything if confidence(r) <= bound]),
            ):
                chosen = Filter("predictions", ((f"confidence_{end}", bound),))
                found = browse.order(
                    connection, services.experiments.find(slug), chosen, Sort("position")
                )
                assert found.tolist() == kept, (end, bound)


@pytest.mark.parametrize("said", [(), (math.nan, math.nan), (math.inf, 0.0), (-0.5, 0.5)])
def test_what_is_no_probability_has_no_confidence(
    services: Services, slug: str, said: tuple[float, ...]
) -> None:
    experiment = services.experiments.find(slug)
    with services.database.write() as connection:
        connection.execute(
            predictions.update()
            .where(predictions.c.experiment_id == experiment.id, predictions.c.position == 0)
            .values(predicted=0, probabilities=pack(said))
        )
    with services.database.read() as connection:
        for end, bound in (("min", 0.0), ("max", 1.0)):
            chosen = Filter("predictions", ((f"confidence_{end}", bound),))
            found = browse.order(connection, experiment, chosen, Sort("position"))
            assert 0 not in found


def test_how_many_were_skipped_is_known_without_reading_them(services: Services, slug: str) -> None:
    with services.database.read() as connection:
        experiment = services.experiments.find(slug)
        found = browse.order(connection, experiment, browse.SKIPPED, Sort("position"))
        assert browse.count(connection, experiment, browse.SKIPPED) == len(found) > 0


def test_the_open_query_is_in_no_row_whatever_is_asked(
    services: Services, slug: str, found: Callable[..., list[Row]]
) -> None:
    hidden = open_position(services, slug)
    for table in browse.TABLES:
        for params in ({}, {"position_min": str(hidden)}, {"truth": "win"}, {"truth": "see"}):
            for sort in ("position", "-position", "-entropy"):
                assert hidden not in [row["position"] for row in found(table, params, sort)]


@pytest.mark.parametrize("table", browse.TABLES)
def test_every_order_has_every_row_once_and_is_an_order(
    services: Services, found: Callable[..., list[Row]], table: str
) -> None:
    everything = sorted(row["position"] for row in found(table, sort="position"))
    for field in browse.sortable(table):
        for descending in (False, True):
            rows = found(table, sort=str(Sort(field, descending)))
            assert sorted(row["position"] for row in rows) == everything
            values = [row.get(field) for row in rows]
            known_values = [v for v in values if v is not None]
            assert values[: len(known_values)] == known_values  # those without one come last
            if field not in ("label", "predicted", "truth", "correct", "asked"):
                assert known_values == sorted(known_values, reverse=descending)


def test_pages_by_position_step_over_open_queries(
    services: Services, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class TenScanned:
        id, position = services.experiments.find(slug).id, 10

    everything: Any = Filter("predictions")
    ten: Any = TenScanned
    with services.database.read() as connection:
        for holes in ((0,), (3,), (9,), (0, 1, 5), (8, 9), ()):
            monkeypatch.setattr(browse.log, "open_positions", lambda *_, h=holes: list(h))
            whole = [p for p in range(10) if p not in holes]
            for first, stop in itertools.combinations(range(14), 2):
                for descending in (False, True):
                    expected = (whole[::-1] if descending else whole)[first:stop]
                    sort = Sort("position", descending)
                    assert expected == browse.keys(
                        connection, ten, everything, sort, first=first, stop=stop
                    )


# Text ----------------------------------------------------------------------------------------


@pytest.fixture
def texts(services: Services) -> str:
    said = ["100% free", "100 free", "a_b", "a.b", "back\\slash", 'it\'s "so"', "FREE", "a/b", "é"]
    stream = services.experiments.add_stream(
        slug="texts",
        title="Texts",
        kind="text",
        classes=list(CLASSES),
        items=(streams.Sample(f"t{i}", {"text": t}, 0) for i, t in enumerate(said)),
        source="here",
    )
    from dashboard.core.spec import make_spec

    spec = make_spec("blog", text=True, classes=2, discount_factor=0)
    made = services.experiments.create("texts", stream=stream, spec=spec)
    services.runs.oracle(made.slug)
    return made.slug


SEARCHES = {
    "100%": ["100% free"],
    "%": ["100% free"],
    "_": ["a_b"],
    "a_b": ["a_b"],
    "\\": ["back\\slash"],
    "/": ["a/b"],
    '"so"': ['it\'s "so"'],
    "'": ['it\'s "so"'],
    "free": ["100% free", "100 free", "FREE"],
    "é": ["é"],
    "' OR 1=1 --": [],
}


@pytest.mark.parametrize("table", browse.TABLES)
def test_text_is_searched_as_it_stands(services: Services, texts: str, table: str) -> None:
    for query, expected in SEARCHES.items():
        page = services.records.page(texts, table, params={"q": query}, sort="position")
        assert [row["text"] for row in page.rows] == expected, query
        assert page.count == len(expected)


def test_fields_are_searched_too(services: Services, make_experiment: Callable[..., str]) -> None:
    slug = make_experiment(services, "rows", n=60, text=False, preset="recommended")
    services.runs.oracle(slug, count=5)
    whole = services.records.page(slug, "predictions", params={}, sort="position", stop=500)
    page = services.records.page(slug, "predictions", params={"q": "Color: r"}, sort="position")
    assert page.rows == tuple(row for row in whole.rows if "color: r" in str(row["text"]))
    assert 0 < page.count < whole.count


def test_the_fields_stand_where_the_page_expects_them() -> None:
    """A field of the filter that no table has could never be used."""
    assert all(field.tables for field in filters.FIELDS.values())
