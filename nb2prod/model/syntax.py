"""Python text -> its syntax tree, and a tree -> its nodes, each worked out once. Trees are only looked at, never changed.

parsed("x = 1")         ->  <ast.Module>                      the same one for the same text: it does not say where the text stands
nodes_of(<ast.Module>)  ->  (<ast.Module>, <ast.Assign>, <ast.Name>, <ast.Constant>)
"""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

KEPT = "_nodes"
LONG = 4_000  # characters: trees of longer texts would fill the memory
MOST = 1_024


def parse(source: str) -> ast.Module:
    """A tree of its own for some Python, top-level `await` allowed. Raises SyntaxError, ValueError, RecursionError, MemoryError, OverflowError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the notebook's own SyntaxWarnings are not ours to print
        tree = compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def parsed(source: str) -> ast.Module:
    """A tree shared by all who ask for the same text. Raises what `parse` raises."""
    return _kept(source) if len(source) <= LONG else parse(source)


_kept = lru_cache(MOST)(parse)


def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """The tree and everything in it, level by level as `ast.walk` has it, but for the marks of loading and storing."""
    kept: tuple[ast.AST, ...] | None = tree.__dict__.get(KEPT)
    if kept is None:
        found = [tree]
        for node in found:
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, list):
                    found.extend([one for one in value if isinstance(one, ast.AST)])
                elif isinstance(value, ast.AST) and name != "ctx":
                    found.append(value)
        kept = tree.__dict__[KEPT] = tuple(found)
    return kept
