"""Case files: markdown that people read as a table of merges.

    ## An edit in a function that moved        one case: a heading,

    ```base src/p/a.py                         fenced files: as written last (base), as the hand left them (hand), as the notebook
    def f(): ...                               would have them now (new), and as they must be (merged)
    ```

    - conflict: f                              and the names of what must be told as a conflict, if any

A file that is in `base` and not in `hand` was deleted by hand; `hand` and `new` without any file of a case are as `base`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from nb2prod.merging import Renewal, decide, merge
from nb2prod.merging.ancestor import remembered

FOLDER = Path(__file__).parent / "cases"
SIDES = ("base", "hand", "new", "merged")
PYPROJECT = '[project]\nname = "p"\n'


@dataclass(frozen=True)
class Case:
    """One case: its sentence, the files of each side, and what must be told."""

    file: str
    title: str
    sides: dict[str, dict[str, str]] = field(hash=False)
    conflicts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"

    def side(self, name: str) -> dict[str, bytes]:
        files = self.sides[name] if name in self.sides else self.sides["base"]
        return {path: text.encode("utf-8") for path, text in files.items()}

    def merge(self) -> Renewal:
        ancestor = remembered("p", self.side("base"), ())
        package, decisions = decide(ancestor, self.side("hand"))
        return merge(ancestor, self.side("hand"), package, self.side("new"), (), decisions)


def read_cases(path: Path) -> list[Case]:
    cases = []
    for part in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        sides: dict[str, dict[str, str]] = {}
        for side, name, text in re.findall(r"^```(\w+) (\S+)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL):
            assert side in SIDES, f"{path.name}: unknown side {side}"
            sides.setdefault(side, {})[name] = text
        for side in re.findall(r"^- (\w+): nothing$", part, re.MULTILINE):
            sides[side] = {}
        conflicts = tuple(sorted(re.findall(r"^- conflict: (.*)$", part, re.MULTILINE)))
        cases.append(Case(path.stem, part.partition("\n")[0].strip(), sides, conflicts))
    return cases


def all_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.md")) for case in read_cases(path)]
