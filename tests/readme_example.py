"""The example notebook of the README, as a file."""

from __future__ import annotations

import re
from pathlib import Path

from notebook_files import write_notebook

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
        cells.append(source.removeprefix("# ") if "markdown" in kind else source)
    rows = ("de,2", "de,5", "fr,4", "fr,7", "it,1")
    (folder / "orders.csv").write_text("country,days\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return write_notebook(folder / "late_orders.ipynb", *cells)
