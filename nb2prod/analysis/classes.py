"""The notebook's own classes: instances, attributes, methods and the special methods that operators call.

account.pay(3)       walks `pay` of the class (or of its bases) with `self` the instance
bag += 1             walks `__iadd__`, which may change the bag
Account.rate = 2     changes the class, and so every instance that reads `rate`
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nb2prod.analysis.functions import Arguments, Functions
from nb2prod.analysis.values import ELEMENT, Value, deep_objects, join
from nb2prod.model.dataflow import Location

CATCHING = frozenset({"__getattr__", "__getattribute__"})
SETTING = frozenset({"__setattr__", "__delattr__"})
DESCRIBING = frozenset({"__get__", "__set__", "__delete__", "__set_name__"})
CREATING = ("__new__", "__init__", "__post_init__")
CHECKING = frozenset({"__instancecheck__", "__subclasscheck__", "__subclasshook__"})
ABOUT_CLASSES = frozenset({"__subclasshook__", "__class_getitem__"})  # what is asked of a class by its own method
BORN = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__"})


class Classes(Functions):
    """`instantiate`, `own_attribute`, `touch_instances`."""

    def instantiate(self, object: str, arguments: Arguments, node: ast.AST) -> Value:
        """Make an instance of a notebook class and run what makes it."""
        value = self.fresh(node, [f"notebook.{self.heap.classes[object].name}"], tag=":instance")
        for made in value.objects:
            self.heap.instances[made] = object
        self.use(*arguments.values)
        self.touches.uses.add(Location("object", object))
        self.call_metaclass(object, node)
        found = False
        for name in CREATING:
            member = self.member(object, name)
            if name == "__post_init__" and (not found or self.library_bases(object)):
                self.fill_fields(value, arguments)
            if member is not None:
                found = True
                given = arguments if name != "__post_init__" else Arguments()
                owner = Value(frozenset({object}), frozenset({"type"}))
                if name == "__new__":
                    given = replace(given, positional=(owner, *given.positional))
                    value = join(*(self.call_value(each, given, node) for each in self.bind_member(member, owner, name, node)))
                    continue
                for each in self.bind_member(member, value, name, node):
                    self.call_value(each, given, node)
        if not found:
            self.run_factories(object, value, node)
        return value

    def run_factories(self, object: str, made: Value, node: ast.AST) -> None:
        """What a data class was told to make its fields with runs for each instance, which holds what that gives."""
        for held in [held for one in self.lineage(object) for held in self.heap.fields.get(one, {}).values()]:
            if not deep_objects(held) <= self.heap.functions.keys():
                given = self.run_reached(
                    self.heap.reach(deep_objects(held)) & (self.heap.functions.keys() | self.heap.methods.keys()), node
                )
                self.heap.store(made.objects, ELEMENT, given)
                reached = self.heap.reach(deep_objects(held))
                self.update(*([Value(reached - self.heap.code_among(reached))] if held.types is None else []))

    def call_metaclass(self, object: str, node: ast.AST) -> None:
        """Calling a class runs what its metaclass says about calls."""
        for meta in self.metaclasses(object):
            member = self.member(meta, "__call__")
            self.run_reached({*deep_objects(member), object} if member is not None else (), node)

    def metaclasses(self, object: str) -> list[str]:
        """The notebook classes that a notebook class, or one it inherits from, is an instance of."""
        held = [self.heap.fields.get(one, {}).get(".metaclass", Value()) for one in self.lineage(object)]
        return sorted(deep_objects(join(*held)) & self.heap.classes.keys())

    def make_bare(self, maker: Value, node: ast.AST) -> Value:
        """What `object.__new__(cls)` gives: an instance that nothing was done to."""
        made = [
            self.fresh(node, [f"notebook.{self.heap.classes[object].name}"], tag=f":instance:{object}")
            for object in sorted(maker.objects & self.heap.classes.keys())
        ]
        for value, object in zip(made, sorted(maker.objects & self.heap.classes.keys()), strict=False):
            self.heap.instances.update(dict.fromkeys(value.objects, object))
        return join(*made)

    def fill_fields(self, value: Value, arguments: Arguments) -> None:
        """An instance that nothing of the notebook makes (a data class, a tuple with names) keeps what it is given."""
        for held in arguments.values:
            self.heap.store(value.objects, ELEMENT, held)
        for name, held in arguments.keywords:
            self.heap.store(value.objects, f".{name}", held)

    def library_bases(self, object: str) -> bool:
        """Whether a notebook class inherits from something that is not the notebook's."""
        for base in self.heap.classes[object].bases:
            if base.path != "builtins.object" and (
                not base.objects or any(b not in self.heap.classes or self.library_bases(b) for b in base.objects)
            ):
                return True
        return False

    def lineage(self, object: str) -> list[str]:
        """A notebook class and the notebook classes it inherits from, nearest first."""
        found = [object]
        for one in found:
            found.extend(
                b for base in self.heap.classes[one].bases for b in sorted(base.objects & self.heap.classes.keys()) if b not in found
            )
        return found

    def member(self, object: str, name: str) -> Value | None:
        """What a notebook class may have under a name: its own, else what its bases have; looking depends on these classes."""
        found: list[Value] = []
        for one in self.lineage(object):
            self.touches.uses.add(Location("object", one))
            fields = self.heap.fields.get(one, {})
            found.extend(fields[key] for key in (f".{name}", f".{ELEMENT}") if key in fields)
            if name in self.heap.classes[one].members:
                break
        return join(*found) if found else None

    def bind_member(self, member: Value, receiver: Value, name: str, node: ast.AST) -> list[Value]:
        """A class's member as an instance (or the class itself) sees it: functions are bound, anything else is as it is."""
        functions = deep_objects(member) & self.heap.functions.keys()
        bound = [self.bind_function(object, receiver, name, node) for object in sorted(functions)]
        rest = member._replace(objects=frozenset(member.objects - functions))
        return bound if functions and not rest.objects and not rest.path else [*bound, rest]

    def bind_function(self, object: str, receiver: Value, name: str, node: ast.AST) -> Value:
        function = self.heap.functions[object]
        on_class = receiver.objects <= self.heap.classes.keys()
        bound_before = function.bound_to is not None  # such a one stays what it is, whoever looks at it
        if bound_before or function.kind == "static" or on_class and function.kind != "class":
            return Value(frozenset({object}), frozenset({"function"}))
        owner = receiver
        if function.kind == "class" and not on_class:
            owner = Value(frozenset(self.heap.instances[o] for o in receiver.objects), frozenset({"type"}))
        bound = self.fresh(node, ["function"], tag=f":{name}:{object}")
        (key,) = bound.objects
        earlier = self.heap.functions.get(key)
        if earlier is not None and earlier.bound_to is not None:
            owner = join(earlier.bound_to, owner)
        self.heap.functions[key] = replace(function, bound_to=owner)
        self.heap.store([key], ".self", owner)
        self.heap.store([key], ".function", Value(frozenset({object})))
        return bound

    def own_attribute(self, value: Value, name: str, node: ast.AST) -> Value:
        """An attribute of the notebook's own instances or classes, or a part of them that nobody has seen."""
        values: list[Value] = []
        if name == "__class__" and value.objects <= self.heap.instances.keys():
            self.touches.uses.update(Location("object", object) for object in value.objects)
            return Value(frozenset(self.heap.instances[object] for object in value.objects), frozenset({"type"}))
        for object in sorted(value.objects):
            one = value._replace(objects=frozenset({object}), path="", elements=None)
            found = self.own_values(one, name, node)
            values.extend(found)
            if not found or name.startswith("__") and name.endswith("__") or self.library_bases(self.heap.instances.get(object, object)):
                values.append(one._replace(types=None))
        return join(*values)

    def own_values(self, one: Value, name: str, node: ast.AST) -> list[Value]:
        """What one instance or class is known to have under a name: a stored value, property, bound method or class attribute."""
        (object,) = one.objects
        values: list[Value] = []
        self.touches.uses.add(Location("object", object))
        if object in self.heap.instances:
            self.touch_instances(one, node=node, only=CATCHING)
            fields = self.heap.fields.get(object, {})
            values.extend(fields[key] for key in (f".{name}", f".{ELEMENT}", f"['{name}']", ELEMENT) if key in fields)
        for meta in self.metaclasses(object) if object in self.heap.classes else ():
            above = self.member(meta, name)
            self.run_reached({*deep_objects(above), object} if above is not None else (), node)
        member = self.member(self.heap.instances.get(object, object), name)
        if member is not None:
            self.touch_instances(member, node=node, only=DESCRIBING)
            values.extend(self.see_member(member, one, name, node))
        return values

    def see_member(self, member: Value, one: Value, name: str, node: ast.AST) -> list[Value]:
        """A class member seen through an instance: a property runs its getter."""
        seen: list[Value] = []
        functions = deep_objects(member) & self.heap.functions.keys()
        if functions and member.objects - functions and one.objects <= self.heap.instances.keys():  # a `property(get)` made by hand
            seen.append(self.run_reached({*functions, *one.objects}, node))
        for part in self.bind_member(member, one, name, node):
            function = next((self.heap.functions[o] for o in part.objects if o in self.heap.functions), None)
            if function is None or function.kind not in ("property", "cached") or not one.objects <= self.heap.instances.keys():
                seen.append(part)
                continue
            result = self.call_value(part, Arguments(), node)
            if function.kind == "cached":
                self.update(one)
                self.heap.store(one.objects, f".{name}", result)
            seen.append(result)
        return seen

    def touch_instances(self, *values: Value, node: ast.AST, only: frozenset[str] | None = None) -> None:
        """Operators and libraries may call the special methods of the notebook's own instances, wherever they are held."""
        if not self.heap.classes:
            return
        reached = self.heap.reach(object for value in values for object in deep_objects(value))
        for object in sorted(reached & self.heap.instances.keys()):
            one = Value(frozenset({object}))
            for name in sorted(self.special_methods(self.heap.instances[object], only)):
                self.run_method(one, name, Value(reached), node)
        for object in sorted(reached & self.heap.classes.keys()):
            for owner, names in ((object, ABOUT_CLASSES & (only or ABOUT_CLASSES)), *((meta, only) for meta in self.metaclasses(object))):
                members = [self.member(owner, name) for name in sorted(self.special_methods(owner, names))]
                functions = {part for member in members if member is not None for part in deep_objects(member)}
                self.run_reached({*functions, *(reached - self.heap.code_among(reached))} if functions else (), node)

    def special_methods(self, object: str, only: frozenset[str] | None) -> set[str]:
        """The names of a class's special methods, its bases' among them."""
        names = {
            key[1:]
            for one in self.lineage(object)
            for key in self.heap.fields.get(one, {})
            if key.startswith("._") and key.endswith("_") or key == ".keys"
        }
        return {name for name in names if (name in only if only is not None else name.startswith(("__", "keys")) and name not in BORN)}

    def run_method(self, receiver: Value, name: str, everything: Value, node: ast.AST) -> None:
        """Somebody calls a method of an instance with anything."""
        member = self.member(self.heap.instances[next(iter(receiver.objects))], name)
        for object in sorted(deep_objects(member) & self.heap.functions.keys()) if member is not None else ():
            function = self.heap.functions[object]
            active = any(frame.function == f"/{function.key}" for frame in self.frames)
            if not active and self.is_news(object, receiver.objects, everything.objects):
                bound = function if function.kind == "static" else replace(function, bound_to=receiver)
                with self.elsewhere():
                    result = self.call_function(bound, self.any_arguments(bound, everything), node)
                self.run_code(result, node)

    def run_instances(self, reached: frozenset[str], node: ast.AST) -> None:
        """A library that is given an instance may call any of its methods."""
        for object in sorted(reached & self.heap.instances.keys()):
            owner = self.heap.instances[object]
            names = {key[1:] for one in self.lineage(owner) for key in self.heap.fields.get(one, {}) if key.startswith(".")} - BORN
            for name in sorted(names):
                self.run_method(Value(frozenset({object})), name, Value(reached), node)

    if TYPE_CHECKING:  # the rest of the interpreter

        def call_value(self, target: Value, arguments: Arguments, node: ast.AST) -> Value: ...
