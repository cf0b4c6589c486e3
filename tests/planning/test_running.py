"""Every case, run: the package gives what the notebook gives, however it is cut, and so it does with one parameter changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nb2prod.planning import segments
from planning.case_files import Case, all_cases
from planning.programs import changed_value, make, run_notebook, run_package, write

CASES = [case for case in all_cases() if "not run" not in case.expected]


@pytest.mark.parametrize("everything", [False, True], ids=["as it is", "everything kept"])
@pytest.mark.parametrize("pieces", [False, True], ids=["as planned", "in pieces"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_package_gives_what_the_notebook_gives(case: Case, pieces: bool, everything: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if pieces:  # every border that is not forbidden pays
        monkeypatch.setattr(segments, "STAGE_PRICE", -1000.0)
    made = make(case.cells, package_of(case, pieces, everything), case.keep, everything)
    write(made, tmp_path)
    assert run_package(made, tmp_path) == run_notebook(made)
    for parameter in made.plan.parameters:
        value = changed_value(parameter)
        again = run_notebook(made, parameter, value)
        assert run_package(made, tmp_path, **{parameter.name: value}) == again, f"with {parameter.name} = {value!r}"


def package_of(case: Case, pieces: bool, everything: bool) -> str:
    """A package name of its own for each test, as Python loads a package only once."""
    return f"case_{CASES.index(case)}_{int(pieces)}_{int(everything)}"
