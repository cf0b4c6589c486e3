"""The results and the graph -> which statements live, and one plain sentence why for each.

4: score = model.score(X, y)    live: "a conclusion shown in cell 4"
3: model.fit(X, y)              live: "changes `model`, which cell 4 needs"
2: df.head()                    dead: "only shows the first or last rows"
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from nb2prod.analysis.graph import Ledger
from nb2prod.analysis.results import Choice
from nb2prod.analysis.walk import Step, Walk
from nb2prod.model.dataflow import DataflowGraph, Decision, Edge, Location, Role, Slice
from nb2prod.model.notebook import StatementId

PEEKS = {
    "head": "only shows the first rows",
    "tail": "only shows the last rows",
    "sample": "only shows some random rows",
    "info": "only shows what columns there are",
    "describe": "only summarises the data while exploring",
    "shape": "only shows the size",
    "columns": "only shows the column names",
    "dtypes": "only shows the column types",
    "value_counts": "only counts values while exploring",
    "nunique": "only counts values while exploring",
    "unique": "only lists values while exploring",
}
SIDE_EFFECT_IMPORTS = (
    "sklearn.experimental",
    "mpl_toolkits",
    "IPython.display",
    "scienceplots",
    "pint_pandas",
    "swifter",
    "hvplot",
    "cufflinks",
    "google.colab",
)


def slice_back(
    graph: DataflowGraph, ledger: Ledger, choice: Choice, content: Callable[[str], Iterable[Location]]
) -> tuple[dict[StatementId, str], list[Edge]]:
    """Every statement some result depends on, with the reason it was first reached, and the edges walked."""
    providers: dict[StatementId, list[Edge]] = {}
    for edge in graph.edges:
        providers.setdefault(edge.user, []).append(edge)
    reasons: dict[StatementId, str] = dict(choice.live)
    for result in choice.results:
        if result.kind in ("text", "figure") and result.statement is not None:
            reasons.setdefault(result.statement, result.why)
    for name in choice.ends:
        why = next(r.why for r in choice.results if r.name == name and r.kind == "variable")
        for id, location in ledger.providers({Location("name", name), *content(name)}):
            verb = "makes" if location.kind == "name" else "changes"
            reasons.setdefault(id, f"{verb} `{name}`: {why}")
    waiting = list(reasons)
    chain: list[Edge] = []
    while waiting:
        user = waiting.pop()
        for edge in providers.get(user, ()):
            if edge.provider not in reasons:
                reasons[edge.provider] = f"{needed(edge)}, which cell {user.cell} needs"
                chain.append(edge)
                waiting.append(edge.provider)
    return reasons, chain


def needed(edge: Edge) -> str:
    """What an edge carries, in words."""
    kind, key = edge.location
    if kind == "name":
        return "may define any name" if key == "*" else f"defines `{key}`"
    words = {"object": "makes or changes a value", "ambient": f"sets {key}", "file": f"writes {key}", "database": f"writes {key}"}
    return words.get(kind, f"touches the {kind}")


def decide(
    walk: Walk, live: Mapping[StatementId, str], graph: DataflowGraph, skipped: Mapping[StatementId, str], character: str
) -> tuple[Decision, ...]:
    """A decision for every statement, in the order of the run; skipped ones did not happen."""
    users: dict[StatementId, list[Edge]] = {}
    for edge in graph.edges:
        users.setdefault(edge.provider, []).append(edge)
    steps = list(walk.steps)
    found = []
    for rank, step in enumerate(steps):
        alive = step.id in live
        reason = live[step.id] if alive else dead_reason(step, steps[rank + 1 :], users.get(step.id, []), character)
        found.append(Decision(step.id, alive, reason, role_of(step.tree)))
    found.extend(Decision(id, False, reason) for id, reason in skipped.items())
    return tuple(found)


def role_of(tree: ast.stmt) -> Role:
    if isinstance(tree, (ast.Import, ast.ImportFrom)):
        return "import"
    return "definition" if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else "code"


def dead_reason(step: Step, later: list[Step], users: list[Edge], character: str) -> str:
    """Why nothing needs a statement, in a sentence a person accepts."""
    tree, touches = step.tree, step.touches
    if isinstance(tree, ast.Expr):
        return dead_expression(tree.value, step, users, character)
    if isinstance(tree, (ast.Import, ast.ImportFrom)):
        return f"nothing kept uses {names_text(step)}"
    if isinstance(tree, ast.Assert):
        return "a check: no result depends on it"
    if isinstance(tree, ast.Delete):
        return "only forgets a name"
    names = sorted(step.bound) or sorted(location.key for location in step.effects.defines if location.kind == "name")
    if names and not users:
        for other in later:
            if all(Location("name", name) in other.effects.defines for name in names):
                return f"overwritten in cell {other.id.cell} before any use"
    if touches.draws:
        return "draws a plot that is only shown" if character == "job" else "draws a plot that no result needs"
    return f"nothing kept uses {names_text(step)}" if names else "no result depends on it"


def dead_expression(node: ast.expr, step: Step, users: list[Edge], character: str) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if step.touches.shows_figures and not step.touches.draws:
        return "only shows figures on the screen"
    if step.touches.draws:
        return "draws a plot that is only shown"
    if name == "print" or step.touches.prints:
        return "only prints while exploring"
    if name in PEEKS:
        return PEEKS[name]
    if isinstance(node, ast.Constant):
        return "a bare constant"
    if isinstance(node, ast.Name):
        return f"only shows `{name}`"
    if step.touches.looks:
        return "only looks around"
    return "changes nothing that a result depends on" if step.effects.updates and not users else "only looks at a value while exploring"


def names_text(step: Step) -> str:
    names = sorted(step.bound) or sorted(location.key for location in step.effects.defines if location.kind == "name")
    quoted = [f"`{name}`" for name in names[:3]]
    return " or ".join(quoted) + (" ..." if len(names) > 3 else "") if quoted else "it"


def slice_of(name: str, graph: DataflowGraph, ledger: Ledger, content: Iterable[Location]) -> Slice:
    """The statements one variable depends on."""
    choice = Choice(ends=[name])
    choice.live.update({id: f"makes `{name}`" for id, _ in ledger.providers({Location("name", name), *content})})
    choice.ends.clear()
    reasons, chain = slice_back(graph, ledger, choice, lambda _: ())
    return Slice((name,), tuple(sorted(reasons)), tuple(chain))
