"""Where no border between two stages may be.

0: total = 0
1: def count(): global total; total += 1      from 0 to 2: a function binds `total`, so all that touches it stays together
2: count(); print(total)
"""

from __future__ import annotations

from collections.abc import Sequence

from nb2prod.planning.borders import Need
from nb2prod.planning.code import LiveCode
from nb2prod.planning.demand import Demand
from nb2prod.planning.module_names import ModuleNames


def forbidden_borders(needs: Sequence[Need], demand: Demand, code: LiveCode, module: ModuleNames) -> frozenset[int]:
    """The ranks after which no border may be.

    A name that may not be defined cannot be handed over; code that outlives its statement sees later values of the names it reads only
    while it shares a function with whatever binds them; a name that a function binds, or that must be the module's, lives in one function.
    """
    if module.statements.issuperset(code.statements):
        return frozenset(range(len(needs)))
    forbidden = unsure_borders(needs, demand)
    binders = {name: rank for rank, need in enumerate(needs) for name in need.gives | need.may_give}  # the last ones
    for rank, need in enumerate(needs):
        for name in need.later:
            forbidden.update(range(rank, binders.get(name, rank)))
    together = code.global_stores | module.names
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for rank, need in enumerate(needs):
        for name in together & (need.needs | need.gives | need.may_give | need.later):
            first.setdefault(name, rank)
            last[name] = rank
    for name, rank in first.items():
        forbidden.update(range(rank, last[name]))
    return frozenset(forbidden)


def unsure_borders(needs: Sequence[Need], demand: Demand) -> set[int]:
    """The ranks after which a name is needed that may have no value yet."""
    found: set[int] = set()
    sure: set[str] = set()
    perhaps: set[str] = set()
    for rank, need in enumerate(needs):
        sure |= need.gives
        perhaps = (perhaps | (need.may_give - sure)) - need.gives
        if any(demand.after(name, rank) for name in perhaps):
            found.add(rank)
    return found
