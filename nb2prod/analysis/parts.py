"""Parts of values: attributes, items, elements, and what going through a value does.

df["x"]          may be a view: shares the object of df          d["k"]      what is known to be stored there
c.rows           what the notebook stored, or a share of c       next(it)    uses up the iterator
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nb2prod.analysis.frames import Frame
from nb2prod.analysis.machine import Machine
from nb2prod.analysis.values import ELEMENT, UNKNOWN, Function, Value, deep_objects, join, key_of, typed
from nb2prod.model.dataflow import Location

AMBIENT_PATHS = {
    "os.environ": "os.environ",
    "sys.path": "sys.path",
    "sys.modules": "sys.modules",
    "matplotlib.rcParams": "matplotlib.rcParams",
    "matplotlib.pyplot.rcParams": "matplotlib.rcParams",
    "pandas.options": "pandas.options",
    "pandas.set_option": "pandas.options",
}
OPAQUE_PATHS = {
    "sys.modules": "`sys.modules` reaches every module",
    "builtins.__dict__": "it reaches every builtin",
    "__builtins__": "it reaches every builtin",
    "__main__": "`__main__` reaches every variable by name",
    "get_ipython.user_ns": "it reaches every variable by name",
    "inspect.currentframe": "a frame reaches every variable by name",
    "inspect.stack": "a frame reaches every variable by name",
    "sys._getframe": "a frame reaches every variable by name",
    "gc.get_objects": "it reaches every object",
    "gc.get_referrers": "it reaches every object",
    "ctypes": "`ctypes` reaches any memory",
}
OPAQUE_ATTRIBUTES = {
    "__globals__": "it reaches every variable by name",
    "tb_frame": "a frame reaches every variable by name",
    "gi_frame": "a frame reaches every variable by name",
    "cr_frame": "a frame reaches every variable by name",
    "f_back": "a frame reaches every variable by name",
    "f_globals": "a frame reaches every variable by name",
    "f_locals": "a frame reaches every variable by name",
}
INDEX = frozenset({"__getitem__", "__missing__", "__class_getitem__", "__index__", "__hash__", "__eq__"})
LOOP = frozenset({"__iter__", "__next__", "__getitem__", "__len__", "__contains__", "__aiter__", "__anext__"})
MISSING_KEYS = "collections.defaultdict"  # reading a key it lacks makes it
PATCH = "@"  # the fields of a library's module that hold what the notebook put into it, by its path
SOURCE_FIELD = ".source"
DRAWN = ("random.Random", "numpy.random.Generator", "numpy.random.RandomState", "torch.Generator")
LOOKS = frozenset({"shape", "dtypes", "dtype", "columns", "index", "size", "ndim"})  # looks whatever the type
MAYBE_NUMBER = "numpy.typing.ArrayLike"
SLICE = "slice"
WRITTEN_AS = ("list", "dict", "tuple", "set", "range", "dict_values", "dict_keys", "dict_items")
SORTS = {
    "random": DRAWN,
    "cell": WRITTEN_AS,
    "drawing": ("sklearn.DrawingEstimator",),
    "in place": ("sklearn.InPlaceEstimator",),
}  # what is looked for among all that values hold
SEQUENCES = frozenset({"list", "tuple", "bytearray", "memoryview", "array.array"})
FRAMES = ("pandas.NDFrame", "pandas.DataFrame", "pandas.Series", "pandas.Index", "numpy.ndarray")


class Parts(Machine):
    """`attribute`, `subscript`, `element`, `iterate`."""

    def attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """What `value.name` may be: a deeper library path, a notebook class's own attribute, a known attribute, or a share of the object."""
        if value.path:
            deeper = self.path_attribute(value.path, name)
            return join(deeper, self.attribute(value._replace(path=""), name, node)) if value.objects else deeper
        own = frozenset(value.objects & (self.heap.instances.keys() | self.heap.classes.keys()))
        if own:
            found = self.own_attribute(value._replace(objects=own), name, node)
            return found if own == value.objects else join(found, self.plain_attribute(value._replace(objects=value.objects - own), name))
        return self.plain_attribute(value, name)

    def path_attribute(self, path: str, name: str) -> Value:
        """An attribute of a library, which the notebook itself may have set."""
        paths = [f"{part}.{name}" for part in path.split("|")]
        for part in paths:
            if part in AMBIENT_PATHS:
                self.use_ambient(AMBIENT_PATHS[part])
            if part in OPAQUE_PATHS:
                self.opaque(OPAQUE_PATHS[part])
        self.use(self.library(path))
        return Value(self.patched(path).objects, path="|".join(paths))

    def plain_attribute(self, value: Value, name: str) -> Value:
        """An attribute of anything but the notebook's own classes: of a known type, stored by the notebook, or a share of the object."""
        self.touches.uses.update(Location("object", object) for object in value.objects)
        if name in OPAQUE_ATTRIBUTES:
            self.opaque(OPAQUE_ATTRIBUTES[name])
        stored = [
            held
            for object in value.objects
            for key, held in self.heap.fields.get(object, {}).items()
            if key in (f".{name}", f".{ELEMENT}", ELEMENT)
        ]
        kinds = [(kind, self.knowledge.attribute(kind, name)) for kind in value.types or ()]
        rules = [self.knowledge.method(kind, name) for kind in value.types or ()]
        shows = rules[0].shows if rules and rules[0] is not None else "peek" if name in LOOKS else ""
        if all(rules) and rules and all(found is None for _, found in kinds):
            return self.method_of(value, name)
        if not kinds or any(found is None for _, found in kinds):
            plain = value._replace(types=None, constant=UNKNOWN, elements=None, shows=shows)
            return join(plain, *stored)._replace(types=None, shows=shows) if stored else plain
        types = frozenset(kind if found == "self" else str(found) for kind, found in kinds)
        if self.immutable(types):
            self.use(value)
            return Value(types=types, shows=shows)
        return Value(value.objects.union(*(deep_objects(held) for held in stored)), types, shows=shows or value.shows)

    def method_of(self, value: Value, name: str) -> Value:
        """A method that is not called yet: an object that remembers whose it is."""
        objects = frozenset(f"{object}:{name}()" for object in value.objects) or frozenset(
            {f"{'|'.join(sorted(value.types or ()))}:{name}()"}
        )
        for object in objects:
            self.heap.methods[object] = (value, name)
            self.heap.store([object], ".self", value)
        return Value(objects, frozenset({"function"}))

    def subscript(self, value: Value, slice: ast.expr, node: ast.AST) -> Value:
        """What `value[slice]` may be: the part stored there, a new selection, or a view that shares the object."""
        index = self.evaluate(slice)
        self.use(index)
        self.touch_instances(value, index, node=node, only=INDEX)
        self.run_index(value, index, node)
        if MISSING_KEYS in (value.types or ()):
            self.update(value)
        if value.path:
            return self.path_item(value)
        if value.elements is not None and isinstance(index.constant, int) and -len(value.elements) <= index.constant < len(value.elements):
            return value.elements[index.constant]._replace(shows=value.shows or value.elements[index.constant].shows)
        if self.immutable(value.types) and value.elements is None and not value.objects:
            return Value(types=frozenset({"str"}) if value.types == {"str"} else None, shows=value.shows)
        if self.is_type(value, *FRAMES) and self.selects_copy(slice, index):
            return self.selection(value, node)
        if isinstance(slice, ast.Slice) and self.is_type(value, "list", "tuple"):
            copy = self.fresh(node, value.types)
            self.heap.store(copy.objects, ELEMENT, self.element(value))
            if self.closed(value):
                self.heap.closed.update(copy.objects)
            return copy
        part = self.part(value, index)
        if self.may_be_slice(value, slice, index):
            return self.sliced(value, part, node)
        whole = isinstance(slice, ast.Slice) or self.is_type(index, *FRAMES) and not self.is_type(index, MAYBE_NUMBER)
        if self.may_be_cell(value, slice, index):
            return part._replace(types=None)
        return part._replace(types=value.types) if whole and self.is_type(value, *FRAMES) else part

    def run_index(self, value: Value, index: Value, node: ast.AST) -> None:
        """A frame calls the function that it is asked for: `df.loc[lambda d: d.x > 3]`."""
        if self.is_type(value, *FRAMES) and not self.heap.functions.keys().isdisjoint(deep_objects(index)):
            self.run_reached(deep_objects(index) | value.objects, node, (index,))

    def selection(self, value: Value, node: ast.AST) -> Value:
        """A frame or array of some of the rows or columns of another, with what stands in its cells."""
        self.use(value)
        copy, cells = self.fresh(node, value.types), self.cells(value)
        self.heap.store(copy.objects if cells else (), ELEMENT, Value(cells))
        return copy

    def path_item(self, value: Value) -> Value:
        """What a subscript of something in a library may be."""
        if AMBIENT_PATHS.get(value.path) == "os.environ":
            return typed("str")
        return Value(path=value.path) if value.path.startswith("typing.") else self.library(value.path).sharing(value.objects)

    def may_be_slice(self, value: Value, slice: ast.expr, index: Value) -> bool:
        """Whether a subscript may take several parts of a sequence at once: `k = slice(2); rows[k]`."""
        many = isinstance(slice, ast.Slice) or index.constant is UNKNOWN and (index.types is None or SLICE in index.types)
        kinds = value.types or frozenset().union(*(self.heap.kinds.get(object) or SEQUENCES for object in value.objects))
        return many and any(self.knowledge.is_a(kind, sequence) for kind in kinds for sequence in SEQUENCES)

    def sliced(self, value: Value, part: Value, node: ast.AST) -> Value:
        """What may be one part, or a new container of such parts, or a view of the whole."""
        copy = self.fresh(node)
        self.heap.store(copy.objects, ELEMENT, part)
        return join(part, copy).sharing(value.objects)._replace(types=None)

    def may_be_cell(self, value: Value, slice: ast.expr, index: Value) -> bool:
        """Whether `df.loc[row, column]` may be what one cell holds, which can be anything."""
        if not isinstance(slice, ast.Tuple) or not self.is_type(value, "pandas.DataFrame"):
            return False
        parts = zip(slice.elts, index.elements or (), strict=False)
        return not any(isinstance(node, ast.Slice) or self.selects_copy(node, part) for node, part in parts)

    def selects_copy(self, slice: ast.expr, index: Value) -> bool:
        """Whether a selection from a frame or array is surely a copy: a mask or a list of labels (`m[i & 1]` is a row where `i` is a number)."""
        combined = isinstance(slice, (ast.BinOp, ast.UnaryOp)) and isinstance(slice.op, (ast.BitAnd, ast.BitOr, ast.Invert))
        written = isinstance(slice, (ast.Compare, ast.List, ast.ListComp))
        return written or combined and self.is_type(index, *FRAMES) or self.is_type(index, "list")

    def part(self, value: Value, index: Value) -> Value:
        """One part of a container: by its constant key where that is known, else any of its elements."""
        items = {self.knowledge.item(kind) for kind in value.types or () if kind in self.knowledge.types}
        types = frozenset(items) if items and "" not in items else None
        found = self.stored(value, key_of(index) if isinstance(index.constant, str) else None)
        if self.is_type(value, *FRAMES) and not self.immutable(types):
            return Value(value.objects | (deep_objects(found) if found is not None else frozenset()), types, shows=value.shows)
        if found is not None and self.closed(value):
            return found
        if types is not None and self.immutable(types):
            self.use(value)
            return Value(types=types, shows=value.shows)
        rest = Value(value.objects, types, shows=value.shows)
        return rest if found is None else join(found, rest)

    def stored(self, value: Value, key: str | None) -> Value | None:
        """What is known to be stored under a key (or under any, with None) of the objects a value may be; looking depends on these objects."""
        self.touches.uses.update(Location("object", object) for object in value.objects)
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
        kinds = {self.knowledge.iterates(kind) for kind in value.types or () if kind in self.knowledge.types}
        types = frozenset(kinds) if kinds and "" not in kinds else None
        rest = Value(types=types) if types is not None and self.immutable(types) else Value(value.objects, types)
        if types is not None and self.is_type(value, *FRAMES):  # what its cells hold is part of what it gives, not beside it
            return rest.sharing(deep_objects(found) if found is not None and not self.immutable(types) else ())
        return rest if found is None else join(found, rest)

    def consume(self, *values: Value, node: ast.AST, surely: bool = False) -> None:
        """A known call may read iterators and generators it is given to their end; one that `surely` does also what may be an iterator."""
        for value in values:
            known = any((rule := self.knowledge.types.get(kind)) is not None and rule.consumed for kind in value.types or ())
            if known or surely and self.is_consumed(value):
                self.use_up(value)
                self.run_code(value, node)

    def use_up(self, value: Value) -> None:
        """Change those of the objects that going through them may use up."""
        objects = frozenset(object for object in deep_objects(value) if self.is_consumed(Value(types=self.heap.kinds.get(object))))
        self.update(Value(objects | self.generators_in(Value(objects))))
        for object in sorted(objects):
            source = self.heap.fields.get(object, {}).get(SOURCE_FIELD)
            if source is not None and self.is_news(object):
                self.use_up(source)
                self.run_reached(self.heap.reach(deep_objects(source)), ast.Pass(lineno=0, col_offset=0), (source,))

    def fresh(self, node: ast.AST, types: Iterable[str] | None = None, tag: str = "") -> Value:
        value = super().fresh(node, types, tag)
        for sort, bases in SORTS.items():
            if value.types and not value.types.isdisjoint(self.knowledge.kinds_of(*bases)):
                self.heap.sorted.setdefault(sort, set()).update(value.objects)
        return value

    def generators_in(self, value: Value) -> frozenset[str]:
        """The random generators that a value may hold."""
        random = self.heap.sorted.get("random")
        return self.heap.reach(deep_objects(value)) & random if random else frozenset()

    def cells(self, *values: Value) -> frozenset[str]:
        """The lists and objects that stand in the cells of the frames and arrays among the values, or in a list of them."""
        held = (part for value in values for part in (value, *self.heap.parts(value.objects)) if self.is_type(part, *FRAMES))
        reached = self.heap.reach(object for part in held for object in deep_objects(part))
        return reached & self.heap.sorted.get("cell", set()) | reached & self.heap.instances.keys()

    def iterate(self, value: Value, node: ast.AST) -> Value:
        """Loop over a value: iterators are consumed, generators run, anything unknown may be either."""
        self.use(value)
        if self.is_consumed(value):
            self.use_up(value)
        self.run_code(value, node)
        self.touch_instances(value, node=node, only=LOOP)
        return self.element(value)

    def is_consumed(self, value: Value) -> bool:
        """Whether going through the value may use it up."""
        if self.immutable(value.types):
            return False
        rules = [self.knowledge.types.get(kind) for kind in value.types or ()]
        return value.types is None or any(rule is None or rule.consumed for rule in rules)

    if TYPE_CHECKING:  # the rest of the interpreter

        def evaluate(self, node: ast.expr | None) -> Value: ...
        def assign(self, target: ast.expr, value: Value) -> None: ...
        def own_attribute(self, value: Value, name: str, node: ast.AST) -> Value: ...
        def touch_instances(self, *values: Value, node: ast.AST, only: frozenset[str] | None = None) -> None: ...
        def run_reached(self, objects: Iterable[str], node: ast.AST, given: Iterable[Value] = (), first: Value | None = None) -> Value: ...
        def is_news(self, *key: str | frozenset[str]) -> bool: ...
        def run_code(self, value: Value, node: ast.AST) -> None: ...
        def run_function(self, function: Function, frame: Frame, node: ast.AST) -> Value: ...
