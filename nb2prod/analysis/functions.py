"""Calls into the notebook's own functions: each body is walked with the arguments in hand, reading globals as they are now.

def add(x): log.append(x)      add(1) walks the body: updates what `log` holds
squares = (x * k for x in xs)  the body runs when it is consumed: list(squares) uses `k` as it is then
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nb2prod.analysis.expressions import Expressions
from nb2prod.analysis.frames import Frame
from nb2prod.analysis.machine import DEPTH, TooComplex
from nb2prod.analysis.syntax import catching
from nb2prod.analysis.values import ANYTHING, Function, Scope, Value, deep_objects, deep_paths, join, typed
from nb2prod.knowledge import Argument
from nb2prod.model.dataflow import Location


@dataclass(frozen=True)
class Arguments:
    """The evaluated arguments of a call; `spread` says that `*args` or `**kwargs` hide which is which."""

    positional: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    spread: bool = False

    @property
    def values(self) -> tuple[Value, ...]:
        return (*self.positional, *(value for _, value in self.keywords))

    def get(self, argument: Argument) -> Value | None:
        named = dict(self.keywords).get(argument.name) if argument.name else None
        if named is None and argument.position is not None and argument.position < len(self.positional):
            return self.positional[argument.position]
        return named


class Functions(Expressions):
    """`call_function`, and running functions that somebody else will call."""

    def call_function(self, function: Function, arguments: Arguments, node: ast.AST) -> Value:
        """Walk the body of one of the notebook's functions with these arguments."""
        self.step()
        active = sum(frame.function == f"/{function.key}" for frame in self.frames)
        if len(self.frames) > DEPTH:
            raise TooComplex
        if active:
            self.use_ambient("recursion limit")
        if active > 1:
            self.update(*arguments.values, deep=True)
            self.use(*arguments.values)
            return self.fresh(node).sharing(self.heap.reach(object for value in arguments.values for object in deep_objects(value)))
        frame = Frame(closure=function.closure, function=f"/{function.key}", self=function.bound_to)
        self.fill(frame, function, arguments, node)
        return self.run_function(function, frame, node)

    def run_function(self, function: Function, frame: Frame, node: ast.AST) -> Value:
        """Run a body in its frame; a generator gives an object that will run it again whenever it is consumed."""
        saved, assigned = self.frames, set(self.assigned)
        start = Scope(frame.locals)
        self.frames = [*saved, frame]
        with self.branch() if function.waits else nullcontext():
            self.run_body(function.body)
        self.frames, self.assigned = saved, assigned
        self.hold(frame.locals)
        waits = isinstance(function.node, ast.AsyncFunctionDef)
        if not frame.yields and not waits:
            return join(*frame.returns) if frame.returns else typed("NoneType")
        self.touches.raised.extend(frame.returns)  # a generator's return value comes with the error that ends it
        generator = self.container(node, "generator" if frame.yields else "coroutine", tuple(frame.yields or frame.returns))
        names = Scope({name: join(value, start[name]) if name in start else value for name, value in frame.locals.items()})
        names.object = frame.locals.object
        for held in (*names.values(), *(Value(frozenset({scope.object})) for scope in (names, *frame.closure) if scope.object)):
            self.heap.store(generator.objects, ".frame", held)
        for object in generator.objects:
            self.heap.generators[object] = (function, names)
            (self.heap.finishing.add if catching(function.node) else self.heap.finishing.discard)(object)
        return generator

    def fill(self, frame: Frame, function: Function, arguments: Arguments, node: ast.AST) -> None:
        """Bind arguments to parameters; what cannot be matched may be any of them."""
        names = function.node.args
        positional = [*names.posonlyargs, *names.args]
        given = ([function.bound_to] if function.bound_to is not None else []) + list(arguments.positional)
        anything = join(*arguments.values) if arguments.values else ANYTHING
        defaults: dict[str, Value] = {
            a.arg: v for a, v in zip(positional[len(positional) - len(function.defaults) :], function.defaults, strict=False)
        }
        defaults |= {a.arg: v for a, v in zip(names.kwonlyargs, function.keyword_defaults, strict=False) if v is not None}
        keywords = dict(arguments.keywords)
        for rank, argument in enumerate(positional):
            known = given[rank] if rank < len(given) else keywords.get(argument.arg, defaults.get(argument.arg))
            if arguments.spread and not (rank == 0 and function.bound_to is not None):
                known = join(*filter(None, (known, defaults.get(argument.arg), anything)))
            frame.locals[argument.arg] = known or anything
        for argument in names.kwonlyargs:
            known = keywords.get(argument.arg, defaults.get(argument.arg, anything))
            frame.locals[argument.arg] = join(known, anything) if arguments.spread else known
        self.fill_rest(frame, names, given[len(positional) :], arguments, node)

    def fill_rest(self, frame: Frame, names: ast.arguments, rest: list[Value], arguments: Arguments, node: ast.AST) -> None:
        """Bind `*args` and `**kwargs`."""
        if names.vararg is not None:
            held = tuple(arguments.values) if arguments.spread else tuple(rest)
            value = self.container(node, "tuple", held)
            frame.locals[names.vararg.arg] = value if arguments.spread else value._replace(elements=held)
        if names.kwarg is not None:
            taken = {argument.arg for argument in (*names.args, *names.kwonlyargs)}
            frame.locals[names.kwarg.arg] = self.container(node, "dict", ())
            for name, value in arguments.keywords:
                if name not in taken or arguments.spread:
                    self.heap.store(frame.locals[names.kwarg.arg].objects, f"[{name!r}]" if name != "**" else "[]", value)

    if TYPE_CHECKING:  # the rest of the interpreter

        def run_body(self, body: list[ast.stmt]) -> None: ...
        def call_path(self, path: str, arguments: Arguments, node: ast.AST) -> Value: ...
        def call_value(self, target: Value, arguments: Arguments, node: ast.AST) -> Value: ...

    # what somebody else calls ----------------------------------------------------------------------------------------------------

    def run_code(self, value: Value, node: ast.AST) -> None:
        """Consuming a generator of the notebook runs its body, with the globals as they are now."""
        for object in sorted(deep_objects(value) & self.heap.generators.keys()):
            function, names = self.heap.generators[object]
            if len(self.frames) > DEPTH:
                raise TooComplex
            self.touches.uses.add(Location("object", object))
            self.touches.updates.add(Location("object", object))
            if not any(frame.function == f"~{object}" for frame in self.frames) and self.is_news(object):
                scope = Scope(names)
                scope.object = names.object
                with self.elsewhere():
                    self.run_function(function, Frame(scope, function.closure, function=f"~{object}", self=function.bound_to), node)

    def is_news(self, *key: str | frozenset[str]) -> bool:
        """Whether running this code with anything at hand may show something that it did not show before in this statement."""
        version = self.heap.version + self.rebound
        if self.ran.get(key) == version:
            return False
        self.ran[key] = version
        return True

    def run_reached(self, objects: Iterable[str], node: ast.AST, given: Iterable[Value] = (), first: Value | None = None) -> Value:
        """Functions and generators that are handed to somebody else may be run there, with anything at hand; what they all may give.

        So may functions of libraries, which the values `given` may be or the objects hold. `first` is what they are given first, where that
        is known.
        """
        reached = frozenset(objects)
        self.run_libraries(given, reached, node)
        functions = sorted(reached & self.heap.functions.keys())
        everything = Value(frozenset(reached - self.heap.functions.keys())) if functions else ANYTHING
        for object in functions:
            function = self.heap.functions[object]
            active = any(frame.function == f"/{function.key}" for frame in self.frames)
            if not active and self.is_news(object, everything.objects):
                with self.elsewhere():
                    result = self.call_function(function, self.any_arguments(function, everything, first), node)
                self.run_code(result, node)
                self.gave[object] = result
        for object in sorted(reached & self.heap.methods.keys()):
            if self.is_news(object, reached):
                with self.elsewhere():
                    handed = Arguments((Value(frozenset(reached - self.heap.methods.keys())),))
                    self.gave[object] = self.call_value(Value(frozenset({object})), handed, node)
        self.run_code(Value(reached), node)
        return Value(frozenset().union(*(deep_objects(self.gave[object]) for object in reached & self.gave.keys())))

    def run_libraries(self, given: Iterable[Value], reached: frozenset[str], node: ast.AST) -> None:
        """Known library functions among these do what they do with anything at hand: `map(os.remove, names)`."""
        held = [self.heap.libraries[object] for object in reached & self.heap.libraries.keys()]
        for path in sorted(frozenset().union(*held, *map(deep_paths, given))):
            known = self.knowledge.function(path) is not None or self.unbound(path) is not None
            if known and self.is_news(path, reached):
                with self.elsewhere():
                    self.call_path(path, Arguments((Value(reached),)), node)

    def unbound(self, path: str) -> tuple[str, str] | None:
        """The type and name of a method that is called through its class: `list.append`."""
        owner, _, name = path.rpartition(".")
        kind = owner.removeprefix("builtins.")
        return (kind, name) if kind in self.knowledge.types and self.knowledge.method(kind, name) is not None else None

    def any_arguments(self, function: Function, value: Value, first: Value | None = None) -> Arguments:
        """Arguments for a function that someone else will call: anything for each parameter, but for the `first` where that is known."""
        names = function.node.args
        wanted = len(names.posonlyargs) + len(names.args) - (1 if function.bound_to is not None else 0)
        rest = (value,) if names.vararg is not None else ()
        extra = (("**", value),) if names.kwarg is not None else ()
        return Arguments(
            (*(value if rank or first is None else first for rank in range(max(wanted, 0))), *rest),
            (*((argument.arg, value) for argument in names.kwonlyargs), *extra),
        )
