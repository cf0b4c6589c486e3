"""Runs a notebook's cells in an interpreter without a kernel, statement by statement, as a kernel would.

    run(orders)   where orders["cells"] = [{"index": 3, "code": "x = 1\\nx", "ranks": [0, 1]}]

The last expression of a cell is displayed unless a semicolon ends it, open figures are shown and closed after each cell, `await` works at
the top level, and a cell that raises does not stop the ones after it.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import codecs
import inspect
import linecache
import sys
import traceback
import types
from typing import Any, Dict, Optional

from nb2prod.recording.probe import shell
from nb2prod.recording.probe.rewriting import TRACER
from nb2prod.recording.probe.session import Session
from nb2prod.recording.probe.tracer import public_names

GROWTH_LIMIT = 64 << 20  # bytes of one statement
FUTURES = 0
for _name in __import__("__future__").all_feature_names:
    FUTURES |= getattr(__import__("__future__"), _name).compiler_flag


def run(orders: Dict[str, Any]) -> None:
    """Runs all cells and writes the journal."""
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    namespace = main.__dict__
    session = Session(orders, lambda: namespace)
    setattr(builtins, TRACER, session.tracer)
    session.tracer.listen(_Growth(orders["stdout"]).fresh)
    stand_in = shell.install(session.tracer, namespace)
    player = _Player(namespace, session.tracer)
    for cell in orders["cells"]:
        session.journal.write("cell", cell=cell["index"])
        session.tracer.arm(cell["index"], cell["ranks"])
        error = player.play(cell["code"], "<cell %d>" % cell["index"], cell["whole"])
        trouble = _attempt(stand_in.flush_figures)
        session.tracer.leave(error or trouble)
    session.finish(public_names(namespace, shell.NAMES), namespace)
    sys.stdout.flush()


def _attempt(action: Any) -> Optional[BaseException]:
    try:
        action()
    except Exception as error:
        return error
    return None


class _Growth:
    """What was added to the file our standard output goes to: everything, also what other processes and C libraries write."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "rb")
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def fresh(self) -> str:
        sys.__stdout__.flush()  # type: ignore[union-attr]
        return self._decoder.decode(self._file.read(GROWTH_LIMIT))


def _ends_quietly(code: str) -> bool:
    """Whether a semicolon follows the last statement."""
    last = ast.parse(code).body[-1:]
    lines = code.encode("utf-8").split(b"\n")
    return bool(last) and lines[last[0].end_lineno - 1][last[0].end_col_offset :].lstrip().startswith(b";")  # type: ignore[operator]


class _Player:
    """Compiles and runs statements one by one in one namespace, remembering `from __future__` as a session does."""

    def __init__(self, namespace: Dict[str, Any], tracer: Any) -> None:
        self._namespace = namespace
        self._tracer = tracer
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._count = 0
        namespace.update({"In": [""], "Out": {}})

    def play(self, code: str, name: str, whole: bool) -> Optional[BaseException]:
        """Runs one cell; gives back what it raised."""
        self._count += 1
        self._namespace["In"].append(code)
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        try:
            tree = self._tracer.visit(ast.parse(code, name))
            quiet = not whole or _ends_quietly(code)
            for position, statement in enumerate(tree.body):
                last = position == len(tree.body) - 1 and not quiet
                self._statement(statement, name, last and isinstance(statement, ast.Expr))
        except BaseException as error:  # whatever a cell raises, sys.exit included, ends that cell only
            traceback.print_exc()
            return error
        return None

    def _statement(self, statement: ast.stmt, name: str, shown: bool) -> None:
        if shown:
            value = self._value(compile(ast.Expression(statement.value), name, "eval", self._flags, True))  # type: ignore[attr-defined]
            if value is not None:
                self._remember(value)
                self._tracer.displayed(value)
            return
        code = compile(ast.Module([statement], []), name, "exec", self._flags, True)
        self._flags |= code.co_flags & FUTURES
        self._value(code)

    def _remember(self, value: Any) -> None:
        """`_`, `__`, `___`, `_3` and `Out[3]`, as a shell keeps them."""
        names = self._namespace
        names["___"], names["__"], names["_"] = names.get("__", ""), names.get("_", ""), value
        names["Out"][self._count] = names["_%d" % self._count] = value

    def _value(self, code: types.CodeType) -> Any:
        value = eval(code, self._namespace)
        if not code.co_flags & inspect.CO_COROUTINE:
            return value
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(value)
