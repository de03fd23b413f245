"""Labeling in one tab while every analytics page is open in another: presses and memory.

python -m bench --only soak --minutes 10
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page

from bench import pressing
from tests.serving import Server

OTHERS = ("accuracy", "queries", "entropy", "quality", "log", "experiments")
# Until caches and compiled code are there; from then on what grows is a leak.
WARM_UP = 180.0
READY = '[data-testid="status"][data-state="ready"]'


def memory(process: psutil.Process) -> float:
    """Megabytes of a process and all below it, what they share counted once."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def _browser_process() -> psutil.Process:
    """The browser: the topmost Chromium below this process."""
    return next(p for p in psutil.Process().children(recursive=True) if "chrom" in p.name().lower())


def _settled(pages: Sequence[Page]) -> float:
    """Megabytes of the browser once every page has let go of what it no longer needs.

    When a page collects its garbage is the browser's own business: between two looks a page may
    differ by 20 MB and have kept nothing.
    """
    for page in pages:
        session = page.context.new_cdp_session(page)
        for _ in range(2):  # what the first one freed may have held more
            session.send("HeapProfiler.collectGarbage")
        session.detach()
    return memory(_browser_process())


def _press_for(page: Page, seconds: float) -> list[float]:
    deadline, times, key = time.monotonic() + seconds, [], 0
    while time.monotonic() < deadline:
        times.append(pressing.press(page, "12"[key % 2]))
        key += 1
        page.wait_for_timeout(500)
    return times


def soak(
    browser: Browser, folder: Path, *, minutes: float, say: Callable[[str], None]
) -> dict[str, float]:
    """Label alone, then with the other pages open, then alone again.

    Parameters
    ----------
    browser
        A headless Chromium.
    folder
        An empty data folder.
    minutes
        How long with the other pages open; half of that before and after without.
    say
        Prints a line.

    """
    server = Server(folder)
    server.run(
        "experiments",
        "create",
        "soak",
        "--stream",
        "sample-messages",
        "--strategy",
        "random",
        "--budget",
        "0.5",
        "--floor",
        "0",
        "--warm-start",
        "300",
    )
    server.start()
    try:
        assert server.process is not None
        serving = psutil.Process(server.process.pid)
        page = browser.new_page()
        page.goto(f"{server.url}/?experiment=soak")
        page.wait_for_selector(READY, timeout=60_000)
        alone = _press_for(page, 60 * minutes / 4)
        context = browser.new_context()
        pages = [page]
        for name in OTHERS:
            pages.append(context.new_page())
            pages[-1].goto(f"{server.url}/{name}?experiment=soak")
        page.bring_to_front()
        _press_for(page, WARM_UP)
        before = memory(serving), _settled(pages)
        beside = _press_for(page, 60 * minutes)
        after = memory(serving), _settled(pages)
        context.close()
        page.bring_to_front()
        alone += _press_for(page, 60 * minutes / 4)
    finally:
        server.stop()
    result = {
        "presses": len(beside),
        "p50 alone, ms": statistics.median(alone),
        "p50 beside, ms": statistics.median(beside),
        "ratio": statistics.median(beside) / statistics.median(alone),
        "server memory ×": after[0] / before[0],
        "browser memory ×": after[1] / before[1],
    }
    say(f"{minutes:g} minutes of labeling with {len(OTHERS)} pages open beside it")
    for name, value in result.items():
        say(f"{name:<28}{value:>10.2f}")
    say("")
    return result
