"""The syntax trees of a notebook's statements, and columns the way people count them.

parse(cell)  ->  {StatementId(3, 0): <ast.Assign>, ...}      one tree a top-level statement, positions within the cell
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from nb2prod.model.notebook import Cell, Notebook, Place, Span, StatementId
from nb2prod.model.syntax import nodes_of, parsed

Trees = Mapping[StatementId, ast.stmt]


def parse_statements(notebook: Notebook) -> Trees:
    """Parse each cell once and pair its trees with its statements; cells that do not parse have none."""
    trees: dict[StatementId, ast.stmt] = {}
    copies: Counter[str] = Counter()
    for cell in notebook.code_cells:
        if cell.statements:
            copies[cell.code] += 1
            body = parsed(cell.code, copies[cell.code]).body  # of its own: the same text in two cells is two statements
            trees.update((statement.id, tree) for statement, tree in zip(cell.statements, body, strict=False))
    return trees


def silent_statements(notebook: Notebook) -> frozenset[StatementId]:
    """The last expressions of cells that end in `;` and so show nothing."""
    found = set()
    for cell in notebook.code_cells:
        if cell.statements:
            span = cell.statements[-1].span
            if cell.code.split("\n")[span.end_line - 1][span.end_column :].lstrip().startswith(";"):
                found.add(cell.statements[-1].id)
    return frozenset(found)


class Columns:
    """Turns the byte columns of `ast` into character columns, which differ after any non-ASCII character."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell.index
        self.lines = cell.code.split("\n")

    def place(self, node: ast.AST) -> Place:
        """Where a node stands."""
        start, end = self.column(node.lineno, node.col_offset), self.column(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return Place(self.cell, Span(node.lineno, start, node.end_lineno, end))  # type: ignore[attr-defined]

    def column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


@lru_cache(maxsize=1024)
def catching(function: ast.AST) -> bool:
    """Whether a function has anything in it that may swallow an error."""
    return any(isinstance(part, (ast.Try, ast.With, ast.AsyncWith)) or type(part).__name__ == "TryStar" for part in nodes_of(function))
