"""Which names anything later needs, for every border between two statements.

0: df = load()      gives df
1: n = len(df)      needs df, gives n       demand.after("df", 0) -> True      demand.after("df", 1) -> False
2: print(n)         needs n                 demand.after("n", 1) -> True
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from nb2prod.planning.borders import Need


class Demand:
    """For each name the ranks at which it begins and ends to be needed, in turns: what a set of names for each border would say takes the square
    of the length of a notebook."""

    def __init__(self, needs: Sequence[Need], at_end: frozenset[str]) -> None:
        self.at_end = at_end
        self._turns: dict[str, list[int]] = {}
        until = dict.fromkeys(at_end, len(needs))
        for rank in range(len(needs) - 1, -1, -1):
            need = needs[rank]
            for name in need.gives - need.needs:
                if name in until:
                    self._turns.setdefault(name, []).extend((until.pop(name), rank))
            for name in need.needs:
                until.setdefault(name, rank)
        for name, rank in until.items():
            self._turns.setdefault(name, []).extend((rank, 0))
        for turns in self._turns.values():
            turns.reverse()

    def after(self, name: str, rank: int) -> bool:
        """Whether anything after the statement of this rank, or the results, needs the name."""
        return bisect_right(self._turns.get(name, ()), rank) % 2 == 1
