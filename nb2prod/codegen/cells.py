"""A cell's code -> its live statements as syntax, each on lines of its own with the comments above it, and where every expression stood.

# load the data                     0: "# load the data\\ndf = load()"
df = load(); df.head();       ->    (statement 1 is dead)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from nb2prod.codegen.comments import own_lines
from nb2prod.model.notebook import Span

Line = cst.SimpleStatementLine | cst.BaseCompoundStatement


class Piece(NamedTuple):
    """One live statement; `gap` says that a blank line (or the end of a paragraph that was dropped) parts it from what is above."""

    node: Line
    gap: bool


@dataclass(frozen=True)
class ParsedCell:
    """The live statements of a cell by their rank, the spans of its expressions, and its lines of text."""

    pieces: Mapping[int, Piece]
    spans: Mapping[cst.CSTNode, Span]
    lines: tuple[str, ...]


def parse_cell(code: str, live: Collection[int]) -> ParsedCell:
    """The cell's statements whose rank is in `live`."""
    wrapper = MetadataWrapper(cst.parse_module(code))
    positions = wrapper.resolve(PositionProvider)
    spans: dict[cst.CSTNode, Span] = {
        node: Span(where.start.line, where.start.column, where.end.line, where.end.column)
        for node, where in positions.items()
        if isinstance(node, cst.BaseExpression)
    }
    for node in spans:
        if isinstance(node, (cst.Tuple, cst.GeneratorExp)) and node.lpar:  # `ast` has these start at their parenthesis
            start, end = positions[node.lpar[-1]].start, positions[node.rpar[0]].end
            spans[node] = Span(start.line, start.column, end.line, end.column)
    return ParsedCell(_pieces(wrapper.module, live), spans, tuple(code.split("\n")))


def _pieces(module: cst.Module, live: Collection[int]) -> dict[int, Piece]:
    pieces: dict[int, Piece] = {}
    rank, gap = 0, False
    above: tuple[cst.EmptyLine, ...] = tuple(module.header)
    for node in module.body:
        above += tuple(node.leading_lines)
        gap = gap or any(line.comment is None for line in above)
        small = node.body if isinstance(node, cst.SimpleStatementLine) else (node,)
        kept = [index for index in range(len(small)) if rank + index in live]
        for index in kept:
            line = _single(node, index) if isinstance(node, cst.SimpleStatementLine) else node
            line = line.with_changes(leading_lines=own_lines(above) if index == kept[0] else ())
            pieces[rank + index] = Piece(line, gap and index == kept[0])
        gap = gap and not kept
        rank += len(small)
        above = ()
    return pieces


def _single(line: cst.SimpleStatementLine, index: int) -> cst.SimpleStatementLine:
    """One statement of `a; b  # why` on a line of its own; the comment goes with the last."""
    small = line.body[index].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    last = index == len(line.body) - 1
    return line.with_changes(body=[small], trailing_whitespace=line.trailing_whitespace if last else cst.TrailingWhitespace())
