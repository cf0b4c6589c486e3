"""A notebook with other texts in certain places of its code, as if somebody had edited them there.

with_texts(notebook, {Place(2, <0.2 in `size = 0.2`>): "0.3"})   ->   the notebook with `size = 0.3` in cell 2, every line where it was
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nb2prod.model.notebook import Cell, Notebook, Place, Span
from nb2prod.reading.statements import split_statements


def with_texts(notebook: Notebook, texts: Mapping[Place, str]) -> Notebook:
    """The notebook with each text put in its place; a list that stood on several lines still takes as many.

    Raises:
        ValueError: a text on one line would take the place of several lines.
    """
    spans: dict[int, dict[Span, str]] = {}
    for place, text in texts.items():
        spans.setdefault(place.cell, {})[place.span] = text
    cells = (_edited(cell, spans[cell.index]) if cell.index in spans else cell for cell in notebook.cells)
    return replace(notebook, cells=tuple(cells))


def _edited(cell: Cell, texts: Mapping[Span, str]) -> Cell:
    lines = cell.code.split("\n")
    for span, text in sorted(texts.items(), reverse=True):
        first, last = span.start_line - 1, span.end_line - 1
        if last > first and not text.endswith(("]", ")", "}")):
            raise ValueError(f"{text} takes one line, and what stands at line {span.start_line} takes {last - first + 1}")
        whole = lines[first][: span.start_column] + text[:-1] + "\n" * (last - first) + text[-1:] + lines[last][span.end_column :]
        lines[first : last + 1] = whole.split("\n")
    code = "\n".join(lines)
    statements, syntax_error = split_statements(code, cell.index)
    return replace(cell, code=code, statements=statements, syntax_error=syntax_error)
