"""What one instrumented run of the notebook saw.

A *picture* is a value described as plain JSON data that can be compared without the value's libraries: see `recording/pictures.py`.

    Recording(ok=True, variables={"score": {"kind": "float", "value": 0.84}}, shown=(Shown(StatementId(9, 1), 0, ...),), files=...)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nb2prod.model.notebook import StatementId

Picture = Mapping[str, Any]

CUT = "\n[the rest of this output was too long to keep]\n"  # ends a statement's stdout of which only the beginning is known


@dataclass(frozen=True)
class Shown:
    """One value the notebook showed: displayed (`how="display"`), printed (one per positional argument of a top-level print), or a drawn figure."""

    statement: StatementId
    position: int
    how: Literal["display", "print", "figure"]
    picture: Picture


@dataclass(frozen=True)
class FilePicture:
    """A file a run wrote, relative to the working directory, with its size, digest and (where its format is known) its content as a picture."""

    path: str
    size: int
    sha256: str
    content: Picture = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A statement that raised in the run: those after it in the same cell did not happen."""

    statement: StatementId
    error: str
    message: str


@dataclass(frozen=True)
class Environment:
    """Where the run happened: the interpreter's version, and the installed distribution and version behind each top-level module the run imported."""

    python: str = ""
    modules: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Recording:
    """One run: how it ended and everything it showed, in the notebook's own order.

    `ok` is False when the run could not be made at all (`reason` says why) or died part way; a cell that raised is in `failures`, not here.
    `variables` are pictures of the final namespace; `types` the real type of every name after each statement that bound it
    (`{(statement, "df"): "pandas.DataFrame"}`, importable path where there is one); `stdout` the text each statement printed;
    `reads` the files opened for reading, relative to the working directory where they lie below `root`.
    """

    ok: bool
    reason: str = ""
    variables: Mapping[str, Picture] = field(default_factory=dict)
    types: Mapping[tuple[StatementId, str], str] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()
    stdout: Mapping[StatementId, str] = field(default_factory=dict)
    files: tuple[FilePicture, ...] = ()
    reads: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    environment: Environment = Environment()
    seconds: float = 0.0
