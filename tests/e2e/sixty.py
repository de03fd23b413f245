"""Sixty answers through the page, with everything in between that people and machines do.

Reloads, a second tab, a double press, a held key and a restart of the server teach nothing and
change nothing: the path has to be the one that was expected.
"""

from __future__ import annotations

import csv
import io
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import driving
from playwright.sync_api import BrowserContext, Page

# Keys of the classes, in their order; those of Pass, Undo, Flag and Note are left out.
KEYS = "123456789abcdeghijklmopqrstvwxyz"
TYPED_FROM = 10  # with so many classes, one can type to find one


class Query(NamedTuple):
    """What has to be asked, and what is answered."""

    position: int
    text: str
    label: int


@dataclass
class Sixty:
    """The check.

    Parameters
    ----------
    server, context, page
        What it goes through.
    slug
        An experiment that nobody has labeled.
    titles
        Of the classes, in their order.

    """

    server: Any
    context: BrowserContext
    page: Page
    slug: str
    titles: Sequence[str]

    def run(self, expected: Sequence[Query]) -> None:
        """Answer as expected; every sample on the way has to be the expected one."""
        driving.open_label(self.page, self.server.url, self.slug)
        for count, query in enumerate(expected):
            self._look(query, labels=count)
            if count == 10:  # a reload changes nothing
                self.page.reload()
                self.page.wait_for_selector(driving.READY)
                self._look(query, labels=count)
            if count == 20:
                self._second_tab(query)
            elif count == 30:
                self._double_press(query)
            elif count == 40:
                self._held_key(query)
            elif count == 50:  # a restart of the server changes nothing
                self.server.stop()
                self.server.start()
                self.page.reload()
                self.page.wait_for_selector(driving.READY)
                self._look(query, labels=count)
                self.click(self.page, query.label)
            elif count % 2 == 0:
                self.click(self.page, query.label)
            else:
                self.type(self.page, query.label)
        assert driving.number(self.page, "labels") == len(expected)

    def _look(self, query: Query, *, labels: int) -> None:
        assert position_of(self.page) == query.position
        assert driving.text(self.page) == query.text
        assert driving.number(self.page, "labels") == labels

    def click(self, page: Page, label: int) -> None:
        """Answer with the mouse."""
        before = driving.sample_id(page)
        driving.let_it_count(page)
        page.get_by_role("button", name=self.titles[label], exact=True).click()
        driving.wait_for_next(page, before)

    def type(self, page: Page, label: int) -> None:
        """Answer by keyboard."""
        before = driving.sample_id(page)
        key = self._reach(page, label)
        page.keyboard.press(key)
        driving.wait_for_next(page, before)

    def _reach(self, page: Page, label: int) -> str:
        """Everything up to the key that gives a class: its own, or Enter once it is found."""
        driving.let_it_count(page)
        if len(self.titles) < TYPED_FROM:
            return KEYS[label]
        page.keyboard.press("Escape")
        if label < len(KEYS) and label % 2:
            return KEYS[label]
        page.keyboard.press("/")
        page.keyboard.type(self.titles[label].lower().replace("_", " "))
        return "Enter"

    def _second_tab(self, query: Query) -> None:
        """A second tab answers; the first, still showing the old sample, teaches nothing."""
        other = self.context.new_page()
        driving.open_label(other, self.server.url, self.slug)
        assert position_of(other) == query.position
        self.type(other, query.label)
        labels = driving.number(other, "labels")
        self.type(self.page, (query.label + 1) % len(self.titles))
        assert driving.number(self.page, "labels") == labels
        assert position_of(self.page) == position_of(other)
        other.close()

    def _double_press(self, query: Query) -> None:
        before = driving.sample_id(self.page)
        key = self._reach(self.page, query.label)
        self.page.keyboard.press(key)
        self.page.keyboard.press(key)
        driving.wait_for_next(self.page, before)

    def _held_key(self, query: Query) -> None:
        page = self.page
        before = driving.sample_id(page)
        key = self._reach(page, query.label)
        page.keyboard.down(key)
        for _ in range(20):
            page.keyboard.down(key)  # Chromium marks these as repeats
        driving.wait_for_next(page, before)
        after = driving.sample_id(page)
        driving.let_it_count(page)
        page.keyboard.down(key)
        driving.let_it_count(page)
        assert driving.sample_id(page) == after
        page.keyboard.up(key)


def position_of(page: Page) -> int:
    """Where the sample on the screen stands, as its id says."""
    return int(driving.sample_id(page).rsplit("-", 1)[1])


def labels_csv(url: str, slug: str) -> list[dict[str, str]]:
    """The label log as anybody downloads it."""
    with urllib.request.urlopen(f"{url}/experiments/{slug}/labels.csv") as answer:
        return list(csv.DictReader(io.StringIO(answer.read().decode(), newline="")))


def check_log(server: Any, slug: str, expected: Sequence[Query], names: Sequence[str]) -> None:
    """The log says what was answered, in order, and replays to what is stored."""
    rows = labels_csv(server.url, slug)
    assert [(int(r["position"]), r["label"]) for r in rows] == [
        (query.position, names[query.label]) for query in expected
    ]
    assert [r["text"] for r in rows] == [
        ("'" if query.text[:1] in "=+-@" else "") + query.text for query in expected
    ]
    assert {r["source"] for r in rows} == {"person"}
    assert server.verified(slug)


def quiet(watch: Any) -> bool:
    """Whether nothing went wrong but what a stopped server explains, and nothing left."""
    problems = [p for p in watch.problems if "ERR_CONNECTION_REFUSED" not in p]
    return problems == [] and watch.strangers() == []
