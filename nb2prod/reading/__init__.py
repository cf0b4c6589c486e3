"""Reading: a file on disk becomes a `Notebook`.

Takes the path of a notebook (`.ipynb`) or of a percent script (`.py`). Gives every cell as the user sees it and, beside it, the Python in
it with magics understood, cut into top-level statements, line for line at the same numbers. Never runs code, never judges what a statement
is for, never changes the file. A file that is no Python notebook is a `ReadError`; a cell that is no valid Python is a `syntax_error` of
that cell.

    # cell 3                         Cell(index=3, source="%%time\\ndf = load()", code="\\ndf = load()",
    %%time                     ->      statements=(Statement(StatementId(3, 0), Span(2, 0, 2, 11), "df = load()"),),
    df = load()                        directives=(Directive("timing", 1, "%%time"),))
"""

from __future__ import annotations

import difflib
import hashlib
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from nb2prod.errors import ReadError
from nb2prod.model.notebook import Cell, Notebook
from nb2prod.model.syntax import parsed
from nb2prod.reading.around import look_around
from nb2prod.reading.characters import has_surrogates, with_newlines, without_surrogates
from nb2prod.reading.history import with_history
from nb2prod.reading.idioms import plain_idioms
from nb2prod.reading.includes import Includer
from nb2prod.reading.ipynb import read_ipynb
from nb2prod.reading.language import check_version
from nb2prod.reading.magics import read_alone, read_magics
from nb2prod.reading.percent import read_percent
from nb2prod.reading.shell_lines import lines_in_order
from nb2prod.reading.statements import half_character, split_statements
from nb2prod.reading.translations import NOTHING_AROUND, Around, captured

Reader = Callable[[bytes, str], Notebook]

READERS: Mapping[str, Reader] = MappingProxyType({".ipynb": read_ipynb, ".py": read_percent})
# What a cell says that means more where the other cells are known.
NEEDS_MORE = re.compile(r"[%!]|get_ipython|^\s*\w+(?:[ \t][^\n]*)?\s*$|\.(?:magic|run_line_magic|run_cell_magic|system|getoutput)\(")
SKIPPED = frozenset({"skip-execution"})


def read(path: Path | str) -> Notebook:
    """Read a notebook file. Raises `ReadError` when it is missing, unreadable, damaged, or not a Python 3 notebook."""
    path = Path(path)
    return read_bytes(_bytes(path), path)


def read_bytes(data: bytes, path: Path) -> Notebook:
    """Read what is, or would be, the content of a notebook file; its path says the format and what lies beside it. Raises `ReadError`."""
    notebook = READERS[path.suffix.lower()](data, str(path))
    notebook = replace(notebook, sha256=hashlib.sha256(data).hexdigest(), cells=_all_understood(notebook.cells, path.parent))
    check_version(str(path), notebook)
    return notebook


def _all_understood(cells: Sequence[Cell], folder: Path) -> tuple[Cell, ...]:
    """Every cell with its Python read: once alone, and once more knowing what the other cells say where that could matter."""
    first = tuple(_understood(cell, NOTHING_AROUND) for cell in cells)
    trees = {cell.index: parsed(cell.code) for cell in first if cell.statements}
    around = look_around(trees.values())
    capturing = frozenset(
        name for cell in first for one in cell.directives if one.kind == "capture" and (name := captured(one.text.partition(" ")[2]))
    )
    again = [_understood(cell, around) if NEEDS_MORE.search(cell.source) else old for cell, old in zip(cells, first, strict=True)]
    lines = _lines_at(again, around)
    seen = with_history([_with_idioms(cell, around, capturing, lines.get(cell.index, ())) for cell in again], around)
    includer = Includer(folder, _cells_of, trees, around)
    return tuple(includer.included(cell) for cell in seen)


def _cells_of(path: Path, content: bytes | None) -> Sequence[Cell]:
    """The cells of a file that a notebook runs, as they are written; its content where the notebook writes the file itself."""
    data = _bytes(path) if content is None else content
    return [replace(cell, source=with_newlines(cell.source)) for cell in READERS[path.suffix.lower()](data, str(path)).cells]


def _lines_at(cells: Sequence[Cell], around: Around) -> dict[int, list[frozenset[str]]]:
    """For each cell and statement of it the names that hold the lines of a shell command there."""
    counts = [cell.execution_count for cell in cells if cell.execution_count is not None]
    if not around.lines_for_a_while or counts != sorted(counts):
        return {}
    trees = {cell.index: parsed(cell.code) for cell in cells if cell.statements and not cell.syntax_error}
    found = lines_in_order([tree.body for tree in trees.values()], around.lines, around.lines_for_a_while)
    return dict(zip(trees, found, strict=True))


def _with_idioms(cell: Cell, around: Around, captured: frozenset[str], lines: Sequence[frozenset[str]]) -> Cell:
    code = plain_idioms(cell.code, around, captured, lines) if cell.statements else cell.code
    if code == cell.code:
        return cell
    statements, syntax_error = split_statements(code, cell.index)
    return replace(cell, code=code, statements=statements, syntax_error=syntax_error)


def _bytes(path: Path) -> bytes:
    """The file's content, once it is sure that it is a regular file of a kind we have a reader for."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ReadError(f"{path}: this is a folder, not a notebook", "name the .ipynb file inside it")
        if path.suffix.lower() not in READERS:
            known = " and ".join(READERS)
            raise ReadError(f"{path}: nb2prod cannot read {path.suffix or 'files without a suffix'}", f"it reads {known} files")
        if not stat.S_ISREG(mode):  # a pipe could keep us waiting for ever
            raise ReadError(f"{path}: this is not a regular file", "save the notebook to a file first")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError(f"{path}: there is no such file", _nearest(path)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReadError(f"{path}: cannot be read: {reason}", "check the path and its permissions") from error


def _nearest(path: Path) -> str:
    """A hint that names the most similar notebook in the same folder, if there is one."""
    files = sorted(path.parent.glob("*")) if path.parent.is_dir() else []
    stems = {file.stem: file for file in files if file.suffix.lower() in READERS}
    similar = difflib.get_close_matches(path.stem, stems, n=1)
    return f"did you mean {stems[similar[0]]}?" if similar else "check the spelling of the path"


def _understood(cell: Cell, around: Around) -> Cell:
    """The cell with its newlines made equal and, for a code cell, its Python read."""
    source = with_newlines(cell.source)
    seen = replace(cell, source=without_surrogates(source))
    if cell.kind != "code":
        return seen
    if SKIPPED & set(cell.tags):  # no frontend and no runner runs it
        return replace(seen, code="\n" * source.count("\n"))
    if has_surrogates(source):
        return replace(seen, code=seen.source, syntax_error=half_character(source))
    code, directives = read_alone(source) if around is NOTHING_AROUND else read_magics(source, around)
    statements, syntax_error = split_statements(code, cell.index)
    return replace(seen, code=code, statements=statements, directives=directives, syntax_error=syntax_error)
