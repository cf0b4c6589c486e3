"""The order in which the statements really run: the document's, unless only the saved execution counts make sense.

cells 0, 1, 2 with counts 3, 1, 2 and cell 0 using a name that only cell 2 defines   ->   order 1, 2, 0, and a diagnostic
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from nb2prod.analysis.references import names_bound_by
from nb2prod.analysis.syntax import Trees
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

Order = tuple[StatementId, ...]
EXITS = ("exit", "quit")


def choose_order(
    notebook: Notebook, undefined: Callable[[Order], int], needs: Callable[[Order], object]
) -> tuple[Order, tuple[Diagnostic, ...]]:
    """Document order where the counts agree or it defines every name before its use; else the order of the counts where that is better.

    `undefined` counts the uses of names before their definition in an order; `needs` says who needs whom in it, so that two orders in which
    all statements work with the same values can be told.
    """
    document = tuple(statement.id for statement in notebook.statements)
    counts = {cell.index: cell.execution_count for cell in notebook.code_cells if cell.execution_count is not None and cell.statements}
    ran = list(counts.values())
    if ran == sorted(ran):
        return document, ()
    late = 1 + max(ran)
    by_count = tuple(sorted(document, key=lambda id: (counts.get(id.cell) or late, id)))
    here, there = undefined(document), undefined(by_count)
    if there < here:
        message = (
            "the cells were run in another order than they stand in, and only that order defines every name before its use: it is followed"
        )
        return by_count, (Diagnostic("NB102", Severity.warning, message, "move the cells into the order they must run in"),)
    message, severity = same_needs(here, needs(document) == needs(by_count), first_swap(counts))
    return document, (Diagnostic("NB101", severity, message, "restart the kernel and run all cells to see the results of that order"),)


def same_needs(undefined: int, same: bool, swap: tuple[int, int]) -> tuple[str, Severity]:
    """What is said about counts that are not followed: which order was taken, why, and whether that can change a result."""
    later, earlier = swap
    told = f"by the saved execution counts cell {later} ran before cell {earlier}; the cells are taken in the order they stand in, as `Run all` takes them"
    if undefined:
        return f"{told}, for no order defines every name before its use", Severity.warning
    if same:
        return f"{told}, and every statement works with the same values in both orders", Severity.note
    return f"{told}, for both orders define every name before its use: results may differ from the saved ones", Severity.warning


def first_swap(counts: Mapping[int, int]) -> tuple[int, int]:
    """The first cell that ran before one above it, and that one."""
    cells = sorted(counts)
    later = next(cell for cell in cells if any(counts[above] > counts[cell] for above in cells if above < cell))
    return later, next(above for above in cells if counts[above] > counts[later])


def ends_of_cells(trees: Trees) -> Iterator[tuple[StatementId, str]]:
    """The statements that surely end their cell, with the error they end it by: `raise`, and leaving the program; what follows never runs."""
    own = frozenset().union(*map(names_bound_by, trees.values()))
    ended: set[int] = set()
    for id, tree in sorted(trees.items()):
        error = ending(tree, own)
        if error and id.cell not in ended:
            ended.add(id.cell)
            yield id, error


def ending(tree: ast.stmt, own: frozenset[str]) -> str:
    """The error a statement surely raises; empty for any other. `own` are names the notebook binds."""
    if isinstance(tree, ast.Raise) and tree.exc is not None:
        made = tree.exc.func if isinstance(tree.exc, ast.Call) else tree.exc
        return made.id if isinstance(made, ast.Name) else "an error"
    if isinstance(tree, (ast.Expr, ast.Assign)) and divides_by_zero(tree.value):
        return "ZeroDivisionError"
    called = tree.value.func if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Call) else None
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return "SystemExit" if (called.value.id, called.attr) == ("sys", "exit") else ""
    return "SystemExit" if isinstance(called, ast.Name) and called.id in EXITS and called.id not in own else ""


def divides_by_zero(node: ast.expr) -> bool:
    """Whether a value is `1 / 0`, as cells have it that are meant to fail."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.FloorDiv, ast.Mod))):
        return False
    left, right = node.left, node.right
    return (
        isinstance(left, ast.Constant) and type(left.value) in (int, float) and isinstance(right, ast.Constant) and right.value in (0, 0.0)
    )
