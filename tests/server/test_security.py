"""What the server must never do: answer strangers, leave its root, run or import what is in a notebook."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from notebook_files import write_notebook
from tornado.httpclient import HTTPClientError

from nb2prod.server.handlers import ROUTES, Handler, description

VERBS = ("get", "post", "put", "patch", "delete", "head")
JOB = "0" * 32


def offered() -> list[tuple[str, str]]:
    """Every verb of every route of ours."""
    found = []
    for route, handler in ROUTES:
        own = [verb for verb in VERBS if verb in vars(handler)]
        found += [(verb.upper(), route.replace("([0-9a-f]{32})", JOB)) for verb in own]
    return found


def test_the_description_names_every_route_and_verb() -> None:
    told = {
        (verb.upper(), path.removeprefix("/nb2prod/").replace("{id}", JOB))
        for path, verbs in description()["paths"].items()
        for verb in verbs
        if verb in VERBS
    }
    assert told == set(offered())


async def answer_code(fetch: Any, verb: str, route: str, **more: Any) -> int:
    body = {"body": "{}"} if verb == "POST" else {}
    try:
        return int((await fetch("nb2prod", *route.split("/"), method=verb, **body, **more)).code)
    except HTTPClientError as error:
        return int(error.code)


async def test_nobody_is_answered_without_the_token(jp_fetch: Any, jp_serverapp: Any) -> None:
    codes = {
        (verb, route): await answer_code(jp_fetch, verb, route, headers={"Authorization": "token wrong"}, follow_redirects=False)
        for verb, route in offered()
    }
    assert codes == {key: 403 for key in offered()}
    assert all(issubclass(handler, Handler) and handler.auth_resource == "nb2prod" for _, handler in ROUTES)


class Reader(Authorizer):
    """May look, and nothing else."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


class OnlyOurs(Authorizer):
    """May do anything with nb2prod, and nothing with contents and kernels."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource == "nb2prod"


@pytest.mark.parametrize("authorizer", [Reader, OnlyOurs])
async def test_who_may_only_look_can_start_nothing(authorizer: type, server: Any, notebook: Path, jp_serverapp: Any) -> None:
    jp_serverapp.web_app.settings["authorizer"] = authorizer(parent=jp_serverapp)
    jobs = (
        {"kind": "convert", "path": "shop/orders.ipynb"},
        {"kind": "test", "folder": "shop/orders"},
        {"kind": "run", "folder": "shop/orders"},
        {"kind": "verify", "folder": "shop/orders"},
        {"kind": "schedule", "folder": "shop/orders", "targets": ["cron"]},
    )
    assert [(await server.refused("POST", "jobs", data=job))[0] for job in jobs] == [403] * 5
    if authorizer is Reader:
        assert (await server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"}))["cells"] != []
        assert (await server.refused("DELETE", "jobs", JOB))[0] == 403
    else:
        assert (await server.refused("POST", "analysis", data={"path": "shop/orders.ipynb"}))[0] == 403


async def test_no_path_leads_out_of_the_root_or_to_what_is_hidden(server: Any, notebook: Path, jp_root_dir: Path) -> None:
    outside = jp_root_dir.parent / "outside"
    outside.mkdir()
    write_notebook(outside / "secret.ipynb", "password = 'hunter2'")
    (jp_root_dir / "link").symlink_to(outside)
    (jp_root_dir / ".hidden").mkdir()
    write_notebook(jp_root_dir / ".hidden" / "a.ipynb", "a = 1")
    for path in ("../outside/secret.ipynb", "/../outside/secret.ipynb", "shop/../../outside/secret.ipynb", str(outside / "secret.ipynb")):
        assert (await server.refused("POST", "analysis", data={"path": path}))[0] == 404
        assert (await server.refused("POST", "jobs", data={"kind": "convert", "path": path}))[0] == 404
    assert (await server.refused("POST", "analysis", data={"path": ".hidden/a.ipynb"}))[0] == 404
    for folder in ("../outside/made", "link/made", "link", ".hidden/made", "shop/.made", "/", ".", "shop/.."):
        job = {"kind": "convert", "path": "shop/orders.ipynb", "folder": folder, "options": {"run": False}}
        assert (await server.refused("POST", "jobs", data=job))[0] in (403, 404)
        assert (await server.refused("POST", "jobs", data={"kind": "test", "folder": folder}))[0] in (403, 404)
    assert sorted(path.name for path in outside.iterdir()) == ["secret.ipynb"]
    assert (await server.ask("GET", "jobs"))["jobs"] == []


async def test_a_notebook_reached_by_a_link_is_not_written_beside(server: Any, notebook: Path, jp_root_dir: Path) -> None:
    outside = jp_root_dir.parent / "outside"
    outside.mkdir()
    write_notebook(outside / "far.ipynb", "print(1 + 1)")
    (jp_root_dir / "link").symlink_to(outside)
    job = await server.ask("POST", "jobs", data={"kind": "convert", "path": "link/far.ipynb", "options": {"run": False}})
    await server.events(job["id"])
    told = await server.ask("GET", "jobs", job["id"])
    assert (told["state"], told["error"]["kind"]) == ("failed", "ChoiceError")
    assert sorted(path.name for path in outside.iterdir()) == ["far.ipynb"]


async def test_a_hostile_notebook_does_nothing(server: Any, jp_root_dir: Path) -> None:
    proof = jp_root_dir / "proof.txt"
    evil = f"open({str(proof)!r}, 'a').write('ran')\n"
    for module in ("nbformat", "json", "sitecustomize", "usercustomize", "nb2prod", "evil", "click", "ast"):
        (jp_root_dir / f"{module}.py").write_text(evil, encoding="utf-8")
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# <script>alert(1)</script> <img src=x onerror=alert(1)>"},
        {"cell_type": "code", "metadata": {"tags": ["<b>x</b>"]}, "outputs": [], "source": f"import evil, nbformat\n{evil}"},
        {
            "cell_type": "code",
            "metadata": {},
            "source": "%run evil.py\nx = '<script>alert(2)</script>'\nx",
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>alert(3)</script>"}}],
        },
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": "!touch proof.txt\n%%bash\ntouch proof.txt"},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": "(" * 300 + "1" + ")" * 300},
    ]
    content = {"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    (jp_root_dir / "bad.ipynb").write_text(json.dumps(content), encoding="utf-8")
    answer = await server.ask("POST", "analysis", data={"path": "bad.ipynb", "content": content, "plan": True})
    assert len(answer["cells"]) == 4
    for kind in ("analysis", "preview"):
        try:
            await server.ask("POST", kind, data={"path": "bad.ipynb"})
        except HTTPClientError as error:
            assert error.code == 422
    assert not proof.exists()


async def test_questions_do_not_wait_for_each_other_for_ever(server: Any, notebook: Path, jp_serverapp: Any) -> None:
    asked = [server.ask("POST", "analysis", data={"path": "shop/orders.ipynb"}) for _ in range(5)]
    answers = await asyncio.wait_for(asyncio.gather(*asked), 60)
    assert all(answer == answers[0] for answer in answers)
