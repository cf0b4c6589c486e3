"""Rules: what a notebook does that production should not, as diagnostics. One file a rule, listed here in order.

Each rule module has `CODE`, `MESSAGE`, `HINT` and `check(notebook, walked, live)`, which gives Diagnostics.
"""

from __future__ import annotations

from collections.abc import Mapping

from nb2prod.analysis.rules import asks_for_input, home_path, notebook_only, syntax, undefined, unseeded
from nb2prod.analysis.walk import Walk
from nb2prod.model.diagnostic import Diagnostic
from nb2prod.model.notebook import Notebook, StatementId

RULES = (syntax, undefined, asks_for_input, notebook_only, home_path, unseeded)


def check_rules(notebook: Notebook, walked: Walk, live: Mapping[StatementId, str]) -> tuple[Diagnostic, ...]:
    """Every finding of every rule, ordered by cell."""
    found = [finding for rule in RULES for finding in rule.check(notebook, walked, live)]
    return tuple(sorted(found, key=lambda finding: (finding.cell if finding.cell is not None else -1, finding.line or 0, finding.code)))


__all__ = ["RULES", "check_rules"]
