"""Ordered statements -> the cheapest cut into stages, by dynamic programming over the sequence.

    cost of a cut = sum over stages of (a fixed price, names in and out, size off the 5 to 25 lines people like, kinds of work mixed)
                    - a bonus for each border that falls on a heading, + a price for one inside a cell

The recurrence is the classical optimal segmentation (Bellman, 1961): best[j] = min over i of best[i] + cost(i, j).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nb2prod.planning.borders import Need
from nb2prod.planning.demand import Demand

FEWEST, GOOD, MOST, TOO_MANY = 5, 25, 40, 44
LONGEST = 90
STAGE_PRICE, SHORT_PRICE, FULL_PRICE, LONG_PRICE, HUGE_PRICE = 4.0, 1.5, 0.4, 1.0, 3.0
NAME_PRICE, PARAMETER_PRICE, RESULT_PRICE = 0.5, 0.3, 0.1
MANY, WIDE_PRICE = 4, 0.8  # an interface of more names than that costs this much times the excess to the power of 1.5
MIXED_PRICE = 1.5
CELL_PRICE, HEADING_BONUS, MISSED_HEADING = 4.0, 2.5, 3.0
FIGURE_PRICE = 40.0  # for a figure that one stage begins and another goes on with


@dataclass(frozen=True)
class Line:
    """What the cut must know of one statement: how many lines it has, whether a heading or at least a new cell begins at it, whether it goes on
    with a figure, and the kinds of work that belong to the edges of a pipeline or to its middle (reading, fitting, drawing, writing)."""

    lines: int
    heading: bool
    new_cell: bool
    kinds: frozenset[str] = frozenset()
    goes_on: bool = False


@dataclass
class Part:
    """Statements that might become one stage, grown from its end, the rank of its last one, towards the front."""

    end: int
    demand: Demand
    wanted: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    size: int = 0
    headings: int = 0

    def add(self, need: Need, line: Line) -> None:
        """One more statement in front."""
        self.wanted = (self.wanted - need.gives) | need.needs | self.needed_later(need.passes - self.sure)
        self.sure |= need.gives
        self.outputs |= self.needed_later(need.gives | need.may_give)
        self.parameters |= need.parameters
        self.kinds |= line.kinds
        self.size += line.lines + line.new_cell  # with the blank line between cells

    def needed_later(self, names: frozenset[str]) -> set[str]:
        return {name for name in names if self.demand.after(name, self.end)}

    def price(self, inputs: int, results: frozenset[str]) -> float:
        """What it costs as a stage with so many inputs, when `results` leave the last stages whatever the cut is."""
        outputs = self.outputs
        handed_on = outputs - results
        price = NAME_PRICE * (inputs + len(handed_on)) + PARAMETER_PRICE * len(self.parameters) + RESULT_PRICE * len(outputs - handed_on)
        price += WIDE_PRICE * sum(max(0, width - MANY) ** 1.5 for width in (inputs + len(self.parameters), len(outputs)))
        short = 0.0 if self.kinds in ({"reads"}, {"writes"}) else SHORT_PRICE  # loading and saving stand alone, however short
        size = self.size + len(outputs - handed_on) + (len(outputs) + 1 if len(outputs) > MANY else 1)  # what is shown, and `return`
        price += short * max(0, FEWEST - self.size) + FULL_PRICE * max(0, self.size - GOOD) + LONG_PRICE * max(0, self.size - MOST)
        price += HUGE_PRICE * max(0, size - TOO_MANY)
        mixed = len(self.kinds - {"writes"} if "draws" in self.kinds else self.kinds)  # a figure is saved where it is drawn
        return STAGE_PRICE + price + MIXED_PRICE * max(0, mixed - 1) + MISSED_HEADING * self.headings


def cut(
    needs: Sequence[Need],
    demand: Demand,
    lines: Sequence[Line],
    forbidden: frozenset[int],
    results: frozenset[str],
    parted: frozenset[int] = frozenset(),
) -> tuple[range, ...]:
    """The stages as ranges of ranks; borders never fall after a forbidden rank, and one is before each rank in `parted` where it may be.
    `results` leave the last stages whatever the cut is."""
    makers: dict[str, int] = {}  # the first of each name
    for rank, need in enumerate(needs):
        for name in need.gives | need.may_give:
            makers.setdefault(name, rank)
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(needs) + 1):
        if end < len(needs) and end - 1 in forbidden:
            best.append((float("inf"), end - 1))
            continue
        part = Part(end - 1, demand)
        found: list[tuple[float, int]] = []
        for start in range(end - 1, -1, -1):
            part.add(needs[start], lines[start])
            if best[start][0] < float("inf"):
                border = 0.0 if start == 0 else border_price(lines[start])
                inputs = sum(makers.get(name, start) < start for name in part.wanted)
                found.append((best[start][0] + part.price(inputs, results) + border, start))
                if end - start > LONGEST or start in parted:
                    break
            part.headings += lines[start].heading
        best.append(min(found))
    borders = []
    end = len(needs)
    while end:
        start = best[end][1]
        borders.append(range(start, end))
        end = start
    return tuple(reversed(borders))


def border_price(line: Line) -> float:
    """What a border in front of a statement costs."""
    return -HEADING_BONUS if line.heading else 0.0 if line.new_cell else CELL_PRICE + FIGURE_PRICE * line.goes_on
