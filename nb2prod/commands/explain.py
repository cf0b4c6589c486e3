"""`nb2prod explain`: the analysis of a notebook laid open, without running a line of it."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import NOTEBOOK, choices_from, result_choices
from nb2prod.commands.terminal import DONE, loudness, paint
from nb2prod.errors import ChoiceError
from nb2prod.model.dataflow import Analysis, Slice
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.show import FORMATS, draw_graph, show_effects, show_plan, show_slice, show_why
from nb2prod.show.locations import made_names


@click.command(name="explain")
@click.argument("notebook", type=NOTEBOOK)
@click.option("--effects", "view", flag_value="effects", default=True, help="What every statement defines, updates and uses (the default).")
@click.option("--graph", "view", flag_value="graph", help="Which statement needs which.")
@click.option("--plan", "view", flag_value="plan", help="Parameters, stages and results of the package.")
@click.option("--slice", "name", metavar="NAME", help="The statements that one variable depends on, and why.")
@click.option("--why", "spot", metavar="CELL[:LINE]", help="Why a cell, or the statement on one of its lines, is kept or dropped.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to draw the graph.")
@result_choices
@loudness
def explain(notebook: Path, view: str, name: str | None, spot: str | None, form: str, **asked: Any) -> int:
    """The analysis of a notebook laid open, without running a line of it."""
    if form != "text" and (view != "graph" or name or spot):
        raise ChoiceError(f"--format {form} is for the graph", f"add it to --graph: nb2prod explain {notebook} --graph --format {form}")
    from nb2prod import understanding

    choices = choices_from(asked)
    read, analysis = understanding.read_and_analyze(notebook, choices)
    if name:
        click.echo(show_slice(find_slice(read, analysis, name), read, made_names(analysis.graph.effects), paint))
    elif spot:
        click.echo(show_why(read, analysis, statements_at(read, analysis, spot), paint))
    elif view == "plan":
        click.echo(show_plan(understanding.make_plan_for(read, analysis, choices)))
    else:
        click.echo(show_effects(read, analysis, paint) if view == "effects" else draw_graph(read, analysis, form, paint))
    return DONE


def find_slice(notebook: Notebook, analysis: Analysis, name: str) -> Slice:
    """What a result or any other variable depends on. Raises `ChoiceError` that lists what there is."""
    from nb2prod.analysis import slice_for
    from nb2prod.analysis.slices import slice_from
    from nb2prod.knowledge import load_knowledge

    result = next((result for result in analysis.results if name in (result.name, result.path)), None)
    if result is not None and result.statement is not None:
        return slice_from(name, (result.statement,), analysis.graph)
    variables = sorted(
        {location.key for effects in analysis.graph.effects for location in effects.defines if location.kind == "name"} - {"_"}
    )
    if name not in variables:
        near = difflib.get_close_matches(name, sorted({*variables, *(result.name for result in analysis.results)}), 3)
        known = f"results: {', '.join(result.name for result in analysis.results) or 'none'}; variables: {', '.join(variables) or 'none'}"
        raise ChoiceError(f"the notebook has no result or variable {name!r}", f"did you mean {', '.join(near)}? {known}" if near else known)
    return slice_for(notebook, load_knowledge(), name)


def statements_at(notebook: Notebook, analysis: Analysis, spot: str) -> tuple[StatementId, ...]:
    """The statements of a cell, or the one on a line of it. Raises `ChoiceError` where there is none."""
    cell, _, line = spot.partition(":")
    if not cell.isdigit() or (line and not line.isdigit()):
        raise ChoiceError(
            f"--why {spot}: this is no place in a notebook", "give a cell, or a cell and a line: --why 4:2 (cells count from 0)"
        )
    code = [one.index for one in notebook.code_cells if one.statements]
    if int(cell) not in code:
        raise ChoiceError(f"cell {cell} has no code", f"cells with code: {', '.join(map(str, code)) or 'none'}")
    inside = notebook.cells[int(cell)].statements
    found = [one for one in inside if not line or one.span.start_line <= int(line) <= one.span.end_line]
    if not found:
        starts = ", ".join(str(one.span.start_line) for one in inside)
        raise ChoiceError(f"no statement stands on line {line} of cell {cell}", f"its statements begin on lines {starts}")
    decided = {decision.statement for decision in analysis.decisions}
    return tuple(one.id for one in found if one.id in decided)
