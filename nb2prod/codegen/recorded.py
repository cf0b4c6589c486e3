"""Recorded cases of a plan's stages -> the files that test them: `tests/recorded/CASE.json` and one test module for each module of stages.

    {"clean_df": '{"stage": "clean_df", ...}'}   ->   tests/recorded/clean_df.json, tests/test_features.py

A case in which a secret stands is left out, and so are the largest when all together are more than a project should carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath, PurePosixPath
from typing import Any

from nb2prod.codegen.modules import formatted
from nb2prod.codegen.names import free_name
from nb2prod.codegen.templating import render
from nb2prod.knowledge.secrets import secret_texts
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan, Stage
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Recording

MOST = 200_000  # bytes of recorded cases in a project
LARGEST = 60_000  # of one, before it is laid out
CODE = "NB306"
HINT = "write a test of your own where such a stage matters: docs/testing.md"
GIVEN_SECRET, NO_ROOM, NOT_THERE = "is given a secret", "finds no room beside the others", "was not reached"
SNAPSHOTS = ("__init__", "cases", "checking", "comparing", "drawings", "outcomes", "values")
RECORDED = "tests/recorded/"


def snapshot_files() -> tuple[File, ...]:
    """The code that reads, runs and compares recorded cases, in `tests/snapshots`."""
    return tuple(File(f"tests/snapshots/{name}.py", render(f"snapshots/{name}.py.jinja")) for name in SNAPSHOTS)


def orders_for_cases(plan: Plan, notebook: Notebook, recording: Recording) -> dict[str, Any]:
    """What the recording of the stages is told: their names, what they give and where they come from; folders that are written to; limits."""
    name = PurePath(notebook.path).name
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    stages = [
        {
            "name": stage.name,
            "module": f"{plan.package}.{stage.module}",
            "outputs": [output.name for output in stage.outputs],
            "tables": plan.tables.get(stage.name, ()),
            "where": f"{_cells(stage)} of {name}",
        }
        for stage in plan.stages
        if not secret & {variable.name for variable in stage.inputs}
    ]
    written = {file.path for file in recording.files if not file.path.startswith(("/", ".."))}
    folders = sorted({str(PurePosixPath(path).parent) for path in written} - {"."})
    largest = min(LARGEST, MOST * 3 // 2 // max(len(stages), 1))
    return {"stages": stages, "folders": folders, "largest": largest, "secret": list(secret_texts(notebook, quoted=False))}


def with_cases(project: Project, plan: Plan, cases: Mapping[str, str]) -> Project:
    """The project with tests of its stages, as far as there are cases of them."""
    kept = _within(cases)
    taken = {file.path for file in project.files}
    files = [File(f"{RECORDED}{name}.json", text) for name, text in kept.items()]
    for module in dict.fromkeys(stage.module for stage in plan.stages):
        stages = [stage.name for stage in plan.stages if stage.module == module and stage.name in kept]
        if stages:
            path = f"tests/{free_name(f'test_{module}', {PurePath(one).stem for one in taken})}.py"
            page = render("test_stages.py.jinja", package=plan.package, module=module, stages=stages)
            files.append(File(path, formatted(page)))
    return replace(project, files=tuple(sorted((*project.files, *files), key=lambda file: file.path)))


def told_of_missing(project: Project, plan: Plan, cases: Mapping[str, str], about: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """A note that says how many stages have no recorded case and why, where that is so.

    `about` is what the recording told: `why` by the name of a stage, and `stopped` where it was ended early.
    """
    paths = {file.path for file in project.files}
    missing = [stage for stage in plan.stages if f"{RECORDED}{stage.name}.json" not in paths]
    if not missing:
        return ()
    counted = f"{len(missing)} of {len(plan.stages)} stages {'have' if len(missing) > 1 else 'has'} no recorded case"
    if not cases and about.get("stopped"):
        told, advice, _ = about["stopped"].partition(";")  # --timeout does not raise this limit
        return (Diagnostic(CODE, Severity.note, f"{counted}: {told}{')' if advice else ''}", HINT),)
    secret = {parameter.name for parameter in plan.parameters if parameter.secret}
    names: dict[str, list[str]] = {}
    for stage in missing:
        given = secret & {variable.name for variable in stage.inputs}
        why = GIVEN_SECRET if given else NO_ROOM if stage.name in cases else about.get("why", {}).get(stage.name, NOT_THERE)
        names.setdefault(why, []).append(f"`{stage.name}`")
    told = "; ".join(f"{', '.join(stages)} {why}" for why, stages in names.items())
    return (Diagnostic(CODE, Severity.note, f"{counted}: {told}", HINT),)


def _within(cases: Mapping[str, str]) -> dict[str, str]:
    """The cases that fit, the smallest first; one that another needs never goes without it."""
    kept: dict[str, str] = {}
    left = MOST
    for name, text in sorted(cases.items(), key=lambda case: (len(case[1]), case[0])):
        size = len(text.encode("utf-8"))
        if size <= left:
            kept[name] = text
            left -= size
    return {name: kept[name] for name in cases if name in kept}


def _cells(stage: Stage) -> str:
    cells = ", ".join(map(str, stage.cells))
    return f"cell{'s' if len(stage.cells) > 1 else ''} {cells}"
