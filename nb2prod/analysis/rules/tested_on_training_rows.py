"""NB403: a model is tested on rows that it was trained on.

It was fitted on the data as it was before the split, or on the test part: the score tells how well it remembers, not how well it predicts.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.rules.fitted_before_split import DATA
from nb2prod.analysis.rules.lineage import Fit, Lineage, Split, latest
from nb2prod.model.diagnostic import Severity

CODE = "NB403"
SEVERITY = Severity.warning
MESSAGE = "the model is asked about the test part of cell {split}, but it was trained on these rows in cell {cell}"
HINT = "fit the model on the training part only"
SPLIT = "a, b, c, d = train_test_split(X, y)\n"
EXAMPLES = (
    Example(
        (DATA, SPLIT + "model = LogisticRegression()\nmodel.fit(X, y)", "print(model.score(b, d))"),
        "the test part of cell 1, but it was trained on these rows in cell 1",
        cell=2,
    ),
    Example(
        (DATA, SPLIT + "model = LogisticRegression()\nmodel.fit(b, d)", "print(model.score(b, d))"), "it was trained on these rows", cell=2
    ),
    Example((DATA, SPLIT + "model = LogisticRegression()\nmodel.fit(a, c)", "print(model.score(b, d))")),
    Example((DATA, SPLIT + "model = LogisticRegression()\nmodel.fit(a, c)", "print(model.score(b, d))", "model.fit(X, y)")),
    Example((DATA, SPLIT + "model = LogisticRegression()\nmodel.fit(a, c)", "print(model.score(a, c))")),
)


def check(case: Case) -> Iterator[Finding]:
    """The first question of each kind to a model about rows that its last fit saw."""
    lineage, told = case.lineage, set()
    for called, data in lineage.tests():
        fit = latest(lineage.fits, called) if called.step.id in case.live or lineage.splits else None
        origins = lineage.sources(data, called.rank) if fit is not None else frozenset()
        for split in (split for split in lineage.splits if not origins.isdisjoint(split.test)):
            parts = split.train | split.test
            asked = lineage.sources(data, called.rank, stop=parts)
            if (
                fit is not None
                and asked & split.test
                and not asked & split.train
                and saw(fit, split, lineage)
                and fit.called.node not in told
            ):
                told.add(fit.called.node)
                yield at(called.home, called.node, split=split.called.home.cell, cell=fit.called.home.cell)


def saw(fit: Fit, split: Split, lineage: Lineage) -> bool:
    """Whether a fit saw the test part of a split: the part itself, or all the data that was split."""
    came = lineage.sources(fit.data, fit.called.rank, stop=split.train | split.test)
    whole = bool(fit.data & split.data) and not came & split.train
    return whole or (bool(came & split.test) and bool(fit.data & split.test or not came & split.train))
