"""Two people at one experiment, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import driving
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page
from test_signin_page import PASSWORD, sign_in

from dashboard.core.spec import make_spec
from dashboard.services.container import Services, open_services
from dashboard.services.people import Role
from dashboard.services.users import Users
from dashboard.settings import read_settings
from dashboard.storage import schema
from tests.streams import sure_samples

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLES = 5
WAITS = "text=The last question is with somebody else"
OVER = "text=That was the whole stream"


def prepare(services: Services) -> None:
    """An experiment that asks about every sample."""
    stream = services.experiments.add_stream(
        slug="few", title="Few", kind="text", classes=["ham", "spam"],
        items=sure_samples(SAMPLES), source="made by the tests",
    )  # fmt: skip
    spec = make_spec(text=True, classes=2, strategy="random", budget=1.0, floor=0.0)
    services.experiments.create("few", stream=stream, spec=spec)


def open_as(browser: Browser, url: str, name: str, watch: Any) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    watch.follow(page)
    page.goto(f"{url}/?experiment=few")
    sign_in(page, name)
    page.wait_for_selector(driving.READY, timeout=60_000)
    return page


def test_each_has_their_own_and_one_waits_at_the_end(
    make_server: Callable[..., Any], browser: Browser, watch: Any, tmp_path: Any
) -> None:
    users = Users(tmp_path / "users", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    users.add("ann", Role.ANNOTATOR, PASSWORD)
    users.add("ben", Role.LEAD, PASSWORD)
    server = make_server(SLUICE_USERS=str(users.path))
    services = open_services(read_settings({"SLUICE_DATA": str(server.folder)}))
    prepare(services)
    server.start()
    ann, ben = (open_as(browser, server.url, name, watch) for name in ("ann", "ben"))
    assert [driving.sample_id(page) for page in (ann, ben)] == ["sure-0", "sure-1"]
    with services.database.read() as connection:  # nothing was started to look for them
        assert connection.execute(sa.select(schema.jobs.c.kind)).scalars().all() == []

    for _ in range(1, SAMPLES):
        driving.press(ben, "1")
    ben.wait_for_selector(WAITS)
    driving.press(ann, "1")
    ann.wait_for_selector(OVER)
    ben.wait_for_selector(OVER)  # by itself

    ann.get_by_role("button", name="Undo").click()
    ann.wait_for_selector(driving.READY)
    assert driving.sample_id(ann) == "sure-0"
    ben.reload()
    ben.wait_for_selector(WAITS)
    with services.database.write() as connection:  # her time is over
        connection.execute(schema.leases.update().values(until=0))
    ben.wait_for_selector(driving.READY)  # by itself
    assert driving.sample_id(ben) == "sure-0"
    driving.press(ben, "2")
    ben.wait_for_selector(OVER)
    driving.let_it_count(ann)
    ann.keyboard.press("1")
    ann.wait_for_selector("text=answered already")
    ann.wait_for_selector(OVER)

    services.database.close()
    assert server.run("verify", "few").returncode == 0
    assert server.run("export", "few", "labels").stdout.count("\n") == SAMPLES + 1
    assert watch.problems == []
    assert watch.strangers() == []
    for page in (ann, ben):
        page.context.close()
