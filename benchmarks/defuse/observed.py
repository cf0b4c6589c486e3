"""A real run of a notebook's statements -> which names each one really read and wrote, and who had written what it read.

    run([(0, "x = 1"), (1, "y = x")], namespace)  ->  Seen(key=0, writes={x}), Seen(key=1, reads={x: 0}, writes={y})

The namespace is a dict that watches itself: the interpreter asks such a dict for every global, also from inside functions. Only the standard
library is used, so that the file also runs alone, in the notebook's own interpreter: `python observed.py STATEMENTS.json SEEN.json`.
"""

from __future__ import annotations

import ast
import json
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROVIDED = ("get_ipython", "display")


@dataclass
class Seen:
    """What a run saw of one statement: `reads` are names with the statement that had written each last; `error` what it raised."""

    key: Any
    reads: dict[str, Any] = field(default_factory=dict)
    writes: set[str] = field(default_factory=set)
    error: str = ""


class Watched(dict[str, Any]):
    """Global names that remember who wrote them, and tell the statement at hand what it reads and writes."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.seen = Seen(None)
        self.writer: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if name in self.writer and name not in self.seen.reads:
            self.seen.reads[name] = self.writer[name]
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self.note(name)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        self.note(name)

    def note(self, name: str) -> None:
        self.seen.writes.add(name)
        self.writer[name] = self.seen.key


def run(statements: Iterable[tuple[Any, str]], namespace: Watched) -> Iterator[Seen]:
    """Run the statements one after another; one that raises is told, and the run goes on."""
    for key, source in statements:
        before = dict(namespace)
        namespace.seen = seen = Seen(key)
        try:
            exec(compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True), namespace, namespace)
        except (Exception, SystemExit) as error:
            seen.error = f"{type(error).__name__}: {error}"
        for name in before.keys() | namespace.keys():  # `global` in a function writes past the dict's own methods
            if name not in seen.writes and before.get(name, PROVIDED) is not namespace.get(name, PROVIDED):
                namespace.note(name)
        seen.writes = {name for name in seen.writes if name in before or name in namespace}  # the name of a caught error came and went
        yield seen


def main() -> None:
    """Run the statements of one file in a module of their own, and write what was seen into the other."""
    source, target = map(Path, sys.argv[1:3])
    module = types.ModuleType("__main__")
    namespace = Watched(module.__dict__)
    namespace.update(display=lambda *values, **options: None)
    try:
        from IPython.core.interactiveshell import InteractiveShell

        namespace.update(get_ipython=InteractiveShell.instance)
    except ImportError:
        pass
    statements = [(tuple(key), text) for key, text in json.loads(source.read_text(encoding="utf-8"))]
    with target.open("w", encoding="utf-8") as out:
        for seen in run(statements, namespace):
            out.write(json.dumps({**asdict(seen), "writes": sorted(seen.writes)}) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
