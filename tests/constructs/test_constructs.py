"""Every case of `cases/*.md`: the package made without a run gives what IPython gives, or the conversion is refused with its reasons."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from constructs.case_files import Case, all_cases

from nb2prod.errors import NotebookError
from nb2prod.model.choices import Choices
from nb2prod.pipeline import convert
from nb2prod.reading import read

CASES = all_cases()
RUNNING = [case for case in CASES if "refused" not in case.expected]
RUNNER = {"job", "job_files"}  # modules of every package, with none of the notebook's code
REFUSED = [case for case in CASES if "refused" in case.expected]


def judged(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "judge.py")],
        input=json.dumps(jobs),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=True,
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, Any, str]]:
    """For every running case what IPython gives, what the package gives, and the package's text."""
    root = tmp_path_factory.mktemp("constructs")
    notebooks: list[dict[str, Any]] = []
    packages: list[dict[str, Any]] = []
    texts = []
    for number, case in enumerate(RUNNING):
        there, here, source = (root / f"{number}-{name}" for name in ("notebook", "package", "source"))
        here.mkdir()
        path = case.write(here)
        shutil.copytree(here, there)
        told: dict[str, Any] = {"kind": "package", "folder": str(here), "source": str(source / "src"), "package": "", "cells": []}
        text = ""
        try:
            conversion = convert(path, Choices(run=False, keep=("out",)))
        except Exception as error:
            told["package"] = "cannot_be_converted"
            text = f"{error!r} {getattr(error, 'diagnostics', '')}"
        else:
            told["package"] = conversion.plan.package
            for file in conversion.project.files:
                if file.path.startswith("src/"):
                    target = source / file.path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(file.content if isinstance(file.content, bytes) else file.content.encode())
                    text += "" if Path(file.path).stem in RUNNER else str(file.content)
        texts.append(text)
        packages.append(told)
        notebooks.append({"kind": "notebook", "folder": str(there), "cells": [cell.source for cell in read(path).code_cells if runs(cell)]})
    both = zip(judged(notebooks), judged(packages), texts, strict=True)
    return {str(case): found for case, found in zip(RUNNING, both, strict=True)}


def runs(cell: Any) -> bool:
    return "skip-execution" not in cell.tags and bool(cell.source.strip())


@pytest.mark.slow
@pytest.mark.parametrize("case", RUNNING, ids=str)
def test_the_package_gives_what_ipython_gives(case: Case, outcomes: dict[str, tuple[Any, Any, str]]) -> None:
    notebook, package, text = outcomes[str(case)]
    assert package["error"] == "", text
    if "not run" not in case.expected:
        assert notebook["error"] == ""
        assert (package["out"], package["files"]) == (notebook["out"], notebook["files"])
    for word in filter(None, case.expected.get("never", "").split("; ")):
        assert word not in text
    for word in filter(None, case.expected.get("holds", "").split("; ")):
        assert word in text


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_has_no_translation_is_refused_with_its_reasons(case: Case, tmp_path: Path) -> None:
    with pytest.raises(NotebookError) as caught:
        convert(case.write(tmp_path), Choices(run=False, keep=("out",)))
    told = "\n".join(
        re.sub(r"\s+", " ", f"{finding.code} cell {finding.cell} line {finding.line} {finding.message} ({finding.hint})")
        for finding in caught.value.diagnostics
        if finding.severity.name == "error"
    )
    for part in case.expected["refused"].split("; "):
        assert part in told
