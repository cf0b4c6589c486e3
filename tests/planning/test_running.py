"""Every case, run: the package gives what the notebook gives, however it is cut, and so it does with one parameter changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from planning.case_files import Case, all_cases
from planning.programs import changed_value, make, run_notebook, run_package, write

from nb2prod.planning import segments

CASES = [case for case in all_cases() if "not run" not in case.expected]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_package_gives_what_the_notebook_gives(case: Case, tmp_path: Path) -> None:
    check(case, f"case_{CASES.index(case)}_planned", tmp_path)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_as_many_pieces_as_allowed_and_with_nothing_dropped_too(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "STAGE_PRICE", -1000.0)  # every border that is not forbidden pays
    check(case, f"case_{CASES.index(case)}_pieces", tmp_path, everything=True)


@pytest.mark.slow
@pytest.mark.parametrize("everything", [False, True], ids=["in pieces", "with nothing dropped"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_pieces_or_with_nothing_dropped(case: Case, everything: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not everything:
        monkeypatch.setattr(segments, "STAGE_PRICE", -1000.0)
    check(case, f"case_{CASES.index(case)}_{int(everything)}", tmp_path, everything)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_in_one_function_with_nothing_dropped(case: Case, tmp_path: Path) -> None:
    check(case, f"case_{CASES.index(case)}_whole", tmp_path, everything=True, whole=True)


def check(case: Case, package: str, folder: Path, everything: bool = False, whole: bool = False) -> None:
    """Holds a package of a name of its own (Python loads a package only once) against its notebook: run, run again, and with each parameter changed."""
    made = make(case.cells, package, case.keep, everything, whole)
    write(made, folder)
    expected = run_notebook(made)
    assert [run_package(made, folder), run_package(made, folder)] == [expected, expected]
    for parameter in made.plan.parameters:
        value = changed_value(parameter)
        assert run_package(made, folder, **{parameter.name: value}) == run_notebook(
            made, parameter, value
        ), f"with {parameter.name} = {value!r}"
