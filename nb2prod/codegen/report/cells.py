"""A notebook's cells as the page shows them: lines made of pieces, each piece with what became of it.

df = load(); df.head()   ->   Line(1, (Piece("df = load()", "live"), Piece("; ", ""), Piece("df.head()", "dead")),
                                   reasons=(Reason("dead", "only shows the first rows"),))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nb2prod.codegen.report.secrets import without
from nb2prod.model.dataflow import Analysis, Decision
from nb2prod.model.notebook import Cell, Notebook, Statement, StatementId
from nb2prod.model.plan import Plan

DIRECTIVES = {
    "display": "only for the screen",
    "dependency": "becomes a dependency of the package",
    "timing": "only measures time",
    "capture": "only holds back output",
}
MOST_USERS = 4


class Piece(NamedTuple):
    """Text and what became of it: live, dead, parameter, or nothing for what is no statement."""

    text: str
    what: str


class Reason(NamedTuple):
    """Why, and for which kind of piece."""

    what: str
    text: str


class Line(NamedTuple):
    """One line of a cell; the reasons of the statements that end on it."""

    number: int
    pieces: tuple[Piece, ...]
    reasons: tuple[Reason, ...]
    what: str


class ShownCell(NamedTuple):
    """A code cell with its lines, or markdown with its text."""

    position: int
    kind: str
    word: str
    executed: int | None
    lines: tuple[Line, ...]
    text: str
    trouble: str


class ShownDrop(NamedTuple):
    """A dropped statement: where it stood, what it was, why it went, and what it would have fed."""

    cell: int
    line: int
    source: str
    reason: str
    users: tuple[str, ...]


def cells_of(
    notebook: Notebook, analysis: Analysis, plan: Plan, words: Mapping[int, str], secrets: tuple[str, ...]
) -> tuple[ShownCell, ...]:
    """All cells, markdown as text; `words` are the verdicts of the code cells."""
    assigned = {(parameter.cell, parameter.line) for parameter in plan.parameters if parameter.variable}
    fates = {
        decision.statement: Reason(_kind(decision, (decision.statement.cell, statement.span.start_line) in assigned), decision.reason)
        for decision in analysis.decisions
        for statement in [notebook.statement(decision.statement)]
    }
    return tuple(_cell(cell, fates, words, secrets) for cell in notebook.cells if cell.source.strip())


def drops_of(notebook: Notebook, analysis: Analysis, secrets: tuple[str, ...]) -> tuple[ShownDrop, ...]:
    """Every dropped statement, in the order of the file."""
    dead = {decision.statement: decision.reason for decision in analysis.decisions if not decision.live}
    users: dict[StatementId, dict[StatementId, None]] = {}
    for edge in analysis.graph.edges:
        users.setdefault(edge.provider, {})[edge.user] = None
    return tuple(
        ShownDrop(
            statement.id.cell,
            statement.span.start_line,
            without(statement.source, secrets),
            dead[statement.id],
            _places(notebook, sorted(users.get(statement.id, {}))),
        )
        for statement in notebook.statements
        if statement.id in dead
    )


def _places(notebook: Notebook, ids: list[StatementId]) -> tuple[str, ...]:
    told = [f"cell {id.cell} line {notebook.statement(id).span.start_line}" for id in ids[:MOST_USERS]]
    return (*told, f"and {len(ids) - MOST_USERS} more") if len(ids) > MOST_USERS else tuple(told)


def _cell(cell: Cell, fates: Mapping[StatementId, Reason], words: Mapping[int, str], secrets: tuple[str, ...]) -> ShownCell:
    if cell.kind != "code":
        return ShownCell(cell.index, cell.kind, "", None, (), without(cell.source, secrets), "")
    read = cell.code.splitlines()
    lines = []
    for number, text in enumerate(cell.source.splitlines(), 1):
        here = [one for one in cell.statements if one.id in fates and one.span.start_line <= number <= one.span.end_line]
        gone = [item for item in cell.directives if item.line == number and item.kind in DIRECTIVES]
        exact = number <= len(read) and read[number - 1] == text  # a magic was read as other text: its columns mean nothing here
        whole = fates[here[0].id].what if here else "dead" if gone else ""
        pieces = _pieces(text, number, here, fates) if exact and here else (Piece(text, whole),)
        reasons = [fates[one.id] for one in here if one.span.end_line == number]
        reasons += [Reason("dead", DIRECTIVES[item.kind]) for item in gone]
        masked = tuple(Piece(without(piece.text, secrets), piece.what) for piece in pieces)
        whats = {piece.what for piece in pieces if piece.what}
        lines.append(Line(number, masked, tuple(reasons), whats.pop() if len(whats) == 1 else "mixed" if whats else ""))
    return ShownCell(cell.index, "code", words.get(cell.index, "dead"), cell.execution_count, tuple(lines), "", cell.syntax_error)


def _kind(decision: Decision, assigned: bool) -> str:
    return "dead" if not decision.live else "parameter" if assigned or decision.role == "parameter" else "live"


def _pieces(text: str, number: int, statements: list[Statement], fates: Mapping[StatementId, Reason]) -> tuple[Piece, ...]:
    """The line cut at the columns where statements begin and end."""
    pieces, at = [], 0
    for one in statements:
        start = one.span.start_column if one.span.start_line == number else 0
        end = one.span.end_column if one.span.end_line == number else len(text)
        pieces += [Piece(text[at:start], ""), Piece(text[start:end], fates[one.id].what)]
        at = end
    return tuple(piece for piece in (*pieces, Piece(text[at:], "")) if piece.text)
