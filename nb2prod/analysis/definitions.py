"""Imports, functions and classes as statements of the abstract interpreter.

@register            the notebook's own decorator is called on the function; a library's may keep it
class Child(Base):   runs the body, then what `Base.__init_subclass__` says
"""

from __future__ import annotations

import ast
from dataclasses import replace

from nb2prod.analysis.classes import DESCRIBING
from nb2prod.analysis.frames import Frame
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.parts import OPAQUE_PATHS
from nb2prod.analysis.specials import Specials
from nb2prod.analysis.values import Class, Value, deep_objects, join
from nb2prod.model.dataflow import Location

# Decorators of libraries that give the function back as it was, or call it each time just as it is called.
PLAIN_DECORATORS = (
    "builtins.",
    "functools.wraps",
    "functools.total_ordering",
    "abc.",
    "typing.",
    "typing_extensions.",
    "contextlib.",
    "dataclasses.",
    "enum.",
    "numba.",
    "torch.no_grad",
    "torch.inference_mode",
    "torch.jit.",
    "tensorflow.function",
    "numpy.vectorize",
)


class Definitions(Specials):
    """`run_Import`, `run_FunctionDef`, `run_ClassDef`."""

    def run_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = canonical(alias.name)
            self.use_imported(path)
            self.bind(
                alias.asname or alias.name.partition(".")[0], Value(path=path if alias.asname else canonical(alias.name.partition(".")[0]))
            )
            self.touches.uses.update({Location("ambient", "sys.path"), Location("ambient", "os.environ")})

    def run_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = canonical("." * node.level + (node.module or ""))
        self.use_imported(module)
        self.touches.uses.update({Location("ambient", "sys.path"), Location("ambient", "os.environ")})
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(module)
                self.since_star.clear()
                self.touches.uses.add(Location("name", "*"))
                self.touches.updates.add(Location("name", "*"))
            else:
                self.bind(alias.asname or alias.name, Value(path=canonical(f"{module}.{alias.name}")))

    def use_imported(self, module: str) -> None:
        """Importing a module that may be a file beside the notebook depends on that file, and runs it."""
        if module in OPAQUE_PATHS:
            self.opaque(OPAQUE_PATHS[module])
        self.use(self.library(module))
        if not self.known_library(module):
            self.touches.uses.add(Location("file", "?"))
            self.update(self.library(module))

    def run_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        value = self.make_function(node.name, node)
        for object in value.objects:
            self.heap.functions[object] = replace(self.heap.functions[object], kind=kind_of(node))
        for annotation in annotation_parts(node):
            self.evaluate(annotation)
        self.bind(node.name, self.decorate(node.decorator_list, value, node))

    run_AsyncFunctionDef = run_FunctionDef

    def decorate(self, decorators: list[ast.expr], value: Value, node: ast.AST) -> Value:
        """A plain decorator gives the function back; the notebook's own is called on it; any other may keep it, or remember what it gives."""
        for decorator in reversed(decorators):
            if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
                value = join(value, self.evaluate(decorator.value))  # the property it extends
                continue
            target = self.evaluate(decorator)
            called = self.evaluate(decorator.func) if isinstance(decorator, ast.Call) else target
            if called.path.startswith(PLAIN_DECORATORS):
                continue
            given = value
            value = join(self.call_value(target, Arguments((given,)), node), given)
            if called.path or not target.objects <= self.heap.functions.keys():
                for object in given.objects & self.heap.functions.keys():
                    self.heap.functions[object] = replace(self.heap.functions[object], remembers=True)
                value = given if called.path and self.known_library(called.path) else value
        return value

    def run_ClassDef(self, node: ast.ClassDef) -> None:
        bases = tuple(self.evaluate(base) for base in node.bases)
        keywords = [self.evaluate(keyword.value) for keyword in node.keywords]
        self.use(*bases, *keywords)
        value = self.fresh(node, ["type"], tag=":class")
        (object,) = value.objects
        self.heap.kinds[object] = frozenset({"type"})
        function = self.frames[-1].function if self.frames else ""
        self.frames.append(new_scope := Frame(closure=self.scopes(), class_body=True, function=function))
        self.run_body(node.body)
        self.frames.pop()
        self.heap.classes[object] = Class(node.name, frozenset(sure_names(node.body)), bases)
        for name, member in new_scope.locals.items():
            self.heap.store([object], f".{name}", member)
            self.touch_instances(member, node=node, only=DESCRIBING)
        for base in bases:
            self.heap.store([object], ".bases", base)
        self.announce(value, bases, keywords, node)
        self.bind(node.name, self.decorate(node.decorator_list, value, node))

    def announce(self, value: Value, bases: tuple[Value, ...], keywords: list[Value], node: ast.AST) -> None:
        """Making a class may run code of its bases, of its metaclass, and of libraries that keep lists of classes."""
        (object,) = value.objects
        for parent in self.lineage(object)[1:]:
            member = self.member(parent, "__init_subclass__")
            for part in self.bind_member(member, value, "__init_subclass__", node) if member is not None else ():
                functions = [self.heap.functions[o] for o in part.objects if o in self.heap.functions]
                for function in functions:
                    self.call_function(
                        replace(function, bound_to=value),
                        self.any_arguments(replace(function, bound_to=value), join(value, *keywords)),
                        node,
                    )
        for keyword in keywords:
            for parent in sorted(keyword.objects & self.heap.classes.keys()):
                self.run_class(parent, join(value, *bases), node)
        for parent in self.lineage(object)[1:]:
            for meta in sorted(deep_objects(self.heap.fields.get(parent, {}).get(".metaclass", Value())) & self.heap.classes.keys()):
                self.run_class(meta, value, node)
        for keyword in keywords:
            self.heap.store([object], ".metaclass", keyword)

    def run_class(self, object: str, everything: Value, node: ast.AST) -> None:
        """All functions of a class may run with anything: it is a metaclass."""
        members = [held for one in self.lineage(object) for held in self.heap.fields.get(one, {}).values()]
        self.run_reached({o for held in members for o in deep_objects(held)} | self.heap.reach(deep_objects(everything)), node)


def canonical(module: str) -> str:
    """`pylab` is pyplot under another name."""
    for prefix in ("matplotlib.pylab", "pylab"):
        if module == prefix or module.startswith(prefix + "."):
            return "matplotlib.pyplot" + module[len(prefix) :]
    return module


def annotation_parts(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    found = [argument.annotation for argument in arguments if argument is not None] + [node.returns]
    return [annotation for annotation in found if annotation is not None]


KINDS = {
    "property": "property",
    "setter": "property",
    "getter": "property",
    "deleter": "property",
    "abstractproperty": "property",
    "cached_property": "cached",
    "staticmethod": "static",
    "classmethod": "class",
}


def kind_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What its decorators make of a method."""
    names = [decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "") for decorator in node.decorator_list]
    implicit = "class" if node.name in ("__init_subclass__", "__class_getitem__") else ""
    return next((KINDS[name] for name in names if name in KINDS), implicit)


def sure_names(body: list[ast.stmt]) -> set[str]:
    """The names that the statements of a class body bind for sure."""
    names = {s.name for s in body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    return names | {target.id for s in body if isinstance(s, ast.Assign) for target in s.targets if isinstance(target, ast.Name)}
