"""NB209: a star import.

Nobody can tell which names it brings, and a new version of the module may bring one that replaces another.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity
from nb2prod.model.syntax import nodes_of

CODE = "NB209"
SEVERITY = Severity.note
MESSAGE = "nobody can tell which names `from {module} import *` brings"
HINT = "import the names that are used"
EXAMPLES = (
    Example(("from math import *\nprint(sqrt(2))",), "which names `from math import *` brings"),
    Example(("from math import sqrt\nprint(sqrt(2))",)),
    Example(("import math\nprint(math.sqrt(2))",)),
)


def check(case: Case) -> Iterator[Finding]:
    """One note for each live star import."""
    for step in case.live_steps:
        for node in nodes_of(step.tree):
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                yield at(step, node, module="." * node.level + (node.module or ""))
