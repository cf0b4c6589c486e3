"""A notebook's folder -> a copy of it to run in, so that a run never touches the user's own files.

    churn/notebooks/nb.ipynb with pd.read_csv("../data/x.csv")   ->   a copy of churn/, to be run in its notebooks/

The copied root is the notebook's folder, or as many levels above it as the paths in its code climb with `..`.
"""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nb2prod.model.notebook import Notebook

LIMIT = 2 << 30
PREFIX = "nb2prod-"
SKIPPED = frozenset({".git", "node_modules", "__pycache__", ".ipynb_checkpoints"})


class TooLarge(Exception):
    """The folder holds more than we are willing to copy."""


@dataclass(frozen=True)
class Workspace:
    """A copy to run in: `root` is the copied root, `folder` the notebook's folder in it, `original` what `root` was copied from, and
    `private` a folder for our own files that the run does not look at."""

    root: Path
    folder: Path
    original: Path
    private: Path


@contextmanager
def open_workspace(notebook: Notebook) -> Iterator[Workspace]:
    """Copies what the notebook may read and removes the copy afterwards; raises `TooLarge` above 2 GiB."""
    folder = Path(notebook.path).absolute().parent.resolve()
    original = folder
    for _ in range(levels_up(notebook, folder)):
        original = original.parent
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as temporary:
        place = Path(temporary).resolve()
        root, private = place / "work" / (original.name or "root"), place / "private"
        private.mkdir()
        _measure(original)
        _copy(original, root)
        working = root / folder.relative_to(original)
        working.mkdir(parents=True, exist_ok=True)
        yield Workspace(root, working, original, private)


def levels_up(notebook: Notebook, folder: Path) -> int:
    """How far above its folder the paths in the notebook's code reach, counting only what exists."""
    levels = 0
    for cell in notebook.code_cells:
        if cell.syntax_error:
            continue
        for text in _texts(ast.parse(cell.code)):
            climbed = _climb(text)
            if climbed > levels and (folder / "/".join([".."] * climbed)).is_dir() and len(folder.parents) >= climbed:
                levels = climbed
    return levels


def _texts(tree: ast.AST) -> Iterator[str]:
    """String constants, and for calls like `join("..", "..", "data")` and `Path("..") / ".."` the path they begin."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Call):
            yield "/".join(str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield "/".join(str(item.value) for item in ast.walk(node) if isinstance(item, ast.Constant) and item.value == "..")


def _climb(text: str) -> int:
    if not text.startswith("..") or len(text) > 1000 or "\n" in text:
        return 0
    levels = 0
    for part in os.path.normpath(text.replace("\\", "/")).split("/"):
        if part != "..":
            break
        levels += 1
    return levels


def _skipped(folder: str, name: str) -> bool:
    """Environments, repositories and caches are no data, and a workspace (this one or another run's) must not be copied into itself."""
    ours = name.startswith(PREFIX) and os.path.isdir(os.path.join(folder, name, "private"))
    return ours or name in SKIPPED or os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))


def _measure(original: Path) -> None:
    total = 0
    for folder, names, files in os.walk(original):
        names[:] = [name for name in names if not _skipped(folder, name)]
        for name in files:
            path = os.path.join(folder, name)
            total += os.stat(path).st_size if os.path.isfile(path) else 0
            if total > LIMIT:
                raise TooLarge(f"the folder {original} holds more than 2 GiB, so no copy of it was made to run in")


def _copy(original: Path, root: Path) -> None:
    """Copies regular files and what links lead to; what cannot be read, hangs in the air or is no file stays behind."""
    seen: set[str] = set()
    for folder, names, files in os.walk(original, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            names.clear()
            continue
        seen.add(real)
        names[:] = [name for name in names if not _skipped(folder, name)]
        target = root / os.path.relpath(folder, original)
        target.mkdir(parents=True, exist_ok=True)
        for name in files:
            source = os.path.join(folder, name)
            if os.path.isfile(source) and os.access(source, os.R_OK):
                shutil.copy2(source, target / name)
