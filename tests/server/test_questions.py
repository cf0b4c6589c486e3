"""Questions about live notebooks: answered as the command line would, with nothing run and nothing written."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from nb2prod.server.handlers import description
from nb2prod.server.process import OUTDATED


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


async def test_an_analysis_says_what_the_command_line_says(server: Any, notebook: Path) -> None:
    answer = await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb", "plan": True})
    command = [sys.executable, "-m", "nb2prod", "analyze", str(notebook), "--format", "json"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert {name: answer[name] for name in ("cells", "parameters", "diagnostics", "character")} == {
        name: told[name] for name in ("cells", "parameters", "diagnostics", "character")
    }
    assert [(result["name"], result["why"]) for result in answer["results"]] == [
        (result["name"], result["why"]) for result in told["results"]
    ]
    assert answer["notebook"]["path"] == "orders.ipynb"
    assert {"from": 1, "to": 3, "through": ["`rows`", "`LIMIT`"]} in [
        {**edge, "through": sorted(edge["through"], reverse=True)} for edge in answer["edges"]
    ]
    assert [stage["name"] for stage in answer["plan"]["stages"]] != []


async def test_what_is_in_the_editor_goes_before_what_is_saved(server: Any, notebook: Path) -> None:
    before = notebook.read_bytes()
    content = json.loads(before)
    content["cells"][3]["source"] += "\nopen('unused.txt', 'w').write(str(unused))"
    saved = await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"})
    live = await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb", "content": content})
    assert [statement["live"] for statement in saved["cells"][3]["statements"]] == [True, False, False]
    assert [statement["live"] for statement in live["cells"][3]["statements"]] == [True, False, True, True]
    assert live["plan"] is None
    assert notebook.read_bytes() == before


async def test_tags_are_heeded(server: Any, notebook: Path) -> None:
    content = json.loads(notebook.read_bytes())
    content["cells"][2]["metadata"]["tags"] = ["result"]
    answer = await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb", "content": content})
    assert answer["cells"][2]["verdict"] == "live"


async def test_a_preview_shows_every_file_beside_what_is_there_and_writes_none(server: Any, notebook: Path, jp_root_dir: Path) -> None:
    (notebook.parent / "orders").mkdir()
    (notebook.parent / "orders" / "README.md").write_text("mine\n", encoding="utf-8")
    before = files_below(jp_root_dir)
    answer = await server.ask("POST", "preview", data={"path": "shop/orders.ipynb", "folder": "shop/orders"})
    files = {file["path"]: file for file in answer["files"]}
    assert (answer["package"], answer["folder"]) == ("orders", "shop/orders")
    assert {"nb2prod.json", "src/orders/pipeline.py", "jobs/job.toml"} <= set(files)
    assert (files["README.md"]["state"], files["README.md"]["old"]) == ("changed", "mine\n")
    assert (files["nb2prod.json"]["state"], files["nb2prod.json"]["old"]) == ("new", None)
    assert files_below(jp_root_dir) == before


async def test_trouble_with_a_notebook_is_told_with_what_to_do_next(server: Any, notebook: Path, jp_root_dir: Path) -> None:
    broken = {"cells": [{"cell_type": "code", "source": "def f(:", "metadata": {}, "outputs": []}], "nbformat": 4, "metadata": {}}
    answer = await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb", "content": broken, "plan": True})
    assert [(finding["cell"], finding["severity"]) for finding in answer["diagnostics"]] == [(0, "error")]
    assert answer["plan"] is None
    assert (await server.refused("POST", "preview", data={"path": "shop/orders.ipynb", "content": broken}))[0] == 422
    other = {"cells": [], "nbformat": 4, "metadata": {"kernelspec": {"name": "ir", "language": "R"}}}
    status, message = await server.refused("POST", "analysis", data={"path": "shop/orders.ipynb", "content": other})
    assert status == 422 and "shop/orders.ipynb" in message and str(jp_root_dir) not in message
    again = await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"})
    assert len(again["cells"]) == 5


async def test_a_body_that_is_not_what_the_description_says_is_refused(server: Any, notebook: Path) -> None:
    path = "shop/orders.ipynb"
    assert await server.refused("POST", "analysis", data={"pth": path}) == (
        400,
        "the request: Additional properties are not allowed ('pth' was unexpected)",
    )
    assert (await server.refused("GET", "project", params={"folder": "a" * 300}))[0] == 404
    assert (await server.refused("POST", "preview", data={"path": path, "folder": "a" * 300}))[0] == 404
    for data in ({"path": 3}, {}, [], {"path": path, "content": {"cells": [3]}}, {"path": path, "options": {"python": "/bin/sh"}}):
        assert (await server.refused("POST", "analysis", data=data))[0] == 400
    assert (await server.refused("POST", "analysis", data={"path": "shop/none.ipynb"}))[0] == 404
    assert (await server.refused("POST", "preview", data={"path": path, "options": {"target": ["nowhere"]}}))[0] == 422


async def test_the_status_and_the_description_are_given(server: Any) -> None:
    status = await server.ask("GET", "status")
    assert [target["name"] for target in status["targets"]][0] == "cron" and status["files"] is True
    assert await server.ask("GET", "openapi.json") == description()


def chain(cells: int) -> dict[str, Any]:
    """A notebook in which each cell needs the one before."""
    sources = ["y0 = 1", *(f"x = y{number - 1} + 1\nz = x + 1\ny{number} = z + x" for number in range(1, cells)), f"print(y{cells - 1})"]
    listed = [{"cell_type": "code", "id": f"c{at}", "source": text, "metadata": {}, "outputs": []} for at, text in enumerate(sources)]
    return {"cells": listed, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}


@pytest.mark.skipif(OUTDATED is None, reason="this system has no signals a worker could be told by")
async def test_a_question_that_nobody_waits_for_any_more_is_given_up(server: Any, jp_serverapp: Any, notebook: Path) -> None:
    small = {"path": "shop/orders.ipynb"}
    await server.ask("POST", "analysis", data=small)
    analyst = jp_serverapp.web_app.settings["nb2prod"]["analysts"][0]
    worker = analyst.process.pid
    long = json.dumps({**small, "content": chain(4_900)})  # longer than a worker is given to stop
    with pytest.raises(HTTPClientError, match="Timeout"):
        await server.fetch("nb2prod", "analysis", method="POST", body=long, request_timeout=1.5)
    assert len((await server.ask("POST", "analysis", data=small))["cells"]) == 5
    assert analyst.process.pid == worker


async def test_a_worker_that_starts_is_kept_for_the_next_question(server: Any, jp_serverapp: Any, notebook: Path) -> None:
    analyst = jp_serverapp.web_app.settings["nb2prod"]["analysts"][0]
    given_up = asyncio.ensure_future(analyst.ask({"task": "analysis"}))
    while analyst.process is None:
        await asyncio.sleep(0.01)
    worker = analyst.process.pid
    given_up.cancel()
    assert len((await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"}))["cells"]) == 5
    assert analyst.process.pid == worker


async def test_a_worker_that_does_not_start_is_told_of_and_the_next_one_tried(
    server: Any, jp_serverapp: Any, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nb2prod.server.analyst.WORKER", "nb2prod.not_there")
    status, message = await server.refused("POST", "analysis", data={"path": "shop/orders.ipynb"})
    assert (status, message) == (503, "the process that looks at notebooks does not start: ConnectionError")
    monkeypatch.undo()
    assert len((await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"}))["cells"]) == 5


async def test_a_notebook_that_takes_too_long_to_look_at_is_told_with_what_to_do(server: Any, jp_serverapp: Any, notebook: Path) -> None:
    limits = jp_serverapp.web_app.settings["nb2prod"]["limits"]
    await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"})
    limits.analysis_seconds = 1.0
    told = await server.refused("POST", "analysis", data={"path": "shop/orders.ipynb", "content": chain(4_000)})
    assert told == (503, "this notebook takes longer than 1 seconds to look at, so nothing is shown of it")
    limits.analysis_seconds = 30.0
    assert len((await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"}))["cells"]) == 5


async def test_an_answer_says_what_it_took(server: Any, notebook: Path) -> None:
    answer = await server.fetch("nb2prod", "analysis", method="POST", body=json.dumps({"path": "shop/orders.ipynb"}))
    spent = dict(re.findall(r"(\w+);dur=([\d.]+)", answer.headers["Server-Timing"]))
    assert list(spent) == ["queue", "exchange", "work", "all"]
    assert 0 < float(spent["work"]) <= float(spent["exchange"]) <= float(spent["all"])
