"""A real Jupyter server with our extension, one for each test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from notebook_files import write_notebook
from pytest_jupyter.jupyter_server import *  # noqa: F403  # its fixtures, and the hook that runs async tests
from tornado.httpclient import HTTPClientError

from nb2prod.server.handlers import description

WORDS = ("openapi.json", "status", "analysis", "preview", "project", "jobs", "events")
CELLS = (
    "import json",
    "LIMIT = 3\nrows = [1, 2, 3, 4]",
    "rows[:2]",
    "big = [row for row in rows if row > LIMIT]\nprint(len(rows)); unused = 1",
    "with open('big.json', 'w') as file:\n    json.dump(big, file)",
)


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"nb2prod.server": True}, "allow_unauthenticated_access": False}}


@pytest.fixture
def notebook(jp_root_dir: Path) -> Path:
    """`shop/orders.ipynb` in the root folder."""
    (jp_root_dir / "shop").mkdir()
    return write_notebook(jp_root_dir / "shop" / "orders.ipynb", *CELLS)


def check(answer: Any, method: str, route: tuple[str, ...], code: str) -> None:
    """An answer is what the description says of it."""
    words = [word if word in WORDS else "{id}" for word in route]
    told = description()["paths"]["/".join(["/nb2prod", *words])][method.lower()]["responses"][code]
    schema = told["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": description()["components"]})


class Server:
    """The server as a client sees it: bodies and answers as data, refusals as their status and message."""

    def __init__(self, fetch: Any) -> None:
        self.fetch = fetch

    async def ask(self, method: str, *route: str, data: Any = None, **more: Any) -> Any:
        body = {"body": json.dumps(data)} if method == "POST" else {}
        answer = await self.fetch("nb2prod", *route, method=method, request_timeout=120, **body, **more)
        found = json.loads(answer.body)
        check(found, method, route, str(answer.code))
        return found

    async def refused(self, method: str, *route: str, data: Any = None, **more: Any) -> tuple[int, str]:
        with pytest.raises(HTTPClientError) as caught:
            await self.ask(method, *route, data=data, **more)
        assert caught.value.response is not None
        return caught.value.code, json.loads(caught.value.response.body)["message"]

    async def events(self, id: str, **more: Any) -> list[tuple[int, str, Any]]:
        """All events of a job, once it is over."""
        answer = await self.fetch("nb2prod", "jobs", id, "events", method="GET", request_timeout=300, **more)
        assert answer.headers["Content-Type"] == "text/event-stream"
        parts = [dict(line.split(": ", 1) for line in part.splitlines()) for part in answer.body.decode().split("\n\n") if part[:2] == "id"]
        return [(int(part["id"]), part["event"], json.loads(part["data"])) for part in parts]


@pytest.fixture
def server(jp_fetch: Any, jp_serverapp: Any, jp_asyncio_loop: Any) -> Iterator[Server]:
    yield Server(jp_fetch)
    shared = jp_serverapp.web_app.settings["nb2prod"]
    for job in shared["jobs"].known.values():
        jp_asyncio_loop.run_until_complete(shared["jobs"].cancel(job))
    for analyst in shared["analysts"]:
        jp_asyncio_loop.run_until_complete(analyst.end())
