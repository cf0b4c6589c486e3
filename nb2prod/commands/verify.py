"""`nb2prod verify`: run notebook and package again, compare, and write the new verdict into the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.convert import unlike, verdict_line
from nb2prod.commands.options import FOLDER, NOTEBOOK, choices_from, run_choices
from nb2prod.commands.projects import read_manifest
from nb2prod.commands.terminal import exit_code, is_quiet, loudness, progress
from nb2prod.model.project import File
from nb2prod.model.verdict import Verdict
from nb2prod.saving import MANIFEST, rewrite

REPORT = "REPORT.html"


@click.command(name="verify")
@click.argument("folder", type=FOLDER, metavar="DIR")
@run_choices
@click.option("--notebook", type=NOTEBOOK, metavar="FILE", help="Where the notebook is now, if it moved.")
@loudness
def verify(folder: Path, notebook: Path | None, **asked: Any) -> int:
    """Run notebook and package again, compare, and write the new verdict into the project."""
    choices = choices_from(asked)
    read_manifest(folder)
    from nb2prod import pipeline

    with progress(f"verifying {folder}") as step:
        project, verdict = pipeline.verify_project(folder, choices, step, notebook)
    rewrite(folder, [File(MANIFEST, json.dumps(dict(project.manifest), indent=1, ensure_ascii=False) + "\n"), *_report(folder, verdict)])
    if not is_quiet():
        click.echo("\n".join([verdict_line(verdict), *unlike(verdict)]))
    return exit_code(verdict, choices)


def _report(folder: Path, verdict: Verdict) -> list[File]:
    """The report with the new verdict; none where somebody deleted it."""
    from nb2prod.codegen.report import with_verdict

    path = folder / REPORT
    return [File(REPORT, with_verdict(path.read_text(encoding="utf-8"), verdict))] if path.is_file() else []
