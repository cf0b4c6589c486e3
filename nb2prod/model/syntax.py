"""Python text -> its syntax tree, and a tree -> its nodes, each worked out once. Trees are only looked at, never changed.

parsed("x = 1")         ->  <ast.Module>                      the same one for the same text: it does not say where the text stands
nodes_of(<ast.Module>)  ->  (<ast.Module>, <ast.Assign>, <ast.Name>, <ast.Constant>)

Between two looks at a notebook that is edited most cells stay as they are, so what only a cell's text decides is worked out once for it
(`remembered`), and what only a tree decides is kept with the tree (`of_tree`).
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

LONG = 4_000  # characters: trees of longer texts would fill the memory
MOST = 1_024

Given = ParamSpec("Given")
Found = TypeVar("Found")
Node = TypeVar("Node", bound=ast.AST)


def remembered(work: Callable[Concatenate[str, Given], Found]) -> Callable[Concatenate[str, Given], Found]:
    """Work out once what a text and numbers decide, unless it is a long text; the answer is shared, so nobody may change it."""
    kept = cast(Callable[Concatenate[str, Given], Found], lru_cache(MOST)(work))

    @wraps(work)
    def ask(text: str, *given: Given.args, **named: Given.kwargs) -> Found:
        return (kept if len(text) <= LONG else work)(text, *given, **named)

    return ask


def of_tree(work: Callable[[Node], Found]) -> Callable[[Node], Found]:
    """Work out once what a tree decides; the answer stays with the tree, and nobody may change it."""
    name = f"_{work.__module__}.{work.__qualname__}"

    @wraps(work)
    def ask(tree: Node) -> Found:
        found: Found
        if name in tree.__dict__:
            found = tree.__dict__[name]
        else:
            found = tree.__dict__[name] = work(tree)
        return found

    return ask


def parse(source: str) -> ast.Module:
    """A tree of its own for some Python, top-level `await` allowed. Raises SyntaxError, ValueError, RecursionError, MemoryError, OverflowError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the notebook's own SyntaxWarnings are not ours to print
        tree = compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


@remembered
def parsed(source: str, copy: int = 0) -> ast.Module:
    """A tree shared by all who ask for the same text, and for the same copy of its tree. Raises what `parse` raises."""
    return parse(source)


def children_of(node: ast.AST) -> list[ast.AST]:
    """What stands directly in a node, as `ast.iter_child_nodes` has it, but for the marks of loading and storing."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found.extend([one for one in value if isinstance(one, ast.AST)])
        elif isinstance(value, ast.AST) and name != "ctx":
            found.append(value)
    return found


@of_tree
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """The tree and everything in it, level by level as `ast.walk` has it, but for the marks of loading and storing."""
    found = [tree]
    for node in found:
        found.extend(children_of(node))
    return tuple(found)
