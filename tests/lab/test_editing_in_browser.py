"""What a person changes in the side panel: the table of parameters, and how the difference to an earlier package is looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from notebook_files import write_notebook

from lab.test_in_browser import accessible

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CELLS = (
    "import json",
    "LIMIT = 3\nSCALE = 2",
    "rows = [round(row * SCALE, 1) for row in (1.24, 2.5)]",
    "with open('big.json', 'w') as file:\n    json.dump([row for row in rows if row > LIMIT], file)",
)


def field(page: Any, label: str) -> Any:
    return page.page.locator(".jp-nb2prod-parameters").get_by_label(label, exact=True)


def take(page: Any, label: str, text: str) -> None:
    field(page, label).fill(text)
    field(page, label).press("Enter")


def on_command_line(path: Any) -> list[tuple[str, str, object, str]]:
    command = [sys.executable, "-m", "nb2prod", "analyze", str(path), "--format", "json"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout)
    return [(one["name"], one["type"], one["default"], one["help"]) for one in told["parameters"]]


def test_the_table_of_parameters_is_edited_and_the_command_line_does_the_same(page: Any, lab: Any) -> None:
    path = write_notebook(lab.root / "table.ipynb", *CELLS)
    page.open("table.ipynb")
    page.tab("parameters")
    take(page, "Name of limit", "least")
    take(page, "Description of least", "Smaller ones, and this one, are left out")
    field(page, "Type of least").select_option("float")
    take(page, "Value of least in the notebook", "2.5")
    take(page, "Value of big_path in the notebook", "large.json")
    page.page.locator("tbody", has=page.page.get_by_label("Name of scale")).get_by_role("button", name="Not a parameter").click()
    page.page.get_by_role("region", name="No parameters").get_by_text("SCALE").wait_for()
    field(page, "Name of scale").wait_for(state="detached")
    page.page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".jp-InputPrompt").click()
    page.page.get_by_role("region", name="Other values").get_by_role("button", name="Make it a parameter").first.click()
    field(page, "Name of round_1").wait_for()
    take(page, "Name of round_1", "rows")  # which is taken
    page.page.locator(".jp-nb2prod-findings", has_text="no parameter can be called `rows`").wait_for()
    take(page, "Name of round_1", "digits")
    field(page, "Name of digits").wait_for()
    assert accessible(page, "#nb2prod-panel") == []
    page.picture("table")
    page.page.keyboard.press("Control+s")
    page.page.wait_for_function("() => !document.querySelector('.lm-TabBar-tab.jp-mod-dirty')")
    assert on_command_line(path) == [
        ("least", "float", 2.5, "Smaller ones, and this one, are left out"),
        ("digits", "int", 1, "given to round"),
        ("large_path", "path", "large.json", "given to open"),
    ]
    page.page.get_by_role("button", name="Forget all changes to parameters").click()
    field(page, "Name of limit").wait_for()
    assert field(page, "Name of digits").count() == 0
    page.page.keyboard.press("Control+s")


def test_a_change_is_looked_at_in_one_column_in_two_and_on_a_page_of_its_own(page: Any, lab: Any) -> None:
    path = write_notebook(lab.root / "changes.ipynb", *CELLS)
    command = [sys.executable, "-m", "nb2prod", "convert", str(path), "--no-run", "-q", "-o", str(lab.root / "changes")]
    subprocess.run(command, check=False)
    page.open("changes.ipynb")
    page.page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".cm-content").click()
    page.page.keyboard.press("Control+End")
    page.page.keyboard.type("1")  # SCALE = 21
    page.tab("files")
    page.page.get_by_role("button", name="Preview every file").click()
    page.page.locator(".jp-nb2prod-files").get_by_role("button", name="src/changes/parameters.py").click()
    page.page.wait_for_selector("#nb2prod-panel .cm-changedLine, #nb2prod-panel .cm-deletedChunk")
    page.picture("one-column")
    page.page.get_by_role("button", name="Side by side", exact=True).click()
    page.page.wait_for_selector("#nb2prod-panel .cm-mergeView")
    boxes = [box.bounding_box() for box in page.page.locator("#nb2prod-panel .cm-mergeViewEditor").all()]
    assert len(boxes) == 2 and boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1 and boxes[0]["y"] == boxes[1]["y"]
    assert accessible(page, "#nb2prod-panel") == []
    page.picture("two-columns")
    page.page.get_by_role("button", name="Own page").click()
    wide = page.page.locator(".jp-nb2prod-page .cm-mergeView")
    wide.wait_for()
    sides = [side.inner_text() for side in wide.locator(".cm-mergeViewEditor").all()]
    assert ["default=2," in side for side in sides] == [True, False] and ["default=21" in side for side in sides] == [False, True]
    assert accessible(page, ".jp-nb2prod-page") == []
    page.picture("own-page")
    page.page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached")
    assert accessible(page, ".jp-nb2prod-page") == [] and accessible(page, "#nb2prod-panel") == []
    page.picture("own-page-dark")
    page.tab("parameters")
    page.picture("table-dark")
    page.page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
