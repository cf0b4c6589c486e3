"""REPORT.html in a real browser: it fits a phone, follows the dark mode, can be read by keyboard, and asks nothing of the network."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_nouns import ANALYSIS, NOTEBOOK, PLAN, VERDICT

from nb2prod.codegen.manifest import build_manifest
from nb2prod.codegen.report import render_report
from nb2prod.model.verdict import Comparison, View

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")]

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
TABLE = View("table", rows=(("", *(f"a long column name {at}" for at in range(12))), ("0", *["123456.789"] * 12)))
OTHER = replace(TABLE, rows=(TABLE.rows[0], ("0", "999", *["123456.789"] * 11)))
COMPARISONS = (
    Comparison("figure_trend", "same", "what was drawn", "figure", "figure", "", (View("image", image=DOT), View("image", image=DOT))),
    Comparison("late", "different", "frame", "DataFrame", "DataFrame", "row 0: 123456.789 is not 999", (TABLE, OTHER)),
    Comparison("told", "same", "text", "'a'", "'a'", "", (View("text", text="x" * 400 + "\nb"), View("text", text="x" * 400 + "\nb"))),
)
VERDICT = replace(VERDICT, comparisons=(*VERDICT.comparisons, *COMPARISONS))
MEASURE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const boxes = [...document.querySelectorAll("img")].map(img => img.naturalWidth);
  const ids = new Set([...document.querySelectorAll("[id]")].map(e => e.id));
  const told = {
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    images: boxes, paper: style("--paper"),
    marked: [...document.querySelectorAll("mark")].map(e => e.textContent),
    lost: [...document.querySelectorAll("a[href^='#']")].map(e => e.getAttribute("href").slice(1)).filter(id => !ids.has(id)),
    unreachable: [...document.querySelectorAll(".wide, pre")].filter(e => e.scrollWidth > e.clientWidth && e.tabIndex < 0).length,
    fetched: performance.getEntriesByType("resource").map(e => e.name).filter(name => !name.startsWith("data:")),
  };
  const out = document.createElement("output"); out.id = "told"; out.textContent = JSON.stringify(told); document.body.append(out);
}, 200));
</script></body>"""


def measured(folder: Path, *options: str) -> Any:
    """What a browser finds on the page."""
    manifest = build_manifest(NOTEBOOK, ANALYSIS, PLAN, VERDICT)
    page = folder / "REPORT.html"
    page.write_text(render_report(NOTEBOOK, ANALYSIS, PLAN, manifest, VERDICT).replace("</body>", MEASURE), encoding="utf-8")
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=3000",
        f"--user-data-dir={folder / 'profile'}",
    ]
    done = subprocess.run([*command, *options, "--dump-dom", page.as_uri()], capture_output=True, encoding="utf-8", timeout=120)
    found = re.search(r'<output id="told">(.*?)</output>', done.stdout)
    assert found, done.stderr[-2000:]
    return json.loads(html.unescape(found.group(1)))


@pytest.mark.parametrize("width", [390, 768, 1400])
def test_the_page_never_scrolls_sideways_and_asks_nothing_of_the_network(tmp_path: Path, width: int) -> None:
    told = measured(tmp_path, f"--window-size={width},900")
    assert {**told, "paper": ""} == {
        "sideways": 0,
        "images": [1, 1],
        "paper": "",
        "marked": ["0.84", "0.85", "123456.789", "999"],
        "lost": [],
        "unreachable": 0,
        "fetched": [],
    }


def test_the_page_follows_the_dark_mode(tmp_path: Path) -> None:
    light = measured(tmp_path, "--window-size=800,600")["paper"]
    dark = measured(tmp_path, "--window-size=800,600", "--blink-settings=preferredColorScheme=0")["paper"]
    assert (light, dark) == ("#fff", "#12161d")
