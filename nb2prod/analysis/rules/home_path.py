"""NB202: a path of one person's machine.

pd.read_csv("/home/ann/data.csv")     ->   NB202 warning: only exists on one machine
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from nb2prod.analysis.walk import Walk
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId

CODE = "NB202"
MESSAGE = "the path {path!r} only exists on one person's machine"
HINT = "it becomes a parameter; set it where the job runs, or use a path relative to the notebook"
HOME = re.compile(r"^(/home/|/Users/|[A-Za-z]:\\|~/|/content/drive/)")


def check(notebook: Notebook, walked: Walk, live: Mapping[StatementId, str]) -> Iterator[Diagnostic]:
    """A warning for each home path in a live statement."""
    for step in walked.steps:
        if step.id in live:
            for node in ast.walk(step.tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and HOME.match(node.value):
                    yield Diagnostic(CODE, Severity.warning, MESSAGE.format(path=node.value), HINT, step.id.cell, node.lineno)
