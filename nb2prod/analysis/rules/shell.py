"""NB208: kept code runs a shell command.

What the command does, and whether it is there at all, depends on the machine.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.called import name_of
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
    Example(("import subprocess\nsubprocess.run(['make', 'data'], check=True)",), "runs a shell command: `make data`", line=2),
    Example(("!ls\n!pip install pandas",)),
    Example(("import os\nos.makedirs('out')",)),
)


def check(case: Case) -> Iterator[Finding]:
    """One warning for each live statement that does."""
    for step in case.live_steps:
        if any(location.kind == "shell" for location in step.effects.updates):
            magic = [called for called in case.calls_of(step) if called.path.startswith("get_ipython.") or case.touches(called, "shell")]
            command = command_of(magic[0].node) if magic else ""
            yield at(step, magic[0].node if magic else None, what=f": `{command[:60]}`" if command else "")


def command_of(node: ast.Call) -> str:
    """The command a call runs, as far as it is written out: a text, or the words of a list."""
    first = node.args[-1] if node.args and name_of(node.func) == "run_cell_magic" else node.args[0] if node.args else None
    parts = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
    words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return " ".join(words).strip().partition("\n")[0]
