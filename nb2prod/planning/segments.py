"""Ordered statements -> the cheapest cut into stages, by dynamic programming over the sequence.

    cost of a cut = sum over stages of (names in + names out, size off the 5 to 40 lines people like, a fixed price)
                    - a bonus for each border that falls on a heading, + a price for one inside a cell

The recurrence is the classical optimal segmentation (Bellman, 1961): best[j] = min over i of best[i] + cost(i, j).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nb2prod.planning.borders import Need

FEWEST, MOST = 5, 40
LONGEST = 90
STAGE_PRICE, LONG_PRICE, SHORT_PRICE = 3.0, 1.0, 0.7
INPUT_PRICE, OUTPUT_PRICE, PARAMETER_PRICE = 0.8, 0.8, 0.2
CELL_PRICE, HEADING_BONUS, MISSED_HEADING = 4.0, 5.0, 6.0


@dataclass(frozen=True)
class Line:
    """What the cut must know of one statement: how many lines it has, and whether a heading or at least a new cell begins at it."""

    lines: int
    heading: bool
    new_cell: bool


def cut(needs: Sequence[Need], after: Sequence[frozenset[str]], lines: Sequence[Line], forbidden: frozenset[int]) -> tuple[range, ...]:
    """The stages as ranges of ranks; borders never fall after a forbidden rank."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(needs) + 1):
        best.append(min(candidates(end, best, needs, after, lines, forbidden)))
    borders = []
    end = len(needs)
    while end:
        start = best[end][1]
        borders.append(range(start, end))
        end = start
    return tuple(reversed(borders))


def candidates(
    end: int,
    best: list[tuple[float, int]],
    needs: Sequence[Need],
    after: Sequence[frozenset[str]],
    lines: Sequence[Line],
    forbidden: frozenset[int],
) -> list[tuple[float, int]]:
    """The price of every stage that could end before `end`, with its start; a forbidden end can never be reached."""
    if end < len(needs) and end - 1 in forbidden:
        return [(float("inf"), end - 1)]
    found = []
    wanted: frozenset[str] = frozenset()
    parameters: set[str] = set()
    given: set[str] = set()
    size = headings = 0
    for start in range(end - 1, -1, -1):
        need = needs[start]
        wanted = (wanted - need.gives) | need.needs
        parameters |= need.parameters
        given |= need.gives | need.may_give
        size += lines[start].lines
        if best[start][0] < float("inf"):
            price = STAGE_PRICE + INPUT_PRICE * len(wanted) + PARAMETER_PRICE * len(parameters) + OUTPUT_PRICE * len(given & after[end - 1])
            price += SHORT_PRICE * max(0, FEWEST - size) + LONG_PRICE * max(0, size - MOST) + MISSED_HEADING * headings
            price += 0.0 if start == 0 else border_price(lines[start])
            found.append((best[start][0] + price, start))
            if found and end - start > LONGEST:
                break
        headings += lines[start].heading
    return found


def border_price(line: Line) -> float:
    return -HEADING_BONUS if line.heading else 0.0 if line.new_cell else CELL_PRICE
