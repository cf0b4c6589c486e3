"""Conflicts -> what a person is told, and a file beside that shows all sides.

`train` (src/churn/model.py line 12): edited by hand, and the notebook changed it too; yours stays (cells 25, 27)
    .nb2prod/conflicts/src/churn/model.py.diff      what you changed, and what the notebook changed
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nb2prod.merging.ancestor import Origin
from nb2prod.merging.lines import split_lines
from nb2prod.merging.texts import text_of
from nb2prod.merging.tree import Trouble
from nb2prod.merging.units import split

FOLDER = ".nb2prod/conflicts"
LEFT_OUT = ".generated"  # ends the name of a whole file that was left out
UNSETTLED = "a conflict of an earlier conversion is still there"
HEADING = "Both sides changed this, and the project has yours. Take over what you want of the other side, then delete this file."


@dataclass(frozen=True)
class Remark:
    """Something a person should know about a file: the line it is about (0: the whole file), the cells of the notebook it comes from, and
    whether it is a conflict, which `beside` shows; conflicts are told `always`, other remarks only when more is asked for or it says so."""

    path: str
    told: str
    line: int = 0
    cells: tuple[int, ...] = ()
    conflict: bool = False
    beside: str = ""
    always: bool = False


def remark_on(trouble: Trouble, files: Mapping[str, bytes], origins: Sequence[Origin]) -> Remark:
    """What is said about a conflict."""
    name = trouble.conflict.name
    subject = f"`{name}`: " if name and not name.startswith("line ") else ""
    line = int(name.removeprefix("line ")) if name.startswith("line ") else line_of(name, trouble.path, files)
    cells = next((origin.places for origin in origins if origin.name in (name.rpartition(".")[2], name.partition(".")[0])), ())
    return Remark(trouble.path, f"{subject}{trouble.conflict.told}", line, cells if name else (), True, _beside(trouble))


def unsettled(there: Mapping[str, bytes], remarks: Sequence[Remark]) -> list[Remark]:
    """Conflicts of earlier merges that nobody has settled yet."""
    told = {remark.beside for remark in remarks}
    waiting = sorted(path for path in there if path.startswith(f"{FOLDER}/") and path not in told)
    paths = [(path, path.removeprefix(f"{FOLDER}/").removesuffix(LEFT_OUT).removesuffix(".diff")) for path in waiting]
    return [Remark(path, UNSETTLED, conflict=True, beside=beside) for beside, path in paths]


def line_of(name: str, path: str, files: Mapping[str, bytes]) -> int:
    """The line a definition begins at in a file; 0 where it is not there."""
    read = text_of(files.get(path, b""))
    if read is None or not name or not path.endswith(".py"):
        return 0
    try:
        units = split(read.text)
    except ValueError:
        return 0
    line = 1
    for part in name.split("."):
        for unit in units:
            line += unit.lead
            if unit.kind in ("def", "name", "if") and unit.name == part:
                break
            line += unit.text.count("\n")
        else:
            return 0
        units, inside = unit.inner, unit.head.count("\n")
        line += inside if part is not name.split(".")[-1] else _comments(unit.text)
    return line


def files_beside(troubles: Sequence[Trouble], there: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that show conflicts: those still there from earlier merges, with the new ones added."""
    found = {path: content for path, content in there.items() if path.startswith(f"{FOLDER}/")}
    for trouble in troubles:
        beside = _beside(trouble)
        if trouble.left_out is not None:
            found[beside] = trouble.left_out
            continue
        shown = _shown(trouble)
        before = text_of(found.get(beside, b"")) or text_of(b"")
        text = before.text if before else ""
        if shown not in text:
            found[beside] = ((text or f"{HEADING}\n") + shown).encode("utf-8")
    return found


def _beside(trouble: Trouble) -> str:
    return f"{FOLDER}/{trouble.path}{LEFT_OUT if trouble.left_out is not None else '.diff'}"


def _shown(trouble: Trouble) -> str:
    """Both changes to the last common version."""
    conflict = trouble.conflict
    heading = f"\n{trouble.path}" + (f", {conflict.name}" if conflict.name else "") + f": {conflict.told}\n"
    yours = _diff(conflict.base, conflict.hand, "before", "yours")
    theirs = _diff(conflict.base, conflict.new, "before", "from the notebook")
    return heading + yours + theirs


def _diff(old: str, new: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(_ended(old), _ended(new), before, after, n=1_000_000)
    return "".join(lines)


def _ended(text: str) -> list[str]:
    return split_lines(text if text.endswith("\n") or not text else f"{text}\n")


def _comments(text: str) -> int:
    """The lines of comments above a definition."""
    count = 0
    for line in text.split("\n"):
        if not line.lstrip().startswith("#"):
            break
        count += 1
    return count
