"""`nb2prod diff`: what converting a project's notebook again would change in the project, without writing anything."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nb2prod.commands.merged import merged_files, show_remarks
from nb2prod.commands.options import FOLDER, NOTEBOOK, choices_from, run_choices
from nb2prod.commands.projects import read_manifest
from nb2prod.commands.terminal import DONE, FINDINGS, loudness, paint, progress
from nb2prod.model.choices import Choices
from nb2prod.saving import MANIFEST, check_folder

if TYPE_CHECKING:
    from nb2prod.pipeline import Conversion

DERIVED = ("REPORT.html", MANIFEST)
HIDDEN = ".nb2prod/"
COLOURS = {"+": "same", "-": "different", "@": "reason"}


@click.command(name="diff")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--notebook", type=NOTEBOOK, metavar="FILE", help="Where the notebook is now, if it moved.")
@click.option("--run/--no-run", "runs", default=None, help="Whether to run the notebook.  [default: as the project was converted]")
@run_choices
@loudness
def diff(folder: Path, notebook: Path | None, runs: bool | None, **asked: Any) -> int:
    """What converting a project's notebook again would change in it; nothing is written."""
    from nb2prod import pipeline
    from nb2prod.reading.project import find_notebook, reopen
    from nb2prod.renewing import find_earlier

    read_manifest(folder)
    check_folder(folder, merging=True)
    _, proof = reopen(folder)
    asked_for = choices_from(asked)
    told: dict[str, Any] = {name: getattr(asked_for, name) for name in ("timeout", "sandbox", "variables", "sample")}
    told |= {name: getattr(asked_for, name) or getattr(proof.choices, name) for name in ("kernel", "python", "memory", "data")}
    choices = replace(proof.choices, run=proof.choices.run if runs is None else runs, keep=(), drop=(), fixed=(), schedule=None, **told)
    choices = replace(choices, targets=Choices().targets, force=False)
    with progress(f"converting for {folder}") as step:
        conversion = pipeline.convert(find_notebook(folder, proof, notebook), choices, step, lambda package: find_earlier(folder))
    changes = changes_of(conversion, folder)
    for line in changes:
        click.echo(line)
    show_remarks(conversion, folder)
    return FINDINGS if changes else DONE


def changes_of(conversion: Conversion, folder: Path) -> list[str]:
    """Each file that would change, with the reason and the lines; those made from the others by name only."""
    made = {
        file.path: file.content if isinstance(file.content, bytes) else file.content.encode("utf-8") for file in conversion.project.files
    }
    merged = merged_files(conversion)
    found: list[str] = []
    derived: list[str] = []
    for path in sorted({*made, *(merged.gone if merged else ())}):
        place = folder / path
        old, new = place.read_bytes() if place.is_file() else None, made.get(path)
        if old == new:
            continue
        if path in DERIVED or path.startswith(HIDDEN):
            derived.append(path)
        else:
            found += [paint(f"{path}: {_reason(conversion, path, old, new)}", "heading"), *_lines(path, old, new)]
    if derived and not found and _facts(made[MANIFEST]) == _facts((folder / MANIFEST).read_bytes()):
        return []  # the same, but for where the notebook was seen from
    return [*found, *([f"also written anew: {', '.join(derived)}"] if derived else [])]


def _facts(manifest: bytes) -> Any:
    """A manifest without the place of the notebook."""
    facts = json.loads(manifest)
    facts["notebook"].pop("path", None)
    return facts


def _reason(conversion: Conversion, path: str, old: bytes | None, new: bytes | None) -> str:
    if old is None:
        return "new"
    if new is None:
        return "the notebook has nothing for it any more, and nobody edited it"
    before = conversion.earlier.ancestor.files.get(path) if conversion.earlier else None
    return "what is generated for it has changed" if before == old else "edited by hand, and what is generated for it has changed: merged"


def _lines(path: str, old: bytes | None, new: bytes | None) -> list[str]:
    try:
        texts = [(content or b"").decode("utf-8").split("\n") for content in (old, new)]
    except UnicodeDecodeError:
        return ["  (no text)"]
    names = ["/dev/null" if content is None else f"{side}/{path}" for side, content in (("a", old), ("b", new))]
    lines = difflib.unified_diff(texts[0], texts[1], names[0], names[1], lineterm="")
    return [paint(line, COLOURS[line[0]]) if line[:1] in COLOURS else line for line in lines]
