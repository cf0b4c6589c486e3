"""Three versions of one import statement -> one that binds what is wanted: names either side added, without those either side removed.

base  from m import a, b      hand  from m import a, b, c      new  from m import b, d     ->   from m import b, c, d

A name that the merged code still mentions is never taken away.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import replace

from nb2prod.merging.units import Unit, statements

LONGEST = 100


def bound(alias: ast.alias) -> str:
    """The name an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def bound_names(unit: Unit) -> frozenset[str]:
    """The names an import statement binds."""
    return frozenset(bound(alias) for alias in _statement(unit).names)


def comments_in(text: str) -> list[str]:
    """The comments of an import statement, which holds no texts that a hash could stand in."""
    return [line.partition("#")[2] for line in text.split("\n") if "#" in line]


def merge_import(base: Unit | None, hand: Unit | None, new: Unit | None, needed: Collection[str]) -> Unit | None:
    """The merged statement, or None where nothing of it is left."""
    before, mine, theirs = (_aliases(unit) for unit in (base, hand, new))
    wanted = [one for one in dict.fromkeys((*mine, *theirs)) if _stays(one, before, mine, theirs) or _bound(one) in needed]
    shown = hand or new
    if not wanted or shown is None:
        return None
    if set(wanted) == set(mine) and hand and not (base and hand.text == base.text and set(theirs) == set(mine)):
        return hand
    if set(wanted) == set(theirs) and new and (hand is None or "#" not in hand.text or base and hand.text == base.text):
        return new
    return _written(shown, wanted, mine)


def with_names(unit: Unit, names: Sequence[str]) -> Unit:
    """A `from` import that binds other names ("a", "b as c")."""
    return _written(unit, list(names), _aliases(unit))


def _stays(one: str, base: Collection[str], hand: Collection[str], new: Collection[str]) -> bool:
    return (one in hand and one in new) if one in base else (one in hand or one in new)


def _written(unit: Unit, wanted: list[str], present: Sequence[str]) -> Unit:
    """The statement anew, in one line where it fits; one with comments keeps its text, and what comes new is imported below."""
    node = _statement(unit)
    indent = unit.text[: len(unit.text) - len(unit.text.lstrip())]
    if "#" in unit.text or isinstance(node, ast.Import):
        more = [one for one in wanted if one not in present]
        added = textwrap.indent(_line(node, more), indent) if more else ""
        return replace(unit, text=unit.text + added)
    if list(present) == sorted(present, key=_rank):
        wanted = sorted(wanted, key=_rank)
    return replace(unit, text=textwrap.indent(_line(node, wanted, len(indent)), indent))


def _line(node: ast.Import | ast.ImportFrom, names: Sequence[str], indent: int = 0) -> str:
    if isinstance(node, ast.Import):
        return f"import {', '.join(names)}\n"
    start = f"from {'.' * node.level}{node.module or ''} import "
    line = f"{start}{', '.join(names)}"
    if len(line) + indent <= LONGEST:
        return f"{line}\n"
    return f"{start}(\n" + "".join(f"    {name},\n" for name in names) + ")\n"


def _statement(unit: Unit) -> ast.Import | ast.ImportFrom:
    node = statements(unit.text)[0]
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    return node


def _aliases(unit: Unit | None) -> tuple[str, ...]:
    if unit is None:
        return ()
    return tuple(f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in _statement(unit).names)


def _bound(alias: str) -> str:
    name, _, other = alias.partition(" as ")
    return other or name.partition(".")[0]


def _rank(alias: str) -> tuple[int, str]:
    """The order of names in an import as ruff sorts them: constants, classes, the rest."""
    name = alias.partition(" as ")[0]
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)
