"""Files that two runs wrote are held against each other by what they hold, as the table in `file_cases.md` says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from verification.comparison_cases import Case, read_cases, value

from nb2prod.model.notebook import Notebook
from nb2prod.model.recording import FilePicture, Recording
from nb2prod.recording.probe.files import content, digest
from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.pictures import Camera
from nb2prod.verification import verify

CASES = list(read_cases(Path(__file__).parent / "file_cases.md"))


def written(setup: str, expression: str, path: Path) -> Recording:
    """What a run tells that wrote this file."""
    path.parent.mkdir()
    value(setup, expression)(str(path))
    picture = json.loads(json.dumps(content(Camera(Home()), str(path))))
    return Recording(ok=True, files=(FilePicture(path.name, path.stat().st_size, digest(str(path)), picture),))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_files_come_out_as_their_table_says(case: Case, tmp_path: Path) -> None:
    notebook, package = (written(case.setup, getattr(case, side), tmp_path / side / case.path) for side in ("notebook", "package"))
    (comparison,) = verify(Notebook("nb.ipynb", "", ()), (), (), (), notebook, package).comparisons
    assert (comparison.name, comparison.outcome, comparison.difference) == (case.path, case.outcome, case.told or comparison.difference)
    assert bool(comparison.difference) == (case.outcome != "same")
