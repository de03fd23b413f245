"""Pictures of every page: empty, warm-started and full; light and dark; 390 and 1440 px wide.

    make screenshots

They go to `docs/screenshots/all` (not kept in git); the ones the README shows to
`docs/screenshots`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.chromium import FLAGS, find_chromium
from tests.serving import ROOT, Server

PAGES = {
    "label": "/",
    "accuracy": "/accuracy",
    "queries": "/queries",
    "entropy": "/entropy",
    "log": "/log",
    "experiments": "/experiments",
}
STATES = {"empty": "empty", "warm": "sms-spam", "full": "full"}
WIDTHS = {1440: 900, 390: 844}
KEPT = (
    "label-warm-light-1440",
    "label-warm-light-390",
    "accuracy-full-dark-1440",
    "queries-full-light-1440",
    "entropy-full-light-1440",
    "experiments-full-light-1440",
)


def prepare(server: Server) -> None:
    """One experiment per state; on the made-up messages where the real ones are not there."""
    stream = "sms-spam"
    if server.run("simulate", "--stream", stream, "--limit", "10", check=False).returncode:
        stream = "sample-messages"
    server.run("experiments", "create", "Full", "--stream", stream, "--preset", "blog")
    server.run("label", "full", "--oracle")
    server.run("experiments", "create", "Empty", "--stream", stream)
    server.run("experiments", "create", "SMS spam", "--stream", stream, "--warm-start", "1000")
    server.run("label", "sms-spam", "--oracle", "--count", "6")


def _open(page: Page, url: str) -> list[str]:
    """Load a page, wait until it stands still, and say what is wrong with it."""
    problems: list[str] = []
    page.on("console", lambda m: m.type == "error" and problems.append(m.text))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        problems.append("scrolls sideways")
    return problems


def shoot(browser: Browser, server: Server, folder: Path) -> int:
    """Take all pictures; the number of pages with a problem."""
    bad = 0
    for width, height in WIDTHS.items():
        for theme in ("light", "dark"):
            for state, slug in STATES.items():
                for name, path in PAGES.items():
                    page = browser.new_page(
                        viewport={"width": width, "height": height},
                        color_scheme="dark" if theme == "dark" else "light",
                    )
                    problems = _open(page, f"{server.url}{path}?experiment={slug}")
                    picture = f"{name}-{state}-{theme}-{width}"
                    page.screenshot(path=folder / f"{picture}.png", full_page=name != "label")
                    for problem in problems:
                        print(f"{picture}: {problem}", flush=True)
                    bad += bool(problems)
                    page.close()
    return bad


def main() -> int:
    """Take the pictures and keep those that the README shows."""
    path = find_chromium()
    if path is None:
        print("Pictures need Chromium; install it, or set CHROMIUM to its path.", file=sys.stderr)
        return 2
    target = ROOT / "docs" / "screenshots"
    everything = target / "all"
    everything.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        server = Server(Path(data) / "data")
        prepare(server)
        server.start()
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            bad = shoot(browser, server, everything)
        finally:
            browser.close()
            server.stop()
    for name in KEPT:
        shutil.copy(everything / f"{name}.png", target / f"{name}.png")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
