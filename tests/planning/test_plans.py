"""Every case, planned: the plan is what the case file says."""

from __future__ import annotations

import pytest
from planning.case_files import WORDS, Case, all_cases, described
from planning.programs import make


@pytest.mark.parametrize("case", [case for case in all_cases() if set(case.expected) & set(WORDS)], ids=str)
def test_the_plan_is_what_the_case_says(case: Case) -> None:
    plan = make(case.cells, keep=case.keep).plan
    expected = {key: text for key, text in case.expected.items() if key in WORDS}
    assert described(plan, frozenset(expected)) == expected
