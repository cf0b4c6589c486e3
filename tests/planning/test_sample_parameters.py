"""Overriding a parameter of a sample's package gives what running the sample with that literal changed gives."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from planning.programs import Made, literals_of

from nb2prod.analysis import analyze
from nb2prod.codegen import write_package
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.job import Job
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Parameter, Plan
from nb2prod.model.project import File, Project
from nb2prod.planning import make_plan
from nb2prod.reading import read
from nb2prod.recording import Runner
from nb2prod.verification import verify

FOLDER = Path(__file__).parents[2] / "sample_notebooks"
SAMPLES = sorted(FOLDER.glob("*.ipynb"))
MOST = 2


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_overriding_numbers_gives_what_the_changed_notebook_gives(sample: Path, tmp_path: Path) -> None:
    notebook = read(sample)
    knowledge, runner = load_knowledge(), Runner(Choices(timeout=300))
    recording = runner.record(notebook)
    analysis = analyze(notebook, knowledge, recording)
    plan = make_plan(notebook, analysis, knowledge, Choices(), recording)
    numbers = [p for p in plan.parameters if p.type in ("int", "float")][:MOST]
    if not numbers:
        pytest.skip("no numeric parameter")
    outcomes = {}
    for parameter in numbers:
        value = parameter.default + 1 if parameter.type == "int" else parameter.default * 0.9  # type: ignore[operator]
        copy = tmp_path / parameter.name
        shutil.copytree(FOLDER, copy)
        changed = changed_notebook(copy / sample.name, Made(notebook, analysis, plan), parameter, value)
        recorded = runner.record(changed, analysis.order)
        names = tuple(result.name for result in plan.results if result.kind != "file")
        run = runner.run_package(changed, overriding(plan, notebook, parameter, value), names)
        verdict = verify(
            changed, plan.results, analysis.live, (), recorded, run, lambda changed=changed: runner.record(changed, analysis.order)
        )
        outcomes[parameter.name, value] = verdict.outcome, verdict.reason
    assert outcomes == {key: ("same", "") for key in outcomes}


def changed_notebook(path: Path, made: Made, parameter: Parameter, value: object) -> Notebook:
    """The notebook file with the parameter's literal replaced by another value."""
    content = json.loads(path.read_text(encoding="utf-8"))
    (place,) = literals_of(made, parameter)
    cell = content["cells"][place.cell]
    lines = "".join(cell["source"]).split("\n")
    span = place.span
    assert span.start_line == span.end_line
    line = lines[span.start_line - 1]
    lines[span.start_line - 1] = line[: span.start_column] + repr(value) + line[span.end_column :]
    cell["source"] = "\n".join(lines)
    path.write_text(json.dumps(content), encoding="utf-8")
    return read(path)


def overriding(plan: Plan, notebook: Notebook, parameter: Parameter, value: object) -> Project:
    """The package with a `run` that changes the parameter in front of its own."""
    project = write_package(plan, notebook, None, Job(plan.package, ("python", "-m", plan.package)), {})
    own, moved = (f"src/{plan.package}/{name}.py" for name in ("pipeline", "whole_pipeline"))
    text = f"from {plan.package}.whole_pipeline import run as whole\n\n\ndef run():\n    return whole({parameter.name}={value!r})\n"
    files = tuple(replace(file, path=moved) if file.path == own else file for file in project.files)
    return replace(project, files=(*files, File(own, text)))
