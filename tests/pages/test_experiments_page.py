"""The experiments page: its rows, and everything that can be done to them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import dash
import pytest
from dash import Dash
from dash.exceptions import PreventUpdate

from dashboard.errors import BadInput, Conflict, NotFound, SluiceError, Unavailable
from dashboard.services.container import Services
from dashboard.services.manager import Manager
from dashboard.services.overview import Glance, Summary
from dashboard.ui import runs
from dashboard.ui.ids import Experiments
from dashboard.ui.sparkline import lowest, sparkline, svg
from tests.components import parts, words

TYPED = {"name": "Second try", "stream": "phishing", "preset": "recommended", "seed": "7",
         "warm_start": "20", "discount": "", "floor": "", "nonce": "n"}  # fmt: skip


@pytest.fixture
def page(app: Dash) -> Any:
    return sys.modules["pages.experiments"]


@pytest.fixture
def slug(live: Services, make_experiment: Callable[..., str]) -> str:
    return make_experiment(live, "First <b>try</b>", n=120)


def wishes(component: Any) -> list[dict[str, Any]]:
    """What the buttons and forms put into stores, or have a dialog ask about."""
    texts = [getattr(p, n) for p in parts(component) for n in ("data-wish", "data-asks")
             if hasattr(p, n)]  # fmt: skip
    return [json.loads(text) for text in texts]


def wish(do: str, slug: str, **more: str) -> dict[str, Any]:
    return {"do": do, "slug": slug, "here": "", "nonce": "n", **more}


# The list ------------------------------------------------------------------------------------


def test_without_experiments_the_page_says_what_to_do(page: Any) -> None:
    layout = page.layout()
    assert "There is no experiment yet" in words(layout)
    buttons = [p for p in parts(layout) if getattr(p, "data-opens", None) == Experiments.CREATE]
    assert len(buttons) == 2


def test_every_layout_has_every_id(page: Any, slug: str) -> None:
    wanted = {v for k, v in vars(Experiments).items() if not k.startswith("_")}
    for layout in (page.layout(), page.layout(slug), page.layout("nobody")):
        assert wanted <= {getattr(p, "id", None) for p in parts(layout)}


def test_a_row_tells_how_far_it_is(page: Any, live: Services, slug: str) -> None:
    live.runs.oracle(slug, count=30)
    counters = live.views.view(slug)["counters"]
    text = words(page.layout(slug))
    assert "First <b>try</b>" in text
    assert f"{counters['accuracy']:.2%}" in text
    assert f"{counters['predictions']:,}  of 120" in text
    assert f" {counters['labels']} " in text
    assert "just now" in text


def test_a_summary_is_what_the_label_page_counts(live: Services, slug: str) -> None:
    live.runs.oracle(slug, count=30)
    counters = live.views.view(slug)["counters"]
    (summary,) = live.overviews.glance().summaries
    assert (summary.predictions, summary.labels) == (counters["predictions"], counters["labels"])
    assert summary.accuracy == counters["accuracy"]
    assert summary.ask_rate == counters["ask_rate"]
    assert summary.curve[-1] == (counters["predictions"], counters["accuracy"])
    assert summary.active_at > live.experiments.find(slug).created_at


def test_the_curve_is_cumulative_over_the_buckets(live: Services, slug: str) -> None:
    live.runs.oracle(slug)
    rows = live.records.page(slug, "predictions", params={}, sort="position", stop=500).rows
    right = [bool(row["correct"]) for row in rows]
    (summary,) = live.overviews.glance().summaries
    assert summary.curve == tuple((n, sum(right[:n]) / n) for n in (25, 50, 75, 100, 120))


def test_the_curve_follows_the_log(live: Services, slug: str) -> None:
    """It is kept from one look to the next, but never longer than the log stands still."""
    for count in (20, 1):
        live.runs.oracle(slug, count=count)
        (summary,) = live.overviews.glance().summaries
        assert live.overviews.glance().summaries == (summary,)
        assert summary.curve[-1] == (summary.predictions, summary.accuracy)
    live.experiments.reset(slug)
    fresh, old = live.overviews.glance().summaries
    assert (fresh.curve, old.curve) == ((), summary.curve)


def test_archived_ones_have_their_curve(page: Any, live: Services, slug: str) -> None:
    live.runs.oracle(slug, count=30)
    live.experiments.archive(slug)
    (folded,) = [p for p in parts(page.layout()) if getattr(p, "className", "") == "archive"]
    (curve,) = [p for p in parts(folded) if getattr(p, "className", "") == "spark"]
    (summary,) = live.overviews.glance().summaries
    assert getattr(curve, "aria-label").endswith(f"to {summary.accuracy:.1%}")


def test_archived_ones_come_after_the_live_ones_folded_away(
    page: Any, live: Services, slug: str, make_experiment: Callable[..., str]
) -> None:
    make_experiment(live, "other", n=120)
    live.experiments.archive(slug)
    layout = page.layout()
    (folded,) = [p for p in parts(layout) if getattr(p, "className", "") == "archive"]
    assert "First <b>try</b>" in words(folded)
    assert "other" not in words(folded)
    assert not getattr(folded, "open", False)


def test_the_row_of_the_address_is_marked(page: Any, slug: str) -> None:
    marked = [p for p in parts(page.layout(slug)) if getattr(p, "className", "") == "here"]
    assert len(marked) == 1
    assert not [p for p in parts(page.layout()) if getattr(p, "className", "") == "here"]


def test_each_row_links_to_its_pages(page: Any, slug: str) -> None:
    hrefs = [p.href for p in parts(page.layout()) if getattr(p, "href", None)]
    for path in ("/", "/accuracy", "/log"):
        assert f"{path}?experiment={slug}" in hrefs


def test_the_list_is_painted_again_only_when_something_moved(
    page: Any, live: Services, slug: str
) -> None:
    seen = {"stamp": live.overviews.glance().stamp, "here": ""}
    with pytest.raises(PreventUpdate):
        page.follow(1, seen)
    live.runs.oracle(slug, count=1)
    _, now = page.follow(2, seen)
    assert now["stamp"] != seen["stamp"]
    with pytest.raises(PreventUpdate):
        page.follow(3, now)


# The curve -----------------------------------------------------------------------------------


def test_the_curve_is_well_formed_and_inside_its_frame() -> None:
    curve = [(25, 0.1), (50, 0.9), (75, 1.0)]
    root = ElementTree.fromstring(svg(curve, low=0.8))
    line = root.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
    assert [round(x) for x, _ in points] == [45, 87, 129]
    assert points[0][1] == 31.0  # below the scale stays at the bottom
    assert points[-1][1] == 3.0


def test_the_curve_is_a_mask_with_words() -> None:
    made = sparkline([(25, 0.9), (50, 0.95)], low=0.8, words="Accuracy from 90% to 95.0%")
    assert "<svg" in unquote(made.style["maskImage"])
    assert "<" not in made.style["maskImage"]
    assert getattr(made, "aria-label") == "Accuracy from 90% to 95.0%"


def test_one_scale_for_all_curves() -> None:
    assert lowest([]) == 0.9
    assert lowest([[(10, 0.05), (100, 0.97)], [(50, 0.62), (100, 0.66)]]) == 0.5
    assert lowest([[(100, 0.0)]]) == 0.0


def test_a_list_of_nothing_but_archived_ones(live: Services, slug: str) -> None:
    live.experiments.archive(slug)
    assert "No experiment is live." in words(runs.listing(live.overviews.glance(), here=""))


def test_an_experiment_that_has_seen_nothing_has_no_numbers() -> None:
    blank = Summary(
        slug="a", name="a", uid="U", stream="S", preset="blog", samples=0, predictions=0, labels=0,
        ask_rate=None, accuracy=None, active_at=0, archived=False, curve=(),
    )  # fmt: skip
    text = words(runs.listing(Glance((blank,), 0), here=""))
    assert "nothing yet" in text
    assert "nan" not in text


# Creating ------------------------------------------------------------------------------------


def test_of_many_experiments_those_used_last_have_a_row(
    page: Any, live: Services, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = live.overviews.glance().summaries
    many = Glance(tuple(replace(one, slug=f"e{i}", uid=f"u{i}", name=f"E {i}.")
                        for i in range(runs.FEW + 5)), 0)  # fmt: skip
    monkeypatch.setattr(type(live.overviews), "glance", lambda _: many)
    marked = f"E {runs.FEW + 3}."

    def names(component: Any) -> set[str]:
        rows = [p for p in parts(component) if getattr(p, "className", "") == "called"]
        return {words(row) for row in rows}

    few = page.layout()
    assert names(few) == {f"E {i}." for i in range(runs.FEW)}
    (way,) = [p for p in parts(few) if getattr(p, "children", "") == "Show all"]
    assert way.href == "/experiments?experiment=&all=1"
    assert f"{runs.FEW} of {runs.FEW + 5} are shown" in words(few)
    assert names(page.layout(f"e{runs.FEW + 3}")) == names(few) | {marked}
    full = page.layout(all="1")
    assert len(names(full)) == runs.FEW + 5
    assert "are shown" not in words(full)
    for every in (False, True):  # a look later, and after something was done
        seen = {"stamp": "", "here": "", "all": every}
        listed, now = page.follow(1, seen)
        done = page.act(wish("rename", "no such one", name="x"), seen)
        assert now["all"] is done[3]["all"] is every
        for shown in (listed, done[0]):
            assert len(names(shown)) == runs.FEW + 5 * every


def test_create_goes_to_the_label_page(page: Any, live: Services) -> None:
    href, sentence, hidden = page.create(TYPED)
    assert (href, sentence, hidden) == ("/?experiment=second-try", "", True)
    made = live.experiments.find("second-try")
    assert (made.name, made.spec.seed, made.warm_start) == ("Second try", 7, 20)
    view = live.views.view("second-try")
    assert (view["state"], view["start"]) == ("warming", "warm-start")  # the label page does it


def test_create_with_a_discount_and_a_floor(page: Any, live: Services) -> None:
    page.create({**TYPED, "discount": "30", "floor": "0.01"})
    spec = live.experiments.find("second-try").spec
    assert (spec.strategy, spec.discount_factor, spec.floor) == ("entropy", 30.0, 0.01)


WRONG = {
    "name": ("", "   ", "!!!", "x" * 81, None, ["a"]),
    "stream": ("", "nobody", "../etc/passwd", None),
    "preset": ("best", "blog"),  # blog needs texts, and phishing has fields
    "seed": ("-1", "x", "1.5", "99999999999", "1e3"),
    "warm_start": ("-1", "ten", "1251", "1e3"),
    "discount": ("-1", "x", "nan", "inf", "1e9"),
    "floor": ("-0.1", "1.1", "nan", "a lot"),
}


def test_what_cannot_be_created_is_a_sentence_and_nothing_is_written(
    page: Any, live: Services
) -> None:
    for field, values in WRONG.items():
        for value in values:
            href, sentence, hidden = page.create({**TYPED, field: value})
            assert href is dash.no_update, (field, value)
            assert not hidden
            assert sentence.endswith((".", "'.")), sentence
            assert live.experiments.every() == []


def test_a_taken_name_is_refused_before_anything_is_fetched(
    live: Services, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_: Any, **__: Any) -> None:
        raise AssertionError("fetched for nothing")

    monkeypatch.setattr(live.experiments, "ensure_stream", fetch)
    with pytest.raises(Conflict, match="choose another name"):
        Manager(live).create({**TYPED, "name": "FIRST b try b"})
    with pytest.raises(BadInput):
        Manager(live).create({**TYPED, "seed": "x"})


def test_a_download_that_fails_is_said_beside_the_form(
    page: Any, live: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_: Any, **__: Any) -> None:
        raise Unavailable("It could not be downloaded (no network).")

    monkeypatch.setattr(type(live.experiments), "ensure_stream", fetch)
    href, sentence, _ = page.create({**TYPED, "stream": "sms-spam"})
    assert href is dash.no_update
    assert sentence == "It could not be downloaded (no network)."
    assert live.experiments.every() == []


# Doing ---------------------------------------------------------------------------------------


def test_rename_keeps_the_address(page: Any, live: Services, slug: str) -> None:
    listing, notice, hidden, seen, place = page.act(wish("rename", slug, name=" Neu ", here=slug))
    assert (notice, hidden) == ("Renamed to Neu.", False)
    assert "Neu" in words(listing)
    assert live.experiments.find(slug).name == "Neu"
    assert place is dash.no_update
    assert seen["here"] == slug
    for name in ("", "!!", "x" * 81):
        _, notice, _, _, _ = page.act(wish("rename", slug, name=name))
        assert notice.startswith(("The name", "A name"))
    assert live.experiments.find(slug).name == "Neu"


def test_reset_keeps_the_address_and_the_old_log(page: Any, live: Services, slug: str) -> None:
    live.runs.oracle(slug, count=5)
    *_, place = page.act(wish("reset", slug, here=slug))
    assert place is dash.no_update
    fresh, old = live.experiments.every()
    assert (fresh.slug, fresh.head) == (slug, 0)
    assert old.archived_from == slug
    assert live.records.overview(old.slug).totals["labels"] == 5


def test_archive_and_reopen_take_the_address_along(page: Any, live: Services, slug: str) -> None:
    *_, place = page.act(wish("archive", slug, here=slug))
    (archived,) = live.experiments.every()
    assert place == archived.slug != slug
    *_, place = page.act(wish("reopen", archived.slug, here=archived.slug))
    assert place == slug
    assert live.experiments.find(slug).archived_at is None


def test_an_address_that_is_about_another_stays(
    page: Any, live: Services, slug: str, make_experiment: Callable[..., str]
) -> None:
    other = make_experiment(live, "other", n=120)
    *_, seen, place = page.act(wish("archive", slug, here=other))
    assert place is dash.no_update
    assert seen["here"] == other


def test_delete_wants_the_name_typed_exactly(page: Any, live: Services, slug: str) -> None:
    for name in ("", "first <b>try</b>", "First <b>try</b> ", slug):
        _, notice, _, _, _ = page.act(wish("delete", slug, name=name))
        assert "type its name exactly" in notice
        assert live.experiments.find(slug)
    _, notice, _, _, place = page.act(wish("delete", slug, name="First <b>try</b>", here=slug))
    assert notice == "First <b>try</b> is deleted."
    assert place == ""
    with pytest.raises(NotFound):
        live.experiments.find(slug)


def test_delete_of_the_one_in_the_address_goes_to_the_last_used(
    page: Any, live: Services, slug: str, make_experiment: Callable[..., str]
) -> None:
    other = make_experiment(live, "other", n=120)
    *_, place = page.act(wish("delete", slug, name="First <b>try</b>", here=slug))
    assert place == other


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"do": "rename"},
        {"do": "drop", "slug": "first-b-try-b"},
        {"do": "delete", "slug": "first-b-try-b", "name": ["First <b>try</b>"]},
        {"do": "delete", "slug": "nobody", "name": "nobody"},
        {"do": ["reset"], "slug": "first-b-try-b"},
        {"do": "reset", "slug": {"a": 1}},
    ],
)
def test_forged_wishes_are_sentences_and_change_nothing(
    live: Services, slug: str, forged: dict[str, Any]
) -> None:
    before = live.overviews.glance().summaries
    with pytest.raises(SluiceError):
        Manager(live).act(forged)
    assert live.overviews.glance().summaries == before


def test_a_job_at_work_is_stopped_before_its_experiment_goes(
    live: Services, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[tuple[str, str]] = []
    monkeypatch.setattr(live.jobs, "stop", lambda slug, kind="": stopped.append((slug, kind)))
    Manager(live).act({"do": "rename", "slug": slug, "name": "New"})
    assert stopped == []
    Manager(live).act({"do": "reset", "slug": slug, "name": "New"})
    assert stopped == [(slug, ""), (slug, "dataset")]


def test_the_buttons_wish_for_what_the_manager_knows(page: Any, live: Services, slug: str) -> None:
    live.experiments.reset(slug)
    wished = {w["do"] for w in wishes(page.layout()) if w}
    assert wished == {"rename", "reset", "archive", "delete", "reopen"}


# Nowhere -------------------------------------------------------------------------------------


def test_the_404_page_has_ways_back(app: Dash) -> None:
    layout = sys.modules["pages.not_found_404"].layout()
    assert "There is no such page" in words(layout)
    assert {p.href for p in parts(layout) if getattr(p, "href", None)} == {"/", "/experiments"}
