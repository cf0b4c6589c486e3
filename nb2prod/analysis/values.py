"""The abstract values of the analysis: what an expression may be, without running it.

df = pd.read_csv("a.csv")     Value(objects={"0.1:1"}, types={"pandas.DataFrame"})      a new object, named by where it was made
s = df["x"]                   Value(objects={"0.1:1"}, types={"pandas.Series"})         may be a view: shares the object
n = len(df)                   Value(types={"int"})                                      nobody can change it: no object
p = "out/" + "a.csv"          Value(types={"str"}, constant="out/a.csv")                folded, for resources
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from nb2prod.model.dataflow import Location

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN"})()
ELEMENT = "[]"
ALTERNATIVES = 4
SHOWS = ("caption", "peek", "summary", "conclusion")


class Value(NamedTuple):
    """What an expression may be.

    `objects` are the objects it may be (none: nobody can change it); `types` its possible types by dotted name (None: anything);
    `constant` its folded value; `path` the dotted name of a library thing ("numpy.random.seed", or "a.b|c.d" where it may be either);
    `elements` the parts of a tuple;
    `shows` what displaying it would be; `predicted` that a fitted model gave it.
    """

    objects: frozenset[str] = frozenset()
    types: frozenset[str] | None = None
    constant: Any = UNKNOWN
    path: str = ""
    elements: tuple[Value, ...] | None = None
    shows: str = ""
    predicted: bool = False

    def sharing(self, objects: Iterable[str]) -> Value:
        both = union(self.objects, frozenset(objects))
        return self if both is self.objects else self._replace(objects=both)


NOTHING = Value(types=frozenset({"NoneType"}), constant=None)
ANYTHING = Value()


def typed(*types: str, **rest: Any) -> Value:
    return Value(types=frozenset(types), **rest)


def constant(value: object) -> Value:
    return Value(types=frozenset({type(value).__name__}), constant=value)


def join(*values: Value) -> Value:
    """The least value that covers all of them."""
    if not values:
        return ANYTHING
    first, *others = values
    for other in others:
        if adds_nothing(first, other) or other == first:
            continue
        same_length = first.elements is not None and other.elements is not None and len(first.elements) == len(other.elements)
        first = Value(
            objects=union(first.objects, other.objects),
            types=None if first.types is None or other.types is None else first.types | other.types,
            constant=first.constant if same_constant(first.constant, other.constant) else UNKNOWN,
            path=either_path(first.path, other.path),
            elements=tuple(join(a, b) for a, b in zip(first.elements or (), other.elements or (), strict=False)) if same_length else None,
            shows=max(first.shows, other.shows, key=lambda shows: SHOWS.index(shows) if shows else 3),
            predicted=first.predicted and other.predicted,
        )
    return first


def adds_nothing(first: Value, other: Value) -> bool:
    """Whether a value of which nothing is known but its objects covers the other one: most joins are such, and this is their short way."""
    return other is first or (
        first.types is None
        and other.objects <= first.objects
        and not (first.shows or first.predicted or other.path)
        and first.constant is UNKNOWN
        and first.elements is None
    )


def union(a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
    """The union, as one of the two where it is equal to it: that many values share one set makes `reach` fast."""
    return b if a <= b else a if b <= a else a | b


def key_of(index: Value) -> str:
    """The field an item is kept under: its own for a text, one for all else, for 1, True and -2 may be the same place."""
    return f"[{index.constant!r}]" if isinstance(index.constant, str) else ELEMENT


def where(node: ast.AST) -> str:
    """Where a node begins and ends in its cell, which tells `{...}.items()` from the dictionary that it begins with."""
    line, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", None) or 0
    until = getattr(node, "end_col_offset", 0)
    return f"{line}.{getattr(node, 'col_offset', 0)}-" + (f"{until}" if end == line else f"{end}.{until}")


def either_path(a: str, b: str) -> str:
    """The library things two values may be, as "a.b|c.d"; too many are "?", something of an unknown library."""
    paths = sorted({path for path in (*a.split("|"), *b.split("|")) if path})
    return "|".join(paths) if len(paths) <= ALTERNATIVES else "?"


def same_constant(a: object, b: object) -> bool:
    """Equality that keeps 1, 1.0 and True apart and never asks a foreign object."""
    return type(a) is type(b) and (a is b or a == b)


class Scope(dict[str, Value]):
    """The local names of one call; `object` stands for it where functions made in it can see and change them later."""

    object: str = ""


@dataclass
class Function:
    """A function of the notebook as the analysis calls it: its code, default values and the scopes it closes over.

    `key` tells functions apart; `kind` is "static" or "class" for such methods, "property" or "cached" for properties; a `remembers`
    function may give back what it gave before; one that `waits` runs its body only when what it gives is consumed.
    """

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    key: str = ""
    closure: tuple[Scope, ...] = ()
    defaults: tuple[Value, ...] = ()
    keyword_defaults: tuple[Value | None, ...] = ()
    bound_to: Value | None = None
    kind: str = ""
    remembers: bool = False
    waits: bool = False

    @property
    def body(self) -> list[ast.stmt]:
        if isinstance(self.node, ast.Lambda):
            return [ast.copy_location(ast.Return(self.node.body), self.node.body)]
        return self.node.body


@dataclass
class Class:
    """A class of the notebook: the names its body surely binds, and its bases (notebook classes or library paths)."""

    name: str
    members: frozenset[str] = frozenset()
    bases: tuple[Value, ...] = ()


@dataclass
class Touches:
    """Everything one top-level statement touches, gathered while it is interpreted.

    `values` is what each expression came to, in the order of evaluation, also those of functions that the statement called. `observed` is
    what only a run showed, in words. `shows_by_code` says that showing its value changes something, by a method of the notebook's own class.
    """

    defines: set[Location] = field(default_factory=set)
    updates: set[Location] = field(default_factory=set)
    uses: set[Location] = field(default_factory=set)
    writes_out: set[Location] = field(default_factory=set)
    opaque: str = ""
    prints: bool = False
    printed: list[Value] = field(default_factory=list)
    draws: bool = False
    undefined: set[str] = field(default_factory=set)
    unknown_call: str = ""
    drawn: set[str] = field(default_factory=set)
    displayed: list[Value] = field(default_factory=list)
    dynamic: bool = False
    shows_figures: bool = False
    looks: bool = False
    shows_by_code: bool = False
    asks: bool = False
    value: Value = ANYTHING
    fits: set[str] = field(default_factory=set)
    transforms: set[str] = field(default_factory=set)
    raised: list[Value] = field(default_factory=list)
    values: dict[ast.expr, Value] = field(default_factory=dict)
    observed: dict[Location, str] = field(default_factory=dict)


@dataclass
class Heap:
    """What objects hold: their known parts by field (".name", "['key']", "[]" for any element) and all of them as `held`, resources they were
    opened on, code they carry.

    `closed` objects hold nothing but what `fields` says; any other object also stands for parts of it that nobody has seen. `written` are
    handles that something was written to; `foreign` objects came from a library nobody knows; `libraries` hold these library functions,
    `weak` ones hold weakly, `hooks` may run or change at any statement, `sorted` are some by their sort. `version` counts what was learnt.
    `finishing` are generators that may have something to do at their end; `places` are modules that were changed and scopes that functions
    close over.
    """

    fields: dict[str, dict[str, Value]] = field(default_factory=dict)
    held: dict[str, frozenset[str]] = field(default_factory=dict)
    resources: dict[str, frozenset[Location]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    methods: dict[str, tuple[Value, str]] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    generators: dict[str, tuple[Function, Scope]] = field(default_factory=dict)
    finishing: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    foreign: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, frozenset[str] | None] = field(default_factory=dict)
    libraries: dict[str, frozenset[str]] = field(default_factory=dict)
    weak: set[str] = field(default_factory=set)
    hooks: set[str] = field(default_factory=set)
    sorted: dict[str, set[str]] = field(default_factory=dict)
    version: int = 0
    work: int = 0
    reached: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)

    def store(self, objects: Iterable[str], name: str, value: Value) -> None:
        """Remember that each of the objects may hold the value under a field (never forgetting what it held before)."""
        for object in objects:
            self.work += 1
            parts = self.fields.setdefault(object, {})
            if not parts and object.startswith("module:"):
                self.places.add(object)
            if name in parts and adds_nothing(parts[name], value):
                continue
            joined = join(parts[name], value) if name in parts else value
            if name not in parts or joined != parts[name]:
                parts[name] = joined
                self.held[object] = union(self.held.get(object, frozenset()), deep_objects(joined))
                if paths := deep_paths(value):
                    self.libraries[object] = self.libraries.get(object, frozenset()) | paths
                self.version += 1
                self.reached.clear()

    def parts(self, objects: Iterable[str]) -> list[Value]:
        return [value for object in objects for value in self.fields.get(object, {}).values()]

    def reach(self, objects: Iterable[str]) -> frozenset[str]:
        """The objects and everything they may hold, however deep."""
        start = frozenset(objects)
        if start in self.reached:
            return self.reached[start]
        seen: set[str] = set(start)
        waiting = list(start)
        known: set[int] = set()
        while waiting:
            held = self.held.get(waiting.pop())
            if held is not None and id(held) not in known:  # that many objects hold the same makes it fast
                known.add(id(held))
                waiting.extend(held - seen)
                seen |= held
        self.work += len(seen)
        self.reached[start] = frozenset(seen)
        return self.reached[start]

    def code(self) -> set[str]:
        """The objects that are code: functions, methods, generators, classes, modules that were changed, the scopes that functions close over."""
        return self.places.union(self.functions, self.methods, self.classes, self.generators)

    def code_among(self, objects: frozenset[str]) -> frozenset[str]:
        """Those of the objects that are code: the notebook may have much more of it."""
        tables = (self.places, self.functions.keys(), self.methods.keys(), self.classes.keys(), self.generators.keys())
        return frozenset(object for table in tables for object in objects & table)

    def own_among(self, objects: frozenset[str]) -> frozenset[str]:
        """Those of the objects that are code, or made of the notebook's own classes."""
        return self.code_among(objects) | objects & self.instances.keys()

    def blurred(self, value: Value, anything: str, code: set[str]) -> Value:
        """A value of which nothing is known any more but the code it may be."""
        return Value(frozenset({anything, *(deep_objects(value) & code)}), path=value.path)

    def blur(self, anything: str) -> set[str]:
        """Make all objects but code one, which holds everything; gives what was kept apart."""
        code = self.code()
        kept = {object: {name: self.blurred(held, anything, code) for name, held in self.fields.get(object, {}).items()} for object in code}
        self.fields = {**kept, anything: {ELEMENT: Value(frozenset({anything, *code}))}}
        self.held = {object: frozenset().union(*map(deep_objects, parts.values())) for object, parts in self.fields.items()}
        for object, function in self.functions.items():
            bound = None if function.bound_to is None else self.blurred(function.bound_to, anything, code)
            defaults = tuple(self.blurred(value, anything, code) for value in function.defaults)
            keywords = tuple(value and self.blurred(value, anything, code) for value in function.keyword_defaults)
            self.functions[object] = replace(function, bound_to=bound, defaults=defaults, keyword_defaults=keywords)
        for scope in [
            *(scope for function in self.functions.values() for scope in function.closure),
            *(names for _, names in self.generators.values()),
        ]:
            scope.update({name: self.blurred(value, anything, code) for name, value in scope.items()})
        self.methods = {object: (self.blurred(receiver, anything, code), name) for object, (receiver, name) in self.methods.items()}
        self.resources = {anything: frozenset().union(*self.resources.values())}
        self.written = {anything} if self.written else set()
        self.weak = {anything} if self.weak else set()
        self.sorted = {sort: {anything} for sort in self.sorted}
        self.hooks = {anything, *(self.hooks & code)} if self.hooks else set()
        self.foreign = {anything: sorted(self.foreign.values())[0]} if self.foreign else {}
        self.instances.clear()
        self.closed.clear()
        self.version += 1
        self.reached.clear()
        return code


def deep_objects(value: Value) -> frozenset[str]:
    """The objects of a value and of the tuple parts it is known by."""
    if value.elements is None:
        return value.objects
    return value.objects.union(*(deep_objects(element) for element in value.elements or ()))


def deep_paths(value: Value) -> frozenset[str]:
    """The library things a value and the tuple parts it is known by may be."""
    return frozenset(value.path.split("|") if value.path else ()).union(*(deep_paths(element) for element in value.elements or ()))
