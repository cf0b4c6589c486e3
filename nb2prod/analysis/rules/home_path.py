"""NB202: a path of one person's machine.

A home folder, a drive letter or the folder of a hosted notebook is not there where the job runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity
from nb2prod.model.syntax import nodes_of

CODE = "NB202"
SEVERITY = Severity.warning
MESSAGE = "the path {path!r} only exists on one person's machine"
HINT = "it becomes a parameter; set it where the job runs, or use a path relative to the notebook"
MACHINE = re.compile(
    r"(?:file://)?(?:/home/[^/\s]+/|/Users/[^/\s]+/|/root/|[A-Za-z]:(?:\\|/(?!/))|~[\w.-]*/|\\\\\w|/content/|/kaggle/|/dbfs/|/mnt/c/|/Volumes/)"
)
EXAMPLES = (
    Example(("x = 1\ntext = open('/home/ann/a.csv').read()\nprint(len(text))",), "the path '/home/ann/a.csv' only", line=2),
    Example(("text = open(r'C:\\data\\a.csv').read()\nprint(len(text))",), "the path 'C:\\\\data\\\\a.csv' only"),
    Example(("text = open('/kaggle/input/a.csv').read()\nprint(len(text))",), "the path '/kaggle/input/a.csv' only"),
    Example(("text = open('data/a.csv').read()\nprint(len(text))",)),
    Example(("text = open('/data/a.csv').read()\nprint(len(text))",)),
    Example(("about = 'files in /home/ann are gone'\nprint(about.upper())",)),
    Example(("text = open('/home/ann/a.csv').read()", "print(1 + 2)")),
)


def check(case: Case) -> Iterator[Finding]:
    """A warning for each such path in a live statement, once a line."""
    for step in case.live_steps:
        for node in nodes_of(step.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and MACHINE.match(node.value) and "\n" not in node.value:
                yield at(step, node, path=node.value)
