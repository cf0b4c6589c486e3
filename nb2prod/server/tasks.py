"""What a worker can do, each as the command of the same name does it: a request as data -> an answer as data.

    analysis({"path": "/srv/a.ipynb", "content": {...}}, tell)   ->   {"cells": [...], "results": [...], "diagnostics": [...], ...}
    convert({"path": "/srv/a.ipynb", "folder": "/srv/a"}, tell)  ->   {"folder": "/srv/a", "verdict": {...}, "files": [...], ...}

`tell` sends what happens on the way: the name of a step, a line of output. Heavy imports happen inside, once in a process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nb2prod.commands.options import choices_from
from nb2prod.errors import ChoiceError, NotebookError
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.diagnostic import Diagnostic
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan
from nb2prod.model.project import File
from nb2prod.saving import check_folder, save
from nb2prod.server.running import manifest_of, project, run_package, run_tests, schedule_job, shown, verify
from nb2prod.show.locations import in_words, made_names
from nb2prod.surveying.looking import TOLD
from nb2prod.wire import to_data

Tell = Callable[[str, Any], None]
Task = Callable[[dict[str, Any], Tell], dict[str, Any]]

MOST_OLD = 2 << 20  # bytes of a file on disk that a preview compares with


def warm(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Load what answers need, so that the first one is as quick as the others."""
    from nb2prod import understanding

    cells = [{"cell_type": "code", "source": "import math\nprint(math.pi)", "metadata": {}, "outputs": []}]
    understanding.read_and_analyze(Path("warm.ipynb"), Choices(), json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode())
    return {}


def analysis(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """What lives and why, and with `plan` also the package that would be made."""
    from nb2prod import understanding
    from nb2prod.codegen.manifest import build_manifest

    notebook, analysis = _analyzed(request)
    plan, found_in_plan = _plan(notebook, analysis) if request.get("plan") else (None, ())
    analysis = replace(analysis, diagnostics=tuple(dict.fromkeys((*analysis.diagnostics, *found_in_plan))))
    shown = plan or Plan("", "", "", (), (), (), (), analysis.results, ())
    manifest = build_manifest(notebook.as_seen, analysis, shown, None)
    found = {
        **{name: manifest[name] for name in TOLD},
        "notebook": {**manifest["notebook"], "path": Path(notebook.path).name},
        "results": [to_data(result) for result in (plan or analysis).results],
        "edges": _edges(analysis),
        "plan": to_data(plan) if plan else None,
        "offered": _offered(notebook, analysis, plan) if plan else [],
    }
    return _without_secrets(found, notebook, understanding.without_secrets)


def preview(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Every file a conversion without a run would write, beside what is there now; nothing is written."""
    from nb2prod import converting

    notebook, _ = _analyzed(request)
    choices = _choices({**request.get("options", {}), "run": False})
    conversion = converting.attempt(notebook, None, choices, frozenset())
    made = converting.finish(conversion, choices)
    folder = _folder(request, made.package)
    return {"package": made.package, "folder": shown(folder, request), "files": [_previewed(file, folder) for file in made.files]}


def convert(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Make the package, prove it, and write it."""
    from nb2prod import pipeline, understanding

    choices = _choices(request.get("options", {}))
    if request.get("folder"):
        check_folder(_folder(request, ""), choices.force)
    conversion = pipeline.convert(Path(request["path"]), choices, lambda step: tell("step", step))
    folder = _folder(request, conversion.plan.package)
    tell("step", "writing the files")
    save(conversion.project, folder, choices.force)
    found = {
        "folder": shown(folder, request),
        "verdict": to_data(conversion.verdict) if choices.run else None,
        "failures": [
            {"cell": failure.statement.cell, "message": failure.told}
            for failure in (conversion.recording.failures if conversion.recording else ())
        ],
        "diagnostics": [to_data(finding) for finding in conversion.analysis.diagnostics],
        "files": [file.path for file in conversion.project.files],
        "manifest": manifest_of(folder),
    }
    return _without_secrets(found, conversion.notebook, understanding.without_secrets)


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "warm": warm,
        "analysis": analysis,
        "preview": preview,
        "convert": convert,
        "verify": verify,
        "run": run_package,
        "test": run_tests,
        "schedule": schedule_job,
        "project": project,
    }
)


def _analyzed(request: dict[str, Any]) -> tuple[Notebook, Analysis]:
    """The notebook of a request as it is in the editor, or as it is on disk."""
    from nb2prod import understanding

    content = request.get("content")
    unsaved = None if content is None else json.dumps(content).encode()
    return understanding.read_and_analyze(Path(request["path"]), _choices(request.get("options", {})), unsaved)


def _plan(notebook: Notebook, analysis: Analysis) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The plan with its lines as the user sees them and what planning says; None where the notebook's errors allow none."""
    from nb2prod import understanding
    from nb2prod.planning import unmet_wishes

    try:
        plan = understanding.make_plan_for(notebook, analysis, Choices())
    except NotebookError as error:
        return None, error.diagnostics
    return understanding.as_seen(plan, notebook), unmet_wishes(notebook, analysis, plan)


def _offered(notebook: Notebook, analysis: Analysis, plan: Plan) -> list[dict[str, Any]]:
    """What a person can make a parameter: which value it is, and where."""
    from nb2prod.planning import offered_values

    return [
        {
            "source": words,
            "value": use.value,
            "cell": use.place.cell,
            "line": notebook.cells[use.place.cell].seen_line(use.place.span.start_line),
        }
        for words, use in offered_values(notebook, analysis, plan)
    ]


def _choices(options: Mapping[str, Any]) -> Choices:
    """The options of a request, checked as the command line checks them."""
    from nb2prod.targets import checked, target_named

    choices = choices_from({**options, **{name: tuple(options[name]) for name in ("keep", "drop") if name in options}})
    for name in choices.targets:
        target_named(name)
    if choices.schedule:
        checked(choices.schedule)
    return choices


def _folder(request: Mapping[str, Any], package: str) -> Path:
    """Where the project goes: where it was asked for, else beside the notebook under its own name. Raises `ChoiceError` outside the root."""
    folder = Path(request["folder"]) if request.get("folder") else Path(request["path"]).resolve().parent / package
    root = Path(request["root"]).resolve()
    if root not in folder.resolve().parents:
        raise ChoiceError(f"{folder}: this folder is not below the folder of the notebooks", "choose another folder")
    return folder


def _edges(analysis: Analysis) -> list[dict[str, Any]]:
    """Which cell feeds which, and what passes between them."""
    names = made_names(analysis.graph.effects)
    found: dict[tuple[int, int], dict[str, None]] = {}
    for edge in analysis.graph.edges:
        if edge.provider.cell != edge.user.cell:
            found.setdefault((edge.provider.cell, edge.user.cell), {})[in_words(edge.location, names)] = None
    return [{"from": provider, "to": user, "through": list(through)} for (provider, user), through in found.items()]


def _previewed(file: File, folder: Path) -> dict[str, Any]:
    """One file as it would be and as it is; None stands for what is no text, or is not there."""
    path = folder / file.path
    is_text = isinstance(file.content, str)
    there = path.is_file()
    old = path.read_bytes() if there and path.stat().st_size <= MOST_OLD else b""
    new = file.content.encode() if isinstance(file.content, str) else file.content
    return {
        "path": file.path,
        "size": len(new),
        "text": file.content if is_text else None,
        "old": old.decode("utf-8", "replace") if there and is_text else None,
        "state": "new" if not there else "same" if old == new else "changed",
    }


def _without_secrets(found: dict[str, Any], notebook: Notebook, masked: Callable[[str, Notebook], str]) -> dict[str, Any]:
    """The answer with the notebook's secrets masked: reasons quote source."""
    answer: dict[str, Any] = json.loads(masked(json.dumps(found, ensure_ascii=False), notebook))
    return answer
