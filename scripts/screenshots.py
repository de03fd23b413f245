"""Pictures of every page: empty, warm-started and full; light and dark; 390 and 1440 px wide.

    make screenshots

They go to `docs/screenshots/all` (not kept in git); the ones the README shows to
`docs/screenshots`. A page that scrolls sideways, says something on the console, fails a request or
does not come to rest is named, and the command fails; the other pictures are taken all the same.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import product
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Error, Page, sync_playwright

from dashboard.core.spec import make_spec
from dashboard.errors import Unavailable
from dashboard.services.container import Services, open_services
from dashboard.services.datasets import SAMPLE_MESSAGES, SMS_SPAM
from dashboard.settings import read_settings
from tests.e2e import driving
from tests.e2e.chromium import FLAGS, find_chromium
from tests.serving import ROOT, Server

# Labeling comes last: a look at it is what gives an empty experiment its first prediction.
PAGES = {
    "accuracy": "/accuracy",
    "queries": "/queries",
    "entropy": "/entropy",
    "quality": "/quality",
    "skipped": "/skipped",
    "log": "/log",
    "experiments": "/experiments",
    "label": "/",
}
STATES = {"empty": "empty", "warm": "sms-spam", "full": "full"}
WIDTHS = {1440: 900, 390: 844}
THEMES = ("light", "dark")
KEPT = (
    "label-warm-light-1440",
    "label-warm-light-390",
    "accuracy-full-dark-1440",
    "queries-full-light-1440",
    "entropy-full-light-1440",
    "experiments-full-light-1440",
)

# What a page shows once it is there, or says in its place.
THERE = {
    "label": '[data-testid="status"]:is([data-state="ready"], [data-state="exhausted"])',
    "skipped": ".log-grid .ag-row .ag-cell-value, .empty",
    "log": ".log-grid .ag-row .ag-cell-value, .empty",
    "experiments": ".runs",
}
# At rest: every chart in sight has been drawn, and nothing has been painted for a while.
STILL = """() => new Promise((done) => {
    const drawn = () => [...document.querySelectorAll(".plot")].every(
        (e) => !e.offsetParent || (e.querySelector(".js-plotly-plot")?.data ?? []).length);
    let since = performance.now();
    new MutationObserver(() => { since = performance.now(); })
        .observe(document.body, { childList: true, subtree: true, characterData: true });
    const look = setInterval(() => {
        if (performance.now() - since < 350 || !drawn()) return;
        clearInterval(look);
        document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(done)));
    }, 50);
})"""


class Picture(NamedTuple):
    """One picture to take."""

    page: str
    state: str
    theme: str
    width: int

    @property
    def name(self) -> str:
        """Its file, without the ending."""
        return f"{self.page}-{self.state}-{self.theme}-{self.width}"


def pictures(wanted: str) -> list[Picture]:
    """All of them whose name is as wanted, with labeling last."""
    every = (Picture(*p) for p in product(PAGES, STATES, THEMES, WIDTHS))
    return [picture for picture in every if fnmatch(picture.name, wanted)]


def prepare(folder: Path) -> None:
    """One experiment per state; on the made-up messages where the real ones are not there."""
    services = open_services(read_settings({"SLUICE_DATA": str(folder)}))
    try:
        services.experiments.ensure_stream(SMS_SPAM)
        slug = SMS_SPAM
    except Unavailable:
        slug = SAMPLE_MESSAGES
    _create(services, "First try", slug, "river-docs")
    services.runs.oracle("first-try", count=120)
    services.experiments.archive("first-try")
    _create(services, "Full", slug, "recommended")
    services.runs.oracle("full")
    _create(services, "Empty", slug)
    _create(services, "SMS spam", slug, warm=1000)
    services.runs.warm_start("sms-spam")
    services.labeling.settle()
    services.database.close()


def _create(
    services: Services, name: str, stream_slug: str, preset: str = "recommended", warm: int = 0
) -> None:
    stream = services.experiments.ensure_stream(stream_slug)
    spec = make_spec(preset, text=True, classes=len(stream.classes))
    services.experiments.create(name, stream=stream, spec=spec, warm_start=warm)


def label_by_hand(browser: Browser, server: Server, *, answers: int = 8) -> None:
    """A few answers as a person gives them, so that there is somebody whose pace can be seen."""
    page = browser.new_page()
    driving.open_label(page, server.url, STATES["warm"])
    for n in range(answers):
        text = driving.text(page)
        page.wait_for_timeout(600 + 37 * min(len(text), 40) * (1 + n % 3) / 3)
        driving.press(page, "2" if sum(c.isdigit() for c in text) > 4 else "1")
    page.close()


def take(page: Page, url: str, picture: Picture, file: Path) -> list[str]:
    """Take one picture; what was wrong with the page."""
    problems: list[str] = []
    listeners = {
        "console": lambda m: m.type == "error" and problems.append(m.text),
        "pageerror": lambda error: problems.append(str(error)),
        "response": lambda r: r.status >= 400 and problems.append(f"{r.status} {r.url}"),
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    try:
        page.goto(f"{url}{PAGES[picture.page]}?experiment={STATES[picture.state]}")
        page.locator(THERE.get(picture.page, ".analytics")).first.wait_for(timeout=20_000)
        page.evaluate(STILL)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems.append("scrolls sideways")
        page.screenshot(path=file, full_page=picture.page != "label")
    except Error as error:
        problems.append(error.message.splitlines()[0])
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return problems


def shoot(browser: Browser, url: str, folder: Path, wanted: str) -> Iterator[str]:
    """Take all pictures, and say what is wrong with which.

    There is one window for each theme and width: what it fetched once it does not fetch again.
    """
    windows: dict[tuple[str, int], Page] = {}
    for picture in pictures(wanted):
        look = (picture.theme, picture.width)
        if look not in windows:
            size = {"width": picture.width, "height": WIDTHS[picture.width]}
            windows[look] = browser.new_page(viewport=size, color_scheme=picture.theme)
            windows[look].set_default_timeout(20_000)
        file = folder / f"{picture.name}.png"
        problems = take(windows[look], url, picture, file)
        if problems:  # once more: a busy machine is no fault of the page
            problems = take(windows[look], url, picture, file)
        yield from (f"{picture.name}: {problem}" for problem in problems)


def main() -> int:
    """Take the pictures and keep those that the README shows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="*", help="like 'log-*-390'")
    parser.add_argument("--data", type=Path, help="keep what was prepared there, for the next run")
    options = parser.parse_args()
    path = find_chromium()
    if path is None:
        print("Pictures need Chromium; install it, or set CHROMIUM to its path.", file=sys.stderr)
        return 2
    target = ROOT / "docs" / "screenshots"
    everything = target / "all"
    everything.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        data = options.data or Path(name) / "data"
        fresh = not data.exists()
        if fresh:
            prepare(data)
        server = Server(data)
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            server.start()
            if fresh:
                label_by_hand(browser, server)
            problems = []
            for problem in shoot(browser, server.url, everything, options.only):
                print(problem, flush=True)
                problems.append(problem)
        finally:
            browser.close()
            server.stop()
    for kept in KEPT:
        if fnmatch(kept, options.only):
            shutil.copy(everything / f"{kept}.png", target / f"{kept}.png")
    print(
        f"{len(pictures(options.only))} pictures in {time.monotonic() - began:.0f} s: {everything}"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
