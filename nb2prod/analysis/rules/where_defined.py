"""NB214: kept code asks where its own code stands.

In a notebook every function and class belongs to the module `__main__`, and its file is one that IPython makes up; in a package each has a module and a
file of its own. What asks for these gets another answer there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nb2prod.analysis.rules.called import path_of
from nb2prod.analysis.rules.case import Case, Finding, at, short
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.statements import Interpreter
from nb2prod.analysis.values import ANYTHING, Value
from nb2prod.model.diagnostic import Severity
from nb2prod.model.syntax import nodes_of

CODE = "NB214"
SEVERITY = Severity.error
MESSAGE = "{what}, and in a package the code stands elsewhere"
HINT = "ask for `__name__` or `__qualname__`, which stay the same, or tag the cell `drop`"
MODULE = "__module__"
TEXTS = ("builtins.str", "builtins.repr", "builtins.format", "builtins.ascii")
SEARCHING = {"unittest.main": "module", "doctest.testmod": "m"}  # with the argument that says where else to search
PLACES = ("co_filename", "co_firstlineno", "tb_lineno")
TELLING = ("traceback.format_", "traceback.extract_", "inspect.getsourcefile", "inspect.getsourcelines", "inspect.getfile", "inspect.stack")
EXAMPLES = (
    Example(("def f():\n    return 1", "out = f.__module__"), "`f.__module__` names the module of its code", cell=1),
    Example(("class C:\n    pass\nc = C()\nout = str(type(c))",), "the text of the class `type(c)` names its module", line=4),
    Example(("import unittest\nout = unittest.main(argv=[''], exit=False)",), "`unittest.main` searches the module `__main__`", line=2),
    Example(("class C:\n    pass\nout = (C.__name__, type(C()).__qualname__)",)),
    Example(("import math\nout = math.sqrt.__module__, str(type(1))",)),
)


def check(case: Case) -> Iterator[Finding]:
    """An error for what a result may be made of, a warning for what is only printed and for places in files."""
    homes = {node: step.id for step in case.walked.steps for node in nodes_of(step.tree) if isinstance(node, ast.expr)}
    told: set[ast.expr] = set()
    for step in case.live_steps:
        values = step.touches.values
        for node in values:
            what, severity = asked(node, values, case.walked.machine)
            if what and node not in told:
                told.add(node)
                yield at(homes.get(node, step.id), node, severity, what=what)


def asked(node: ast.expr, values: Mapping[ast.expr, Value], machine: Interpreter) -> tuple[str, Severity | None]:
    """What an expression asks of the place of code; nothing for any other."""
    if isinstance(node, ast.Attribute) and node.attr == MODULE and is_own(values.get(node.value, ANYTHING), machine):
        return f"`{short(node)}` names the module of its code", None
    if isinstance(node, ast.Attribute) and node.attr == "__qualname__" and is_lambda(values.get(node.value, ANYTHING), machine):
        return f"`{short(node)}` names the function around it", None
    if isinstance(node, ast.Attribute) and node.attr in PLACES:
        return f"`{short(node)}` tells a file or a line", Severity.warning
    if isinstance(node, ast.Subscript) and is_text(node.slice, MODULE):
        return f"`{short(node)}` names the module of its code", None
    if isinstance(node, ast.Name) and node.id == MODULE:
        return f"`{MODULE}` names the module of the class", None
    shown = next((part for part in texts_in(node, values) if is_class(values.get(part, ANYTHING), machine)), None)
    if shown is not None:
        printed = isinstance(node, ast.Call) and path_of(node, values) == "builtins.print"
        return f"the text of the class `{short(shown)}` names its module", Severity.warning if printed else None
    return called(node, values, machine) if isinstance(node, ast.Call) else ("", None)


def called(node: ast.Call, values: Mapping[ast.expr, Value], machine: Interpreter) -> tuple[str, Severity | None]:
    """What a call asks: by the name of an attribute, of the module `__main__`, or of files and lines."""
    path = path_of(node, values)
    if path == "builtins.getattr" and len(node.args) > 1 and is_text(node.args[1], MODULE):
        return (
            (f"`{short(node)}` names the module of its code", None) if is_own(values.get(node.args[0], ANYTHING), machine) else ("", None)
        )
    if path in SEARCHING and not node.args and all(keyword.arg != SEARCHING[path] for keyword in node.keywords):
        return f"`{path}` searches the module `__main__`", None
    if path == "inspect.getmodule":
        return f"`{path}` finds the module of code", None
    return (f"`{path}` tells files and lines", Severity.warning) if path.startswith(TELLING) else ("", None)


def texts_in(node: ast.expr, values: Mapping[ast.expr, Value]) -> list[ast.expr]:
    """The expressions that one turns into text."""
    if isinstance(node, ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and values.get(node.left, ANYTHING).types == {"str"}:
        return list(node.right.elts) if isinstance(node.right, ast.Tuple) else [node.right]
    if not isinstance(node, ast.Call):
        return []
    path = path_of(node, values)
    if path in (*TEXTS, "builtins.print"):
        return node.args
    owner = values.get(node.func.value, ANYTHING) if isinstance(node.func, ast.Attribute) else ANYTHING
    return node.args if isinstance(node.func, ast.Attribute) and node.func.attr == "format" and owner.types == {"str"} else []


def is_class(value: Value, machine: Interpreter) -> bool:
    """Whether a value is a class of the notebook, and no enumeration, whose text names no module."""
    if value.types != {"type"} or not value.objects & machine.heap.classes.keys():
        return False
    lineages = (machine.lineage(object) for object in value.objects & machine.heap.classes.keys())
    return not all(any(base.path.startswith("enum.") for one in line for base in machine.heap.classes[one].bases) for line in lineages)


def is_lambda(value: Value, machine: Interpreter) -> bool:
    return any(machine.heap.functions[object].name == "<lambda>" for object in value.objects & machine.heap.functions.keys())


def is_own(value: Value, machine: Interpreter) -> bool:
    """Whether a value may be code of the notebook, or something made of it."""
    return bool(machine.heap.own_among(value.objects)) or value.types is None and not value.path


def is_text(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
