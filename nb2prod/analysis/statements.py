"""Statements of the abstract interpreter: what a top-level statement touches, through all its branches, loops and nested bodies.

    for name in names:            iterates names, binds `name` (perhaps not at all), walks the body until nothing new is learnt
        rows.append(load(name))   updates rows
"""

from __future__ import annotations

import ast
from dataclasses import replace

from nb2prod.analysis.calls import Arguments
from nb2prod.analysis.expressions import AMBIENT_PATHS, FRAMES
from nb2prod.analysis.machine import Frame
from nb2prod.analysis.specials import Specials
from nb2prod.analysis.values import ANYTHING, ELEMENT, UNKNOWN, Class, Value, constant, join, typed
from nb2prod.model.dataflow import Location

ROUNDS = 5


class Interpreter(Specials):
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
        for child in ast.walk(node):
            if isinstance(child, ast.expr):
                self.evaluate(child)
        self.opaque(f"a `{type(node).__name__}` statement is not understood")

    def run_Pass(self, node: ast.stmt) -> None:
        """Nothing happens."""

    run_Break = run_Continue = run_Pass

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
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))

    def run_AugAssign(self, node: ast.AugAssign) -> None:
        """`x += y` uses both, changes the object x is (where it can change) and binds x again."""
        current = self.evaluate(as_load(node.target))
        value = self.evaluate(node.value)
        self.use(current, value)
        self.touch_instances(current, value, node=node)
        if self.immutable(current.types):
            known = self.operator_types(current, value)
            result = Value(types=known) if self.immutable(known) else replace(self.fresh(node, known), types=known)
        else:
            self.update(current)
            self.heap.store(current.objects, ELEMENT, self.element(value)) if not self.is_type(current, *FRAMES) else None
            result = replace(join(current, self.fresh(node)), types=current.types, constant=UNKNOWN)
        self.assign(node.target, replace(result, shows="", constant=UNKNOWN))

    def assign(self, target: ast.expr, value: Value) -> None:
        """Give a value to any kind of target."""
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        elif isinstance(target, ast.Attribute):
            self.store_attribute(self.evaluate(target.value), target.attr, value)
        elif isinstance(target, ast.Subscript):
            self.store_item(self.evaluate(target.value), self.evaluate(target.slice), value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.container(target, "list", (self.element(value),)))
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.unpack(target, value)

    def unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        """Spread a value over several targets, part by part where its parts are known."""
        exact = value.elements is not None and len(value.elements) == len(target.elts) and not any(isinstance(t, ast.Starred) for t in target.elts)
        if exact and value.elements is not None:
            for part, element in zip(target.elts, value.elements):
                self.assign(part, element)
            return
        element = self.iterate(value, target)
        for part in target.elts:
            self.assign(part, element)

    def store_attribute(self, receiver: Value, name: str, value: Value) -> None:
        """`receiver.name = value`."""
        if receiver.path:
            path = f"{receiver.path}.{name}"
            owner = next((ambient for prefix, ambient in AMBIENT_PATHS.items() if path.startswith(prefix)), f"module:{path.partition('.')[0]}")
            self.update_ambient(owner)
            return
        for object in sorted(receiver.objects & set(self.heap.instances)):
            found = self.find_method(self.heap.instances[object], name)
            if found is not None and name in found[1].properties:
                self.update(receiver, deep=True)
        self.use(receiver)
        self.update(receiver)
        if not self.is_type(receiver, *FRAMES):
            self.heap.store(receiver.objects, f".{name}", value)
        if self.is_type(receiver, "matplotlib.axes.Axes", "matplotlib.figure.Figure"):
            self.touches.draws = True

    def store_item(self, receiver: Value, index: Value, value: Value) -> None:
        """`receiver[index] = value`: a frame or array copies what it is given, a container holds on to it."""
        self.use(index, value)
        if receiver.path:
            owner = AMBIENT_PATHS.get(receiver.path, f"module:{receiver.path.partition('.')[0]}")
            self.update_ambient(owner)
            return
        self.use(receiver)
        self.update(receiver)
        self.touch_instances(receiver, node=ast.Pass(lineno=0, col_offset=0))
        key = ELEMENT if index.constant is UNKNOWN else f"[{index.constant!r}]"
        if self.is_type(receiver, *FRAMES):
            value = join(*parts) if (parts := self.heap.parts(value.objects)) else typed("float")
            key = ELEMENT
        if value.objects or not self.is_type(receiver, *FRAMES):
            self.heap.store(receiver.objects, key, value)

    def run_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.unbind(target.id)
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                receiver = self.evaluate(target.value)
                self.use(receiver)
                if receiver.path:
                    self.update_ambient(AMBIENT_PATHS.get(receiver.path, f"module:{receiver.path.partition('.')[0]}"))
                self.update(receiver)

    # imports and definitions -------------------------------------------------------------------------------------------------

    def run_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = canonical(alias.name)
            self.bind(alias.asname or alias.name.partition(".")[0], Value(path=path if alias.asname else canonical(alias.name.partition(".")[0])))
            self.touches.uses.update({Location("ambient", "sys.path"), Location("ambient", "os.environ")})

    def run_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = canonical("." * node.level + (node.module or ""))
        self.touches.uses.update({Location("ambient", "sys.path"), Location("ambient", "os.environ")})
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(module)
                self.touches.updates.add(Location("name", "*"))
            else:
                self.bind(alias.asname or alias.name, Value(path=canonical(f"{module}.{alias.name}")))

    def run_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        value = self.make_function(node.name, node)
        for annotation in annotation_parts(node):
            self.evaluate(annotation)
        self.bind(node.name, self.decorate(node.decorator_list, value, node))

    run_AsyncFunctionDef = run_FunctionDef

    def decorate(self, decorators: list[ast.expr], value: Value, node: ast.AST) -> Value:
        """A decorator of a library gives the function back in some form; one of the notebook's own is called on it."""
        for decorator in reversed(decorators):
            target = self.evaluate(decorator)
            if not target.path and target.objects & set(self.heap.functions):
                from_own = self.call_value(target, Arguments((value,)), node)
                value = join(from_own, value)
        return value

    def run_ClassDef(self, node: ast.ClassDef) -> None:
        bases = tuple(self.evaluate(base) for base in node.bases)
        for keyword in node.keywords:
            self.evaluate(keyword.value)
        decorators = [self.evaluate(decorator) for decorator in node.decorator_list]
        value = self.fresh(node, ["type"], tag=":class")
        (object,) = value.objects
        made = Class(node.name, bases=bases)
        self.frames.append(new_scope := Frame(closure=self.scopes()))
        self.run_body(node.body)
        self.frames.pop()
        for name, member in new_scope.locals.items():
            for held in member.objects & set(self.heap.functions):
                made.methods[name] = held
            self.heap.store([object], f".{name}", member)
        made.properties = frozenset(s.name for s in node.body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)) and is_property(s))
        self.heap.classes[object] = made
        if any(not d.path.startswith(("dataclasses.", "functools.", "typing.", "enum.")) for d in decorators):
            value = replace(value, types=None)
        self.bind(node.name, value)

    # control flow --------------------------------------------------------------------------------------------------------------

    def run_If(self, node: ast.If) -> None:
        self.use(self.evaluate(node.test))
        flow = self.save()
        self.run_body(node.body)
        reached = self.restart(flow)
        self.run_body(node.orelse)
        self.merge(reached)

    def run_For(self, node: ast.For | ast.AsyncFor) -> None:
        values = self.evaluate(node.iter)
        flow = self.save()
        for _ in range(ROUNDS):
            before = self.heap.size()
            names = dict(self.local_names)
            self.assign(node.target, self.iterate(values, node.iter))
            self.run_body(node.body)
            self.assigned = set(flow.assigned)
            for name, value in names.items():
                self.local_names[name] = join(self.local_names.get(name, value), value)
            if self.heap.size() == before and self.local_names == names:
                break
        self.merge(flow)
        self.run_body(node.orelse)

    run_AsyncFor = run_For

    def run_While(self, node: ast.While) -> None:
        flow = self.save()
        for _ in range(ROUNDS):
            before, names = self.heap.size(), dict(self.local_names)
            self.use(self.evaluate(node.test))
            self.run_body(node.body)
            self.assigned = set(flow.assigned)
            for name, value in names.items():
                self.local_names[name] = join(self.local_names.get(name, value), value)
            if self.heap.size() == before and self.local_names == names:
                break
        self.merge(flow)
        self.run_body(node.orelse)

    def run_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.evaluate(item.context_expr)
            self.use(value)
            self.update(value)
            self.touch_instances(value, node=node)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value)
        self.run_body(node.body)

    run_AsyncWith = run_With

    def run_Try(self, node: ast.Try) -> None:
        start = self.save()
        self.run_body(node.body)
        self.run_body(node.orelse)
        self.merge(start)
        for handler in node.handlers:
            flow = self.save()
            if handler.type is not None:
                self.evaluate(handler.type)
            if handler.name:
                self.bind(handler.name, ANYTHING)
            self.run_body(handler.body)
            if handler.name:
                self.bound.discard(handler.name)
            self.merge(flow)
        self.run_body(node.finalbody)

    run_TryStar = run_Try

    def run_Match(self, node: ast.Match) -> None:
        subject = self.evaluate(node.subject)
        self.use(subject)
        start, reached = self.save(), []
        for case in node.cases:
            for part in ast.walk(case.pattern):
                name = getattr(part, "name", None) or getattr(part, "rest", None)
                if isinstance(name, str):
                    self.bind(name, join(subject, self.element(subject)))
                if isinstance(part, ast.MatchValue):
                    self.evaluate(part.value)
            if case.guard is not None:
                self.use(self.evaluate(case.guard))
            self.run_body(case.body)
            reached.append(self.restart(start))
        for flow in reached:
            self.merge(flow)

    def run_Return(self, node: ast.Return) -> None:
        value = self.evaluate(node.value) if node.value is not None else constant(None)
        if self.frames:
            self.frames[-1].returns.append(value)

    def run_Raise(self, node: ast.Raise) -> None:
        self.use(self.evaluate(node.exc), self.evaluate(node.cause))

    def run_Assert(self, node: ast.Assert) -> None:
        self.use(self.evaluate(node.test))
        if node.msg is not None:
            self.evaluate(node.msg)


def as_load(target: ast.expr) -> ast.expr:
    """The target of `x += 1` as an expression to read."""
    kinds = {ast.Name: lambda t: ast.Name(t.id, ast.Load()), ast.Attribute: lambda t: ast.Attribute(t.value, t.attr, ast.Load())}
    make = kinds.get(type(target), lambda t: ast.Subscript(t.value, t.slice, ast.Load()))
    return ast.copy_location(make(target), target)


def canonical(module: str) -> str:
    """`pylab` is pyplot under another name."""
    for prefix in ("matplotlib.pylab", "pylab"):
        if module == prefix or module.startswith(prefix + "."):
            return "matplotlib.pyplot" + module[len(prefix) :]
    return module


def annotation_parts(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    found = [argument.annotation for argument in arguments if argument is not None] + [node.returns]
    return [annotation for annotation in found if annotation is not None]


def is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "") for decorator in node.decorator_list}
    return bool(names & {"property", "cached_property", "setter"})
