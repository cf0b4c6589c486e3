"""Calls of the abstract interpreter: by library rule, into the notebook's own functions and classes, or unknown.

df.dropna(inplace=True)       a rule says: updates self if inplace
helper(df)                    the notebook's own function is walked with df in hand, reading globals as they are now
somelib.tune(df)              nobody knows: df may change, random numbers may be drawn, the result may share df
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from nb2prod.analysis.classes import CHECKING
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.parts import FRAMES, SOURCE_FIELD, WRITTEN_AS
from nb2prod.analysis.references import names_in_text
from nb2prod.analysis.unknown import CALLING, LOOKS, Unknown, handler_name
from nb2prod.analysis.values import ANYTHING, ELEMENT, NOTHING, UNKNOWN, Value, deep_objects, join
from nb2prod.knowledge import Argument, Condition, Rule

PREDICTS = frozenset({"predict", "predict_proba", "forecast", "get_forecast", "fit_predict", "predict_log_proba"})
PASS_THROUGH = frozenset(
    {
        "builtins.round",
        "builtins.float",
        "builtins.int",
        "builtins.str",
        "builtins.abs",
        "builtins.list",
        "builtins.dict",
        "builtins.format",
    }
)
COPIES = frozenset(
    {"list", "dict", "set", "tuple", "frozenset", "collections.deque", "collections.Counter", "collections.OrderedDict", "generator"}
)
SPREADING = frozenset({"extend", "extendleft", "update", "symmetric_difference_update"})
CONSUMERS = frozenset(
    "list tuple set frozenset dict sorted sum min max any all next zip map filter enumerate extend update join writelines writerows".split()
)
LOOKS_ONLY = frozenset(
    f"builtins.{name}" for name in ("help", "type", "isinstance", "issubclass", "callable", "id", "repr", "hasattr", "hash", "dir")
)
CODING = ("encode", "decode")  # ways to do so may have been registered
CHECKS = ("builtins.isinstance", "builtins.issubclass")
HOLDERS = (*COPIES, "pandas.DataFrame", "pandas.Series", "numpy.ndarray")  # changing one of these does not change what it holds
DRAWING = {"matplotlib.pyplot.figure", "matplotlib.pyplot.subplots", "matplotlib.pyplot.subplot_mosaic"}


class Calls(Unknown):
    """`call` and the three ways a call can go."""

    def on_Call(self, node: ast.Call) -> Value:
        special = getattr(self, "call_" + node.func.id, None) if isinstance(node.func, ast.Name) and self.is_builtin(node.func.id) else None
        if special is not None:
            if self.stars and isinstance(node.func, ast.Name):  # one of them may have bound the name
                self.lookup(node.func.id)
            return special(node)
        if isinstance(node.func, ast.Attribute):
            receiver = self.evaluate(node.func.value)
            arguments = self.arguments(node)
            self.use(*(self.lookup(name) for name, _ in names_in_text(node)))
            return self.call_attribute(receiver, node.func.attr, arguments, node)
        target = self.evaluate(node.func)
        return self.call_value(target, self.arguments(node), node)

    def is_builtin(self, name: str) -> bool:
        local = any(name in scope for scope in (*self.scopes(), self.names))
        return not local and (hasattr(builtins, name) or name in ("display", "get_ipython"))

    def call_attribute(self, receiver: Value, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call `receiver.name(...)`, where the receiver may be several things."""
        own = frozenset(receiver.objects & (self.heap.instances.keys() | self.heap.classes.keys()))
        rest = receiver._replace(path="", objects=receiver.objects - own)
        values = []
        if receiver.path:
            target = self.path_attribute(receiver.path, name)
            values.append(self.call_value(target, arguments, node))
        if not own or receiver.types == {"notebook.super"}:
            if receiver.objects or not values:
                values.append(self.call_method(receiver._replace(path=""), name, arguments, node))
            return join(*values)
        values.extend(self.call_own(object, name, arguments, node) for object in sorted(own))
        if rest.objects:
            values.append(self.call_method(rest._replace(types=None), name, arguments, node))
        return join(*values)

    def call_own(self, object: str, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a method of one of the notebook's instances or classes; what a library base does is not known."""
        one = Value(frozenset({object}))
        found = self.own_values(one, name, node)
        if name == "__call__" and any(value.objects & self.heap.instances.keys() for value in found):  # which may be itself, for ever
            return self.call_unknown(join(one, *found), arguments, node)
        values = [self.call_value(value, arguments, node) for value in found]
        if not values or self.library_bases(self.heap.instances.get(object, object)):
            values.append(self.call_unknown(one, arguments, node))
        return join(*values)

    def arguments(self, node: ast.Call) -> Arguments:
        positional = tuple(self.evaluate(argument) for argument in node.args)
        keywords = tuple((keyword.arg or "**", self.keyword(keyword)) for keyword in node.keywords)
        spread = any(isinstance(argument, ast.Starred) for argument in node.args) or any(keyword.arg is None for keyword in node.keywords)
        return Arguments(positional, keywords, spread)

    def keyword(self, keyword: ast.keyword) -> Value:
        """The value of a keyword argument; of `**kwargs` any of its values."""
        value = self.evaluate(keyword.value)
        if keyword.arg is not None:
            return value
        self.use(value)
        self.touch_instances(value, node=keyword.value)
        return self.element(value)

    def call_value(self, target: Value, arguments: Arguments, node: ast.AST) -> Value:
        """Call whatever a value may be: any of several library things, functions, classes and objects."""
        ways = sorted(target.objects)
        paths = [path for path in target.path.split("|") if path]
        own = self.heap.own_among(target.objects)
        if not paths and not own and target.types and all(self.knowledge.can_be_called(kind) for kind in target.types):
            return self.call_method(target, "__call__", arguments, node)
        if len(ways) + len(paths) > 1:
            with self.branch():
                return join(
                    *(self.call_path(path, arguments, node) for path in paths),
                    *(self.call_object(object, target, arguments, node) for object in ways),
                )
        if paths:
            return self.call_path(paths[0], arguments, node)
        return self.call_object(ways[0], target, arguments, node) if ways else self.call_unknown(target, arguments, node)

    def call_object(self, object: str, target: Value, arguments: Arguments, node: ast.AST) -> Value:
        """Call one object: the notebook's own function, class or instance, else something unknown."""
        if object in self.heap.functions:
            return self.call_remembering(object, arguments, node)
        if object in self.heap.classes:
            return self.instantiate(object, arguments, node)
        if object in self.heap.methods:
            return self.call_method(*self.heap.methods[object], arguments, node)
        if object in self.heap.instances:
            return self.call_attribute(Value(frozenset({object})), "__call__", arguments, node)
        return self.call_unknown(target._replace(objects=frozenset({object}), path=""), arguments, node)

    def call_remembering(self, object: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a function; one behind a cache may give back what it gave before, and remembers what it gives."""
        result = self.call_function(self.heap.functions[object], arguments, node)
        if not self.heap.functions[object].remembers:
            return result
        self.use(Value(frozenset({object})))
        self.update(Value(frozenset({object})))
        self.heap.store([object], ELEMENT, result)
        return join(result, *self.heap.parts([object]))

    def call_path(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a library function or class by its dotted path."""
        patched = self.patched(path)
        if not patched.objects:
            return self.call_library(path, arguments, node)
        with self.branch():  # the notebook itself put something into the library, which may still do what it did
            value = self.call_library(path, arguments, node)
        if not (self.knowledge.function(path) or path in DRAWING or hasattr(self, handler_name(path))) or self.replaced(path):
            return self.call_unknown(patched._replace(path=path), arguments, node)
        return value.sharing(self.run_patches(patched, arguments, node).objects)

    def call_library(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call what a library itself has under a path: by its rule where there is one."""
        handler = getattr(self, handler_name(path), None)
        if handler is not None:
            return handler(path, arguments, node)
        if path in DRAWING:
            return self.call_drawing(path, arguments, node)
        rule = self.knowledge.function(path)
        self.use(self.library(path))
        if rule is not None:
            return self.apply(rule, None, path, arguments, node)
        if path.startswith("get_ipython."):
            return self.call_magic(path.rpartition(".")[2], arguments, node)
        if self.unbound(path) is not None and arguments.positional:
            return self.call_unbound(path, arguments, node)
        ambient = next((name for prefix, name in self.ambient_owners() if path.startswith(prefix + ".")), None)
        if ambient:
            self.use(*arguments.values)
            self.update_ambient(ambient)
            return ANYTHING
        return self.call_unknown(Value(path=path), arguments, node)

    def call_method(self, receiver: Value, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a method of anything but the notebook's own classes: a known one by type, else unknown."""
        rules = [self.knowledge.method(kind, name) for kind in receiver.types or ()]
        if name in CODING:
            self.use(self.library("codecs"))
        if not rules or any(rule is None for rule in rules):
            if self.immutable(receiver.types):
                receiver = receiver._replace(objects=frozenset())
            self.note_fit(receiver, name)
            self.note_foreign(receiver, name, arguments)
            return self.call_unknown(receiver, arguments, node)._replace(shows="peek" if name in LOOKS else "", predicted=name in PREDICTS)
        values = [
            self.apply(rule, receiver._replace(types=frozenset({kind})), name, arguments, node)
            for kind, rule in zip(receiver.types or (), rules, strict=False)
            if rule
        ]
        return join(*values)

    if TYPE_CHECKING:  # the rest of the interpreter

        def call_drawing(self, path: str, arguments: Arguments, node: ast.AST) -> Value: ...
        def call_magic(self, name: str, arguments: Arguments, node: ast.AST) -> Value: ...
        def ambient_owners(self) -> list[tuple[str, str]]: ...
        def finish_handle(self, receiver: Value | None, name: str) -> None: ...
        def touch_resources(self, rule: Rule, receiver: Value | None, arguments: Arguments) -> None: ...
        def fold_call(self, name: str, receiver: Value | None, arguments: Arguments) -> object: ...

    # library rules -----------------------------------------------------------------------------------------------------------

    def apply(self, rule: Rule, receiver: Value | None, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """Do what a rule says a call does."""
        self.use(*arguments.values, *([receiver] if receiver else []))
        self.draw_from(receiver, arguments)
        self.note_seed(receiver, name, arguments)
        if receiver is not None and any(kind.startswith("sklearn.") for kind in receiver.types or ()):
            self.use_ambient("sklearn.config")
        self.consume(*arguments.values, node=node, surely=name.removeprefix("builtins.") in CONSUMERS)
        self.finish_handle(receiver, name)
        for target in rule.updates:
            if self.may_hold(target.condition, arguments):
                self.apply_update(target.ambient, target.argument, receiver, arguments, node)
        for ambient in rule.uses:
            if ambient == "figure":
                self.use(self.draw(node) if receiver is None else receiver)
            else:
                self.use_ambient(ambient)
        for ambient in rule.sets:
            self.set_ambient(ambient)
        given = self.look_at(name, arguments, node) if name in LOOKS_ONLY else self.run_given(receiver, name, arguments, node)
        self.touch_resources(rule, receiver, arguments)
        result = self.result(rule, receiver, name, arguments, node)
        if self.is_hooked(arguments) and not self.immutable(result.types) or name.rpartition(".")[2] in CALLING:
            result = result._replace(objects=frozenset(result.objects - self.heap.functions.keys() - self.heap.methods.keys())).sharing(
                given.objects
            )
        for argument in rule.stores:
            for value in self.named(argument, receiver, arguments):
                held = join(value, self.element(value)) if name in SPREADING else value
                self.heap.store(self.holder(rule, receiver, result, arguments).objects, ELEMENT, held)
        self.note_fit(receiver, name, result)
        return result

    def look_at(self, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """A mere look at values runs nothing, but what a class says of its instances."""
        if name in CHECKS:
            self.touch_instances(*arguments.positional[1:], node=node, only=CHECKING)
        return Value()

    def holder(self, rule: Rule, receiver: Value | None, result: Value, arguments: Arguments) -> Value:
        """Who holds on to stored arguments: the receiver, else the argument that a function updates, else the new value."""
        updated = [value for target in rule.updates if target.argument for value in self.named(target.argument, receiver, arguments)]
        return receiver or (updated[0] if updated and rule.returns in ("", "NoneType") else result)

    def may_hold(self, condition: Condition | None, arguments: Arguments) -> bool:
        """Whether a rule's condition may be true of these arguments; what cannot be told may."""
        if condition is None or arguments.spread:
            return True
        value = arguments.get(condition.argument)
        if condition.value is not ...:
            return value is not None and (value.constant is UNKNOWN or value.constant == condition.value)
        if condition.given:
            return value is not None and value.constant not in (False, None)
        return value is None or value.constant is None or value.types is None or "NoneType" in value.types

    def apply_update(self, ambient: str, argument: Argument | None, receiver: Value | None, arguments: Arguments, node: ast.AST) -> None:
        if ambient == "figure":
            axes = arguments.get(Argument(None, "ax"))
            if axes is not None and axes.objects:
                self.update(axes)
                self.use(axes)
                self.touches.draws = True
            else:
                self.draw(node)
        elif ambient:
            self.update_ambient(ambient)
            self.touches.drawn.add(ambient)
        elif argument is not None:
            for value in self.named(argument, receiver, arguments):
                held = argument.name == "self" and not self.is_type(value, *HOLDERS)
                self.update(*self.changed_with(value) if held else (value,))
                self.touches.draws |= self.is_type(value, "matplotlib.axes.Axes", "matplotlib.figure.Figure")

    def named(self, argument: Argument, receiver: Value | None, arguments: Arguments) -> list[Value]:
        """The values a rule's argument means."""
        if argument.name == "self":
            return [receiver] if receiver is not None else []
        if argument.name == "*" or arguments.spread:
            return list(arguments.values)
        value = arguments.get(argument)
        return [] if value is None else [value]

    def result(self, rule: Rule, receiver: Value | None, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """What a known call gives back."""
        shows = (
            rule.shows
            or (self.shows_of_first(arguments) if name in PASS_THROUGH else "")
            or (receiver.shows if receiver and not rule.shows else "")
        )
        if rule.returns == "self" and receiver is not None:
            return receiver._replace(shows=shows)
        if rule.returns.startswith("arg:"):
            return (arguments.get(Argument(int(rule.returns[4:]))) or ANYTHING)._replace(shows=shows)
        types = self.returned_types(rule, receiver, arguments)
        predicted = receiver is not None and name in PREDICTS
        folded = self.fold_call(name, receiver, arguments)
        if folded is not UNKNOWN:
            return Value(types=types, constant=folded)
        self.make_text(receiver, name, arguments, node)
        if self.immutable(types) and not rule.shares:
            return Value(types=types, shows=shows, predicted=predicted)
        value = self.fresh(node, types)._replace(shows=shows, predicted=predicted)
        shared = [v for argument in rule.shares for v in self.named(argument, receiver, arguments)]
        self.keep_cells(value, receiver, arguments)
        if types is not None and types <= COPIES:
            return self.copied(value, shared, arguments)
        if receiver is None and types == {name} and not self.is_type(value, *FRAMES):
            for held in arguments.values:  # what a library's object is made from it may keep
                self.heap.store(value.objects, ELEMENT, held)
        if types is None:  # a copy of the notebook's own objects does what their classes say
            reached = self.heap.reach(object for held in (*arguments.values, *filter(None, [receiver])) for object in deep_objects(held))
            value = value.sharing(self.heap.own_among(reached))
        return self.sharing(value, shared, name, receiver)

    def returned_types(self, rule: Rule, receiver: Value | None, arguments: Arguments) -> frozenset[str] | None:
        returns = next((kind for keyword, kind in rule.returns_with.items() if self.given(keyword, arguments)), rule.returns)
        kinds = {rule.returns, *rule.returns_with.values()}
        if arguments.spread and all("." in kind for kind in kinds):  # `**options` may hold any of them
            return frozenset(kinds)
        if returns == "self-type":
            first = arguments.positional[0] if arguments.positional else ANYTHING
            return receiver.types if receiver is not None else first.types if self.is_type(first, "pandas.NDFrame") else None
        return frozenset({returns}) if returns else None

    def copied(self, value: Value, shared: list[Value], arguments: Arguments) -> Value:
        """A new container of the elements that others hold; of `dict(pairs, key=value)` the second of each pair and the values."""
        for held in shared:
            element = self.element(held)
            if self.is_type(value, "dict"):
                element = join(element, self.element(element), *(given for _, given in arguments.keywords))
            self.heap.store(value.objects, ELEMENT, element)
        self.heap.closed.update(value.objects if all(self.closed(held) for held in shared) else ())
        return value

    def sharing(self, value: Value, shared: list[Value], name: str, receiver: Value | None) -> Value:
        """A new value that may share what others are or hold."""
        if shared and value.types is None and name == "builtins.next":
            return join(self.element(shared[0]), *shared[1:])
        if self.is_type(value, *FRAMES):
            levels = 2 if value.types == {"pandas.DataFrame"} else 1
            return value.sharing(object for held in shared for object in self.shared_by_frame(held, levels))
        if self.is_consumed(value):
            for held in (*shared, Value(self.generators_in(receiver or ANYTHING))):
                self.heap.store(value.objects, SOURCE_FIELD, held)
        objects = {object for held in shared for object in deep_objects(held)}
        if value.types is None:  # `d.get("a")` may be what stands there
            objects |= {object for held in shared for object in deep_objects(self.element(held))}
        for held in shared:
            if held.path:
                self.heap.store(value.objects, ELEMENT, Value(path=held.path))
        return value.sharing(objects if value.types is None else objects - self.heap.functions.keys() - self.heap.methods.keys())

    def keep_cells(self, value: Value, receiver: Value | None, arguments: Arguments) -> None:
        """What is made from frames, even a copy, holds the lists and objects in their cells; what a frame is listed as may hold any part of it."""
        listed = receiver is not None and self.is_type(receiver, "pandas.NDFrame") and self.is_type(value, *COPIES)
        held = self.cells(*arguments.values, receiver or NOTHING) | (receiver.objects if receiver is not None and listed else frozenset())
        if held and self.is_type(value, *FRAMES, *COPIES):
            self.heap.store(value.objects, ELEMENT, Value(held))

    def shared_by_frame(self, value: Value, levels: int) -> frozenset[str]:
        """The objects a frame made from a value may share: arrays and what cells hold, not the lists and dictionaries it is written as."""
        objects = deep_objects(value) - self.heap.functions.keys() - self.heap.methods.keys()
        cells = objects & self.heap.sorted.get("cell", set()) if levels else frozenset()
        written = {object for object in cells if self.is_type(Value(types=self.heap.kinds.get(object)), *WRITTEN_AS)}
        parts = {id(part): part for part in self.heap.parts(written)}.values()
        return self.heap.reach(objects - written).union(*(self.shared_by_frame(part, levels - 1) for part in parts))

    def shows_of_first(self, arguments: Arguments) -> str:
        return arguments.positional[0].shows if arguments.positional else ""

    def given(self, keyword: str, arguments: Arguments) -> bool:
        value = dict(arguments.keywords).get(keyword)
        if keyword == "random_state" and value is not None and (value.types is None or "NoneType" in value.types):
            return False  # it may be None
        return value is not None and value.constant is not None
