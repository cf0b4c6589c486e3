"""Small notebooks made from text, slices of them, and what a program computes when it really runs.

program = Program(["a = [1]", "b = a\nb.append(2)\nout = a"])
program.slice("out")           -> the statements `out` depends on
program.run(ids, "out").value  -> [1, 2], from running only these statements in an empty folder
"""

from __future__ import annotations

import ast
import contextlib
import csv
import decimal
import io
import locale
import logging
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import types
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nb2prod.analysis import analyze, slice_for
from nb2prod.analysis.syntax import parse_statements
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Cell, Notebook, Output, StatementId
from nb2prod.reading.magics import read_magics
from nb2prod.reading.statements import split_statements

MISSING = "<no such variable>"
HOME = Path.cwd()


def notebook_of(codes: Sequence[str], counts: Sequence[int | None] | None = None, errors: Iterable[tuple[int, str, int]] = ()) -> Notebook:
    """A notebook of code cells, with execution counts and saved errors (cell, name, line) where they are given."""
    failed = {cell: Output("error", error_name=name, error_line=line) for cell, name, line in errors}
    cells = []
    for index, source in enumerate(codes):
        code, directives = read_magics(source)
        statements, error = split_statements(code, index)
        count = counts[index] if counts else None
        outputs = (failed[index],) if index in failed else ()
        cells.append(Cell(index, str(index), "code", source, code, (), count, outputs, statements, directives, error))
    return Notebook("case.ipynb", "0" * 64, tuple(cells))


@dataclass(frozen=True)
class Outcome:
    """What a run left: pictures of the variables asked for, the files it wrote, and the error that ended it."""

    values: dict[str, Any]
    files: dict[str, bytes]
    error: str = ""


@dataclass
class Program:
    """A notebook as text, one string a cell."""

    codes: Sequence[str]
    counts: Sequence[int | None] | None = None
    errors: tuple[tuple[int, str, int], ...] = ()
    steps: int = 0

    @cached_property
    def notebook(self) -> Notebook:
        return notebook_of(self.codes, self.counts, self.errors)

    @property
    def every(self) -> tuple[StatementId, ...]:
        return tuple(statement.id for statement in self.notebook.statements)

    def slice(self, name: str) -> tuple[StatementId, ...]:
        return slice_for(self.notebook, load_knowledge(), name).statements

    def analysis(self, keep: Sequence[str] = ()) -> Analysis:
        return analyze(self.notebook, load_knowledge(), choices=Choices(keep=tuple(keep)))

    def run(self, ids: Iterable[StatementId], *names: str, failed: list[StatementId] | None = None) -> Outcome:
        """Run only these statements, in this order, in an empty folder, with all state of the process as it was before.

        With `failed`, statements that raise are gathered there and the run goes on; without, the first error ends it.
        """
        trees = parse_statements(self.notebook)
        with fresh_process() as folder:
            namespace: dict[str, Any] = {"__name__": "__main__", "Out": {}, "get_ipython": lambda: None, "display": lambda *values: None}
            module = types.ModuleType("__main__")
            module.__dict__.update(namespace)
            namespace = module.__dict__
            before = sys.modules["__main__"]
            sys.modules["__main__"] = module
            error = ""
            try:
                for id in ids:
                    try:
                        self.run_one(id, trees[id], namespace)
                    except Exception as caught:
                        error = f"{type(caught).__name__}: {caught}"
                        if failed is None:
                            break
                        failed.append(id)
            finally:
                sys.modules["__main__"] = before
            values = {name: picture(namespace[name]) if name in namespace else MISSING for name in names}
            files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
            return Outcome(values, files, error)

    def run_one(self, id: StatementId, tree: ast.stmt, namespace: dict[str, Any]) -> None:
        """One statement, as a notebook runs it: the value of a cell's last expression becomes `_` and `Out[n]`."""
        last = self.notebook.cells[id.cell].statements[-1].id == id
        with at_most(self.steps), in_memory() if self.steps else contextlib.nullcontext():
            self.run_tree(tree, last, id, namespace)

    def run_tree(self, tree: ast.stmt, last: bool, id: StatementId, namespace: dict[str, Any]) -> None:
        if last and isinstance(tree, ast.Expr):
            value = eval(compile(ast.Expression(tree.value), "<cell>", "eval"), namespace)
            if value is not None:
                namespace["_"] = namespace["Out"][id.cell + 1] = value
        else:
            exec(compile(ast.Module([tree], []), "<cell>", "exec"), namespace)


@contextlib.contextmanager
def at_most(steps: int) -> Iterator[None]:
    """Raise when the code inside takes more steps than this (0: any number)."""
    taken = 0

    def trace(*event: Any) -> Any:
        nonlocal taken
        taken += 1
        if taken > steps:
            raise RuntimeError("it takes too long")
        return trace

    before = sys.gettrace()
    if steps:
        sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


@contextlib.contextmanager
def in_memory(spare: int = 256 << 20) -> Iterator[None]:
    """Raise MemoryError when the code inside takes more bytes than this beyond what the process holds: lists that double need few steps."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    if pages:
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + spare, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextlib.contextmanager
def fresh_process() -> Iterator[Path]:
    """An empty working folder and the state of a new process; everything is put back afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="case"))
    environ, paths, level, handlers = dict(os.environ), list(sys.path), logging.root.level, list(logging.root.handlers)
    limit, context = sys.getrecursionlimit(), decimal.getcontext().copy()
    place, longest = locale.setlocale(locale.LC_ALL), csv.field_size_limit()
    callables = library_callables()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        random.seed(99)
        library_state(stack)
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(HOME)
            os.environ.clear()
            os.environ.update(environ)
            sys.path[:] = paths
            sys.setrecursionlimit(limit)
            logging.root.setLevel(level)
            logging.root.handlers[:] = handlers
            decimal.setcontext(context)
            locale.setlocale(locale.LC_ALL, place)
            csv.field_size_limit(longest)
            for space, names in callables:
                space.update(names)
            shutil.rmtree(folder, ignore_errors=True)


def library_callables() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The names of the loaded modules of the standard library, each module with its functions and classes: a program may put others there."""
    modules = [module for name, module in list(sys.modules.items()) if name in sys.stdlib_module_names and name != "sys"]
    return [(vars(module), {name: value for name, value in vars(module).items() if callable(value)}) for module in modules]


def library_state(stack: contextlib.ExitStack) -> None:
    """Seeds and options of the libraries that are loaded, put back when the stack closes."""
    if "numpy" in sys.modules:
        import numpy

        numpy.random.seed(99)
        stack.enter_context(numpy.printoptions())
        stack.enter_context(numpy.errstate())
    if "pandas" in sys.modules:
        import pandas

        stack.callback(pandas.reset_option, "^display")
    if "matplotlib" in sys.modules:
        import matplotlib

        stack.enter_context(matplotlib.rc_context())


def picture(value: Any, seen: dict[int, tuple[int, Any]] | None = None) -> Any:
    """A value as something that compares by what it holds, and by which of its parts are one and the same object.

    What was `seen` is held, so that nothing else is made where it lay.
    """
    seen = {} if seen is None else seen
    kind = type(value).__name__
    parts = isinstance(value, (list, dict, set)) or kind in ("ndarray", "deque")  # what may hold itself
    if parts or hasattr(value, "__dict__") and not isinstance(value, (type, types.ModuleType)):
        if id(value) in seen:
            return "the same as", seen[id(value)][0]
        seen[id(value)] = len(seen), value
    known = next((draw for types_of, draw in PICTURES if kind in types_of), None)
    if known is not None:
        return kind, known(value, seen)
    if isinstance(value, dict):
        return kind, [(picture(key, seen), picture(held, seen)) for key, held in value.items()]
    if isinstance(value, (set, frozenset)):
        return kind, sorted(repr(picture(held, {})) for held in value)
    if isinstance(value, (list, tuple)):
        return kind, [picture(held, seen) for held in value]
    if isinstance(value, (types.FunctionType, types.ModuleType, type)):
        return kind, value.__name__
    if hasattr(value, "__dict__") and type(value).__repr__ is object.__repr__ or hasattr(value, "get_params"):
        return kind, picture(vars(value), seen)
    return kind, re.sub(r" at 0x[0-9a-f]+", "", repr(value))


PICTURES: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("DataFrame",), lambda frame, seen: (list(map(str, frame.columns)), picture(frame.reset_index().to_numpy().tolist(), seen))),
    (("Series",), lambda series, seen: (str(series.name), picture(series.reset_index().to_numpy().tolist(), seen))),
    (("ndarray",), lambda array, seen: (str(array.dtype), array.shape, picture(array.tolist(), seen))),
    (("deque",), lambda queue, seen: picture(list(queue), seen)),
    (("Random",), lambda generator, seen: repr(generator.getstate())),
    (("RandomState",), lambda generator, seen: repr(generator.get_state())),
    (("Generator",), lambda generator, seen: repr(generator.bit_generator.state)),
    (
        ("generator", "list_iterator", "zip", "map", "filter", "enumerate", "reversed"),
        lambda iterator, seen: "what it would give depends on later",
    ),
)
