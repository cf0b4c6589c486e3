"""Folders of generated projects -> how far each keeps the house style of generated code (`docs/generated-code.md`), one line a project and a total.

    python benchmarks/house.py churn/ sales/     ->     churn   ok  ok  ok  ok   7   14/31   3/6   0  0   0%  0  0

Imports, ruff, mypy and black are asked in the project's own folder, with its own settings. Functions are read from the source and the stages
from the manifest: lines count what follows the docstring; inputs are variables and parameters together.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import gettempdir
from typing import Any

CHECKS = {
    "imports": ["-c", "import {package}.pipeline"],
    "ruff": ["-m", "ruff", "check", "--quiet", "."],
    "mypy": ["-m", "mypy", "src"],
    # fast: its own check wants an interpreter as new as the newest that the project is for
    "black": ["-m", "black", "--check", "--fast", "-q", "--line-length", "100", "src/{package}"],
}
CACHE = str(Path(gettempdir()) / "house-mypy")  # mypy reads the libraries' types once for all projects
LONGEST = 50
PARTS = ("for_", "over_", "with", "once")
POOR = re.compile(r"(?:stage|step|part|cell|value)_\d+(?:_\d+)?$|_from_cell_\d+|_cell_\d+|_\d{1,2}$")
HEADINGS = "project imports ruff mypy black stages lines inputs long globals poor dead unused".split()


@dataclass
class House:
    """What was counted in one project."""

    name: str
    checks: dict[str, bool] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    long: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    poor: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def row(self) -> list[str]:
        """The line of the table."""
        said = ["ok" if passed else "FAIL" for passed in self.checks.values()]
        spans = [f"{median(numbers):g}/{max(numbers)}" if numbers else "-" for numbers in (self.lines, self.inputs)]
        poor = f"{len(self.poor) / max(1, len(self.lines)):.0%}"
        counts = [str(len(found)) for found in (self.dead, self.unused)]
        return [self.name, *said, str(len(self.lines)), *spans, str(len(self.long)), str(len(self.globals)), poor, *counts]

    def findings(self) -> Iterator[str]:
        """What keeps it from being clean, in words."""
        for what in ("long", "globals", "poor", "dead", "unused"):
            found = getattr(self, what)
            if found:
                yield f"    {what}: {', '.join(found)}"


def look(folder: Path, python: str) -> House:
    """Count one project; its `nb2prod.json` says what is a stage and what is a parameter."""
    manifest = json.loads((folder / "nb2prod.json").read_text(encoding="utf-8"))
    package = manifest["package"]
    house = House(folder.name)
    for name, words in CHECKS.items():
        interpreter = python if name == "imports" else sys.executable
        house.checks[name] = passes([interpreter, *(word.format(package=package) for word in words)], folder)
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in (folder / "src" / package).glob("*.py")}
    stages = {stage["name"]: stage for stage in manifest["stages"]}
    parts = tuple(f"{name}_{word}" for name in stages for word in PARTS)  # functions that were blocks of a stage
    for module in sorted({stage["module"] for stage in stages.values()} | {"pipeline"}):
        for function in (node for node in trees[module].body if isinstance(node, ast.FunctionDef)):
            if function.name in stages or module == "pipeline" or function.name.startswith(parts):
                count(function, trees[module], stages.get(function.name), house)
    wired = {i for stage in stages.values() for i in stage["inputs"]}
    wired |= {node.attr for node in ast.walk(trees["pipeline"]) if isinstance(node, ast.Attribute)}
    house.dead = [one["name"] for one in manifest["parameters"] if one["name"] not in wired]
    return house


def count(function: ast.FunctionDef, module: ast.Module, stage: dict[str, Any] | None, house: House) -> None:
    """Add one generated function."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    lines = (function.end_lineno or 0) - ((docstring.end_lineno or 0) if docstring else function.lineno)
    house.long.extend([f"{function.name} ({lines})"] if lines > LONGEST else [])
    if stage is None:
        return
    house.lines.append(lines)
    house.inputs.append(len(stage["inputs"]))
    house.poor.extend([function.name] if POOR.search(function.name) else [])
    bound = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    state = {node.targets[0].id for node in module.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    declared = any(isinstance(node, ast.Global) for node in ast.walk(function))
    house.globals.extend([function.name] if declared or (read - bound) & state - set(dir(builtins)) - {"logger"} else [])
    arguments = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
    house.unused.extend(f"{function.name}.{name}" for name in arguments if name not in read)


def passes(command: list[str], folder: Path) -> bool:
    """Whether a command ends well in the project's folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder.resolve() / "src"), "MPLBACKEND": "Agg", "MYPY_CACHE_DIR": CACHE}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=600, check=False)
    return done.returncode == 0


def interpreter_of(folder: Path) -> str:
    """The interpreter that the project was converted with; ours where it does not say."""
    proof = folder / ".nb2prod" / "proof.json"
    told = json.loads(proof.read_text(encoding="utf-8"))["choices"]["python"] if proof.exists() else ""
    return told or sys.executable


def show(row: list[str]) -> None:
    """One line of the table."""
    print(f"{row[0][:36]:<36}", *(f"{text:<7}" for text in row[1:]))


def main(arguments: list[str]) -> int:
    """Print the table and the findings; 1 where a check fails."""
    houses = []
    show(HEADINGS)
    for folder in (Path(argument) for argument in arguments):
        houses.append(look(folder, interpreter_of(folder)))
        show(houses[-1].row())
        for finding in houses[-1].findings():
            print(finding, flush=True)
    total = House("total", {name: all(house.checks[name] for house in houses) for name in CHECKS})
    for what in ("lines", "inputs", "long", "globals", "poor", "dead", "unused"):
        setattr(total, what, [one for house in houses for one in getattr(house, what)])
    show(total.row())
    failed = {name: sum(not house.checks[name] for house in houses) for name in CHECKS}
    print(f"{len(houses)} projects; failed: " + ", ".join(f"{name} {number}" for name, number in failed.items()))
    return int(any(failed.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
