"""NB210: a value is set on a selection of a frame that may be a copy.

`df[mask]["c"] = v` first takes the rows, which is a copy, and then sets the column of that copy: `df` stays as it was. With pandas 3 this holds for
every chain of two selections, also for methods called with `inplace=True` on a selection.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at, short
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.values import ANYTHING, Value
from nb2prod.analysis.walk import Step
from nb2prod.model.diagnostic import Severity
from nb2prod.model.syntax import nodes_of

CODE = "NB210"
SEVERITY = Severity.warning
MESSAGE = "`{what}` may change a copy and leave `{frame}` as it was"
HINT = "select rows and columns at once with `.loc[rows, column]`, or assign the changed column back"
FRAME = "pandas.DataFrame"
INDEXERS = ("loc", "iloc", "at", "iat", "ix")
NO_COLUMNS = ("T", "values", "str", "dt", "columns", "index", "style", "attrs", "flags")
MAKE = "import pandas as pd\ndf = pd.read_csv('a.csv')\n"
EXAMPLES = (
    Example(
        (MAKE + "df[df.a > 3]['b'] = 0\nprint(df.b.mean())",), "`df[df.a > 3]['b']` may change a copy and leave `df` as it was", line=3
    ),
    Example((MAKE + "df['a'][0] = 1\nprint(df.a.mean())",), "`df['a'][0]` may change a copy", line=3),
    Example((MAKE + "df.loc[df.a > 3]['b'] = 0\nprint(df.b.mean())",), "`df.loc[df.a > 3]['b']` may change a copy", line=3),
    Example((MAKE + "df['a'].loc[0] += 1\nprint(df.a.mean())",), "`df['a'].loc[0]` may change a copy", line=3),
    Example((MAKE + "df.a[df.a > 3] = 1\nprint(df.a.mean())",), "`df.a[df.a > 3]` may change a copy", line=3),
    Example((MAKE + "df['a'].fillna(0, inplace=True)\nprint(df.a.mean())",), "`df['a'].fillna(0, inplace=True)` may change a copy", line=3),
    Example((MAKE + "df.loc[df.a > 3, 'b'] = 0\nprint(df.b.mean())",)),
    Example((MAKE + "df.ix[df.a > 3, 'b'] = 0\nprint(df.b.mean())",)),
    Example((MAKE + "df['a'] = df['a'].fillna(0)\ndf.columns = ['a']\nprint(df.a.mean())",)),
    Example((MAKE + "part = df[df.a > 3].copy()\npart['b'] = 1\ndf.fillna(0, inplace=True)\nprint(part.b.mean(), df.a.mean())",)),
    Example(("rows = {'a': {'b': 1}}\nrows['a']['b'] = 2\nprint(rows['a']['b'])",)),
    Example((MAKE + "frames = {'x': df}\nframes['x']['b'] = 2\nprint(df.b.mean())",)),
)


def check(case: Case) -> Iterator[Finding]:
    """A finding for each such assignment or call, in kept code or not: it does not do what its author meant."""
    for step in case.walked.steps:
        for node in nodes_of(step.tree):
            for target in changed(node):
                frame = selected_from(target, step)
                if frame is not None:
                    severity = None if step.id in case.live else Severity.note
                    what = node if isinstance(node, ast.Call) else target_of(node, target)
                    yield at(step, node, severity, what=short(what, 60), frame=short(frame))


def changed(node: ast.AST) -> list[ast.expr]:
    """The expressions whose objects a node changes: the owner of an item that is set, the receiver of a method with `inplace=True`."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    found = [target.value for target in targets if isinstance(target, ast.Subscript)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inplace = any(keyword.arg == "inplace" and getattr(keyword.value, "value", None) is True for keyword in node.keywords)
        found += [node.func.value] if inplace else []
    return found


def target_of(node: ast.AST, owner: ast.expr) -> ast.AST:
    return next((part for part in nodes_of(node) if isinstance(part, ast.Subscript) and part.value is owner), node)


def selected_from(owner: ast.expr, step: Step) -> ast.expr | None:
    """The frame that an expression selects rows or a column of; None where it is a whole frame or anything else."""
    if isinstance(owner, ast.Attribute) and owner.attr in INDEXERS:  # df["a"].loc[0] = 1
        return selected_from(owner.value, step)
    if isinstance(owner, ast.Subscript):
        base = owner.value
        frame = base.value if isinstance(base, ast.Attribute) and base.attr in INDEXERS else base
        return frame if is_frame(value_of(frame, step)) else selected_from(frame, step)
    if isinstance(owner, ast.Attribute) and is_frame(value_of(owner.value, step)) and is_column(owner, step):
        return owner.value
    return None


def is_column(node: ast.Attribute, step: Step) -> bool:
    """Whether `df.name` is a column: no attribute that frames are known to have."""
    return value_of(node, step).types in (None, frozenset({"pandas.Series"})) and node.attr not in (*INDEXERS, *NO_COLUMNS)


def is_frame(value: Value) -> bool:
    return value.types == {FRAME}


def value_of(node: ast.expr, step: Step) -> Value:
    return step.touches.values.get(node, ANYTHING)
