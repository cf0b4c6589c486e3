"""NB402: a transformer is fitted on the test part.

The model then sees test rows that were changed in another way than the rows it was trained on, and in a way that the test rows themselves decide.
"""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.analysis.rules.case import Case, Finding, at
from nb2prod.analysis.rules.example import Example
from nb2prod.analysis.rules.fitted_before_split import DATA, learns
from nb2prod.model.diagnostic import Severity

CODE = "NB402"
SEVERITY = Severity.warning
MESSAGE = "`{learner}` is fitted on the test part that cell {cell} split off"
HINT = "fit it on the training part, and only `transform` the test part"
SPLIT = "a, b, c, d = train_test_split(X, y)\nscaler = StandardScaler()\na = scaler.fit_transform(a)\n"
MODEL = "model = LogisticRegression().fit(a, c)\nprint(model.score(b, d))"
EXAMPLES = (
    Example(
        (DATA, SPLIT + "b = scaler.fit_transform(b)", MODEL),
        "`StandardScaler` is fitted on the test part that cell 1 split off",
        cell=1,
        line=4,
    ),
    Example((DATA, SPLIT + "scaler.fit(b)\nb = scaler.transform(b)", MODEL), "`StandardScaler` is fitted on the test part", cell=1, line=4),
    Example((DATA, SPLIT + "b = scaler.transform(b)", MODEL)),
    Example((DATA, SPLIT + "shown = StandardScaler().fit_transform(b)\nprint(shown.mean())\nb = scaler.transform(b)", MODEL)),
)


def check(case: Case) -> Iterator[Finding]:
    """One finding for each such fit whose outcome a model is asked about, where the other part is trained on."""
    lineage = case.lineage
    for split in lineage.splits:
        parts = split.train | split.test
        near = lineage.fits_near(parts)
        trained = [fit for fit in near if lineage.sources(fit.data, fit.called.rank, stop=parts) & split.train]
        for fit in near if trained else ():
            came = lineage.sources(fit.data, fit.called.rank, stop=parts)
            if learns(fit) and came & split.test and not came & split.train:
                given = lineage.given_by(fit)
                if any(given & lineage.sources(data, called.rank, stop=parts) for called, data in lineage.tests()):
                    yield at(fit.called.home, fit.called.node, learner=fit.learner.rpartition(".")[2], cell=split.called.home.cell)
