"""Interpret the statements of a notebook in an order: what each touches, and what is shown at its end.

steps = walk(order, trees, knowledge)      steps.all[4].effects, steps.all[4].touches.value, steps.names["df"] (at the end)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nb2prod.analysis.expressions import SHOWN
from nb2prod.analysis.machine import TooComplex
from nb2prod.analysis.observed import NOTHING, Observed, add_observed
from nb2prod.analysis.references import names_bound_by
from nb2prod.analysis.statements import Interpreter
from nb2prod.analysis.syntax import Trees
from nb2prod.analysis.values import ANYTHING, Touches, Value
from nb2prod.knowledge import Knowledge
from nb2prod.model.dataflow import Effects, Location, Mark
from nb2prod.model.notebook import StatementId
from nb2prod.model.syntax import nodes_of


@dataclass(frozen=True)
class Part:
    """One expression a statement may show, with what it may be: a bare expression or a `display` argument, or a part of a top-level print."""

    how: str
    node: ast.expr
    value: Value


@dataclass(frozen=True)
class Step:
    """One interpreted statement: its effects and what else was noticed, the names' values after it, and figures shown when it was done."""

    id: StatementId
    tree: ast.stmt
    effects: Effects
    touches: Touches
    shown_figures: frozenset[str] = frozenset()
    bound: Mapping[str, Value] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Walk:
    """All steps in order, the names at the end, and the machine for questions about types and objects."""

    steps: tuple[Step, ...]
    names: Mapping[str, Value]
    machine: Interpreter

    def step(self, id: StatementId) -> Step:
        return next(step for step in self.steps if step.id == id)

    def content(self, value: Value) -> frozenset[Location]:
        """The object locations that hold the whole content of a value."""
        return frozenset(Location("object", object) for object in self.machine.heap.reach(objects_of(value)))


def objects_of(value: Value) -> frozenset[str]:
    return value.objects.union(*(objects_of(element) for element in value.elements or ()))


def marks_of(machine: Interpreter, touches: Touches, bound: Mapping[str, Value]) -> frozenset[Mark]:
    """What kind of work a statement did."""
    held = machine.heap.reach(
        {o for value in bound.values() for o in objects_of(value)} | {x.key for x in touches.updates if x.kind == "object"}
    )
    prefix = f"{machine.statement.cell}.{machine.statement.index}:"
    found: dict[Mark, bool] = {
        "reads": any(location.kind in ("file", "database", "network") for location in touches.uses - touches.writes_out),
        "writes": bool(touches.writes_out),
        "fits": bool(touches.fits),
        "predicts": any(value.predicted for value in bound.values()),
        "draws": touches.draws,
        "prints": touches.prints,
        "measures": any(value.shows == "conclusion" for value in (*bound.values(), *touches.printed)),
        "unknown": bool(touches.unknown_call),
        "keeps_code": any(object.startswith(prefix) for object in held & machine.heap.functions.keys()),
    }
    return frozenset(mark for mark, true in found.items() if true)


UNDERSCORES = ("_", "__", "___")
HISTORY = ("Out", "_oh", "__", "___")
NUMBERED = re.compile(r"_\d+")


def shown_parts(tree: ast.stmt) -> list[tuple[str, ast.expr]]:
    """The expressions a statement may show, in the order a recording numbers them."""
    if not isinstance(tree, ast.Expr):
        return []
    call = tree.value
    name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
    if isinstance(call, ast.Call) and name == "print":
        return [("print", part) for argument in call.args for part in printed_parts(argument)]
    if isinstance(call, ast.Call) and name == "display":
        return [("display", argument) for argument in call.args]
    return [("value", call)]


def printed_parts(argument: ast.expr) -> list[ast.expr]:
    if isinstance(argument, ast.JoinedStr):
        return [part.value for part in argument.values if isinstance(part, ast.FormattedValue)]
    return [] if isinstance(argument, ast.Constant) else [argument]


def mentions_history(trees: Trees) -> bool:
    """Whether the notebook looks at values that earlier cells showed, by `Out[3]`, `_3`, `__` or `___`."""
    names = {node.id for tree in trees.values() for node in nodes_of(tree) if isinstance(node, ast.Name)}
    return any(name in HISTORY or NUMBERED.fullmatch(name) for name in names)


def run_shown(machine: Interpreter) -> None:
    """A value is shown by its class's own methods, and whether they change anything is remembered."""
    touches = machine.touches
    changed = len(touches.updates) + len(touches.writes_out)
    machine.touch_instances(touches.value, node=ast.Pass(lineno=0, col_offset=0), only=SHOWN)
    touches.shows_by_code = len(touches.updates) + len(touches.writes_out) > changed


def give_up(machine: Interpreter) -> None:
    """What the statement in hand does is not followed any further: it may touch everything."""
    machine.opaque("it is too complex to follow")
    machine.frames, machine.branches = [], 1


def show_value(machine: Interpreter, history: bool, sure: bool) -> None:
    """A cell showed a value: it is `_` from now on (a notebook's own `_` stays), and where anything asks for them, one of `Out`."""
    value = machine.touches.value
    if history:
        shown = Value(frozenset({"Out"}))
        machine.use(shown)
        machine.update(shown)
        machine.heap.store(shown.objects, "[]", value)
    machine.bind_global("_", value, sure=sure)


def walk(
    order: Iterable[StatementId],
    trees: Trees,
    knowledge: Knowledge,
    silent: frozenset[StatementId] = frozenset(),
    observed: Observed = NOTHING,
) -> Walk:
    """Interpret every statement once, in this order.

    As notebooks do, figures still open at the end of a cell are shown there, and `_` means the value its last expression showed; `silent`
    are expressions that end in `;` and show nothing. What a run `observed` of a statement is added to its effects.
    """
    ids = tuple(order)
    machine = Interpreter(knowledge, len(ids))
    history = mentions_history(trees)
    own_underscore = False
    steps: list[Step] = []
    for id, following in zip(ids, (*ids[1:], None), strict=False):
        tree = trees[id]
        machine.begin(id)
        before = machine.figures
        may_show = isinstance(tree, ast.Expr) and (following is None or following.cell != id.cell) and id not in silent
        try:
            machine.run_body([tree])
            if may_show:
                run_shown(machine)
            machine.run_hooks()
        except (TooComplex, RecursionError):
            give_up(machine)
            for name in sorted(names_bound_by(tree)):
                machine.bind_global(name, Value(machine.blurred), sure=False)
        if "_" in machine.bound:
            own_underscore = True
        if may_show and machine.touches.value.types != {"NoneType"}:
            show_value(machine, history, sure=not own_underscore)
        try:
            machine.let_go()
        except (TooComplex, RecursionError):
            give_up(machine)
        add_observed(machine, tree, observed.get(id))
        touches = machine.end()
        shown = before if touches.shows_figures else frozenset()
        if following is None or following.cell != id.cell:
            shown |= machine.figures
            machine.figures = frozenset()
        shown &= machine.drawn
        bound = {name: machine.names[name] for name in machine.bound if name in machine.names and name not in UNDERSCORES}
        marks = marks_of(machine, touches, bound)
        defines, updates, uses, writes = map(frozenset, (touches.defines, touches.updates, touches.uses, touches.writes_out))
        effects = Effects(id, defines, updates, uses, writes, touches.opaque, marks, frozenset(touches.observed))
        parts = tuple(Part(how, node, touches.values.get(node, ANYTHING)) for how, node in shown_parts(tree))
        steps.append(Step(id, tree, effects, touches, shown, bound, parts))
    return Walk(tuple(steps), dict(machine.names), machine)
