"""Rules: what a notebook does that production should not, as diagnostics. One module a rule, listed here in order.

Each rule module has `CODE`, `SEVERITY`, `MESSAGE`, `HINT`, its `EXAMPLES` (which are its tests and stand on its page, `docs/diagnostics.md`)
and `check(case)`, which gives Findings. How to write one: `docs/adding-a-rule.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nb2prod.analysis.rules import (
    asks_for_input,
    chained_assignment,
    deleted_run,
    fitted_before_split,
    fitted_on_test,
    hidden_errors,
    home_path,
    mutable_default,
    network,
    never_run,
    notebook_only,
    saved_output,
    secret,
    secret_shown,
    shadowing,
    shell,
    stale_output,
    star_import,
    syntax,
    target_in_features,
    target_statistics,
    tested_on_training_rows,
    undefined,
    unknown_name,
    unseeded,
    where_defined,
)
from nb2prod.analysis.rules.case import Case, Finding
from nb2prod.model.diagnostic import Diagnostic

RULES: tuple[Any, ...] = (  # modules; in the order of their codes
    syntax,
    undefined,
    unknown_name,
    deleted_run,
    saved_output,
    stale_output,
    never_run,
    asks_for_input,
    home_path,
    unseeded,
    notebook_only,
    secret,
    secret_shown,
    network,
    shell,
    star_import,
    chained_assignment,
    shadowing,
    mutable_default,
    hidden_errors,
    where_defined,
    fitted_before_split,
    fitted_on_test,
    tested_on_training_rows,
    target_in_features,
    target_statistics,
)


def check_rules(case: Case, rules: Iterable[Any] = RULES) -> tuple[Diagnostic, ...]:
    """Every finding of every rule, ordered by cell."""
    found = {
        Diagnostic(
            rule.CODE,
            finding.severity or rule.SEVERITY,
            rule.MESSAGE.format(**finding.words),
            rule.HINT,
            finding.cell,
            seen_line(case, finding),
        )
        for rule in rules
        for finding in rule.check(case)
    }
    return tuple(
        sorted(found, key=lambda finding: (-1 if finding.cell is None else finding.cell, finding.line or 0, finding.code, finding.message))
    )


def seen_line(case: Case, finding: Finding) -> int | None:
    """The line of a finding in its cell as the user sees it."""
    if finding.cell is None or finding.line is None:
        return finding.line
    return case.notebook.cells[finding.cell].seen_line(finding.line)


BESIDE = {  # what is found where the analysis works, and not by a rule
    "NB101": "the saved counts say another order of running than that of the cells",
    "NB102": "the results need the cells in the order in which they were run",
    "NB108": "a run showed what the knowledge of a library does not say",
}


def titles() -> dict[str, str]:
    """What each code means, in the words of its module: `{"NB209": "a star import", ...}`."""
    return BESIDE | {rule.CODE: rule.__doc__.partition("\n")[0].partition(": ")[2].rstrip(".") for rule in RULES}


__all__ = ["RULES", "Case", "check_rules", "titles"]
