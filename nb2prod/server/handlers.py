"""Requests -> answers: every verb authenticated and authorised, every body checked against `openapi.json`, every place checked by `places`.

GET nb2prod/status without a token    ->   403
POST nb2prod/analysis {"pth": ...}    ->   400 {"message": "the request has an unknown field pth", ...}
DELETE nb2prod/jobs/ID                ->   200 {"state": "cancelled", ...}
"""

from __future__ import annotations

import asyncio
import json
import re
from functools import cache
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from nb2prod.server.analyst import Answer, Trouble
from nb2prod.server.jobs import Event, Job, TooMany

DESCRIPTION = Path(__file__).with_name("openapi.json")
NUMBER = re.compile(r"[0-9]{1,15}")
PAUSE = 15.0  # seconds after which a silent stream says that it is still there
# What each kind of trouble is in HTTP; a bug of ours is 500.
STATUS = {
    "ReadError": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ChoiceError": HTTPStatus.UNPROCESSABLE_ENTITY,
    "NotebookError": HTTPStatus.UNPROCESSABLE_ENTITY,
    "KnowledgeError": HTTPStatus.UNPROCESSABLE_ENTITY,
    "RunError": HTTPStatus.UNPROCESSABLE_ENTITY,
    "SaveError": HTTPStatus.CONFLICT,
    "Limit": HTTPStatus.SERVICE_UNAVAILABLE,
}
# What a user must be allowed to do with "nb2prod" and with "contents" to start a job.
RIGHTS = {
    "convert": (("execute", "nb2prod"), ("execute", "kernels"), ("write", "contents")),
    "verify": (("execute", "nb2prod"), ("execute", "kernels"), ("write", "contents")),
    "run": (("execute", "nb2prod"), ("execute", "kernels"), ("write", "contents")),
    "test": (("execute", "nb2prod"), ("execute", "kernels")),
    "schedule": (("write", "contents"),),
}


@cache
def description() -> dict[str, Any]:
    """The OpenAPI description."""
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return found


@cache
def validator(schema: str) -> Any:
    """What checks data against one of the schemas of the description; making one takes as long as checking a notebook."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": description()["components"]}
    return jsonschema.validators.validator_for(whole)(whole)


class Handler(APIHandler):
    """What all our handlers share."""

    auth_resource = "nb2prod"

    def initialize(self, shared: dict[str, Any]) -> None:
        self.places, self.analysts = shared["places"], shared["analysts"]
        self.jobs, self.limits = shared["jobs"], shared["limits"]

    def body(self, schema: str) -> dict[str, Any]:
        """The request's body, once it is what its schema says. Raises `HTTPError` 400."""
        if len(self.request.body) > self.limits.notebook_bytes:
            raise HTTPError(413, f"the request is larger than {self.limits.notebook_bytes} bytes")
        try:
            data = json.loads(self.request.body)
            validator(schema).validate(data)
        except (ValueError, RecursionError) as error:
            raise HTTPError(400, "the request is not JSON") from error
        except jsonschema.ValidationError as error:
            where = ".".join(str(part) for part in error.absolute_path) or "the request"
            raise HTTPError(400, f"{where}: {error.message[:200]}") from error
        checked: dict[str, Any] = data
        return checked

    async def check_right(self, action: str, resource: str) -> None:
        """Raises `HTTPError` 403 unless this user may do that."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, resource)):
            raise HTTPError(403, f"you may not {action} {resource} on this server")

    def refuse(self, trouble: dict[str, Any]) -> None:
        """Answer with what went wrong, for people."""
        self.set_status(STATUS.get(trouble["kind"], HTTPStatus.INTERNAL_SERVER_ERROR))
        self.finish(json.dumps(self.plain(trouble)))

    def plain(self, trouble: dict[str, Any] | None) -> dict[str, Any] | None:
        """What went wrong, with no path that tells where the root lies."""
        if trouble is None:
            return None
        return {**trouble, "message": self.places.told(trouble["message"]), "hint": self.places.told(trouble["hint"])}

    def write_error(self, status_code: int, **details: Any) -> None:
        """What went wrong as data, without a traceback."""
        error = details.get("exc_info", (None, None))[1]
        message = (error.log_message or error.reason) if isinstance(error, HTTPError) else None
        self.set_header("Content-Type", "application/json")
        told: dict[str, Any] = {"kind": "Refused", "message": message or HTTPStatus(status_code).phrase, "hint": "", "diagnostics": []}
        self.finish(json.dumps(self.plain(told)))

    def told(self, job: Job) -> dict[str, Any]:
        """A job as data for people."""
        return {**job.told(), "error": self.plain(job.error)}

    def job(self, id: str) -> Job:
        """The job with this id. Raises `HTTPError` 404."""
        if id not in self.jobs.known:
            raise HTTPError(404, "there is no such job; the server may have been started again")
        found: Job = self.jobs.known[id]
        return found


class DescriptionHandler(Handler):
    @authenticated
    @authorized
    def get(self) -> None:
        self.finish(json.dumps(description()))


class StatusHandler(Handler):
    @authenticated
    @authorized
    def get(self) -> None:
        from nb2prod.codegen.manifest import tool_version
        from nb2prod.targets import TARGETS

        targets = [
            {"name": one.name, "summary": one.summary, "expresses": sorted(feature.name for feature in one.expresses)}
            for one in TARGETS.values()
        ]
        scheduler = find_spec("jupyter_scheduler") is not None
        self.finish(
            json.dumps({"version": tool_version(), "targets": targets, "scheduler": scheduler, "files": self.places.root is not None})
        )


class QuestionHandler(Handler):
    """A question about a live notebook, answered by one of the analysts; given up when who asked has gone, as for a newer text."""

    task = ""
    question: asyncio.Future[Answer] | None = None
    left = False

    async def answer(self, analyst: int, **more: Any) -> None:
        asked = self.body(self.task.capitalize())
        await self.check_right("read", "contents")
        content = asked.get("content") or await self.places.notebook(asked["path"])
        source = await self.places.source(asked["path"], there=False)
        request = {**asked, "task": self.task, "path": str(source), "content": content, "root": str(self.places.root or ""), **more}
        if asked.get("folder"):
            request["folder"] = str(await self.places.folder(asked["folder"]))
        if self.left:
            return
        self.question = asyncio.ensure_future(self.analysts[analyst].ask(request))
        try:
            answer = await self.question
        except Trouble as trouble:
            return self.refuse(trouble.told)
        except asyncio.CancelledError:
            if self.left:
                return
            raise
        spent = {"queue": answer.waited, "exchange": answer.exchanged, "work": answer.worked, "all": self.request.request_time()}
        self.set_header("Server-Timing", ", ".join(f"{name};dur={1000 * seconds:.1f}" for name, seconds in spent.items()))
        self.finish(json.dumps(answer.found))

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.left = True
        if self.question is not None:
            self.question.cancel()


class AnalysisHandler(QuestionHandler):
    task = "analysis"

    @authenticated
    @authorized("read")
    async def post(self) -> None:
        await self.answer(1 if b'"plan": true' in self.request.body or b'"plan":true' in self.request.body else 0)


class PreviewHandler(QuestionHandler):
    task = "preview"

    @authenticated
    @authorized("read")
    async def post(self) -> None:
        await self.answer(1)


class ProjectHandler(Handler):
    @authenticated
    @authorized
    async def get(self) -> None:
        await self.check_right("read", "contents")
        folder = await self.places.folder(self.get_query_argument("folder"))
        try:
            answer = await self.analysts[0].ask({"task": "project", "folder": str(folder), "root": str(self.places.root)})
        except Trouble as trouble:
            return self.refuse(trouble.told)
        self.finish(json.dumps(answer.found))


class JobsHandler(Handler):
    @authenticated
    @authorized
    def get(self) -> None:
        self.finish(json.dumps({"jobs": [{**self.told(job), "result": None} for job in self.jobs.known.values()]}))

    @authenticated
    @authorized
    async def post(self) -> None:
        asked = self.body("Job")
        for action, resource in RIGHTS[asked["kind"]]:
            await self.check_right(action, resource)
        request = {**asked, "task": asked["kind"], "root": str(self.places.root or "")}
        if "path" in asked:
            request["path"] = str(await self.places.source(asked["path"]))
            request["where"] = str(Path(request["path"]).parent)
        if asked.get("folder"):
            request["folder"] = str(await self.places.folder(asked["folder"]))
            request.setdefault("where", str(Path(request["folder"]).parent))
        if self.places.root is None:
            raise HTTPError(501, "these contents are not files on this machine, so nothing can be written or run here")
        try:
            job = self.jobs.start(request, {name: asked[name] for name in ("kind", "path", "folder") if name in asked})
        except TooMany:
            raise HTTPError(429, "too many jobs are waiting; cancel one or wait for one to end") from None
        self.set_status(HTTPStatus.ACCEPTED)
        self.finish(json.dumps(self.told(job)))


class JobHandler(Handler):
    @authenticated
    @authorized
    def get(self, id: str) -> None:
        self.finish(json.dumps(self.told(self.job(id))))

    @authenticated
    @authorized
    async def delete(self, id: str) -> None:
        job = self.job(id)
        await self.jobs.cancel(job)
        self.finish(json.dumps(self.told(job)))


class EventsHandler(Handler):
    """Server-sent events: those after `Last-Event-ID` again, then live ones, until the job is over; with `once` only those there are now,
    for a browser has few connections to spare."""

    @authenticated
    @authorized
    async def get(self, id: str) -> None:
        job = self.job(id)
        heard = self.request.headers.get("Last-Event-ID") or self.get_query_argument("after", "0")
        if not NUMBER.fullmatch(heard):
            raise HTTPError(400, "Last-Event-ID is the number of an event")
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        if self.get_query_argument("once", ""):
            self.finish("".join(map(sent, job.since(int(heard)))), set_content_type="text/event-stream")
            return
        await self.flush()  # before the end of an empty answer makes JSON of it
        try:
            async for event in job.after(int(heard), PAUSE):
                self.write(sent(event) if event else ": still there\n\n")
                await self.flush()
        except StreamClosedError:  # who listened has gone; the job goes on
            return


def sent(event: Event) -> str:
    """An event as it goes over the wire."""
    return f"id: {event.number}\nevent: {event.name}\ndata: {json.dumps(event.data)}\n\n"


ROUTES = (
    ("openapi.json", DescriptionHandler),
    ("status", StatusHandler),
    ("analysis", AnalysisHandler),
    ("preview", PreviewHandler),
    ("project", ProjectHandler),
    ("jobs", JobsHandler),
    (r"jobs/([0-9a-f]{32})", JobHandler),
    (r"jobs/([0-9a-f]{32})/events", EventsHandler),
)
