"""Small nouns as one line of text.

Location("file", "in.csv")                          ->   file in.csv
Diagnostic("NB101", error, "...", cell=4, line=2)   ->   NB101 error cell 4 line 2: ...
Parameter("limit", "int", 3, cell=1, line=2)        ->   limit: int = 3  (cell 1 line 2, constant)
"""

from __future__ import annotations

import textwrap
from typing import Any

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Decision, Edge, LiteralUse, Location, Reference, Result
from nb2prod.model.diagnostic import Diagnostic
from nb2prod.model.job import Schedule, Task
from nb2prod.model.notebook import Directive, Output, Place, Span, Statement, StatementId
from nb2prod.model.plan import Definition, Drop, Import, Parameter, Rename, Stage, Variable
from nb2prod.model.project import File
from nb2prod.model.recording import Environment, Failure, FilePicture, FileUse, Observation, Shown
from nb2prod.model.restoration import Departure, Restoration
from nb2prod.model.verdict import Comparison, Trial, View

WIDTH = 100


def short(text: str, width: int = WIDTH) -> str:
    """The text as one line of at most this width."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 3] + "..."


def show_id(id: StatementId) -> str:
    return f"{id.cell}.{id.index}"


def show_span(span: Span) -> str:
    return f"{span.start_line}:{span.start_column}-{span.end_line}:{span.end_column}"


def show_place(place: Place) -> str:
    return f"cell {place.cell} at {show_span(place.span)}"


def show_location(location: Location) -> str:
    """Names and objects by their kind; "?" is any resource of its kind."""
    return f"any {location.kind}" if location.key == "?" else f"{location.kind} {location.key}"


def show_edge(edge: Edge) -> str:
    return f"{show_id(edge.user)} <- {show_id(edge.provider)} ({show_location(edge.location)})"


def show_statement(statement: Statement) -> str:
    return f"{show_id(statement.id)} {short(statement.source)}"


def show_directive(directive: Directive) -> str:
    needs = f" ({', '.join(directive.requirements)})" if directive.requirements else ""
    return f"line {directive.line} {directive.kind}: {directive.text}{needs}"


def show_output(output: Output) -> str:
    what = f"{output.error_name} in line {output.error_line}" if output.kind == "error" else ", ".join(output.mimes) or "text"
    return f"{output.kind} ({what}): {short(output.text, 60)}"


def show_reference(reference: Reference) -> str:
    inside = f" in {reference.function}" if reference.function else ""
    return f"{reference.context} {reference.name} at {show_place(reference.place)}{inside}"


def show_literal(use: LiteralUse) -> str:
    purpose = f"{use.target} =" if use.target else f"{use.callee}, argument {use.argument}:"
    return f"{purpose} {short(repr(use.value), 60)} at {show_place(use.place)}"


def show_result(result: Result) -> str:
    name = result.path if result.kind == "file" and result.path else result.name
    return f"{result.kind} {name}: {result.why}"


def show_decision(decision: Decision) -> str:
    return f"{'+' if decision.live else '-'} {show_id(decision.statement)} {decision.role}: {decision.reason} ({decision.certainty})"


def show_diagnostic(diagnostic: Diagnostic) -> str:
    """Without the hint: `NB101 error cell 4 line 2: message`."""
    cell = f" cell {diagnostic.cell}" if diagnostic.cell is not None else ""
    line = f" line {diagnostic.line}" if diagnostic.line is not None else ""
    return f"{diagnostic.code} {diagnostic.severity.value}{cell}{line}: {diagnostic.message}"


def show_variable(variable: Variable) -> str:
    return f"{variable.name}: {variable.type}" if variable.type else variable.name


def show_parameter(parameter: Parameter) -> str:
    default = "from the environment" if parameter.secret else f"= {short(repr(parameter.default), 60)}"
    return f"{parameter.name}: {parameter.type} {default}  (cell {parameter.cell} line {parameter.line}, {parameter.origin})"


def show_import(imported: Import) -> str:
    if imported.attribute:
        renamed = f" as {imported.bound}" if imported.bound != imported.attribute else ""
        return f"from {imported.module} import {imported.attribute}{renamed}"
    plain = imported.bound == imported.module.partition(".")[0]
    return f"import {imported.module}" + ("" if plain else f" as {imported.bound}")


def show_definition(definition: Definition) -> str:
    given = f", given {', '.join(definition.globals)}" if definition.globals else ""
    return f"{definition.module}.{definition.name} from {show_id(definition.statement)}{given}"


def show_stage(stage: Stage) -> str:
    """The signature of the function it becomes: `data.load_sales(path: str) -> df: pandas.DataFrame`."""
    inputs = ", ".join(show_variable(variable) for variable in stage.inputs)
    outputs = ", ".join(show_variable(variable) for variable in stage.outputs) or "None"
    return f"{stage.module}.{stage.name}({inputs}) -> {outputs}"


def show_rename(rename: Rename) -> str:
    return f"{show_place(rename.place)} becomes {rename.name}"


def show_drop(drop: Drop) -> str:
    return f"- {show_id(drop.statement)} {drop.reason}"


def show_departure(departure: Departure) -> str:
    """`3.1 value of auc, scores`"""
    return f"{show_id(departure.statement)} {departure.how}" + (f" of {', '.join(departure.of)}" if departure.of else "")


def show_restoration(restoration: Restoration) -> str:
    kept = "everything in one function" if restoration.whole else ", ".join(map(show_id, sorted(restoration.statements))) or "nothing"
    return "\n".join([f"restored: {kept}", *(f"  {sentence}" for sentence in restoration.told)])


def show_file(file: File) -> str:
    size = len(file.content if isinstance(file.content, bytes) else file.content.encode("utf-8"))
    return f"{file.path} ({size} bytes)"


def show_shown(shown: Shown) -> str:
    return f"{show_id(shown.statement)} {shown.how} {shown.position}: {shown.picture.get('kind', '?')}"


def show_file_picture(file: FilePicture) -> str:
    return f"{file.path} ({file.size} bytes, sha256 {file.sha256[:12]})"


def show_failure(failure: Failure) -> str:
    missing = f" ({failure.missing} is missing: {failure.advice})" if failure.missing else ""
    return f"{show_id(failure.statement)} raised {failure.error}: {short(failure.message)}{missing}"


def show_file_use(use: FileUse) -> str:
    return f"{use.how} {use.path}"


def show_observation(seen: Observation) -> str:
    """What one statement did, in a line."""
    parts = (
        ("bound", seen.bound),
        ("changed", seen.changed),
        ("deleted", seen.deleted),
        ("shares", tuple("=".join(group) for group in seen.shared)),
        ("moved", seen.ambient),
        ("files", tuple(map(show_file_use, seen.files))),
        ("network", seen.hosts),
        ("started", seen.commands),
        ("warned", seen.warnings),
    )
    told = "; ".join(f"{title} {', '.join(items)}" for title, items in parts if items)
    return short(f"{show_id(seen.statement)} {told or 'changed nothing'} ({seen.seconds:.3f} s)")


def show_environment(environment: Environment) -> str:
    packages = sorted({f"{name} {version}" for name, version in environment.modules.values()})
    return f"Python {environment.python or '?'}" + (f" with {', '.join(packages)}" if packages else "")


def show_view(view: View) -> str:
    """A value to look at: its text, its rows, or that it is an image."""
    rows = "\n".join("  ".join(row) for row in view.rows)
    return f"an image of {len(view.image)} characters" if view.image else rows or view.text


def show_trial(trial: Trial) -> str:
    """A parameter with its other value and what came of it."""
    told = f" ({trial.told})" if trial.told else ""
    return f"{trial.parameter} = {short(repr(trial.value), 60)}: {trial.outcome}{told}"


def show_comparison(comparison: Comparison) -> str:
    """A difference is told in full, anything else by how it was compared."""
    if comparison.outcome == "same":
        return f"{comparison.name}: same ({comparison.how})"
    told = f"{comparison.name}: {comparison.outcome}: {comparison.difference or comparison.how}"
    if not comparison.notebook and not comparison.package:
        return told
    return f"{told} (notebook {short(comparison.notebook, 60)}, package {short(comparison.package, 60)})"


def show_task(task: Task) -> str:
    """A task with its stages and those it waits for."""
    return f"{task.name}: {', '.join(task.stages)}" + (f" after {', '.join(task.after)}" if task.after else "")


def show_schedule(schedule: Schedule) -> str:
    return f"{schedule.cron} {schedule.timezone or '(the zone of the host)'}"


def show_set(noun: Any) -> str:
    """Only the fields that say something."""
    told = (f"{name} {', '.join(value) if isinstance(value, tuple) else value}" for name, value in vars(noun).items() if value)
    return "; ".join(told) or "nothing said"


def show_choices(choices: Choices) -> str:
    """Only what differs from the defaults."""
    usual = Choices()
    asked = {name: value for name, value in vars(choices).items() if value != getattr(usual, name)}
    if choices.schedule:
        asked["schedule"] = show_schedule(choices.schedule)
    if choices.variables:
        asked["variables"] = tuple(choices.variables)  # never their values
    told = (f"{name} {', '.join(value) if isinstance(value, tuple) else value}" for name, value in asked.items())
    return "; ".join(told) or "nothing asked for"


def wrapped(text: str, indent: str) -> str:
    """A paragraph below a line, indented."""
    return textwrap.fill(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent)
