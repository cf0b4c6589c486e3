"""Effects and the graph as text; the graph also as Mermaid, Graphviz dot and SVG.

show_effects(notebook, analysis)             2.0 + df = pd.read_csv(DATA)
                                                 defines  name df, object 2.0:1
                                                 uses     file in.csv, name DATA, name pd
draw_graph(notebook, analysis, "mermaid")    flowchart TD
                                               s2_0["2.0 df = pd.read_csv(DATA)"]
                                               s1_1 -->|"name DATA"| s2_0
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from nb2prod.model.dataflow import Analysis, DataflowGraph, Edge, Effects, Location
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.show.cells import Paint, plain
from nb2prod.show.locations import in_words, made_names
from nb2prod.show.words import short, show_edge, show_id, show_location

Arrow = tuple[tuple[StatementId, StatementId], str]  # provider, user, and what passes between them

KINDS = ("defines", "updates", "uses", "writes_out")


def show_effects_of(effects: Effects) -> str:
    """One statement's effects, one kind a line; what is empty is left out."""
    lines = [show_id(effects.statement)]
    for kind in KINDS:
        locations = sorted(getattr(effects, kind), key=show_location)
        if locations:
            lines.append(f"    {kind.replace('_', ' '):<10} {', '.join(map(show_location, locations))}")
    if effects.opaque:
        lines.append(f"    {'opaque':<10} {effects.opaque}")
    return "\n".join(lines)


def show_effects(notebook: Notebook, analysis: Analysis, paint: Paint = plain) -> str:
    """Every statement in the order of the run with its effects."""
    titles, live = _titles(notebook), set(analysis.live)
    blocks = []
    for effects in analysis.graph.effects:
        head, _, rest = show_effects_of(effects).partition("\n")
        mark, kind = ("+", "live") if effects.statement in live else ("-", "dead")
        blocks.append(paint(f"{head} {mark} {titles[effects.statement]}", kind) + (f"\n{rest}" if rest else ""))
    return "\n".join(blocks)


def show_dataflow(graph: DataflowGraph) -> str:
    """Effects, then edges."""
    return "\n".join([*map(show_effects_of, graph.effects), *map(show_edge, graph.edges)])


def draw_graph(notebook: Notebook, analysis: Analysis, format: str, paint: Paint = plain) -> str:
    """The graph in one of `FORMATS`; only text is painted."""
    return _text(notebook, analysis, paint) if format == "text" else FORMATS[format](notebook, analysis)


def _text(notebook: Notebook, analysis: Analysis, paint: Paint = plain) -> str:
    titles, live, names = _titles(notebook), set(analysis.live), made_names(analysis.graph.effects)
    lines = []
    for effects in analysis.graph.effects:
        id = effects.statement
        lines.append(paint(f"{show_id(id)} {'+' if id in live else '-'} {titles[id]}", "live" if id in live else "dead"))
        for provider, why in _grouped(analysis.graph.providers(id)):
            passes = dict.fromkeys(in_words(location, names) for location in why)
            lines.append(f"    <- {show_id(provider):<6} {paint(', '.join(passes), 'reason')}")
    return "\n".join(lines)


def _mermaid(notebook: Notebook, analysis: Analysis) -> str:
    titles, live = _titles(notebook), set(analysis.live)
    lines = ["flowchart TD"]
    for cell, ids in _by_cell(analysis).items():
        lines.append(f'  subgraph c{cell}["cell {cell}"]')
        for id in ids:
            text = html.escape(f"{show_id(id)} {titles[id]}", quote=True).replace("&#x27;", "'")
            lines.append(f'    {_node(id)}["{text}"]{"" if id in live else ":::dead"}')
        lines.append("  end")
    for edge, why in _arrows(analysis):
        lines.append(f'  {_node(edge[0])} -->|"{html.escape(why, quote=True)}"| {_node(edge[1])}')
    return "\n".join([*lines, "  classDef dead stroke-dasharray: 4 3,opacity:0.5"])


def _dot(notebook: Notebook, analysis: Analysis) -> str:
    titles, live = _titles(notebook), set(analysis.live)
    lines = ["digraph notebook {", '  node [shape=box, fontname="monospace", fontsize=10];']
    for cell, ids in _by_cell(analysis).items():
        lines.append(f'  subgraph cluster_{cell} {{ label="cell {cell}";')
        for id in ids:
            style = "" if id in live else ", style=dashed, fontcolor=gray"
            lines.append(f"    {_node(id)} [label={_quoted(f'{show_id(id)} {titles[id]}')}{style}];")
        lines.append("  }")
    lines += [f"  {_node(edge[0])} -> {_node(edge[1])} [label={_quoted(why)}];" for edge, why in _arrows(analysis)]
    return "\n".join([*lines, "}"])


def _svg(notebook: Notebook, analysis: Analysis) -> str:
    """Statements from top to bottom in the order of the run; an arc at the left leads from each to those that need it.

    A need that follows from others is not drawn: with all of them nothing could be seen.
    """
    titles, live = _titles(notebook), set(analysis.live)
    rows = {effects.statement: number for number, effects in enumerate(analysis.graph.effects)}
    height, left = 20, 30 + 4 * min(len(rows), 60)
    middle = {id: height * row + height // 2 for id, row in rows.items()}
    parts = []
    for (provider, user), why in _nearest(_arrows(analysis), rows):
        top, bottom = middle[provider], middle[user]
        reach = left - 12 - min(left - 20, 8 + abs(bottom - top) // 5)
        kind = "" if user in live else ' class="dead"'
        path = f"M{left - 8} {top} C{reach} {top} {reach} {bottom} {left - 8} {bottom}"
        title = html.escape(f"{show_id(user)} needs {show_id(provider)}: {why}")
        parts.append(f'<path{kind} d="{path}"><title>{title}</title></path>')
    for id, row in rows.items():
        kind = "" if id in live else ' class="dead"'
        text = html.escape(short(f"{show_id(id)}  {titles[id]}", 90))
        parts.append(f'<circle{kind} cx="{left - 8}" cy="{middle[id]}" r="3"/>')
        parts.append(f'<text{kind} x="{left}" y="{height * row + 14}">{text}</text>')
    style = (
        ".dataflow text{font:12px monospace;fill:currentColor}.dataflow path{fill:none;stroke:#2a7;stroke-opacity:.6}"
        ".dataflow circle{fill:#2a7}.dataflow .dead{opacity:.4}"
    )
    size = f'width="{left + 680}" height="{height * max(len(rows), 1)}"'
    head = f'<svg class="dataflow" xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="which statement needs which">'
    return f"{head}<style>{style}</style>{''.join(parts)}</svg>"


FORMATS: Mapping[str, Callable[[Notebook, Analysis], str]] = {"text": _text, "mermaid": _mermaid, "dot": _dot, "svg": _svg}


def _titles(notebook: Notebook) -> dict[StatementId, str]:
    return {statement.id: short(statement.source, 70) for statement in notebook.statements}


def _node(id: StatementId) -> str:
    return f"s{id.cell}_{id.index}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _by_cell(analysis: Analysis) -> dict[int, list[StatementId]]:
    cells: dict[int, list[StatementId]] = defaultdict(list)
    for effects in analysis.graph.effects:
        cells[effects.statement.cell].append(effects.statement)
    return cells


def _grouped(edges: Iterable[Edge]) -> list[tuple[StatementId, list[Location]]]:
    """Edges of one user by provider; why it is needed, sorted."""
    why: dict[StatementId, set[Location]] = defaultdict(set)
    for edge in edges:
        why[edge.provider].add(edge.location)
    return [(provider, sorted(why[provider], key=show_location)) for provider in sorted(why)]


def _nearest(arrows: list[Arrow], rows: Mapping[StatementId, int]) -> list[Arrow]:
    """The arrows without those whose provider is reached through another provider of the same user (the transitive reduction)."""
    providers: dict[StatementId, set[StatementId]] = defaultdict(set)
    for (provider, user), _ in arrows:
        providers[user].add(provider)
    above: dict[StatementId, set[StatementId]] = {}
    for user in sorted(rows, key=lambda id: rows[id]):
        above[user] = set().union(*(above.get(provider, set()) for provider in providers[user]), providers[user])
    beyond = {user: set().union(*(above.get(provider, set()) for provider in found)) for user, found in providers.items()}
    return [((provider, user), why) for (provider, user), why in arrows if provider not in beyond[user]]


def _arrows(analysis: Analysis) -> list[Arrow]:
    """One arrow for each pair of statements, from provider to user, with the names that pass along it."""
    why: dict[tuple[StatementId, StatementId], set[str]] = defaultdict(set)
    for edge in analysis.graph.edges:
        why[edge.provider, edge.user].add(edge.location.key if edge.location.kind in ("name", "file") else edge.location.kind)
    return [(pair, short(", ".join(sorted(why[pair])), 40)) for pair in sorted(why)]
