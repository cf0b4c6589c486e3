"""NB213: kept code hides every error.

A job whose data is missing or broken then ends well and gives wrong results, and nobody is told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity
from nb2prod.model.syntax import nodes_of

CODE = "NB213"
SEVERITY = Severity.warning
MESSAGE = "`{handler}` hides every error, also those that nobody expects"
HINT = "name the error that may happen, and let the others stop the job"
EVERY = ("Exception", "BaseException")
EXAMPLES = (
    Example(("total = 0\ntry:\n    total = int('x')\nexcept:\n    pass\nprint(total + 1)",), "`except:` hides every error", line=4),
    Example(
        ("total = 0\ntry:\n    total = int('x')\nexcept Exception:\n    total = 1\nprint(total + 1)",), "`except Exception:` hides", line=4
    ),
    Example(("total = 0\ntry:\n    total = int('x')\nexcept ValueError:\n    pass\nprint(total + 1)",)),
    Example(("total = 0\ntry:\n    total = int('x')\nexcept:\n    print('bad')\n    raise\nprint(total + 1)",)),
    Example(("total = 0\ntry:\n    total = int('x')\nexcept Exception as error:\n    print(error)\nprint(total + 1)",)),
    Example(("try:\n    import json\nexcept:\n    json = None\nprint(json.dumps(1) + '')",)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each such handler in live code; trying an import is another matter."""
    for step in case.live_steps:
        for node in nodes_of(step.tree):
            if isinstance(node, ast.Try) and not all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in node.body):
                for handler in node.handlers:
                    if hides(handler):
                        kind = f" {ast.unparse(handler.type)}" if handler.type is not None else ""
                        yield at(step, handler, handler=f"except{kind}:")


def hides(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes every error and neither raises nor looks at it."""
    every = handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in EVERY)
    inside = [node for statement in handler.body for node in nodes_of(statement)]
    looks = any(isinstance(node, ast.Name) and node.id == handler.name for node in inside)
    told = any(
        isinstance(node, ast.Attribute) and node.attr in ("exception", "format_exc", "print_exc", "exc_info", "exit", "_exit")
        for node in inside
    )
    return every and not looks and not told and not any(isinstance(node, ast.Raise) for node in inside)
