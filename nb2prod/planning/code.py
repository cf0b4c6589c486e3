"""The live code of a notebook as planning sees it: statements in order, the names each needs and gives, and who mentions what.

code = LiveCode(notebook, analysis)
code.stores["df"]            -> every live statement that binds df
code.tree(StatementId(3, 0)) -> its syntax, for questions only planning asks
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from nb2prod.knowledge.secrets import secret_texts
from nb2prod.model.dataflow import Analysis, Decision, Effects, Location, Reference
from nb2prod.model.notebook import Notebook, Place, Span, StatementId
from nb2prod.planning.heights import height

REACH_BY_NAME = ("eval", "exec", "globals", "locals", "vars", "dir")
REACH_MODULE = ("eval", "exec", "globals")
LAZY = ("map", "filter", "zip", "enumerate", "iter", "reversed")
INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


def own_scope(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run with the statement itself; bodies that run later are left out."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, INNER):
            waiting.extend(ast.iter_child_nodes(node))


def reaches_names(node: ast.AST) -> bool:
    """Whether a node is a call that finds variables by name; `vars(x)` and `dir(x)` look into an object only."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REACH_BY_NAME):
        return False
    return not (node.func.id in ("vars", "dir") and node.args)


def reaches_by_name(tree: ast.stmt) -> bool:
    """Whether a statement, or a function it makes, finds the notebook's variables by name; `locals()` in a function finds the function's."""
    inner = (
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REACH_MODULE
    )
    module = any(isinstance(node, ast.Attribute) and node.attr == "__globals__" for node in ast.walk(tree))
    return module or any(map(reaches_names, own_scope(tree))) or any(True for _ in inner)


def outliving_names(tree: ast.AST) -> frozenset[str]:
    """Names read by code in `tree` that may run after it: of functions in it, and of generators that are not consumed on the spot."""
    on_the_spot = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and not (isinstance(call.func, ast.Name) and call.func.id in LAZY)
        for argument in call.args
        if isinstance(argument, ast.GeneratorExp)
    }
    inner = [node for node in ast.walk(tree) if node is not tree and isinstance(node, INNER) and id(node) not in on_the_spot]
    return frozenset(name.id for node in inner for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load))


def inner_names(tree: ast.stmt) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.comprehension):
            found |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    return found


class LiveCode:
    """Indexes over the live statements of an analysis."""

    def __init__(self, notebook: Notebook, analysis: Analysis) -> None:
        self.notebook, self.analysis = notebook, analysis
        self.statements = analysis.live
        self.rank = {id: rank for rank, id in enumerate(self.statements)}
        self.effects: dict[StatementId, Effects] = {effects.statement: effects for effects in analysis.graph.effects}
        self.decisions: dict[StatementId, Decision] = {decision.statement: decision for decision in analysis.decisions}
        self._trees: dict[StatementId, ast.stmt] = {}
        self._locals: dict[StatementId, set[str]] = {}

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Mentions in live statements, in the order of the run."""
        return tuple(
            sorted((r for r in self.analysis.references if r.statement in self.rank), key=lambda r: (self.rank[r.statement], r.place.span))
        )

    @cached_property
    def by_statement(self) -> dict[StatementId, list[Reference]]:
        found: dict[StatementId, list[Reference]] = {id: [] for id in self.statements}
        for reference in self.references:
            found[reference.statement].append(reference)
        return found

    def mentions_of(self, name: str) -> list[Reference]:
        """All mentions of a name, in the order of the run."""
        return self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[str, list[Reference]]:
        found: dict[str, list[Reference]] = {}
        for reference in self.references:
            found.setdefault(reference.name, []).append(reference)
        return found

    @cached_property
    def types(self) -> dict[StatementId, dict[str, str]]:
        """The types of the names that each statement binds, where they are known."""
        found: dict[StatementId, dict[str, str]] = {}
        for (id, name), type in self.analysis.types.items():
            found.setdefault(id, {})[name] = type
        return found

    @cached_property
    def imports_from(self) -> list[ast.ImportFrom]:
        """Every `from MODULE import ...` of live code, wherever it stands."""
        nodes = (node for id in self.statements for node in ast.walk(self.tree(id)))
        return [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]

    @cached_property
    def stores(self) -> dict[str, list[StatementId]]:
        """The live statements that bind (or unbind) each name, one entry a statement, those inside functions included."""
        found: dict[str, list[StatementId]] = {}
        for reference in self.references:
            if reference.context in ("store", "del"):
                statements = found.setdefault(reference.name, [])
                if reference.statement not in statements:
                    statements.append(reference.statement)
        return found

    @cached_property
    def global_stores(self) -> frozenset[str]:
        """Names that some function binds at notebook level (`global x`)."""
        return frozenset(r.name for r in self.references if r.context in ("store", "del") and r.deferred)

    def tree(self, id: StatementId) -> ast.stmt:
        """A statement's syntax, to be looked at only: everybody gets the same."""
        if id not in self._trees:
            source = self.notebook.cells[id.cell].statements[id.index].source
            flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            self._trees[id] = compile(source, "<statement>", "exec", flags, dont_inherit=True).body[0]
        return self._trees[id]

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Every text of the notebook that no file may show."""
        return secret_texts(self.notebook)

    @cached_property
    def reflects(self) -> frozenset[StatementId]:
        """Statements that reach variables by the names in a text or in a dictionary: `eval("k + 1")`, `globals()["k"]`.

        Such code understands names only where they are the module's, under their own names.
        """
        return frozenset(id for id in self.statements if reaches_by_name(self.tree(id)))

    @cached_property
    def touching(self) -> dict[Location, list[Effects]]:
        """What touches each file, in the order of the run."""
        found: dict[Location, list[Effects]] = {}
        for effects in map(self.effects.__getitem__, self.statements):
            for location in effects.uses | effects.updates | effects.defines:
                if location.kind == "file":
                    found.setdefault(location, []).append(effects)
        return found

    @cached_property
    def flushes(self) -> dict[int, list[StatementId]]:
        """The statements after which the notebook closed its figures, by cell."""
        found: dict[int, list[StatementId]] = {}
        for flush in self.analysis.flushes:
            found.setdefault(flush.cell, []).append(flush)
        return found

    def changed_later(self, id: StatementId) -> bool:
        """Whether another statement changes the object a statement made."""
        return bool(self._changers.get(f"{id.cell}.{id.index}", set()) - {id})

    @cached_property
    def _changers(self) -> dict[str, set[StatementId]]:
        """The statements that change objects, by the statement that made the object, as the keys of objects begin."""
        found: dict[str, set[StatementId]] = {}
        for id, effects in self.effects.items():
            for location in effects.updates:
                if location.kind == "object" and ":" in location.key:
                    found.setdefault(location.key.partition(":")[0], set()).add(id)
        return found

    def acts(self, id: StatementId) -> bool:
        """Whether a statement touches anything outside itself when it runs: other objects, ambient state, files, the screen."""
        effects = self.effects[id]
        own = f"{id.cell}.{id.index}:"
        touched = [x for x in effects.updates if x.kind != "name" and not (x.kind == "object" and x.key.startswith(own))]
        outside = [x for x in effects.uses if x.kind in ("file", "database", "network", "shell")]
        return bool(touched or outside or effects.opaque or effects.marks - {"keeps_code"})

    def place(self, id: StatementId, node: ast.expr | ast.stmt) -> Place:
        """Where a node of `tree(id)` stands in the cell."""
        statement = self.notebook.cells[id.cell].statements[id.index]
        lines = statement.source.split("\n")

        def point(line: int, offset: int) -> tuple[int, int]:
            column = len(lines[line - 1].encode()[:offset].decode())
            return statement.span.start_line + line - 1, column + (statement.span.start_column if line == 1 else 0)

        assert node.end_lineno is not None and node.end_col_offset is not None
        return Place(id.cell, Span(*point(node.lineno, node.col_offset), *point(node.end_lineno, node.end_col_offset)))

    def holds(self, id: StatementId, place: Place) -> bool:
        """Whether a place lies in a statement."""
        outer = self.notebook.cells[id.cell].statements[id.index].span
        return id.cell == place.cell and outer[:2] <= place.span[:2] and place.span[2:] <= outer[2:]

    def lines(self, id: StatementId) -> int:
        """About how many lines a statement has when it is laid out, with the comments and the blank line above it."""
        cell = self.notebook.cells[id.cell]
        statement = cell.statements[id.index]
        begins = statement.span.start_line - 1
        ends = max((other.span.end_line for other in cell.statements[: id.index]), default=0)
        above = [line.strip() for line in cell.code.split("\n")[ends:begins]]
        return height(self.tree(id), statement.source) + sum(map(bool, above)) + (bool(ends) and "" in above)

    def binds(self, id: StatementId) -> set[str]:
        """Names the statement itself binds, at notebook level."""
        return {
            r.name for r in self.by_statement[id] if r.context == "store" and not r.deferred and (not r.function or r.place.span.start_line)
        }

    def local_names(self, id: StatementId) -> set[str]:
        """Names bound in any inner scope of a statement: arguments, comprehension targets, locals of functions."""
        if id not in self._locals:
            self._locals[id] = inner_names(self.tree(id))
        return self._locals[id]
