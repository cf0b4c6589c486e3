"""Mentions of notebook-level names, and literals a job might vary, each with its place.

LIMIT = 3                          LiteralUse(3, target="LIMIT")
def big(d): return d[d.x > LIMIT]  Reference("LIMIT", load, function="big", deferred=True)
big(pd.read_csv("a.csv"))          Reference("big", load, call=<the span of big(...)>), LiteralUse("a.csv", callee="pandas.read_csv", argument="0")
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from nb2prod.analysis.syntax import Columns, Trees
from nb2prod.model.dataflow import LiteralUse, Reference
from nb2prod.model.notebook import Notebook, Span, StatementId
from nb2prod.model.syntax import children_of, nodes_of, of_tree

Functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Scope:
    """Where a walk stands: names that are local here, the top-level definition it is in, and whether the code runs later."""

    local: frozenset[str] = frozenset()
    function: str = ""
    deferred: bool = False
    level: int = 0
    class_names: frozenset[str] = frozenset()


def find_references(notebook: Notebook, trees: Trees) -> tuple[Reference, ...]:
    """Every mention of a notebook-level name, in document order."""
    found: list[Reference] = []
    columns = {cell.index: Columns(cell) for cell in notebook.code_cells}
    for id, tree in trees.items():
        if kept_for(tree).get("id") != id:
            kept_for(tree).update(id=id, found=tuple(Finder(id, columns[id.cell]).walk(tree, Scope())))
        found.extend(kept_for(tree)["found"])
    return tuple(found)


@of_tree
def kept_for(tree: ast.stmt) -> dict[str, Any]:
    """Room for the references in a statement, and for its place when they were found: cells move."""
    return {}


class Finder:
    """Walks one statement with the scoping rules of Python."""

    def __init__(self, id: StatementId, columns: Columns) -> None:
        self.id, self.columns = id, columns

    def walk(self, node: ast.AST, scope: Scope) -> Iterator[Reference]:
        if isinstance(node, ast.Name):
            yield from self.name(node.id, node, scope, type(node.ctx).__name__.lower(), None)
        elif isinstance(node, Functions):
            yield from self.function(node, scope)
        elif isinstance(node, ast.ClassDef):
            yield from self.class_(node, scope)
        elif isinstance(node, Comprehensions):
            yield from self.comprehension(node, scope)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield from self.name(alias.asname or alias.name.partition(".")[0], node, scope, "store", None)
        else:
            yield from self.plain(node, scope)

    def plain(self, node: ast.AST, scope: Scope) -> Iterator[Reference]:
        bound = getattr(node, "name", None) or getattr(node, "rest", None)
        if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping)) and isinstance(bound, str):
            yield from self.name(bound, node, scope, "store", None)
        if isinstance(node, ast.Call):
            for name, part in names_in_text(node):
                yield from self.name(name, part, scope, "text", None)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from self.name(node.func.id, node.func, scope, "load", self.columns.place(node).span)
            children: Iterable[ast.AST] = (*node.args, *node.keywords)
        else:
            children = children_of(node)
        for child in children:
            yield from self.walk(child, scope)

    def name(self, name: str, node: ast.AST, scope: Scope, context: str, call: Span | None) -> Iterator[Reference]:
        hidden = name in scope.class_names and context != "load"  # what a class body reads may still be the notebook's
        if name not in scope.local and not hidden:
            yield Reference(name, self.id, self.columns.place(node), context, scope.function, scope.deferred, call)  # type: ignore[arg-type]

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> Iterator[Reference]:
        name = getattr(node, "name", "")
        header: list[ast.AST] = [
            *node.args.defaults,
            *(default for default in node.args.kw_defaults if default),
            *getattr(node, "decorator_list", []),
        ]
        header += [argument.annotation for argument in arguments_of(node.args) if argument.annotation] + [
            x for x in (getattr(node, "returns", None),) if x
        ]
        for part in header:
            yield from self.walk(part, scope)
        if name:
            yield from self.name(name, node, scope, "store", None)
        body = node.body if isinstance(node.body, list) else [node.body]
        own = {argument.arg for argument in arguments_of(node.args)} | bound_names(body)
        declared = {n for part in walk_scope(body) if isinstance(part, ast.Global) for n in part.names}
        function = scope.function or (name if scope.level == 0 and name else "")
        inner = replace(
            scope, local=(scope.local | own) - declared, function=function, deferred=True, level=scope.level + 1, class_names=frozenset()
        )
        for part in body:
            yield from self.walk(part, inner)

    def class_(self, node: ast.ClassDef, scope: Scope) -> Iterator[Reference]:
        for part in (*node.bases, *node.keywords, *node.decorator_list):
            yield from self.walk(part, scope)
        yield from self.name(node.name, node, scope, "store", None)
        function = scope.function or (node.name if scope.level == 0 else "")
        inner = replace(scope, function=function, level=scope.level + 1, class_names=frozenset(bound_names(node.body)))
        for part in node.body:
            yield from self.walk(part, inner)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope) -> Iterator[Reference]:
        targets = {name.id for generator in node.generators for name in nodes_of(generator.target) if isinstance(name, ast.Name)}
        inner = replace(scope, local=scope.local | targets, deferred=scope.deferred or isinstance(node, ast.GeneratorExp))
        yield from self.walk(node.generators[0].iter, scope)
        for rank, generator in enumerate(node.generators):
            for part in (*([generator.iter] if rank else []), *generator.ifs):
                yield from self.walk(part, inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            yield from self.walk(part, inner)


def shell_names(command: str) -> list[str]:
    """The names that IPython fills into a shell command: those in `{expression}` and after `$`."""
    found = re.findall(r"(?<!\$)\$([^\W\d]\w*)", command)
    for text in re.findall(r"(?<!\{)\{([^{}]+)\}", command):
        try:
            found += [node.id for node in nodes_of(ast.parse(text.strip(), mode="eval")) if isinstance(node, ast.Name)]
        except SyntaxError:
            continue
    return found


def names_in_text(call: ast.Call) -> list[tuple[str, ast.expr]]:
    """Names that pandas looks up from inside a string: `df.query("x > @limit")`, `df.eval(...)`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("system", "getoutput", "run_cell_magic"):
        return [(name, node) for node in call.args if isinstance(node, ast.Constant) for name in shell_names(str(node.value))]
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in ("query", "eval")):
        return []
    texts = [node for argument in call.args[:1] for node in nodes_of(argument) if isinstance(node, ast.Constant)]
    return [(name, node) for node in texts if isinstance(node.value, str) for name in re.findall(r"@([^\W\d]\w*)", node.value)]


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [argument for argument in every if argument is not None]


def walk_scope(body: list[ast.AST] | list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    """All nodes of a body that belong to its own scope: nested functions, classes and comprehensions are not entered."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*Functions, ast.ClassDef)):
            waiting.extend(children_of(node))


def bound_names(body: list[ast.AST] | list[ast.stmt] | list[ast.expr]) -> set[str]:
    """The names a body binds in its own scope."""
    names: set[str] = set()
    hidden: set[int] = set()
    for node in walk_scope(body):
        if isinstance(node, Comprehensions):
            hidden |= {id(name) for generator in node.generators for name in nodes_of(generator.target)}
    for node in walk_scope(body):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in hidden:
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
        elif isinstance(node, ast.Nonlocal):
            names -= set(node.names)
    return names


@of_tree
def names_bound_by(statement: ast.stmt) -> frozenset[str]:
    """The names that one statement of a notebook binds."""
    return frozenset(bound_names([statement]))


@of_tree
def calls_in(statement: ast.stmt) -> tuple[ast.Call, ...]:
    """The calls of a statement that run with it: none inside functions and classes."""
    return tuple(node for node in walk_scope([statement]) if isinstance(node, ast.Call))


def find_literals(notebook: Notebook, trees: Trees, paths: dict[str, str]) -> tuple[LiteralUse, ...]:
    """Literals assigned to a name or given to a call at the level of statements; `paths` are the dotted names behind imported ones."""
    found: list[LiteralUse] = []
    columns = {cell.index: Columns(cell) for cell in notebook.code_cells}
    for id, tree in trees.items():
        place = columns[id.cell].place
        if isinstance(tree, ast.Assign) and len(tree.targets) == 1 and isinstance(tree.targets[0], ast.Name) and is_literal(tree.value):
            found.append(LiteralUse(ast.literal_eval(tree.value), id, place(tree.value), target=tree.targets[0].id))
            continue
        for call in calls_in(tree):
            callee = dotted(call.func, paths)
            for name, argument in (*((str(i), a) for i, a in enumerate(call.args)), *((k.arg, k.value) for k in call.keywords if k.arg)):
                if is_literal(argument):
                    found.append(LiteralUse(ast.literal_eval(argument), id, place(argument), callee=callee, argument=name))
    return tuple(found)


def is_literal(node: ast.expr) -> bool:
    """A value written out: numbers, text, None, and lists, tuples, sets or dicts of them."""
    if isinstance(node, ast.Constant):
        return node.value is not ... and not isinstance(node.value, (bytes, complex))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return isinstance(node.operand, ast.Constant) and type(node.operand.value) in (int, float)
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(is_literal(element) for element in node.elts)
    return isinstance(node, ast.Dict) and all(
        key is not None and is_literal(key) and is_literal(v) for key, v in zip(node.keys, node.values, strict=False)
    )


def dotted(node: ast.expr, paths: dict[str, str]) -> str:
    """The dotted path of what is called: `pd.read_csv` as "pandas.read_csv", a method of something else as ".name"."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return (
            ".".join([paths.get(node.id, "" if parts else node.id), *reversed(parts)]) if node.id in paths or not parts else f".{parts[0]}"
        )
    return f".{parts[0]}" if parts else ""
