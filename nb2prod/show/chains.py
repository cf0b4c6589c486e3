"""Why, in full: what a variable depends on from the end back, and for one statement who needs it or what it would have fed.

show_slice(slice, notebook, names)     what `total` depends on: 3 statements, from the end back
                                         cell 3 line 1   total = df['x'].sum()
                                         cell 2 line 2   df = pd.read_csv(DATA)
                                             for cell 3 line 1, through `df`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nb2prod.model.dataflow import Analysis, Decision, Edge, Slice
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.show.cells import Paint, plain
from nb2prod.show.locations import Names, in_words, made_names
from nb2prod.show.words import short, show_edge, show_id

COLUMN = 18


def show_slice(slice: Slice, notebook: Notebook | None = None, names: Names | None = None, paint: Paint = plain) -> str:
    """The statements some results need, from the end back, each with what carries it to the one that needs it."""
    count = f"{len(slice.statements)} statement{'s' if len(slice.statements) != 1 else ''}"
    if notebook is None:
        lines = [f"what {', '.join(slice.results)} depends on: {count}", *(f"  {show_id(id)}" for id in slice.statements)]
        return "\n".join([*lines, *(["because"] if slice.chain else []), *(f"  {show_edge(edge)}" for edge in slice.chain)])
    why = {edge.provider: edge for edge in slice.chain}
    lines = [paint(f"what {', '.join(f'`{name}`' for name in slice.results)} depends on: {count}, from the end back", "heading")]
    for id in reversed(slice.statements):
        lines.append(f"  {paint(f'{place(notebook, id):<{COLUMN}}', 'reason')}{paint(source(notebook, id), 'live')}")
        if id in why:
            through = in_words(why[id].location, names or {})
            lines.append(" " * (COLUMN + 2) + paint(f"for {place(notebook, why[id].user)}, through {through}", "reason"))
    return "\n".join(lines)


def show_why(notebook: Notebook, analysis: Analysis, ids: Iterable[StatementId], paint: Paint = plain) -> str:
    """Each statement with its decision, what it needs, and who needs it (of a dropped one: what it would have fed)."""
    decisions = {decision.statement: decision for decision in analysis.decisions}
    names = made_names(analysis.graph.effects)
    blocks = []
    for id in ids:
        decision = decisions[id]
        told = ("live", "kept") if decision.live else ("dead", "dropped")
        head = f"{place(notebook, id)}  {paint(source(notebook, id), told[0])}"
        fed = _grouped(analysis.graph.users(id), names, users=True)
        needs = _grouped(analysis.graph.providers(id), names, users=False)
        title = "who needs it" if decision.live else "what it would have fed"
        lines = [head, f"  {told[1]}: {decision.reason}", *_listed(title, fed, notebook, decisions, paint)]
        blocks.append("\n".join([*lines, *_listed("what it needs", needs, notebook, decisions, paint)]))
    return "\n\n".join(blocks)


def place(notebook: Notebook, id: StatementId) -> str:
    return f"cell {id.cell} line {notebook.statement(id).span.start_line}"


def source(notebook: Notebook, id: StatementId) -> str:
    return short(notebook.statement(id).source, 80)


def _grouped(edges: Iterable[Edge], names: Names, users: bool) -> Mapping[StatementId, list[str]]:
    """The statements at the other end of some edges, in order, each with what passes."""
    found: dict[StatementId, list[str]] = {}
    for edge in sorted(edges):
        passes = found.setdefault(edge.user if users else edge.provider, [])
        text = in_words(edge.location, names)
        passes.extend([text] if text not in passes else [])
    return found


def _listed(
    title: str, found: Mapping[StatementId, list[str]], notebook: Notebook, decisions: Mapping[StatementId, Decision], paint: Paint
) -> list[str]:
    if not found:
        return [f"  {title}: nothing"]
    lines = []
    for id, passes in found.items():
        mark, kind = ("+", "live") if decisions[id].live else ("-", "dead")
        text = f"{mark} {place(notebook, id):<{COLUMN}}{source(notebook, id)}"
        lines.append(f"    {paint(text, kind)}  {paint('through ' + ', '.join(passes), 'reason')}")
    return [f"  {title}:", *lines]
