"""A browser and a real JupyterLab, made once for all browser tests; skipped with a line where they cannot be had, but never in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.extension_build import ROOT, built
from lab.lab_server import Lab, lab_server

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SLOW = 60_000  # milliseconds: what a busy machine may take for one step


def skip(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server over copies of the samples."""
    trouble = built()
    if trouble:
        skip(f"the JupyterLab extension cannot be built: {trouble}")
    root = tmp_path_factory.mktemp("notebooks")
    for path in (ROOT / "sample_notebooks").glob("*.ipynb"):
        shutil.copy(path, root)
    shutil.copytree(ROOT / "sample_notebooks" / "data", root / "data")
    with lab_server(root, tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; for one module only, for its event loop runs as long as it is there, and no other can."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        skip("no Chromium is installed (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=program, args=["--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


class Page:
    """A browser tab with JupyterLab in it."""

    def __init__(self, page: Any, lab: Lab, pictures: Path) -> None:
        self.page, self.lab, self.pictures = page, lab, pictures
        self.errors: list[str] = []
        page.set_default_timeout(SLOW)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str) -> None:
        """Open a notebook and wait for its badges."""
        from playwright.sync_api import TimeoutError

        self.page.goto(self.lab.address(path))
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.panel()
        try:
            self.page.wait_for_selector(".jp-nb2prod-badge")
        except TimeoutError as error:
            shown = self.page.locator("#nb2prod-panel").inner_text()
            log = self.lab.log.read_text(encoding="utf-8", errors="replace")[-6000:]
            raise AssertionError(f"no badges of {path}; the panel shows:\n{shown}\nand the server says:\n{log}") from error

    def panel(self) -> None:
        """Open the side panel, where it is not open."""
        if not self.page.locator("#nb2prod-panel").is_visible():
            self.page.locator('.jp-SideBar.jp-mod-right [data-id="nb2prod-panel"]').click()
        self.page.wait_for_selector("#nb2prod-panel .jp-nb2prod-tabs")

    def tab(self, name: str) -> None:
        self.page.click(f"#jp-nb2prod-tab-{name}")

    def kind(self, cell: int) -> str:
        return str(self.badge(cell).get_attribute("data-kind"))

    def badge(self, cell: int) -> Any:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator("> .jp-nb2prod-badge")

    def becomes(self, cell: int, kind: str) -> None:
        self.page.wait_for_function(
            """([cell, kind]) => document.querySelectorAll('.jp-Notebook .jp-Cell')[cell]
                ?.querySelector(':scope > .jp-nb2prod-badge')?.dataset.kind === kind""",
            arg=[cell, kind],
        )

    def convert(self, **fields: str) -> None:
        """Fill in the dialog and start."""
        self.page.click("#nb2prod-panel .jp-nb2prod-head button")
        dialog = self.page.locator(".jp-Dialog")
        for name, text in fields.items():
            dialog.locator(f"input[name={name}]").fill(text)
        dialog.locator(".jp-mod-accept").click()

    def ended(self, kind: str, state: str) -> Any:
        """The newest job of a kind, once it has ended so."""
        self.page.wait_for_selector(f'.jp-nb2prod-run[data-kind="{kind}"][data-state="{state}"]', timeout=4 * SLOW)
        return self.page.locator(f'.jp-nb2prod-run[data-kind="{kind}"]').first

    def picture(self, name: str) -> None:
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))


@pytest.fixture
def page_in(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Lab], Page]]:
    """Opens a tab of a server."""
    folder = os.environ.get("NB2PROD_PICTURES")
    pictures = Path(folder) if folder else tmp_path_factory.mktemp("pictures")
    context = browser.new_context(viewport={"width": 1500, "height": 950})
    tabs: list[Page] = []

    def opened(lab: Lab) -> Page:
        tabs.append(Page(context.new_page(), lab, pictures))
        return tabs[-1]

    yield opened
    context.close()
    assert [error for tab in tabs for error in tab.errors] == []


@pytest.fixture
def page(page_in: Callable[[Lab], Page], lab: Lab) -> Page:
    return page_in(lab)
