"""Notebook, analysis, plan and verdict -> `nb2prod.json` as data: where everything came from, what was decided and whether it is proved.

    build_manifest(notebook, analysis, plan, verdict)["cells"][3]
      ->  {"index": 3, "id": "a1", "verdict": "partial", "statements": [{"start": 1, "end": 1, "live": True, "reason": "...", ...}, ...]}

`manifest.schema.json` beside this file describes it; `load_schema()` reads that.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nb2prod.codegen.waiting import stages_before, stages_sharing
from nb2prod.model.dataflow import Analysis, Decision, Location, Result
from nb2prod.model.diagnostic import Diagnostic
from nb2prod.model.notebook import Cell, Notebook, StatementId
from nb2prod.model.plan import Parameter, Plan, Stage
from nb2prod.model.verdict import Verdict

SCHEMA = 1
NOT_VERIFIED = Verdict("unknown", reason="not verified yet")


def build_manifest(notebook: Notebook, analysis: Analysis, plan: Plan, verdict: Verdict | None) -> dict[str, Any]:
    """The manifest as plain JSON data; without a verdict it says `unknown`."""
    verdict = verdict or NOT_VERIFIED
    before, sharing = stages_before(plan, analysis), stages_sharing(plan, analysis)
    return {
        "schema": SCHEMA,
        "tool": {"name": "nb2prod", "version": tool_version()},
        "package": plan.package,
        "source_root": "src",
        "title": plan.title,
        "notebook": {"path": notebook.path, "sha256": notebook.sha256, "kernel": notebook.kernel},
        "python": plan.python,
        "requirements": {name: plan.requirements[name] for name in sorted(plan.requirements)},
        "inputs": list(plan.inputs),
        "character": analysis.character,
        "cells": cells_of(notebook, analysis),
        "parameters": [_parameter(parameter, verdict) for parameter in plan.parameters],
        "stages": [_stage(stage, before[stage.name], sharing[stage.name]) for stage in plan.stages],
        "results": [_result(result) for result in plan.results],
        "verdict": verdict.outcome,
        "verdict_reason": verdict.reason,
        "comparisons": [comparison.facts() for comparison in verdict.comparisons],
        "restored": list(verdict.restored),
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in analysis.diagnostics],
    }


def cells_of(notebook: Notebook, analysis: Analysis) -> list[dict[str, Any]]:
    """Every code cell with its verdict and its statements; `index` counts all cells of the file."""
    decisions = {decision.statement: decision for decision in analysis.decisions}
    return [_cell(cell, decisions) for cell in notebook.code_cells]


def load_schema() -> dict[str, Any]:
    """The JSON Schema of the manifest."""
    schema: dict[str, Any] = json.loads(Path(__file__).with_name("manifest.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def tool_version() -> str:
    """The version of nb2prod that is at work."""
    try:
        return version("nb2prod")
    except PackageNotFoundError:
        return "unknown"


def _cell(cell: Cell, decisions: dict[StatementId, Decision]) -> dict[str, Any]:
    made = [decisions[statement.id] for statement in cell.statements]
    statements = [
        {
            "start": statement.span.start_line,
            "end": statement.span.end_line,
            "live": decision.live,
            "reason": decision.reason,
            "certainty": decision.certainty,
        }
        for statement, decision in zip(cell.statements, made, strict=True)
    ]
    return {"index": cell.index, "id": cell.id, "verdict": cell_verdict(cell, made), "statements": statements}


def cell_verdict(cell: Cell, decisions: list[Decision]) -> str:
    """One word for a code cell: what it is for where all its statements are of one kind, else how much of it lives."""
    roles = {decision.role for decision in decisions}
    if "parameters" in cell.tags:
        return "parameters"
    if not any(decision.live for decision in decisions):
        return "directive" if roles <= {"directive"} and (decisions or cell.directives) else "dead"
    for kind, allowed in (("parameters", {"parameter"}), ("imports", {"import"}), ("definitions", {"definition", "import"})):
        if roles <= allowed:
            return kind
    return "live" if all(decision.live for decision in decisions) else "partial"


def _parameter(parameter: Parameter, verdict: Verdict) -> dict[str, Any]:
    tried = {trial.parameter: {"value": trial.value, "outcome": trial.outcome, "told": trial.told} for trial in verdict.trials}
    return {
        "name": parameter.name,
        "type": parameter.type,
        "default": None if parameter.secret else _json(parameter.default),
        "cell": parameter.cell,
        "line": parameter.line,
        "origin": parameter.origin,
        "help": parameter.help,
        "secret": parameter.secret,
        "access": parameter.access,
        "trial": tried.get(parameter.name),
    }


def _stage(stage: Stage, before: tuple[str, ...], sharing: Mapping[str, tuple[Location, ...]]) -> dict[str, Any]:
    return {
        "name": stage.name,
        "module": stage.module,
        "inputs": [variable.name for variable in stage.inputs],
        "outputs": [variable.name for variable in stage.outputs],
        "cells": list(stage.cells),
        "title": stage.title,
        "after": list(before),
        "types": {variable.name: variable.type for variable in stage.outputs if variable.type},
        "updates": list(stage.updates),
        "shares": {name: [f"{location.kind} {location.key}" for location in locations] for name, locations in sharing.items()},
    }


def _result(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {"name": result.name, "kind": result.kind, "why": result.why}
    return {**told, "path": result.path} if result.path else told


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {**vars(diagnostic), "severity": diagnostic.severity.value}


def _json(value: object) -> Any:
    """A default as JSON: containers as lists and objects, dates as ISO text, what JSON cannot say as Python would write it."""
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return [_json(item) for item in sorted(value, key=repr)]
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    plain = value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and value - value == 0)
    return value if plain else repr(value)
