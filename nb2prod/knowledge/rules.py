"""The shape of library knowledge in memory: rules for calls, rules for types, and how one is found for a call.

knowledge.function("sklearn.metrics.accuracy_score")   -> Rule(shows="conclusion", returns="float")
knowledge.method("pandas.DataFrame", "head")           -> Rule(shows="peek", returns="self-type", shares=(Argument(name="self"),))
knowledge.method("pandas.DataFrame", "frobnicate")     -> None: unknown, so it may do anything
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

Shows = Literal["", "peek", "summary", "conclusion", "caption"]


class Argument(NamedTuple):
    """An argument of a call: by position, by keyword, or both; `name` may also be "self" (the receiver) or "*" (every argument)."""

    position: int | None = None
    name: str = ""


class Condition(NamedTuple):
    """When a target is touched: the argument is given (and not literally False or None), is not given, or is literally `value`."""

    argument: Argument
    given: bool = True
    value: object = ...


class Target(NamedTuple):
    """What a call changes: an argument's object or a piece of ambient state ("rng:numpy"), perhaps only under a condition."""

    argument: Argument | None = None
    ambient: str = ""
    condition: Condition | None = None


class Resource(NamedTuple):
    """What a call reads or writes outside the process: a file, database, the network or a shell command; named by an argument where there is one."""

    kind: Literal["file", "database", "network", "shell"]
    argument: Argument | None = None


@dataclass(frozen=True)
class Rule:
    """All that is known of one function or method. An empty rule means: changes nothing, returns something new of unknown type."""

    updates: tuple[Target, ...] = ()
    sets: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    stores: tuple[Argument, ...] = ()
    reads: tuple[Resource, ...] = ()
    writes: tuple[Resource, ...] = ()
    returns: str = ""
    returns_with: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[Argument, ...] = ()
    shows: Shows = ""


@dataclass(frozen=True)
class TypeRule:
    """All that is known of one type: whether it can change, what its items, iteration and attributes are, what showing it bare means."""

    name: str
    bases: tuple[str, ...] = ()
    mutable: bool = True
    item: str = ""
    iterates: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    shows: Shows = ""
    consumed: bool = False
    spares_data: bool = False


@dataclass(frozen=True)
class Knowledge:
    """Every rule of every library. Names ending in ".*" in the files serve every deeper name that has no rule of its own."""

    functions: Mapping[str, Rule] = field(default_factory=dict)
    methods: Mapping[tuple[str, str], Rule] = field(default_factory=dict)
    types: Mapping[str, TypeRule] = field(default_factory=dict)
    families: Mapping[str, Rule] = field(default_factory=dict)

    def function(self, name: str) -> Rule | None:
        """The rule for a function or class by its dotted path, or None when nothing is known of it."""
        rule = self.functions.get(name)
        while rule is None and "." in name:
            name = name.rpartition(".")[0]
            rule = self.families.get(name)
        return rule

    def method(self, type: str, name: str) -> Rule | None:
        """The rule for a method of a type, looked up through its bases."""
        for ancestor in self.ancestors(type):
            rule = self.methods.get((ancestor, name)) or self.methods.get((ancestor, "*"))
            if rule is not None:
                return rule
        return None

    def methods_named(self, name: str) -> Sequence[Rule]:
        """The rules for the methods of this name, of whatever type."""
        return self._methods_by_name.get(name, ())

    @cached_property
    def _methods_by_name(self) -> Mapping[str, Sequence[Rule]]:
        found: dict[str, list[Rule]] = {}
        for (_, name), rule in self.methods.items():
            found.setdefault(name, []).append(rule)
        return found

    def can_be_called(self, type: str) -> bool:
        """Whether a rule says what calling an object of this type does."""
        return any((ancestor, "__call__") in self.methods for ancestor in self.ancestors(type))

    def attribute(self, type: str, name: str) -> str | None:
        """The type of an attribute ("self" for the receiver's own type, "*" standing for any other name), or None when it is not known."""
        rules = [rule for ancestor in self.ancestors(type) if (rule := self.types.get(ancestor))]
        return next((rule.attributes[key] for key in (name, "*") for rule in rules if key in rule.attributes), None)

    def item(self, type: str) -> str:
        """The type of what a subscript gives, or nothing when it is not known."""
        return next((rule.item for ancestor in self.ancestors(type) if (rule := self.types.get(ancestor)) and rule.item), "")

    def iterates(self, type: str) -> str:
        """The type of what a loop gives, or nothing when it is not known."""
        return next((rule.iterates for ancestor in self.ancestors(type) if (rule := self.types.get(ancestor)) and rule.iterates), "")

    def ancestors(self, type: str) -> tuple[str, ...]:
        """The type and all its known bases, nearest first."""
        known = self._ancestors.get(type)
        if known is None:
            seen: dict[str, None] = {}
            waiting = [type]
            while waiting:
                name = waiting.pop(0)
                if name not in seen:
                    seen[name] = None
                    waiting.extend(self.types[name].bases if name in self.types else ())
            known = tuple(seen)
            if type in self.types:  # names from notebooks have no end
                self._ancestors[type] = known
        return known

    @cached_property
    def _ancestors(self) -> dict[str, tuple[str, ...]]:
        return {}

    def kinds_of(self, *bases: str) -> frozenset[str]:
        """The known types that are one of these."""
        if bases not in self._kinds:
            self._kinds[bases] = frozenset(kind for kind in self.types if not set(bases).isdisjoint(self.ancestors(kind)))
        return self._kinds[bases]

    @cached_property
    def _kinds(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    @cached_property
    def libraries(self) -> frozenset[str]:
        """Libraries that have rules, and the standard library."""
        return frozenset(name.partition(".")[0] for name in self.functions) | sys.stdlib_module_names

    @cached_property
    def modules(self) -> frozenset[str]:
        """The libraries, and everything else that has known functions in it."""
        return (frozenset(name.rpartition(".")[0] for name in self.functions) - self.functions.keys()) | self.libraries

    @cached_property
    def handles(self) -> frozenset[str]:
        """Types that stand for an opened resource: those with a method that reads or writes their own."""
        methods = self.methods.items()
        own = (kind for (kind, _), rule in methods for one in (*rule.reads, *rule.writes) if one.argument and one.argument.name == "self")
        return frozenset(own) - {"pathlib.Path"}

    def is_a(self, type: str, base: str) -> bool:
        return base in self.ancestors(type)
