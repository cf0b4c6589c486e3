"""A plan -> the project's README: what it is for, how to run, test and schedule it, and where each function came from.

    Stage("load", module="data", cells=(3, 4))   ->   | `load` | `churn.data` | 3, 4 | Load the customers. |

Texts from the notebook are kept to one line where they stand in a table.
"""

from __future__ import annotations

from collections.abc import Mapping

from nb2prod.codegen.docstrings import stage_summary
from nb2prod.codegen.literals import literal
from nb2prod.codegen.parameters_module import environment_prefix, kind_of
from nb2prod.codegen.scaffold.project import distribution_name
from nb2prod.codegen.templating import render
from nb2prod.codegen.tests_module import data_files, missing_inputs, needed_inputs
from nb2prod.codegen.words import capitalized, config_option, figures_option, option, text_of
from nb2prod.model.job import Job
from nb2prod.model.plan import Parameter, Plan
from nb2prod.model.recording import Recording

LONGEST_DEFAULT = 80
KINDS = {"text": "shown value"}  # what a person calls a result of that kind


def render_readme(plan: Plan, job: Job, recording: Recording | None, inputs: Mapping[str, bytes]) -> str:
    """The text of `README.md`."""
    shown = next((result.name for result in plan.results if result.kind != "file"), "")
    first = _first(plan)
    prefix = environment_prefix(plan)
    return render(
        "README.md.jinja",
        package=plan.package,
        title=" ".join((plan.title or plan.package).split()),
        purpose=plan.purpose.strip(),
        distribution=distribution_name(plan),
        lock=bool(plan.lock),
        prefix=prefix,
        config_option=config_option(plan),
        figures_option=figures_option(plan),
        example=example(plan),
        keyword_example=f"{first.name}={literal(first.default, None)}" if first else "",
        papermill_example=_papermill(first) if first else "",
        shown_result=shown,
        parameters=[_parameter(parameter) for parameter in plan.parameters],
        secrets=[f"`{prefix}{parameter.name.upper()}`" for parameter in plan.parameters if parameter.secret],
        results=[
            {"name": r.path if r.kind == "file" and r.path else r.name, "kind": KINDS.get(r.kind, r.kind), "why": _table_text(r.why)}
            for r in plan.results
        ],
        stages=[
            {"name": s.name, "module": s.module, "cells": _cells(s.cells), "does": _table_text(stage_summary(s, plan)[0])}
            for s in plan.stages
        ],
        definitions=[{"name": d.name, "module": d.module, "cell": d.statement.cell} for d in plan.definitions],
        inputs=needed_inputs(plan, recording),
        recorded=recording is not None,
        contracts=recording is not None and bool(plan.tables),
        missing=[f"`{path}`" for path in missing_inputs(plan, recording, inputs)],
        has_data=bool(data_files(plan, inputs)),
        schedule=_schedule(job),
    )


def example(plan: Plan) -> str:
    """One option that sets a parameter to its default (empty: there is none to show)."""
    first = _first(plan)
    return option(first) if first else ""


def _first(plan: Plan) -> Parameter | None:
    """The parameter that makes the best example: a number, else a short text."""
    plain = [
        p
        for p in plan.parameters
        if not p.secret and kind_of(p) in ("float", "int", "str", "path", "date", "bool") and p.default is not None
    ]
    short = [parameter for parameter in plain if len(text := text_of(parameter.default)) <= 40 and text.isprintable()]
    return min(short, key=lambda parameter: kind_of(parameter) not in ("float", "int"), default=None)


def _papermill(parameter: Parameter) -> str:
    """The typed way to hand a parameter to papermill: -r takes a text as it is, -p guesses."""
    flag = "-r" if kind_of(parameter) in ("str", "path", "date") else "-p"
    return f"{flag} {parameter.name} {option(parameter).partition('=')[2]}" if "'" not in option(parameter) else ""


def _parameter(parameter: Parameter) -> dict[str, str]:
    default = "from the environment" if parameter.secret else f"`{_short(literal(parameter.default, None))}`"
    where = f"cell {parameter.cell}, line {parameter.line}"
    help = f"{capitalized(parameter.help)} ({where})" if parameter.help else capitalized(where)
    return {"name": parameter.name, "type": kind_of(parameter), "default": _table_text(default), "help": _table_text(help)}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_DEFAULT else f"{text[: LONGEST_DEFAULT - 4]} ..."


def _table_text(text: str) -> str:
    """Text that stays within its column."""
    return " ".join(text.split()).replace("|", "\\|")


def _cells(cells: tuple[int, ...]) -> str:
    return ", ".join(map(str, cells))


def _schedule(job: Job) -> str:
    told = [f"`{schedule.cron}`" + (f", {schedule.timezone}" if schedule.timezone else "") for schedule in job.schedules]
    return f" ({'; '.join(told)})" if told else " (no schedule is set yet)"
