"""Python text -> the names it takes from outside, so that a merge that would leave a name without its meaning is noticed.

def add(a):
    return a + b + len(a)      ->   {"b"}
"""

from __future__ import annotations

import ast
import builtins
import symtable

from nb2prod.merging.units import alone

ALWAYS_THERE = frozenset(dir(builtins)) | {"__file__", "__name__", "__doc__", "__spec__", "__path__"}


def free_names(definition: str) -> frozenset[str]:
    """The global names a statement of its own mentions, builtins left out. Raises SyntaxError."""
    top = symtable.symtable(alone(definition), "definition", "exec")
    found: set[str] = set()
    waiting = [top]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        symbols = [symbol for symbol in table.get_symbols() if symbol.is_referenced()]
        found |= {symbol.get_name() for symbol in symbols if symbol.is_global() or table is top}
    own = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    return frozenset(found - own - ALWAYS_THERE)


def mentioned(module: str) -> frozenset[str]:
    """Every name a module reads or deletes anywhere, whatever it means there; names in annotations that are texts too. Raises SyntaxError."""
    return frozenset(node.id for node in ast.walk(ast.parse(module)) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store))
