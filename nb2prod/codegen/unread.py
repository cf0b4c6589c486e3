"""Names that a function binds and nobody reads, which every linter reports -> gone in a stage, marked in a definition.

    ax = df.plot()                    df.plot()
    n = 1                       ->    n = 1  # noqa: F841
    except ValueError as e:           except ValueError:

A definition is the notebook's own function: its lines are marked and otherwise stay as they are.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator

import libcst as cst

READS_ANY_NAME = frozenset({"locals", "vars", "eval", "exec", "globals", "query", "dir"})
NOTE = "# noqa: F841"


def settle_unread(code: cst.Module, stage: bool) -> cst.Module:
    """The code of one function or definition without unread names, or with marks (`stage` is False)."""
    text = code.code
    tree = ast.parse(text)
    if {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(tree)} & READS_ANY_NAME:
        return code
    tables = {(table.get_name(), table.get_lineno()): table for table in _tables(symtable.symtable(text, "code", "exec"))}
    needed = _needed(tree)
    unread = [_unread(tables[node.name, node.lineno]) - needed for node in _functions(tree)]
    return code.visit(_Settler(unread, stage)) if any(unread) else code


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables(child)


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions in the order of the text, outer before inner."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
        yield from _functions(child)


def _needed(tree: ast.AST) -> set[str]:
    """Names that `+=` and `del` need, which symbol tables do not count as reads."""
    counted = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)}
    return counted | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)}


def _unread(table: symtable.SymbolTable) -> frozenset[str]:
    inner = {symbol.get_name() for child in _tables(table) for symbol in child.get_symbols() if symbol.is_free()}
    return frozenset(
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() and symbol.is_local() and not (symbol.is_referenced() or symbol.is_parameter() or symbol.is_namespace())
        if symbol.get_name() not in inner and not symbol.get_name().startswith("_")
    )


class _Settler(cst.CSTTransformer):
    """Follows the functions in the order of the text."""

    def __init__(self, unread: list[frozenset[str]], stage: bool) -> None:
        super().__init__()
        self.waiting = list(unread)
        self.scopes: list[frozenset[str]] = [frozenset()]
        self.stage = stage

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.scopes.append(self.waiting.pop(0))

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self.scopes.pop()
        return updated_node

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.scopes.append(frozenset())

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self.scopes.pop()
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        small = updated_node.body[0]
        if not isinstance(small, (cst.Assign, cst.AnnAssign)) or not self._binds_unread(small):
            return updated_node
        if self._drops and isinstance(small, cst.Assign) and isinstance(small.value, (cst.Call, cst.Await)):
            return updated_node.with_changes(body=[cst.Expr(small.value)])
        return updated_node.with_changes(trailing_whitespace=_noted(updated_node.trailing_whitespace))

    def leave_ExceptHandler(self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler) -> cst.ExceptHandler:
        if not self._is_unread(updated_node.name):
            return updated_node
        return updated_node.with_changes(name=None) if self._drops else updated_node.with_changes(body=_noted_block(updated_node.body))

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> cst.With:
        if not any(self._is_unread(item.asname) for item in updated_node.items):
            return updated_node
        if not self._drops:
            return updated_node.with_changes(body=_noted_block(updated_node.body))
        return updated_node.with_changes(
            items=[i.with_changes(asname=None) if self._is_unread(i.asname) else i for i in updated_node.items]
        )

    @property
    def _drops(self) -> bool:
        return self.stage and len(self.scopes) == 2

    def _binds_unread(self, statement: cst.Assign | cst.AnnAssign) -> bool:
        targets = [target.target for target in statement.targets] if isinstance(statement, cst.Assign) else [statement.target]
        if isinstance(statement, cst.Assign) and isinstance(statement.value, cst.Tuple):  # then each target of a tuple counts by itself
            inner = [e.value for target in targets if isinstance(target, cst.Tuple) for e in target.elements]
            if any(isinstance(target, cst.Name) and target.value in self.scopes[-1] for target in inner):
                return True
        return all(isinstance(target, cst.Name) and target.value in self.scopes[-1] for target in targets)

    def _is_unread(self, name: cst.AsName | None) -> bool:
        return name is not None and isinstance(name.name, cst.Name) and name.name.value in self.scopes[-1]


def _noted(space: cst.TrailingWhitespace) -> cst.TrailingWhitespace:
    comment = f"{space.comment.value}  {NOTE}" if space.comment else NOTE
    return space.with_changes(whitespace=cst.SimpleWhitespace("  "), comment=cst.Comment(comment))


def _noted_block(block: cst.BaseSuite) -> cst.BaseSuite:
    return block.with_changes(header=_noted(block.header)) if isinstance(block, cst.IndentedBlock) else block
