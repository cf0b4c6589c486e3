"""The state of the abstract interpreter: names, objects and scopes, and what the statement at hand has touched so far.

machine.begin(StatementId(3, 0))
machine.bind("df", value)        -> touches.defines name df (touches.updates, where it may not happen)
machine.update(value)            -> touches.updates the objects it may be
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nb2prod.analysis.frames import Flow, Frame
from nb2prod.analysis.values import Heap, Scope, Touches, Value, deep_objects, join, where
from nb2prod.knowledge import Knowledge
from nb2prod.model.dataflow import Location
from nb2prod.model.notebook import StatementId

STEPS = 60_000
WORK = 8  # objects looked at that count as one step
TOTAL = 200_000
EACH = 100  # more of it for each statement: an ordinary one takes some ten steps, so that long notebooks are followed to their end
LAST = 3_000
DEPTH = 24
ROUNDS = 30  # a loop that is not at rest by then is too complex
HOLDERS = frozenset({"tuple", "frozenset"})  # nobody can change them, but what they hold
SHOWN = frozenset({"Out", "_oh", "__", "___"})  # values that earlier cells showed, all held by one object
SHOWN_NUMBER = re.compile(r"_\d+")
NOTEBOOK_NAMES = frozenset(
    "get_ipython display In Out exit quit _ __ ___ __name__ __doc__ __file__ __builtins__ __module__ __qualname__".split()
)


class TooComplex(Exception):
    """A statement costs more steps than the analysis allows; it is treated as opaque."""


class Machine:
    """Names, heap and touches, with the small operations the interpreter is written in."""

    def __init__(self, knowledge: Knowledge, statements: int) -> None:
        self.knowledge = knowledge
        self.most = max(TOTAL, EACH * statements)
        self.heap = Heap()
        self.names: dict[str, Value] = {}
        self.stars: list[str] = []
        self.since_star: set[str] = set()
        self.blurred: frozenset[str] = frozenset()
        self.folder: str | None = ""
        self.trials: list[tuple[dict[str, Value], dict[str, Value]]] = []
        self.ran: dict[tuple[str | frozenset[str], ...], int] = {}
        self.gave: dict[str, Value] = {}
        self.frames: list[Frame] = []
        self.figures: frozenset[str] = frozenset()
        self.drawn: set[str] = set()
        self.statement = StatementId(0, 0)
        self.touches = Touches()
        self.assigned: set[str] = set()
        self.bound: dict[str, None] = {}  # in the order they are bound
        self.before: dict[str, Value] = {}  # what names held that the statement binds
        self.branches = self.others = self.rebound = 0
        self.steps = self.total = self.work = 0
        self.used, self.updated, self.linked = set[frozenset[str]](), set[frozenset[str]](), False

    def begin(self, statement: StatementId) -> None:
        """Start a new top-level statement with nothing touched."""
        self.statement = statement
        self.touches = Touches()
        self.assigned, self.bound, self.before, self.steps, self.work = set(), {}, {}, 0, self.heap.work
        for of_the_last in (self.frames, self.trials, self.ran, self.gave):
            of_the_last.clear()
        self.used, self.updated = set(), set()
        self.branches = self.others = 0

    def end(self) -> Touches:
        """What the statement touched; a name bound on every path is defined, on some paths updated; an opaque statement is sure of nothing."""
        for name in self.bound:
            kind = self.touches.defines if name in self.assigned else self.touches.updates
            kind.add(Location("name", name))
        if self.touches.opaque:
            self.touches.updates |= self.touches.defines
            self.touches.defines.clear()
            self.blur()
        return self.touches

    def blur(self) -> None:
        """After an opaque statement any name may hold any object: all become one, which only code and classes are kept apart from.

        What was known of them before is not needed any more: the opaque statement itself depends on all of it.
        """
        anything = f"{self.statement.cell}.{self.statement.index}:opaque"
        self.blurred = frozenset({anything, *(code := self.heap.blur(anything))})
        self.names = {name: self.heap.blurred(value, anything, code) for name, value in self.names.items()}
        self.drawn |= {anything} if self.figures & self.drawn else set()
        self.figures = frozenset({anything}) if self.figures else self.figures
        self.folder = None

    def step(self, cost: int = 1) -> None:
        """Count work; a statement may do STEPS of it, and when the notebook as a whole has done the `most` it may only LAST."""
        self.steps += cost
        self.total += cost
        if self.steps + (self.heap.work - self.work) // WORK > (STEPS if self.total + self.heap.work // WORK < self.most else LAST):
            raise TooComplex

    # names -----------------------------------------------------------------------------------------------------------------

    def lookup(self, name: str) -> Value:
        """The value of a name where the interpreter stands now, recording the use of a notebook-level one."""
        if self.frames and name not in self.frames[-1].globals:
            frame = self.frames[-1]
            if name in frame.locals:
                return frame.locals[name]
            for scope in reversed(frame.closure):
                if name in scope:
                    self.touches.uses.add(Location("object", scope.object))
                    return scope[name]
        if name not in self.assigned:
            self.touches.uses.add(Location("name", name))
        if name in self.names:
            return join(self.names[name], self.from_star(name)) if self.may_be_star(name) else self.names[name]
        if hasattr(builtins, name):
            return join(Value(path=f"builtins.{name}"), self.from_star(name)) if self.may_be_star(name) else Value(path=f"builtins.{name}")
        if name in SHOWN or SHOWN_NUMBER.fullmatch(name):
            return Value(frozenset({"Out"}))
        if name in NOTEBOOK_NAMES:
            return Value(path=name)
        return self.from_star(name)

    def may_be_star(self, name: str) -> bool:
        """Whether a star import may have bound the name anew; what a known library exports is known by its rules."""
        if not self.stars or name in self.since_star:
            return False
        self.touches.uses.add(Location("name", "*"))
        if hasattr(builtins, name):
            return any(f"{module}.{name}" in self.knowledge.functions for module in self.stars)
        return True

    def from_star(self, name: str) -> Value:
        """A name nobody bound: it came from a star import if there was one, else it is undefined."""
        if not self.stars:
            if not self.blurred:
                self.touches.undefined.add(name)
            return Value(self.blurred)
        self.touches.uses.add(Location("name", "*"))
        known = [module for module in self.stars if f"{module}.{name}" in self.knowledge.functions]
        return Value(self.blurred, path=f"{(known or self.stars)[-1]}.{name}")

    def bind(self, name: str, value: Value) -> None:
        frame = self.frames[-1] if self.frames else None
        if frame is None or name in frame.globals:
            self.bind_global(name, value, sure=frame is None)
        elif name in frame.nonlocals:
            for scope in reversed(frame.closure):
                if name in scope:
                    scope[name] = join(scope[name], value)
                    self.hold(scope)
                    break
        else:
            frame.locals[name] = value
            self.note_trial(frame.locals, name, value)

    def hold(self, scope: Scope) -> None:
        """A scope that functions close over changed: it is an object of its own, holding what its names hold."""
        if scope.object:
            location = Location("object", scope.object)
            self.touches.uses.add(location)
            self.touches.updates.add(location)
            for value in scope.values():
                self.heap.store([scope.object], ".local", value)

    def note_trial(self, names: dict[str, Value], name: str, value: Value) -> None:
        """Remember every value a name had inside a loop or `try`, which may be left at any point."""
        for scope, log in self.trials:
            if scope is names:
                log[name] = join(log[name], value) if name in log else value

    def note_bound(self, name: str) -> None:
        """Remember that the statement binds a name, and a value that the name had before."""
        self.bound[name] = None
        if name in self.names:
            self.before.setdefault(name, self.names[name])

    def bind_global(self, name: str, value: Value, sure: bool) -> None:
        """Bind a notebook-level name; from inside a function it is not sure to happen, so the old value may stay."""
        self.note_bound(name)
        self.since_star.add(name)
        self.note_trial(self.names, name, value)
        self.rebound += self.names.get(name) != value
        if sure:
            self.assigned.add(name)
            self.names[name] = value
        else:
            self.names[name] = join(self.names[name], value) if name in self.names else value

    def unbind(self, name: str) -> None:
        if not self.frames:
            self.touches.uses |= set() if name in self.assigned else {Location("name", name)}
            self.note_bound(name)
            self.assigned.add(name)
            self.rebound += 1
            self.names.pop(name, None)
        else:
            self.frames[-1].locals.pop(name, None)

    def scopes(self) -> tuple[Scope, ...]:
        """The local scopes that a function made here closes over; a class body is none of them."""
        if not self.frames:
            return ()
        return self.frames[-1].closure if self.frames[-1].class_body else (*self.frames[-1].closure, self.frames[-1].locals)

    # branches --------------------------------------------------------------------------------------------------------------

    @property
    def local_names(self) -> dict[str, Value]:
        return self.frames[-1].locals if self.frames else self.names

    def save(self) -> Flow:
        return Flow(dict(self.local_names), set(self.assigned), self.figures, self.folder)

    def merge(self, flow: Flow) -> None:
        """Join the state at hand with another path that may have been taken instead."""
        names = self.local_names
        for name, value in flow.names.items():
            if names.get(name) is not value:
                names[name] = join(names[name], value) if name in names else value
        self.assigned &= flow.assigned
        self.figures |= flow.figures
        self.folder = self.folder if self.folder == flow.folder else None

    def restart(self, flow: Flow) -> Flow:
        """Go back to a saved state to run another branch; gives the state that was reached."""
        reached = self.save()
        names = self.local_names
        names.clear()
        names.update(flow.names)
        self.assigned, self.figures, self.folder = set(flow.assigned), flow.figures, flow.folder
        return reached

    @contextmanager
    def branch(self) -> Iterator[None]:
        """Run code that may not happen."""
        self.branches += 1
        yield
        self.branches -= 1

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Run code that somebody else may call, with anything at hand: what it makes goes by the same name whoever calls it, so that notebooks
        in which everything may call everything come to rest."""
        self.branches += 1
        self.others += 1
        yield
        self.branches -= 1
        self.others -= 1

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Run code that may be left at any point: afterwards a name may still have any value it had inside."""
        names: dict[str, Value] = self.local_names
        log: dict[str, Value] = {}
        self.trials.append((names, log))
        yield
        self.trials.pop()
        for name, value in log.items():
            names[name] = join(names[name], value) if name in names else value

    # objects ---------------------------------------------------------------------------------------------------------------

    def allocate(self, node: ast.AST, tag: str = "") -> str:
        """The name of the object made at this spot: stable, so that loops and repeated calls come to rest."""
        function = self.frames[-1].function if self.frames else ""
        place = "any" if self.others else f"{self.statement.cell}.{self.statement.index}"
        object = f"{place}:{where(node)}{function}{tag}"
        self.touches.updates.add(Location("object", object))
        return object

    def fresh(self, node: ast.AST, types: Iterable[str] | None = None, tag: str = "") -> Value:
        object, kinds = self.allocate(node, tag), None if types is None else frozenset(types)
        earlier = self.heap.kinds.get(object, kinds)
        self.heap.kinds[object] = None if earlier is None or kinds is None else earlier | kinds
        return Value(frozenset({object}), kinds)

    def use(self, *values: Value) -> None:
        """Depend on all that the values hold."""
        objects = self.heap.reach(object for value in values for object in deep_objects(value))
        if objects not in self.used:
            self.used.add(objects)
            self.heap.work += len(objects)
            self.touches.uses.update(Location("object", object) for object in objects)
        for object in objects & self.heap.resources.keys():
            self.touches.uses |= self.heap.resources[object]

    def update(self, *values: Value, deep: bool = False) -> None:
        """Change the objects the values may be; with `deep`, also whatever they hold."""
        objects = frozenset(object for value in values for object in deep_objects(value))
        objects = self.heap.reach(objects) if deep else objects
        if objects not in self.updated:
            self.updated.add(objects)
            self.heap.work += len(objects)
            self.touches.updates.update(Location("object", object) for object in objects)

    def use_ambient(self, name: str) -> None:
        self.touches.uses.add(Location("ambient", name))

    def update_ambient(self, name: str) -> None:
        self.touches.updates.add(Location("ambient", name))
        self.use_ambient(name)

    def set_ambient(self, name: str) -> None:
        """Set ambient state anew: surely only where the statement itself does, not on a branch or in a function."""
        sure = not self.trials and not self.branches and not any(frame.left for frame in self.frames)
        (self.touches.defines if sure else self.touches.updates).add(Location("ambient", name))

    def library(self, path: str) -> Value:
        """The modules behind a dotted path as objects: what unknown calls of a library may change, and what was put into it."""
        return Value(frozenset(f"module:{part.partition('.')[0]}" for part in path.split("|") if part))

    def patched(self, path: str) -> Value:
        """What the notebook itself put into the modules of a path; no objects when it left them alone."""
        module = self.library(path)
        return module if any(object in self.heap.fields for object in module.objects) else Value()

    def opaque(self, reason: str) -> Value:
        """Give up on this statement: it may touch everything."""
        self.touches.opaque = self.touches.opaque or reason
        return Value(self.heap.reach(object for value in self.names.values() for object in deep_objects(value)))

    # figures ---------------------------------------------------------------------------------------------------------------

    def draw(self, node: ast.AST) -> Value:
        """The current figure, made now if there is none; drawing changes it."""
        if not self.figures:
            self.figures = frozenset({self.allocate(node, ":figure")})
        figure = Value(self.figures, frozenset({"matplotlib.figure.Figure"}))
        self.update(figure)
        self.use(figure)
        self.drawn |= self.figures
        self.touches.draws = True
        return figure

    def may_draw(self, node: ast.AST) -> None:
        """Code that nobody knows may draw on the current figure, or make another one."""
        self.figures |= {self.allocate(node, ":figure")}
        self.update(Value(self.figures))
        self.use(Value(self.figures))

    def new_figure(self, node: ast.AST) -> Value:
        self.figures = frozenset({self.allocate(node, ":figure")})
        self.drawn |= self.figures
        self.touches.draws = True
        return Value(self.figures, frozenset({"matplotlib.figure.Figure"}))

    # types -----------------------------------------------------------------------------------------------------------------

    def is_type(self, value: Value, *bases: str) -> bool:
        """Whether every possible type of the value is one of these (False when its type is not known)."""
        return bool(value.types) and not any(set(bases).isdisjoint(self.knowledge.ancestors(type)) for type in value.types or ())

    def immutable(self, types: Iterable[str] | None) -> bool:
        """Whether values of these types can neither change nor hold anything that can."""
        if types is None or HOLDERS.intersection(types):
            return False
        rules = [self.knowledge.types.get(name) for name in types]
        return all(rule is not None and not rule.mutable for rule in rules)

    def shows(self, value: Value) -> str:
        """What a bare display of the value is: its own history first, then its type; unknown is a conclusion, for unknown means keep."""
        if value.shows:
            return value.shows
        kinds = {self.type_shows(name) for name in value.types or ()}
        return kinds.pop() if len(kinds) == 1 else "conclusion"

    def type_shows(self, name: str) -> str:
        if name in ("function", "type", "method"):
            return "peek"
        rules = (self.knowledge.types.get(ancestor) for ancestor in self.knowledge.ancestors(name))
        return next((rule.shows or "peek" for rule in rules if rule is not None and (rule.shows or rule.consumed)), "conclusion")
