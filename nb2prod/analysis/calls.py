"""Calls of the abstract interpreter: by library rule, into the notebook's own functions and classes, or unknown.

    df.dropna(inplace=True)       a rule says: updates self if inplace
    helper(df)                    the notebook's own function is walked with df in hand, reading globals as they are now
    somelib.tune(df)              nobody knows: df may change, random numbers may be drawn, the result may share df
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, replace

from nb2prod.analysis.expressions import Expressions
from nb2prod.analysis.references import names_in_text
from nb2prod.analysis.machine import DEPTH, Frame
from nb2prod.analysis.values import ANYTHING, ELEMENT, UNKNOWN, Class, Function, Value, deep_objects, join, typed
from nb2prod.knowledge import Argument, Condition, Rule
from nb2prod.model.dataflow import Location

PREDICTS = frozenset({"predict", "predict_proba", "forecast", "get_forecast", "fit_predict", "predict_log_proba"})
FITS = frozenset({"fit", "partial_fit", "fit_predict", "train"})
TRANSFORMS = frozenset({"transform", "fit_transform", "inverse_transform", "fit_resample"})
LOOKS = frozenset({"shape", "dtypes", "dtype", "columns", "index", "size", "ndim", "head", "tail", "info"})
PASS_THROUGH = frozenset({"builtins.round", "builtins.float", "builtins.int", "builtins.str", "builtins.abs", "builtins.list", "builtins.dict", "builtins.format"})
COPIES = frozenset({"list", "dict", "set", "tuple", "frozenset", "collections.deque", "collections.Counter", "collections.OrderedDict", "generator"})
GENERATORS = ("rng:random", "rng:numpy")
HOLDERS = (*COPIES, "pandas.DataFrame", "pandas.Series", "numpy.ndarray")  # changing one of these does not change what it holds
DRAWING = {"matplotlib.pyplot.figure", "matplotlib.pyplot.subplots", "matplotlib.pyplot.subplot_mosaic"}


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


class Calls(Expressions):
    """`call` and the three ways a call can go."""

    def on_Call(self, node: ast.Call) -> Value:
        special = getattr(self, "call_" + node.func.id, None) if isinstance(node.func, ast.Name) and self.is_builtin(node.func.id) else None
        if special is not None:
            return special(node)
        if isinstance(node.func, ast.Attribute):
            receiver = self.evaluate(node.func.value)
            arguments = self.arguments(node)
            self.use(*(self.lookup(name) for name, _ in names_in_text(node)))
            if receiver.path:
                return self.call_path(f"{receiver.path}.{node.func.attr}", arguments, node)
            return self.call_method(receiver, node.func.attr, arguments, node)
        target = self.evaluate(node.func)
        return self.call_value(target, self.arguments(node), node)

    def is_builtin(self, name: str) -> bool:
        local = any(name in scope for scope in (*self.scopes(), self.names))
        return not local and (hasattr(builtins, name) or name in ("display", "get_ipython"))

    def arguments(self, node: ast.Call) -> Arguments:
        positional = tuple(self.evaluate(argument) for argument in node.args)
        keywords = tuple((keyword.arg or "**", self.evaluate(keyword.value)) for keyword in node.keywords)
        spread = any(isinstance(argument, ast.Starred) for argument in node.args) or any(keyword.arg is None for keyword in node.keywords)
        return Arguments(positional, keywords, spread)

    def call_value(self, target: Value, arguments: Arguments, node: ast.AST) -> Value:
        """Call whatever a value may be."""
        if target.path:
            return self.call_path(target.path, arguments, node)
        functions = [object for object in target.objects if object in self.heap.functions]
        classes = [object for object in target.objects if object in self.heap.classes]
        if target.objects and len(functions) + len(classes) == len(target.objects):
            values = [self.call_function(self.heap.functions[object], arguments, node) for object in functions]
            values += [self.instantiate(object, arguments, node) for object in classes]
            return join(*values)
        instances = [object for object in target.objects if object in self.heap.instances]
        if instances and len(instances) == len(target.objects):
            return self.call_method(target, "__call__", arguments, node)
        return self.call_unknown(target, arguments, node)

    def call_path(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a library function or class by its dotted path."""
        handler = getattr(self, "path_" + path.replace(".", "_"), None)
        if handler is not None:
            return handler(path, arguments, node)
        if path in DRAWING:
            return self.call_drawing(path, arguments, node)
        rule = self.knowledge.function(path)
        root = path.partition(".")[0]
        self.use_ambient(f"module:{root}")
        if rule is not None:
            return self.apply(rule, None, path, arguments, node)
        if path.startswith("get_ipython."):
            return self.call_magic(path.rpartition(".")[2], arguments, node)
        ambient = next((name for prefix, name in self.ambient_owners() if path.startswith(prefix + ".")), None)
        if ambient:
            self.use(*arguments.values)
            self.update_ambient(ambient)
            return ANYTHING
        return self.call_unknown(Value(path=path), arguments, node)

    def call_method(self, receiver: Value, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a method: the notebook's own where the receiver is an instance of its class, a known one by type, else unknown."""
        own = self.call_own_method(receiver, name, arguments, node)
        if own is not None:
            return own
        rules = [self.knowledge.method(kind, name) for kind in receiver.types or ()]
        if not rules or any(rule is None for rule in rules):
            if self.immutable(receiver.types):
                receiver = replace(receiver, objects=frozenset())
            self.note_fit(receiver, name)
            return replace(self.call_unknown(receiver, arguments, node), shows="peek" if name in LOOKS else "", predicted=name in PREDICTS)
        values = [self.apply(rule, replace(receiver, types=frozenset({kind})), name, arguments, node) for kind, rule in zip(receiver.types or (), rules) if rule]
        return join(*values)

    # library rules -----------------------------------------------------------------------------------------------------------

    def apply(self, rule: Rule, receiver: Value | None, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """Do what a rule says a call does."""
        self.use(*arguments.values, *([receiver] if receiver else []))
        if receiver is not None and any(kind.startswith("sklearn.") for kind in receiver.types or ()):
            self.use_ambient("sklearn.config")
        self.touch_instances(*arguments.values, node=node)
        self.consume(*arguments.values, node=node)
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
        self.run_functions(receiver, arguments, node)
        self.touch_resources(rule, receiver, arguments)
        result = self.result(rule, receiver, name, arguments, node)
        for argument in rule.stores:
            for value in self.named(argument, receiver, arguments):
                self.heap.store(self.holder(rule, receiver, result, arguments).objects, ELEMENT, value)
        self.note_fit(receiver, name)
        return result

    def holder(self, rule: Rule, receiver: Value | None, result: Value, arguments: Arguments) -> Value:
        """Who holds on to stored arguments: the receiver, else the argument that a function updates, else the new value."""
        updated = [value for target in rule.updates if target.argument for value in self.named(target.argument, receiver, arguments)]
        return receiver or (updated[0] if updated and not rule.returns else result)

    def note_fit(self, receiver: Value | None, name: str) -> None:
        """Remember which objects were fitted as models and which are used to transform data."""
        if receiver is not None and name in FITS:
            self.touches.fits.update(receiver.objects)
        if receiver is not None and name in TRANSFORMS:
            self.touches.transforms.update(receiver.objects)

    def may_hold(self, condition: Condition | None, arguments: Arguments) -> bool:
        """Whether a rule's condition may be true of these arguments; what cannot be told may."""
        if condition is None or arguments.spread:
            return True
        value = arguments.get(condition.argument)
        if condition.value is not ...:
            return value is not None and (value.constant is UNKNOWN or value.constant == condition.value)
        if condition.given:
            return value is not None and value.constant not in (False, None)
        return value is None or value.constant is None

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
                self.update(value, deep=argument.name == "self" and not self.is_type(value, *HOLDERS))
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
        shows = rule.shows or (self.shows_of_first(arguments) if name in PASS_THROUGH else "") or (receiver.shows if receiver and not rule.shows else "")
        if rule.returns == "self" and receiver is not None:
            return replace(receiver, shows=shows)
        if rule.returns.startswith("arg:"):
            return replace(arguments.get(Argument(int(rule.returns[4:]))) or ANYTHING, shows=shows)
        returns = next((kind for keyword, kind in rule.returns_with.items() if self.given(keyword, arguments)), rule.returns)
        types = receiver.types if returns == "self-type" and receiver else frozenset({returns}) if returns else None
        predicted = receiver is not None and name in PREDICTS
        folded = self.fold_call(name, receiver, arguments)
        if folded is not UNKNOWN:
            return Value(types=types, constant=folded)
        if self.immutable(types) and not rule.shares:
            return Value(types=types, shows=shows, predicted=predicted)
        value = replace(self.fresh(node, types), shows=shows, predicted=predicted)
        shared = [v for argument in rule.shares for v in self.named(argument, receiver, arguments)]
        if types is not None and types <= COPIES:
            for held in shared:
                self.heap.store(value.objects, ELEMENT, self.element(held))
            self.heap.closed.update(value.objects if all(self.closed(held) for held in shared) else ())
            return value
        if shared and types is None and len(shared) == 1 and name == "builtins.next":
            return self.element(shared[0])
        objects = {object for held in shared for object in deep_objects(held)}
        return value.sharing(objects if types is None else objects - set(self.heap.functions))

    def shows_of_first(self, arguments: Arguments) -> str:
        return arguments.positional[0].shows if arguments.positional else ""

    def given(self, keyword: str, arguments: Arguments) -> bool:
        value = dict(arguments.keywords).get(keyword)
        return value is not None and value.constant is not None

    # unknown calls -------------------------------------------------------------------------------------------------------------

    def call_unknown(self, target: Value, arguments: Arguments, node: ast.AST) -> Value:
        """A call nobody knows: it may change the receiver and every argument, draw random numbers, and give back parts of any of them."""
        involved = [target, *arguments.values]
        self.use(*involved)
        self.update(*involved, deep=True)
        for generator in GENERATORS:
            self.update_ambient(generator)
        self.use_ambient("os.environ")
        reached = self.heap.reach(object for value in involved for object in deep_objects(value))
        everything = Value(reached)
        for object in reached & set(self.heap.functions):
            self.call_function(self.heap.functions[object], self.any_arguments(self.heap.functions[object], everything), node)
        self.touch_instances(*involved, node=node)
        for object in reached:
            for resource in self.heap.resources.get(object, ()):
                self.touches.updates.add(resource)
                self.touches.writes_out.add(resource)
        for value in involved:
            self.heap.store(reached, ELEMENT, Value(reached - value.objects)) if len(reached) > 1 else None
        self.heap.closed -= reached
        if any(self.is_type(value, "matplotlib.axes.Axes", "matplotlib.figure.Figure") for value in involved):
            self.touches.draws = True
        if target.path and not self.known_library(target.path):
            self.touches.unknown_call = self.touches.unknown_call or target.path
        return self.fresh(node).sharing(reached)

    def known_library(self, path: str) -> bool:
        """Whether the library is one whose calls do not reach outside the process unless a rule says so."""
        root = path.partition(".")[0]
        return root in self.libraries

    def run_functions(self, receiver: Value | None, arguments: Arguments, node: ast.AST) -> None:
        """Functions handed to a library call are called by it, with anything it has."""
        involved = [*arguments.values, *([receiver] if receiver else [])]
        reached = self.heap.reach(object for value in involved for object in deep_objects(value))
        functions = reached & set(self.heap.functions)
        everything = Value(reached - functions) if functions else ANYTHING
        for object in sorted(functions):
            self.call_function(self.heap.functions[object], self.any_arguments(self.heap.functions[object], everything), node)

    def any_arguments(self, function: Function, value: Value) -> Arguments:
        """Arguments for a function that someone else will call: anything for each parameter."""
        names = function.node.args
        wanted = len(names.posonlyargs) + len(names.args) - (1 if function.bound_to is not None else 0)
        return Arguments(tuple(value for _ in range(max(wanted, 0))), tuple((argument.arg, value) for argument in names.kwonlyargs))

    # the notebook's own functions ------------------------------------------------------------------------------------------------

    def call_function(self, function: Function, arguments: Arguments, node: ast.AST) -> Value:
        """Walk the body of one of the notebook's functions with these arguments, reading globals as they are now."""
        self.step()
        active = sum(frame.function.endswith(f"/{function.name}@{function.node.lineno}") for frame in self.frames)
        if active > 1 or len(self.frames) > DEPTH:
            self.update(*arguments.values, deep=True)
            self.use(*arguments.values)
            return self.fresh(node).sharing(self.heap.reach(object for value in arguments.values for object in deep_objects(value)))
        outer = self.frames[-1].function if self.frames else ""
        frame = Frame(closure=function.closure, function=f"{outer}/{function.name}@{function.node.lineno}", self=function.bound_to)
        self.fill(frame, function, arguments, node)
        return self.run_function(function, frame, node)

    def run_function(self, function: Function, frame: Frame, node: ast.AST) -> Value:
        saved, assigned = self.frames, set(self.assigned)
        self.frames = [*saved, frame]
        self.run_body(function.body)
        self.frames, self.assigned = saved, assigned
        if not frame.yields:
            return join(*frame.returns) if frame.returns else typed("NoneType")
        generator = self.container(node, "generator", tuple(frame.yields))
        for held in frame.locals.values():
            self.heap.store(generator.objects, ".frame", held)
        for object in generator.objects:
            self.heap.generators[object] = (function, dict(frame.locals))
        return generator

    def fill(self, frame: Frame, function: Function, arguments: Arguments, node: ast.AST) -> None:
        """Bind arguments to parameters; what cannot be matched may be any of them."""
        names = function.node.args
        positional = [*names.posonlyargs, *names.args]
        given = ([function.bound_to] if function.bound_to is not None else []) + list(arguments.positional)
        anything = join(*arguments.values) if arguments.values else ANYTHING
        defaults: dict[str, Value] = {a.arg: v for a, v in zip(positional[len(positional) - len(function.defaults) :], function.defaults)}
        defaults |= {a.arg: v for a, v in zip(names.kwonlyargs, function.keyword_defaults) if v is not None}
        keywords = dict(arguments.keywords)
        for rank, argument in enumerate(positional):
            known = given[rank] if rank < len(given) and not arguments.spread else keywords.get(argument.arg, defaults.get(argument.arg))
            frame.locals[argument.arg] = join(*filter(None, (known, anything))) if arguments.spread else known or anything
        for argument in names.kwonlyargs:
            frame.locals[argument.arg] = keywords.get(argument.arg, defaults.get(argument.arg, anything))
        if names.vararg is not None:
            rest = tuple(given[len(positional) :]) or (anything,) if arguments.spread else tuple(given[len(positional) :])
            frame.locals[names.vararg.arg] = Value(types=frozenset({"tuple"}), elements=None if arguments.spread else rest, objects=anything.objects)
        if names.kwarg is not None:
            taken = {argument.arg for argument in (*positional, *names.kwonlyargs)}
            extra = tuple(value for name, value in arguments.keywords if name not in taken)
            frame.locals[names.kwarg.arg] = self.container(node, "dict", extra)

    def run_code(self, value: Value, node: ast.AST) -> None:
        """Iterating over a generator of the notebook runs its body, with the globals as they are now."""
        for object in value.objects & set(self.heap.generators):
            function, names = self.heap.generators[object]
            if len(self.frames) <= DEPTH and not any(frame.function.endswith(f"~{object}") for frame in self.frames):
                self.run_function(function, Frame(dict(names), function.closure, function=f"~{object}"), node)

    # the notebook's own classes --------------------------------------------------------------------------------------------------

    def instantiate(self, object: str, arguments: Arguments, node: ast.AST) -> Value:
        """Make an instance of a notebook class and run its `__init__`."""
        value = self.fresh(node, [f"notebook.{self.heap.classes[object].name}"], tag=":instance")
        for made in value.objects:
            self.heap.instances[made] = object
        self.use(*arguments.values)
        if self.library_bases(object) or self.call_own_method(value, "__init__", arguments, node) is None:
            for held in arguments.values:
                self.heap.store(value.objects, ELEMENT, held)
        return value

    def library_bases(self, object: str) -> bool:
        """Whether a notebook class inherits from something that is not the notebook's."""
        for base in self.heap.classes[object].bases:
            if base.path != "builtins.object" and (not base.objects or any(b not in self.heap.classes or self.library_bases(b) for b in base.objects)):
                return True
        return False

    def find_method(self, object: str, name: str) -> tuple[str, Class] | None:
        """The function behind a method name of a notebook class, through its notebook bases."""
        found = self.heap.classes[object]
        if name in found.methods:
            return found.methods[name], found
        for base in found.bases:
            for parent in sorted(base.objects & set(self.heap.classes)):
                if deeper := self.find_method(parent, name):
                    return deeper
        return None

    def call_own_method(self, receiver: Value, name: str, arguments: Arguments, node: ast.AST) -> Value | None:
        """Call a method of the notebook's own class, or None where the receiver may be anything else."""
        if not receiver.objects or not receiver.objects <= set(self.heap.instances):
            return None
        values = []
        for object in sorted(receiver.objects):
            found = self.find_method(self.heap.instances[object], name)
            if found is None:
                return None
            function = self.heap.functions[found[0]]
            values.append(self.call_function(replace(function, bound_to=replace(receiver, objects=frozenset({object}))), arguments, node))
        return join(*values)

    def instance_attribute(self, value: Value, name: str, node: ast.AST) -> Value | None:
        """An attribute of the notebook's own instances: stored value, property or bound method."""
        if not value.objects or not value.objects <= set(self.heap.instances):
            return None
        values: list[Value] = []
        for object in sorted(value.objects):
            one = replace(value, objects=frozenset({object}))
            found = self.find_method(self.heap.instances[object], name)
            if found is not None and name in found[1].properties:
                values.append(self.call_function(replace(self.heap.functions[found[0]], bound_to=one), Arguments(), node))
            elif found is not None:
                bound = self.fresh(node, ["function"], tag=f":{name}:{object}")
                (key,) = bound.objects
                self.heap.functions[key] = replace(self.heap.functions[found[0]], bound_to=one)
                self.heap.store([key], ".self", one)
                values.append(bound)
            else:
                self.touches.uses.add(Location("object", object))
                stored = self.heap.fields.get(object, {}).get(f".{name}")
                values.append(stored if stored is not None and not self.library_bases(self.heap.instances[object]) else replace(one, types=None))
        return join(*values)

    def touch_instances(self, *values: Value, node: ast.AST) -> None:
        """Operators and builtins may call the special methods of the notebook's own instances."""
        for value in values:
            for object in sorted(value.objects & set(self.heap.instances)):
                owner = self.heap.classes[self.heap.instances[object]]
                for name in sorted(owner.methods):
                    if name.startswith("__") and name.endswith("__") and name != "__init__":
                        function = replace(self.heap.functions[owner.methods[name]], bound_to=replace(value, objects=frozenset({object})))
                        self.call_function(function, self.any_arguments(function, value), node)
