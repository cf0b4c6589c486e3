"""Every pair of values in the case files comes out as its table says."""

from __future__ import annotations

import matplotlib
import pytest
from verification.comparison_cases import Case, all_cases, matched, outcome, value

matplotlib.use("Agg")

SLOW = ("figures", "models", "models_of_others")  # hundreds of drawings and fits
CASES = [pytest.param(case, marks=pytest.mark.slow if case.file in SLOW else (), id=str(case)) for case in all_cases()]


@pytest.mark.parametrize("case", CASES)
def test_a_comparison_comes_out_as_its_table_says(case: Case) -> None:
    found = outcome(case)
    assert (found.outcome, found.difference) == (case.outcome, case.told or found.difference)


@pytest.mark.parametrize("case", [case for case in all_cases() if case.file not in SLOW], ids=str)
def test_a_value_made_twice_is_the_same(case: Case) -> None:
    expected, actual = (value(case.setup, case.notebook) for _ in range(2))
    assert matched(expected, actual).outcome in (("same",) if case.whole else ("same", "unknown"))
