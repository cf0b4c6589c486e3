"""What lies beside a notebook: the local modules it may import and the files it reads.

churn.ipynb, helpers.py (import yaml), data/a.csv    ->   local_modules: {"helpers": {"yaml"}}    read_inputs(("data/a.csv",)): {"data/a.csv": b"..."}
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from nb2prod.model.syntax import nodes_of

LARGEST_INPUT = 4 << 20
MOST_FILES = 200


def local_modules(notebook: Path) -> dict[str, frozenset[str]]:
    """The Python files and packages in the notebook's folder, each with the top-level modules it imports, in alphabetical order."""
    folder = notebook.absolute().parent
    found = {}
    for name, files in sorted(modules_in(folder)):
        found[name] = frozenset(module for file in files for module in imported_by(file))
    return found


def modules_in(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.suffix == ".py" and path.stem.isidentifier():
            yield path.stem, [path]
        elif path.name.isidentifier() and (path / "__init__.py").is_file():
            yield path.name, sorted(path.rglob("*.py"))[:MOST_FILES]


def imported_by(file: Path) -> set[str]:
    """The top-level modules a Python file imports; none where it cannot be read or does not parse."""
    try:
        return imported_modules(ast.parse(file.read_bytes()))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def imported_modules(tree: ast.AST) -> set[str]:
    """The top-level modules that imports anywhere in the code name."""
    found = set()
    for node in nodes_of(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
    return found


def module_files(notebook: Path, names: Iterable[str]) -> tuple[str, ...]:
    """The files of local modules, relative to the notebook's folder."""
    folder = notebook.absolute().parent
    wanted = set(names)
    return tuple(file.relative_to(folder).as_posix() for name, files in sorted(modules_in(folder)) if name in wanted for file in files)


def read_inputs(notebook: Path, names: Iterable[str], largest: int = LARGEST_INPUT) -> dict[str, bytes]:
    """The contents of files named relative to the notebook's folder; those that are missing, absolute or too large are left out."""
    folder = notebook.absolute().parent
    found = {}
    for name in names:
        path = folder / name
        if not Path(name).is_absolute() and os.path.isfile(path) and path.stat().st_size <= largest:
            found[name] = path.read_bytes()
    return found
