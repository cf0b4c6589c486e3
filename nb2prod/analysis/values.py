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
from typing import Any

from nb2prod.model.dataflow import Location

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN"})()
ELEMENT = "[]"
SHOWS = ("peek", "summary", "conclusion")


@dataclass(frozen=True)
class Value:
    """What an expression may be.

    `objects` are the objects it may be (none: nobody can change it); `types` its possible types by dotted name (None: anything);
    `constant` its folded value; `path` the dotted name of a library thing ("numpy.random.seed"); `elements` the parts of a tuple;
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
        return replace(self, objects=self.objects | frozenset(objects))


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
        if other == first:
            continue
        same_length = first.elements is not None and other.elements is not None and len(first.elements) == len(other.elements)
        first = Value(
            objects=first.objects | other.objects,
            types=None if first.types is None or other.types is None else first.types | other.types,
            constant=first.constant if same_constant(first.constant, other.constant) else UNKNOWN,
            path=first.path if first.path == other.path else "",
            elements=tuple(join(a, b) for a, b in zip(first.elements or (), other.elements or ())) if same_length else None,
            shows=max(first.shows, other.shows, key=lambda shows: SHOWS.index(shows) if shows else 3),
            predicted=first.predicted and other.predicted,
        )
    return first


def same_constant(a: object, b: object) -> bool:
    """Equality that keeps 1, 1.0 and True apart and never asks a foreign object."""
    return type(a) is type(b) and (a is b or a == b)


@dataclass
class Function:
    """A function of the notebook as the analysis calls it: its code, default values and the scopes it closes over."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    closure: tuple[dict[str, Value], ...] = ()
    defaults: tuple[Value, ...] = ()
    keyword_defaults: tuple[Value | None, ...] = ()
    bound_to: Value | None = None

    @property
    def body(self) -> list[ast.stmt]:
        if isinstance(self.node, ast.Lambda):
            return [ast.copy_location(ast.Return(self.node.body), self.node.body)]
        return self.node.body


@dataclass
class Class:
    """A class of the notebook: its methods by name, and its bases (notebook classes or library paths)."""

    name: str
    methods: dict[str, str] = field(default_factory=dict)
    properties: frozenset[str] = frozenset()
    bases: tuple[Value, ...] = ()
    attributes: Value = ANYTHING


@dataclass
class Touches:
    """Everything one top-level statement touches, gathered while it is interpreted."""

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
    asks: bool = False
    value: Value = ANYTHING
    fits: set[str] = field(default_factory=set)
    transforms: set[str] = field(default_factory=set)


@dataclass
class Heap:
    """What objects hold: their known parts by field (".name", "['key']", "[]" for any element), resources they were opened on, code they carry.

    `closed` objects hold nothing but what `fields` says; any other object also stands for parts of it that nobody has seen.
    """

    fields: dict[str, dict[str, Value]] = field(default_factory=dict)
    resources: dict[str, frozenset[Location]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    generators: dict[str, tuple[Function, dict[str, Value]]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def store(self, objects: Iterable[str], name: str, value: Value) -> None:
        """Remember that each of the objects may hold the value under a field (never forgetting what it held before)."""
        for object in objects:
            parts = self.fields.setdefault(object, {})
            parts[name] = join(parts[name], value) if name in parts else value

    def parts(self, objects: Iterable[str]) -> list[Value]:
        return [value for object in objects for value in self.fields.get(object, {}).values()]

    def reach(self, objects: Iterable[str]) -> frozenset[str]:
        """The objects and everything they may hold, however deep."""
        seen: set[str] = set()
        waiting = list(objects)
        while waiting:
            object = waiting.pop()
            if object not in seen:
                seen.add(object)
                for part in self.fields.get(object, {}).values():
                    waiting.extend(part.objects)
                    waiting.extend(deep_objects(part))
        return frozenset(seen)

    def size(self) -> int:
        return sum(len(part.objects) + 1 for parts in self.fields.values() for part in parts.values())


def deep_objects(value: Value) -> frozenset[str]:
    """The objects of a value and of the tuple parts it is known by."""
    return value.objects.union(*(deep_objects(element) for element in value.elements or ()))
