"""A plan, its recorded run and the notebook's inputs -> the tests of the package, which pass as they are written.

    recording.variables["accuracy"] = {"kind": "float", "value": 0.84}
      ->  tests/expected.json: {"results": {"accuracy": {"kind": "number", "value": 0.84}}, ...}

Inputs that are small enough travel along in `tests/data`. Without a recording the pipeline test only asks that every result is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from nb2prod.codegen.facts import ANYTHING, Fact, fact_of, loosened
from nb2prod.codegen.parameters_module import environment_prefix, kind_of
from nb2prod.codegen.recorded import snapshot_files
from nb2prod.codegen.templating import render
from nb2prod.codegen.words import config_option, help_option, text_of
from nb2prod.model.dataflow import Result
from nb2prod.model.plan import Parameter, Plan
from nb2prod.model.project import File
from nb2prod.model.recording import Picture, Recording

LARGEST_INPUT = 1_000_000
LARGEST_TOTAL = 2_000_000
WRONG = {
    "bool": "maybe",
    "int": "many",
    "float": "many",
    "str": 1,
    "path": 1,
    "date": "someday",
    "list": 1,
    "tuple": 1,
    "set": 1,
    "dict": 1,
}


def render_tests(
    plan: Plan, recording: Recording | None, inputs: Mapping[str, bytes], unstable: frozenset[str] = frozenset()
) -> tuple[File, ...]:
    """Every file below `tests/`; of the results named in `unstable` only kind and shape are asserted."""
    data = data_files(plan, inputs)
    expected = _expected(plan, recording, unstable)
    secrets = tuple(parameter.name for parameter in plan.parameters if parameter.secret)
    shared = {"package": plan.package, "prefix": environment_prefix(plan), "secrets": secrets}
    names = tuple(result.name for result in plan.results if result.kind != "file")
    pages: dict[str, dict[str, object]] = {
        "conftest.py": {"inputs": needed_inputs(plan, recording), "folders": written_folders(recording), "recorded": recording is not None},
        "test_command_line.py": _command_line(plan),
        "test_import.py": {},
        "test_notebook.py": {},
        "test_parameters.py": _parameters(plan),
        "test_pipeline.py": {"names": names, "described": bool(expected["results"]), "files": bool(expected["files"])},
    }
    tests = [File(f"tests/{name}", render(f"{name}.jinja", **shared, **values)) for name, values in pages.items()]
    described = json.dumps(expected, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return (*tests, *(snapshot_files() if recording is not None else ()), File("tests/expected.json", described), *data)


def written_folders(recording: Recording | None) -> tuple[str, ...]:
    """The folders the notebook wrote files into."""
    return tuple(sorted({str(PurePosixPath(path).parent) for path in _written(recording)} - {"."}))


def data_files(plan: Plan, inputs: Mapping[str, bytes]) -> tuple[File, ...]:
    """The inputs that go to `tests/data`: those within the notebook's folder and small enough, the smallest first."""
    chosen, total = [], 0
    for path in sorted((path for path in inputs if _is_within(path)), key=lambda path: (len(inputs[path]), path)):
        size = len(inputs[path])
        if path not in local_files(plan, inputs) and size <= LARGEST_INPUT and total + size <= LARGEST_TOTAL:
            chosen.append(File(f"tests/data/{path}", inputs[path]))
            total += size
    return tuple(sorted(chosen, key=lambda file: file.path))


def local_files(plan: Plan, inputs: Mapping[str, bytes]) -> tuple[str, ...]:
    """The inputs that are modules or packages beside the notebook which its code imports."""
    return tuple(
        path for path in sorted(inputs) if path.endswith(".py") and PurePosixPath(PurePosixPath(path).parts[0]).stem in plan.local_modules
    )


def needed_inputs(plan: Plan, recording: Recording | None) -> tuple[str, ...]:
    """The inputs that must be there before a run: not those that the run itself writes."""
    written = set(_written(recording))
    return tuple(path for path in plan.inputs if path not in written)


def missing_inputs(plan: Plan, recording: Recording | None, inputs: Mapping[str, bytes]) -> tuple[str, ...]:
    """The inputs the pipeline test needs and does not have."""
    there = {file.path.removeprefix("tests/data/") for file in data_files(plan, inputs)}
    return tuple(path for path in needed_inputs(plan, recording) if path not in there)


def _is_within(path: str) -> bool:
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def _written(recording: Recording | None) -> list[str]:
    return sorted(file.path for file in recording.files if _is_within(file.path)) if recording else []


def _expected(plan: Plan, recording: Recording | None, unstable: frozenset[str]) -> dict[str, object]:
    """The content of `expected.json`."""
    facts: dict[str, Fact] = {}
    if recording is not None and recording.ok:
        for result in plan.results:
            picture = _picture(result, recording)
            if result.kind != "file" and picture is not None:
                fact = fact_of(picture)
                facts[result.name] = loosened(fact) if result.name in unstable else fact
    written = set(_written(recording))
    files = sorted({result.path for result in plan.results if result.kind == "file" and result.path in written})
    return {"results": {name: fact for name, fact in facts.items() if fact != ANYTHING}, "files": files}


def _picture(result: Result, recording: Recording) -> Picture | None:
    """The picture of a result: of the variable at the end of the run, or of what its statement showed."""
    if result.kind == "figure":
        return {"kind": "figure"}
    if result.kind == "variable" and not result.copied:
        return recording.variables.get(result.name)
    shown = (s for s in recording.shown if (s.statement, s.position) == (result.statement, result.position) and s.how != "figure")
    return next((s.picture for s in shown), None)


def _command_line(plan: Plan) -> dict[str, object]:
    names = [parameter.name for parameter in plan.parameters]
    wrong = [(p.name, WRONG[kind_of(p)]) for p in plan.parameters if not p.secret and kind_of(p) in ("bool", "int", "float", "date")]
    return {
        "options": tuple(f"--{name.replace('_', '-')}" for name in names) + (config_option(plan),),
        "help_option": help_option(plan),
        "bad": (f"--{wrong[0][0].replace('_', '-')}", wrong[0][1]) if wrong else None,
    }


def _parameters(plan: Plan) -> dict[str, object]:
    plain = [parameter for parameter in plan.parameters if not parameter.secret]
    comparable = [parameter for parameter in plain if parameter.default == parameter.default]
    return {
        "defaults": {parameter.name: parameter.default for parameter in comparable},
        "texts": {parameter.name: text_of(parameter.default) for parameter in comparable if _has_text(parameter)},
        "wrong": {parameter.name: WRONG[kind_of(parameter)] for parameter in plan.parameters if kind_of(parameter) in WRONG},
    }


def _has_text(parameter: Parameter) -> bool:
    """Whether the default can be written as a text that reads back as the same value."""
    if kind_of(parameter) == "any":
        return not isinstance(parameter.default, str)
    return parameter.default is not None
