"""A notebook whose cells are tagged with the stages they become, and the tasks of its project run in plain processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notebook_files import write_notebook

from nb2prod.cli import main

PARAMETERS = "import random\n\nseed = 7\nrows = 40\nshift = 1.5"
STAGES = {
    "load": "random.seed(seed)\ndata = [round(random.gauss(0, 1), 6) for _ in range(rows)]\nkept = {'first': data[0], 2: (1, None)}",
    "clean": "data.sort()\nlabels = {number: 'x' * (number % 3) for number in range(5)}",
    "average": "mean = sum(data) / len(data) + shift\nprint(mean)",
    "draw": "chosen = [random.choice(data) for _ in range(3)]\nprint(chosen)",
    "say": "told = (mean, labels[2], tuple(chosen), kept)\nprint(told)",
}


def staged_project(folder: Path, stages: Mapping[str, str] = STAGES, parameters: str = PARAMETERS) -> Path:
    """The project of a notebook with these stages, converted without running it."""
    notebook = write_notebook(folder / "steps.ipynb", parameters, *stages.values())
    told = json.loads(notebook.read_text(encoding="utf-8"))
    for cell, name in zip(told["cells"][1:], stages, strict=True):
        cell["metadata"]["tags"] = [f"stage:{name}"]
    notebook.write_text(json.dumps(told), encoding="utf-8")
    assert main(["convert", str(notebook), "-o", str(folder / "steps"), "--no-run", "-q"]) == 0
    return folder / "steps"


def job(project: Path, *words: str, folder: Path, **variables: str) -> tuple[int, dict[str, Any], str]:
    """One run of the package's job: its exit code, the line of JSON, and what it said."""
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), **variables}
    command = [sys.executable, "-m", "steps.job", "--json", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr
