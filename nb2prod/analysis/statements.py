"""Statements of the abstract interpreter: what a top-level statement touches, through all its branches, loops and nested bodies.

for name in names:            iterates names, binds `name` (perhaps not at all), walks the body until nothing new is learnt
    rows.append(load(name))   updates rows
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from nb2prod.analysis.classes import DESCRIBING, SETTING
from nb2prod.analysis.contexts import OUTSIDE_CODE
from nb2prod.analysis.hooks import Hooks
from nb2prod.analysis.machine import ROUNDS, TooComplex
from nb2prod.analysis.parts import AMBIENT_PATHS, FRAMES, OPAQUE_PATHS, PATCH
from nb2prod.analysis.values import ELEMENT, UNKNOWN, Value, constant, deep_objects, join, key_of, typed
from nb2prod.model.syntax import nodes_of


class Interpreter(Hooks):
    """Runs statements: `run_body` and one method per kind."""

    def run_body(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.step()
            method = getattr(self, "run_" + type(statement).__name__, None)
            if method is not None:
                method(statement)
            else:
                self.run_other(statement)

    def run_other(self, node: ast.stmt) -> None:
        """A kind of statement without a rule: nothing is known of it."""
        for child in nodes_of(node):
            if isinstance(child, ast.expr):
                self.evaluate(child)
        self.opaque(f"a `{type(node).__name__}` statement is not understood")

    def run_Pass(self, node: ast.stmt) -> None:
        """Nothing happens."""

    def run_Break(self, node: ast.stmt) -> None:
        """What follows in this body may not happen."""
        if self.frames:
            self.frames[-1].left = True

    run_Continue = run_Break

    def run_Global(self, node: ast.Global) -> None:
        if self.frames:
            self.frames[-1].globals.update(node.names)

    def run_Nonlocal(self, node: ast.Nonlocal) -> None:
        if self.frames:
            self.frames[-1].nonlocals.update(node.names)

    def run_Expr(self, node: ast.Expr) -> None:
        value = self.evaluate(node.value)
        if not self.frames:
            self.touches.value = value
        if isinstance(node.value, (ast.Attribute, ast.Subscript, ast.Name)):
            self.use(value)

    # binding ---------------------------------------------------------------------------------------------------------------

    def run_Assign(self, node: ast.Assign) -> None:
        value = self.evaluate(node.value)
        for target in node.targets:
            self.assign(target, value)

    def run_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not self.frames or self.frames[-1].class_body:  # in a function nobody looks at it
            self.evaluate(node.annotation)
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))

    def run_AugAssign(self, node: ast.AugAssign) -> None:
        """`x += y` uses both, changes the object x is (where it can change) and binds x again."""
        current = self.evaluate(as_load(node.target))
        value = self.evaluate(node.value)
        self.use(current, value)
        self.touch_instances(current, value, node=node)
        self.consume(value, node=node, surely=True)
        if self.immutable(current.types) or self.is_type(current, "tuple", "frozenset"):
            known = self.operator_types(current, value)
            result = Value(types=known) if self.immutable(known) else self.fresh(node, known)
            if not self.immutable(known):
                self.heap.store(result.objects, ELEMENT, join(self.element(current), self.element(value)))
        else:
            self.update(current)
            self.heap.store(current.objects, ELEMENT, self.element(value)) if not self.is_type(current, *FRAMES) else None
            result = join(current, self.fresh(node, current.types))._replace(types=current.types, constant=UNKNOWN)
        self.assign(node.target, result._replace(shows="", constant=UNKNOWN))

    def assign(self, target: ast.expr, value: Value) -> None:
        """Give a value to any kind of target."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, ast.Attribute):
            self.store_attribute(self.evaluate(target.value), target.attr, value)
        elif isinstance(target, ast.Subscript):
            self.store_item(self.evaluate(target.value), self.evaluate(target.slice), value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.container(target, "list", (value,)))
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.unpack(target, value)

    def unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        """Spread a value over several targets, part by part where its parts are known."""
        exact = (
            value.elements is not None
            and len(value.elements) == len(target.elts)
            and not any(isinstance(t, ast.Starred) for t in target.elts)
        )
        if exact and value.elements is not None:
            for part, element in zip(target.elts, value.elements, strict=False):
                self.assign(part, element)
            return
        element = self.iterate(value, target)
        for part in target.elts:
            self.assign(part, element)

    def store_attribute(self, receiver: Value, name: str, value: Value) -> None:
        """`receiver.name = value`."""
        if receiver.path:
            self.store_path(f"{receiver.path}.{name}", value)
        self.run_accessors(receiver, name, value)
        self.use(receiver)
        self.update(receiver)
        if name in ("__code__", "__class__", "__bases__"):
            self.opaque(f"setting `{name}` changes what others do")
        if self.is_type(receiver, *FRAMES):  # it copies what it is given
            self.use(value)
        else:
            self.heap.store(receiver.objects, f".{name}", value)
        if self.is_type(receiver, "matplotlib.axes.Axes", "matplotlib.figure.Figure"):
            self.touches.draws = True

    def run_accessors(self, receiver: Value, name: str, value: Value) -> None:
        """Setting or deleting an attribute of the notebook's own instances runs what their classes say: a property, a descriptor."""
        for object in sorted(receiver.objects & self.heap.instances.keys()):
            one = Value(frozenset({object}))
            self.touch_instances(one, node=OUTSIDE_CODE, only=SETTING)
            member = self.member(self.heap.instances[object], name)
            if member is not None:
                self.touch_instances(member, node=OUTSIDE_CODE, only=DESCRIBING)
                self.run_method(one, name, join(value, one), OUTSIDE_CODE)

    def store_item(self, receiver: Value, index: Value, value: Value) -> None:
        """`receiver[index] = value`: a frame or array copies what it is given, a container holds on to it."""
        self.use(index, value)
        if receiver.path:
            self.store_path(receiver.path, value)
        self.use(receiver)
        self.update(receiver)
        self.touch_instances(receiver, index, node=OUTSIDE_CODE)
        self.run_index(receiver, index, OUTSIDE_CODE)
        key = key_of(index)
        if self.is_type(receiver, *FRAMES):
            value, key = self.spread(value, whole=isinstance(index.constant, str) and self.is_type(receiver, "pandas.DataFrame")), ELEMENT
        if value.objects or not self.is_type(receiver, *FRAMES):
            self.heap.store(receiver.objects, key, value)

    def spread(self, value: Value, whole: bool) -> Value:
        """What a frame or array holds on to when it is given this value: the parts of a frame or a `whole` column, else perhaps the value itself."""
        parts = [part for part in self.heap.parts(value.objects) if deep_objects(part)]
        if parts:
            return join(*parts, *([] if self.is_type(value, *FRAMES) else [value]))
        return typed("float") if self.is_type(value, *FRAMES) or whole and self.is_type(value, "list") else value

    def store_path(self, path: str, value: Value) -> None:
        """Something put into a library: its ambient state, or the module itself, which then does what nobody knows."""
        self.note_hook(path, value)
        for part in path.split("|"):
            owner = next((ambient for prefix, ambient in AMBIENT_PATHS.items() if part.startswith(prefix)), None)
            if part in OPAQUE_PATHS or part.partition(".")[0] in OPAQUE_PATHS or part.startswith("builtins."):
                self.opaque(f"it changes `{part}`")
            if owner is not None:
                self.update_ambient(owner)
            else:
                module = self.library(part)
                self.use(module)
                self.update(module)
                self.heap.store(module.objects, f"{PATCH}{part}", value)

    def run_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.unbind(target.id)
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                receiver = self.evaluate(target.value)
                self.use(receiver)
                if isinstance(target, ast.Subscript):
                    self.use(self.evaluate(target.slice))
                else:
                    self.run_accessors(receiver, target.attr, receiver)
                self.touch_instances(receiver, node=node)
                if receiver.path:
                    self.store_path(receiver.path, Value())
                self.update(receiver)
            elif isinstance(target, (ast.Tuple, ast.List)):
                self.run_Delete(ast.Delete(target.elts))

    # control flow --------------------------------------------------------------------------------------------------------------

    def run_If(self, node: ast.If) -> None:
        self.use_truth(self.evaluate(node.test))
        flow = self.save()
        with self.branch():
            self.run_body(node.body)
            reached = self.restart(flow)
            self.run_body(node.orelse)
        self.merge(reached)

    def loop(self, once: Callable[[], None], orelse: list[ast.stmt]) -> None:
        """Run a body until nothing new is learnt; it may be left at any point, and may not run at all."""
        flow = self.save()
        with self.trial():
            for _ in range(ROUNDS):
                before, now = self.heap.version, self.local_names
                names = dict(now)
                once()
                self.assigned = set(flow.assigned)
                for name, value in names.items():
                    if now.get(name) is not value:
                        now[name] = join(now.get(name, value), value)
                if self.heap.version == before and now == names:
                    break
            else:
                raise TooComplex
        self.merge(flow)
        with self.branch():
            self.run_body(orelse)
        self.assigned = set(flow.assigned)

    def run_For(self, node: ast.For | ast.AsyncFor) -> None:
        values = self.evaluate(node.iter)

        def once() -> None:
            self.assign(node.target, self.iterate(values, node.iter))
            self.run_body(node.body)

        self.loop(once, node.orelse)

    run_AsyncFor = run_For

    def run_While(self, node: ast.While) -> None:
        def once() -> None:
            self.use_truth(self.evaluate(node.test))
            self.run_body(node.body)

        self.loop(once, node.orelse)

    def run_Try(self, node: ast.Try) -> None:
        start = self.save()
        for ambient in ("warnings", "numpy.errstate", "recursion limit") if node.handlers else ():
            self.use_ambient(ambient)  # they decide whether something is raised
        with self.trial():
            self.run_body(node.body)
            self.run_body(node.orelse)
        self.merge(start)
        with self.branch():
            self.run_handlers(node)
        self.run_body(node.finalbody)

    def run_handlers(self, node: ast.Try) -> None:
        for handler in node.handlers:
            flow = self.save()
            if handler.type is not None:
                self.evaluate(handler.type)
            elsewhere = handler.name in self.bound
            if handler.name:
                self.bind(handler.name, join(self.fresh(handler), *self.touches.raised))
            self.run_body(handler.body)
            if handler.name and not elsewhere:  # the name is gone behind the handler
                self.bound.pop(handler.name, None)
            self.merge(flow)

    run_TryStar = run_Try

    def run_Match(self, node: ast.Match) -> None:
        subject = self.evaluate(node.subject)
        self.use(subject)
        self.touch_instances(subject, node=node)
        parts = Value(self.heap.reach(deep_objects(subject)))  # a pattern may reach any part
        start, reached = self.save(), []
        for case in node.cases:
            for part in nodes_of(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    self.bind(name, join(parts, self.fresh(part)) if isinstance(part, (ast.MatchStar, ast.MatchMapping)) else parts)
                if isinstance(part, ast.MatchValue):
                    self.evaluate(part.value)
                if isinstance(part, ast.MatchClass):
                    self.use(self.evaluate(part.cls))
            with self.branch():
                if case.guard is not None:
                    self.use_truth(self.evaluate(case.guard))
                self.run_body(case.body)
            reached.append(self.restart(start))
        for flow in reached:
            self.merge(flow)

    def run_Return(self, node: ast.Return) -> None:
        value = self.evaluate(node.value) if node.value is not None else constant(None)
        if self.frames:
            self.frames[-1].returns.append(value)
            self.frames[-1].left = True

    def run_Raise(self, node: ast.Raise) -> None:
        self.touches.raised.extend((self.evaluate(node.exc), self.evaluate(node.cause)))
        self.use(*self.touches.raised[-2:])
        if self.frames:
            self.frames[-1].left = True

    def run_Assert(self, node: ast.Assert) -> None:
        self.use_truth(self.evaluate(node.test))
        if node.msg is not None:
            flow = self.save()
            with self.branch():
                self.evaluate(node.msg)
            self.merge(flow)


def as_load(target: ast.expr) -> ast.expr:
    """The target of `x += 1` as an expression to read."""
    kinds = {ast.Name: lambda t: ast.Name(t.id, ast.Load()), ast.Attribute: lambda t: ast.Attribute(t.value, t.attr, ast.Load())}
    make = kinds.get(type(target), lambda t: ast.Subscript(t.value, t.slice, ast.Load()))
    return ast.copy_location(make(target), target)
