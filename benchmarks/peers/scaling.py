"""Cost and memory against the size of a notebook: the samples' cells one after the other, again and again with other names.

grown(notebooks, 1000, folder)   ->   folder/cells_1000.ipynb: 1000 code cells, with the outputs and the text between them
measured(path, commands)         ->   [{"cells": 1000, "tool": "nb2prod analyze", "bytes": 2_100_000, "cpu": 2.1, "memory": 190_000_000}]
exponent([20, 200], [1.0, 10.0]) ->   1.0
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from peers.running import Ran, copied

SIZES = (20, 100, 500, 2000, 5000, 20000)


def grown(notebooks: Sequence[Path], cells: int, folder: Path, outputs: bool = True) -> Path:
    """A notebook of so many code cells. Each copy of a sample has its own names, as one long notebook would, and shares only its imports."""
    found: list[dict[str, Any]] = []
    made = 0
    for cell in _copies(notebooks):
        code = cell["cell_type"] == "code"
        if made + code > cells:
            break
        made += code
        cell["id"] = f"cell-{len(found)}"
        if code:
            cell["execution_count"] = made
            cell["outputs"] = cell["outputs"] if outputs else []
        found.append(cell)
    kept = json.loads(notebooks[0].read_text(encoding="utf-8"))
    path = folder / f"cells_{cells}.ipynb"
    path.write_text(json.dumps({**kept, "cells": found}, indent=1), encoding="utf-8")
    return path


def _copies(notebooks: Sequence[Path]) -> Iterable[dict[str, Any]]:
    for number in count():
        for at, path in enumerate(notebooks):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            bound = _bound(cells)
            for cell in cells:
                source = "".join(cell["source"])
                if cell["cell_type"] == "code":
                    source = _renamed(source, bound, f"_{number}_{at}")
                yield {**cell, "source": source}


def _bound(cells: Sequence[Mapping[str, Any]]) -> set[str]:
    """The names that a notebook binds at top level, but for its imports."""
    names: set[str] = set()
    for tree in filter(None, (_parts("".join(cell["source"]))[1] for cell in cells if cell["cell_type"] == "code")):
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return names


def _parts(source: str) -> tuple[list[str], ast.Module | None]:
    """The lines of a cell that only IPython understands, and the rest, where that is Python."""
    lines = source.splitlines()
    magics = [line for line in lines if line.startswith(("%", "!"))]
    try:
        return magics, ast.parse("\n".join(line for line in lines if line not in magics))
    except SyntaxError:  # taken over as it is
        return magics, None


def _renamed(source: str, names: set[str], ending: str) -> str:
    magics, tree = _parts(source)
    if tree is None:
        return source
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            node.id += ending
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names:
            node.name += ending
        elif isinstance(node, ast.arg) and node.arg in names:
            node.arg += ending
        elif isinstance(node, ast.Global):
            node.names = [name + ending if name in names else name for name in node.names]
    return "\n".join([*magics, ast.unparse(tree)]).strip()


def measured(path: Path, commands: Mapping[str, Callable[[Path], Ran]]) -> list[dict[str, Any]]:
    """Each command once on a notebook; one that fails is left out."""
    rows = []
    cells = int(path.stem.rpartition("_")[2])
    for name, command in commands.items():
        with copied(path) as copy:
            ran = command(copy)
        if ran.code == 0:
            size = path.stat().st_size
            rows.append({"cells": cells, "tool": name, "bytes": size, "cpu": ran.cpu, "seconds": ran.seconds, "memory": ran.memory})
    return rows


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of a straight line through the logarithms: 1 is linear, 2 quadratic."""
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread
