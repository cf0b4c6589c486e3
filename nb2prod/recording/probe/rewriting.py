"""A cell's syntax tree -> the same tree with calls that tell the tracer where the run is and what a print shows.

    x = load()                        __nb2prod__.at(0); x = load()
    print("rows", len(x))      ->     __nb2prod__.at(1); print("rows", __nb2prod__.show(0, len(x)))

Shown values are counted over the whole print statement in the order of the source, from 0: of each positional argument, if it is an
f-string then every expression in its braces (not those inside a format specification), else the argument itself unless it is a literal
constant; a starred argument counts once, as the whole that is spread.
"""

from __future__ import annotations

import ast
from typing import List, Sequence

TRACER = "__nb2prod__"


def instrument(module: ast.Module, ranks: Sequence[int]) -> ast.Module:
    """The cell with only the statements of these ranks, each told to the tracer before it runs."""
    body: List[ast.stmt] = []
    for rank in ranks:
        statement = module.body[rank]
        body.append(_located(_call("at", [ast.Constant(rank)]), statement))
        body.append(_shown(statement))
    if ranks and ranks[-1] != len(module.body) - 1:  # a statement that is not its cell's last one displays nothing
        body.append(_located(_call("at", [ast.Constant(None)]), module.body[ranks[-1]]))
    module.body = body
    return ast.fix_missing_locations(module)


def _call(method: str, arguments: List[ast.expr]) -> ast.Call:
    tracer = ast.Name(TRACER, ast.Load())
    return ast.Call(ast.Attribute(tracer, method, ast.Load()), arguments, [])


def _located(call: ast.Call, near: ast.stmt) -> ast.stmt:
    statement = ast.copy_location(ast.Expr(call), near)
    for node in ast.walk(statement):
        ast.copy_location(node, near)
    return statement


def _shown(statement: ast.stmt) -> ast.stmt:
    if not is_print(statement):
        return statement
    call = statement.value  # type: ignore[attr-defined]
    counter = _Counter()
    call.args = [_wrap(argument, counter) for argument in call.args]
    return statement


def is_print(statement: ast.stmt) -> bool:
    """Whether a statement is a bare call of `print`."""
    call = getattr(statement, "value", None) if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


class _Counter:
    def __init__(self) -> None:
        self.next = 0

    def show(self, expression: ast.expr) -> ast.expr:
        call = ast.copy_location(_call("show", [ast.Constant(self.next), expression]), expression)
        self.next += 1
        return call


def _wrap(argument: ast.expr, counter: _Counter) -> ast.expr:
    if isinstance(argument, ast.Constant):
        return argument
    if isinstance(argument, ast.Starred):
        argument.value = counter.show(argument.value)
        return argument
    if not isinstance(argument, ast.JoinedStr):
        return counter.show(argument)
    for part in argument.values:
        if isinstance(part, ast.FormattedValue):
            part.value = counter.show(part.value)
    return argument


def stored_names(statement: ast.stmt) -> List[str]:
    """The names a statement binds in the notebook's namespace, as far as its text tells."""
    finder = _Stores()
    finder.visit(statement)
    return sorted(finder.names)


class _Stores(ast.NodeVisitor):
    def __init__(self) -> None:
        self.names: "set[str]" = set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.names.add(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.names.add(node.name)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.names.add(node.name)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.add(node.name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def visit_alias(self, node: ast.alias) -> None:
        self.names.add(node.asname or node.name.split(".")[0])

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.visit(node.iter)
