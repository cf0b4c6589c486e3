"""Names that mean the same in the notebook and in the package made from it.

__main__.Ball, churn.model.Ball                -> "Ball"
pandas.core.frame.DataFrame                    -> "pandas.DataFrame"
"/tmp/copy-of-folder/data/x.csv" (a text)      -> "/home/ann/churn/data/x.csv"
"""

from __future__ import annotations

import sys
from typing import Any, List, Sequence, Tuple

HIDDEN = "***"
HIDDEN_FROM = 6  # a shorter value would be found in everything


class Home:
    """What belongs to the notebook itself: its package's name, the folder copied for the run and the folder it was copied from, other paths
    that moved, and values that must not be told."""

    def __init__(self, package: str = "", copy: str = "", original: str = "") -> None:
        self.package = package
        self.copy = copy
        self.original = original
        self.moves: List[Tuple[str, str]] = [(original, copy)] if copy else []
        self.hidden: List[str] = []

    def learn(self, moves: Sequence[Sequence[str]], hidden: Sequence[str]) -> None:
        """Takes in further paths that moved, and values that are nobody's business."""
        pairs = [(named, place) for named, place in moves if (named, place) not in self.moves]
        self.moves = sorted(self.moves + pairs, key=lambda pair: -len(pair[1]))
        self.hidden = [value for value in hidden if len(value) >= HIDDEN_FROM]

    def localise(self, text: str) -> str:
        """Text with the copied folder named as the user's own folder, and without what must not be told."""
        for named, place in self.moves:
            if place in text:
                text = text.replace(place, named)
        for value in self.hidden:
            if value in text:
                text = text.replace(value, HIDDEN)
        return text

    def owns(self, module: str) -> bool:
        """Whether a module is the notebook, its package or a file beside the notebook."""
        if module in ("__main__", "__mp_main__", ""):
            return True
        if self.package and (module == self.package or module.startswith(self.package + ".")):
            return True
        file = getattr(sys.modules.get(module), "__file__", None)
        return bool(self.copy and file and file.startswith(self.copy + "/"))

    def name(self, thing: Any) -> str:
        """A class or function by its public path, or by its bare name when it is the notebook's own."""
        module = str(getattr(thing, "__module__", None) or "")
        qualname = str(getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None) or type(thing).__name__)
        if self.owns(module):
            return qualname.rsplit("<locals>.", 1)[-1]
        return public_path(thing, module, qualname)


_PATHS: "dict[Tuple[int, str, str], str]" = {}


def public_path(thing: Any, module: str, qualname: str) -> str:
    """The shortest importable path that gives this very object: `pandas.DataFrame`, not `pandas.core.frame.DataFrame`."""
    if module == "builtins":
        return qualname
    key = (id(thing), module, qualname)
    if key not in _PATHS:
        _PATHS[key] = _shortest(thing, module, qualname)
    return _PATHS[key]


def _shortest(thing: Any, module: str, qualname: str) -> str:
    parts = module.split(".")
    for length in range(1, len(parts)):
        prefix = ".".join(parts[:length])
        if getattr(sys.modules.get(prefix), "__dict__", {}).get(qualname) is thing:
            return "%s.%s" % (prefix, qualname)
    return "%s.%s" % (module, qualname) if module else qualname


def kind_of(module: str, name: str) -> Any:
    """A class of a library that may be half imported, for isinstance."""
    return getattr(sys.modules.get(module), name, ())


def type_name(value: object) -> str:
    """The importable path of a value's type: `int`, `pandas.DataFrame`, `__main__.Ball`."""
    kind = type(value)
    return public_path(kind, str(kind.__module__), kind.__qualname__)
