"""Signing in as a person does: with and without scripts, by keyboard, and what a role then sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import driving
import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from dashboard.core.spec import make_spec
from dashboard.services.container import Services
from dashboard.services.people import Role
from dashboard.services.users import Users
from dashboard.storage import log
from tests.serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse"


def _experiment(services: Services) -> None:
    stream = services.experiments.ensure_stream("sample-messages")
    spec = make_spec("recommended", text=True, classes=len(stream.classes))
    services.experiments.create("shared", stream=stream, spec=spec, warm_start=200)
    services.runs.warm_start("shared")


@pytest.fixture(scope="module")
def server(kept_data: Callable[..., Path], served: Callable[..., Server]) -> Server:
    folder = kept_data("signin", _experiment)
    users = Users(folder / "users", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for name, role in (("vera", Role.VIEWER), ("ann", Role.ANNOTATOR), ("lea", Role.LEAD)):
        users.add(name, role, PASSWORD)
    return served("signin", _experiment, SLUICE_USERS=str(users.path))


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def annotators(server: Server) -> list[str]:
    """Who gave the answers so far, but for the warm start."""
    with server.beside() as services, services.database.read() as connection:
        events = list(log.all_events(connection, services.experiments.find("shared").id))
    return [e["annotator"] for e in events if e["kind"] == "label" and e["source"] != "warm-start"]


def test_in_by_keyboard_label_and_out(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/?experiment=shared")
    assert page.title() == "Sign in · Sluice"
    assert page.evaluate("document.activeElement.name") == "name"
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Name").input_value() == "ann"
    assert page.evaluate("document.activeElement.name") == "password"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(driving.READY, timeout=60_000)
    assert page.url == f"{server.url}/?experiment=shared"
    before = annotators(server)
    driving.press(page, "1")
    assert annotators(server) == [*before, "ann"]
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{server.url}/sign-in")
    page.go_back()
    page.get_by_label("Password").wait_for()


def test_in_and_out_without_a_script(server: Server, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/experiments/shared/labels.csv?history=1")
    with page.expect_download() as waiting:
        sign_in(page, "ann")
    assert Path(waiting.value.path()).read_text().startswith("experiment,sample_id,")
    context.close()


def test_a_session_that_ends_is_told_and_loses_no_answer(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/?experiment=shared")
    sign_in(page, "ann")
    page.wait_for_selector(driving.READY, timeout=60_000)
    before, sample = len(annotators(server)), driving.sample_id(page)
    page.context.clear_cookies()
    driving.let_it_count(page)
    page.keyboard.press("1")
    page.get_by_text("You are signed out.").wait_for()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in another tab").click()
    sign_in(opened.value, "ann")
    opened.value.wait_for_selector(driving.READY, timeout=60_000)
    driving.wait_for_next(page, sample)
    page.get_by_text("You are signed out.").wait_for(state="detached")
    assert annotators(server)[before:] == ["ann"]


def test_a_job_is_of_whoever_started_it(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/?experiment=shared")
    sign_in(page, "lea")
    page.wait_for_selector(driving.READY, timeout=60_000)
    before = len(annotators(server))
    page.click("#label-oracle")
    page.wait_for_function(
        "n => Number(document.querySelector('[data-testid=labels]').textContent) > n",
        arg=driving.number(page, "labels"), timeout=60_000,
    )  # fmt: skip
    page.wait_for_selector(driving.READY, timeout=60_000)
    given = annotators(server)[before:]
    assert given
    assert set(given) == {"lea"}


def test_what_a_role_may_not_is_not_offered(server: Server, page: Page) -> None:
    page.goto(server.url)
    sign_in(page, "vera")
    page.wait_for_selector('[data-testid="accuracy-curve"] .main-svg', timeout=60_000)
    links = page.locator("#frame-nav a.page").all_text_contents()
    assert "Accuracy" in links
    assert not {"Label", "Log"} & set(links)
    page.goto(f"{server.url}/?experiment=shared")
    page.get_by_text("This page is not for you").wait_for()
    page.goto(f"{server.url}/experiments")
    page.wait_for_selector(".runs-page .runs")
    shown = page.locator("main :is(button, a, summary):visible").all_text_contents()
    assert {text.strip() for text in shown} == {"shared", "Accuracy"}
    page.get_by_role("link", name="shared").click()
    page.wait_for_selector('[data-testid="accuracy-curve"] .main-svg', timeout=60_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_open_to_everyone(
    server: Server, page: Page, watch: Any, theme: Any, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme)
    page.goto(f"{server.url}/sign-in")
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(page).response["violations"] == []
    assert watch.problems == []
    assert watch.strangers() == []
