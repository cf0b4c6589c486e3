"""Fault files: a notebook, and edits of the package made from it with what the proof must say of each.

Keep: `total table`                      the results
File `in.csv`:                           files beside the notebook, each followed by a fence
```python                                its cells
## Faults
| fault | was | becomes | where |        text that stands once in the package's source, what it becomes, and the result that must
| a lost seed | `seed(3)` | `pass` | total: |      be reported different: `name: what is said of it`
## Left alone
| change | was | becomes |               edits that change nothing and must stay the same
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.model.choices import Choices
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Verdict
from nb2prod.pipeline import Conversion, convert
from nb2prod.recording import Runner
from nb2prod.verification import verify

FOLDER = Path(__file__).parent / "faults"
SAMPLES = Path(__file__).parent.parent / "sample_notebooks"


@dataclass(frozen=True)
class Fault:
    """One edit: the file it stands in, its name, the text before and after, and where it must be found (empty: it changes nothing)."""

    base: str
    name: str
    was: str
    becomes: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.base}: {self.name}"


@dataclass(frozen=True)
class Base:
    """A converted notebook with everything needed to prove a changed package against it."""

    conversion: Conversion
    choices: Choices
    second: Recording

    def verdict_on(self, fault: Fault) -> Verdict:
        """The proof of the package with the fault in it, against the recording made once."""
        conversion, notebook = self.conversion, self.conversion.notebook
        assert conversion.recording is not None
        results = conversion.plan.results
        names = tuple(result.name for result in results if result.kind != "file")
        run = Runner(self.choices).run_package(notebook, edited(conversion.project, fault), names)
        live = conversion.analysis.live
        return verify(notebook, results, live, self.choices.drop, conversion.recording, run, lambda: self.second)


def read_faults(path: Path) -> list[Fault]:
    """Every row of a file's tables."""
    faults = []
    for line in path.read_text(encoding="utf-8").partition("\n## Faults")[2].splitlines():
        cells = [_unquoted(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) > 2 and cells[0] not in ("fault", "change") and not cells[0].startswith("---"):
            faults.append(Fault(path.stem, *cells))
    return faults


def _unquoted(cell: str) -> str:
    return cell.strip().strip("`").replace("\\|", "|").replace("\\n", "\n")


def write_notebook(path: Path, folder: Path) -> Path:
    """The notebook of a fault file with the files beside it; a sample comes with the folder of all samples."""
    text = path.read_text(encoding="utf-8").partition("\n## Faults")[0]
    for name, encoding, told in re.findall(r"^File `(\S+?)`(?: \((\S+?)\))?[^\n]*:\n\n```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        (folder / name).write_text(told, encoding=encoding or "utf-8")
    cells = re.findall(r"^```python\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    listed = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": cell, "outputs": []} for i, cell in enumerate(cells)]
    notebook = folder / f"{path.stem}.ipynb"
    notebook.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed}), encoding="utf-8")
    return notebook


def make_base(path: Path, folder: Path) -> Base:
    """Converts the notebook of a fault file, and runs it a second time for what may be chance."""
    text = path.read_text(encoding="utf-8")
    sample = re.search(r"^Sample: `(.+?)`", text, re.MULTILINE)
    keep = re.search(r"^Keep: `(.+?)`", text, re.MULTILINE)
    notebook = SAMPLES / sample.group(1) if sample else write_notebook(path, folder)
    choices = Choices(keep=tuple(keep.group(1).split()) if keep else (), timeout=300)
    conversion = convert(notebook, choices)
    assert conversion.verdict.outcome == "same", conversion.verdict.reason
    return Base(conversion, choices, Runner(choices).record(conversion.notebook, conversion.analysis.order))


def edited(project: Project, fault: Fault) -> Project:
    """The project with the fault in its source; raises when the text before does not stand there exactly once."""
    places = [(number, source(file).count(fault.was)) for number, file in enumerate(project.files) if file.path.startswith("src/")]
    assert sum(count for _, count in places) == 1, f"{fault}: {fault.was!r} stands {sum(count for _, count in places)} times in the package"
    files = list(project.files)
    number = next(number for number, count in places if count)
    files[number] = replace(files[number], content=source(files[number]).replace(fault.was, fault.becomes))
    return replace(project, files=tuple(files))


def source(file: File) -> str:
    return file.content if isinstance(file.content, str) and file.path.endswith(".py") else ""
