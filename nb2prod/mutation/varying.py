"""Runs inside the interpreter of a project: the inputs of a recorded case -> other inputs of the same kinds, each with what is other about it.

    {"df": 24 rows, "limit": 30}, [30, "age"]   ->   ("limit is 31", {"limit": 31}), ("the rows of df turned round", {"df": ...}), ...

Always the same ones in the same order: values at the borders that the code names, gaps, doubles, fewer rows, another order. Of a table the columns
that the code names go first. What comes out of them is for others to find out by running the function.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

Given = Mapping[str, Any]
Variation = tuple[str, dict[str, Any]]

NUMBERS: tuple[Callable[[Any], Any], ...] = (lambda n: n + 1, lambda n: n - 1, lambda n: 0 * n, lambda n: -n, lambda n: 2 * n)
COLUMNS, NAMED = 10, 24  # columns of a table that are varied, values that the code names and next to them that are put in
MOST, TOGETHER = 90, 30  # variations of one value, and of two or three together


def variations(given: Given, named: Sequence[Any]) -> list[Variation]:
    """All that are tried for one case: first of one thing, then of several together."""
    plain = [value for value in map(_plain, given.values()) if _is_number(value) or isinstance(value, str)]
    inside = [one for value in (*plain, *named) for one in ((value, value + 1) if type(value) is int else (value,))]
    kinds = [_scalars(given, named), _rows(given), *(_cells(name, value, inside) for name, value in given.items())]
    single = list(islice(_in_turns(kinds), MOST))
    return [*single, *_together(single)]


def _in_turns(kinds: Sequence[Iterator[Variation]]) -> Iterator[Variation]:
    """One of each kind, then a second of each, and so on."""
    waiting = list(kinds)
    while waiting:
        for kind in list(waiting):
            found = next(kind, None)
            if found is None:
                waiting.remove(kind)
            else:
                yield found


def _together(single: Sequence[Variation]) -> Iterator[Variation]:
    """Two or three variations of different inputs at once: what lies behind two conditions needs both."""
    chance = random.Random(len(single))
    for _ in range(TOGETHER if len(single) > 1 else 0):
        chosen = chance.sample(single, min(chance.choice((2, 3)), len(single)))
        names = [name for _, changed in chosen for name in changed]
        if len(set(names)) == len(names):
            yield ", ".join(why for why, _ in chosen), dict(chain.from_iterable(changed.items() for _, changed in chosen))


def _scalars(given: Given, named: Sequence[Any]) -> Iterator[Variation]:
    """Numbers, texts and yes or no that are inputs themselves."""
    plain = {name: _plain(value) for name, value in given.items()}
    numbers = [value for value in (*plain.values(), *named) if _is_number(value)]
    for name, value in plain.items():
        for other in _others(value, numbers):
            kept = type(given[name])(other) if _is(given[name], "numpy", "generic") else other
            yield f"{name} is {other!r}", {name: kept}


def _others(value: Any, numbers: Sequence[Any]) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif _is_number(value):
        others = [*(change(value) for change in NUMBERS), *(one for one in numbers if isinstance(one, int) or isinstance(value, float))]
        yield from (type(value)(one) for one in dict.fromkeys(others) if one != value)
    elif isinstance(value, str):
        yield from (one for one in dict.fromkeys((value.upper(), value.lower(), f" {value}", "")) if one != value)


def _plain(value: Any) -> Any:
    return value.item() if _is(value, "numpy", "generic") else value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is(value: Any, library: str, *names: str) -> bool:
    module = sys.modules.get(library)
    return module is not None and isinstance(value, tuple(getattr(module, name) for name in names))


def _is_table(value: Any) -> bool:
    if _is(value, "pandas", "DataFrame", "Series"):
        return True
    return bool(_is(value, "numpy", "ndarray") and value.ndim) or (type(value) is list and bool(value))


def _rows(given: Given) -> Iterator[Variation]:
    """Other rows of the tables; those of equal length change together."""
    tables = {name: value for name, value in given.items() if _is_table(value) and len(value) > 1}
    for length in sorted({len(value) for value in tables.values()}, reverse=True):
        names = [name for name, value in tables.items() if len(value) == length]
        for what, places in _orders(length):
            yield f"{', '.join(names)}: {what}", {name: _take(tables[name], places) for name in names}


def _orders(length: int) -> Iterator[tuple[str, list[int]]]:
    everything = list(range(length))
    mixed = list(everything)
    random.Random(length).shuffle(mixed)
    yield "the rows turned round", everything[::-1]
    yield "every row twice", [at for at in everything for _ in (0, 1)]
    yield "the first half of the rows", everything[: length // 2 or 1]
    yield "the second half of the rows", everything[length // 2 :]
    yield "the rows mixed", mixed
    yield "one row", everything[:1]


def _take(value: Any, places: list[int]) -> Any:
    if hasattr(value, "iloc"):
        return value.iloc[places].copy()
    return [value[at] for at in places] if isinstance(value, list) else value[places].copy()


def _cells(name: str, value: Any, named: Sequence[Any]) -> Iterator[Variation]:
    """Other values in a column of a table, a series, an array or a list."""
    if _is(value, "pandas", "DataFrame"):
        texts = {one for one in named if isinstance(one, str)}
        places = sorted(range(value.shape[1]), key=lambda at: str(value.columns[at]) not in texts)[:COLUMNS]
        kinds = [_column_of(name, value, at, named) for at in places]
        yield from _in_turns(kinds)
    elif _is_table(value):
        for what, column in _columns(value, named):
            yield f"{name}: {what}", {name: column}


def _column_of(name: str, table: Any, at: int, named: Sequence[Any]) -> Iterator[Variation]:
    for what, column in _columns(table.iloc[:, at], named):
        changed = table.copy()
        changed.isetitem(at, column) if hasattr(changed, "isetitem") else changed.__setitem__(table.columns[at], column)
        yield f"{name}: {what} in column {table.columns[at]!r}", {name: changed}


def _columns(column: Any, named: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """A column with other values of its own type; what does not fit that type is left out."""
    for what, change in _changes(column, named):
        changed = column.copy()
        try:
            change(changed)
        except Exception:  # a type that has no such value
            continue
        if getattr(changed, "dtype", None) == getattr(column, "dtype", None):
            yield what, changed


def _changes(column: Any, named: Sequence[Any]) -> Iterator[tuple[str, Callable[[Any], None]]]:
    first = column.iloc[0] if hasattr(column, "iloc") else column[0]
    numeric = getattr(getattr(column, "dtype", None), "kind", "") in "iuf" if hasattr(column, "dtype") else _is_number(first)
    values = [one for one in dict.fromkeys(named) if _is_number(one) == numeric and isinstance(one, (int, float, str))][:NAMED]
    if values:
        yield f"the values {', '.join(map(repr, values))}", lambda found: _put(found, values)
    yield "a double", lambda found: _put(found, [first], 1)
    yield "a gap", lambda found: _put(found, [None], len(found) // 2)
    if numeric:
        yield "the other sign", lambda found: _put(found, [-one for one in found])
        yield "larger values", lambda found: _put(found, [one * 10 for one in found])
        yield "more digits", lambda found: _put(found, [one * 1.23456789 for one in found])
    elif isinstance(first, str):
        yield "capitals and blanks", lambda found: _put(found, [f" {first.upper()} ", first.lower()])
        yield "an empty text", lambda found: _put(found, [""])
        yield "a text that says nothing", lambda found: _put(found, ["?"])


def _put(column: Any, values: Sequence[Any], start: int = 0) -> None:
    """Puts values into the first places of a column, or into those from `start` on."""
    for at, value in enumerate(values[: len(column) - start], start):
        if hasattr(column, "iloc"):
            column.iloc[at] = value
        else:
            column[at] = value
