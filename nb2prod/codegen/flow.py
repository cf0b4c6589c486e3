"""A function body -> which names are read before they are surely bound, and which are surely bound at its end.

    list = list(x)                  early: list, x
    if ok:                          early: ok
        best = 1                    bound at the end: list, not best

Bodies of loops, `with` and `try` count as run; of two branches only what both bind counts. Bodies of functions count as run where they
are defined: what they read may be read at once.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence

ENDS = (ast.Raise, ast.Return, ast.Continue, ast.Break)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Flow(ast.NodeVisitor):
    """Walks statements in the order they run; `early` are the names read too soon, in order, `bound` the names surely bound so far."""

    def __init__(self, bound: Iterable[str] = ()) -> None:
        self.bound = set(bound)
        self.early: dict[str, None] = {}

    def run(self, nodes: Iterable[ast.AST | None]) -> None:
        """Visits each node in turn."""
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)
            return
        if node.id not in self.bound:
            self.early.setdefault(node.id)
        if isinstance(node.ctx, ast.Del):
            self.bound.discard(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.run([node.value, *node.targets])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.run([node.value, node.target])

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.visit_Name(ast.Name(node.target.id, ast.Load()))
        self.run([node.value, node.target])

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.run([node.value, node.target])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.run([node.iter, node.target, *node.body, *node.orelse])

    visit_AsyncFor = visit_For

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self.branches([node.body, node.orelse])

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self.branches([[node.body], [node.orelse]])

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        cases: list[Sequence[ast.AST]] = [[case.pattern, *([case.guard] if case.guard else []), *case.body] for case in node.cases]
        self.branches([*cases, []])

    def visit_Try(self, node: ast.Try) -> None:
        handlers: list[Sequence[ast.AST]] = [[handler] for handler in node.handlers]
        self.branches([[*node.body, *node.orelse], *handlers])
        self.run(node.finalbody)

    visit_TryStar = visit_Try  # type: ignore[assignment]

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.run([node.type])
        self.bind(node.name)
        self.run(node.body)
        self.bound.discard(node.name or "")

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        self.run([node.pattern])
        self.bind(node.name)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self.bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        self.bind(node.rest)

    def visit_alias(self, node: ast.alias) -> None:
        self.bind(node.asname or node.name.split(".")[0])

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.run([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])
        self.inner(node.body, [*argument_names(node.args), node.name])
        self.bind(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.run([*node.args.defaults, *node.args.kw_defaults])
        self.inner([node.body], argument_names(node.args))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.run([*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)])
        self.inner(node.body, [node.name], stores=False)
        self.bind(node.name)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        outside = set(self.bound)
        for loop in node.generators:
            self.run([loop.iter, loop.target, *loop.ifs])
        self.run(results)
        leaked = {inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)}
        self.bound = outside | leaked

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def bind(self, name: str | None) -> None:
        """Notes that a name has a value now."""
        self.bound.update([name] if name else [])

    def branches(self, branches: Sequence[Sequence[ast.AST]]) -> None:
        """Runs alternatives from the same start; a branch that leaves does not count at the end."""
        start, ends = set(self.bound), []
        for branch in branches:
            self.bound = set(start)
            self.run(branch)
            if not (branch and _leaves(branch[-1])):
                ends.append(self.bound)
        self.bound = set.intersection(*ends) if ends else start

    def inner(self, body: Sequence[ast.AST], bound: Collection[str], stores: bool = True) -> None:
        """Runs the body of a function (or class, whose own names are bound one by one) defined here."""
        local = {name for node in body for name in _stored(node)} if stores else set()
        flow = Flow(self.bound | local | set(bound))
        flow.run(body)
        for name in flow.early:
            self.early.setdefault(name)


class StrictFlow(Flow):
    """Flow where the bodies of loops, `with` and `try` may not have run to their end."""

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.run([node.iter])
        self.branches([[node.target, *node.body], []])
        self.branches([node.orelse, []])

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self.run([node.test])
        self.branches([node.body, []])
        self.branches([node.orelse, []])

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        self.run(node.items)
        self.branches([node.body, []])

    visit_AsyncWith = visit_With

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.run(node.values[:1])
        self.branches([node.values[1:], []])

    def visit_Compare(self, node: ast.Compare) -> None:
        self.run([node.left, node.comparators[0]])
        self.branches([node.comparators[1:], []])

    def visit_Assert(self, node: ast.Assert) -> None:
        self.run([node.test])
        self.branches([[node.msg] if node.msg else [], []])

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        before = set(self.bound)
        super().visit_ListComp(node)
        self.bound = before  # there may be nothing to go over

    visit_SetComp = visit_GeneratorExp = visit_DictComp = visit_ListComp

    def visit_Try(self, node: ast.Try) -> None:
        start = set(self.bound)
        self.run([*node.body, *node.orelse])
        self.bound = set(start)
        for handler in node.handlers:
            self.run([handler])
            self.bound = set(start)
        self.bound -= {handler.name for handler in node.handlers if handler.name}  # gone behind its handler
        self.run(node.finalbody)

    visit_TryStar = visit_Try  # type: ignore[assignment,unused-ignore]


def argument_names(arguments: ast.arguments) -> list[str]:
    """The names a function's own arguments have."""
    every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [argument.arg for argument in every if argument is not None]


def _leaves(node: ast.AST) -> bool:
    return isinstance(node.body[-1] if isinstance(node, ast.ExceptHandler) else node, ENDS)


def _stored(node: ast.AST) -> set[str]:
    """The names bound in this scope or deeper: enough to know what is not read from outside."""
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return names | {inner.name for inner in ast.walk(node) if isinstance(inner, definitions)}
