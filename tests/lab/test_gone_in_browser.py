"""A server that is killed while it converts: the page says so, and goes on when there is a server again at the same address."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook

from lab.lab_server import lab_server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OFFLINE = "The server does not answer. What is shown is from before"


def add_line(page: Any, cell: int, line: str) -> None:
    """Write a line at the end of a cell, again where a dialog has taken the keys."""
    content = page.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".cm-content")
    for _ in range(5):
        content.click()
        page.page.keyboard.press("Control+End")
        page.page.keyboard.insert_text(f"\n{line}")
        if line in content.inner_text():
            return
    raise AssertionError(f"cell {cell} has no line {line}")


def without_dialogs(page: Any) -> None:
    """Close what JupyterLab itself says of its connection, whenever it says it."""
    page.page.add_locator_handler(
        page.page.locator(".jp-Dialog", has_text="Server Connection Error"), lambda dialog: dialog.locator(".jp-Dialog-button").last.click()
    )


def test_a_server_killed_while_it_converts_is_told_and_a_new_one_is_taken_up(tmp_path: Path, page_in: Any, lab: Any) -> None:
    (tmp_path / "root").mkdir()
    waiting = "waited = 0\nwhile not pathlib.Path('go.txt').exists():\n    waited += 1\n    time.sleep(1)"
    notebook = write_notebook(tmp_path / "root" / "slow.ipynb", "import pathlib, time", waiting, "print(waited)")
    with lab_server(tmp_path / "root", tmp_path / "place") as running:
        page = page_in(running)
        page.open("slow.ipynb")
        without_dialogs(page)
        page.convert(folder="made")
        page.page.wait_for_selector(".jp-nb2prod-steps li[aria-current=step]")
        time.sleep(2)  # until the notebook itself runs

        running.kill()
        page.page.locator(".jp-nb2prod-run", has_text="the server does not answer; trying again").wait_for()
        add_line(page, 0, "unused = 1")
        page.page.get_by_text(OFFLINE).wait_for()
        assert page.kind(0) == "live"  # what was known is still shown
        page.picture("gone")

        running.start()
        run = page.ended("convert", "failed")
        assert "The server was started again, and what it was doing ended with it" in run.inner_text()
        page.page.get_by_text(OFFLINE).wait_for(state="detached")
        page.becomes(0, "partial")
        assert sorted(path.name for path in notebook.parent.iterdir() if not path.name.startswith(".")) == ["slow.ipynb"]
        page.picture("back")

        (notebook.parent / "go.txt").write_text("", encoding="utf-8")
        page.page.get_by_role("button", name="Convert again…").click()
        dialog = page.page.locator(".jp-Dialog")
        dialog.locator("input[name=folder]").fill("made")
        dialog.locator(".jp-mod-accept").click()
        assert "SAME" in page.ended("convert", "done").inner_text()
