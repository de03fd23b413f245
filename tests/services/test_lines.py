"""The advice on the labeling page: one line, and no press waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.services import lines
from dashboard.services.container import Services
from dashboard.services.desk import Desk
from dashboard.services.lines import Lines

pytestmark = pytest.mark.usefixtures("patient")

KEEP = {"verdict": "keep going", "because": "there are too few labels to tell"}


class Slow:
    """An advisor that takes as long as it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def line(self, slug: str) -> dict[str, str]:
        self.asked += 1
        assert self.go.wait(30)
        return {"verdict": "diminishing", "because": f"{slug} {self.asked}"}


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.go.set()


def test_the_first_view_and_each_after_a_press_have_it(
    services: Services, make_experiment: Any
) -> None:
    slug = make_experiment(services, n=90)
    services.runs.scan(slug)
    services.lines.line(slug, services.experiments.find(slug).uid, 0)
    services.lines.settle()
    desk = Desk(services)
    view = desk.open(slug)
    assert view["advice"] == KEEP
    view = desk.handle(
        {"slug": slug, "do": "answer", "n": 1, "position": view["query"]["position"], "label": 0,
         "key": "a-key-of-its-own"}
    )  # fmt: skip
    assert view["counters"]["labels"] == 1
    assert view["advice"] == KEEP


def test_nobody_waits_for_it(slow: Slow) -> None:
    made = Lines(slow)  # type: ignore[arg-type]
    assert made.line("one", "1", 0) is None
    assert made.line("one", "1", 3) is None
    assert made.line("one", "1", 3, wait=0.01) is None
    slow.go.set()
    made.settle()
    assert made.line("one", "1", 3) == {"verdict": "diminishing", "because": "one 1"}
    assert slow.asked == 1


def test_it_is_looked_at_again_after_25_labels(slow: Slow) -> None:
    slow.go.set()
    made = Lines(slow)  # type: ignore[arg-type]
    for labels in (0, 24, 25, 26, 49, 50, 25):
        made.line("one", "1", labels)
        made.settle()
    assert slow.asked == 4  # an undo, too
    assert made.line("two", "2", 0, wait=30) == {"verdict": "diminishing", "because": "two 5"}


def test_it_is_looked_at_again_after_a_while(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process may have set a target meanwhile."""
    slow.go.set()
    made = Lines(slow)  # type: ignore[arg-type]
    made.line("one", "1", 0, wait=30)
    monkeypatch.setattr(lines, "STALE", -1.0)
    made.line("one", "1", 0)
    made.settle()
    assert slow.asked == 2


def test_what_fails_is_tried_again(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Lines(slow)  # type: ignore[arg-type]

    def fail(_slug: str) -> dict[str, str]:
        slow.asked += 1
        raise OSError

    monkeypatch.setattr(slow, "line", fail)
    for _ in range(2):
        made.line("one", "1", 0)
        made.settle()
    assert slow.asked == 2
    with pytest.raises(OSError):  # noqa: PT011
        made.line("one", "1", 0, wait=30)


def test_too_many_labels_leave_no_line(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Lines(slow)  # type: ignore[arg-type]
    monkeypatch.setattr(slow, "line", lambda _slug: {"verdict": "", "because": ""})
    assert made.line("one", "1", 0, wait=30) is None
