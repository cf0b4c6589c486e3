"""Paths of the user's own folder in code -> the same paths in the copy, so that code which names its folder in full runs in the copy too.

    open("/home/ann/churn/data/x.csv")   ->   open("/tmp/nb2prod-.../churn/data/x.csv")

Only whole path parts count: /home/ann/churn2 is another folder.
"""

from __future__ import annotations

import ast
import re
from typing import Sequence


def moved(text: str, moves: Sequence[Sequence[str]]) -> str:
    """The text with each named path replaced by its place."""
    for named, place in moves:
        if named in text:
            text = place.join(re.split(r"(?<![\w.-])%s(?![\w.-])" % re.escape(named), text))
    return text


def move_constants(tree: ast.AST, moves: Sequence[Sequence[str]]) -> None:
    """Moves the paths in every text of a syntax tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = moved(node.value, moves)


def moved_source(source: bytes, moves: Sequence[Sequence[str]]) -> bytes:
    """The same for the source of a module."""
    return moved(source.decode("utf-8"), moves).encode("utf-8")
