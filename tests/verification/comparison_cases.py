"""Case files: markdown tables of two values, and whether a comparison may call them the same.

    ```python                                        what both sides run first, each for itself: nothing is shared between them
    import pandas as pd
    ```
    ## different                                     same, different or unknown; `(in parts unknown)` where a value cannot be seen whole
    | what | notebook | package | told |
    |---|---|---|---|
    | the name | `pd.Series([1], name="a")` | `pd.Series([1], name="b")` | name: 'a' in the notebook, 'b' in the package |

`told` is what the comparison says of the difference; empty means anything. Where a column `file` follows the first, both expressions write
a file of that name. `needs: torch` skips a file where that library is missing.
Both values take the real way: a picture, JSON, the comparison.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.recording.probe.pictures import picture_of
from nb2prod.verification.compare import Match, compare

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One row: where it stands, the two expressions, and what must come out."""

    file: str
    what: str
    setup: str
    notebook: str
    package: str
    outcome: str
    told: str
    whole: bool
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.what} ({self.outcome})"


def read_cases(path: Path) -> Iterator[Case]:
    """Every row of one file; none where a library it needs is missing."""
    text = path.read_text(encoding="utf-8")
    needed = re.findall(r"^needs: (.+)$", text, re.MULTILINE)
    if any(importlib.util.find_spec(name) is None for line in needed for name in line.split()):
        return
    setup = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        outcome, whole = section.split()[0], "unknown" not in section.splitlines()[0]
        for line in section.splitlines():
            cells = [cell.strip().replace("\\|", "|").strip("`") for cell in re.split(r"(?<!\\)\|", line)][1:-1]
            if len(cells) > 3 and cells[0] != "what" and not cells[0].startswith("---"):
                notebook, package, told = cells[-3:]
                yield Case(path.stem, cells[0], setup, notebook, package, outcome, told, whole, cells[1] if len(cells) == 5 else "")


def value(setup: str, expression: str) -> Any:
    """What an expression comes to after a setup of its own."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(setup, "<setup>", "exec"), namespace)
    return eval(expression, namespace)


def matched(expected: object, actual: object) -> Match:
    """The pictures go through JSON, as they do between processes."""
    return compare(*(json.loads(json.dumps(picture_of(one))) for one in (expected, actual)))


def outcome(case: Case) -> Match:
    """How the comparison of a case comes out."""
    return matched(value(case.setup, case.notebook), value(case.setup, case.package))


def all_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.md")) for case in read_cases(path)]
