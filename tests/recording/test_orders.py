"""What a watched process is given: the injected files and its orders."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.model.notebook import StatementId
from nb2prod.recording.orders import INSTALLED, SOURCE, turns, write_probe


def test_the_injected_files_never_mention_nb2prod_as_a_package_to_import(tmp_path: Path) -> None:
    write_probe(tmp_path)
    for file in (tmp_path / INSTALLED).glob("*.py"):
        assert "import nb2prod" not in file.read_text() and "from nb2prod" not in file.read_text()


@pytest.mark.parametrize("file", sorted(SOURCE.glob("*.py")), ids=lambda file: file.name)
def test_the_injected_files_need_nothing_newer_than_python_3_8_and_load_nothing_but_the_standard_library(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    foreign = {
        name for name in imported if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("nb2prod.recording.probe")
    }
    allowed = {"matplotlib.backend_bases", "matplotlib.backends.backend_agg"} if file.name == "figures.py" else set()
    assert foreign == allowed


def test_the_injected_files_load_no_library_of_the_notebook(tmp_path: Path) -> None:
    write_probe(tmp_path)
    loaded = "{'numpy', 'pandas', 'matplotlib'} & set(sys.modules)"
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {INSTALLED}.session; print({loaded})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_cells_run_in_turn_and_a_cell_that_is_left_and_met_again_runs_in_two_turns(tmp_path: Path) -> None:
    notebook = make_notebook(tmp_path / "nb.ipynb", "a = 1\nb = 2", "c = 3", "def (")
    order = [StatementId(0, 0), StatementId(1, 0), StatementId(0, 1)]
    assert [(turn["index"], turn["ranks"], turn["whole"]) for turn in turns(notebook, None)] == [(0, [0, 1], True), (1, [0], True)]
    assert [(turn["index"], turn["ranks"], turn["whole"]) for turn in turns(notebook, order)] == [
        (0, [0], False),
        (1, [0], True),
        (0, [1], True),
    ]
