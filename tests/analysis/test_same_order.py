"""What is found comes in an order that the notebook decides, not the hashes of one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_files import write_notebook


@pytest.mark.parametrize("seed", ["1", "4", "7"])
def test_names_bound_by_one_statement_are_results_in_the_order_of_binding(tmp_path: Path, seed: str) -> None:
    notebook = write_notebook(
        tmp_path / "loops.ipynb", "near = [[1, 2], [3]]", "for i in range(2):\n    for j in near[i]:\n        (k, h) = (i, j)"
    )
    told = subprocess.run(
        [sys.executable, "-m", "nb2prod", "analyze", str(notebook), "--format", "json"],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
    )
    assert [result["name"] for result in json.loads(told.stdout)["results"]] == ["near", "i", "j", "k", "h"]
