"""The order in which the statements really run: the document's, unless only the saved execution counts make sense.

cells 0, 1, 2 with counts 3, 1, 2 and cell 0 using a name that only cell 2 defines   ->   order 1, 2, 0, and a diagnostic
"""

from __future__ import annotations

from collections.abc import Callable

from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

Order = tuple[StatementId, ...]


def choose_order(notebook: Notebook, undefined: Callable[[Order], int]) -> tuple[Order, tuple[Diagnostic, ...]]:
    """Document order where the counts agree or it defines every name before its use; else the order of the counts where that is better.

    `undefined` counts the uses of names before their definition in an order.
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
    message = "the saved execution counts are out of order; the cells are taken in the order they stand in, which defines every name before its use"
    if here:
        message = (
            "the saved execution counts are out of order, and no order defines every name before its use; the cells are taken as they stand"
        )
    return document, (Diagnostic("NB101", Severity.note, message, "restart the kernel and run all cells to see the results of that order"),)
