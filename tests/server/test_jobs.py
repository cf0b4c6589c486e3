"""Jobs: queued, run in processes of their own, heard live and again, cancelled without a trace."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook

from nb2prod.server.extension import own_folder

STATIC = {"kind": "convert", "path": "shop/orders.ipynb", "options": {"run": False}}


async def until(condition: Any, seconds: float = 30) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen in time")


async def test_a_project_is_written_scheduled_and_looked_at_again(server: Any, notebook: Path) -> None:
    job = await server.ask("POST", "jobs", data=STATIC)
    assert (job["state"], job["title"]) == ("queued", "convert shop/orders.ipynb")
    events = await server.events(job["id"])
    assert [name for _, name, _ in events[:3]] == ["state", "state", "step"] and events[-1][1:] == ("end", "done")
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert await server.events(job["id"], headers={"Last-Event-ID": "2"}) == events[2:]
    assert await server.events(job["id"], params={"after": str(len(events))}) == []
    assert await server.events(job["id"], params={"after": "1", "once": "1"}) == events[1:]
    for odd in ("-1", "\u00b2", "1e3", "9" * 5000):
        assert (await server.refused("GET", "jobs", job["id"], "events", params={"after": odd}))[0] == 400
    assert (await server.ask("GET", "jobs"))["jobs"][0]["asked"] == {"kind": "convert", "path": "shop/orders.ipynb"}
    result = (await server.ask("GET", "jobs", job["id"]))["result"]
    assert (result["folder"], result["verdict"], result["manifest"]["package"]) == ("shop/orders", None, "orders")
    assert all((notebook.parent / "orders" / path).is_file() for path in result["files"])

    asked = {"kind": "schedule", "folder": "shop/orders", "targets": ["cron"], "cron": "30 6 * * 1-5", "timezone": "Europe/Berlin"}
    job = await server.ask("POST", "jobs", data=asked)
    await server.events(job["id"])
    result = (await server.ask("GET", "jobs", job["id"]))["result"]
    assert (result["code"], result["job"]["schedules"]) == (0, [{"cron": "30 6 * * 1-5", "timezone": "Europe/Berlin"}])
    assert "30 6 * * 1-5" in (notebook.parent / "orders" / result["files"][0]).read_text(encoding="utf-8")
    project = (await server.ask("GET", "project", params={"folder": "shop/orders"}))["project"]
    assert (project["folder"], project["job"]["schedules"][0]["cron"]) == ("shop/orders", "30 6 * * 1-5")
    assert await server.ask("GET", "project", params={"folder": "shop"}) == {"project": None}
    (notebook.parent / "orders" / "nb2prod.json").write_text("{", encoding="utf-8")
    assert (await server.refused("GET", "project", params={"folder": "shop/orders"}))[0] == 422


async def test_what_cannot_be_done_is_told_with_what_to_do_next(server: Any, notebook: Path, jp_root_dir: Path) -> None:
    (jp_root_dir / "theirs").mkdir()
    (jp_root_dir / "theirs" / "work.txt").write_text("mine", encoding="utf-8")
    (jp_root_dir / "bad.ipynb").write_text("{", encoding="utf-8")
    write_notebook(jp_root_dir / "broken.ipynb", "def f(:")
    asked = {
        "SaveError": {**STATIC, "folder": "theirs"},
        "ReadError": {"kind": "convert", "path": "bad.ipynb"},
        "NotebookError": {"kind": "convert", "path": "broken.ipynb"},
        "ReadError of a folder": {"kind": "schedule", "folder": "nowhere", "targets": ["cron"]},
        "ReadError of another": {"kind": "verify", "folder": "theirs"},
        "ChoiceError": {"kind": "convert", "path": "shop/orders.ipynb", "options": {"timezone": "Europe/Berlin"}},
    }
    for kind, data in asked.items():
        job = await server.ask("POST", "jobs", data=data)
        events = await server.events(job["id"])
        told = await server.ask("GET", "jobs", job["id"])
        assert (events[-1][2], told["state"], told["result"], told["error"]["kind"]) == ("failed", "failed", None, kind.split()[0])
        assert told["error"]["hint"] and str(jp_root_dir) not in json.dumps(told["error"])
    assert sorted(path.name for path in jp_root_dir.iterdir()) == ["bad.ipynb", "broken.ipynb", "shop", "theirs"]
    assert sorted(path.name for path in (jp_root_dir / "theirs").iterdir()) == ["work.txt"]


async def test_bad_requests_are_refused_before_anything_starts(server: Any, notebook: Path) -> None:
    bad = (
        {},
        {"kind": "shell"},
        {"kind": "test"},
        {**STATIC, "options": {"env": ["A=1"]}},
        {"kind": "schedule", "folder": "a", "targets": []},
    )
    assert [(await server.refused("POST", "jobs", data=data))[0] for data in bad] == [400] * 5
    assert (await server.refused("POST", "jobs", data={"kind": "convert", "path": "none.ipynb"}))[0] == 404
    for data in ({**STATIC, "folder": "a" * 300}, {"kind": "test", "folder": "b/" + "ä" * 130}):
        assert (await server.refused("POST", "jobs", data=data))[0] == 404
    unknown = uuid.uuid4().hex
    assert (await server.refused("GET", "jobs", unknown))[0] == 404
    assert (await server.refused("GET", "jobs", unknown, "events"))[0] == 404
    assert (await server.refused("DELETE", "jobs", unknown))[0] == 404
    assert (await server.ask("GET", "jobs"))["jobs"] == []


@pytest.mark.slow
async def test_a_cancelled_conversion_leaves_no_process_and_no_file(server: Any, jp_root_dir: Path) -> None:
    mark = uuid.uuid4().hex
    cells = (
        f"mark = {mark!r}",
        "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', f'import time; time.sleep(60)  # {mark}'])",
    )
    write_notebook(jp_root_dir / "long.ipynb", *cells, "time.sleep(60)\nprint('done')")
    job = await server.ask("POST", "jobs", data={"kind": "convert", "path": "long.ipynb"})
    await until(lambda: marked(mark))
    told = await server.ask("DELETE", "jobs", job["id"])
    assert (told["state"], told["result"]) == ("cancelled", None)
    assert (await server.events(job["id"]))[-1][1:] == ("end", "cancelled")
    await until(lambda: not marked(mark))
    assert sorted(path.name for path in jp_root_dir.iterdir()) == ["long.ipynb"]
    assert (await server.ask("DELETE", "jobs", job["id"]))["state"] == "cancelled"


def marked(mark: str) -> list[str]:
    """Processes whose command line has this word in it."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            found += [entry] if mark.encode() in Path("/proc", entry, "cmdline").read_bytes() else []
        except OSError:
            continue
    return found


@pytest.mark.slow
async def test_so_many_jobs_run_so_many_wait_and_more_are_refused(server: Any, notebook: Path, jp_serverapp: Any) -> None:
    limits = jp_serverapp.web_app.settings["nb2prod"]["limits"]
    limits.waiting = 1
    jobs = [await server.ask("POST", "jobs", data=STATIC) for _ in range(limits.running + 1)]
    assert await server.refused("POST", "jobs", data=STATIC) == (429, "too many jobs are waiting; cancel one or wait for one to end")
    await until(lambda: True)
    told = {job["id"]: job["state"] for job in (await server.ask("GET", "jobs"))["jobs"]}
    assert [told[job["id"]] for job in jobs][-1] == "queued"
    assert (await server.ask("DELETE", "jobs", jobs[-1]["id"]))["state"] == "cancelled"
    for job in jobs[:-1]:
        await server.events(job["id"])


@pytest.mark.slow
async def test_a_proved_package_runs_its_tests_and_takes_other_parameters(server: Any, notebook: Path) -> None:
    job = await server.ask("POST", "jobs", data={"kind": "convert", "path": "shop/orders.ipynb", "folder": "shop/made"})
    await server.events(job["id"])
    result = (await server.ask("GET", "jobs", job["id"]))["result"]
    assert (result["verdict"]["outcome"], {one["outcome"] for one in result["verdict"]["comparisons"]}) == ("same", {"same"})

    job = await server.ask("POST", "jobs", data={"kind": "test", "folder": "shop/made"})
    lines = [data for _, name, data in await server.events(job["id"]) if name == "line"]
    assert (await server.ask("GET", "jobs", job["id"]))["result"] == {"code": 0}
    assert " passed" in lines[-1]

    asked = {"kind": "run", "folder": "shop/made", "path": "shop/orders.ipynb", "parameters": {"limit": 1}, "notebook": True}
    job = await server.ask("POST", "jobs", data=asked)
    await server.events(job["id"])
    result = (await server.ask("GET", "jobs", job["id"]))["result"]
    assert result == {"code": 0, "output": "shop/made/notebooks/made.out.ipynb".replace("made.out", "orders.out")}
    assert json.loads((notebook.parent / "big.json").read_text(encoding="utf-8")) == [2, 3, 4]

    job = await server.ask("POST", "jobs", data={**asked, "parameters": {"limt": 1}})
    await server.events(job["id"])
    error = (await server.ask("GET", "jobs", job["id"]))["error"]
    assert (error["message"], error["hint"]) == ("unknown parameter `limt`", "did you mean limit?")

    job = await server.ask("POST", "jobs", data={"kind": "verify", "folder": "shop/made"})
    await server.events(job["id"])
    assert (await server.ask("GET", "jobs", job["id"]))["result"]["manifest"]["verdict"] == "same"


def test_a_server_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    made = f"from pathlib import Path; from nb2prod.server.extension import own_folder; print(own_folder(Path({str(tmp_path)!r})))"
    left = Path(subprocess.run([sys.executable, "-c", made], capture_output=True, check=True, encoding="utf-8").stdout.strip())
    (left / "jobs").mkdir()
    own = own_folder(tmp_path)
    assert own_folder(tmp_path) != own and own.is_dir() and not left.exists()
