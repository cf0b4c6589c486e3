"""Expressions of the abstract interpreter: an ast expression -> the Value it may be, with what evaluating it touches recorded.

df[df.x > 3]["y"].mean()     uses name df and its object; a mask makes a new frame; "y" a series; mean a float nobody can change
"""

from __future__ import annotations

import ast

from nb2prod.analysis.frames import Frame
from nb2prod.analysis.machine import ROUNDS
from nb2prod.analysis.parts import FRAMES, Parts
from nb2prod.analysis.values import ELEMENT, UNKNOWN, Function, Scope, Value, constant, join, key_of, typed
from nb2prod.model.syntax import children_of, nodes_of

NUMBERS = ("bool", "int", "float", "complex")
TRUTH = frozenset({"__bool__", "__len__"})
HASHING = frozenset({"__hash__", "__eq__"})
SIGNS = frozenset({"__neg__", "__pos__", "__invert__"})
TEXT = frozenset({"__str__", "__repr__", "__format__"})
SHOWN = (
    TEXT
    | {f"_repr_{kind}_" for kind in "html markdown svg png jpeg json latex pretty pdf javascript mimebundle".split()}
    | {"_ipython_display_"}
)
TUPLE_DEPTH = 3
SOURCE = ".0"  # what a generator expression goes through
NO_ARGUMENTS = ast.arguments([], [], None, [], [], None, [])
SHARING_OPERATORS = (ast.Add, ast.Mult, ast.Mod, ast.BitOr, ast.BitAnd, ast.BitXor, ast.Sub)


class Expressions(Parts):
    """`evaluate` and one method per kind of expression."""

    def evaluate(self, node: ast.expr | None) -> Value:
        """The value an expression may have."""
        if node is None:
            return constant(None)
        self.step()
        method = getattr(self, "on_" + type(node).__name__, None)
        value: Value = method(node) if method else self.on_other(node)
        seen = self.touches.values
        seen[node] = join(seen[node], value) if node in seen else value
        return value

    def on_other(self, node: ast.expr) -> Value:
        """Any expression without a rule of its own: everything in it is used and may be what it gives."""
        values = [self.evaluate(child) for child in children_of(node) if isinstance(child, ast.expr)]
        self.use(*values)
        return join(self.fresh(node), *values)._replace(types=None, path="")

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
        value = self.evaluate(node.value)
        self.run_code(value, node)
        return value if value.types != {"coroutine"} else self.element(value)

    def on_Yield(self, node: ast.Yield) -> Value:
        value = self.evaluate(node.value)
        if self.frames:
            self.frames[-1].yields.append(value)
        return self.fresh(node)

    def on_YieldFrom(self, node: ast.YieldFrom) -> Value:
        value = self.iterate(self.evaluate(node.value), node)
        if self.frames:
            self.frames[-1].yields.append(value)
        return join(self.fresh(node).sharing(value.objects), *self.touches.raised)

    def on_Lambda(self, node: ast.Lambda) -> Value:
        return self.make_function("<lambda>", node)

    def make_function(self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Value:
        """A function object that remembers its code, defaults and closure."""
        defaults = tuple(self.evaluate(default) for default in node.args.defaults)
        keyword_defaults = tuple(None if default is None else self.evaluate(default) for default in node.args.kw_defaults)
        value = self.fresh(node, ["function"])
        (object,) = value.objects
        waits = any(isinstance(part, (ast.Yield, ast.YieldFrom, ast.AsyncFunctionDef)) for part in nodes_of(node))
        self.heap.functions[object] = Function(name, node, object, self.scopes(), defaults, keyword_defaults, waits=waits)
        for default in (*defaults, *keyword_defaults):
            if default is not None:
                self.heap.store([object], ".default", default)
        for scope in self.scopes():
            scope.object = scope.object or self.allocate(node, ":scope")
            self.heap.places.add(scope.object)
            self.heap.store([object], ".scope", Value(frozenset({scope.object})))
            for held in scope.values():
                self.heap.store([scope.object], ".local", held)
        return value

    # operators -------------------------------------------------------------------------------------------------------------

    def on_BinOp(self, node: ast.BinOp) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        self.use(left, right)
        folded = fold(node.op, left, right)
        if folded is not UNKNOWN:
            return constant(folded)._replace(types=left.types)
        if isinstance(node.op, ast.Mod) and left.types == {"str"}:
            self.use_text(right)
        self.touch_instances(left, right, node=node)
        shows = left.shows if left.shows == right.shows else left.shows if not_shown(right) else right.shows if not_shown(left) else ""
        types = self.operator_types(left, right)
        if self.immutable(types):
            return Value(types=types, shows=shows)
        result = self.fresh(node, types)._replace(shows=shows)
        if isinstance(node.op, SHARING_OPERATORS) and not self.is_type(Value(types=types), *FRAMES):
            self.heap.store(result.objects, ELEMENT, join(*(self.element(side) for side in (left, right))))
        return result

    def operator_types(self, left: Value, right: Value) -> frozenset[str] | None:
        """The types an arithmetic result may have; None where one of them is not known."""
        if left.types is None or right.types is None:
            return None
        found = [self.pair_types(a, b) for a in left.types for b in right.types]
        return None if None in found else frozenset().union(*filter(None, found))

    def pair_types(self, a: str, b: str) -> frozenset[str] | None:
        """The widest of two numbers, the frame where one side is a frame or an array, the same type on both sides."""
        if a in NUMBERS and b in NUMBERS:
            return (
                frozenset({"float" if "complex" not in (a, b) else "complex"}) if (a, b) != ("int", "int") else frozenset({"int", "float"})
            )
        for frame in FRAMES:
            if frame in (a, b):
                return frozenset({frame})
        if "pathlib.Path" in (a, b):
            return frozenset({"pathlib.Path"})
        wide = next((side for side, other in ((a, b), (b, a)) if other in NUMBERS and self.is_type(typed(side), *FRAMES)), None)
        return frozenset({wide}) if wide else frozenset({a}) if a == b or a in ("str", "list") else None

    def on_UnaryOp(self, node: ast.UnaryOp) -> Value:
        value = self.evaluate(node.operand)
        self.use(value)
        self.touch_instances(value, node=node, only=TRUTH if isinstance(node.op, ast.Not) else SIGNS)
        if isinstance(node.op, ast.Not):
            return typed("bool")
        if isinstance(node.op, ast.USub) and isinstance(value.constant, (int, float)):
            return constant(-value.constant)
        return (
            Value(types=value.types, shows=value.shows)
            if self.immutable(value.types)
            else self.fresh(node, value.types)._replace(shows=value.shows)
        )

    def use_truth(self, value: Value) -> None:
        """Asking whether a value is true may run what its class says."""
        self.use(value)
        self.touch_instances(value, node=ast.Pass(lineno=0, col_offset=0), only=TRUTH)

    def on_BoolOp(self, node: ast.BoolOp) -> Value:
        values = [self.evaluate(node.values[0])]
        for operand in node.values[1:]:
            self.use_truth(values[-1])
            flow = self.save()
            with self.branch():
                values.append(self.evaluate(operand))
            self.merge(flow)
        self.use(*values)
        return join(*values)

    def on_Compare(self, node: ast.Compare) -> Value:
        values = [self.evaluate(child) for child in (node.left, *node.comparators[:1])]
        for child in node.comparators[1:]:  # only where the comparison before it was true
            flow = self.save()
            with self.branch():
                values.append(self.evaluate(child))
            self.merge(flow)
        self.use(*values)
        self.touch_instances(*values, node=node)
        for value, operator in zip(values[1:], node.ops, strict=False):
            if isinstance(operator, (ast.In, ast.NotIn)) and self.is_consumed(value):
                self.iterate(value, node)
        if all(self.immutable(value.types) for value in values):
            return typed("bool")
        frames = [value for value in values if self.is_type(value, *FRAMES)]
        if frames and not isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot)):
            return self.fresh(node, frames[0].types)
        return typed("bool") if isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot)) else self.fresh(node)

    def on_IfExp(self, node: ast.IfExp) -> Value:
        self.use_truth(self.evaluate(node.test))
        flow = self.save()
        with self.branch():
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
            return value._replace(constant=UNKNOWN)
        return value

    def use_text(self, *values: Value) -> None:
        """Turning a value into text depends on the display options of its library, and runs what the notebook's own classes say."""
        self.touch_instances(*values, node=ast.Pass(lineno=0, col_offset=0), only=TEXT)
        for value in values:
            if not self.immutable(value.types):
                self.use_ambient("pandas.options")
                self.use_ambient("numpy.printoptions")

    # displays and comprehensions ---------------------------------------------------------------------------------------------

    def on_Tuple(self, node: ast.Tuple) -> Value:
        elements = tuple(self.evaluate(element) for element in node.elts)
        value = self.container(node, "tuple", elements)
        known = not any(
            isinstance(element, ast.Starred) or depth(element_value) > TUPLE_DEPTH
            for element, element_value in zip(node.elts, elements, strict=False)
        )
        return value._replace(elements=elements) if known else value

    def on_List(self, node: ast.List) -> Value:
        return self.container(node, "list", tuple(self.evaluate(element) for element in node.elts))

    def on_Set(self, node: ast.Set) -> Value:
        elements = tuple(self.evaluate(element) for element in node.elts)
        self.touch_instances(*elements, node=node, only=HASHING)
        return self.container(node, "set", elements)

    def on_Dict(self, node: ast.Dict) -> Value:
        value = self.container(node, "dict", ())
        for key, item in zip(node.keys, node.values, strict=False):
            held = self.evaluate(item)
            if key is None:
                self.use(held)
                self.touch_instances(held, node=node)
                self.heap.store(value.objects, ELEMENT, self.element(held))
                continue
            name = self.evaluate(key)
            self.touch_instances(name, node=node, only=HASHING)
            self.heap.store(value.objects, key_of(name), held)
        return value

    def container(self, node: ast.AST, type: str, elements: tuple[Value, ...]) -> Value:
        """A new container whose elements are all known."""
        value = self.fresh(node, [type])
        (object,) = value.objects
        self.heap.closed.add(object)
        if elements:
            self.heap.store([object], ELEMENT, join(*elements))
        return value

    def on_ListComp(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> Value:
        frame = Frame(closure=self.scopes(), comprehension=True, function=self.frames[-1].function if self.frames else "")
        first = self.iterate(self.evaluate(node.generators[0].iter), node)
        self.frames.append(frame)
        elements: tuple[Value, ...] = ()
        for _ in range(ROUNDS):  # its parts may feed one another through what they change
            before = self.heap.version
            with self.branch():
                self.run_generators(node.generators, first)
                elements = tuple(
                    self.evaluate(part) for part in ((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,))
                )
                self.touch_instances(*elements[:1], node=node, only=HASHING if not isinstance(node, ast.ListComp) else frozenset())
            if self.heap.version == before:
                break
        self.frames.pop()
        kind = {"ListComp": "list", "SetComp": "set", "DictComp": "dict"}[type(node).__name__]
        return self.container(node, kind, elements)

    on_SetComp = on_DictComp = on_ListComp

    def on_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        """A generator expression takes its first source now and runs as a nameless generator function, with the names as they are then."""
        source = self.evaluate(node.generators[0].iter)
        self.use(source)
        body: ast.stmt = ast.Expr(ast.Yield(node.elt))
        for rank, generator in reversed(list(enumerate(node.generators))):
            for test in reversed(generator.ifs):
                body = ast.If(test, [body], [])
            body = ast.For(generator.target, generator.iter if rank else ast.Name(SOURCE, ast.Load()), [body], [])
        function = ast.FunctionDef("<genexpr>", NO_ARGUMENTS, [body], [])
        for part in nodes_of(function):
            ast.copy_location(part, node) if isinstance(part, (ast.stmt, ast.expr)) and not hasattr(part, "lineno") else None
        value = self.make_function("<genexpr>", function)
        made = self.heap.functions.pop(next(iter(value.objects)))  # nobody but the generator can call it
        return self.run_function(made, Frame(Scope({SOURCE: source}), made.closure, comprehension=True, function=f"/{made.key}"), node)

    def run_generators(self, generators: list[ast.comprehension], first: Value) -> None:
        for rank, generator in enumerate(generators):
            self.assign(generator.target, self.iterate(self.evaluate(generator.iter), generator.iter) if rank else first)
            for test in generator.ifs:
                self.use_truth(self.evaluate(test))

    # attributes and items -----------------------------------------------------------------------------------------------------

    def on_Attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.evaluate(node.value), node.attr, node)

    def on_Subscript(self, node: ast.Subscript) -> Value:
        return self.subscript(self.evaluate(node.value), node.slice, node)


def depth(value: Value) -> int:
    """How deep tuples stand in a tuple."""
    return 1 + max((depth(element) for element in value.elements), default=0) if value.elements is not None else 0


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
