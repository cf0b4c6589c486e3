"""JupyterLab as a person uses it: a real browser, a real server with a token and a base URL, real conversions."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from notebook_files import write_notebook

from lab.extension_build import SOURCES
from nb2prod.targets import TARGETS

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CELLS = (
    "# Orders",
    "import json",
    "LIMIT = 3",
    "rows = [1, 2, 3, 4]",
    "type(rows)",
    "unused = [row * 2 for row in rows]",
    "big = [row for row in rows if row > LIMIT]\nwith open('big.json', 'w') as file:\n    json.dump(big, file)",
)


def accessible(page: Any, place: str) -> list[str]:
    """What axe finds serious or critical in a part of the page."""
    page.page.add_script_tag(path=str(SOURCES / "node_modules" / "axe-core" / "axe.min.js"))
    found = page.page.evaluate("place => axe.run(place)", place)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in ("serious", "critical")]


def use_the_project(page: Any, lab: Any) -> None:
    """Run the tests, run with another value, schedule."""
    page.page.get_by_role("button", name="Run tests").click()
    page.page.locator(".jp-Dialog .jp-mod-accept").click()
    assert " passed" in page.ended("test", "done").inner_text()

    page.page.get_by_role("button", name="Run with other parameters").click()
    form = page.page.get_by_role("form", name="Parameters of the run")
    form.locator("input[name=limit]").fill("1")
    page.picture("parameters")
    form.get_by_role("button", name="Run").click()
    page.ended("run", "done")
    assert json.loads((lab.root / "big.json").read_text(encoding="utf-8")) == [2, 3, 4]

    page.page.get_by_role("button", name="Schedule", exact=True).click()
    form = page.page.get_by_role("form", name="Schedule")
    for box in form.get_by_role("checkbox").all():
        box.check()
    page.picture("schedule")
    form.get_by_role("button", name="Create job").click()
    page.ended("schedule", "done")
    form.wait_for(state="detached")
    assert set(TARGETS) <= {path.name for path in (lab.root / "orders" / "jobs").iterdir()}
    assert "30 6 * * 1-5" in (lab.root / "orders" / "jobs" / "job.toml").read_text(encoding="utf-8")
    defined = lab.ask("scheduler/job_definitions")["job_definitions"]
    assert [(one["name"], one["input_filename"], one["schedule"]) for one in defined] == [("orders", "orders.ipynb", "30 6 * * 1-5")]


def decide(page: Any) -> None:
    """Make a dead cell live by an edit, another one a result, and give a stage a name."""
    page.page.locator(".jp-Notebook .jp-Cell").nth(6).locator(".cm-content").click()
    page.page.keyboard.press("Control+End")
    page.page.keyboard.type("\nopen('unused.json', 'w').write(str(unused))")
    page.becomes(5, "live")

    page.page.locator(".jp-Notebook .jp-Cell").nth(4).locator(".jp-InputPrompt").click()
    page.tab("summary")
    page.page.get_by_role("group", name="Decide about this cell").get_by_role("button", name="Result").click()
    page.becomes(4, "result")

    page.tab("plan")
    page.page.locator(".jp-nb2prod-stages summary").first.click()
    name = page.page.locator(".jp-nb2prod-stages input[name=stage]").first
    name.fill("keep_big")
    name.press("Enter")
    page.page.locator(".jp-nb2prod-signature", has_text="keep_big(").wait_for()
    assert accessible(page, "#nb2prod-panel") == []
    page.picture("plan")


def convert(page: Any, lab: Any) -> None:
    """Look at what would be written, convert, and find the run again in a window that is opened anew."""
    page.tab("files")
    page.page.get_by_role("button", name="Preview every file").click()
    page.page.locator(".jp-nb2prod-files").get_by_role("button", name="src/orders/pipeline.py").click()
    page.page.wait_for_selector(".jp-nb2prod-diff .cm-line")
    page.picture("preview")
    assert not (lab.root / "orders").exists()

    page.convert()
    page.page.wait_for_selector(".jp-nb2prod-steps li[aria-current=step]")
    page.page.reload()
    page.page.wait_for_selector("#jupyterlab-splash", state="detached")
    page.page.wait_for_selector(".jp-nb2prod-badge")
    page.panel()
    page.tab("run")
    run = page.ended("convert", "done")
    assert "SAME" in run.inner_text()
    page.picture("same")
    run.get_by_role("button", name="Side by side").click()
    both = [cell.bounding_box() for cell in page.page.locator(".jp-nb2prod-sides > tbody > tr").first.locator("> td").all()]
    assert len(both) == 2 and both[0]["y"] == both[1]["y"] and both[0]["x"] + both[0]["width"] <= both[1]["x"] + 1
    assert accessible(page, ".jp-nb2prod-page") == []
    page.picture("sides")
    page.page.locator(".lm-TabBar-tab", has_text="orders.ipynb").first.click()
    sources = [path.read_text(encoding="utf-8") for path in (lab.root / "orders" / "src").rglob("*.py")]
    assert any("def keep_big(" in source for source in sources)
    assert json.loads((lab.root / "orders" / "nb2prod.json").read_text(encoding="utf-8"))["verdict"] == "same"
    assert '"result"' in (lab.root / "orders.ipynb").read_text(encoding="utf-8")  # the tag was saved with the notebook


def test_from_badges_to_a_scheduled_proved_package(page: Any, lab: Any) -> None:
    write_notebook(lab.root / "orders.ipynb", *CELLS)
    page.open("orders.ipynb")
    page.becomes(5, "dead")
    assert (page.kind(4), page.kind(6)) == ("dead", "result")
    assert "nothing kept uses" in page.badge(5).get_attribute("aria-label")
    assert page.page.locator(".cm-line.jp-nb2prod-dead").count() == 2
    page.picture("badges")
    assert accessible(page, "#nb2prod-panel") == []
    decide(page)
    convert(page, lab)
    use_the_project(page, lab)
    assert accessible(page, "#nb2prod-panel") == []


def test_every_tab_can_be_used_in_the_dark(page: Any, lab: Any) -> None:
    page.open("customer_churn.ipynb")
    for theme in ("Dark", "Light"):
        page.page.evaluate(
            "name => window.jupyterapp ? window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}) : null",
            f"JupyterLab {theme}",
        )
        for tab in ("summary", "graph", "parameters", "plan", "files", "run"):
            page.tab(tab)
            if tab == "graph":
                page.page.wait_for_selector(".jp-nb2prod-graph g[role=button]")
            if tab == "plan":
                page.page.wait_for_selector(".jp-nb2prod-stages li")
            page.picture(f"{theme.lower()}-{tab}")
            assert accessible(page, "#nb2prod-panel") == []
    page.tab("graph")
    node = page.page.locator(".jp-nb2prod-graph g[role=button]").first
    node.focus()
    page.page.keyboard.press("Enter")
    assert (
        page.page.locator(f".jp-Notebook .jp-Cell >> nth={node.get_attribute('data-cell')}").get_attribute("class").find("jp-mod-active")
        > 0
    )


def test_failures_are_told_and_leave_nothing_behind(page: Any, lab: Any) -> None:
    write_notebook(lab.root / "slow.ipynb", "import time\ntime.sleep(120)\nprint('done')")
    (lab.root / "theirs").mkdir()
    (lab.root / "theirs" / "work.txt").write_text("mine", encoding="utf-8")
    page.open("slow.ipynb")
    page.convert(folder="theirs")
    assert "was not made by nb2prod" in page.ended("convert", "failed").inner_text()
    page.page.get_by_role("button", name="Choose another folder…").first.wait_for()
    page.page.locator("#nb2prod-panel").screenshot(path=str(page.pictures / "exists.png"))

    page.convert(folder="made")
    page.page.get_by_role("button", name="Cancel").click()
    assert "cancelled" in page.ended("convert", "cancelled").inner_text()
    assert not (lab.root / "made").exists()
    assert sorted(path.name for path in (lab.root / "theirs").iterdir()) == ["work.txt"]

    page.page.locator(".jp-Notebook .jp-Cell").first.locator(".cm-content").click()
    page.page.keyboard.press("Control+End")
    page.page.keyboard.type("\ndef f(:")
    page.becomes(0, "error")
    page.convert(folder="made")
    page.page.locator(".jp-nb2prod-run").first.get_by_role("alert").wait_for()
    assert "cannot be converted" in page.page.locator(".jp-nb2prod-run").first.inner_text()
    shutil.rmtree(lab.root / "theirs")


def test_a_server_that_is_gone_is_told(page: Any, lab: Any) -> None:
    write_notebook(lab.root / "gone.ipynb", "a = 1", "print(a)")
    page.open("gone.ipynb")
    page.page.route("**/nb2prod/**", lambda route: route.abort())
    page.page.locator(".jp-Notebook .jp-Cell").first.locator(".cm-content").click()
    page.page.keyboard.type("b = 2\n")
    page.page.get_by_text("The server does not answer. What is shown is from before").wait_for()
    page.page.unroute("**/nb2prod/**")
    page.page.get_by_text("The server does not answer. What is shown is from before").wait_for(state="detached")
