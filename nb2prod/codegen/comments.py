"""The lines above a statement -> those worth keeping: prose stays, commented-out code goes, blank lines collapse.

# old version                    # old version
# df = pd.read_csv("old.csv")
                           ->
# the new export                 # the new export
df = ...                         df = ...
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterable
from itertools import groupby

import libcst as cst

WORDS = re.compile(r"(?!.*\w\.[^\W\d])[\w\s,.:;!?'&/-]*", re.DOTALL)
MAGIC = re.compile(r"\s*(!\s?[\w./$]+\s|%%?[a-z]\w*(\s|$))")


def own_lines(lines: Iterable[cst.EmptyLine]) -> tuple[cst.EmptyLine, ...]:
    """The comment lines to keep, parted from each other and from what is below by one blank line where there were some; none on top."""
    kept: list[cst.EmptyLine] = []
    for is_comment, group in groupby(lines, key=lambda line: line.comment is not None):
        if is_comment:
            kept.extend(_without_code(list(group)))
        elif kept and kept[-1].comment is not None:
            kept.append(cst.EmptyLine(indent=False))
    return tuple(kept)


def is_code(text: str) -> bool:
    """Whether comment text (without its `#`) is Python or a magic that does something, not words that happen to parse."""
    if "\n" not in text and MAGIC.match(text):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(textwrap.dedent(text))
        except (SyntaxError, ValueError):
            return False
    return any(not _is_words(node, text) for node in tree.body)


def _is_words(node: ast.stmt, text: str) -> bool:
    if isinstance(node, ast.ImportFrom) or (isinstance(node, ast.Import) and any(alias.asname for alias in node.names)):
        return False
    return WORDS.fullmatch(text) is not None


def _without_code(block: list[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """The block without the longest runs of lines that are code."""
    texts = [_text(line) for line in block]
    kept: list[cst.EmptyLine] = []
    start = 0
    while start < len(block):
        end = next((end for end in range(len(block), start, -1) if is_code("\n".join(texts[start:end]))), start)
        if end == start:
            kept.append(block[start])
        start = max(end, start + 1)
    return kept


def _text(line: cst.EmptyLine) -> str:
    assert line.comment is not None
    return line.comment.value.lstrip("#")
