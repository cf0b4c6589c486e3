"""`nb2prod analyze`: what lives and what is dropped in each notebook, without running a line of it; of many notebooks, a line each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import NOTEBOOK, choices_from, result_choices, survey_choices, terms_from
from nb2prod.commands.terminal import DONE, FINDINGS, loudness, paint
from nb2prod.model.choices import Choices
from nb2prod.model.diagnostic import Severity
from nb2prod.show import show_analysis


@click.command(name="analyze")
@click.argument("notebooks", nargs=-1, required=True, type=NOTEBOOK, metavar="NOTEBOOK...")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv", "html"]), default="text", show_default=True, help="How to show it."
)
@survey_choices
@result_choices
@loudness
def analyze(notebooks: tuple[Path, ...], form: str, **asked: Any) -> int:
    """What lives and what is dropped, without running a line of it.

    NOTEBOOK is a file, a folder or a pattern such as 'share/**/*.ipynb'. One file is told statement by statement; of several, each gets a line,
    a JSON entry, a row, or a place on a page that shows which are nearest to production.
    """
    from nb2prod.surveying.finding import is_many

    choices = choices_from(asked)
    if len(notebooks) == 1 and not is_many(notebooks) and form != "csv":
        return one_told(notebooks[0], form, choices)
    from nb2prod.commands.surveyed import survey_told  # late: one notebook needs no processes

    return survey_told(notebooks, form, terms_from(asked), choices)


def one_told(path: Path, form: str, choices: Choices) -> int:
    """One notebook as text, as data or as a page."""
    from nb2prod.surveying.looking import look_at, told_of

    notebook, analysis, plan = look_at(path, choices)
    if form == "text":
        click.echo(show_analysis(notebook, analysis, plan, paint))
    elif form == "json":
        click.echo(json.dumps(told_of(notebook, analysis, plan), indent=1, ensure_ascii=False))
    else:
        from nb2prod.codegen.manifest import build_manifest
        from nb2prod.codegen.report import render_report

        click.echo(render_report(notebook, analysis, plan, build_manifest(notebook, analysis, plan, None), None))
    return FINDINGS if any(finding.severity is Severity.error for finding in analysis.diagnostics) else DONE
