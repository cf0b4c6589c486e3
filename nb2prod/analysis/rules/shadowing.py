"""NB211: a variable takes the name of a builtin or of an imported module.

From then on the builtin or module cannot be reached, and a later cell that means it gets the variable.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.walk import Step
from nb2prod.model.diagnostic import Severity

CODE = "NB211"
SEVERITY = Severity.note
MESSAGE = "`{name}` hides the {what} of that name"
HINT = "give the variable another name"
BUILTINS = frozenset(
    name for name in dir(builtins) if not name.startswith("_") and name not in ("copyright", "credits", "license", "exit", "quit")
)
EXAMPLES = (
    Example(("list = [1, 2]\nprint(list[0] + 1)",), "`list` hides the builtin of that name"),
    Example(("import time\nprint(time.time())", "time = 3\nprint(time + 1)"), "`time` hides the module of that name", cell=1),
    Example(("values = [1, 2]\nprint(values[0] + 1)",)),
    Example(("import datetime\nfrom datetime import datetime\nprint(datetime.now())",)),
    Example(("def total(list):\n    return list[0] + 1\nprint(total([1]))",)),
    Example(("time = 3\nprint(time + 1)",)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding a name, where a kept statement first takes it."""
    modules: set[str] = set()
    told: set[str] = set()
    for step in case.walked.steps:
        if isinstance(step.tree, (ast.Import, ast.ImportFrom)):
            modules |= module_names(step)
            continue
        for name in sorted(step.bound) if step.id in case.live else ():
            what = "builtin" if name in BUILTINS else "module" if name in modules else ""
            if what and name not in told and not keeps_meaning(step, name):
                told.add(name)
                yield at(step, case.mention(step, name), name=name, what=what)


def module_names(step: Step) -> set[str]:
    """The names an import gives to whole modules."""
    return {alias.asname or alias.name.partition(".")[0] for alias in step.tree.names} if isinstance(step.tree, ast.Import) else set()


def keeps_meaning(step: Step, name: str) -> bool:
    """Whether the name still means a library thing: `input = raw_input`, an import inside `try`."""
    return bool(step.bound[name].path)
