"""Ties the tracer to a running IPython kernel: statements through its tree transformers, shown values through its display formatter.

    attach(orders)   then for each cell: `__nb2prod__.arm(3, [0, 1])`, the cell's own code, and at the end `__nb2prod__.finish()`

Display of the last expression, the trailing semicolon, top-level await and the inline backend stay IPython's own.
"""

from __future__ import annotations

import builtins
import sys
import time
from typing import Any, Dict, List

from nb2prod.recording.probe.rewriting import TRACER
from nb2prod.recording.probe.session import Session
from nb2prod.recording.probe.tracer import public_names

SETTLE_SECONDS = 0.1
SHELL_NAMES = ("In", "Out", "exit", "quit", "get_ipython", "open", "display")


def attach(orders: Dict[str, Any]) -> None:
    """Starts watching the IPython shell of this process."""
    shell = builtins.get_ipython()  # type: ignore[attr-defined]
    session = Session(orders, lambda: shell.user_ns)
    tracer = session.tracer
    given = {name: shell.user_ns.get(name) for name in SHELL_NAMES}
    _watch_display(shell.display_formatter, tracer)
    tracer.listen(lambda: _settle(session.watch))
    cells = _Cells(tracer, sys.stdout)
    shell.ast_transformers.append(cells)
    shell.events.register("post_run_cell", cells.end)
    shell.ask_exit = _leave
    setattr(builtins, TRACER, tracer)
    tracer.finish = lambda: session.finish(_final_names(shell.user_ns, given), shell.user_ns)


def _final_names(namespace: Dict[str, Any], given: Dict[str, Any]) -> List[str]:
    untouched = [name for name, value in given.items() if namespace.get(name) is value]
    return public_names(namespace, untouched)


def _leave() -> None:
    """`exit()` ends the cell and leaves the kernel alive, so that what the notebook did until then can be told."""
    raise SystemExit(0)


def _settle(watch: Any) -> str:
    """The kernel forwards what other processes print through a thread of its own, which needs a moment to catch up."""
    if watch.launched():
        time.sleep(SETTLE_SECONDS)
    return ""


class _Cells:
    """Where a cell begins and ends: its tree comes by as a tree to transform, its result as an event.

    The stream is listened to only in between, because newer shells put a `write` of their own on it around every cell and take back the one
    they found.
    """

    def __init__(self, tracer: Any, stream: Any) -> None:
        self._tracer = tracer
        self._stream = stream
        self._plain: Any = None

    def visit(self, tree: Any) -> Any:
        if self._tracer.armed is not None:
            self._plain = self._stream.write
            self._stream.write = self._write
        return self._tracer.visit(tree)

    def _write(self, text: Any, *args: Any, **options: Any) -> Any:
        self._tracer.wrote(text)
        return self._plain(text, *args, **options)

    def end(self, result: Any) -> None:
        self._tracer.leave(result.error_before_exec or result.error_in_exec)
        if self._plain is not None:
            self._stream.write, self._plain = self._plain, None


def _watch_display(formatter: Any, tracer: Any) -> None:
    """Last expressions, display() and the inline backend's figures all come through the formatter."""
    plain = formatter.format

    def format(value: Any, *args: Any, **options: Any) -> Any:
        if _flushed(value):
            tracer.drawn(value)
        elif sys._getframe(1).f_code.co_name == "display":
            tracer.displayed_within(value)
        else:
            tracer.displayed(value)
        return plain(value, *args, **options)

    formatter.format = format


def _flushed(value: Any) -> bool:
    """Whether a figure is being shown by the inline backend itself, at the end of a cell or by plt.show()."""
    if "matplotlib.figure" not in sys.modules or not isinstance(value, sys.modules["matplotlib.figure"].Figure):
        return False
    frame = sys._getframe(2)
    for _ in range(12):
        if frame is None:
            return False
        if "backend_inline" in str(frame.f_globals.get("__name__", "")):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
