"""A restored statement -> one sentence that says which knowledge was missing.

scaler.partial(X)  changed X     ->   cell 4 line 1 `scaler.partial(X)` changed `X`: nothing said that `mylib.Scaler.partial` updates its first argument
configure(3)       nothing seen  ->   cell 2 line 1 `configure(3)` changed something that no variable shows: nothing said what `mylib.configure` touches
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping

from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.recording import Observation, Recording

ORDINALS = ("first", "second", "third", "fourth", "fifth")


def tell(notebook: Notebook, recording: Recording, analysis: Analysis, id: StatementId) -> str:
    """What a statement that had been dropped did, and what had to be known to see it."""
    statement = notebook.statement(id)
    first = textwrap.shorten(statement.source.split("\n")[0], 80, placeholder=" ...")
    where = f"cell {id.cell} line {statement.span.start_line} `{first}`"
    seen = next((one for one in recording.observations if one.statement == id), Observation(id))
    expected = known_changes(analysis, id)
    names = [name for name in seen.changed if name not in expected] or list(seen.changed)
    calls = calls_of(statement.source)
    paths = dotted_paths(notebook, recording, analysis, id)
    if names:
        listed = " and ".join(f"`{name}`" for name in names[:3])
        return f"{where} changed {listed}: {missing(names[0], calls, paths)}"
    if seen.ambient:
        return f"{where} changed {', '.join(seen.ambient)}: nothing said so"
    written = [use.path for use in seen.files if use.how != "read"]
    if written:
        return f"{where} touched the file {written[0]}: nothing said so"
    return f"{where} changed something that no variable shows: nothing said what {hidden(statement.source, calls, paths)}"


def hidden(source: str, calls: list[ast.Call], paths: Paths) -> str:
    """What may have had the effect that nobody saw: a call, what an attribute stands for, or the end of an object whose name is bound anew."""
    if calls:
        return f"`{paths(calls[0]) or ast.unparse(calls[0].func)}` touches"
    tree = parsed(source)
    targets = tree.targets if isinstance(tree, (ast.Assign, ast.Delete)) else []
    if targets and isinstance(targets[0], ast.Attribute):
        return f"setting `{ast.unparse(targets[0])}` changes"
    return f"the end of `{ast.unparse(targets[0])}` sets off" if targets else "it touches"


def known_changes(analysis: Analysis, id: StatementId) -> set[str]:
    """The names the analysis knew a statement to bind."""
    effects = next((one for one in analysis.graph.effects if one.statement == id), None)
    return {location.key for location in effects.defines if location.kind == "name"} if effects else set()


def missing(name: str, calls: list[ast.Call], paths: Paths) -> str:
    """The knowledge about one of the calls that would have told of the change of a name."""
    for call in calls:
        called = paths(call) or ast.unparse(call.func)
        if isinstance(call.func, ast.Attribute) and root(call.func.value) == name:
            return f"nothing said that `{called}` updates the object it is called on"
        for rank, argument in enumerate(call.args):
            if root(argument) == name:
                return f"nothing said that `{called}` updates its {ORDINALS[rank] if rank < len(ORDINALS) else 'next'} argument"
        for keyword in call.keywords:
            if root(keyword.value) == name:
                return f"nothing said that `{called}` updates its argument `{keyword.arg}`"
    if calls:
        return f"nothing said that `{paths(calls[0]) or ast.unparse(calls[0].func)}` reaches `{name}`"
    return f"nothing said that it reaches `{name}`"


def calls_of(source: str) -> list[ast.Call]:
    """The calls in a statement, outer ones first."""
    return [node for node in ast.walk(parsed(source)) if isinstance(node, ast.Call)]


def parsed(source: str) -> ast.stmt:
    return compile(source, "<statement>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True).body[0]


def root(node: ast.expr) -> str:
    """The name that a chain of attributes and subscripts starts at."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


class Paths:
    """Knows what the names of a notebook mean before a statement: imported modules, and the types of values in the run."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self.meanings = meanings

    def __call__(self, call: ast.Call) -> str:
        """The dotted path of what a call calls: "mylib.Scaler.partial"; empty where that is not known."""
        names: list[str] = []
        node = call.func
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        meaning = self.meanings.get(node.id, node.id) if isinstance(node, ast.Name) else ""
        return ".".join([meaning, *reversed(names)]) if meaning else ""


def dotted_paths(notebook: Notebook, recording: Recording, analysis: Analysis, id: StatementId) -> Paths:
    """What names mean when a statement begins."""
    meanings: dict[str, str] = {}
    for before in analysis.order[: analysis.order.index(id)]:
        meanings.update({name: type for (where, name), type in recording.types.items() if where == before and "." in type})
        source = notebook.statement(before).source
        for node in ast.walk(ast.parse(source)) if "import" in source else ():
            if isinstance(node, ast.Import):
                meanings.update({alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names})
            elif isinstance(node, ast.ImportFrom):
                meanings.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return Paths(meanings)
