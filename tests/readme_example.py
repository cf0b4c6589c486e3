"""The example notebook of the README, as a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def block(start: str) -> str:
    """The first code block of the README after a text."""
    text = README.read_text(encoding="utf-8")
    fenced = re.search(r"```\w*\n(.*?)\n```", text[text.index(start) :], re.DOTALL)
    assert fenced is not None
    return fenced.group(1)


def write_example(folder: Path) -> Path:
    """`late_orders.ipynb` with its data."""
    cells = []
    for part in re.split(r"^# %%", block("## Before and after"), flags=re.MULTILINE)[1:]:
        kind, _, source = part.partition("\n")
        source = source.strip("\n")
        if "markdown" in kind:
            text = re.sub(r"^# ", "", source, flags=re.MULTILINE)
            cells.append({"cell_type": "markdown", "id": f"c{len(cells)}", "metadata": {}, "source": text})
        else:
            code = {"cell_type": "code", "id": f"c{len(cells)}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
            cells.append(code)
    path = folder / "late_orders.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    rows = ("de,2", "de,5", "fr,4", "fr,7", "it,1")
    (folder / "orders.csv").write_text("country,days\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path
