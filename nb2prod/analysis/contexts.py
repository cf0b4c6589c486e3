"""`with` statements of the abstract interpreter: what entering gives, what leaving runs, and whether an error of the body may be swallowed.

with open(path, "w") as f:    f is the handle; leaving completes what was written
    f.write(text)
with quiet(): x = 2           `quiet` has a `try` around its `yield`: the body may stop anywhere, and `x` may still be what it was
"""

from __future__ import annotations

import ast

from nb2prod.analysis.definitions import Definitions
from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.syntax import catching
from nb2prod.analysis.values import Value, join

CONTEXTS_THAT_CATCH = ("contextlib.suppress", "contextlib.ExitStack", "contextlib.AsyncExitStack", "pytest.raises")
OUTSIDE_CODE = ast.Pass(lineno=0, col_offset=0)
ENTERING = frozenset({"__enter__", "__aenter__"})
LEAVING = frozenset({"__exit__", "__aexit__"})


class Contexts(Definitions):
    """`run_With`."""

    def run_With(self, node: ast.With | ast.AsyncWith) -> None:
        start = self.save()
        catches = False
        managers: list[Value] = []
        for item in node.items:
            managers.append(self.evaluate(item.context_expr))
            entered = self.enter(managers[-1], node)
            catches = catches or self.may_catch(item.context_expr, managers[-1])
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered)
        if catches:
            with self.trial():
                self.run_body(node.body)
            self.merge(start)
        else:
            self.run_body(node.body)
        for value in reversed(managers):
            self.leave(value, node)

    run_AsyncWith = run_With

    def enter(self, value: Value, node: ast.AST) -> Value:
        """What `with ... as` binds: the value itself, what its `__enter__` gives, or what its generator yields."""
        self.use(value)
        self.update(value)
        self.consume(value, node=node)
        self.touch_instances(value, node=node, only=ENTERING)
        values = [value]
        for object in sorted(value.objects & self.heap.instances.keys()):
            for name in sorted(ENTERING):
                values.extend(
                    self.call_value(found, Arguments(), OUTSIDE_CODE)
                    for found in self.own_values(Value(frozenset({object})), name, OUTSIDE_CODE)
                )
        if value.objects & self.heap.generators.keys():
            values.append(self.element(value))
        held = [part for object in value.objects for part in self.heap.fields.get(object, {}).values()] if value.types is None else []
        joined = join(*values, *held)
        return value if joined == value else joined._replace(types=None) if held else joined

    def leave(self, value: Value, node: ast.AST) -> None:
        """The rest of a generator, or `__exit__`, runs after the body and sees what that did and raised."""
        self.consume(value, node=node)
        self.touch_instances(value, *self.touches.raised, node=node, only=LEAVING)
        self.finish_handle(value, "__exit__")

    def may_catch(self, node: ast.expr, value: Value) -> bool:
        """Whether a `with` may swallow an error of its body: not where a known library makes the manager, but for those made to do so."""
        called = node.func if isinstance(node, ast.Call) else node
        path = self.watch_path(called)
        if path:
            return any(part.startswith(CONTEXTS_THAT_CATCH) or not self.known_library(part) for part in path.split("|"))
        if any(catching(self.heap.generators[object][0].node) for object in value.objects & self.heap.generators.keys()):
            return True
        return value.types is None or any(kind not in self.knowledge.types for kind in value.types)

    def watch_path(self, node: ast.expr) -> str:
        """The library path an expression is, without touching anything."""
        names = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        value = self.names.get(node.id) if isinstance(node, ast.Name) else None
        if value is None or not value.path:
            return f"builtins.{node.id}" if isinstance(node, ast.Name) and value is None and node.id == "open" else ""
        return "|".join(".".join([part, *reversed(names)]) for part in value.path.split("|"))
