"""A real server on a folder of its own, and a real browser in front of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dashboard.services.container import Services
from tests.e2e.chromium import FLAGS, find_chromium
from tests.serving import Server


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def make(*, workers: int = 1, name: str = "data", **environ: str) -> Server:
        server = Server(tmp_path / name, workers=workers, **environ)
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def served(kept_data: Callable[..., Path]) -> Iterator[Callable[..., Server]]:
    """`served(name, build)`: a running server over what `build(services)` left, for a module."""
    made: list[Server] = []

    def serve(name: str, build: Callable[[Services], object], **environ: str) -> Server:
        server = Server(kept_data(name, build), **environ)
        made.append(server)
        server.start()
        return server

    yield serve
    for server in made:
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        sentence = "no Chromium found; `apt-get install chromium`, or set CHROMIUM to its path"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


class Watch:
    """What went wrong in a page, and where it sent requests."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("console", lambda m: m.type == "error" and self.problems.append(m.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on(
            "response", lambda r: r.status >= 400 and self.problems.append(f"{r.status} {r.url}")
        )

    def strangers(self) -> list[str]:
        """Requests to anything but this machine."""
        own = ("http://127.0.0.1:", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: what never changes is then read and compiled once, not in each of them."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    yield context
    context.close()


@pytest.fixture
def context(window: BrowserContext) -> Iterator[BrowserContext]:
    """The window, with no page open and nothing remembered from the test before."""
    yield window
    for page in window.pages:
        page.close()
    window.set_offline(False)
    window.set_storage_state({"cookies": [], "origins": []})


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="session")
def make_watch() -> Callable[[], Watch]:
    """For those who look at more than one page, or for longer than one test."""
    return Watch


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    page = context.new_page()
    watch.follow(page)
    return page
