"""The modules a notebook imports -> the distributions behind them, as installed in its own interpreter, and what these need in turn.

["import sklearn.svm"]   ->   {"sklearn": ["scikit-learn", "1.5.0"]}
["scikit-learn"]         ->   {"scikit-learn": ["1.5.0", ["joblib", "numpy", "scipy", "threadpoolctl"]], "joblib": ["1.4.2", []], ...}
"""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from typing import Any, Dict, FrozenSet, Iterable, List

# Where to look first; whether the distribution really brings the module is seen in the distribution itself.
TITLES = {"sklearn": "scikit-learn", "PIL": "pillow", "yaml": "PyYAML", "bs4": "beautifulsoup4", "skimage": "scikit-image"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # of a requirement, before its extras, versions and markers
STANDARD: FrozenSet[str] = frozenset(getattr(sys, "stdlib_module_names", ()))


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
    """Distribution and version of each of these modules that is loaded; both empty where no distribution brought it."""
    loaded = [name for name in names if name in sys.modules]
    owners = {name: _namesake(name) for name in loaded}
    if not all(owners[name] or name in STANDARD for name in loaded):
        owners = dict(_owners(), **{name: title for name, title in owners.items() if title})
    found = {}
    for name in loaded:
        distributions = owners.get(name, [])
        if distributions:
            best = sorted(set(distributions), key=lambda title: (title.lower().replace("-", "_") != name.lower(), title))[0]
            found[name] = [best, metadata.version(best)]
        elif name not in STANDARD and getattr(sys.modules[name], "__file__", None) and not _installed(name):
            found[name] = ["", ""]  # a file that lies somewhere; one installed for editing may not say which modules it brings
    return found


def needs(titles: Iterable[str]) -> Dict[str, List[Any]]:
    """Version and direct needs of each of these distributions and of all they need in turn, as far as they are installed.

    Extras nobody asked for are left out; a need that only holds on other machines counts where it is installed all the same.
    """
    found: "Dict[str, List[Any]]" = {}
    waiting = list(titles)
    while waiting:
        title = waiting.pop()
        if _normal(title) in map(_normal, found):
            continue
        try:
            distribution = metadata.distribution(title)
        except metadata.PackageNotFoundError:
            continue
        wanted = [NAME.match(text) for text in distribution.requires or () if "extra ==" not in text.partition(";")[2]]
        names = sorted({match.group() for match in wanted if match and _installed(match.group())})
        found[distribution.metadata["Name"]] = [distribution.version, names]
        waiting.extend(names)
    return found


def _normal(title: str) -> str:
    return re.sub(r"[-_.]+", "-", title).lower()


def _installed(title: str) -> bool:
    try:
        metadata.distribution(title)
    except metadata.PackageNotFoundError:
        return False
    return True


def _namesake(name: str) -> List[str]:
    """The distribution of the module's own name or best known one, where there is one that says it brings the module; looking at all of them takes long."""
    try:
        distribution = metadata.distribution(TITLES.get(name, name))
    except metadata.PackageNotFoundError:
        return []
    listed = (distribution.read_text("top_level.txt") or "").split()
    places = listed or {str(file).split("/")[0].split(".py")[0] for file in distribution.files or ()}
    return [distribution.metadata["Name"]] if name in places else []


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
