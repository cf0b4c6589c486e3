"""Notebook files for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}}


def write_notebook(path: Path, *cells: str, metadata: dict[str, Any] | None = None) -> Path:
    """A notebook of code cells; one that starts with a hash is markdown."""
    written = [_cell(number, source) for number, source in enumerate(cells)]
    notebook = {"cells": written, "metadata": PYTHON if metadata is None else metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def _cell(number: int, source: str) -> dict[str, Any]:
    cell = {"id": f"cell-{number}", "metadata": {}, "source": source}
    if source.startswith("#"):
        return {"cell_type": "markdown", **cell}
    return {"cell_type": "code", "execution_count": number + 1, "outputs": [], **cell}
