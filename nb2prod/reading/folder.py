"""A folder -> its files by path, each read when it is asked for and then as it was: what a merge has seen, and nothing else, may be written over.

read_folder(Path("churn"))["README.md"]   ->   b"# Churn ..."
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

SKIPPED = frozenset(
    {".git", ".venv", "venv", "node_modules", "__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)


class Folder(Mapping[str, bytes]):
    """The files of a folder, by their paths in it with forward slashes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = tuple(sorted(_paths(root)))
        self.seen: dict[str, bytes | None] = {}

    def __getitem__(self, path: str) -> bytes:
        if path not in self.seen:
            place = self.root / path
            self.seen[path] = place.read_bytes() if place.is_file() else None
        content = self.seen[path]
        if content is None:
            raise KeyError(path)
        return content

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and (self.root / path).is_file()

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def read_folder(root: Path) -> Folder:
    """The files of a folder. Raises OSError where one cannot be read."""
    return Folder(root)


def _paths(root: Path) -> Iterator[str]:
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in SKIPPED)
        yield from (Path(folder, file).relative_to(root).as_posix() for file in files)
