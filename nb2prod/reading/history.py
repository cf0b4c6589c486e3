"""`Out[3]`, `_3`, `__`: values that earlier cells showed -> variables, where it is known which cell showed them; `In[3]` -> its text.

x + 1          (run as number 3)  ->  out_3 = x + 1; out_3
y = Out[3]                        ->  y = out_3
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nb2prod.model.notebook import Cell
from nb2prod.model.syntax import nodes_of, parsed
from nb2prod.reading.edits import put
from nb2prod.reading.statements import split_statements
from nb2prod.reading.translations import Around

LISTS = ("Out", "_oh")
INPUTS = ("In", "_ih")
BEFORE = {"__": 2, "___": 3}
# Expressions that are never None, so that a cell that ends in one surely shows a value.
VALUES = (
    ast.Constant,
    ast.BinOp,
    ast.Compare,
    ast.JoinedStr,
    ast.List,
    ast.Tuple,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
)


def with_history(cells: Sequence[Cell], around: Around) -> tuple[Cell, ...]:
    """The cells with each mention of a value whose cell is known as a variable; other mentions stay."""
    trees = {cell.index: parsed(cell.code) for cell in cells if cell.statements}
    mentions = {index: list(_mentions(tree, around)) for index, tree in trees.items()}
    edits = _inputs(cells, trees, around)
    if not (edits or any(mentions.values())):
        return tuple(cells)
    numbers = numbers_of(cells)
    by_number = {number: index for index, number in numbers.items()}
    names: dict[int, str] = {}
    for index, found in mentions.items():
        for node, asked in found:
            number = asked if asked > 0 else _number_before(-asked, index, cells, trees, numbers)
            shower = by_number.get(number, index)
            if shower < index and _shown(cells[shower], trees.get(shower)) is not None:
                names[shower] = _free(f"out_{number}", around)
                edits.setdefault(index, []).append((node, names[shower]))
    return tuple(_edited(cell, trees.get(cell.index), edits.get(cell.index, []), names.get(cell.index, "")) for cell in cells)


def _inputs(cells: Sequence[Cell], trees: Mapping[int, ast.Module], around: Around) -> dict[int, list[tuple[ast.expr, str]]]:
    """The mentions of what earlier cells said, `In[3]` and `_i3`, with that text; not of cells that are more than Python."""
    by_number = {number: index for index, number in numbers_of(cells).items()}
    edits: dict[int, list[tuple[ast.expr, str]]] = {}
    for index, tree in trees.items():
        for node in nodes_of(tree):
            number = _input_number(node, around)
            teller = cells[by_number[number]] if number in by_number else None
            if isinstance(node, ast.expr) and teller is not None and teller.index < index and teller.source == teller.code:
                edits.setdefault(index, []).append((node, repr(teller.source.rstrip("\n"))))
    return edits


def _input_number(node: ast.AST, around: Around) -> int:
    """The number of the cell whose text an expression is; 0 for any other."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name):
        asked = node.slice.value if isinstance(node.slice, ast.Constant) else 0
        return asked if node.value.id in INPUTS and node.value.id not in around.names and type(asked) is int else 0
    name = node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in around.names else ""
    return int(name[2:]) if name.startswith("_i") and name[2:].isdecimal() else 0


def numbers_of(cells: Sequence[Cell]) -> Mapping[int, int]:
    """The number each cell is run by: the saved ones, or without any those of a run from top to bottom."""
    ran = [cell for cell in cells if cell.kind == "code" and cell.source.strip()]
    saved = {cell.index: cell.execution_count for cell in ran if cell.execution_count is not None}
    if not saved:
        return {cell.index: number for number, cell in enumerate(ran, 1)}
    times = Counter(saved.values())
    return {index: number for index, number in saved.items() if times[number] == 1}


def _mentions(tree: ast.Module, around: Around) -> Iterator[tuple[ast.expr, int]]:
    """Mentions of shown values: the number they go by, or how many values back they mean, as a negative number."""
    for node in nodes_of(tree):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Name)
            and node.value.id in LISTS
            and isinstance(node.ctx, ast.Load)
        ):
            if node.value.id not in around.names and isinstance(node.slice, ast.Constant) and type(node.slice.value) is int:
                yield node, node.slice.value
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in around.names:
            if node.id in BEFORE:
                yield node, -BEFORE[node.id]
            elif node.id[:1] == "_" and node.id[1:].isdecimal():
                yield node, int(node.id[1:])


def _number_before(back: int, here: int, cells: Sequence[Cell], trees: Mapping[int, ast.Module], numbers: Mapping[int, int]) -> int:
    """The number of the value so many values back; 0 where a cell in between may or may not have shown one."""
    if list(numbers.values()) != sorted(numbers.values()):
        return 0
    for cell in reversed(cells[:here]):
        shown = _shown(cell, trees.get(cell.index))
        if shown is None:
            continue
        if not isinstance(shown.value, VALUES) or cell.index not in numbers:
            return 0
        back -= 0 if isinstance(shown.value, ast.Constant) and shown.value.value is None else 1
        if not back:
            return numbers[cell.index]
    return 0


def _shown(cell: Cell, tree: ast.Module | None) -> ast.Expr | None:
    """The last expression of a cell, unless a semicolon hides it or it is a shell line, which gives nothing."""
    last = tree.body[-1] if tree is not None else None
    if not isinstance(last, ast.Expr):
        return None
    span = cell.statements[-1].span
    hidden = cell.code.split("\n")[span.end_line - 1][span.end_column :].lstrip().startswith(";")
    return None if hidden or "get_ipython().system(" in cell.statements[-1].source else last


def _free(name: str, around: Around) -> str:
    return name if name not in around.names else f"{name}_shown"


def _edited(cell: Cell, tree: ast.Module | None, edits: list[tuple[ast.expr, str]], name: str) -> Cell:
    if tree is None or not (edits or name):
        return cell
    lines = cell.code.split("\n")
    shown = _shown(cell, tree) if name else None
    if shown is not None:  # the last in the cell: what stands before keeps its place
        last = cell.statements[-1].span
        lines[last.end_line - 1] = f"{lines[last.end_line - 1][: last.end_column]}; {name}{lines[last.end_line - 1][last.end_column :]}"
    for node, text in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
        put(node, text, lines)
    if shown is not None:
        line, column = cell.statements[-1].span[:2]
        lines[line - 1] = f"{lines[line - 1][:column]}{name} = {lines[line - 1][column:]}"
    code = "\n".join(lines)
    statements, syntax_error = split_statements(code, cell.index)
    return replace(cell, code=code, statements=statements, syntax_error=syntax_error)
