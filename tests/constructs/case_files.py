"""Case files of whole notebooks: what only notebooks can say, and what becomes of it.

    ## A folder is changed                             one case: a heading,

    ```python                                          fenced cells (```python tags=keep counts=3 for what stands beside a cell's text),
    %cd data
    out = open("a.txt").read()
    ```

    ```file data/a.txt                                 files beside the notebook,
    1
    ```

    - refused: NB204 `%store`                          and what is expected

Without `refused`, the variable `out` and the files written must be the same after a run of the notebook in IPython and after a run of the
package, which must not need IPython. `refused` lists parts of what the refusal says, apart by `;`. `not run` says why IPython cannot judge;
`never` names text that must not stand in the package. A fenced `ipynb` file holds a notebook of its own: cells apart by `# %%`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEYS = ("refused", "not run", "never", "holds", "name")
FOLDER = Path(__file__).parent / "cases"
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    """One case: where it stands, its sentence, its cells (words behind the fence, text), its files and what is expected."""

    file: str
    title: str
    cells: tuple[tuple[str, str], ...]
    files: dict[str, str] = field(hash=False)
    expected: dict[str, str] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"

    def write(self, folder: Path) -> Path:
        """Writes the notebook and the files beside it; gives the notebook's path."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                notebook_text([("", cell) for cell in re.split(r"^# %%\n", text, flags=re.MULTILINE)]) if name.endswith(".ipynb") else text
            )
        path = folder / (self.expected.get("name") or "case.ipynb")
        path.write_text(notebook_text(self.cells) if path.suffix == ".ipynb" else self.cells[0][1])
        return path


def notebook_text(cells: Any) -> str:
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}}
    written = [cell_data(number, words, text.removesuffix("\n")) for number, (words, text) in enumerate(cells)]
    return json.dumps({"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def cell_data(number: int, words: str, source: str) -> dict[str, Any]:
    told = dict(word.split("=") for word in words.split() if "=" in word)
    common = {"id": f"cell-{number}", "metadata": {"tags": told["tags"].split(",")} if "tags" in told else {}, "source": source}
    if "kind" in told:
        return {"cell_type": told["kind"], **common}
    count = told.get("count")
    return {"cell_type": "code", "execution_count": int(count) if count else None, "outputs": [], **common}


def read_cases(path: Path) -> list[Case]:
    """Every case of one file."""
    cases: list[Case] = []
    for part in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        fences = FENCE.findall(part)
        rest = FENCE.sub("", part)
        expected = {key.strip(): value.strip() for key, value in re.findall(r"^- ([a-z ]+):(.*)$", rest, re.MULTILINE)}
        assert not set(expected) - set(KEYS), f"{path.name}: unknown keys {set(expected) - set(KEYS)}"
        cells = tuple((words.strip(), text) for kind, words, text in fences if kind == "python")
        assert cells, f"{path.name}: a case without cells: {part[:80]}"
        files = {words.strip(): text for kind, words, text in fences if kind == "file"}
        cases.append(Case(path.stem, part.partition("\n")[0].strip(), cells, files, expected))
    return cases


def all_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.md")) for case in read_cases(path)]
