"""The tracer: it knows which statement is running and writes down what that statement prints, shows and binds.

    arm(2, [0, 1])  at(0)  at(1)  leave(None)   ->   events "stdout", "shown", "types", "failure" with cell 2 and the rank of the statement

It is the one object of ours that notebook code can meet (`builtins.__nb2prod__`); it never raises into the notebook.
"""

from __future__ import annotations

import ast
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from nb2prod.recording.probe.journal import Journal
from nb2prod.recording.probe.lacking import lacking
from nb2prod.recording.probe.moving import move_constants
from nb2prod.recording.probe.naming import Home, type_name
from nb2prod.recording.probe.observing import SHELL_NAME, Observer
from nb2prod.recording.probe.pictures import Camera, opaque
from nb2prod.recording.probe.rewriting import instrument, stored_names

STDOUT_LIMIT = 16 << 20  # characters of one statement
SHOWN_SECONDS = 120.0  # for all shown values together
FINAL_SECONDS = 240.0  # for all variables together
TEXTS = ("HTML", "Markdown", "Latex", "Math", "Pretty", "Code")  # what IPython makes of a text to show it


class Tracer:
    """Follows a run through `namespace`, the notebook's own."""

    def __init__(self, journal: Journal, home: Home, namespace: Callable[[], Dict[str, Any]]) -> None:
        self.journal = journal
        self.home = home
        self.namespace = namespace
        self.cell: Optional[int] = None
        self.rank: Optional[int] = None
        self.armed: Optional[List[int]] = None
        self._statements: List[ast.stmt] = []
        self._before: Dict[str, Any] = {}
        self._text: List[str] = []
        self._length = 0
        self._fresh: Callable[[], str] = str
        self.finish: Callable[[], None] = lambda: None  # what ends the session, for those who only have the tracer at hand
        self._ordinal = 0
        self._figures = 0
        self._shown_seconds = 0.0
        self.observer: Optional[Observer] = None

    def arm(self, cell: int, ranks: Sequence[int]) -> None:
        """The next tree that is visited is this cell, of which these statements run."""
        self.cell, self.armed, self.rank = cell, list(ranks), None
        self._figures = 0

    def visit(self, module: ast.Module) -> ast.Module:
        """The armed cell instrumented; any other tree (a magic's, a nested run's) untouched."""
        if self.armed is None:
            return module
        ranks, self.armed = self.armed, None
        self._statements = list(module.body)
        move_constants(module, self.home.moves)
        return instrument(module, [rank for rank in ranks if rank < len(module.body)])

    def at(self, rank: Optional[int]) -> None:
        """Called before each statement (None: after the last one that runs)."""
        self._close()
        self.rank = rank
        self._before = dict(self.namespace())
        self._ordinal = 0
        if self.observer is not None:
            self.observer.begin()

    def leave(self, error: Optional[BaseException]) -> None:
        """Called when the cell is over."""
        if self.cell is None:
            return
        if error is not None:
            kind = type(error)
            name = kind.__name__ if kind.__module__ in ("builtins", "__main__") else self.home.name(kind)
            missing = self._missing(error)
            self.journal.write("failure", cell=self.cell, rank=self.rank or 0, error=name, message=self._message(error), missing=missing)
        self._close()
        self.cell = self.rank = self.armed = None

    def _missing(self, error: BaseException) -> List[str]:
        try:
            kind, name = lacking(error, self.observer.hosts() if self.observer is not None else [])
        except Exception:
            return ["", ""]
        return [kind, self.home.localise(name)]

    def _message(self, error: BaseException) -> str:
        try:
            return self.home.localise(str(error))[:4000]
        except Exception:
            return ""

    def listen(self, fresh: Callable[[], str]) -> None:
        """Asks this at the end of each statement for what was printed since, instead of being told."""
        self._fresh = fresh

    def wrote(self, text: object) -> None:
        """Called with everything written to stdout."""
        if self.cell is None or not isinstance(text, str):
            return
        if self._length <= STDOUT_LIMIT:
            self._text.append(text[: STDOUT_LIMIT - self._length])
        self._length += len(text)

    def show(self, position: int, value: Any) -> Any:
        """Called around each shown expression of a print statement; gives the value back."""
        self._event(position, "print", value)
        return value

    def displayed(self, value: Any) -> None:
        """Called with every value that is displayed."""
        self._event(self._ordinal, "display", value)
        self._ordinal += 1

    def displayed_within(self, value: Any) -> None:
        """Called with every value that a call of display() shows. Where that call is not the statement itself, the package has a print in its
        place: what it will print belongs to what the statement printed."""
        self.displayed(value)
        picture = str(type(value).__module__).startswith("IPython.") and type(value).__name__ not in TEXTS
        if self.cell is None or self.rank is None or picture or self._is_display():
            return
        self.wrote(self._fresh())
        try:
            self.wrote("%s\n" % (value.data if type(value).__name__ in TEXTS and isinstance(value.data, str) else value,))
        except Exception:
            return

    def _is_display(self) -> bool:
        tree = self._statements[self.rank] if self.rank is not None and self.rank < len(self._statements) else None
        call = tree.value if isinstance(tree, ast.Expr) else None
        name = call.func if isinstance(call, ast.Call) else None
        return "display" in (getattr(name, "id", ""), getattr(name, "attr", ""))

    def drawn(self, figure: Any) -> None:
        """Called with every figure that is shown because it was drawn, in order."""
        self._event(self._figures, "figure", figure)
        self._figures += 1

    def _event(self, position: int, how: str, value: Any) -> None:
        if self.cell is None:
            return
        started = time.monotonic()
        picture = self.picture(value) if self._shown_seconds < SHOWN_SECONDS else opaque(value, "too big")
        self._shown_seconds += time.monotonic() - started
        if not self.journal.write("shown", cell=self.cell, rank=self.rank or 0, position=position, how=how, picture=picture):
            self.journal.write("shown", cell=self.cell, rank=self.rank or 0, position=position, how=how, picture=opaque(value, "too big"))

    def picture(self, value: Any, seconds: float = 30.0) -> Dict[str, Any]:
        return Camera(self.home, seconds=seconds).of(value)

    def _close(self) -> None:
        """Writes down what the statement that just ended printed, bound and did."""
        if self.observer is not None:
            self.observer.pause()
        self.wrote(self._fresh())
        text, length = "".join(self._text), self._length
        self._text, self._length = [], 0
        if self.cell is None or self.rank is None:
            return
        if length > STDOUT_LIMIT:
            self.journal.write("cut", cell=self.cell, rank=self.rank)
        if text:
            self.journal.write("stdout", cell=self.cell, rank=self.rank, text=self.home.localise(text))
        now = self.namespace()
        names = [name for name, value in list(now.items()) if self._before.get(name, self) is not value]
        if self.rank < len(self._statements):
            names += [name for name in stored_names(self._statements[self.rank]) if name in now]
        types = {name: type_name(now[name]) for name in names if isinstance(name, str) and not SHELL_NAME.fullmatch(name)}
        if types:
            self.journal.write("types", cell=self.cell, rank=self.rank, types=types)
        if self.observer is not None:
            tree = self._statements[self.rank] if self.rank < len(self._statements) else None
            self.journal.write("observed", cell=self.cell, rank=self.rank, **self.observer.end(self._before, tree))

    def final(self, names: Sequence[str], values: Dict[str, Any]) -> None:
        """Writes the pictures of variables, the time limit shared by all."""
        deadline = time.monotonic() + FINAL_SECONDS
        for name in names:
            left = deadline - time.monotonic()
            picture = self.picture(values[name], seconds=min(60.0, left)) if left > 0 else opaque(values[name], "too big")
            if not self.journal.write("variable", name=name, picture=picture):
                self.journal.write("variable", name=name, picture=opaque(values[name], "too big"))


def public_names(namespace: Dict[str, Any], hidden: Sequence[str]) -> List[str]:
    """The notebook's own variables: no modules, no underscore names, nothing the shell put there."""
    kept = []
    for name, value in list(namespace.items()):
        if isinstance(name, str) and not name.startswith("_") and name not in hidden and type(value) is not type(sys):
            kept.append(name)
    return kept
