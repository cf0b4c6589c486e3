"""Names that a function binds and nobody reads, which every linter reports -> gone from a stage where a call's value was named.

    ax = df.plot()                    df.plot()
    except ValueError as e:     ->    except ValueError:
    n = 1                             n = 1                 (`has_unread` tells, so that the module can say it is meant)

A definition is the notebook's own function and stays as it is.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator

import libcst as cst

READS_ANY_NAME = frozenset({"locals", "vars", "eval", "exec", "globals", "query", "dir"})


def without_unread(code: cst.Module) -> cst.Module:
    """The code of a stage without the names nobody reads, where the name is all that has to go."""
    text = code.code
    tree = ast.parse(text)
    if {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(tree)} & READS_ANY_NAME:
        return code
    unread: set[str] = set().union(*(_unread(table) for table in symtable.symtable(text, "code", "exec").get_children()))
    unread -= _counted(tree)
    return code.visit(_Dropper(unread)) if unread else code


def has_unread(text: str) -> bool:
    """Whether a linter would report a local name that is bound and never read."""
    tables = {(table.get_name(), table.get_lineno()): table for table in _tables(symtable.symtable(text, "code", "exec"))}
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return any(_unread(tables[node.name, node.lineno]) & set(_named(node)) for node in functions)


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables(child)


def _unread(table: symtable.SymbolTable) -> set[str]:
    inner = {symbol.get_name() for child in _tables(table) for symbol in child.get_symbols() if symbol.is_free()}
    return {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() and symbol.is_local() and not (symbol.is_referenced() or symbol.is_namespace())
        if symbol.get_name() not in inner and not symbol.get_name().startswith("_")
    }


def _counted(tree: ast.AST) -> set[str]:
    """Names that `+=` and `del` need, which symbol tables do not count as reads."""
    counted = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)}
    return counted | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)}


def _named(function: ast.AST) -> Iterator[str]:
    """The names bound one by one; what is unpacked from one value, or counted by a loop, linters let pass."""
    for node in ast.walk(function):
        targets: list[ast.expr | None] = []
        if isinstance(node, ast.Assign):
            targets = list(node.targets)
            if isinstance(node.value, ast.Tuple):
                targets += [element for target in node.targets if isinstance(target, ast.Tuple) for element in target.elts]
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
            targets = [node.target]
        elif isinstance(node, ast.withitem):
            targets = [node.optional_vars]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        yield from (target.id for target in targets if isinstance(target, ast.Name))


class _Dropper(cst.CSTTransformer):
    """Takes the names away in the stage itself, not in functions or classes inside it."""

    def __init__(self, unread: set[str]) -> None:
        super().__init__()
        self.unread = unread
        self.depth = 0

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.depth += 1
        return self.depth == 1

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self.depth -= 1
        return updated_node

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return False

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign | cst.Expr:
        named = all(isinstance(target.target, cst.Name) and target.target.value in self.unread for target in updated_node.targets)
        drop = named and isinstance(updated_node.value, (cst.Call, cst.Await))
        return cst.Expr(updated_node.value) if drop else updated_node

    def leave_ExceptHandler(self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler) -> cst.ExceptHandler:
        return updated_node.with_changes(name=None) if self._is_unread(updated_node.name) else updated_node

    def leave_WithItem(self, original_node: cst.WithItem, updated_node: cst.WithItem) -> cst.WithItem:
        return updated_node.with_changes(asname=None) if self._is_unread(updated_node.asname) else updated_node

    def _is_unread(self, name: cst.AsName | None) -> bool:
        return name is not None and isinstance(name.name, cst.Name) and name.name.value in self.unread
