"""Two versions of a project -> which definition of one is which of the other, where the name is another: by what is in it and where it came from.

base  def split_and_scale(X): ...      hand  def train(X): ...      ->   {"split_and_scale": "train"}
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nb2prod.merging.ancestor import Origin
from nb2prod.merging.texts import text_of
from nb2prod.merging.units import Unit, split

ALIKE = 0.7  # of the text of two definitions, for them to be one under two names
HALF = 0.5  # of the definitions of two modules, or of the statements and cells two definitions came from

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Found:
    """Names that changed from one version to the other, old to new, and fields of `Parameters` that are no more."""

    functions: Mapping[str, str]
    modules: Mapping[str, str]
    parameters: Mapping[str, str]
    results: Mapping[str, str]
    dropped: tuple[str, ...] = ()


def modules_of(files: Files, package: str) -> dict[str, tuple[Unit, ...]]:
    """The units of the package's modules that can be read, by path."""
    found = {}
    for path, content in files.items():
        read = text_of(content) if path.startswith(f"src/{package}/") and path.endswith(".py") else None
        if read is not None:
            try:
                found[path] = split(read.text)
            except ValueError:
                continue
    return found


def find_renamed(old: Files, new: Files, package: str, origins: tuple[Sequence[Origin], Sequence[Origin]] = ((), ())) -> Found:
    """What changed its name from one version to the other. `origins` tell where the definitions of both came from, as far as it is known."""
    before, after = modules_of(old, package), modules_of(new, package)
    functions = _paired(_definitions(before), _definitions(after), _likeness(origins, "function"))
    parameters = _fields(before, package, "parameters", "Parameters"), _fields(after, package, "parameters", "Parameters")
    results = _fields(before, package, "pipeline", "Results"), _fields(after, package, "pipeline", "Results")
    renamed = _paired(*parameters, _likeness(origins, "parameter"))
    readable = bool(parameters[1])
    return Found(
        functions,
        _renamed_modules(before, after, functions, {path for path in old if path in new}),
        renamed,
        _paired(*results, _likeness(origins, "result")),
        tuple(name for name in parameters[0] if name not in parameters[1] and name not in renamed) if readable else (),
    )


def renamed_package(old: Files, new: Files, package: str) -> str:
    """The name a package has in the other version: another folder below `src` with most of its modules, where its own is gone."""
    inside = {path.rpartition("/")[2] for path in old if path.startswith(f"src/{package}/")}
    if any(path.startswith(f"src/{package}/") for path in new):
        return package
    folders = sorted(
        {path.split("/")[1] for path in new if path.startswith("src/") and path.count("/") == 2 and path.endswith("/pipeline.py")}
    )
    shares = [(sum(f"src/{folder}/{file}" in new for file in inside), folder) for folder in folders if folder.isidentifier()]
    best = max(shares, default=(0, package))
    return best[1] if best[0] > len(inside) * HALF else package


def _definitions(modules: Mapping[str, tuple[Unit, ...]]) -> dict[str, Unit]:
    return {unit.name: unit for units in modules.values() for unit in units if unit.kind == "def"}


def _fields(modules: Mapping[str, tuple[Unit, ...]], package: str, module: str, owner: str) -> dict[str, Unit]:
    """The fields of a class, by name."""
    units = modules.get(f"src/{package}/{module}.py", ())
    classes = [unit for unit in units if unit.key == ("def", owner)]
    return {field.name: field for found in classes for field in found.inner if field.kind == "name"}


def _paired(before: Mapping[str, Unit], after: Mapping[str, Unit], likeness: Callable[[Unit, Unit], float]) -> dict[str, str]:
    """Of the names that are only in one of both, those that go together; the likest first."""
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    scores = [
        (likeness(before[old], after[new]), -abs(gone.index(old) - come.index(new)), -rank, old, new)
        for rank, (old, new) in enumerate((old, new) for old in gone for new in come)
    ]
    found: dict[str, str] = {}
    for score, _, _, old, new in sorted(scores, reverse=True):
        if score >= ALIKE and old not in found and new not in found.values():
            found[old] = new
    return found


def _likeness(origins: tuple[Sequence[Origin], Sequence[Origin]], kind: str) -> Callable[[Unit, Unit], float]:
    """How likely two definitions are one: by their text without the name; 1 for the same statements or cells of the notebook."""
    first, second = ({origin.name: origin for origin in side if origin.kind == kind} for side in origins)

    def likeness(old: Unit, new: Unit) -> float:
        one, other = first.get(old.name), second.get(new.name)
        if one is not None and other is not None:
            shared = max(_overlap(one.statements, other.statements), _overlap(one.cells, other.cells))
            if shared > HALF:
                return 1 + shared
        return _text_likeness(old, new)

    return likeness


def _text_likeness(old: Unit, new: Unit) -> float:
    if (old.kind, bool(old.inner)) != (new.kind, bool(new.inner)):
        return 0.0
    texts = [unit.text.replace(unit.name, "_") for unit in (old, new)]
    matcher = difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE else 0.0


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    return len(set(one) & set(other)) / max(len(set(one)), len(set(other)), 1)


def _renamed_modules(
    before: Mapping[str, tuple[Unit, ...]], after: Mapping[str, tuple[Unit, ...]], functions: Mapping[str, str], both: set[str]
) -> dict[str, str]:
    """Modules that have another name and most of the definitions."""
    gone = {path: _names(units, functions) for path, units in before.items() if path not in both}
    come = {path: _names(units, {}) for path, units in after.items() if path not in both and path not in before}
    pairs = sorted(_shares(gone, come), reverse=True)
    found: dict[str, str] = {}
    for share, old, new in pairs:
        if share > HALF and old not in found and new not in found.values():
            found[old] = new
    return {_stem(old): _stem(new) for old, new in found.items()}


def _shares(gone: Mapping[str, set[str]], come: Mapping[str, set[str]]) -> Iterator[tuple[float, str, str]]:
    for old, names in gone.items():
        for new, others in come.items():
            yield len(names & others) / max(len(names | others), 1), old, new


def _names(units: Sequence[Unit], functions: Mapping[str, str]) -> set[str]:
    return {functions.get(unit.name, unit.name) for unit in units if unit.kind in ("def", "name")}


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")
