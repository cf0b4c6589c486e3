"""The end of objects that somebody notices: instances with `__del__`, and what weak references point at.

r = Connection()      r = None      runs Connection.__del__, so it depends on every name that held the connection
cache["a"] = a        del a         changes `cache`, if that is a weakref.WeakValueDictionary

Nobody counts references here: whoever binds or changes anything that holds such an object may have ended it.
"""

from __future__ import annotations

import ast

from nb2prod.analysis.contexts import OUTSIDE_CODE, Contexts
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.values import ELEMENT, Value, deep_objects


class Lifetimes(Contexts):
    """`let_go`, called when a statement is done."""

    def call_path(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Remember what holds weakly; collecting garbage may end anything."""
        if path == "gc.collect":
            self.end_of(self.noticed())
        if not path.startswith("weakref."):
            return super().call_path(path, arguments, node)
        earlier = self.heap.reach(object for value in arguments.values for object in deep_objects(value))
        value = super().call_path(path, arguments, node)
        self.heap.weak.update(value.objects - earlier)
        self.heap.store(value.objects - earlier, ELEMENT, Value(earlier))
        return value

    def noticed(self) -> frozenset[str]:
        """The objects whose end has an effect."""
        deleted = any(".__del__" in self.heap.fields.get(one, {}) for one in self.heap.classes)
        ending = {
            object
            for object, owner in (self.heap.instances.items() if deleted else ())
            if any(".__del__" in self.heap.fields.get(one, {}) for one in self.lineage(owner))
        }
        return self.heap.reach(self.heap.weak) - self.heap.weak | ending | self.heap.finishing  # whose `finally` runs then

    def let_go(self) -> None:
        """What the statement bound anew or changed may have been the last to hold an object."""
        noticed = self.noticed()
        if not noticed:
            return
        values = [names[name] for name in self.bound for names in (self.before, self.names) if name in names]
        changed = {location.key for location in self.touches.updates if location.kind == "object"}
        self.end_of(self.heap.reach({*changed, *(object for value in values for object in deep_objects(value))}) & noticed)

    def end_of(self, objects: frozenset[str]) -> None:
        """Run what happens at the end of these objects."""
        ended = Value(objects)
        self.use(ended)
        self.update(ended)
        for object in sorted(objects & self.heap.instances.keys()):
            self.run_method(Value(frozenset({object})), "__del__", ended, OUTSIDE_CODE)
        self.run_code(ended, OUTSIDE_CODE)
        for holder in sorted(self.heap.weak):
            held = self.heap.reach([holder])
            if held & objects:
                self.update(Value(frozenset({holder})))
                self.run_reached(held, OUTSIDE_CODE)
