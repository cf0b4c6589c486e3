"""NB207: kept code uses the network.

What it gets can be gone, slow or other tomorrow, and where the job runs the network may be closed.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.called import Called
from nb2prod.analysis.rules.case import Case, Finding, at, short
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB207"
SEVERITY = Severity.note
MESSAGE = "kept code uses the network{what}"
HINT = "see that the job may reach it, or save what it gives to a file"
EXAMPLES = (
    Example(
        ("import requests\ntext = requests.get('https://example.org/a').text\nprint(len(text))",),
        "uses the network: `requests.get`",
        line=2,
    ),
    Example(
        ("import pandas as pd\ndf = pd.read_csv('https://example.org/a.csv')\nprint(df.x.mean())",),
        "uses the network: `pd.read_csv`",
        line=2,
    ),
    Example(("import pandas as pd\ndf = pd.read_csv('a.csv')\nprint(df.x.mean())",)),
    Example(("import requests\npage = requests.get('https://example.org/a')", "print(1 + 2)")),
)


def check(case: Case) -> Iterator[Finding]:
    """One note for each live statement that does."""
    for step in case.live_steps:
        calls = sorted(case.calls_of(step), key=lambda called: not case.touches(called, "network"))
        called = next((called for called in calls if case.touches(called, "network") or has_address(called)), None)
        if called is not None and any(location.kind == "network" for location in (*step.effects.uses, *step.effects.updates)):
            yield at(called.home, called.node, what=f": `{short(called.node.func)}`")


def has_address(called: Called) -> bool:
    """Whether a call is given an address of the network."""
    values = [called.step.touches.values.get(argument) for argument in called.node.args]
    texts = [value.constant for value in values if value is not None and isinstance(value.constant, str)]
    return any(text.startswith(("http://", "https://", "ftp://", "s3://", "gs://")) for text in texts)
