"""What loops get from pairs: `zip`, `enumerate`, the views of a dictionary, the rows and groups of a frame.

for name, model in models.items(): model.fit(X, y)      model is any of the values of models
for i, (x, y) in enumerate(zip(xs, ys)): ...            i is an int, x an element of xs, y one of ys
for key, group in df.groupby("shop"): group.mean()      group is a frame that may share df
"""

from __future__ import annotations

import ast

from nb2prod.analysis.calls import Calls
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.values import Value, join, typed
from nb2prod.knowledge import Rule

PART = ".part"  # the field of a pairing object that holds what it goes through; the rank follows
VIEWS = ("items", "values")
GROUPS = "pandas.core.groupby.groupby.BaseGroupBy"
ROWS = {"iterrows": "pandas.Series", "items": "pandas.Series", "iteritems": "pandas.Series"}
ROW = ".row"
PAIRINGS = tuple(frozenset({kind}) for kind in ("zip", "enumerate", "dict_items", "dict_values", "generator"))


class Pairing(Calls):
    """Remembers what pairing objects go through, and says what one element of them is."""

    def result(self, rule: Rule, receiver: Value | None, name: str, arguments: Arguments, node: ast.AST) -> Value:
        value = super().result(rule, receiver, name, arguments, node)
        sources = self.sources(receiver, name, arguments)
        if sources and value.types in PAIRINGS:
            own = self.fresh(node, value.types).objects
            for rank, source in enumerate(sources):
                self.heap.store(own, f"{PART}{rank}", source)
            if value.types == {"generator"}:
                self.heap.store(own, ROW, typed(ROWS[name]))
            self.heap.closed |= own
        return value

    def sources(self, receiver: Value | None, name: str, arguments: Arguments) -> tuple[Value, ...]:
        """What the pairs that a call gives are made of; nothing where it gives no pairs."""
        if receiver is None:
            return arguments.positional if name in ("builtins.zip", "builtins.enumerate") and not arguments.spread else ()
        if name in VIEWS and self.is_type(receiver, "dict") or name in ROWS and self.is_type(receiver, "pandas.NDFrame"):
            return (receiver,)
        return ()

    def element(self, value: Value) -> Value:
        if value.elements is None and self.is_type(value, GROUPS):
            return pair(value, Value(value.objects), Value(value.objects, frozenset({"pandas.NDFrame"})))
        parts = self.parts_of(value)
        if not parts:
            return super().element(value)
        if value.types == {"dict_values"}:
            return self.element(parts[0])
        if value.types == {"dict_items"}:
            return pair(value, self.key(parts[0]), self.element(parts[0]))
        if value.types == {"generator"}:
            return pair(value, Value(value.objects), self.rows(value)._replace(objects=parts[0].objects))
        if value.types == {"enumerate"}:
            return pair(value, typed("int"), self.element(parts[0]))
        return pair(value, *(self.element(part) for part in parts))

    def parts_of(self, value: Value) -> list[Value]:
        """What a pairing object goes through, in order; nothing for any other value, or where one of those it may be is not known."""
        if value.types not in PAIRINGS or value.objects & self.heap.generators.keys():
            return []
        made = [self.heap.fields.get(object, {}) for object in value.objects if self.heap.kinds.get(object) == value.types]
        if not all(f"{PART}0" in own for own in made):
            return []
        count = min((sum(key.startswith(PART) for key in own) for own in made), default=0)
        return [join(*(own[f"{PART}{rank}"] for own in made)) for rank in range(count)]

    def rows(self, value: Value) -> Value:
        return join(*(own[ROW] for object in value.objects if ROW in (own := self.heap.fields.get(object, {}))))

    def key(self, value: Value) -> Value:
        """A key of a dictionary: a text where all its keys are written out as texts."""
        names = [key for object in value.objects for key in self.heap.fields.get(object, {}) if key.startswith("[")]
        texts = bool(names) and self.closed(value) and all(key.startswith(("['", '["')) for key in names)
        return typed("str") if texts else Value(value.objects)


def pair(source: Value, *elements: Value) -> Value:
    """A tuple of known elements, which shares what it comes from."""
    return Value(source.objects, frozenset({"tuple"}), elements=elements)
