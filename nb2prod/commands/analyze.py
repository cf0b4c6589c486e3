"""`nb2prod analyze`: what lives and what is dropped in each notebook, without running a line of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import NOTEBOOK, choices_from, loudness, result_choices
from nb2prod.commands.terminal import DONE, FINDINGS, WRONG_USE, complain, paint
from nb2prod.errors import ChoiceError, Nb2ProdError, NotebookError
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.diagnostic import Severity
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan
from nb2prod.show import show_analysis

TOLD = ("notebook", "character", "cells", "parameters", "results", "diagnostics")  # of the manifest, what is known without a run


@click.command(name="analyze")
@click.argument("notebooks", nargs=-1, required=True, type=NOTEBOOK, metavar="NOTEBOOK...")
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True, help="How to show it.")
@result_choices
@loudness
def analyze(notebooks: tuple[Path, ...], form: str, **asked: Any) -> int:
    """What lives and what is dropped in each notebook, without running a line of it."""
    if form == "html" and len(notebooks) > 1:
        raise ChoiceError("an html page shows one notebook", "give one notebook, or --format json")
    choices, codes, told = choices_from(asked), [], []
    for path in notebooks:
        try:
            seen = look_at(path, choices)
        except Nb2ProdError as error:
            if len(notebooks) == 1:
                raise
            complain(error.message, error.hint)  # one bad file does not hide the others
            codes.append(WRONG_USE)
            continue
        told.append(tell(form, *seen))
        codes.append(FINDINGS if any(finding.severity is Severity.error for finding in seen[1].diagnostics) else DONE)
    if form == "json":
        click.echo(json.dumps(told if len(notebooks) > 1 else told[0], indent=1, ensure_ascii=False))
    else:
        click.echo("\n\n".join(told))
    return max(codes)


def look_at(path: Path, choices: Choices) -> tuple[Notebook, Analysis, Plan]:
    """Read, analyse and, where the notebook's errors allow it, plan."""
    from nb2prod import pipeline

    notebook, analysis = pipeline.read_and_analyze(path, choices)
    try:
        return notebook.as_seen, analysis, pipeline.as_seen(pipeline.make_plan_for(notebook, analysis, choices), notebook)
    except NotebookError:  # its reasons are among the diagnostics
        return notebook.as_seen, analysis, Plan("", "", "", (), (), (), (), analysis.results, ())


def tell(form: str, notebook: Notebook, analysis: Analysis, plan: Plan) -> Any:
    """One notebook as text, as data or as a page."""
    if form == "text":
        return show_analysis(notebook, analysis, plan, paint)
    from nb2prod.codegen.manifest import build_manifest
    from nb2prod.codegen.report import render_report

    manifest = build_manifest(notebook, analysis, plan, None)
    return render_report(notebook, analysis, plan, manifest, None) if form == "html" else {name: manifest[name] for name in TOLD}
