"""A saved project -> what is needed to prove it again: its files, and notes about the run that proved it.

reopen(Path("churn"))   ->   Project("churn", files=(src/...)), Proof(notebook="/data/churn.ipynb", results=(...), live=(...), ...)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nb2prod.errors import ReadError
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import StatementId
from nb2prod.model.project import File, Project
from nb2prod.wire import from_data, to_data

PROOF = ".nb2prod/proof.json"


@dataclass(frozen=True)
class Proof:
    """What a proof run compares: the notebook (its absolute path: these notes are for one machine, not for version control), what the user
    chose, the results, the live statements in order, the order of the run, whether it draws unseeded random numbers, and
    the `fields` that hold results under other names than the notebook's."""

    notebook: str
    sha256: str
    choices: Choices
    results: tuple[Result, ...]
    live: tuple[StatementId, ...]
    order: tuple[StatementId, ...]
    unseeded: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


def render_proof(proof: Proof) -> str:
    """The notes as text."""
    return json.dumps(to_data(proof), indent=1) + "\n"


def reopen(folder: Path) -> tuple[Project, Proof]:
    """Read a saved project back.

    Raises:
        ReadError: the folder is not a project of nb2prod, or its notes are missing.
    """
    try:
        manifest = json.loads((folder / "nb2prod.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReadError(
            f"{folder}: this is not a project made by nb2prod ({error})", "make one with `nb2prod convert NOTEBOOK -o DIR`"
        ) from error
    try:
        proof = from_data(Proof, json.loads((folder / PROOF).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReadError(
            f"{folder}: {PROOF} is missing or damaged, so the proof cannot be repeated", "convert the notebook again"
        ) from error
    root = folder / manifest["source_root"]
    files = tuple(
        File(path.relative_to(folder).as_posix(), path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    )
    return Project(manifest["package"], files, manifest), proof


def find_notebook(folder: Path, proof: Proof, moved_to: Path | None = None) -> Path:
    """Where the notebook of a project is: the place named, where it was, or else beside or in the project's folder.

    Raises:
        ReadError: it is nowhere.
    """
    if moved_to is not None:
        return moved_to
    name, place = Path(proof.notebook).name, folder.absolute()
    places = (Path(proof.notebook), place.parent / name, place / name, Path.cwd() / name)
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise ReadError(f"{proof.notebook}: the notebook that {folder} was made from is gone", "say where it is with --notebook FILE")
    return found
