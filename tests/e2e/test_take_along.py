"""Label the rest of a long stream in the browser, while it goes on labeling, and take it along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import driving
import pytest
from playwright.sync_api import Page, expect

from dashboard.core.spec import make_spec
from tests.serving import Server
from tests.streams import sure_samples

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SAMPLES = 200_000  # it takes some looks at the page until all are predicted


def prepare(server: Server) -> None:
    with server.beside() as services:
        stream = services.experiments.add_stream(
            slug="sure", title="Sure", kind="text", classes=["ham", "spam"],
            items=sure_samples(SAMPLES, hard_every=40), source="made by the tests",
        )  # fmt: skip
        spec = make_spec("blog", text=True, classes=2)
        services.experiments.create("Long one", stream=stream, spec=spec)
        services.runs.oracle("long-one", count=10)


def rows_of(page: Page, words: str, within: str) -> list[dict[str, str]]:
    """Download a file by its link and read it."""
    with page.expect_download() as caught:
        page.locator(within).get_by_role("link", name=words, exact=True).first.click()
    content = Path(caught.value.path()).read_bytes().decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_the_rest_in_the_background(
    make_server: Callable[..., Any], page: Page, watch: Any, tmp_path: Path
) -> None:
    server = make_server()
    prepare(server)
    before = server.run("verify", "long-one").stdout
    server.start()
    page.goto(server.url + "/experiments")
    page.get_by_label("Download of Long one").click()
    page.get_by_role("button", name="Label the rest").click()
    line = page.locator(".rest")
    expect(line).to_contain_text(
        re.compile(r"Labeling the rest: [\d,]+ of 200,000"), timeout=30_000
    )

    # Stopped, nothing is kept; begun again, somebody labels meanwhile, on another page.
    line.get_by_role("button", name="Stop").click()
    expect(page.locator("#experiments-notice")).to_contain_text("Stopped")
    expect(line).to_have_count(0, timeout=30_000)
    page.get_by_label("Download of Long one").click()
    page.get_by_role("button", name="Label the rest").click()
    expect(line).to_contain_text("The rest is labeled", timeout=180_000)
    rows = rows_of(page, "CSV", ".rest")
    assert len(rows) == SAMPLES
    assert [r["labeled_by"] for r in rows].count("oracle") == 10
    assert {r["labeled_by"] for r in rows} == {"oracle", "model"}
    assert server.run("verify", "long-one").stdout == before

    driving.open_label(page, server.url, "long-one")
    driving.press(page, "1")
    page.goto(server.url + "/experiments")
    page.get_by_label("Download of Long one").click()
    items = page.locator(".menu[open]")
    expect(items).to_contain_text("as of event")
    with page.expect_download() as caught:
        items.get_by_role("link", name="ZIP", exact=True).click()
    taken = tmp_path / "taken.zip"
    caught.value.save_as(taken)
    there = make_server(name="there")
    assert there.run("experiments", "import", str(taken)).stdout == "long-one\n"
    verified = [each.run("verify", "long-one").stdout for each in (server, there)]
    assert verified[0] == verified[1] != before
    assert watch.problems == []
    assert watch.strangers() == []
