"""NB204: kept code that only a notebook can run.

%%capture out  /  %run other.ipynb  /  Out[3]     ->   NB204 error: a package has no such thing
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nb2prod.analysis.walk import Walk
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

CODE = "NB204"
MESSAGE = "{what} only works in a notebook, and kept code depends on it"
HINT = "write it as plain Python, or tag the cell `drop`"
TRANSLATED = frozenset({"bash", "sh", "script", "cd", "env", "set_env", "timeit"})


def check(notebook: Notebook, walked: Walk, live: Mapping[StatementId, str]) -> Iterator[Diagnostic]:
    """An error for each live magic that has no translation, and for `In` and `Out`."""
    for step in walked.steps:
        if step.id in live:
            for node in ast.walk(step.tree):
                what = magic(node) or history(node, walked)
                if what:
                    yield Diagnostic(CODE, Severity.error, MESSAGE.format(what=what), HINT, step.id.cell, getattr(node, "lineno", None))


def magic(node: ast.AST) -> str:
    """The magic a call stands for, when nothing can be written in its place."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("run_line_magic", "run_cell_magic")):
        return ""
    name = str(node.args[0].value) if node.args and isinstance(node.args[0], ast.Constant) else "?"
    return "" if name in TRANSLATED else f"the magic `%{'%' if node.func.attr == 'run_cell_magic' else ''}{name}`"


def history(node: ast.AST, walked: Walk) -> str:
    """`In` or `Out` where the notebook binds no such name itself."""
    named = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in ("In", "Out")
    return f"`{node.id}`" if named and isinstance(node, ast.Name) and node.id not in walked.names else ""
