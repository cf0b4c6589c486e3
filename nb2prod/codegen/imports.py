"""Module text -> the names it needs from outside, and imports -> the blocks at the top of a module.

return pd.read_csv(path)      ->   {"pd"}
Import("pd", "pandas"), Import("Path", "pathlib", "Path")      ->      from pathlib import Path

                                                                       import pandas as pd
"""

from __future__ import annotations

import ast
import re
import symtable
import sys
from collections.abc import Collection, Iterable, Iterator

from nb2prod.model.plan import Import

FUTURE = Import("annotations", "__future__", "annotations")
LONG = 84  # a longer line does not fit in 100 with its mark
TYPE_CHECKING = Import("TYPE_CHECKING", "typing", "TYPE_CHECKING")


def references(text: str) -> set[str]:
    """Every name the module reads from its own top level, those in annotations and built-in ones among them."""
    found = set(_global_names(symtable.symtable(text, "module", "exec")))
    annotations = _annotations(ast.parse(text))
    return found | {node.id for annotation in annotations for node in ast.walk(annotation) if isinstance(node, ast.Name)}


def dotted_paths(text: str) -> set[str]:
    """Every chain of attributes that starts at a name, and each of its beginnings: `a`, `a.b` and `a.b.c` for `a.b.c`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        path = _path(node)
        found.update({path} if path else ())
    return found


def import_block(imports: Iterable[Import], first_party: Collection[str] = (), unused: Collection[Import] = ()) -> str:
    """The imports in blocks (future, standard library, third party, our own), sorted as ruff's isort sorts.

    `unused` are imports nobody's code reads; they are marked, as a linter would take them away. Star imports come first, so that no name
    of theirs hides one that is imported by name.
    """
    imports = list(dict.fromkeys(imports))
    stars = [f"from {i.module} import *  # noqa: F403" for i in imports if i.attribute == "*"]
    lines: dict[int, list[tuple[object, str]]] = {}
    for key, module, text in _statements([i for i in imports if i.attribute != "*"], unused):
        lines.setdefault(_section(module, first_party), []).append((key, text))
    blocks = ["\n".join(text for _, text in sorted(lines[section])) for section in sorted(lines)]
    after = 1 if 0 in lines else 0  # nothing may stand before a future import
    return "\n\n".join([*blocks[:after], *(["\n".join(stars)] if stars else []), *blocks[after:]])


def import_line(imported: Import) -> str:
    """The statement that binds the name."""
    if imported.attribute:
        name = imported.attribute if imported.attribute == imported.bound else f"{imported.attribute} as {imported.bound}"
        return f"from {imported.module} import {name}"
    whole = imported.bound in (imported.module, imported.module.split(".")[0])
    return f"import {imported.module}" if whole else f"import {imported.module} as {imported.bound}"


def acting_imports(imports: Iterable[Import], sources: Iterable[str], read: Collection[str]) -> tuple[Import, ...]:
    """The imports of which no name in their whole statement is among those `read`; `sources` are the notebook's statements."""
    silent: set[tuple[str, str]] = set()
    for node in (node for source in sources if "import" in source for node in ast.parse(source).body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            bound = {alias.asname or alias.name.split(".")[0] for alias in node.names}
            if not bound & {*read, "*"}:
                silent |= {(getattr(node, "module", None) or alias.name, name) for alias in node.names for name in bound}
    return tuple(i for i in imports if (i.module, i.bound) in silent and i.module != "__future__" and i.bound not in read)


def _statements(imports: Iterable[Import], unused: Collection[Import]) -> Iterator[tuple[object, str, str]]:
    """Each import statement with its sort key and module; names of one module share a statement, renamed ones do not."""
    members: dict[str, list[str]] = {}
    for imported in imports:
        module = imported.module
        if imported.attribute and imported.attribute == imported.bound and imported not in unused:
            members.setdefault(module, []).append(imported.attribute)
        else:
            first = _member(imported.attribute) if imported.attribute else imported.bound
            yield (
                (1 if imported.attribute else 0, _natural(module), (1, first, imported.bound)),
                module,
                _line(imported, imported in unused),
            )
    for module, names in members.items():
        ordered = sorted(names, key=_member)
        yield ((1, _natural(module), (1, _member(ordered[0]), "")), module, f"from {module} import {', '.join(ordered)}")


def _line(imported: Import, unused: bool) -> str:
    """The statement, marked where nobody reads its name; the mark of a long one stands by the name, where linters look."""
    line = import_line(imported)
    if not unused:
        return line
    if imported.attribute and len(line) > LONG:
        head, _, name = line.partition(" import ")
        return f"{head} import (\n    {name},  # noqa: F401\n)"
    return f"{line}  # noqa: F401"


def _section(module: str, first_party: Collection[str]) -> int:
    top = module.split(".")[0]
    if top == "__future__":
        return 0
    if top in first_party:
        return 3
    return 1 if top in sys.stdlib_module_names else 2


def _member(name: str) -> tuple[int, object]:
    """Constants before classes before the rest, as ruff orders the members of one import."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, _natural(name)


def _natural(name: str) -> tuple[object, ...]:
    parts = re.split(r"(\d+)", name.lower())
    return (*((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part), (-1, 0, name))


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        here = table.get_type() in ("module", "class")
        if symbol.is_referenced() and (symbol.is_global() or (here and not symbol.is_free())):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _global_names(child)


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if annotation is not None:
                yield annotation


def _path(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = _path(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""
