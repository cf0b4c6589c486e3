"""Live imports -> those that move to the top of modules, and those that must stay where they are.

import pandas as pd                      Import("pd", "pandas")
from math import log ... from numpy import log     the name means two things: both stay in their stages
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable
from pathlib import PurePath

from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Import
from nb2prod.planning.code import LiveCode

ENGINES = frozenset("openpyxl xlrd xlsxwriter odf pyxlsb calamine pyarrow fastparquet tables tabulate lxml html5lib".split())


def plan_imports(code: LiveCode, known: Collection[str] = ()) -> tuple[tuple[Import, ...], frozenset[StatementId]]:
    """The imports for module level, and the statements they cover wholly; `known` are libraries that are found whatever `sys.path` says."""
    found: dict[StatementId, list[Import]] = {}
    for id in code.statements:
        if code.decisions[id].role == "import":
            found[id] = imports_of(code.tree(id))
    meanings: dict[str, set[tuple[str, str]]] = {}
    for imports in found.values():
        for one in imports:
            meaning = (one.module.partition(".")[0], "package") if plain(one) else (one.module, one.attribute)
            meanings.setdefault(one.bound, set()).add(meaning)
    if code.reflects:  # code in texts may mean any name: only what cannot stand in a function moves
        found = {id: imports for id, imports in found.items() if any(one.bound == "*" or one.module == "__future__" for one in imports)}
    found = {id: imports for id, imports in found.items() if not waits(id, imports, code, known)}
    covered = frozenset(id for id, imports in found.items() if all(steady(one, meanings, code, found) for one in imports))
    listed = dict.fromkeys(one for id in found if id in covered for one in found[id])
    return tuple(sorted(listed, key=lambda one: (one.module, one.attribute, one.bound) if one.bound != "*" else ("",))), covered


def without_engines(imports: Iterable[Import], code: LiveCode) -> tuple[tuple[Import, ...], frozenset[str]]:
    """The imports without those of libraries that pandas loads by itself and whose names no code mentions; and these libraries."""
    mentioned = {reference.name for reference in code.references if reference.context != "store"}
    engines = [one for one in imports if one.module in ENGINES and one.bound not in mentioned]
    return tuple(one for one in imports if one not in engines), frozenset(one.module for one in engines)


def waits(id: StatementId, imports: Iterable[Import], code: LiveCode, known: Collection[str]) -> bool:
    """Whether an import means something only after kept code: a search path it is found on, environment variables its library reads, or a
    module that the notebook itself writes."""
    paths = (PurePath(result.path) for result in code.analysis.results if result.kind == "file" and result.path.endswith(".py"))
    written = {PurePath(part).stem for path in paths for part in path.parts}
    if any(one.module.partition(".")[0] in written for one in imports):
        return True
    after = {
        edge.location.key for edge in code.analysis.graph.providers(id) if edge.location.kind == "ambient" and edge.provider in code.rank
    }
    roots = {one.module.partition(".")[0] for one in imports} - sys.stdlib_module_names - {"IPython"}  # displays become prints
    return ("sys.path" in after and bool(roots - set(known))) or ("os.environ" in after and bool(roots))


def plain(one: Import) -> bool:
    """`import a.b` binds `a`: several of them go together."""
    return not one.attribute and one.bound == one.module.partition(".")[0]


def steady(one: Import, meanings: dict[str, set[tuple[str, str]]], code: LiveCode, found: dict[StatementId, list[Import]]) -> bool:
    """Whether a bound name means this import everywhere in the live code."""
    if one.bound == "*":
        return True
    others = [id for id in code.stores.get(one.bound, []) if id not in found]
    return len(meanings[one.bound]) == 1 and not others


def imports_of(tree: ast.stmt) -> list[Import]:
    if isinstance(tree, ast.Import):
        return [Import(alias.asname or alias.name.partition(".")[0], alias.name) for alias in tree.names]
    if isinstance(tree, ast.ImportFrom):
        module = "." * tree.level + (tree.module or "")
        return [Import(alias.asname or alias.name, module, alias.name) for alias in tree.names]
    return []
