"""What is done to a table, step by step -> whether doing all of it again would change nothing: each step leaves alone what it has done, and no later
step undoes that.

    df = df.drop_duplicates(subset="id")      reads id                  settled where `id` is not written later
    df["age"] = df["age"].fillna(0)           maps age to itself        settled where `age` is only ever mapped to itself later
    df["sum"] = df["a"] + df["b"]             reads a, b; writes sum    settled where neither of the three is written later
    df["age"] = df["age"] + 1                 never settled
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nb2prod.codegen.properties.values import ALL, Plain, Reading, Rows
from nb2prod.codegen.properties.vocabulary import ACCESSORS, SETTLING, SETTLING_FUNCTIONS, SETTLING_TABLES

NONE: frozenset[str] = frozenset()
MIDDLES = ("max", "mean", "median", "min")
STABLE = ("stable", "mergesort")


@dataclass(frozen=True)
class Step:
    """What a statement does to a table: the columns it reads, those it writes, and those it maps to `itself`; whether it takes rows away or moves them.

    `by_others` says that what it writes depends on other rows; `cleans` that it is more than writing down something new.
    """

    reads: frozenset[str] = NONE
    writes: frozenset[str] = NONE
    itself: frozenset[str] = NONE
    removes: bool = False
    moves: bool = False
    by_others: bool = False
    cleans: bool = True


Steps = tuple[Step, ...] | None  # None: something is done that is not known to settle


def is_settled(steps: Steps) -> bool:
    """Whether all of it done again changes nothing, and there is anything that cleans."""
    return steps is not None and any(step.cleans for step in steps) and all(_stays(step, steps[at + 1 :]) for at, step in enumerate(steps))


def _stays(step: Step, later: Sequence[Step]) -> bool:
    for other in later:
        both_map = step.itself and other.itself and not other.writes
        if _meet(step.reads | step.writes, other.writes | other.itself) or (
            _meet(step.itself, other.writes | other.itself) and not both_map
        ):
            return False
        if step.by_others and (other.removes or other.moves):
            return False
    return True


def _meet(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some and others) and (some == ALL or others == ALL or bool(some & others))


def steps_of_table(node: ast.expr, reading: Reading) -> tuple[str, Steps]:
    """The variable whose table an expression is made of, and what is done to it; no name where it is no table's expression."""
    if isinstance(node, ast.Name):
        return node.id, ()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name, before = steps_of_table(node.func.value, reading)
        step = _of_method(node.func.attr, node, reading) if name else None
        return name, None if before is None or step is None else (*before, *step)
    if isinstance(node, ast.Subscript):
        inner = node.value.value if isinstance(node.value, ast.Attribute) and node.value.attr == "loc" else node.value
        name, before = steps_of_table(inner, reading)
        chosen = [] if isinstance(node.slice, ast.List) and inner is node.value else _of_mask(node.slice, reading)
        return name, None if before is None or chosen is None else (*before, *chosen)
    return "", None


def _of_mask(node: ast.expr, reading: Reading) -> list[Step] | None:
    mask = reading.of(node)
    return [Step(reads=mask.columns, removes=True)] if isinstance(mask, Rows) and mask.alone and mask.wide is False else None


def _of_method(method: str, node: ast.Call, reading: Reading) -> list[Step] | None:
    words = {word.arg: word.value for word in node.keywords if word.arg != "inplace"}
    if not all(isinstance(reading.of(one), Plain) for one in (*node.args, *words.values())):
        return None
    if method == "copy":
        return []
    if method in ("dropna", "drop_duplicates"):
        asked = words.get("subset") or (node.args[0] if node.args else None)
        return [Step(reads=_named(asked), removes=True)] if set(words) <= {"subset", "keep", "how"} else None
    if method == "reset_index":
        return [Step(by_others=True, cleans=False)] if _is(words.get("drop"), True) and set(words) == {"drop"} else None
    if method == "sort_values":
        by = words.get("by") or (node.args[0] if node.args else None)
        stable = (isinstance(by, ast.List) and len(by.elts) > 1) or any(_is(words.get("kind"), kind) for kind in STABLE)
        return [Step(reads=_named(by), moves=True, cleans=False)] if stable and "ignore_index" not in words else None
    if method in SETTLING_TABLES and "method" not in words and (method != "replace" or _replaces_for_good(node)):
        return [Step(itself=ALL)]
    return None


def step_of_column(table: str, column: str, value: ast.expr, reading: Reading) -> Steps:
    """What an assignment to a column does."""
    mapped = _reads_beside(table, column, value, reading)
    if mapped is not None:
        return (Step(reads=mapped, itself=frozenset({column})),)
    made = reading.of(value)
    if isinstance(made, Plain):
        return (Step(writes=frozenset({column}), cleans=False),)
    if not isinstance(made, Rows) or made.wide or made.columns == ALL or column in made.columns:
        return None
    return (Step(reads=made.columns, writes=frozenset({column}), by_others=not made.alone, cleans=False),)


def step_of_some(column: str, mask: ast.expr, value: ast.expr, reading: Reading) -> Steps:
    """What `df.loc[mask, column] = value` does: where the mask holds again, the same value comes again."""
    found = reading.of(mask)
    if not isinstance(found, Rows) or not found.alone or found.wide is not False or not isinstance(reading.of(value), Plain):
        return None
    return (Step(reads=found.columns - {column}, itself=frozenset({column})),)


def _reads_beside(table: str, column: str, node: ast.expr, reading: Reading) -> frozenset[str] | None:
    """Where a column is mapped to itself by what settles (`df["a"].str.strip().fillna("")`): the other columns that are read for it."""
    if _is_column(node, table, column):
        return NONE
    if not isinstance(node, ast.Call):
        return None
    if reading.dotted(node.func) in SETTLING_FUNCTIONS and node.args:
        plain = all(isinstance(reading.of(one), Plain) for one in (*node.args[1:], *(word.value for word in node.keywords)))
        return _reads_beside(table, column, node.args[0], reading) if plain else None
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in SETTLING:
        return None
    method, base = node.func.attr, node.func.value
    inner = base.value if isinstance(base, ast.Attribute) and base.attr in ACCESSORS else base
    before = _reads_beside(table, column, inner, reading)
    beside = _given(method, (table, column), node, reading)
    return None if before is None or beside is None or (method == "replace" and not _replaces_for_good(node)) else before | beside


def _given(method: str, place: tuple[str, str], node: ast.Call, reading: Reading) -> frozenset[str] | None:
    """The other columns that a method's arguments are made of; only gaps may be filled with what depends on rows, or on what the column itself is."""
    words = {word.arg: word.value for word in node.keywords}
    table, column = place
    found = NONE
    for one in (*node.args, *words.values()):
        value = reading.of(one)
        if isinstance(value, Plain) or (method == "fillna" and _is_middle(one, table, column)):
            continue
        if not isinstance(value, Rows) or method != "fillna" or not value.alone or value.columns == ALL:
            return None
        found |= value.columns - {column}
    return None if "method" in words else found


def _is_middle(node: ast.expr, table: str, column: str) -> bool:
    """Whether it is the mean of the column, or another value of that kind."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.args or node.keywords:
        return False
    return node.func.attr in MIDDLES and _is_column(node.func.value, table, column)


def _is_column(node: ast.expr, table: str, column: str) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Name) and node.value.id == table and _is(node.slice, column)
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == table and node.attr == column


def _replaces_for_good(node: ast.Call) -> bool:
    """Whether nothing that is put in is replaced itself."""
    if len(node.args) == 1 and isinstance(node.args[0], ast.Dict):
        keys, values = node.args[0].keys, node.args[0].values
        names = [one.value for one in keys if isinstance(one, ast.Constant)]
        return len(names) == len(keys) and all(isinstance(one, ast.Constant) and one.value not in names for one in values)
    pair = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
    return len(pair) == 2 and all(isinstance(one, str) for one in pair) and str(pair[0]) not in str(pair[1])


def _named(node: ast.expr | None) -> frozenset[str]:
    """The columns that are written out; all of them where that is not so."""
    names = [node] if isinstance(node, ast.Constant) else node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    texts = [one.value for one in names if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return frozenset(texts) if texts and len(texts) == len(names) else ALL


def _is(node: ast.expr | None, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def settles_names(node: ast.expr, table: str) -> bool:
    """Whether the names of columns become themselves by what settles: `[c.strip().lower() for c in df.columns]`, `df.columns.str.lower()`."""
    if isinstance(node, ast.ListComp) and len(node.generators) == 1 and isinstance(node.generators[0].target, ast.Name):
        loop = node.generators[0]
        return not loop.ifs and _is_names(loop.iter, table) and _settles(node.elt, lambda inner: _is_name(inner, node.generators[0].target))
    return isinstance(node, ast.Call) and _settles(node, lambda inner: _is_names(inner, table))


def _settles(node: ast.expr, is_base: Callable[[ast.expr], bool]) -> bool:
    if is_base(node):
        return True
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in SETTLING:
        return False
    constant = all(isinstance(one, ast.Constant) for one in node.args)
    base = node.func.value.value if isinstance(node.func.value, ast.Attribute) and node.func.value.attr == "str" else node.func.value
    return constant and (node.func.attr != "replace" or _replaces_for_good(node)) and _settles(base, is_base)


def _is_names(node: ast.expr, table: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "columns" and isinstance(node.value, ast.Name) and node.value.id == table


def _is_name(node: ast.expr, other: ast.expr) -> bool:
    return isinstance(node, ast.Name) and isinstance(other, ast.Name) and node.id == other.id
