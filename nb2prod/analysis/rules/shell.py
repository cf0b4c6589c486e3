"""NB208: kept code runs a shell command.

What the command does, and whether it is there at all, depends on the machine.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB208"
SEVERITY = Severity.warning
MESSAGE = "kept code runs a shell command{what}"
HINT = "do it in Python, or see that the command is there where the job runs"
EXAMPLES = (
    Example(("x = 1\n!mkdir -p out",), "runs a shell command: `mkdir -p out`", line=2),
    Example(("import os\nos.system('make data')",), "runs a shell command: `make data`", line=2),
    Example(("import subprocess\nsubprocess.run(['make', 'data'], check=True)",), "runs a shell command", line=2),
    Example(("!ls\n!pip install pandas",)),
    Example(("import os\nos.makedirs('out')",)),
)


def check(case: Case) -> Iterator[Finding]:
    """One warning for each live statement that does."""
    for step in case.live_steps:
        if any(location.kind == "shell" for location in step.effects.updates):
            called = next(
                (called for called in case.calls_of(step) if case.touches(called, "shell") or called.path.startswith("get_ipython.")), None
            )
            texts = (
                [node.value for node in ast.walk(called.node) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
                if called
                else []
            )
            command = max(texts, key=len, default="").strip().partition("\n")[0]
            yield at(step, called.node if called else None, what=f": `{command[:60]}`" if command else "")
