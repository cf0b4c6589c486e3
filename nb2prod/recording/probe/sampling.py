"""Values of a stage with many rows -> the same with few that still tell: extremes, gaps, doubles, one of each group, values the code names.

    reduced({"df": 1000 rows, "y": 1000 values, "limit": 3}, 24, [18, "Yes"])   ->   {"df": 24 rows, "y": the same 24, "limit": 3}

Tables of equal length keep the same places, and of tables with different rows the same labels. Nothing is invented: every row was there.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from types import CodeType
from typing import Any, Dict, Iterable, List, Sequence, Set

FEW = 12  # different values of a column that makes groups
RANKS = 3
COLUMNS = 40  # that are looked at
TAKING = ("head", "tail", "nlargest", "nsmallest", "sample")
MOST, MORE = 120, 6  # rows taken for which a case is made larger, and how much larger


def constants(code: CodeType) -> List[Any]:
    """The numbers and texts a function's code holds and the names it mentions (`df.age`), those of the functions within it too."""
    found: List[Any] = list(code.co_names)
    for value in code.co_consts:
        if isinstance(value, CodeType):
            found += constants(value)
        elif isinstance(value, tuple):
            found += [one for one in value if isinstance(one, (int, float, str))]
        elif isinstance(value, (int, float, str)) and not isinstance(value, bool):
            found.append(value)
    return found


def counted(function: Any) -> int:
    """How many rows a case must have so that a function which takes some from an end of a table leaves others: 56 for `df.head(50)`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return 0
    found: List[Any] = [0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKING and node.args:
            found.append(getattr(node.args[0], "value", 0))
        elif isinstance(node, ast.Slice):
            found += [getattr(bound, "value", 0) for bound in (node.lower, node.upper)]
    return max([number + MORE for number in found if type(number) is int and number <= MOST] or [0])


def reduced(given: Dict[str, Any], rows: int, named: Sequence[Any]) -> Dict[str, Any]:
    """The inputs with about `rows` rows of each table; those that are short already stay as they are."""
    lengths = sorted({len(value) for value in given.values() if _is_table(value) and len(value) > rows})
    kept: Dict[str, Any] = dict(given)
    labels: Set[Any] = set()
    for length in lengths:
        names = [name for name, value in given.items() if _is_table(value) and len(value) == length]
        places = _places([given[name] for name in names], rows, named)
        for name in names:
            places |= _labelled(given[name], labels)
        for name in names:
            kept[name] = take(given[name], sorted(places))
            labels |= _labels(kept[name])
    return kept


def beginning(given: Dict[str, Any], rows: int) -> Dict[str, Any]:
    """The inputs with the first rows only, which keeps series of equal steps what they are."""
    return {name: take(value, range(rows)) if _is_table(value) and len(value) > rows else value for name, value in given.items()}


def take(value: Any, places: Iterable[int]) -> Any:
    """Some rows of a table, by place."""
    chosen = list(places)
    if hasattr(value, "iloc"):
        return value.iloc[chosen].copy()
    if isinstance(value, list):
        return [value[at] for at in chosen]
    found = value[chosen]
    return found.copy() if hasattr(found, "copy") else found


def _is_table(value: Any) -> bool:
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None and type(value) in (pandas.DataFrame, pandas.Series):
        return True
    if numpy is not None and type(value) is numpy.ndarray and value.ndim >= 1:
        return True
    return type(value) is list


def _labels(value: Any) -> Set[Any]:
    try:
        return set(value.index) if hasattr(value, "iloc") else set()
    except TypeError:
        return set()


def _labelled(value: Any, labels: Set[Any]) -> Set[int]:
    """The places of rows whose labels another table has kept."""
    if not labels or not hasattr(value, "iloc") or not value.index.is_unique:
        return set()
    return {at for at, label in enumerate(value.index) if label in labels}


def _places(values: Sequence[Any], rows: int, named: Sequence[Any]) -> Set[int]:
    """The rows worth keeping, the most telling first, then evenly spread ones."""
    length = len(values[0])
    texts = {value for value in named if isinstance(value, str)}
    columns = sorted([column for value in values for column in _columns(value)], key=lambda column: not _is_named(column, texts))
    found = [_telling(column, named, _is_named(column, texts)) for column in columns[:COLUMNS]]
    wanted = [0, length - 1, *_twins(values), *(at for rank in range(RANKS) for at in _in_turns([ranked[rank] for ranked in found]))]
    places: Set[int] = set()
    limit = rows * 2 // 3
    for at in wanted:
        if len(places) >= limit:
            break
        places.add(at)
    left = max(rows - len(places), 1)
    places |= {at * length // left for at in range(left)}
    return places


def _twins(values: Sequence[Any]) -> List[int]:
    """The first row of a table that is there twice, and the one that is like it: what a function that drops doubles is about."""
    for table in (value for value in values if hasattr(value, "iloc") and value.ndim == 2):
        try:
            for at in map(int, table.duplicated().to_numpy().nonzero()[0][:1]):
                row, before = table.iloc[at], table.iloc[:at]
                alike = (before == row) | (before.isna() & row.isna())
                return [int(alike.all(axis=1).to_numpy().argmax()), at]
        except Exception:  # cells that cannot be compared
            continue
    return []


def _columns(value: Any) -> List[Any]:
    if hasattr(value, "iloc"):
        return [value.iloc[:, at] for at in range(value.shape[1])] if value.ndim == 2 else [value]
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return []
    if isinstance(value, list):
        return [pandas.Series(value)] if all(isinstance(one, (int, float, str)) for one in value) else []
    return (
        [pandas.Series(value[:, at]) for at in range(min(value.shape[1], 4))]
        if value.ndim == 2
        else [pandas.Series(value)] if value.ndim == 1 else []
    )


def _is_named(column: Any, texts: Set[str]) -> bool:
    """Whether the code says the column's name."""
    return isinstance(column.name, str) and column.name in texts


def _in_turns(lists: Sequence[List[int]]) -> List[int]:
    """The first of each list, then the second of each, and so on."""
    longest = max(map(len, lists), default=0)
    return [one[at] for at in range(longest) for one in lists if at < len(one)]


def _telling(column: Any, named: Sequence[Any], is_named: bool) -> List[List[int]]:
    """Places in a column, the most telling first: values that the code names, extremes and a gap; one of each group; doubles.

    Doubles of a column that the code itself names go first: it may be there to look for them.
    """
    try:
        found = _ranked(column.reset_index(drop=True), named)
        if is_named and column.nunique() > FEW:
            found = [[*found[2], *found[0]], found[1], []]
    except Exception:  # a column of things that cannot be compared
        return [[]] * RANKS
    return [[int(at) for at in places] for places in found]


def _ranked(column: Any, named: Sequence[Any]) -> List[List[int]]:
    numeric = column.dtype.kind in "iuf"
    first = list(column.index[column.isna()][:1])
    for value in named:
        if isinstance(value, str) != numeric:
            first += list(column.index[column == value][:1])
            first += list(column.index[column == value + 1][:1]) if isinstance(value, int) else []  # just beyond the border
    if numeric and column.notna().any():
        first += [column.idxmin(), column.idxmax()]
    groups: List[int] = []
    doubles: List[int] = list(column.index[column.isna()][1:2])
    unique = column.nunique()
    double = column.index[column.duplicated() & column.notna()]
    if len(double) and unique > len(column) * 0.9:
        doubles += [double[0], column.index[column == column[double[0]]][0]]
    if unique <= FEW:
        for value in column.dropna().unique():
            places = column.index[column == value]
            groups, doubles = [*groups, *places[:1]], [*doubles, *places[1:2]]
    return [first, groups, doubles]
