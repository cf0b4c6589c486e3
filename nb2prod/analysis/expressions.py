"""Expressions of the abstract interpreter: an ast expression -> the Value it may be, with what evaluating it touches recorded.

    df[df.x > 3]["y"].mean()     uses name df and its object; a mask makes a new frame; "y" a series; mean a float nobody can change
"""

from __future__ import annotations

import ast
from dataclasses import replace

from nb2prod.analysis.machine import Frame, Machine
from nb2prod.analysis.values import ANYTHING, ELEMENT, UNKNOWN, Function, Value, constant, join, typed
from nb2prod.model.dataflow import Location

NUMBERS = ("bool", "int", "float", "complex")
AMBIENT_PATHS = {
    "os.environ": "os.environ",
    "sys.path": "sys.path",
    "sys.modules": "sys.modules",
    "matplotlib.rcParams": "matplotlib.rcParams",
    "matplotlib.pyplot.rcParams": "matplotlib.rcParams",
    "pandas.options": "pandas.options",
    "pandas.set_option": "pandas.options",
}
LOOKS = frozenset({"shape", "dtypes", "dtype", "columns", "index", "size", "ndim"})  # looks whatever the type
FRAMES = ("pandas.DataFrame", "pandas.Series", "pandas.Index", "numpy.ndarray")
SHARING_OPERATORS = (ast.Add, ast.Mult, ast.Mod, ast.BitOr, ast.BitAnd, ast.BitXor, ast.Sub)


class Expressions(Machine):
    """`evaluate` and one method per kind of expression."""

    def evaluate(self, node: ast.expr | None) -> Value:
        """The value an expression may have."""
        if node is None:
            return constant(None)
        self.step()
        method = getattr(self, "on_" + type(node).__name__, None)
        value: Value = method(node) if method else self.on_other(node)
        if id(node) in self.watched:
            self.watched[id(node)] = value
        return value

    def on_other(self, node: ast.expr) -> Value:
        """Any expression without a rule of its own: everything in it is used and may be what it gives."""
        values = [self.evaluate(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        self.use(*values)
        return replace(join(self.fresh(node), *values), types=None)

    def on_Constant(self, node: ast.Constant) -> Value:
        return constant(node.value)

    def on_Name(self, node: ast.Name) -> Value:
        return self.lookup(node.id)

    def on_NamedExpr(self, node: ast.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        hidden = []
        while self.frames and self.frames[-1].comprehension:
            hidden.append(self.frames.pop())
        self.bind(node.target.id, value)
        if hidden and not self.frames:
            self.assigned.discard(node.target.id)
        self.frames.extend(reversed(hidden))
        return value

    def on_Starred(self, node: ast.Starred) -> Value:
        return self.iterate(self.evaluate(node.value), node)

    def on_Await(self, node: ast.Await) -> Value:
        return self.evaluate(node.value)

    def on_Yield(self, node: ast.Yield) -> Value:
        value = self.evaluate(node.value)
        if self.frames:
            self.frames[-1].yields.append(value)
        return ANYTHING

    def on_YieldFrom(self, node: ast.YieldFrom) -> Value:
        value = self.iterate(self.evaluate(node.value), node)
        if self.frames:
            self.frames[-1].yields.append(value)
        return ANYTHING

    def on_Lambda(self, node: ast.Lambda) -> Value:
        return self.make_function("<lambda>", node)

    def make_function(self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Value:
        """A function object that remembers its code, defaults and closure."""
        defaults = tuple(self.evaluate(default) for default in node.args.defaults)
        keyword_defaults = tuple(None if default is None else self.evaluate(default) for default in node.args.kw_defaults)
        value = self.fresh(node, ["function"])
        (object,) = value.objects
        self.heap.functions[object] = Function(name, node, self.scopes(), defaults, keyword_defaults)
        for default in (*defaults, *keyword_defaults):
            if default is not None:
                self.heap.store([object], ".default", default)
        for scope in self.scopes():
            for held in scope.values():
                self.heap.store([object], ".closure", held)
        return value

    # operators -------------------------------------------------------------------------------------------------------------

    def on_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        self.use(left, right)
        folded = fold(node.op, left, right)
        if folded is not UNKNOWN:
            return replace(constant(folded), types=left.types)
        self.touch_instances(left, right, node=node)
        shows = left.shows if left.shows == right.shows else left.shows if not_shown(right) else right.shows if not_shown(left) else ""
        types = self.operator_types(left, right)
        if self.immutable(types):
            return Value(types=types, shows=shows)
        result = replace(self.fresh(node, types), shows=shows)
        if isinstance(node.op, SHARING_OPERATORS) and not self.is_type(Value(types=types), *FRAMES):
            self.heap.store(result.objects, ELEMENT, join(*(self.element(side) for side in (left, right))))
        return result

    def operator_types(self, left: Value, right: Value) -> frozenset[str] | None:
        """The type of an arithmetic result: the widest of numbers, the frame where one side is a frame, the same type on both sides."""
        if left.types is None or right.types is None or len(left.types) != 1 or len(right.types) != 1:
            return None
        (a,), (b,) = left.types, right.types
        if a in NUMBERS and b in NUMBERS:
            return frozenset({"float" if "complex" not in (a, b) else "complex"}) if (a, b) != ("int", "int") else frozenset({"int", "float"})
        for frame in FRAMES:
            if frame in (a, b):
                return frozenset({frame})
        if "pathlib.Path" in (a, b):
            return frozenset({"pathlib.Path"})
        return frozenset({a}) if a == b else frozenset({a}) if a in ("str", "list") else None

    def on_UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.evaluate(node.operand)
        self.use(value)
        if isinstance(node.op, ast.Not):
            return typed("bool")
        if isinstance(node.op, ast.USub) and isinstance(value.constant, (int, float)):
            return constant(-value.constant)
        return Value(types=value.types, shows=value.shows) if self.immutable(value.types) else replace(self.fresh(node, value.types), shows=value.shows)

    def on_BoolOp(self, node: ast.BoolOp) -> Value:
        values = [self.evaluate(node.values[0])]
        for operand in node.values[1:]:
            flow = self.save()
            values.append(self.evaluate(operand))
            self.merge(flow)
        self.use(*values)
        return join(*values)

    def on_Compare(self, node: ast.Compare) -> Value:
        values = [self.evaluate(child) for child in (node.left, *node.comparators)]
        self.use(*values)
        self.touch_instances(*values, node=node)
        if all(self.immutable(value.types) for value in values):
            return typed("bool")
        frames = [value for value in values if self.is_type(value, *FRAMES)]
        if frames and not isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot)):
            return self.fresh(node, frames[0].types)
        return typed("bool") if isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot)) else self.fresh(node)

    def on_IfExp(self, node: ast.IfExp) -> Value:
        self.use(self.evaluate(node.test))
        flow = self.save()
        first = self.evaluate(node.body)
        reached = self.restart(flow)
        second = self.evaluate(node.orelse)
        self.merge(reached)
        return join(first, second)

    # text ------------------------------------------------------------------------------------------------------------------

    def on_JoinedStr(self, node: ast.JoinedStr) -> Value:
        values = [self.evaluate(part) for part in node.values]
        self.use(*values)
        self.use_text(*values)
        parts = [value.constant for value in values]
        return constant("".join(map(str, parts))) if all(isinstance(part, (str, int)) for part in parts) else typed("str")

    def on_FormattedValue(self, node: ast.FormattedValue) -> Value:
        value = self.evaluate(node.value)
        if node.format_spec is not None:
            self.evaluate(node.format_spec)
            return replace(value, constant=UNKNOWN)
        return value

    def use_text(self, *values: Value) -> None:
        """Turning a value into text depends on the display options of its library."""
        for value in values:
            if not self.immutable(value.types):
                self.use_ambient("pandas.options")
                self.use_ambient("numpy.printoptions")

    # displays and comprehensions ---------------------------------------------------------------------------------------------

    def on_Tuple(self, node: ast.Tuple) -> Value:
        elements = tuple(self.evaluate(element) for element in node.elts)
        if any(isinstance(element, ast.Starred) for element in node.elts):
            return replace(self.container(node, "tuple", elements), elements=None)
        return Value(types=frozenset({"tuple"}), elements=elements)

    def on_List(self, node: ast.List) -> Value:
        return self.container(node, "list", tuple(self.evaluate(element) for element in node.elts))

    def on_Set(self, node: ast.Set) -> Value:
        return self.container(node, "set", tuple(self.evaluate(element) for element in node.elts))

    def on_Dict(self, node: ast.Dict) -> Value:
        value = self.container(node, "dict", ())
        for key, item in zip(node.keys, node.values):
            held = self.evaluate(item)
            if key is None:
                self.heap.store(value.objects, ELEMENT, self.element(held))
                continue
            name = self.evaluate(key)
            self.heap.store(value.objects, ELEMENT if name.constant is UNKNOWN else f"[{name.constant!r}]", held)
        return value

    def container(self, node: ast.AST, type: str, elements: tuple[Value, ...]) -> Value:
        """A new container whose elements are all known."""
        value = self.fresh(node, [type])
        (object,) = value.objects
        self.heap.closed.add(object)
        if elements:
            self.heap.store([object], ELEMENT, join(*elements))
        return value

    def on_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
        with_frame = Frame(closure=self.scopes(), comprehension=True, function=self.frames[-1].function if self.frames else "")
        first = self.iterate(self.evaluate(node.generators[0].iter), node)
        self.frames.append(with_frame)
        self.run_generators(node.generators, first)
        elements = [self.evaluate(part) for part in ((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,))]
        self.frames.pop()
        kind = {"ListComp": "list", "SetComp": "set", "DictComp": "dict", "GeneratorExp": "generator"}[type(node).__name__]
        return self.container(node, kind, tuple(elements))

    on_SetComp = on_DictComp = on_GeneratorExp = on_ListComp

    def run_generators(self, generators: list[ast.comprehension], first: Value) -> None:
        for rank, generator in enumerate(generators):
            self.assign(generator.target, self.iterate(self.evaluate(generator.iter), generator.iter) if rank else first)
            for test in generator.ifs:
                self.use(self.evaluate(test))

    # parts -----------------------------------------------------------------------------------------------------------------

    def on_Attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.evaluate(node.value), node.attr, node)

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """What `value.name` may be: a deeper library path, a notebook class's own attribute, a known attribute, or a share of the object."""
        if value.path:
            path = f"{value.path}.{name}"
            if path in AMBIENT_PATHS:
                self.use_ambient(AMBIENT_PATHS[path])
            return Value(path=path)
        own = self.instance_attribute(value, name, node)
        if own is not None:
            return own
        kinds = [(kind, self.knowledge.attribute(kind, name)) for kind in value.types or ()]
        rules = [self.knowledge.method(kind, name) for kind in value.types or ()]
        shows = rules[0].shows if rules and rules[0] is not None else "peek" if name in LOOKS else ""
        if not kinds or any(found is None for _, found in kinds):
            return replace(value, types=None, constant=UNKNOWN, elements=None, shows=shows)
        types = frozenset(kind if found == "self" else str(found) for kind, found in kinds)
        if self.immutable(types):
            self.use(value)
        return Value(frozenset() if self.immutable(types) else value.objects, types, shows=shows)

    def on_Subscript(self, node: ast.Subscript) -> Value:
        return self.subscript(self.evaluate(node.value), node.slice, node)

    def subscript(self, value: Value, slice: ast.expr, node: ast.AST) -> Value:
        """What `value[slice]` may be: the part stored there, a new selection, or a view that shares the object."""
        index = self.evaluate(slice)
        self.use(index)
        if value.path:
            ambient = AMBIENT_PATHS.get(value.path)
            return typed("str") if ambient == "os.environ" else Value(path=value.path) if value.path.startswith("typing.") else ANYTHING
        if value.elements is not None and isinstance(index.constant, int) and -len(value.elements) <= index.constant < len(value.elements):
            return replace(value.elements[index.constant], shows=value.shows or value.elements[index.constant].shows)
        if self.immutable(value.types) and value.elements is None and not value.objects:
            return Value(types=frozenset({"str"}) if value.types == {"str"} else None, shows=value.shows)
        if self.is_type(value, *FRAMES) and self.selects_copy(slice, index):
            self.use(value)
            return self.fresh(node, value.types)
        if isinstance(slice, ast.Slice) and self.is_type(value, "list", "tuple"):
            copy = self.fresh(node, value.types)
            self.heap.store(copy.objects, ELEMENT, self.element(value))
            return copy
        return self.part(value, index)

    def selects_copy(self, slice: ast.expr, index: Value) -> bool:
        """Whether a selection from a frame or array is surely a copy: a mask or a list of labels."""
        masks = (ast.Compare, ast.List, ast.ListComp)
        mask_like = isinstance(slice, ast.BinOp) and isinstance(slice.op, (ast.BitAnd, ast.BitOr))
        inverted = isinstance(slice, ast.UnaryOp) and isinstance(slice.op, ast.Invert)
        return isinstance(slice, masks) or mask_like or inverted or self.is_type(index, "list")

    def part(self, value: Value, index: Value) -> Value:
        """One part of a container: by its constant key where that is known, else any of its elements."""
        items = {rule.item for kind in value.types or () if (rule := self.knowledge.types.get(kind))}
        types = frozenset(items) if items and "" not in items else None
        found = self.stored(value, None if index.constant is UNKNOWN else f"[{index.constant!r}]")
        if found is not None and self.closed(value):
            return found
        if types is not None and self.immutable(types):
            self.use(value)
            return Value(types=types, shows=value.shows)
        rest = Value(value.objects, types, shows=value.shows)
        return rest if found is None else join(found, rest)

    def stored(self, value: Value, key: str | None) -> Value | None:
        """What is known to be stored under a key (or under any, with None) of the objects a value may be."""
        found = [v for element in value.elements or () for v in (element,)]
        for object in value.objects:
            for name, held in self.heap.fields.get(object, {}).items():
                if name.startswith("[") and (key is None or name in (key, ELEMENT)):
                    found.append(held)
        return join(*found) if found else None

    def closed(self, value: Value) -> bool:
        """Whether all parts of the value are known: it was written out in the notebook and nothing unknown touched it."""
        return all(object in self.heap.closed for object in value.objects)

    def element(self, value: Value) -> Value:
        """Any element of a value, without touching it."""
        found = self.stored(value, None)
        if found is not None and self.closed(value):
            return found
        if value.types == {"str"} or (self.immutable(value.types) and not value.objects and value.elements is None):
            return typed("str") if value.types == {"str"} else Value(types=frozenset({"int"}) if value.types == {"range"} else None)
        kinds = {rule.iterates for kind in value.types or () if (rule := self.knowledge.types.get(kind))}
        types = frozenset(kinds) if kinds and "" not in kinds else None
        rest = Value(types=types) if types is not None and self.immutable(types) else Value(value.objects, types)
        return rest if found is None else join(found, rest)

    def consume(self, *values: Value, node: ast.AST) -> None:
        """A known call may read iterators and generators it is given to their end."""
        for value in values:
            if any((rule := self.knowledge.types.get(kind)) is not None and rule.consumed for kind in value.types or ()):
                self.update(value)
                self.run_code(value, node)

    def iterate(self, value: Value, node: ast.AST) -> Value:
        """Loop over a value: iterators are consumed, generators run, anything unknown may be either."""
        self.use(value)
        rules = [self.knowledge.types.get(kind) for kind in value.types or ()]
        if value.types is None or any(rule is None or rule.consumed for rule in rules):
            self.update(value)
        self.run_code(value, node)
        self.touch_instances(value, node=node)
        return self.element(value)

    # the rest of the interpreter, in calls.py and statements.py
    def assign(self, target: ast.expr, value: Value) -> None: ...
    def instance_attribute(self, value: Value, name: str, node: ast.AST) -> Value | None: ...
    def touch_instances(self, *values: Value, node: ast.AST) -> None: ...
    def run_code(self, value: Value, node: ast.AST) -> None: ...


def not_shown(value: Value) -> bool:
    """A constant beside a shown value does not change what showing the two together is."""
    return value.constant is not UNKNOWN


def fold(op: ast.operator, left: Value, right: Value) -> object:
    """Constant folding of the few operators that build paths, names and numbers."""
    a, b = left.constant, right.constant
    path = left.types == {"pathlib.Path"}
    if isinstance(op, ast.Div) and path and isinstance(a, str) and isinstance(b, str):
        return b if b.startswith("/") else f"{a.rstrip('/')}/{b}" if a not in ("", ".") else b
    if isinstance(op, ast.Add) and isinstance(a, str) and isinstance(b, str):
        return a + b
    return UNKNOWN
