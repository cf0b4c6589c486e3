"""Notebooks made of the texts of their cells, as reading would give them."""

from __future__ import annotations

import ast
from pathlib import Path

from nb2prod.model.notebook import Cell, Notebook, Span, Statement, StatementId


def make_notebook(path: Path, *codes: str, kernel: str = "") -> Notebook:
    """A notebook of code cells; a text that is no Python becomes a cell with a syntax error. Its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Notebook(str(path), "", tuple(_cell(index, code) for index, code in enumerate(codes)), kernel)


def _cell(index: int, code: str) -> Cell:
    try:
        body = ast.parse(code).body
    except SyntaxError as error:
        return Cell(index, str(index), "code", code, syntax_error=str(error.msg))
    spans = [Span(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0) for node in body]
    sources = [ast.get_source_segment(code, node) or "" for node in body]
    both = enumerate(zip(spans, sources, strict=True))
    return Cell(index, str(index), "code", code, code, statements=tuple(Statement(StatementId(index, rank), *pair) for rank, pair in both))
