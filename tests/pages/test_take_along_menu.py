"""The menu "Download" of a row, and the line that says how far the labeling of the rest is."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest
from dash import Dash

from dashboard.core.spec import make_spec
from dashboard.services import rest as rest_module
from dashboard.services.container import Services
from dashboard.services.overview import Summary
from dashboard.services.rest import Rest, one_at_a_time
from dashboard.storage import jobs
from dashboard.storage.streams import Sample
from dashboard.ui import runs, take_along
from dashboard.ui.ids import Experiments, Frame
from tests.components import parts, words


@pytest.fixture
def long(live: Services, monkeypatch: pytest.MonkeyPatch) -> str:
    """An experiment whose rest takes longer than a download should."""
    monkeypatch.setattr(rest_module, "QUICK", 500)
    stream = live.experiments.add_stream(
        slug="long", title="Long", kind="text", classes=["a", "b"], source="",
        items=(Sample(f"s{i}", {"text": f"a text {i}"}, i % 2) for i in range(600)),
    )  # fmt: skip
    spec = make_spec("blog", text=True, classes=2)
    return live.experiments.create("Long", stream=stream, spec=spec).slug


def downloads(component: Any) -> list[str]:
    return [p.href for p in parts(component) if getattr(p, "download", None) is not None]


def buttons(component: Any) -> list[Any]:
    return [p for p in parts(component) if type(p).__name__ == "Button"]


def summary(live: Services, slug: str) -> Summary:
    return next(s for s in live.overviews.glance().summaries if s.slug == slug)


def test_everything_can_be_taken_along(
    app: Dash, live: Services, make_experiment: Callable[..., str]
) -> None:
    slug = make_experiment(live, "Short", n=60)
    live.runs.oracle(slug, count=5)
    found = downloads(take_along.menu(summary(live, slug)))
    tables = [
        f"{what}.{fmt}" for what in ("labels", "dataset") for fmt in ("csv", "jsonl", "parquet")
    ]
    names = [*tables, "model.zip", "experiment.zip"]
    assert found == [f"/experiments/short/{name}" for name in names]
    client = app.server.test_client()
    for address in found:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.data
    assert take_along.line(summary(live, slug)) is None


def test_those_put_aside_can_be_taken_along_too(
    live: Services, make_experiment: Callable[..., str]
) -> None:
    slug = live.experiments.archive(make_experiment(live, "Old", n=30)).slug
    listed = runs.listing(live.overviews.glance(), here="")
    assert f"/experiments/{slug}/experiment.zip" in downloads(listed)


def test_a_long_one_is_prepared_first(app: Dash, live: Services, long: str) -> None:
    menu = take_along.menu(summary(live, long))
    assert not any("dataset" in address for address in downloads(menu))
    (button,) = buttons(menu)
    assert (button.children, button.disabled) == ("Label the rest", False)
    assert getattr(button, "data-send") == Frame.REST_REQUEST
    wish = json.loads(getattr(button, "data-wish"))
    assert live.jobs.run(wish["kind"], wish["slug"]).state == "done"

    (now,) = {summary(live, long).rest.head}
    menu, line = take_along.menu(summary(live, long)), take_along.line(summary(live, long))
    assert "as it is now" in words(menu)
    assert "The rest is labeled:" in words(line)
    assert buttons(menu) == []
    assert [a for a in downloads(menu) if "dataset" in a] == downloads(line)
    client = app.server.test_client()
    then = client.get(downloads(line)[0]).data
    assert then.count(b"\r\n") == 601

    live.runs.oracle(long, count=3)
    menu = take_along.menu(summary(live, long))
    assert f"as of event {now:,}" in words(menu)
    assert [b.children for b in buttons(menu)] == ["Label the rest again"]
    assert take_along.line(summary(live, long)) is None
    address = next(a for a in downloads(menu) if "dataset.csv" in a)
    assert client.get(address).data == then


def test_how_far_it_is_and_stop(live: Services, long: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.storage.completion.AT_ONCE", 50)
    monkeypatch.setattr("dashboard.services.jobs.BEAT_SECONDS", 0)
    seen = []

    def wanted() -> bool:
        found = summary(live, long)
        seen.append(words(take_along.line(found)))
        assert "under way" in words(take_along.menu(found))
        (stop,) = buttons(take_along.line(found))
        if len(seen) == 4:
            assert getattr(stop, "data-send") == Experiments.WISH
            wish = {**json.loads(getattr(stop, "data-wish")), "here": "", "nonce": "n"}
            told = sys.modules["pages.experiments"].act(wish)
            assert "Stopped" in told[1]
        return True

    assert live.jobs.run("dataset", long, wanted=wanted).state == "canceled"
    assert [said.partition(" Stop")[0].strip() for said in seen] == [
        f"Labeling the rest: {done} of 600" for done in (0, 50, 100, 150)
    ]
    assert take_along.line(summary(live, long)) is None
    assert live.completion.readiness(long).head is None


def claim(live: Services, slug: str, *, pid: int, heartbeat: int = 0) -> None:
    scope = live.jobs.scope("dataset", slug)
    at = live.overviews.clock() + heartbeat
    with live.database.write() as connection:
        jobs.claim(connection, job_id="J", scope=scope, kind="dataset", total=9, pid=pid, at=at)


def test_one_that_died_says_so_and_can_be_begun_again(live: Services, long: str) -> None:
    claim(live, long, pid=os.getpid(), heartbeat=-jobs.STALE_MS - 1)
    found = summary(live, long)
    assert "could not be labeled: its process died" in words(take_along.line(found))
    assert [b.children for b in buttons(take_along.menu(found))] == ["Label the rest"]
    assert live.jobs.run("dataset", long).state == "done"
    assert "The rest is labeled" in words(take_along.line(summary(live, long)))


def test_one_that_failed_says_why(
    live: Services, long: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dashboard.storage.prepared._write", full)
    assert live.jobs.run("dataset", long).state == "failed"
    said = words(take_along.line(summary(live, long)))
    assert "No space left on device" in said


def test_one_at_a_time(live: Services, long: str) -> None:
    spec = make_spec("blog", text=True, classes=2)
    stream = live.experiments.stream_of(live.experiments.find(long))
    other = live.experiments.create("Other", stream=stream, spec=spec).slug
    claim(live, long, pid=os.getpid())
    assert summary(live, long).rest.running
    (button,) = buttons(take_along.menu(summary(live, other)))
    assert (button.children, button.disabled) == ("Label the rest", True)
    assert [r.waits for r in one_at_a_time([Rest(), Rest()])] == [False, False]


def test_the_page_hears_of_it(live: Services, long: str) -> None:
    """The list is drawn anew when the stamp moves: so it does with the job."""
    before = live.overviews.glance().stamp
    claim(live, long, pid=os.getpid())
    assert live.overviews.glance().stamp != before
