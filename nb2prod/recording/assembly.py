"""The journal of a watched process -> a Recording.

{"event": "shown", "cell": 9, "rank": 1, "position": 0, ...}   ->   Recording(shown=(Shown(StatementId(9, 1), 0, "display", ...),))
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.recording import CUT, Environment, Failure, FilePicture, FileUse, Observation, Pin, Recording, Shown

Event = Mapping[str, Any]


def read_journal(path: Path) -> list[Event]:
    """The events in their order; a last line that a dying process did not finish is left out."""
    if not path.exists():
        return []
    events = []
    for line in path.read_bytes().split(b"\n"):
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


def assemble(notebook: Notebook, events: Iterable[Event], reason: str, seconds: float) -> Recording:
    """The recording that these events tell; `reason` is why the run did not come to its end (empty: it did)."""
    events = list(events)
    return Recording(
        ok=not reason,
        reason=reason,
        variables={event["name"]: event["picture"] for event in _of(events, "variable")},
        types={(_id(event), name): kind for event in _of(events, "types") for name, kind in event["types"].items()},
        shown=tuple(Shown(_id(event), event["position"], event["how"], event["picture"]) for event in _of(events, "shown")),
        stdout=_stdout(events),
        files=tuple(FilePicture(event["path"], event["size"], event["sha256"], event["content"]) for event in _of(events, "file")),
        reads=tuple(path for event in _of(events, "reads") for path in event["paths"]),
        failures=_failures(notebook, events),
        environment=_environment(events),
        observations=tuple(_observation(event) for event in _of(events, "observed")),
        seconds=seconds,
    )


def _of(events: Iterable[Event], kind: str) -> Any:
    return (event for event in events if event["event"] == kind)


def _id(event: Event) -> StatementId:
    return StatementId(event["cell"], event["rank"])


def _observation(event: Event) -> Observation:
    names = {
        name: tuple(event.get(name, ()))
        for name in ("bound", "changed", "inside", "deleted", "sampled", "ambient", "hosts", "commands", "warnings")
    }
    return Observation(
        _id(event),
        contents=event.get("contents", {}),
        shapes={name: tuple(shape) for name, shape in event.get("shapes", {}).items()},
        shared=tuple(tuple(group) for group in event.get("shared", ())),
        files=tuple(FileUse(path, how) for path, how in event.get("files", ())),
        seconds=event["seconds"],
        memory=event["memory"],
        **names,
    )


def _environment(events: list[Event]) -> Environment:
    told: Event = next(_of(events, "environment"), {})
    modules = {name: (title, version) for name, (title, version) in told.get("modules", {}).items()}
    pins = {title: Pin(version, tuple(needs)) for title, (version, needs) in told.get("pins", {}).items()}
    return Environment(told.get("python", ""), modules, pins)


def _stdout(events: list[Event]) -> dict[StatementId, str]:
    """What each statement printed; a text that was too long to keep ends with the mark of a cut."""
    texts: dict[StatementId, str] = {}
    for event in _of(events, "stdout"):
        texts[_id(event)] = texts.get(_id(event), "") + event["text"]
    for event in _of(events, "cut"):
        texts[_id(event)] = texts.get(_id(event), "") + CUT
    return texts


def _failures(notebook: Notebook, events: list[Event]) -> tuple[Failure, ...]:
    """Statements that raised, in order of the notebook, together with the cells that are no Python at all."""
    raised = [Failure(_id(event), event["error"], event["message"], *_missing(*event["missing"])) for event in _of(events, "failure")]
    unread = [Failure(StatementId(cell.index, 0), "SyntaxError", cell.syntax_error) for cell in notebook.code_cells if cell.syntax_error]
    return tuple(sorted(raised + unread, key=lambda failure: failure.statement))


def _missing(kind: str, name: str) -> tuple[str, str]:
    """What was missing in words, and what to do about it."""
    return (f"the {KINDS[kind]} {name}", ADVICE[kind].format(name=name)) if kind else ("", "")


KINDS = {"file": "file", "module": "module", "host": "host", "variable": "environment variable"}
ADVICE = {
    "file": "put it there, or name the folder that holds it with --data DIR",
    "module": "install it where the notebook runs, or choose another interpreter with --python",
    "host": "run where it can be reached: `nb2prod verify DIR` proves the package later, elsewhere",
    "variable": "give it with --env {name}=VALUE",
}
