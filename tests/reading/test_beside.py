"""What is found beside a notebook."""

from __future__ import annotations

from pathlib import Path

from nb2prod.reading.beside import local_modules, module_files, read_inputs


def folder_with(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "nb.ipynb"


def test_local_modules_are_files_and_packages_with_what_they_import(tmp_path: Path) -> None:
    notebook = folder_with(tmp_path, first_py="import second, numpy as np\nfrom . import x", second_py="import os.path", broken_py="def (")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("from yaml import load", encoding="utf-8")
    assert local_modules(notebook) == {
        "broken": frozenset(),
        "first": frozenset({"second", "numpy"}),
        "pack": frozenset({"yaml"}),
        "second": frozenset({"os"}),
    }
    assert module_files(notebook, ("pack", "second")) == ("pack/__init__.py", "second.py")


def test_inputs_that_are_missing_absolute_or_too_large_are_left_out(tmp_path: Path) -> None:
    notebook = folder_with(tmp_path, small="12", large="12345")
    absolute = str(tmp_path / "small")
    assert read_inputs(notebook, ("small", "large", "gone", absolute), largest=3) == {"small": b"12"}
