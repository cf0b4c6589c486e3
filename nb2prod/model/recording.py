"""What one instrumented run of the notebook saw.

A *picture* is a value described as plain JSON data that can be compared without the value's libraries: see `recording/pictures.py`.

    Recording(ok=True, variables={"score": {"kind": "float", "value": 0.84}}, shown=(Shown(StatementId(9, 1), 0, ...),), files=...)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

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
    """A statement that raised in the run: those after it in the same cell did not happen.

    Where something was not there, `missing` names it ("the file data/x.csv", "the module foo", "the host example.org") and `advice` says
    what to do about it.
    """

    statement: StatementId
    error: str
    message: str
    missing: str = ""
    advice: str = ""

    @property
    def told(self) -> str:
        """The error in words, and where something was missing what to do."""
        raised = f"{self.error}: {self.message}".strip(": ")
        return f"{raised}; {self.missing} is missing: {self.advice}" if self.missing else raised


class Pin(NamedTuple):
    """An installed distribution's version and the names of those it needs."""

    version: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Environment:
    """Where the run happened: the interpreter's version, the installed distribution and version behind each top-level module the run imported,
    and these distributions with all that they need in turn."""

    python: str = ""
    modules: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    pins: Mapping[str, Pin] = field(default_factory=dict)


class FileUse(NamedTuple):
    """What was done to a file or folder, named relative to the working directory where it lies below the copied root."""

    path: str
    how: Literal["read", "write", "append", "update", "delete", "rename", "mkdir"]


@dataclass(frozen=True)
class Observation:
    """What one statement did in the run.

    Of the notebook's names, `bound` are those that hold another object than before, `changed` those that hold the same object with other
    content, `deleted` those that are gone; `inside` are those of the changed ones of which nothing but the insides of a library's objects
    is different (a fitted model, but also what a library remembers, counts or draws). `contents` are digests of what the bound and changed
    ones hold now (what they held before is in the last observation that told of them; equal content has equal digests in every run; one
    of a sample begins with ~ and its kind, and `unlike` knows what can be held against what),
    `shapes` their sizes where they have one; `sampled` are those too big to be looked at as a whole. `shared` are groups of names that hold
    the same changeable object since now.

    `ambient` is the state outside the names that changed ("rng:numpy", "cwd", "matplotlib.rcParams"). `files`, `hosts` and `commands` are
    what an audit hook saw of files, network and other processes; `memory` is the most bytes the process held meanwhile.
    """

    statement: StatementId
    bound: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    contents: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    sampled: tuple[str, ...] = ()
    shared: tuple[tuple[str, ...], ...] = ()
    ambient: tuple[str, ...] = ()
    files: tuple[FileUse, ...] = ()
    hosts: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    memory: int = 0


def unlike(first: str | None, second: str | None) -> bool:
    """Whether two digests of `contents` stand for different content; samples of different kinds cannot tell."""
    kinds = [text.partition(":")[0] if text.startswith("~") else "" for text in (first or "", second or "")]
    return first != second and kinds[0] == kinds[1] != "~"


@dataclass(frozen=True)
class Recording:
    """One run: how it ended and everything it showed, in the notebook's own order.

    `ok` is False when the run could not be made at all (`reason` says why) or died part way; a cell that raised is in `failures`, not here.
    `variables` are pictures of the final namespace; `types` the real type of every name after each statement that bound it
    (`{(statement, "df"): "pandas.DataFrame"}`, importable path where there is one); `stdout` the text each statement printed;
    `reads` the files opened for reading, relative to the working directory where they lie below `root`; `observations` what each statement
    did, in the order of the run; `sampled` the input files of which only the beginning was there.
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
    observations: tuple[Observation, ...] = ()
    sampled: tuple[str, ...] = ()
    seconds: float = 0.0
