"""The cells of a notebook, or any texts -> their top-level statements compiled one by one, and the def-use edges between these.

    cells(path)                                          [("code", "x = 1"), ("markdown", "# Title")]
    statements([(0, "x = 1"), (1, "%time y = x")])  Compiled(cell 0, line 1), Compiled(cell 1, line 1)
    edges(those)                          {Edge(user=1, provider=0, name="x")}

Reads files as JSON and magics with IPython's own transformer; shares nothing with `nb2prod.reading` or `nb2prod.analysis`.
"""

from __future__ import annotations

import ast
import json
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from defuse.bytecode import NONE, Names, names_of

UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
TIMING = ("time", "prun", "capture")  # magics that run the code they are given


@dataclass(frozen=True)
class Compiled:
    """One top-level statement: its cell, the statement as text without layout, and what its bytecode does to names.

    `unswallowed` is the same with the assumption that no `with` ends an error of its body.
    """

    cell: int
    text: str
    names: Names
    unswallowed: Names
    magic: bool = False


class Edge(NamedTuple):
    """A statement reads a name that an earlier one may have written last; both by their rank."""

    user: int
    provider: int
    name: str


@dataclass
class Flowing:
    """What one statement does with what the functions it calls do, and who provides each name it reads."""

    uses: frozenset[str]
    called_uses: frozenset[str]
    providers: dict[str, frozenset[int]] = field(default_factory=dict)


def cells(path: Path) -> list[tuple[str, ...]]:
    """The kind and source of every cell of a notebook file."""
    document = json.loads(path.read_bytes().decode("utf-8-sig"))
    found = document["cells"] if "cells" in document else [cell for sheet in document["worksheets"] for cell in sheet["cells"]]
    texts = (cell.get("source", cell.get("input", "")) for cell in found)
    kinds = [str(cell["cell_type"]) for cell in found]
    return list(zip(kinds, ("".join(text).replace("\r\n", "\n").replace("\r", "\n") for text in texts), strict=True))


def statements(codes: Iterable[tuple[int, str]]) -> tuple[list[Compiled], set[int]]:
    """Every statement of the cells that compile, and the numbers of those that do not."""
    found: list[Compiled] = []
    wrong: set[int] = set()
    for cell, source in codes:
        try:
            found.extend(list(compiled(cell, source)))
        except UNPARSABLE:
            wrong.add(cell)
    return found, wrong


def compiled(cell: int, source: str) -> Iterator[Compiled]:
    for node in parsed(source):
        code = code_of(node)
        yield Compiled(cell, ast.unparse(node), names_of(code), names_of(code, swallow=False), "get_ipython()" in ast.unparse(node))


def parsed(source: str) -> Iterator[ast.stmt]:
    """The statements of a cell as IPython runs it, with the code that timing magics run in their place."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = compile(source, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except UNPARSABLE:
            from IPython.core.inputtransformer2 import TransformerManager

            first = source.lstrip("\n")
            indent = first[: len(first) - len(first.lstrip())]  # IPython before 9 took the first line's off every line that has it
            text = TransformerManager().transform_cell("\n".join(line.removeprefix(indent) for line in source.split("\n")))
            tree = compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    for node in tree.body:
        inner = timed(node)
        yield from parsed(textwrap.dedent(inner)) if inner is not None else (node,)


def timed(node: ast.stmt) -> str | None:
    """The code that a timing magic runs, if the statement is one."""
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Call(ast.Name("get_ipython")), method), [ast.Constant(str(name)), *rest])) if (
            name in TIMING
        ):
            texts = [argument.value for argument in rest if isinstance(argument, ast.Constant)]
            return str(texts[-1]) if method == "run_cell_magic" or name != "capture" else None
    return None


def code_of(node: ast.stmt) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(ast.Module([node], []), "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def follow(listed: Sequence[Compiled], swallow: bool = True) -> list[Flowing]:
    """Reaching definitions over the statements in their order: for each name a statement reads, who may have written it last.

    With `swallow`, any `with` may end the errors of its body. A call of a function that the notebook made reads what its body reads, with
    the names as they stand at the call.
    """
    writers: dict[str, frozenset[int]] = {}
    anything: frozenset[int] = NONE  # star imports: they may have bound any name
    found = []
    for rank, one in enumerate(listed):
        own = one.names if swallow else one.unswallowed
        reads, writes = called_names(own, writers, listed)
        providers = {name: writers.get(name, anything) - {rank} for name in own.uses | reads}
        found.append(Flowing(own.uses, reads, {name: ids for name, ids in providers.items() if ids}))
        writers.update((name, frozenset({rank})) for name in own.defines)
        writers.update((name, writers.get(name, anything) | {rank}) for name in own.updates | writes)
        if own.star:
            anything |= {rank}
            writers.update((name, ids | {rank}) for name, ids in writers.items())
    return found


def called_names(names: Names, writers: dict[str, frozenset[int]], listed: Sequence[Compiled]) -> tuple[frozenset[str], frozenset[str]]:
    """The names that functions called directly read and write, as far as every definition of the called name is such a function."""
    reads: set[str] = set()
    writes: set[str] = set()
    waiting, seen = list(names.calls), set[str]()
    while waiting:
        name = waiting.pop()
        made = [listed[rank].names.functions.get(name) for rank in writers.get(name, ())]
        if name in seen or not made or None in made:
            continue
        seen.add(name)
        for code in made:
            inner = names_of(code) if code is not None else Names()
            reads |= inner.uses
            writes |= inner.writes
            waiting.extend(inner.calls)
    return frozenset(reads), frozenset(writes)


def edges(listed: Sequence[Compiled]) -> set[Edge]:
    """The def-use edges between statements, through names only."""
    return {
        Edge(user, provider, name)
        for user, flowing in enumerate(follow(listed))
        for name, providers in flowing.providers.items()
        for provider in providers
    }
