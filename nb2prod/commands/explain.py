"""`nb2prod explain`: the analysis of a notebook laid open, without running a line of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import NOTEBOOK, choices_from, loudness, result_choices
from nb2prod.commands.terminal import DONE
from nb2prod.errors import ChoiceError
from nb2prod.show import FORMATS, draw_graph, show_effects, show_plan, show_slice


@click.command(name="explain")
@click.argument("notebook", type=NOTEBOOK)
@click.option("--effects", "view", flag_value="effects", default=True, help="What every statement defines, updates and uses (the default).")
@click.option("--graph", "view", flag_value="graph", help="Which statement needs which.")
@click.option("--plan", "view", flag_value="plan", help="Parameters, stages and results of the package.")
@click.option("--slice", "name", metavar="NAME", help="The statements that one variable depends on, and why.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How to draw the graph.")
@result_choices
@loudness
def explain(notebook: Path, view: str, name: str | None, form: str, **asked: Any) -> int:
    """The analysis of a notebook laid open, without running a line of it."""
    if form != "text" and (view != "graph" or name):
        raise ChoiceError(f"--format {form} is for the graph", f"add it to --graph: nb2prod explain {notebook} --graph --format {form}")
    from nb2prod import pipeline

    choices = choices_from(asked)
    read, analysis = pipeline.read_and_analyze(notebook, choices)
    if name:
        from nb2prod.analysis import slice_for
        from nb2prod.knowledge import load_knowledge

        click.echo(show_slice(slice_for(read, load_knowledge(), name), read))
    elif view == "plan":
        click.echo(show_plan(pipeline.make_plan_for(read, analysis, choices)))
    else:
        click.echo(show_effects(read, analysis) if view == "effects" else draw_graph(read, analysis, form))
    return DONE
