"""What a watched process is told: our injected package under a name of its own, and its orders as JSON.

write_probe(private)                 private/_nb2prod_probe/*.py
starter("jupyter", "attach", ...)    the few lines of Python that import it and hand over the orders
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nb2prod.model.notebook import Cell, Notebook, StatementId
from nb2prod.recording.mentions import mentions_of
from nb2prod.recording.workspace import Workspace

SOURCE = Path(__file__).parent / "probe"
INSTALLED = "_nb2prod_probe"
# What a library loads for one of its functions, though no import names it.
UNNAMED = ("jinja2", "lxml", "matplotlib", "openpyxl", "pyarrow", "scipy", "statsmodels", "tables", "tabulate", "xlrd")


def write_probe(private: Path) -> None:
    """Copies the injected files, renamed so that they never meet an nb2prod the notebook may import itself."""
    target = private / INSTALLED
    target.mkdir()
    for file in sorted(SOURCE.glob("*.py")):
        text = file.read_text(encoding="utf-8").replace("nb2prod.recording.probe", INSTALLED)
        (target / file.name).write_text(text, encoding="utf-8")


def starter(module: str, function: str, workspace: Workspace, orders: dict[str, Any]) -> str:
    """Python that loads the injected package (leaving `sys.path` as it was), and calls its function with the orders."""
    path = workspace.private / "orders.json"
    path.write_text(json.dumps(orders), encoding="utf-8")
    lines = [
        "import sys, json, importlib",
        f"sys.path.insert(0, {str(workspace.private)!r})",
        f"importlib.import_module('{INSTALLED}.{module}')",
        f"sys.path.remove({str(workspace.private)!r})",
        f"sys.modules['{INSTALLED}.{module}'].{function}(json.load(open({str(path)!r}, encoding='utf-8')))",
    ]
    return "\n".join(lines) + "\n"


def common_orders(notebook: Notebook, workspace: Workspace, package: str = "") -> dict[str, Any]:
    """The orders that every kind of run needs."""
    return {
        "root": str(workspace.root),
        "folder": str(workspace.folder),
        "original": str(workspace.original),
        "private": str(workspace.private),
        "moves": [list(move) for move in workspace.moves],
        "hidden": [],
        "journal": str(workspace.private / "journal.jsonl"),
        "package": package,
        "modules": [*mentions_of(notebook).modules, *UNNAMED],
    }


def turns(notebook: Notebook, order: Sequence[StatementId] | None) -> list[dict[str, Any]]:
    """The cells to run in turn, each with the ranks of its statements that run then and whether its last one is among them."""
    ids = [statement.id for statement in notebook.statements] if order is None else list(order)
    found: list[dict[str, Any]] = []
    for id in ids:
        cell = notebook.cells[id.cell]
        if cell.syntax_error:
            continue
        continues = found and found[-1]["index"] == id.cell and found[-1]["ranks"][-1] < id.index
        if continues:
            found[-1]["ranks"].append(id.index)
        else:
            found.append({"index": id.cell, "code": cell.code, "ranks": [id.index]})
    for turn in found:
        turn["whole"] = turn["ranks"][-1] == _last(notebook.cells[turn["index"]])
    return found


def _last(cell: Cell) -> int:
    return cell.statements[-1].id.index
