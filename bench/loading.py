"""Cold loads in headless Chromium: requests, bytes on the wire, time to what one came for."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse

from playwright.sync_api import Browser, BrowserContext, Page

# When the query, or the first chart, had been painted; counted from the start of the navigation.
_PAINTED = """() => {
    const there = () => {
        const status = document.querySelector('[data-testid="status"]');
        const query = status && status.dataset.state === "ready"
            && document.querySelector('[data-testid="sample"]').textContent;
        const plot = document.querySelector(".js-plotly-plot");
        return query || plot && plot.data && plot.data.length && plot.querySelector(".plot .trace");
    };
    new MutationObserver((_, observer) => {
        if (!there()) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => {
            window.benchPaintedAt = performance.now();
        }));
    }).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
}"""


@dataclass
class Load:
    """One load of a page.

    Parameters
    ----------
    requests
        Addresses, with the bytes that came for each, headers included; 0 from the cache.
    milliseconds
        From the start of the navigation to the end of the frame that painted what one came for.

    """

    requests: dict[str, int] = field(default_factory=dict)
    milliseconds: float = 0.0

    @property
    def sent(self) -> dict[str, int]:
        """Those that went over the network."""
        return {url: size for url, size in self.requests.items() if size}


def load(context: BrowserContext, url: str) -> Load:
    """Open a page in a new tab and weigh it.

    Parameters
    ----------
    context
        A fresh one for a cold load; one that has seen the page for a load from the cache.
    url
        Address of the page.

    """
    page = context.new_page()
    made = Load()
    _weigh(page, made)
    page.add_init_script(f"({_PAINTED})()")
    page.goto(url)
    page.wait_for_function("() => window.benchPaintedAt !== undefined", timeout=60_000)
    made.milliseconds = page.evaluate("window.benchPaintedAt")
    page.wait_for_load_state("networkidle")
    page.close()
    return made


def _weigh(page: Page, made: Load) -> None:
    """Count what comes over the wire, as the browser's own network log has it."""
    session = page.context.new_cdp_session(page)
    urls: dict[str, str] = {}
    cached: set[str] = set()

    def finished(event: dict[str, Any]) -> None:
        url = urls.get(event["requestId"], "")
        if url.startswith("http"):
            size = 0 if event["requestId"] in cached else int(event["encodedDataLength"])
            made.requests[url] = made.requests.get(url, 0) + size

    session.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    session.on("Network.requestServedFromCache", lambda e: cached.add(e["requestId"]))
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")


def load_table(
    browser: Browser, url: str, pages: dict[str, str], *, rounds: int, say: Callable[[str], None]
) -> None:
    """Print what each page weighs, cold and from the cache, and what weighs most in it.

    Parameters
    ----------
    browser
        Opens them.
    url
        Address of the server.
    pages
        Name and path of each page.
    rounds
        How often to load each; times are medians.
    say
        Prints a line.

    """
    say(f"{'page':<34}{'requests':>9}{'kB':>9}{'ms':>8}")
    for name, path in pages.items():
        cold, again = [], []
        for _ in range(rounds):
            context = browser.new_context()
            cold.append(load(context, url + path))
            again.append(load(context, url + path))
            context.close()
        for how, loads in (("cold", cold), ("from the cache", again)):
            sent = loads[-1].sent
            middle = statistics.median(one.milliseconds for one in loads)
            weight = sum(sent.values()) / 1000
            say(f"{f'{name}, {how}':<34}{len(sent):>9}{weight:>9.1f}{middle:>8.0f}")
        heaviest = sorted(cold[-1].sent.items(), key=lambda item: -item[1])[:5]
        say("    " + ", ".join(f"{_file(u)} {size / 1000:.0f} kB" for u, size in heaviest))
        plotly = [u for u in cold[-1].requests if "plotly" in _file(u)]
        say(f"    Plotly code: {', '.join(map(_file, plotly)) or 'none'}")


def _file(url: str) -> str:
    return urlparse(url).path.rsplit("/", 1)[-1] or "the page"
