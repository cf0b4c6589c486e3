"""Every tool on every notebook: does it convert, does that run, are the results the notebook's, how much of the code is gone.

    of_notebook(Path("sample_notebooks/ab_test.ipynb"), environments)
        ->   [{"notebook": "ab_test", "tool": "nb2prod", "converts": True, "runs": True, "same": True, "gone": 0.07, ...}, ...]

The results compared are variables and files that nb2prod found to be the notebook's results and that the notebook has at its end.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from peers.environments import Environment
from peers.judging import code_lines, different, share_gone, statements
from peers.running import Left, copied, left, reference
from peers.tools import TOOLS, Made, python_of

Row = dict[str, Any]
GONE = {"missing": True}


def of_notebook(notebook: Path, environments: Mapping[str, Environment]) -> list[Row]:
    """A row for each tool that is installed; ours comes first, for it names the results."""
    with copied(notebook) as path:
        ours = TOOLS["nb2prod"](environments["nb2prod"], path, ())
        results = ours.manifest.get("results", ())
        files = [one["path"] for one in results if "path" in one]
        whole = reference(notebook, sys.executable, [one["name"] for one in results], files)
        names = [name for name, value in whole.values.items() if value != GONE]
        rows = [_row("nb2prod", ours, path, names, whole)]
    for tool, environment in environments.items():
        if tool == "nb2prod" or environment.place is None:
            continue
        with copied(notebook) as path:
            made = TOOLS[tool](environment, path, names)
            same_libraries = tool != "lineapy"
            against = whole if same_libraries or not made.ok else reference(notebook, environment.tool("python"), names, files)
            rows.append(_row(tool, made, path, names, against))
    return [{"notebook": notebook.stem, **row} for row in rows]


def _row(tool: str, made: Made, path: Path, names: list[str], whole: Left) -> Row:
    row: Row = {"tool": tool, "converts": made.ok, "runs": False, "same": None, "gone": None, "why": made.why}
    row |= {
        "parameters": made.parameters,
        "tests": made.tests,
        "verdict": made.manifest.get("verdict", ""),
        "results": len(names) + len(whole.files),
    }
    if not made.ok or made.run is None:
        return row
    row["gone"] = dropped(made.manifest, python_of(path)) if made.manifest else share_gone(python_of(path), made.text)
    if not made.files:
        whole = replace(whole, files={})
    for name in whole.files:
        (path.parent / name).unlink(missing_ok=True)  # a conversion may have run the notebook here
    dump = path.parent / "last.json"
    found = left(made.run(dump, names), dump, path.parent, list(whole.files))
    row["runs"], row["why"] = found.ok, found.why
    if made.compared and (names or whole.files) and whole.ok:
        told = unlike(whole, found, names) if found.ok else "it does not run"
        row["same"] = not told
        row["why"] = row["why"] or told
    return row


def unlike(whole: Left, found: Left, names: list[str]) -> str:
    """The first result that is not the notebook's, "" where all are."""
    expected = {name: whole.values[name] for name in names}
    told = different(expected, {name: found.values.get(name, GONE) for name in names})
    lost = [name for name, content in whole.files.items() if found.files.get(name) != content]
    return told or (f"the file {lost[0]}" if lost else "")


def dropped(manifest: Mapping[str, Any], cells: list[str]) -> float:
    """The share of the code lines of some cells that a manifest says are dropped: ours rewrites what it keeps, so its text cannot be searched."""
    lines = gone = 0
    for cell, code in zip(manifest["cells"], cells, strict=True):
        dead = [(one["start"], one["end"]) for one in cell["statements"] if not one["live"]]
        for statement in statements([code]):
            size = code_lines(statement)
            lines += size
            gone += size if any(start <= statement.lineno <= end for start, end in dead) else 0
    return gone / lines if lines else 0.0
