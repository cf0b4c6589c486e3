"""An expression of a stage -> what is known of its value: whether it has the rows of a table that the stage was given, or tells of all of them.

    df["a"] + df["b"]                 ->   Rows("df", columns={"a", "b"})               every row by itself
    df[df["a"] > 0]                   ->   Rows("df", columns={"*"}, fewer=True)        some of the rows
    df["a"] - df["a"].mean()          ->   Rows("df", columns={"a"}, alone=False)       every row, by all of them, in whatever order
    df.groupby("a")["b"].sum()        ->   Summary("df")
    model.predict(df)                 ->   None: not known

Only what `vocabulary` names is known; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nb2prod.codegen.properties.vocabulary import (
    ACCESSORS,
    ALONG,
    CLOCKS,
    ELEMENTWISE,
    FUNCTIONS,
    NOT_COLUMNS,
    NOT_OF_ACCESSORS,
    OF_GROUPS,
    OF_NUMBERS,
    OF_SUMMARIES,
    PICKING,
    SORTING,
    SUMMARIES,
    SUMMING,
    UNTIED,
    WINDOWS,
)

ALL = frozenset({"*"})


@dataclass(frozen=True)
class Plain:
    """A value that does not depend on any row."""


@dataclass(frozen=True)
class Rows:
    """A value that has rows of a table: `fewer` than it, `moved` to other places, `relabelled`; `wide` where it has columns itself.

    A row of it depends on that row `alone`, or on all rows but not on their order (`free`). `columns` are those it is made of ("*": all).
    """

    table: str
    columns: frozenset[str] = ALL
    wide: bool | None = True
    fewer: bool = False
    moved: bool = False
    relabelled: bool = False
    alone: bool = True
    free: bool = True

    @property
    def by_neighbours(self) -> Rows:
        return replace(self, alone=False, free=False)


@dataclass(frozen=True)
class Groups:
    """Rows put together by what they have in common, or as a window that goes along them."""

    rows: Rows
    window: bool = False


@dataclass(frozen=True)
class Summary:
    """A value that tells of all rows of a table, whatever their order; `moved` where parts of it are in any order themselves."""

    table: str
    moved: bool = False


@dataclass(frozen=True)
class Part:
    """One of the two pieces into which the whole of a table was split, and what both are called."""

    table: str
    names: tuple[str, ...]


Value = Plain | Rows | Groups | Summary | Part | None
PLAIN = Plain()


@dataclass(frozen=True)
class Reading:
    """Expressions read with what is `known` of each of the stage's names, and with the names of its module's imports (`pd`: `pandas`)."""

    known: Callable[[str], Value]
    imports: Mapping[str, str]

    def of(self, node: ast.expr) -> Value:
        """What is known of an expression."""
        reader = READERS.get(type(node))
        return reader(self, node) if reader else self.whole(node)

    def whole(self, node: ast.AST) -> Value:
        """Of an expression of any kind: plain where it mentions nothing else, and does not ask for the time."""
        if any(map(_asks_time, ast.walk(node))):
            return None
        names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
        return PLAIN if all(isinstance(self.known(name), Plain) for name in names) else None

    def name(self, node: ast.Name) -> Value:
        return self.known(node.id)

    def together(self, node: ast.expr) -> Value:
        """An operator: what its operands are together."""
        parts = [inner for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.expr)]
        found = joined([self.of(part) for part in parts])
        if isinstance(node, ast.Compare) and isinstance(found, Rows) and not found.alone:
            return replace(found, free=False)  # a mean is another in its last digit where rows are added in another order
        return found

    def attribute(self, node: ast.Attribute) -> Value:
        base = self.of(node.value)
        if isinstance(base, Rows):
            if node.attr in ("columns", "shape"):
                return PLAIN if node.attr == "columns" else summary_of(base)
            if is_accessor(node.value):
                return _of_categories(base, node.value)
            column = base.wide and node.attr not in NOT_COLUMNS | ACCESSORS
            return replace(base, columns=_of_column(base, node.attr), wide=False) if column else base if node.attr in ACCESSORS else None
        return base if isinstance(base, Plain) else None

    def subscript(self, node: ast.Subscript) -> Value:
        if isinstance(node.value, ast.Attribute) and node.value.attr == "iloc":
            return self._iloc(self.of(node.value.value), node.slice)
        base = self.of(_without_loc(node.value))
        if isinstance(base, Rows):
            by_label = _without_loc(node.value) is not node.value
            return self._loc(base, node.slice) if by_label else self._taken(base, node.slice)
        if isinstance(base, Groups):
            return base if not base.window and isinstance(self.of(node.slice), Plain) else None
        if isinstance(base, Summary):
            return base if isinstance(self.of(node.slice), Plain) and not isinstance(node.slice, ast.Slice) else None
        return base if isinstance(base, Plain) and isinstance(self.of(node.slice), Plain) else None

    def _taken(self, base: Rows, key: ast.expr) -> Value:
        names = _texts(key)
        if names is not None:
            columns = frozenset().union(*(_of_column(base, name) for name in names)) if names else base.columns
            return replace(base, columns=columns, wide=not isinstance(key, ast.Constant))
        if isinstance(key, (ast.Slice, ast.Constant)):
            return None
        mask = self.of(key)
        if isinstance(mask, Plain):
            return replace(base, wide=None)
        return picked(base, mask)

    def _loc(self, base: Rows, key: ast.expr) -> Value:
        rows, columns = (key.elts[0], key.elts[1]) if isinstance(key, ast.Tuple) and len(key.elts) == 2 else (key, None)
        found = base if _is_every(rows) else picked(base, self.of(rows))
        return self._taken(found, columns) if columns is not None and isinstance(found, Rows) else found

    def _iloc(self, base: Value, key: ast.expr) -> Value:
        """Columns by their places; rows by their places are not known."""
        if isinstance(base, Rows) and isinstance(key, ast.Tuple) and len(key.elts) == 2 and _is_every(key.elts[0]):
            return replace(base, wide=not isinstance(key.elts[1], (ast.Constant, ast.UnaryOp)))
        return base if isinstance(base, Plain) else None

    def call(self, node: ast.Call) -> Value:
        given = [*node.args, *(word.value for word in node.keywords)]
        if _asks_time(node):
            return None
        if isinstance(node.func, ast.Attribute):
            base = self.of(node.func.value)
            if isinstance(base, Rows):
                return self._of_rows(base, node, is_accessor(node.func.value))
            if isinstance(base, Groups):
                return self._of_groups(base, node)
            if isinstance(base, Summary):
                fits = node.func.attr in OF_SUMMARIES and all(isinstance(self.of(one), Plain) for one in given)
                return replace(base, moved=base.moved or node.func.attr in UNTIED) if fits else None
            if not isinstance(base, Plain):
                return None
        return self._function(self.dotted(node.func), node) if node.args else self.whole(node)

    def dotted(self, node: ast.expr) -> str:
        """The full name of what is called: `pandas.to_numeric` for `pd.to_numeric`."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        return ".".join([self.imports.get(node.id, node.id), *parts]) if isinstance(node, ast.Name) else ""

    def _of_rows(self, base: Rows, node: ast.Call, accessor: bool) -> Value:
        assert isinstance(node.func, ast.Attribute)
        name, words = node.func.attr, {word.arg: word.value for word in node.keywords}
        given = [self.of(one) for one in (*node.args, *words.values())]
        if accessor:
            if name in NOT_OF_ACCESSORS or "expand" in words:  # into as many columns as the rows have parts
                return None
            return joined([_of_categories(base, node.func.value), *given])
        if name == "assign":
            return joined([base, *given]) if None not in words else None
        if name in ("rename", "drop"):
            by_axis = name == "drop" and set(words) == {"axis"} and _literal(words["axis"]) in (1, "columns")
            of_columns = by_axis or (set(words) <= {"columns", "errors"} and not node.args)
            return base if of_columns and all(isinstance(one, Plain) for one in given) else None
        if name in ("apply", "map"):
            by_row = base.wide is False or (base.wide and _literal(words.get("axis")) == 1)
            return replace(base, wide=False) if by_row and all(isinstance(one, Plain) for one in given) else None
        if name in ELEMENTWISE and "method" not in words:
            return joined([base, *given])
        if name in SUMMARIES and _literal(words.get("axis")) in (1, "columns"):
            return replace(base, wide=False)
        if not all(isinstance(one, Plain) for one in given):
            return None
        return self._by_name(base, name, node, words)

    def _by_name(self, base: Rows, name: str, node: ast.Call, words: Mapping[str | None, ast.expr]) -> Value:
        if name in SUMMARIES:
            return summary_of(base, name in UNTIED)
        if name in ALONG or (name == "fillna" and "method" in words):
            return base.by_neighbours
        if name in WINDOWS:
            return Groups(base, window=True)
        if name == "groupby":
            return Groups(base)
        if name in SORTING:
            return replace(base, moved=True) if _literal(words.get("axis")) in (None, 0) else None
        if name == "reset_index":
            return replace(base, relabelled=True)
        return self._fewer(base, name, node, words) if name in PICKING else None

    def _fewer(self, base: Rows, name: str, node: ast.Call, words: Mapping[str | None, ast.expr]) -> Value:
        if _literal(words.get("axis")) in (1, "columns"):
            return None
        if name == "query":
            text = _literal(node.args[0]) if node.args else None
            return replace(base, fewer=True) if isinstance(text, str) and not set(text) & set("@(") else None
        some = replace(base, fewer=True, moved=base.moved or name in UNTIED)
        return some if name == "dropna" else some.by_neighbours

    def _of_groups(self, base: Groups, node: ast.Call) -> Value:
        assert isinstance(node.func, ast.Attribute)
        name, given = node.func.attr, [*node.args, *(word.value for word in node.keywords)]
        if base.window:
            return base.rows.by_neighbours
        if name in OF_GROUPS and all(isinstance(self.of(one), Plain) for one in given):
            return summary_of(base.rows)
        if name in ("agg", "aggregate"):
            return summary_of(base.rows) if given and all(_are_names(one) for one in given) else None
        if name == "transform":
            return replace(base.rows, alone=False) if len(given) == 1 and _are_names(given[0]) else None
        return None

    def _function(self, name: str, node: ast.Call) -> Value:
        words = {word.arg: word.value for word in node.keywords}
        values = [self.of(one) for one in (*node.args, *words.values())]
        first = values[0]
        if isinstance(first, Rows) and name in SPECIAL:
            return SPECIAL[name](first, node, words)
        if name == "pandas.concat" and isinstance(node.args[0], (ast.List, ast.Tuple)):
            beside = _literal(words.get("axis")) in (1, "columns")
            return joined([self.of(one) for one in node.args[0].elts]) if beside else None
        if name in SUMMING and isinstance(first, Rows):
            return summary_of(first)
        if name in OF_NUMBERS and isinstance(first, Summary) or name in FUNCTIONS:
            return joined(values)
        return PLAIN if all(isinstance(one, Plain) for one in values) else None


READERS: dict[type, Callable[[Reading, ast.expr], Value]] = {
    ast.Name: Reading.name,  # type: ignore[dict-item]
    ast.Attribute: Reading.attribute,  # type: ignore[dict-item]
    ast.Subscript: Reading.subscript,  # type: ignore[dict-item]
    ast.Call: Reading.call,  # type: ignore[dict-item]
    ast.BinOp: Reading.together,
    ast.UnaryOp: Reading.together,
    ast.Compare: Reading.together,
}


def joined(values: Iterable[Value]) -> Value:
    """What several values are together, row by row."""
    values = list(values)
    rows = [value for value in values if isinstance(value, Rows)]
    if any(not isinstance(value, (Plain, Rows, Summary)) for value in values):
        return None
    tables = dict.fromkeys(value.table for value in values if isinstance(value, (Rows, Summary)))
    if len(tables) > 1 or len({(one.fewer, one.moved, one.relabelled) for one in rows}) > 1:
        return None
    whole = [value for value in values if isinstance(value, Summary)]
    if not rows:
        return Summary(whole[0].table, any(one.moved for one in whole)) if whole else PLAIN
    return replace(
        rows[0],
        columns=frozenset().union(*(one.columns for one in rows)),
        wide=True if any(one.wide for one in rows) else rows[0].wide,
        alone=all(one.alone for one in rows) and not whole,
        free=all(one.free for one in rows),
    )


def picked(base: Rows, mask: Value) -> Value:
    """Some of the rows, as a condition says."""
    if not isinstance(mask, Rows) or mask.table != base.table or mask.wide or mask.relabelled != base.relabelled:
        return None
    return replace(base, fewer=True, alone=base.alone and mask.alone, free=base.free and mask.free)


def summary_of(rows: Rows, moved: bool = False) -> Value:
    """What is told of all the rows; nothing is known of it where they depend on their order."""
    return Summary(rows.table, moved) if rows.free else None


def is_accessor(node: ast.expr) -> bool:
    """Whether it is the `.str` of a column."""
    return isinstance(node, ast.Attribute) and node.attr in ACCESSORS


def _of_categories(base: Rows, accessor: ast.expr) -> Rows:
    """What an accessor gives: the codes of categories hang on which there are."""
    return replace(base, alone=False) if getattr(accessor, "attr", "") == "cat" else base


def _asks_time(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in CLOCKS


def _without_loc(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "loc" else node


def _of_column(base: Rows, name: str) -> frozenset[str]:
    """The columns that a column of a table is made of."""
    return frozenset({name}) if base.columns == ALL else base.columns


def _is_every(node: ast.expr) -> bool:
    """Whether it is a `:` alone."""
    return isinstance(node, ast.Slice) and node.lower is None and node.upper is None and node.step is None


def _texts(node: ast.expr) -> Sequence[str] | None:
    """The names of columns that are written out: one, or a list."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    found = [_literal(one) for one in node.elts] if isinstance(node, ast.List) else []
    return [one for one in found if isinstance(one, str)] if found and all(isinstance(one, str) for one in found) else None


def _literal(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _are_names(node: ast.expr) -> bool:
    """Whether only summaries that do not depend on the order are asked for: "mean", ["mean", "max"], ("price", "sum"), {"price": "sum"}."""
    asked = list(node.values) if isinstance(node, ast.Dict) else node.elts[1:] if isinstance(node, ast.Tuple) else [node]
    flat = [inner for one in asked for inner in (one.elts if isinstance(one, ast.List) else [one])]
    return bool(flat) and all(_literal(one) in OF_GROUPS for one in flat)


def _dates(rows: Rows, node: ast.Call, words: Mapping[str | None, ast.expr]) -> Value:
    """Without a format it is guessed from the first row."""
    return rows if "format" in words and rows.wide is False else rows.by_neighbours


def _bins(rows: Rows, node: ast.Call, words: Mapping[str | None, ast.expr]) -> Value:
    """Where only their number is given, the borders are made from all rows."""
    bins = node.args[1] if len(node.args) > 1 else words.get("bins")
    return replace(rows, alone=rows.alone and isinstance(bins, (ast.List, ast.Tuple)))


def _by_all(rows: Rows, node: ast.Call, words: Mapping[str | None, ast.expr]) -> Value:
    return replace(rows, alone=False)


SPECIAL: dict[str, Callable[[Rows, ast.Call, Mapping[str | None, ast.expr]], Value]] = {
    "pandas.to_datetime": _dates,
    "pandas.cut": _bins,
    "pandas.qcut": _by_all,
    "pandas.get_dummies": lambda rows, node, words: replace(rows, alone=False, wide=True),
}
