"""NB204: kept code that only a notebook can run.

`%%capture out`, `%run other.ipynb`, `Out[3]`: a package has no such thing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.walk import Walk
from nb2prod.model.diagnostic import Severity

CODE = "NB204"
SEVERITY = Severity.error
MESSAGE = "{what} only works in a notebook, and kept code depends on it"
HINT = "write it as plain Python, or tag the cell `drop`"
TRANSLATED = frozenset({"bash", "sh", "script", "cd", "env", "set_env", "timeit"})
EXAMPLES = (
    Example(("3 * 7", "x = Out[1]\nprint(x + 1)"), "`Out` only works in a notebook", cell=1),
    Example(("x = 1\n%strange x",), "the magic `%strange` only works in a notebook", line=2),
    Example(("%matplotlib inline\nx = 1\nprint(x + 1)",)),
)


def check(case: Case) -> Iterator[Finding]:
    """An error for each live magic that has no translation, and for `In` and `Out`."""
    for step in case.live_steps:
        for node in ast.walk(step.tree):
            what = magic(node) or history(node, case.walked)
            if what:
                yield at(step, node, what=what)


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
