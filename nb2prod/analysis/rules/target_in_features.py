"""NB404: the column to predict is among the features.

The model reads the answer from its input: the score is nearly perfect, and no prediction can be made where the answer is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.called import argument_of
from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.columns import Selections
from nb2prod.analysis.rules.example import Example
from nb2prod.model.diagnostic import Severity

CODE = "NB404"
SEVERITY = Severity.warning
MESSAGE = "the column to predict, {target!r}, is among the features that the model is trained on"
HINT = "take it out of the features with `.drop(columns=...)`"
LOAD = (
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\nfrom sklearn.model_selection import train_test_split\n"
    "df = pd.read_csv('a.csv')\ny = df['price']\n"
)
EXAMPLES = (
    Example((LOAD + "X = df", "model = LinearRegression().fit(X, y)"), "the column to predict, 'price', is among the features", cell=1),
    Example(
        (LOAD + "X = df[['size', 'price']]\na, b, c, d = train_test_split(X, y)", "model = LinearRegression().fit(a, c)"),
        "'price', is among",
        cell=1,
    ),
    Example((LOAD + "X = df.drop('id', axis=1)", "model = LinearRegression()\nmodel.fit(X, y)"), "'price', is among", cell=1, line=2),
    Example((LOAD + "X = df.drop('price', axis=1)", "model = LinearRegression().fit(X, y)")),
    Example((LOAD + "X = df[['size', 'rooms']]", "model = LinearRegression().fit(X, y)")),
    Example((LOAD + "X = df.drop(columns=['price'])\na, b, c, d = train_test_split(X, y)", "model = LinearRegression().fit(a, c)")),
    Example((LOAD + "df.drop('price', axis=1, inplace=True)", "model = LinearRegression().fit(df, y)")),
    Example((LOAD + "X = df.iloc[:, :-1]", "model = LinearRegression().fit(X, y)")),
    Example((LOAD + "a, b, c, d = train_test_split(df, y)\na = a.drop('price', axis=1)", "model = LinearRegression().fit(a, c)")),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each fit of which both arguments can be followed to the same frame."""
    selections = Selections(case.walked.steps, case.graph)
    for fit in case.lineage.fits:
        features, target = argument_of(fit.called.node, 0, "X"), argument_of(fit.called.node, 1, "y")
        if fit.called.method == "fit" and features is not None and target is not None:
            given, wanted = selections.of(features, fit.called.step), selections.of(target, fit.called.step)
            if given is not None and wanted is not None and wanted.column and given.frame == wanted.frame and given.has(wanted.column):
                yield at(fit.called.home, fit.called.node, target=wanted.column)
