"""Definitions that moved from one module to another, brought to one place in all three versions before these are merged.

base  features.py: cut_off      hand  evaluation.py: cut_off      new  features.py: cut_off
->    evaluation.py: cut_off    in all three, and what imports it takes it from there
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from nb2prod.merging.imports import bound_names
from nb2prod.merging.lines import split_lines
from nb2prod.merging.matching import modules_of
from nb2prod.merging.texts import text_of
from nb2prod.merging.units import Unit, join, split, statements

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Three:
    """A project as it was written, as it is in the folder, and as it would be written now."""

    base: dict[str, bytes]
    hand: dict[str, bytes]
    new: dict[str, bytes]


def bring_together(package: str, three: Three, pinned: Collection[str], own: Collection[str]) -> Three:
    """The three versions with every definition in one module: where the hand put it, else where the new version has it.

    `pinned` are definitions that files of the person's own import: they stay where they are. `own` are those files, which are left alone.
    """
    homes = [_homes(files, package) for files in (three.base, three.hand, three.new)]
    for name in sorted(homes[0]):
        base, hand, new = (side.get(name) for side in homes)
        if not base or not hand or base == new == hand:
            continue
        place = hand if hand != base or name in pinned or new is None else new
        moved = Three(
            _moved(three.base, package, name, base, place, ()),
            _moved(three.hand, package, name, hand, place, own) if place != hand else three.hand,
            _moved(three.new, package, name, new, place, ()) if new else three.new,
        )
        three = moved
    return three


def offers_of(package: str, three: Three) -> dict[str, tuple[Unit, ...]]:
    """For each module, the imports it may come to need: those of the other modules, and of what they define."""
    found: dict[str, dict[str, Unit]] = {}
    versions = [modules_of(files, package) for files in (three.hand, three.new)]
    for modules in versions:
        for path, units in modules.items():
            for unit in units:
                for one in (unit, *(unit.inner if unit.kind == "if" else ())):
                    if one.kind == "import" and "__future__" not in one.key:
                        for name in bound_names(one):
                            found.setdefault(name, {}).setdefault("import", _single(one, name))
                if unit.kind == "def":
                    text = f"from {_module(package, path)} import {unit.name}\n"
                    found.setdefault(unit.name, {})[path] = split(text)[0]
    paths = {path for modules in versions for path in modules}
    return {path: tuple(unit for homes in found.values() if path not in homes for unit in list(homes.values())[:1]) for path in paths}


def imported_names(files: Files, package: str) -> frozenset[str]:
    """The definitions and modules of the package that some files import."""
    found: set[str] = set()
    for content in files.values():
        read = text_of(content)
        try:
            tree = ast.parse(read.text if read else "")
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").partition(".")[0] == package):
                found |= {*(alias.name for alias in node.names), (node.module or "").rpartition(".")[2]}
            elif isinstance(node, ast.Import):
                found |= {part for alias in node.names if alias.name.startswith(f"{package}.") for part in alias.name.split(".")[1:]}
    return frozenset(found)


def _single(unit: Unit, name: str) -> Unit:
    """An import of that one name alone."""
    node = statements(unit.text)[0]
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    node.names = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) == name]
    return split(ast.unparse(node) + "\n")[0]


def _homes(files: Files, package: str) -> dict[str, str]:
    """The module each definition is in, for those of which there is one."""
    places = [(unit.name, path) for path, units in modules_of(files, package).items() for unit in units if unit.kind == "def"]
    counts = Counter(name for name, _ in places)
    return {name: path for name, path in places if counts[name] == 1}


def _moved(files: dict[str, bytes], package: str, name: str, source: str, target: str, own: Collection[str]) -> dict[str, bytes]:
    """The files with a definition in another module, at its end."""
    if source == target:
        return files
    read = text_of(files[source])
    assert read is not None
    units = split(read.text)
    unit = next(unit for unit in units if unit.key == ("def", name))
    left = [one for one in units if one is not unit]
    there = text_of(files.get(target, b"")) or read
    added = [*split(there.text), replace(unit, lead=2 if there.text else 0)]
    done = {**files, source: read.bytes(_closed(join(left))), target: there.bytes(_closed(join(added)))}
    old, new = _module(package, source), _module(package, target)
    return {path: content if path in own else _redirected(path, content, name, old, new, package) for path, content in done.items()}


def _closed(text: str) -> str:
    return text.lstrip("\n")


def _redirected(path: str, content: bytes, name: str, old: str, new: str, package: str) -> bytes:
    """A file in which a name is imported from another module than before; the module itself needs no import."""
    if not path.endswith((".py", ".ipynb")) or name.encode() not in content or (read := text_of(content)) is None:
        return content
    here = _module(package, path)
    if path.endswith(".py"):
        text = redirected(read.text, name, old, new if here != new else "")
        return content if text == read.text else read.bytes(text)
    try:
        notebook = json.loads(read.text)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        return content
    for cell in cells:
        source = cell["source"]
        whole = source if isinstance(source, str) else "".join(source)
        text = redirected(whole, name, old, new)
        if text != whole:
            cell["source"] = text if isinstance(source, str) else split_lines(text)
            content = (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode("utf-8")
    return content


def redirected(code: str, name: str, old: str, new: str) -> str:
    """Code that imports a name from another module than before (empty: from none). Code that does not parse stays as it is."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    lines: list[str | None] = list(code.split("\n"))
    there = next((node for node in nodes if node.module == new and not node.level and node in tree.body), None)
    changed: dict[int, tuple[ast.ImportFrom, list[ast.alias]]] = {}
    for node in nodes:
        moved = [alias for alias in node.names if alias.name == name] if node.module == old and not node.level else []
        if not moved:
            continue
        rest = [alias for alias in node.names if alias not in moved]
        texts = [_import(old, rest)] if rest else []
        if new and there is not None and node in tree.body:
            changed[id(there)] = (there, [*there.names, *(one for one in moved if one.name not in {alias.name for alias in there.names})])
        elif new:
            texts.append(_import(new, moved))
        lines = _replaced(lines, node, texts)
    for node, names in changed.values():
        lines = _replaced(lines, node, [_import(new, sorted(names, key=lambda alias: (not alias.name[0].isupper(), alias.name)))])
    return "\n".join(line for line in lines if line is not None) if changed or lines != code.split("\n") else code


def _replaced(lines: list[str | None], node: ast.ImportFrom, texts: list[str]) -> list[str | None]:
    """The lines with those of an import statement replaced; their number stays, so that other statements are where they were."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    indent = " " * node.col_offset
    shown = "\n".join(f"{indent}{line}" for text in texts for line in text.split("\n"))
    return [*lines[:first], *([shown] if texts else [None]), *([None] * (last - first)), *lines[last + 1 :]]


def _import(module: str, names: list[ast.alias]) -> str:
    told = [f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in names]
    line = f"from {module} import {', '.join(told)}"
    return line if len(line) <= 100 else f"from {module} import (\n" + "".join(f"    {one},\n" for one in told) + ")"


def _module(package: str, path: str) -> str:
    """The dotted name of a module of the package."""
    inside = path.removeprefix(f"src/{package}/").removesuffix(".py").replace("/", ".")
    return f"{package}.{inside}" if path.startswith(f"src/{package}/") else ""
