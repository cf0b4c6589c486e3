"""The results and the graph -> which statements live, and one plain sentence why for each.

4: score = model.score(X, y)    live: "makes `score`: a conclusion shown in cell 4"
3: model.fit(X, y)              live: "needed by `score` through `model` (cell 4)"
2: df.head()                    dead: "only shows the first or last rows"
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from nb2prod.analysis.graph import Ledger
from nb2prod.analysis.reasons import dead_reason, names_of, needed
from nb2prod.analysis.results import Choice
from nb2prod.analysis.walk import Step, Walk
from nb2prod.model.dataflow import DataflowGraph, Decision, Edge, Location, Role, Slice
from nb2prod.model.notebook import StatementId
from nb2prod.show.locations import made_names

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
    served = {id: f"cell {id.cell}" for id in reasons}
    for result in choice.results:
        if result.kind in ("text", "figure") and result.statement is not None:
            reasons.setdefault(result.statement, result.why)
        if result.kind != "variable" and result.statement is not None:
            served[result.statement] = f"the file {result.path}" if result.path else f"`{result.name}`"
    for name in choice.ends:
        why = next(r.why for r in choice.results if r.name == name and r.kind == "variable")
        for id, location in ledger.providers({Location("name", name), *content(name)}):
            verb = "makes" if location.kind == "name" else "changes"
            reasons.setdefault(id, f"{verb} `{name}`: {why}")
            served[id] = f"`{name}`"
    names = made_names(graph.effects)
    waiting = list(reasons)
    chain: list[Edge] = []
    for user in waiting:  # it grows: the nearest need is told
        for edge in providers.get(user, ()):
            if edge.provider not in reasons:
                reasons[edge.provider], served[edge.provider] = needed(edge, served[user], names), served[user]
                chain.append(edge)
                waiting.append(edge.provider)
    return reasons, chain


def decide(
    walk: Walk, live: Mapping[StatementId, str], graph: DataflowGraph, skipped: Mapping[StatementId, str], character: str
) -> tuple[Decision, ...]:
    """A decision for every statement, in the order of the run; skipped ones did not happen."""
    users: dict[StatementId, list[Edge]] = {}
    for edge in graph.edges:
        users.setdefault(edge.provider, []).append(edge)
    definers: dict[Location, list[Step]] = {}  # those that come after the step in hand, the next one last
    found = []
    for step in reversed(walk.steps):
        alive = step.id in live
        own = [Location("name", name) for name in names_of(step)]
        following = definers.get(own[0], ()) if own and not alive else ()
        overwriter = next((other for other in reversed(following) if other.effects.defines.issuperset(own)), None)
        reason = live[step.id] if alive else dead_reason(step, overwriter, users.get(step.id, []), character)
        found.append(Decision(step.id, alive, reason, role_of(step.tree)))
        for location in step.effects.defines:
            definers.setdefault(location, []).append(step)
    return (*reversed(found), *(Decision(id, False, reason) for id, reason in skipped.items()))


def role_of(tree: ast.stmt) -> Role:
    if isinstance(tree, (ast.Import, ast.ImportFrom)):
        return "import"
    return "definition" if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else "code"


def slice_of(name: str, graph: DataflowGraph, ledger: Ledger, content: Iterable[Location]) -> Slice:
    """The statements one variable depends on."""
    choice = Choice(ends=[name])
    choice.live.update({id: f"makes `{name}`" for id, _ in ledger.providers({Location("name", name), *content})})
    choice.ends.clear()
    reasons, chain = slice_back(graph, ledger, choice, lambda _: ())
    return Slice((name,), tuple(sorted(reasons)), tuple(chain))
