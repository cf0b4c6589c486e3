"""From a key to the badge: a notebook of 100 cells edited in JupyterLab, and where the milliseconds go.

    python benchmarks/latency.py [--cells 100] [--times 20]

Prints a table for `docs/jupyterlab.md`. A real browser and a real server; a cell in the middle is made unreadable and readable again, so that its
badge changes with every key, and each time the page is left alone until it is quiet. What the server and its worker take they say themselves
(`Server-Timing`), what the browser takes its own clock says.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from lab.conftest import BROWSERS, Page
from lab.extension_build import built
from lab.lab_server import lab_server
from notebook_files import write_notebook
from playwright.sync_api import sync_playwright

QUIET = 1500  # milliseconds, in which the plan is made as well
# Presses nothing; gives the times of the next key, of its request and of the badge of a cell, all by the page's clock.
WATCH = """cell => {
    const badge = document.querySelectorAll('.jp-Notebook .jp-Cell')[cell].querySelector(':scope > .jp-nb2prod-badge');
    const before = badge.dataset.kind;
    performance.clearResourceTimings();
    window.seen = null;
    addEventListener('keydown', () => { window.pressed = performance.now(); }, {capture: true, once: true});
    new MutationObserver((_, observer) => {
        if (badge.dataset.kind === before) { return; }
        observer.disconnect();
        const changed = performance.now();
        requestAnimationFrame(() => setTimeout(() => {
            // one without times was given up, as the plan of the text before is
            const asked = performance.getEntriesByType('resource').filter(one => one.name.includes('nb2prod/analysis'));
            const request = asked.filter(one => one.serverTiming.length).pop();
            const server = Object.fromEntries(request.serverTiming.map(one => [one.name, one.duration]));
            window.seen = {pressed: window.pressed, changed, painted: performance.now(), server,
                sent: request.startTime, first: request.responseStart, last: request.responseEnd};
        }, 0));
    }).observe(badge, {attributes: true});
}"""


def parts_of(seen: dict[str, Any]) -> dict[str, float]:
    """One edit's milliseconds, part by part; they add up to the whole."""
    server = seen["server"]
    return {
        "waiting for more keys, collecting the cells": seen["sent"] - seen["pressed"],
        "request: browser, network, login": seen["first"] - seen["sent"] - server["all"],
        "checking the request, writing the answer": server["all"] - server["queue"] - server["exchange"],
        "waiting for the worker": server["queue"],
        "handing over to the worker and back": server["exchange"] - server["work"],
        "analysis": server["work"],
        "reply": seen["last"] - seen["first"],
        "badges": seen["changed"] - seen["last"],
        "from the key to the badge": seen["changed"] - seen["pressed"],
        "(until it is painted)": seen["painted"] - seen["pressed"],
    }


def edited(page: Page, cell: int, times: int) -> list[dict[str, float]]:
    """So many edits of one cell."""
    page.becomes(cell, "dead")
    page.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".cm-content").click()
    page.page.keyboard.press("Control+End")
    found = []
    for number in range(times + 2):
        page.page.wait_for_timeout(QUIET)
        page.page.evaluate(WATCH, cell)
        page.page.keyboard.press("Backspace" if number % 2 else "(")
        page.page.wait_for_function("() => window.seen")
        found.append(parts_of(page.page.evaluate("() => window.seen")))
    return found[2:]  # the first ones find nothing warm


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=100)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    if trouble := built():
        sys.exit(trouble)
    program = next(path for name in BROWSERS for folder in os.get_exec_path() if (path := Path(folder, name)).exists())
    sources = [f"y{number} = y{number - 1} + {number}\nz{number} = y{number} * 2" for number in range(1, asked.cells - 1)]
    with tempfile.TemporaryDirectory() as place, sync_playwright() as started:
        root = Path(place, "root")
        root.mkdir()
        write_notebook(root / "long.ipynb", "y0 = 1", *sources, "open('y.txt', 'w').write(str(y5))")
        chromium = started.chromium.launch(executable_path=program, args=["--disable-dev-shm-usage"])
        with lab_server(root, Path(place, "lab")) as running:
            page = Page(chromium.new_page(viewport={"width": 1500, "height": 950}), running, Path(place))
            page.open("long.ipynb")
            before = os.getloadavg()[0]
            found = edited(page, 20, asked.times)
        chromium.close()
    print(
        f"{asked.cells} cells, {asked.times} edits, {os.cpu_count()} cores, load of the machine {before:.1f} before and {os.getloadavg()[0]:.1f} after"
    )
    print("\n| part | median ms | most ms |\n| --- | --- | --- |")
    for name in found[0]:
        listed = [one[name] for one in found]
        print(f"| {name} | {statistics.median(listed):.1f} | {max(listed):.1f} |")


if __name__ == "__main__":
    main()
