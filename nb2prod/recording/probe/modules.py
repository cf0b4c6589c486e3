"""The modules a notebook imports -> the distributions behind them, as installed in its own interpreter.

["import sklearn.svm"]   ->   {"sklearn": ["scikit-learn", "1.5.0"]}
"""

from __future__ import annotations

import ast
import sys
from importlib import metadata
from typing import Dict, Iterable, List


def imported_modules(sources: Iterable[str]) -> List[str]:
    """The top-level modules that import statements anywhere in these texts name."""
    names: "set[str]" = set()
    for source in sources:
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return sorted(names)


def versions(names: Iterable[str]) -> Dict[str, List[str]]:
    """Distribution and version of each of these modules that is loaded and was installed as a distribution."""
    loaded = [name for name in names if name in sys.modules]
    owners = _owners() if loaded else {}
    found = {}
    for name in loaded:
        distributions = owners.get(name, [])
        if distributions:
            best = sorted(set(distributions), key=lambda title: (title.lower().replace("-", "_") != name.lower(), title))[0]
            found[name] = [best, metadata.version(best)]
    return found


def _owners() -> Dict[str, List[str]]:
    known = getattr(metadata, "packages_distributions", None)
    if known is not None:
        return {name: list(titles) for name, titles in known().items()}
    owners: Dict[str, List[str]] = {}
    for distribution in metadata.distributions():
        listed = (distribution.read_text("top_level.txt") or "").split()
        places = listed or {str(file).split("/")[0].split(".py")[0] for file in distribution.files or ()}
        for place in places:
            owners.setdefault(place, []).append(distribution.metadata["Name"])
    return owners
