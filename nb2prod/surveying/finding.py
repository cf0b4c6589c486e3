"""Words of the command line -> the notebooks they mean.

    find_notebooks(("share/", "x.ipynb", "old/**/*.ipynb"))   ->   [Path("share/a.ipynb"), Path("share/b/c.ipynb"), Path("x.ipynb"), ...]

A file that was named is taken whatever its ending; folders give what ends in `.ipynb`, without hidden folders and Jupyter's checkpoints.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

ENDING = ".ipynb"


def find_notebooks(words: Sequence[str | Path]) -> list[Path]:
    """The notebooks in the order of the words, those of a folder or pattern by name; each only once."""
    return list(dict.fromkeys(path for word in words for path in _of(str(word))))


def is_many(words: Sequence[str | Path]) -> bool:
    """Whether the words mean more than single files."""
    return any(os.path.isdir(word) or _is_pattern(str(word)) for word in words)


def _is_pattern(word: str) -> bool:
    return glob.has_magic(word) and not os.path.exists(word)


def _of(word: str) -> Iterator[Path]:
    if os.path.isdir(word):
        yield from _below(word)
    elif _is_pattern(word):
        for found in sorted(glob.glob(word, recursive=True)):
            if os.path.isdir(found):
                yield from _below(found)
            elif found.endswith(ENDING):
                yield Path(found)
    else:
        yield Path(word)


def _below(folder: str) -> Iterator[Path]:
    """Links to folders are not followed: they may lead in a circle."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if name.endswith(ENDING) and not name.startswith("."))
