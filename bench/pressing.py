"""Press → next sample painted, in headless Chromium, beside a static page that swaps text."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page

# The reference: the label page itself as it was painted, without scripts, swapping its text.
_STILL = """() => {
    document.querySelectorAll("script").forEach((s) => s.remove());
    return "<!doctype html>" + document.documentElement.outerHTML;
}"""
_SWAP = """() => {
    const sample = document.querySelector('[data-testid="sample"]');
    const texts = [sample.textContent, "Had your mobile 10 months? Update it now"];
    let n = 0;
    document.addEventListener("keydown", () => { sample.textContent = texts[++n % 2]; });
}"""


def still(browser: Browser, url: str) -> Page:
    """A static copy of a label page that swaps text on a key, from the same style sheets.

    Parameters
    ----------
    browser
        Opens it.
    url
        Address of the label page.

    """
    live = browser.new_page()
    live.goto(url)
    live.wait_for_selector('[data-testid="status"][data-state="ready"]', timeout=60_000)
    markup = live.evaluate(_STILL)
    live.close()
    page = browser.new_page()
    page.route(url, lambda route: route.fulfill(body=markup, content_type="text/html"))
    page.goto(url)
    page.evaluate(_SWAP)
    return page


# On a screen frames come all the time; a headless browser makes them when something changes, so a
# press would set the beat that it is measured by. This keeps them coming.
_FRAMES = """() => {
    if (window.benchFrames) return;
    window.benchFrames = true;
    (function next() { requestAnimationFrame(next); })();
}"""

# From the key event, as the browser stamps it, until the frame with the sample was handed over: a
# message sent from within a frame arrives after it.
_WAIT = """() => {
    const sample = document.querySelector('[data-testid="sample"]');
    let began = 0;
    document.addEventListener("keydown", (e) => { began = e.timeStamp; },
                              { once: true, capture: true });
    window.benchPainted = new Promise((done, fail) => {
        const late = setTimeout(() => fail(new Error("nothing was painted in 20 s")), 20000);
        new MutationObserver((_, observer) => {
            observer.disconnect();
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => { clearTimeout(late); done(performance.now() - began); };
                port2.postMessage(null);
            });
        }).observe(sample, { childList: true, characterData: true, subtree: true });
    });
}"""
_FRAME = 1000 / 60
_phases = random.Random(0)


def press(page: Page, key: str) -> float:
    """One press at any moment of a frame; milliseconds until the next sample was painted."""
    page.evaluate(_FRAMES)
    # A press counts from 150 ms after the sample appeared.
    page.wait_for_timeout(170 + _phases.uniform(0, _FRAME))
    page.evaluate(_WAIT)
    page.keyboard.press(key)
    took: float = page.evaluate("() => window.benchPainted")
    return took


def blocks(
    static: Page, pages: dict[str, Page], *, presses: int, block: int = 10
) -> dict[str, list[float]]:
    """Press on all pages in alternating blocks, so that noise falls on all alike.

    Parameters
    ----------
    static
        The reference.
    pages
        What is measured, by name.
    presses
        How many presses each.
    block
        How many in a row.

    """
    times: dict[str, list[float]] = {name: [] for name in ("static", *pages)}
    for _ in range(presses // block):
        for name, page in {"static": static, **pages}.items():
            page.bring_to_front()
            times[name] += [press(page, "1") for _ in range(block)]
    return times


def quantiles(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def rows(times: dict[str, list[float]], say: Callable[[str], None]) -> dict[str, Any]:
    """Print the table and return its ratios."""
    reference = quantiles(times["static"])
    say(f"{'page':<28}{'p50 ms':>9}{'p95 ms':>9}{'p50 ×':>8}{'p95 ×':>8}")
    ratios = {}
    for name, values in times.items():
        p50, p95 = quantiles(values)
        ratios[name] = (p50 / reference[0], p95 / reference[1])
        say(f"{name:<28}{p50:>9.1f}{p95:>9.1f}{ratios[name][0]:>8.2f}{ratios[name][1]:>8.2f}")
    return ratios
