"""What a notebook's code names, read once: every text that might be a path or the beginning of one, and the modules it imports.

mentions_of(notebook)     pd.read_csv("../data/x.csv")   ->   Mentions(texts=("../data/x.csv",), modules=("pandas",))

Kept, because two threads that parse at once can confuse Python's own count of depth (`SystemError: AST constructor recursion depth mismatch`):
who runs a notebook in a thread asks before it starts, and nothing is parsed there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from nb2prod.model.notebook import Notebook
from nb2prod.recording.probe.modules import imported_modules

LONGEST = 1000  # a longer text is no path


class Mentions(NamedTuple):
    """Texts of one line, in the order of the code, and the names of modules."""

    texts: tuple[str, ...]
    modules: tuple[str, ...]


def mentions_of(notebook: Notebook) -> Mentions:
    """What the cells without syntax errors name."""
    return _mentions_in(tuple(cell.code for cell in notebook.code_cells if not cell.syntax_error))


@lru_cache(maxsize=16)
def _mentions_in(codes: tuple[str, ...]) -> Mentions:
    texts = (text for code in codes for text in _texts(ast.parse(code)))
    return Mentions(tuple(text for text in texts if text and len(text) <= LONGEST and "\n" not in text), tuple(imported_modules(codes)))


def _texts(tree: ast.AST) -> Iterator[str]:
    """String constants, and for calls like `join("..", "..", "data")` and `Path("..") / ".."` the path they begin."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Call):
            yield "/".join(str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield "/".join(str(item.value) for item in ast.walk(node) if isinstance(item, ast.Constant) and item.value == "..")
