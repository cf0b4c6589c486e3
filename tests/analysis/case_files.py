"""Case files: markdown that people read as a table of what lives and what dies.

    ## An alias changed through its other name         one case: a heading,

    ```python                                          fenced cells of a notebook,
    a = [1]
    b = a
    b.append(2)
    print(b)
    out = a
    ```

    - keep: out                                        and what is expected
    - dead: 4

Lines count from 1 through all cells of a case; a statement goes by the line it starts on (`3.2` is the second statement of line 3). Keys:
`keep` is the variable to slice for (without it, the notebook's own results decide); `dead` lists what must die: everything else must live;
`needless` lists what lives although it could die (known to be imprecise); `results` the results by name; `counts` saved execution counts;
`error` a saved error as `cell Name line`; `not run` says why running proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from analysis.programs import Program

from nb2prod.model.notebook import StatementId

KEYS = ("keep", "dead", "needless", "results", "counts", "error", "not run", "reason")
FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One case: where it stands, its sentence, its cells and what is expected of them."""

    file: str
    line: int
    title: str
    cells: tuple[str, ...]
    expected: dict[str, str] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"

    @property
    def program(self) -> Program:
        counts = tuple(int(n) if n != "-" else None for n in self.expected["counts"].split()) if "counts" in self.expected else None
        errors = ()
        if "error" in self.expected:
            cell, name, line = self.expected["error"].split()
            errors = ((int(cell), name, int(line)),)
        return Program(self.cells, counts, errors)

    def lines(self, key: str) -> list[str]:
        """The lines a key lists, ranges spelled out."""
        found: list[str] = []
        for word in self.expected.get(key, "").replace(",", " ").split():
            first, dash, last = word.partition("-")
            found += [str(n) for n in range(int(first), int(last) + 1)] if dash else [word]
        return found

    def labels(self, program: Program) -> dict[StatementId, str]:
        """The name each statement goes by in the expectation."""
        labels: dict[StatementId, str] = {}
        offset = 0
        for cell in program.notebook.cells:
            for statement in cell.statements:
                line = offset + statement.span.start_line
                rank = sum(label.partition(".")[0] == str(line) for label in labels.values())
                labels[statement.id] = f"{line}.{rank + 1}" if rank else str(line)
            offset += len(cell.source.split("\n"))
        return labels


def read_cases(path: Path) -> list[Case]:
    """Every case of one file."""
    cases: list[Case] = []
    parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    line = parts[0].count("\n") + 1
    for part in parts[1:]:
        title = part.partition("\n")[0].strip()
        cells = tuple(re.findall(r"^```python\n(.*?)\n```$", part, re.MULTILINE | re.DOTALL))
        rest = re.sub(r"^```python\n.*?\n```$", "", part, flags=re.MULTILINE | re.DOTALL)
        expected = {key.strip(): value.strip() for key, value in re.findall(r"^- ([a-z ]+):(.*)$", rest, re.MULTILINE)}
        unknown = set(expected) - set(KEYS)
        assert not unknown, f"{path.name}:{line}: unknown keys {unknown}"
        assert cells, f"{path.name}:{line}: a case without cells"
        cases.append(Case(path.stem, line, title, cells, expected))
        line += part.count("\n")
    return cases


def all_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.md")) for case in read_cases(path)]
