"""How a person labels: through the handles of the public contract, nothing else."""

from __future__ import annotations

import time

from playwright.sync_api import Page

READY = '[data-testid="status"][data-state="ready"]'
SAMPLE = '[data-testid="sample"]'


def open_label(page: Page, url: str, slug: str | None = None) -> None:
    page.goto(url + (f"/?experiment={slug}" if slug else "/"))
    page.wait_for_selector(READY, timeout=60_000)


def sample_id(page: Page) -> str:
    return page.get_attribute(SAMPLE, "data-sample-id") or ""


def text(page: Page) -> str:
    return page.text_content(SAMPLE) or ""


def number(page: Page, testid: str) -> int:
    return int((page.text_content(f'[data-testid="{testid}"]') or "").replace(",", ""))


def wait_for_next(page: Page, before: str) -> None:
    """Wait until another sample is painted, or the stream is over."""
    page.wait_for_function(
        """before => {
            const sample = document.querySelector('[data-testid="sample"]');
            const state = document.querySelector('[data-testid="status"]').dataset.state;
            return state === 'exhausted' || state === 'ready' && sample.dataset.sampleId !== before;
        }""",
        arg=before,
        timeout=30_000,
    )


def wait_for_card(page: Page, said: str) -> None:
    """What the model had thought is painted right after the next sample."""
    page.wait_for_function(
        "said => document.querySelector('#label-last').textContent.includes(said)", arg=said
    )


def let_it_count(page: Page) -> None:
    """A press counts from 150 ms after the sample appeared."""
    time.sleep(0.17)


def press(page: Page, key: str) -> None:
    before = sample_id(page)
    let_it_count(page)
    page.keyboard.press(key)
    wait_for_next(page, before)


def click(page: Page, name: str) -> None:
    before = sample_id(page)
    let_it_count(page)
    page.get_by_role("button", name=name).first.click()
    wait_for_next(page, before)
