"""NB206: a saved output shows a secret.

The output is part of the file, and of every copy and version of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding
from nb2prod.analysis.rules.example import Example
from nb2prod.knowledge.secrets import SHAPES, secret_texts
from nb2prod.model.diagnostic import Severity

CODE = "NB206"
SEVERITY = Severity.warning
MESSAGE = "the saved output of this cell shows a secret"
HINT = "clear the output, do not print it, and take back the secret that was shown"
EXAMPLES = (
    Example(
        ("print(key)",), "the saved output of this cell shows a secret", line=None, outputs=((0, "stream", "sk-3fa85f64571745620a1b"),)
    ),
    Example(
        ("api_key = 'k9-3fa85f6457174562'", "print(x)"),
        "shows a secret",
        cell=1,
        line=None,
        outputs=((1, "stream", "k9-3fa85f6457174562"),),
    ),
    Example(("print('done')",), outputs=((0, "stream", "done"),)),
    Example(("print(title)",), outputs=((0, "stream", "Basic Conversations"),)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each cell whose outputs hold a secret by its shape, or one that the code holds."""
    code = "\n".join(cell.source for cell in case.notebook.code_cells)
    written = [text for text in secret_texts(case.notebook, quoted=False) if len(text) >= 8 and text in code]
    for cell in case.notebook.code_cells:
        if any(shows_secret(output.text) or any(text in output.text for text in written) for output in cell.outputs):
            yield Finding(cell.index, None, {})


def shows_secret(text: str) -> bool:
    """Whether an output has something of a secret's shape; "Basic instructions" are words."""
    return any(re.search(r"\d|://|PRIVATE", match.group()) for match in SHAPES.finditer(text))
