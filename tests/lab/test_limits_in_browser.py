"""JupyterLab where it is hard: a notebook made to break it, one without the right to run, hundreds of cells, little room."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook

from lab.lab_server import lab_server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

EVIL = "<img src=x onerror='window.broken=1'><script>window.broken=1</script>"
MAY_ONLY_LOOK = """
from jupyter_server.auth import Authorizer

class OnlyLooking(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "nb2prod" or action == "read"

c.ServerApp.authorizer_class = OnlyLooking
"""
# Toggles whether a cell can be parsed, and gives the milliseconds from the key to the badge.
WATCH = """cell => {
    const badge = document.querySelectorAll('.jp-Notebook .jp-Cell')[cell].querySelector(':scope > .jp-nb2prod-badge');
    const before = badge.dataset.kind;
    window.took = null;
    addEventListener('keydown', () => { window.pressed = performance.now(); }, {capture: true, once: true});
    new MutationObserver((_, observer) => {
        if (badge.dataset.kind !== before) { observer.disconnect(); window.took = performance.now() - window.pressed; }
    }).observe(badge, {attributes: true});
}"""


def long_notebook(folder: Path, cells: int) -> Path:
    sources = [f"y{number} = y{number - 1} + {number}\nz{number} = y{number} * 2" for number in range(1, cells - 1)]
    return write_notebook(folder / f"long{cells}.ipynb", "y0 = 1", *sources, "open('y.txt', 'w').write(str(y5))")


def test_a_hostile_notebook_shows_its_text_and_does_nothing(page: Any, lab: Any) -> None:
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": f"# {EVIL}"},
        {
            "cell_type": "code",
            "id": "b",
            "execution_count": 1,
            "metadata": {"tags": [f"stage:{EVIL}", EVIL]},
            "source": f"x = {EVIL!r}\nopen({EVIL[:20]!r}, 'w').write(x)",
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": EVIL, "text/plain": EVIL}}],
        },
        {"cell_type": "code", "id": "c", "execution_count": 2, "metadata": {}, "source": "import nbformat\nx", "outputs": []},
    ]
    (lab.root / "nbformat.py").write_text("open('ran.txt', 'w').write('ran')\n", encoding="utf-8")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
    (lab.root / "evil.ipynb").write_text(json.dumps(content), encoding="utf-8")
    page.open("evil.ipynb")
    for tab in ("summary", "graph", "parameters", "plan", "files"):
        page.tab(tab)
    page.page.get_by_role("button", name="Preview every file").click()
    page.page.locator(".jp-nb2prod-files").get_by_role("button", name="README.md").click()
    page.page.wait_for_selector(".jp-nb2prod-diff .cm-line")
    page.tab("plan")
    page.page.locator(".jp-nb2prod-findings", has_text="no stage can be called").wait_for()
    assert page.page.locator("#nb2prod-panel img, #nb2prod-panel script").count() == 0
    assert page.page.evaluate("() => window.broken") is None
    assert not (lab.root / "ran.txt").exists()
    (lab.root / "nbformat.py").unlink()


def test_badges_follow_every_edit_of_a_hundred_cells(page: Any, lab: Any) -> None:
    long_notebook(lab.root, 100)
    page.open("long100.ipynb")
    page.becomes(20, "dead")
    page.page.wait_for_timeout(1500)  # until there is a plan
    page.page.locator(".jp-Notebook .jp-Cell").nth(20).locator(".cm-content").click()
    page.page.keyboard.press("Control+End")
    took = []
    for number in range(6):
        page.page.evaluate(WATCH, 20)
        page.page.keyboard.press("Backspace" if number % 2 else "(")
        page.page.wait_for_function("() => window.took !== null")
        took.append(page.page.evaluate("() => window.took"))
        page.page.wait_for_timeout(400)
    print("milliseconds from an edit to the badge:", [round(one) for one in took])


def test_a_notebook_of_hundreds_of_cells_has_its_badges_wherever_it_is_scrolled_to(page: Any, lab: Any) -> None:
    long_notebook(lab.root, 400)
    page.page.goto(lab.address("long400.ipynb"))
    page.page.wait_for_selector(".jp-nb2prod-badge")
    scroll = """() => {
        const place = document.querySelector('.jp-WindowedPanel-outer');
        place.scrollTop += 150;
        return place.scrollTop > 5000;
    }"""
    page.page.wait_for_function(scroll)
    page.page.wait_for_function("() => document.querySelectorAll('.jp-nb2prod-badge').length > 60")


def test_little_room_is_enough(page: Any, lab: Any) -> None:
    page.page.set_viewport_size({"width": 700, "height": 600})
    page.open("customer_churn.ipynb")
    for tab in ("summary", "parameters", "plan", "files", "run"):
        page.tab(tab)
        if tab == "plan":
            page.page.wait_for_selector(".jp-nb2prod-stages li")
        view = page.page.locator("#jp-nb2prod-view")
        assert view.evaluate("node => node.scrollWidth - node.clientWidth") <= 1, tab
    page.tab("parameters")
    page.picture("narrow")


def test_the_panel_follows_the_notebook_in_front(page: Any, lab: Any) -> None:
    write_notebook(lab.root / "one.ipynb", "a = 1", "print(a)")
    write_notebook(lab.root / "two.ipynb", "b = 1", "c = 2", "print(b)")
    page.open("one.ipynb")
    facts = page.page.locator(".jp-nb2prod-facts dd").first
    facts.get_by_text("2 of 2").wait_for()
    page.page.locator(".jp-DirListing-item", has_text="two.ipynb").dblclick()
    facts.get_by_text("2 of 3").wait_for()
    page.page.locator(".lm-TabBar-tab", has_text="one.ipynb").first.click()
    facts.get_by_text("2 of 2").wait_for()


def test_who_may_only_look_is_told_so(tmp_path: Path, page_in: Any) -> None:
    (tmp_path / "place" / "config").mkdir(parents=True)
    (tmp_path / "place" / "config" / "jupyter_server_config.py").write_text(MAY_ONLY_LOOK, encoding="utf-8")
    (tmp_path / "root").mkdir()
    write_notebook(tmp_path / "root" / "orders.ipynb", "a = 1", "print(a)")
    with lab_server(tmp_path / "root", tmp_path / "place") as running:
        page = page_in(running)
        page.open("orders.ipynb")
        page.convert()
        told = page.page.locator(".jp-Dialog", has_text="The conversion could not be started")
        told.get_by_text("not authorized to write on resource: nb2prod").wait_for()
    assert not (tmp_path / "root" / "orders").exists()
