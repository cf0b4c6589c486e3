"""NB204: kept code that only a notebook can run.

`%store df`, `%run missing.py`, `Out[n]`, `page = HTML(text)`: a package has no such thing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.walk import Step, Walk
from nb2prod.model.diagnostic import Severity
from nb2prod.model.notebook import Cell
from nb2prod.model.syntax import nodes_of

CODE = "NB204"
SEVERITY = Severity.error
MESSAGE = "{what} only works in a notebook, and kept code depends on it{why}"
HINT = "write it as plain Python, or tag the cell `drop`"
MAGIC_METHODS = ("run_line_magic", "run_cell_magic", "magic")
SHELL_METHODS = ("system", "system_raw", "system_piped", "getoutput")
STATEMENTS = ("timeit",)  # what has a translation where it is a statement
HISTORY = re.compile(r"In|Out|_[oid]h|_i+|_i?\d+|___?|_exit_code")
SHELL_LINES = ("n", "nlstr", "s", "spstr", "p", "paths", "grep", "fields")
NOTEBOOK_LIBRARIES = re.compile(r"(?:IPython|ipywidgets|google\.colab|ipykernel|__main__)(?:\.|$)")
# What is translated: displays become prints, a picture of text is its text, and other pictures are left out.
DISPLAYS = re.compile(r"IPython(?:\.core)?\.display\.(?:display|clear_output)$")
RICH = re.compile(r"IPython(?:\.core)?\.display\.[A-Z]\w*$")
EXAMPLES = (
    Example(("x = 1\n%strange x",), "the magic `%strange` only works in a notebook", line=2),
    Example(("import __main__\nprint(__main__.x + 1)",), "`__main__` only works in a notebook", line=2),
    Example(("import sys\nmod = sys.modules['__main__']\nprint(vars(mod))",), "`__main__` only works in a notebook", line=2),
    Example(
        ("class C:\n    n = 0\n    def __repr__(self):\n        C.n += 1\n        return 'C'", "c = C()\nc", "print(C.n)"),
        "showing a value whose class changes something when it is shown only works in a notebook",
        cell=1,
        line=2,
    ),
    Example(("class C:\n    def __repr__(self):\n        return 'C'", "c = C()\nc", "print(c)")),
    Example(("%matplotlib inline\nx = 1\nprint(x + 1)",)),
)


def check(case: Case) -> Iterator[Finding]:
    """An error for each live magic that has no translation, for values that earlier cells showed, and for libraries of notebooks."""
    walked = case.walked
    shelled = {f"{step.id.cell}.{step.id.index}:" for step in walked.steps if "getoutput" in case.notebook.statement(step.id).source}
    for step in case.live_steps:
        if step.touches.shows_by_code:
            yield at(step, what="showing a value whose class changes something when it is shown", why="")
        allowed = translated(step, walked)
        for node in nodes_of(step.tree):
            if id(node) in allowed:
                continue
            what = (
                magic(node)
                or main_module(node, walked)
                or history(node, walked)
                or library(node, step, walked)
                or lines_of_shell(node, walked, shelled)
            )
            if what:
                why = why_kept(case.notebook.cells[step.id.cell], getattr(node, "lineno", None), what)
                yield at(step, node, what=what, why=f": {why}" if why else "")


def translated(step: Step, walked: Walk) -> set[int]:
    """The nodes of a statement that codegen has plain Python for."""
    found: set[int] = set()
    for node in nodes_of(step.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in (*MAGIC_METHODS, *SHELL_METHODS):
            found.add(id(node.func.value.func) if isinstance(node.func.value, ast.Call) else 0)
        if isinstance(node, ast.Expr) and step.touches.value.types == {"NoneType"} and magic_name(node.value) in STATEMENTS:
            found.add(id(node.value))
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and history(node, walked):
            found.add(id(node.value))
        if isinstance(node, ast.Call) and DISPLAYS.match(path_of(node.func, walked)):
            found |= {id(part) for part in nodes_of(node.func)}
            rich = [
                argument.func for argument in node.args if isinstance(argument, ast.Call) and RICH.match(path_of(argument.func, walked))
            ]
            found |= {id(part) for function in rich for part in nodes_of(function)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and RICH.match(path_of(node.value.func, walked)):
            found |= {id(part) for part in nodes_of(node.value.func)}
        if isinstance(node, (ast.If, ast.Try)):
            guarded = [part for part in nodes_of(node) if isinstance(part, (ast.Import, ast.ImportFrom))]
            bound = {alias.asname or alias.name.partition(".")[0] for part in guarded for alias in part.names}
            found |= {id(part) for part in nodes_of(node) if part in guarded or (isinstance(part, ast.Name) and part.id in bound)}
            found |= {id(part) for part in nodes_of(node) if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") in bound}
    return found


def magic_name(call: ast.expr) -> str:
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in MAGIC_METHODS):
        return ""
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else "?"


def magic(node: ast.AST) -> str:
    """The magic a call stands for, when nothing can be written in its place."""
    name = magic_name(node) if isinstance(node, ast.Call) else ""
    cell = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run_cell_magic"
    return f"the magic `%{'%' if cell else ''}{name}`" if name else ""


def history(node: ast.AST, walked: Walk) -> str:
    """A value or text of an earlier cell, or the shell itself, where the notebook binds no such name itself."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and (name := history(node.value, walked)):
        return f"{name[:-1]}[{node.slice.value!r}]`"
    if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)) or node.id in walked.names:
        return ""
    return f"`{node.id}`" if node.id == "get_ipython" or HISTORY.fullmatch(node.id) else ""


def library(node: ast.AST, step: Step, walked: Walk) -> str:
    """Something of a library that only notebooks have."""
    if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
        path = path_of(node, walked)
        return f"`{path}`" if NOTEBOOK_LIBRARIES.match(path) and (isinstance(node, ast.Name) or path_of(node.value, walked) == "") else ""
    return ""


def main_module(node: ast.AST, walked: Walk) -> str:
    """The notebook's names as the module `__main__`, found among the loaded modules."""
    if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and path_of(node.value, walked) == "sys.modules"):
        return ""
    key = node.slice.value if isinstance(node.slice, ast.Constant) else getattr(node.slice, "id", "")
    return "`__main__`" if key in ("__main__", "__name__") else ""


def lines_of_shell(node: ast.AST, walked: Walk, shelled: set[str]) -> str:
    """More than a list can do, asked of the lines of a shell command."""
    if not (isinstance(node, ast.Attribute) and node.attr in SHELL_LINES and isinstance(node.value, ast.Name) and shelled):
        return ""
    value = next((s.touches.values[node.value] for s in walked.steps if node.value in s.touches.values), walked.names.get(node.value.id))
    if value is None and node.value.id in ("self", "cls"):
        return ""
    may_be = value is None or any(object.startswith(tuple(shelled)) for object in value.objects)  # a function may get them
    return f"`.{node.attr}` of the lines of a shell command" if may_be else ""


def path_of(node: ast.expr, walked: Walk) -> str:
    """The library path an expression is; empty for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    value = walked.names.get(node.id) if isinstance(node, ast.Name) else None
    return ".".join([value.path, *reversed(names)]) if value is not None and value.path else ""


def why_kept(cell: Cell, line: int | None, what: str) -> str:
    """What reading said about a magic on this line."""
    here = cell.seen_line(line or 0)
    return next((one.why for one in cell.directives if one.line == here and one.why and what.startswith("the magic")), "")
