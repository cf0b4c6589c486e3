"""A plan -> the thin notebook: a `parameters` cell, one cell per stage, the results shown.

    Stage("load", inputs=(path,), outputs=(df,))   ->   from churn.data import load

                                                        df = load(path=parameters.path)

It runs as it is, in JupyterLab and through papermill. The file is written as nbformat 4.5 with ids that stay the same.
"""

from __future__ import annotations

import json
from typing import Any

from nb2prod.codegen.calls import hidden_names, safe_name, stage_call, stage_import
from nb2prod.codegen.literals import literal
from nb2prod.codegen.parameters_module import environment_prefix, kind_of
from nb2prod.model.plan import Parameter, Plan


def render_notebook(plan: Plan) -> str:
    """The text of `notebooks/PACKAGE.ipynb`."""
    cells = [
        _cell("title", "markdown", _title(plan)),
        _cell("parameters", "code", _assignments(plan), tags=["parameters"]),
        _cell("check", "code", _check(plan)),
    ]
    hidden = hidden_names(plan)
    for number, stage in enumerate(plan.stages):
        if stage.title:
            cells.append(_cell(f"about-{number}", "markdown", f"## {stage.title}"))
        call = f"{stage_import(stage, plan.package)}\n\n{stage_call(stage, plan.parameters, hidden=hidden)}"
        cells.append(_cell(f"stage-{number}", "code", call))
    shown = _results(plan)
    if shown:
        cells += [_cell("about-results", "markdown", "## Results"), _cell("results", "code", shown), _cell("record", "code", _kept(plan))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cell(id: str, kind: str, source: str, tags: list[str] | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": id,
        "metadata": {"tags": tags} if tags else {},
        "source": source.splitlines(keepends=True),
    }
    if kind == "code":
        cell.update(execution_count=None, outputs=[])
    return cell


def _title(plan: Plan) -> str:
    lines = [f"# {plan.title or plan.package}"]
    if plan.purpose:
        lines += ["", plan.purpose]
    run = f"papermill notebooks/{plan.package}.ipynb out.ipynb"
    lines += ["", f"Runs the package `{plan.package}` stage by stage. Install it first (`pip install -e .`); through papermill: `{run}`."]
    return "\n".join(lines)


def _assignments(plan: Plan) -> str:
    """The parameters as papermill knows them: one line each, with type and help in the comment. A secret is only mentioned."""
    return "\n".join(_assignment(parameter, plan) for parameter in plan.parameters) or "# This notebook has no parameters."


def _assignment(parameter: Parameter, plan: Plan) -> str:
    if parameter.secret:
        return f"# {parameter.name} is secret: set the environment variable {environment_prefix(plan)}{parameter.name.upper()}"
    help = " ".join(parameter.help.split())
    return f"{parameter.name} = {literal(parameter.default, None)}  # type: {kind_of(parameter)} {help}".rstrip()


def _check(plan: Plan) -> str:
    lines = [f"from {plan.package}.parameters import Parameters", "", "parameters = Parameters.from_notebook(globals())", "parameters"]
    return "\n".join(lines)


def _results(plan: Plan) -> str:
    """The cell that shows every result under its name."""
    return "\n".join(f'print("{name}:")\ndisplay({safe_name(name, hidden_names(plan))})' for name in _shown_names(plan))


def _kept(plan: Plan) -> str:
    """The last cell: it keeps the results in the notebook where programs find them."""
    held = ", ".join(f"{name}={safe_name(name, hidden_names(plan))}" for name in _shown_names(plan))
    return f"from {plan.package}.job import record\n\nrecord({held})"


def _shown_names(plan: Plan) -> list[str]:
    made = {output.name for stage in plan.stages for output in stage.outputs}
    return list(dict.fromkeys(result.name for result in plan.results if result.kind != "file" and result.name in made))
