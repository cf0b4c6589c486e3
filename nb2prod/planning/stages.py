"""The cut -> stages with names, modules, inputs, outputs and words from the markdown above them.

## Load the data          Stage("load_the_data", module="data", inputs=(churn_path,), outputs=(df,),
df = pd.read_csv(...)  ->        title="Load the data", doc="One row a customer.")
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from nb2prod.model.dataflow import Mark
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Stage, Variable
from nb2prod.planning.borders import Need
from nb2prod.planning.code import LiveCode
from nb2prod.planning.demand import Demand
from nb2prod.planning.names import StageNames, Work, headings_above
from nb2prod.planning.segments import GOOD, Line, Part, cut
from nb2prod.planning.shown import Captures
from nb2prod.planning.wishes import followed, glued_ranks, parted_ranks

NOTHING = Line(0, False, False)
TOO_LONG = 50  # lines of a block that is better a function of its own
TABLES = frozenset({"pandas.DataFrame", "pandas.Series", "numpy.ndarray"})
FIGURES = frozenset({"figure", "subplots", "subplot_mosaic"})
KINDS: frozenset[Mark] = frozenset({"reads", "fits", "draws", "writes"})


def plan_stages(
    code: LiveCode,
    needs: tuple[Need, ...],
    demand: Demand,
    forbidden: frozenset[int],
    captures: Captures,
    names: StageNames,
) -> tuple[Stage, ...]:
    """Cut the body into stages and describe each; `captures` are the shown values that get names in it."""
    if not needs:
        return ()
    stages: list[Stage] = []
    at_end = demand.at_end | {result.name for result in captures.results}
    asked = followed([need.id.cell for need in needs], names.asked)
    before = Before()
    for part in cut(needs, demand, lines_of(code, needs), forbidden | glued_ranks(asked), at_end, parted_ranks(asked)):
        whole = Part(part[-1], demand)
        for rank in reversed(part):
            whole.add(needs[rank], NOTHING)
        stages.append(stage_of(code, [needs[rank] for rank in part], whole, captures, before, names))
        before.add(stages[-1], code)
    return tuple(stages)


def lines_of(code: LiveCode, needs: Sequence[Need]) -> tuple[Line, ...]:
    """Sizes and headings as the cut wants them."""
    found: list[Line] = []
    previous, drawn = -1, False
    for need in needs:
        new_cell = need.id.cell != previous
        heading = new_cell and bool(headings_above(code.notebook, need.id.cell, previous))
        kinds = frozenset(code.effects[need.id].marks & KINDS)
        drawn = drawn and not new_cell
        goes_on = drawn and "draws" in kinds and not opens_figure(code.tree(need.id))
        closing = "draws" in kinds and not drawn  # of its figures, once a cell
        found.append(Line(lines_with(need.id, code) + closing, heading, new_cell, kinds, goes_on))
        drawn = drawn or "draws" in kinds
        previous = need.id.cell
    return tuple(found)


def lines_with(id: StatementId, code: LiveCode) -> int:
    """The lines of a statement; a block that is too long by itself, whatever stands beside it, drives nothing out of its stage."""
    lines = code.lines(id)
    return GOOD if lines > TOO_LONG and isinstance(code.tree(id), (ast.For, ast.While, ast.With)) else lines


def opens_figure(tree: ast.stmt) -> bool:
    """Whether a statement begins a figure of its own."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(getattr(func, "attr", getattr(func, "id", "")) in FIGURES for func in calls)


@dataclass
class Before:
    """What the stages so far hand on, the types of all names they bind, and the cell they end in."""

    outputs: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    cell: int = -1

    def add(self, stage: Stage, code: LiveCode) -> None:
        self.outputs |= {output.name for output in stage.outputs}
        self.types |= types_of(code, stage.statements)
        self.cell = stage.statements[-1].cell


def stage_of(code: LiveCode, needs: list[Need], whole: Part, captures: Captures, before: Before, names: StageNames) -> Stage:
    """One stage from its statements, taken together as a `whole`."""
    reachable = whole.wanted & before.outputs
    wanted = dict.fromkeys(name for need in needs for name in as_written((need.needs | need.passes) & reachable, need.id, code, captures))
    given = dict.fromkeys(name for need in needs for name in as_written(need.gives | need.may_give, need.id, code, captures))
    parameters = sorted(set().union(*(need.parameters for need in needs)))
    statements = tuple(need.id for need in needs)
    inside = set(statements)
    captured = tuple(result for result in captures.results if result.statement in inside)
    outputs = [name for name in given if name in whole.outputs]
    types = before.types
    inner = types | types_of(code, statements) | {r.name: captures.types[r.name] for r in captured if r.name in captures.types}
    title, doc = names.words(statements, before.cell)
    shown = {result.name for result in captured}
    made = [(name if name in outputs else "", inner.get(name, "")) for name in given if name not in shown]
    updates = tuple(name for name in wanted if updated(code, name, statements) and captures.may_change(name, statements))
    work = Work(tuple(wanted), [name for name in updates if types.get(name, "pandas.DataFrame") in TABLES], made)
    name, module = names.name(code, needs, work, title)
    return Stage(
        name=name,
        module=module,
        statements=statements,
        inputs=tuple(Variable(name, types.get(name, "")) for name in (*wanted, *parameters)),
        outputs=tuple(Variable(name, inner.get(name, "")) for name in outputs),
        title=title,
        doc=doc,
        results=captured,
        closes=closes_of(code, statements),
        updates=updates,
    )


def as_written(names: frozenset[str], id: StatementId, code: LiveCode, captures: Captures) -> list[str]:
    """The names in the order in which a statement mentions them, and then those of what it shows."""
    mentioned = sorted((r for r in code.by_statement[id] if r.name in names), key=lambda r: r.place)
    order = dict.fromkeys([*(r.name for r in mentioned), *(r.name for r in captures.shown_by(id))])
    return [*(name for name in order if name in names), *sorted(names - set(order))]


def types_of(code: LiveCode, statements: tuple[StatementId, ...]) -> dict[str, str]:
    """The last known type of every name these statements bind."""
    found: dict[str, str] = {}
    for id in sorted({id for id in statements if id in code.types}, key=code.rank.__getitem__):
        found.update(code.types[id])
    return found


def updated(code: LiveCode, name: str, statements: tuple[StatementId, ...]) -> bool:
    """Whether a stage changes an object that a name held when it came in."""
    inside = set(statements)
    first = min(code.rank[id] for id in statements)
    makers = [id for id in code.stores.get(name, []) if id not in inside and code.rank[id] < first]
    if not makers:
        return False
    prefix = f"{makers[-1].cell}.{makers[-1].index}:"
    return any(x.kind == "object" and x.key.startswith(prefix) for id in statements for x in code.effects[id].updates)


def closes_of(code: LiveCode, statements: tuple[StatementId, ...]) -> tuple[StatementId, ...]:
    """The statements after which the notebook closed its figures: the last live one at or before each flush that drew something."""
    found = []
    for flush in (flush for cell in dict.fromkeys(id.cell for id in statements) for flush in code.flushes.get(cell, ())):
        before = [id for id in statements if id.cell == flush.cell and id <= flush]
        if before and any(code.effects[id].marks & {"draws", "unknown"} for id in before):
            found.append(before[-1])
    return tuple(dict.fromkeys(found))
