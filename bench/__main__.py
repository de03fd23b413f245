"""`make bench`: the figures of the README, each beside its reference in the same run.

Machines are noisy: read the ratios. `BENCH="--quick"` takes a minute instead of ten.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench import annotators, charts, importing, large, loading, pressing, scanning, soak
from tests.e2e.chromium import FLAGS, find_chromium
from tests.serving import Server

ONLY = ("press", "scan", "charts", "large", "load", "import", "start", "annotators", "soak")
READY = '[data-testid="status"][data-state="ready"]'


def say(line: str = "") -> None:
    """Print at once: the whole takes minutes."""
    print(line, flush=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    path = find_chromium()
    if path is None:
        raise SystemExit("The press figures need Chromium; install it, or set CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def _label_page(browser: Browser, server: Server, slug: str, requests: list[str]) -> Page:
    page = browser.new_page()
    page.goto(f"{server.url}/?experiment={slug}")
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_load_state("networkidle")
    pressing.press(page, "1")  # what the page loads only once does not count
    page.on("request", lambda request: requests.append(request.url))
    return page


def _experiments(server: Server, sizes: list[int]) -> dict[str, str]:
    """One experiment per number of labels; every sample is asked about."""
    slugs = {}
    for labels in sizes:
        slug = f"labels-{labels}"
        server.run(
            "experiments",
            "create",
            slug,
            "--stream",
            "sample-messages",
            "--strategy",
            "random",
            "--budget",
            "1",
            "--floor",
            "0",
        )
        server.run("label", slug, "--oracle", "--count", str(labels))
        slugs[f"{labels:,} labels"] = slug
    return slugs


def press_table(folder: Path, *, presses: int, sizes: list[int]) -> None:
    """Press → painted, with 1 and 2 workers, in one run with the static page."""
    say(f"Press → next sample painted, headless Chromium, {presses} presses each")
    with chromium() as browser:
        for workers in (1, 2):
            server = Server(folder / f"press-{workers}", workers=workers)
            slugs = _experiments(server, sizes)
            server.start()
            try:
                static = pressing.still(
                    browser, f"{server.url}/?experiment={next(iter(slugs.values()))}"
                )
                requests: list[str] = []
                pages = {
                    f"{name}, {workers} worker{'s' * (workers > 1)}": _label_page(
                        browser, server, slug, requests
                    )
                    for name, slug in slugs.items()
                }
                pressing.rows(pressing.blocks(static, pages, presses=presses), say)
                done = presses // 10 * 10 * len(pages)
                say(f"requests per label: {len(requests) / done:.2f}\n")
                for page in (static, *pages.values()):
                    page.close()
            finally:
                server.stop()


def scan_table(folder: Path, *, samples: int, rounds: int) -> None:
    """Samples per second, with everything stored, against River alone."""
    bare, ours, labels = scanning.scan(folder / "scan", samples=samples, rounds=rounds)
    say(f"Scan of {samples:,} samples with {labels} labels, median of {rounds}")
    say(f"{'bare River loop':<28}{bare:>12,.0f} samples/s")
    say(f"{'log and rollups written':<28}{ours:>12,.0f} samples/s{ours / bare:>8.2f} ×\n")


def load_table(folder: Path, *, rounds: int) -> None:
    """Cold loads over the network: transferred bytes, requests, time to the first query."""
    say(f"Cold load to the first query or chart painted, median of {rounds}")
    server = Server(folder / "load")
    slug = _experiments(server, [300]).popitem()[1]
    server.start()
    paths = {"label page": "/", "accuracy page": "/accuracy", "entropy page": "/entropy"}
    pages = {name: f"{path}?experiment={slug}" for name, path in paths.items()}
    try:
        with chromium() as browser:
            loading.load_table(browser, server.url, pages, rounds=rounds, say=say)
    finally:
        server.stop()
    say()


def start_table(folder: Path) -> None:
    """Server start to the first query, for a short and for a long log."""
    say("Server start to first query, seconds")
    for labels in (10, 3000):
        server = Server(folder / f"start-{labels}")
        slug = _experiments(server, [labels]).popitem()[1]
        began = time.perf_counter()
        server.start()
        try:
            with chromium() as browser:
                page = browser.new_page()
                page.goto(f"{server.url}/?experiment={slug}")
                page.wait_for_selector(READY, timeout=60_000)
                say(f"{f'{labels:,} labels':<28}{time.perf_counter() - began:>12.1f}")
        finally:
            server.stop()
    say()


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--ten-million", action="store_true", help="charts at 10,000,000 too")
    parser.add_argument("--only", choices=ONLY)
    parser.add_argument("--minutes", type=float, default=10, help="for --only soak")
    options = parser.parse_args()
    quick = options.quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only in (None, "press"):
            press_table(folder, presses=30 if quick else 80, sizes=[10, 300 if quick else 5000])
        if options.only in (None, "scan"):
            scan_table(folder, samples=10_000 if quick else 40_000, rounds=3)
        if options.only in (None, "charts"):
            sizes = [10_000, 100_000 if quick else 1_000_000]
            charts.chart_table(
                folder / "charts", sizes=sizes + [10_000_000] * options.ten_million, say=say
            )
        if options.only in (None, "large"):
            lengths = (10_000, 100_000 if quick else 1_000_000)
            with chromium() as browser:
                large.large_table(
                    browser, folder / "large", sizes=lengths + (10_000_000,) * options.ten_million,
                    beside=20 if quick else 200, rounds=3, say=say,
                )  # fmt: skip
            say()
        if options.only in (None, "load"):
            load_table(folder, rounds=3 if quick else 7)
        if options.only in (None, "import"):
            importing.import_table(folder / "import", rows=100_000 if quick else 1_000_000, say=say)
        if options.only in (None, "start"):
            start_table(folder)
        if options.only in (None, "annotators"):
            annotators.annotators_table(
                folder / "annotators", annotators=(1, 4, 16), workers=(2, 4),
                seconds=5 if quick else 20, say=say,
            )  # fmt: skip
            say()
        if options.only == "soak":
            with chromium() as browser:
                soak.soak(browser, folder / "soak", minutes=options.minutes, say=say)


if __name__ == "__main__":
    main()
