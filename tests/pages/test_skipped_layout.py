"""The page of what was skipped: its layout for any address, its callbacks called as functions."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from typing import Any

import pytest
from dash import Dash
from dash.exceptions import PreventUpdate

from dashboard.analytics.advice import Because
from dashboard.services.container import Services
from dashboard.ui.ids import Log, Skipped, Spots
from tests.components import by_id, ids, links, parts, words


@pytest.fixture
def page(app: Dash) -> Any:
    return sys.modules["pages.skipped"]


@pytest.fixture
def log(app: Dash) -> Any:
    return sys.modules["pages.log"]


@pytest.fixture
def slug(live: Services, make_experiment: Callable[..., str]) -> str:
    slug = make_experiment(live, "mixed", n=160, discount_factor=6.0)
    live.runs.oracle(slug)
    return slug


def shown(slug: str, **params: str) -> dict[str, Any]:
    return {"experiment": slug, "table": "skipped", "params": params}


def request(sort: str = "", first: int = 0) -> dict[str, Any]:
    model = [{"colId": sort.removeprefix("-"), "sort": "desc" if sort[:1] == "-" else "asc"}]
    return {"startRow": first, "endRow": first + 100, "sortModel": model if sort else []}


def skipped_in(live: Services, slug: str) -> list[dict[str, str]]:
    """The rows of the exported log that nobody was asked about."""
    chunks = live.downloads.stream(slug, "predictions", "csv")
    rows = csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline=""))
    return [row for row in rows if row["asked"] == "false"]


def test_every_layout_has_every_id(page: Any, slug: str) -> None:
    wanted = {v for k in (Log, Skipped, Spots) for n, v in vars(k).items() if not n.startswith("_")}
    for layout in (page.layout(), page.layout(slug), page.layout("nobody")):
        assert wanted <= ids(layout)


def test_without_experiments_the_page_says_what_to_do(page: Any) -> None:
    layout = page.layout()
    assert "There is no experiment yet" in words(layout)
    assert "/" in links(layout)


def test_an_unknown_experiment_is_a_sentence(page: Any, slug: str) -> None:
    assert "There is no experiment 'nobody'" in words(page.layout("nobody"))


def test_where_nothing_was_skipped_it_says_why_and_what_to_do(
    page: Any, live: Services, make_experiment: Callable[..., str]
) -> None:
    eager = make_experiment(live, "eager", n=120, discount_factor=0)
    layout = page.layout(eager)
    assert "Nothing has been predicted yet" in words(layout)
    assert f"/?experiment={eager}" in links(layout)
    live.runs.oracle(eager, count=5)
    assert "Every sample so far was asked about" in words(page.layout(eager))


def test_a_floor_of_zero_is_told_with_what_to_do(page: Any, live: Services, slug: str) -> None:
    layout = page.layout(slug)
    rows = skipped_in(live, slug)
    figures = words(by_id(layout, Skipped.FIGURES))
    assert f"{len(rows):,} " in figures
    assert "estimated error among them: not measurable" in figures
    wrong = sum(row["correct"] == "false" for row in rows)
    assert f"{wrong / len(rows):.2%} error among them by known truth" in figures
    note = by_id(layout, Skipped.NOTE).children
    assert "the floor is 0" in note
    assert "Spot-check some of them, or raise the floor" in note


def test_the_estimate_is_that_of_the_accuracy_page(
    page: Any, live: Services, make_experiment: Callable[..., str]
) -> None:
    slug = make_experiment(live, "floor", n=430, discount_factor=6.0, floor=0.1)
    live.runs.oracle(slug)
    layout = page.layout(slug)
    found = live.reports.accuracy(slug).estimates
    low, high = (1 - x.item() for x in (found.skipped.high, found.skipped.low))
    figures = words(by_id(layout, Skipped.FIGURES))
    assert f"{1 - found.skipped.value.item():.2%} " in figures
    assert f"{low:.1%} to {high:.1%} (95% interval)" in figures
    note = by_id(layout, Skipped.NOTE).children
    assert f"It rests on {int(found.skipped.answers):,} answers" in note
    assert f"{found.audits:,} of them audits" in note
    assert page.figures("moved", "20", shown(slug))[1] == note


def test_too_few_audits_are_counted_with_what_to_do(
    page: Any, live: Services, make_experiment: Callable[..., str]
) -> None:
    slug = make_experiment(live, "early", n=160, discount_factor=6.0, floor=0.02)
    live.runs.oracle(slug)
    note = by_id(page.layout(slug), Skipped.NOTE).children
    assert "With a floor of 2.0%, 3 audits are to be expected so far; 20 are needed" in note
    assert note.endswith("Keep labeling.")


def test_the_estimate_stands_still_where_another_table_is_shown(page: Any, slug: str) -> None:
    for other in (None, {**shown(slug), "table": "labels"}, shown("nobody")):
        with pytest.raises(PreventUpdate):
            page.figures("moved", "20", other)


def test_an_address_fills_the_form_and_sorts_the_table(page: Any, slug: str) -> None:
    layout = page.layout(slug, sort="entropy", q="see", predicted="see", confidence_min="0.9")
    assert by_id(layout, "log-field-confidence-min").value == "0.9"
    assert by_id(layout, Log.SHOWN).data == shown(
        slug, q="see", predicted="see", confidence_min="0.9"
    )
    columns = {c["field"]: c for c in by_id(layout, Log.GRID).columnDefs}
    assert columns["entropy"]["sort"] == "asc"
    assert columns["probability"]["headerName"] == "Confidence"
    pressed = [p for p in parts(layout) if getattr(p, "aria-pressed", None) == "true"]
    assert [words(p.children) for p in pressed] == ["the surest first"]


def test_a_hostile_address_is_followed_nowhere(page: Any, slug: str) -> None:
    for params in ({"asked": "true"}, {"label": "win"}, {"reason": "entropy"}, {"table": "labels"},
                   {"sort": "1;--"}, {"confidence_min": "NaN"}, {"suspected": "true"}):  # fmt: skip
        layout = page.layout(slug, **params)
        assert "This address cannot be followed" in words(layout)
        assert by_id(layout, Log.SHOWN).data == shown(slug)


def test_the_log_page_leaves_it_to_this_one(log: Any, slug: str) -> None:
    layout = log.layout(slug, table="skipped")
    assert "has a page of its own" in words(layout)
    assert by_id(layout, Log.SHOWN).data["table"] == "labels"


def test_the_columns_are_sortable_by_the_server_or_not_at_all(page: Any, slug: str) -> None:
    from dashboard.storage.browse import sortable

    columns = by_id(page.layout(slug), Log.GRID).columnDefs
    assert {c["field"] for c in columns if c["sortable"]} <= set(sortable("predictions"))


def test_rows_are_those_that_were_skipped(log: Any, live: Services, slug: str) -> None:
    rows = skipped_in(live, slug)
    answer, line = log.rows(request("position"), shown(slug))
    assert [row["key"] for row in answer["rowData"]] == [row["position"] for row in rows][:100]
    assert answer["rowCount"] == len(rows)
    assert f"{len(rows):,} skipped samples" in words(line)
    assert f"/experiments/{slug}/predictions.csv?skipped=true" in links(line)
    for row, told in zip(rows, answer["rowData"], strict=False):
        assert told["probability"] == f"{max(float(row['p_win']), float(row['p_see'])):.3f}"


def test_the_surest_and_the_least_sure_come_first(log: Any, slug: str) -> None:
    for sort in ("entropy", "-entropy"):
        answer, _ = log.rows(request(sort), shown(slug))
        confidence = [float(row["probability"]) for row in answer["rowData"]]
        assert confidence == sorted(confidence, reverse=sort == "entropy")


def test_the_file_is_what_the_table_shows(log: Any, live: Services, slug: str) -> None:
    every = skipped_in(live, slug)
    name = every[-1]["predicted"]
    sure = sorted(float(row[f"p_{name}"]) for row in every if row["predicted"] == name)
    low, high = sure[len(sure) // 4], sure[3 * len(sure) // 4]
    chosen = {"confidence_min": f"{low:.15f}", "confidence_max": f"{high:.3f}", "predicted": name}
    answer, line = log.rows(request("position"), shown(slug, **chosen))
    address = next(a for a in links(line) if ".csv" in a)
    assert f"confidence_max={high:.3f}" in address
    assert "skipped=true" in address
    kept = {**chosen, "skipped": "true"}
    chunks = live.downloads.stream(slug, "predictions", "csv", params=kept)
    rows = list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))
    assert [row["position"] for row in rows] == [row["key"] for row in answer["rowData"]]
    expected = [
        row
        for row in every
        if row["predicted"] == name
        and float(chosen["confidence_min"]) <= float(row[f"p_{name}"]) <= float(f"{high:.3f}")
    ]
    assert rows == expected
    assert 0 < len(rows) < len(every)


def test_a_row_opens_its_story(log: Any, live: Services, slug: str) -> None:
    position = int(skipped_in(live, slug)[0]["position"])
    wish = {"do": "look", "experiment": slug, "position": position, "nonce": "n"}
    content, _ = log.story(wish)
    assert "It was never asked about" in words(content)


def wish(slug: str, do: str = "spot-check", **more: Any) -> dict[str, Any]:
    return {"do": do, "experiment": slug, "nonce": f"{do}-{more}", **more}


def test_spot_checks_are_queued_counted_and_taken_back(
    page: Any, live: Services, slug: str
) -> None:
    layout = page.layout(slug)
    assert words(by_id(layout, Skipped.CHECKS)) == "No spot-check has been made yet."
    promise = by_id(layout, Skipped.PROMISE).children
    assert promise.startswith("It costs 20 labels.")
    assert "instead of not at all" in promise
    before = live.experiments.find(slug).head
    assert page.act(wish(slug, n="5", predicted="")) == ("5 queued.", False)
    assert page.act(wish(slug, n="5", predicted="")) == (
        "These spot-checks were queued before.", False,
    )  # fmt: skip
    assert live.experiments.find(slug).head == before + 1
    _, _, standing, _, go = page.figures("moved", "7", shown(slug))
    assert go == "Spot-check 7 at random"
    assert "0 spot-checks have an answer, 5 wait for one." in words(standing)
    assert f"/?experiment={slug}" in links(standing)
    assert "Take back the rest" in words(standing)
    assert page.act(wish(slug, "take-back")) == ("5 taken back.", False)
    assert "Take back" not in words(page.figures("moved", "7", shown(slug))[2])


def test_spot_checks_alone_give_a_figure(page: Any, live: Services, slug: str) -> None:
    skipped = skipped_in(live, slug)
    page.act(wish(slug, n="22", predicted=""))
    live.runs.oracle(slug)
    checked = {row["position"] for row in skipped} - {
        row["position"] for row in skipped_in(live, slug) if not row["reason"]
    }
    assert len(checked) == 22
    wrong = sum(row["correct"] == "false" for row in skipped if row["position"] in checked)
    figures = words(by_id(page.layout(slug), Skipped.FIGURES))
    assert f"{len(skipped):,} skipped of 160 samples, 22 of them spot-checked" in figures
    assert f"{wrong / 22:.2%} estimated error among them" in figures
    every = sum(row["correct"] == "false" for row in skipped)
    assert f"{every / len(skipped):.2%} error among them by known truth" in figures
    note = by_id(page.layout(slug), Skipped.NOTE).children
    assert "22 spot-checked" in note
    assert "With a floor of 0 it is about the 160 samples" in note
    estimates = live.reports.accuracy(slug).estimates
    assert estimates.now.shown
    assert live.advisor.evidence(slug).estimate.value == estimates.now.value
    advice = live.advisor.standing(slug).advice
    assert advice is not None
    assert Because.SPOT_CHECKED in advice.because
    assert Because.NO_FLOOR not in advice.because


def test_where_all_is_checked_it_says_so(page: Any, live: Services, slug: str) -> None:
    page.act(wish(slug, n="500", predicted=""))
    live.runs.oracle(slug)
    layout = page.layout(slug)
    assert "Every sample that was skipped has been spot-checked" in words(
        by_id(layout, Skipped.PROMISE)
    )
    figures = words(by_id(layout, Skipped.FIGURES))
    known = live.reports.skipped(slug)
    exact = f"{1 - known.correct / known.known:.2%} "
    assert figures.count(exact) == 2  # estimated, and known
    said, hidden = page.act(wish(slug, n="1", predicted=""))
    assert "Nothing is left to spot-check" in said
    assert not hidden


def test_what_a_browser_may_send_is_refused_in_a_sentence(page: Any, slug: str) -> None:
    for sent in ({"n": "0"}, {"n": "many"}, {"n": ["7"]}, {"n": "501"}, {"n": "9" * 400}):
        said, hidden = page.act(wish(slug, **sent))
        assert "Spot-check from 1 to 500" in said
        assert not hidden
        assert page.figures("moved", sent["n"], shown(slug))[4] == "Spot-check 20 at random"
    assert "There is no class" in page.act(wish(slug, n="7", predicted="x"))[0]
    assert "does not know" in page.act(wish(slug, "dance"))[0]
    assert "There is no experiment" in page.act(wish("nobody", n="7"))[0]
    with pytest.raises(PreventUpdate):
        page.act(None)
