"""show: every noun as text for people, for tests and for `nb2prod explain`.

    show(Location("name", "df"))   ->   "name df"

Takes a noun, gives text without colour and without a last newline; equal nouns give equal text. Never decides anything.
`show` serves each noun alone; what needs the notebook beside it (`show_analysis`, `show_effects`, `draw_graph`) has its own function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis, DataflowGraph, Decision, Edge, Effects, LiteralUse, Location, Reference, Result, Slice
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.job import Feature, Host, Job, Notifications, Resources, Schedule, Target, Task, Validator
from nb2prod.model.notebook import Cell, Directive, Included, Notebook, Output, Place, Span, Statement, StatementId, Wish
from nb2prod.model.plan import Definition, Drop, Import, Parameter, Plan, Rename, Stage, Variable
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Environment, Failure, FilePicture, FileUse, Observation, Pin, Recording, Shown
from nb2prod.model.restoration import Departure, Restoration
from nb2prod.model.survey import Needs, Survey
from nb2prod.model.verdict import Comparison, Trial, Verdict, View
from nb2prod.show import words
from nb2prod.show.cells import Paint, plain, show_analysis, show_diagnostics, show_notebook
from nb2prod.show.chains import show_slice, show_why
from nb2prod.show.graph import FORMATS, draw_graph, show_dataflow, show_effects, show_effects_of
from nb2prod.show.surveys import show_needs, show_survey
from nb2prod.show.wholes import show_decisions, show_job, show_plan, show_project, show_recording, show_target, show_verdict

__all__ = [
    "FORMATS",
    "Paint",
    "draw_graph",
    "plain",
    "show",
    "show_analysis",
    "show_diagnostics",
    "show_effects",
    "show_plan",
    "show_slice",
    "show_survey",
    "show_why",
]

SHOWN: Mapping[type, Callable[[Any], str]] = {
    Analysis: show_decisions,
    Cell: lambda cell: f"cell {cell.index} {cell.kind}: {words.short(cell.source)}",
    Choices: words.show_choices,
    Comparison: words.show_comparison,
    DataflowGraph: show_dataflow,
    Decision: words.show_decision,
    Definition: words.show_definition,
    Departure: words.show_departure,
    Diagnostic: words.show_diagnostic,
    Directive: words.show_directive,
    Wish: lambda wish: f"{wish.value}: {', '.join(f'{key} {asked}' for key, asked in wish.asked)}",
    Included: lambda part: f"{part.file}: {part.lines} lines of code from line {part.line} on",
    Drop: words.show_drop,
    Edge: words.show_edge,
    Effects: show_effects_of,
    Environment: words.show_environment,
    Failure: words.show_failure,
    Feature: lambda feature: str(feature.value),
    File: words.show_file,
    FilePicture: words.show_file_picture,
    FileUse: words.show_file_use,
    Host: words.show_set,
    Import: words.show_import,
    Job: show_job,
    LiteralUse: words.show_literal,
    Location: words.show_location,
    Needs: show_needs,
    Notebook: show_notebook,
    Notifications: words.show_set,
    Observation: words.show_observation,
    Output: words.show_output,
    Parameter: words.show_parameter,
    Pin: lambda pin: " needs ".join(filter(None, (pin.version, ", ".join(pin.needs)))),
    Place: words.show_place,
    Plan: show_plan,
    Project: show_project,
    Recording: show_recording,
    Reference: words.show_reference,
    Rename: words.show_rename,
    Resources: words.show_set,
    Restoration: words.show_restoration,
    Result: words.show_result,
    Schedule: words.show_schedule,
    Task: words.show_task,
    Severity: lambda severity: str(severity.value),
    Shown: words.show_shown,
    Slice: show_slice,
    Span: words.show_span,
    Stage: words.show_stage,
    Statement: words.show_statement,
    StatementId: words.show_id,
    Survey: show_survey,
    Target: show_target,
    Validator: lambda validator: " ".join(validator.command),
    Trial: words.show_trial,
    Variable: words.show_variable,
    Verdict: show_verdict,
    View: words.show_view,
}


def show(noun: object) -> str:
    """A noun as text. Raises KeyError for what is no noun."""
    return SHOWN[type(noun)](noun)
