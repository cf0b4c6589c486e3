"""Imports that mean something only after kept code stay where they are."""

from __future__ import annotations

import json
from pathlib import Path

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.planning import make_plan
from nb2prod.reading import read


def bound_at_module_level(folder: Path, code: str) -> set[str]:
    cells = [{"cell_type": "code", "id": "c0", "metadata": {}, "source": code, "outputs": []}]
    path = folder / "imports.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), encoding="utf-8")
    notebook = read(path)
    plan = make_plan(notebook, analyze(notebook, load_knowledge()), load_knowledge(), Choices())
    return {one.bound for one in plan.imports}


def test_a_module_found_on_a_path_the_notebook_adds_is_imported_after_it(tmp_path: Path) -> None:
    code = "import sys\nsys.path.insert(0, '..')\nimport pandas as pd\nimport our_checks\nprint(our_checks.run(pd.DataFrame()))"
    assert bound_at_module_level(tmp_path, code) == {"sys", "pd"}


def test_a_library_that_reads_the_environment_is_imported_after_it_is_set(tmp_path: Path) -> None:
    code = "import os\nimport json\nos.environ['MODE'] = 'x'\nimport numpy as np\nprint(np.sum([1]), json.dumps(1))"
    assert bound_at_module_level(tmp_path, code) == {"os", "json"}


def test_other_imports_move_to_the_top(tmp_path: Path) -> None:
    assert bound_at_module_level(tmp_path, "import numpy as np\nprint(np.sum([1]))") == {"np"}
