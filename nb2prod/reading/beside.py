"""What lies beside a notebook: the local modules it may import and the files it reads.

    churn.ipynb, helpers.py, data/a.csv    ->   local_modules: ("helpers",)    read_inputs(("data/a.csv",)): {"data/a.csv": b"..."}
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LARGEST_INPUT = 4 << 20


def local_modules(notebook: Path) -> tuple[str, ...]:
    """The names of the Python files in the notebook's folder, in alphabetical order."""
    return tuple(sorted(path.stem for path in notebook.absolute().parent.glob("*.py") if path.stem.isidentifier()))


def read_inputs(notebook: Path, names: Iterable[str], largest: int = LARGEST_INPUT) -> dict[str, bytes]:
    """The contents of files named relative to the notebook's folder; those that are missing, absolute or too large are left out."""
    folder = notebook.absolute().parent
    found = {}
    for name in names:
        path = folder / name
        if not Path(name).is_absolute() and path.is_file() and path.stat().st_size <= largest:
            found[name] = path.read_bytes()
    return found
