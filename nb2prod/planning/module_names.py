"""Live code -> what can only be right where the notebook's names are a module's, as they were in the notebook, and not a function's.

del list                       the builtin is back: in a function it would be gone          names: list
class A: x = x                 a class body does not see the names of a function around it  names: x
exec("z = 5"); globals()       code in texts knows the names of modules only                every statement
Pool().map(work, rows)         other processes find a function by its module                the statement that makes `work`
class A: ...                   its full name shows in texts: a function's would be in it     the statement that makes `A`
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition
from nb2prod.planning.code import LiveCode, own_scope

SENDERS = frozenset({"multiprocessing", "concurrent", "pickle", "shelve", "copyreg", "pathos", "ray", "dask"})


@dataclass(frozen=True)
class ModuleNames:
    """Names that must live in the module, all their mentions in one function; and statements whose function binds its names there."""

    names: frozenset[str] = frozenset()
    statements: frozenset[StatementId] = frozenset()


def find_module_names(code: LiveCode, definitions: tuple[Definition, ...], whole: bool) -> ModuleNames:
    """What must be left at module level; `whole` asks for all of it."""
    if whole or code.reflects:
        return ModuleNames(frozenset(code.stores), frozenset(code.statements))
    names = names_of_module(code)
    touching = {r.statement for r in code.references if r.name in names}
    moved = {definition.statement for definition in definitions}
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef) if sends_code(code) or asks_full_names(code) else ast.ClassDef
    made = {id for id in code.statements if id not in moved and any(isinstance(node, kinds) for node in own_scope(code.tree(id)))}
    return ModuleNames(names, frozenset(touching | made))


def names_of_module(code: LiveCode) -> frozenset[str]:
    """Builtins that are hidden and come back, and variables that a class body binds again under their own name."""
    names = {r.name for r in code.references if r.context == "del" and hasattr(builtins, r.name)}
    classes = (node for id in code.statements for node in ast.walk(code.tree(id)) if isinstance(node, ast.ClassDef))
    return frozenset(names | {name for node in classes for name in rebound(node) if name in code.stores})


def rebound(node: ast.ClassDef) -> Iterator[str]:
    """The names that a class body itself both reads and binds: Python looks for them in the class, then in the module."""
    waiting: list[ast.AST] = list(node.body)
    read: set[str] = set()
    bound: set[str] = set()
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.Name):
            (bound if isinstance(inner.ctx, ast.Store) else read).add(inner.id)
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(inner.name)
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(inner))
    yield from read & bound


def asks_full_names(code: LiveCode) -> bool:
    """Whether the notebook mentions the full name of a function or class."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "__qualname__" for id in code.statements for node in ast.walk(code.tree(id))
    )


def sends_code(code: LiveCode) -> bool:
    """Whether the notebook uses a library that finds functions and classes by their module."""
    imports = (node for id in code.statements for node in ast.walk(code.tree(id)) if isinstance(node, (ast.Import, ast.ImportFrom)))
    roots = {alias.name if isinstance(node, ast.Import) else node.module or "" for node in imports for alias in node.names}
    return any(root.partition(".")[0] in SENDERS for root in roots)
