"""NB205: a secret is written in the code.

Everyone who sees the notebook or its history has it. The package reads it from the environment instead, and no file of it shows the value.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.knowledge.secrets import find_secrets
from nb2prod.model.diagnostic import Severity

CODE = "NB205"
SEVERITY = Severity.warning
MESSAGE = "a secret{name} is written in the code"
HINT = "put it into an environment variable, and take back the one that was shown"
EXAMPLES = (
    Example(("x = 1\napi_key = 'k9-3fa85f6457174562'",), "a secret (`api_key`) is written in the code", line=2),
    Example(("url = 'postgresql://me:hunter2@db/sales'",), "a secret (`url`) is written in the code"),
    Example(("import os\npassword = os.environ['PASSWORD']",)),
    Example(("tokens = ['the', 'cat']\nword = 'password'",)),
)


def check(case: Case) -> Iterator[Finding]:
    """A warning for each secret in any statement, kept or not: the notebook itself is shared."""
    for step in case.walked.steps:
        for secret in find_secrets(step.tree):
            yield at(step, secret.node, name=f" (`{secret.name}`)" if secret.name else "")
