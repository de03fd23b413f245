"""A file of one's own, from the Experiments page to the first question, as a person would."""

from __future__ import annotations

import csv
import gzip
import json
import time
from pathlib import Path

import driving
import pytest
from playwright.sync_api import Page

from tests.serving import Server

pytestmark = [pytest.mark.browser]

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MINUTE = 60.0


def bring(page: Page, url: str, file: Path) -> float:
    """From the Experiments page to the first question with what is proposed; seconds."""
    page.goto(f"{url}/experiments")
    began = time.monotonic()
    page.locator("a:visible:has-text('New from a file')").first.click()
    page.wait_for_selector("#import-file")
    page.set_input_files("#import-file", file)
    page.wait_for_selector("#import-form", timeout=60_000)
    page.get_by_role("button", name="Import and start labeling").click()
    page.wait_for_selector(driving.READY, timeout=120_000)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def server(served) -> Server:
    """Nothing in it but what the tests bring."""
    return served("import", lambda _services: None)


def test_a_jsonl_of_ones_own(server, page, tmp_path, watch) -> None:
    file = tmp_path / "tickets.jsonl.gz"
    texts = [f"ticket {i} {'refund money' if i % 2 else 'broken screen'}" for i in range(300)]
    lines = [json.dumps({"text": t, "topic": ("device", "money")[i % 2]}, ensure_ascii=False)
             for i, t in enumerate(texts)]  # fmt: skip
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    bring(page, server.url, file)
    assert driving.text(page) == texts[0]
    assert page.get_by_role("button", name="device").is_visible()
    before = driving.sample_id(page)
    driving.let_it_count(page)
    page.keyboard.press("1")
    driving.wait_for_next(page, before)
    assert driving.number(page, "labels") == 1
    assert watch.problems == []
    assert watch.strangers() == []


def test_what_is_wrong_is_said_and_mended(server, page, tmp_path) -> None:
    file = tmp_path / "notes.csv"
    rows = [
        ["note", "kind"],
        *([f"a note of some length, number {i}", "ab"[i % 2]] for i in range(40)),
    ]
    rows.insert(20, ["", "a"])
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    page.goto(f"{server.url}/import")
    page.wait_for_selector("#import-file")
    page.set_input_files("#import-file", file)
    page.wait_for_selector("#import-form", timeout=60_000)
    page.get_by_role("button", name="Import and start labeling").click()
    page.wait_for_selector("#import-trouble:visible", timeout=60_000)
    said = page.inner_text("#import-trouble")
    assert "notes.csv" in said
    assert "row 21" in said
    page.get_by_label("A row that is wrong").select_option("skip")
    page.get_by_role("button", name="Import and start labeling").click()
    page.wait_for_selector("#import-result:visible", timeout=60_000)
    assert "40 rows are here" in page.inner_text("#import-result")
    assert "row 21" in page.inner_text("#import-result")
    page.get_by_role("link", name="Start labeling").click()
    page.wait_for_selector(driving.READY, timeout=60_000)


def test_a_file_that_is_no_table(server, page, tmp_path) -> None:
    file = tmp_path / "empty.csv"
    file.write_bytes(b"")
    page.goto(f"{server.url}/import")
    page.wait_for_selector("#import-file")
    page.set_input_files("#import-file", file)
    page.wait_for_selector("#import-refused:visible", timeout=30_000)
    assert "empty" in page.inner_text("#import-refused")


@pytest.mark.skipif(not DATA.exists(), reason="the shared data sets are not here")
@pytest.mark.parametrize(
    ("name", "classes"), [("youtube/Youtube01-Psy.csv", 2), ("banking77/train.csv", 77)]
)
def test_real_files_within_a_minute(server, page, name, classes) -> None:
    assert bring(page, server.url, DATA / name) < MINUTE
    assert page.locator("#label-answers button").count() == classes
