"""The statements that some statements depend on, with the edges that bring each in.

slice_from("auc", (StatementId(9, 2),), graph)   ->   Slice(("auc",), statements=(2.0, 4.1, 9.2), chain=(...))
"""

from __future__ import annotations

from collections.abc import Iterable

from nb2prod.model.dataflow import DataflowGraph, Edge, Slice
from nb2prod.model.notebook import StatementId


def slice_from(name: str, ends: Iterable[StatementId], graph: DataflowGraph) -> Slice:
    """Everything that statements depend on, themselves included, in the order of the document."""
    providers: dict[StatementId, list[Edge]] = {}
    for edge in graph.edges:
        providers.setdefault(edge.user, []).append(edge)
    reached = list(dict.fromkeys(ends))
    seen, chain = set(reached), []
    for user in reached:  # it grows
        for edge in providers.get(user, ()):
            if edge.provider not in seen:
                seen.add(edge.provider)
                reached.append(edge.provider)
                chain.append(edge)
    return Slice((name,), tuple(sorted(seen)), tuple(chain))
