"""NB405: a feature holds statistics of the column to predict, taken over all rows.

A mean of the target for each group, taken before the split, tells the training part what the test part's answers are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nb2prod.analysis.rules.called import objects_at
from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.columns import Selections
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.walk import Step
from nb2prod.model.diagnostic import Severity
from nb2prod.model.syntax import nodes_of

CODE = "NB405"
SEVERITY = Severity.warning
MESSAGE = "the feature {feature!r} holds a statistic of the column to predict, {target!r}, over all rows, before cell {cell} splits them"
HINT = "split first, and take the statistic of the training part only"
STATISTICS = frozenset({"mean", "median", "sum", "std", "var", "min", "max", "transform", "agg", "aggregate"})
LOAD = (
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\nfrom sklearn.model_selection import train_test_split\n"
    "df = pd.read_csv('a.csv')\n"
)
SPLIT = "a, b, c, d = train_test_split(X, y)\nmodel = LinearRegression().fit(a, c)"
EXAMPLES = (
    Example(
        (LOAD + "df['level'] = df.groupby('town')['price'].transform('mean')\nX, y = df.drop(columns='price'), df['price']", SPLIT),
        "the feature 'level' holds a statistic of the column to predict, 'price', over all rows, before cell 1 splits them",
        line=5,
    ),
    Example(
        (LOAD + "df['level'] = df['town'].map(df.groupby('town')['price'].mean())\nX = df[['level', 'size']]\ny = df['price']", SPLIT),
        "the feature 'level'",
        line=5,
    ),
    Example((LOAD + "df['level'] = df.groupby('town')['size'].transform('mean')\nX, y = df.drop(columns='price'), df['price']", SPLIT)),
    Example((LOAD + "df['level'] = df.groupby('town')['price'].transform('mean')\nX, y = df[['size']], df['price']", SPLIT)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each such column that a split gets among its features."""
    selections = Selections(case.walked.steps, case.graph)
    for split in case.lineage.splits:
        called = split.called
        parts = [selections.of(node, called.step) for node in called.node.args[:2]]
        given, wanted = parts if len(parts) == 2 else (None, None)
        if given is None or wanted is None or not wanted.column or given.frame != wanted.frame:
            continue
        for step in case.walked.steps[: called.rank]:
            feature = set_column(step, given.frame)
            if feature and given.has(feature) and takes_statistic(step.tree, wanted.column):
                yield at(step, None, feature=feature, target=wanted.column, cell=called.home.cell)


def set_column(step: Step, frame: frozenset[str]) -> str:
    """The column of the frame that a statement sets, where it is one."""
    target = step.tree.targets[0] if isinstance(step.tree, ast.Assign) else None
    if not isinstance(target, ast.Subscript) or not isinstance(target.slice, ast.Constant) or objects_at(target.value, step) != frame:
        return ""
    return target.slice.value if isinstance(target.slice.value, str) else ""


def takes_statistic(tree: ast.AST, column: str) -> bool:
    """Whether code takes a statistic of a column for each group."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STATISTICS:
            chosen = node.func.value
            grouped = (
                isinstance(chosen, ast.Subscript)
                and isinstance(chosen.value, ast.Call)
                and getattr(chosen.value.func, "attr", "") == "groupby"
            )
            if grouped and isinstance(chosen, ast.Subscript) and isinstance(chosen.slice, ast.Constant) and chosen.slice.value == column:
                return True
    return False
