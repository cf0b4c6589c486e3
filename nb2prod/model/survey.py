"""One notebook among many, as it was found: analysed, refused or stopped, and what production would need of it.

Survey("churn.ipynb", "analysed", told={...})   ->   Needs("churn.ipynb", statements=84, dead=31, needs=(("NB203", "warning", 2),), ...)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nb2prod.model.diagnostic import Severity

ANALYSED, REFUSED, STOPPED = "analysed", "refused", "stopped"


@dataclass(frozen=True)
class Survey:
    """What came of looking at one notebook.

    `outcome` is `analysed`, `refused` (it is no Python notebook that can be read; `why` and `hint` say so) or `stopped` (it took too long, too
    much memory, or the process died of it). `told` is what `nb2prod analyze --format json` tells of it, and empty unless it was analysed.
    """

    path: str
    outcome: str
    why: str = ""
    hint: str = ""
    seconds: float = 0.0
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """The findings, as JSON data."""
        return list(self.told.get("diagnostics", ()))

    @property
    def has_errors(self) -> bool:
        return any(finding["severity"] == Severity.error.value for finding in self.diagnostics)


@dataclass(frozen=True)
class Needs:
    """The numbers of one notebook: how large it is, how much of it is dead, and which findings stand between it and production.

    `needs` are the codes of errors and warnings with their severity and how often each was found, errors first.
    """

    path: str
    outcome: str
    why: str = ""
    cells: int = 0
    statements: int = 0
    dead: int = 0
    parameters: int = 0
    results: int = 0
    errors: int = 0
    warnings: int = 0
    needs: tuple[tuple[str, str, int], ...] = ()

    @property
    def dead_share(self) -> float:
        """Between 0 and 1: how much of its statements no result needs."""
        return self.dead / self.statements if self.statements else 0.0

    @property
    def distance(self) -> tuple[bool, int, int, int, str]:
        """Smaller is nearer to production: what was analysed, has fewest kinds of errors, then of warnings, then is smallest."""
        kinds = Counter(severity for _, severity, _ in self.needs)
        live = self.statements - self.dead
        return self.outcome != ANALYSED, kinds[Severity.error.value], kinds[Severity.warning.value], live, self.path


def needs_of(survey: Survey) -> Needs:
    """The numbers of a notebook that was looked at."""
    if survey.outcome != ANALYSED:
        return Needs(survey.path, survey.outcome, survey.why)
    told = survey.told
    statements = [statement for cell in told["cells"] for statement in cell["statements"]]
    found = Counter((finding["severity"], finding["code"]) for finding in survey.diagnostics if finding["severity"] != Severity.note.value)
    by_kind = Counter(finding["severity"] for finding in survey.diagnostics)
    return Needs(
        path=survey.path,
        outcome=survey.outcome,
        cells=len(told["cells"]),
        statements=len(statements),
        dead=sum(not statement["live"] for statement in statements),
        parameters=len(told["parameters"]),
        results=len(told["results"]),
        errors=by_kind[Severity.error.value],
        warnings=by_kind[Severity.warning.value],
        needs=tuple((code, severity, count) for (severity, code), count in sorted(found.items())),
    )
