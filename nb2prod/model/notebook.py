"""A notebook as it was read: cells, the top-level statements in them, and what was saved beside them.

# cell 3                         Cell(index=3, source="%%time\\ndf = load(); df.head()", code="\\ndf = load(); df.head()",
%%time                     ->      statements=(Statement(StatementId(3, 0), Span(2, 0, 2, 11), "df = load()"),
df = load(); df.head()                         Statement(StatementId(3, 1), Span(2, 13, 2, 22), "df.head()")))
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple


class Span(NamedTuple):
    """Where something stands in its cell: lines count from 1 as the user sees the cell, columns from 0 in characters, the end is exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


class StatementId(NamedTuple):
    """The name of a top-level statement: the index of its cell in the file (all cells count, from 0) and its rank in that cell."""

    cell: int
    index: int  # type: ignore[assignment]  # the rank, not the method of tuples


class Place(NamedTuple):
    """A span in a certain cell, the way nouns point at code without holding any syntax."""

    cell: int
    span: Span


@dataclass(frozen=True)
class Statement:
    """One top-level statement: the unit that lives or dies. `source` is its own text in `Cell.code`, without the lines around it."""

    id: StatementId
    span: Span
    source: str


DirectiveKind = Literal["display", "dependency", "timing", "shell", "capture", "include", "other"]


@dataclass(frozen=True)
class Directive:
    """A magic or shell line that reading understood: what it is and which requirement or command it carries.

    A `display` (`%matplotlib inline`), `dependency` (`!pip install x`), `timing` (`%%time`) or `capture` directive has left no trace in
    `Cell.code` but blank space; any other stands there as the Python that says the same, or where there is none as a `get_ipython()` call for
    the analysis to judge: `why` says what stood in the way.
    """

    kind: DirectiveKind
    line: int
    text: str
    requirements: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Included:
    """The text of another file that stands in a cell's code for its `%run` line: the line of the code it begins at, its length, the file's name."""

    line: int
    lines: int
    file: str


@dataclass(frozen=True)
class Output:
    """One saved output of a cell: its text, the mime types it came in, and for an error the exception and the cell line that raised it (0: not known)."""

    kind: Literal["stream", "display", "result", "error"]
    text: str = ""
    mimes: tuple[str, ...] = ()
    error_name: str = ""
    error_line: int = 0


@dataclass(frozen=True)
class Wish:
    """What a cell's metadata asks about the parameter that a value in it becomes: `value` says which one in the notebook's own words
    (`LIMIT`, `KMeans.n_clusters`), `asked` what: pairs such as ("name", "clusters") or ("parameter", "false")."""

    value: str
    asked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Cell:
    """One cell. `source` is what the user sees; `code` is the Python in it after magics were read, line for line at the same numbers, but for
    files it runs, which stand in the code in full."""

    index: int
    id: str
    kind: Literal["code", "markdown", "raw"]
    source: str
    code: str = ""
    tags: tuple[str, ...] = ()
    execution_count: int | None = None
    outputs: tuple[Output, ...] = ()
    statements: tuple[Statement, ...] = ()
    directives: tuple[Directive, ...] = ()
    syntax_error: str = ""
    included: tuple[Included, ...] = ()
    wishes: tuple[Wish, ...] = ()

    def seen_line(self, line: int) -> int:
        """The line of the cell, as the user sees it, that a line of its code comes from."""
        more = 0
        for part in self.included:
            if line < part.line:
                break
            if line < part.line + part.lines:
                return part.line - more
            more += part.lines - 1
        return line - more

    @property
    def as_seen(self) -> Cell:
        """The cell with its statements at the lines the user sees."""
        found = []
        for statement in self.statements:
            span = statement.span
            seen = span._replace(start_line=self.seen_line(span.start_line), end_line=self.seen_line(span.end_line))
            found.append(replace(statement, span=seen))
        return replace(self, statements=tuple(found))

    @property
    def error(self) -> Output | None:
        """The saved error of this cell, if its last run raised one."""
        return next((output for output in self.outputs if output.kind == "error"), None)


@dataclass(frozen=True)
class Notebook:
    """A notebook file, read. `path` is as the user gave it, `kernel` the kernel's name in its metadata (empty: not said)."""

    path: str
    sha256: str
    cells: tuple[Cell, ...]
    kernel: str = ""
    language_version: str = ""

    @property
    def code_cells(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind == "code")

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement in document order."""
        return tuple(statement for cell in self.cells for statement in cell.statements)

    @property
    def as_seen(self) -> Notebook:
        """The notebook with each statement at the lines of its cell as the user sees it, to be told of; not to be read from."""
        if not any(cell.included for cell in self.cells):
            return self
        return replace(self, cells=tuple(cell.as_seen for cell in self.cells))

    def statement(self, id: StatementId) -> Statement:
        return next(s for s in self.cells[id.cell].statements if s.id == id)
