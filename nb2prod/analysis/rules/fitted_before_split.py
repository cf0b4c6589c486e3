"""NB401: something learns from the test rows before they are split off.

What is fitted on all rows (a mean, a vocabulary, components, chosen columns) carries the test part into the training part, and the score is too
good. The same holds for cross-validation, where every fold is tested once.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.rules.lineage import LEARNERS, Fit
from nb2prod.model.diagnostic import Severity

CODE = "NB401"
SEVERITY = Severity.warning
MESSAGE = "`{learner}` learns from all rows before cell {cell} {splits} them: what it learns from the test part leaks into training"
HINT = "split first and fit on the training part only, or put it into a Pipeline with the model"
DATA = (
    "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import cross_val_score, train_test_split\n"
    "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import LabelEncoder, StandardScaler\n"
    "df = pd.read_csv('a.csv')\nX, y = df.drop(columns='y'), df['y']"
)
MODEL = "model = LogisticRegression().fit(a, c)\nprint(model.score(b, d))"
EXAMPLES = (
    Example(
        (DATA, "X = StandardScaler().fit_transform(X)", "a, b, c, d = train_test_split(X, y)", MODEL),
        "`StandardScaler` learns from all rows before cell 2 splits them",
        cell=1,
    ),
    Example(
        (DATA, "scaler = StandardScaler()\nscaler.fit(X)\nXs = scaler.transform(X)\na, b, c, d = train_test_split(Xs, y)", MODEL),
        "`StandardScaler` learns",
        cell=1,
        line=2,
    ),
    Example(
        (DATA, "cols = ['u', 'v']\ndf[cols] = StandardScaler().fit_transform(df[cols])\na, b, c, d = train_test_split(df[cols], y)", MODEL),
        "`StandardScaler` learns",
        cell=1,
        line=2,
    ),
    Example(
        (DATA, "Xs = StandardScaler().fit_transform(X)\nprint(cross_val_score(LogisticRegression(), Xs, y).mean())"),
        "before cell 1 cross-validates them",
        cell=1,
    ),
    Example(
        (
            DATA,
            "a, b, c, d = train_test_split(X, y)\nscaler = StandardScaler().fit(a)\na, b = scaler.transform(a), scaler.transform(b)",
            MODEL,
        )
    ),
    Example((DATA, "y = LabelEncoder().fit_transform(y)\na, b, c, d = train_test_split(X, y)", MODEL)),
    Example((DATA, "shown = StandardScaler().fit_transform(X)\nprint(shown.mean())\na, b, c, d = train_test_split(X, y)", MODEL)),
    Example((DATA, "print(cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), X, y).mean())")),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each such fit."""
    lineage = case.lineage
    parting = [(split.called, split.data, "splits") for split in lineage.splits]
    parting += [(called, data, "cross-validates") for called, data in lineage.validations]
    if not parting:
        return
    parts = frozenset().union(*(split.train | split.test for split in lineage.splits))
    for fit, origins in zip(lineage.fits, lineage.origins, strict=True):
        given = lineage.given_by(fit) if learns(fit) and not origins & parts else frozenset()
        for called, data, splits in parting if given else ():
            if fit.called.place < called.place and given & lineage.sources(data, called.rank, stop=parts):
                yield at(fit.called.home, fit.called.node, learner=fit.learner.rpartition(".")[2], cell=called.home.cell, splits=splits)
                break


def learns(fit: Fit) -> bool:
    return bool(LEARNERS.match(fit.learner))
