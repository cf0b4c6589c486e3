"""The score of a small project, with tests that see some faults and not others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nb2prod.errors import RunError
from nb2prod.mutation import Bench, Function, Score, measure

CODE = '''"""A module."""


def keep(numbers):
    return [number for number in numbers if number > 30]


def show(numbers):
    print(len(numbers))


def spread(numbers):
    return sorted(numbers, reverse=False), round(number=numbers[0], ndigits=1)


def forever(number):
    while number > 0:
        number -= 1
    return number
'''
TESTS = """
import pytest
from churn.data import forever, keep, spread


def test_keep():
    assert keep([29, 30, 31]) == [31]


def test_forever():
    assert forever(3) == 0


def test_spread():
    assert spread([2.25, 1.0]) == ([1.0, 2.25], 2.2)


def test_that_fails_as_it_is():
    assert keep([1]) == [1]
"""
FUNCTIONS = (
    Function("keep", "churn.data"),
    Function("show", "churn.data"),
    Function("forever", "churn.data"),
    Function("spread", "churn.data"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "src" / "churn").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "src" / "churn" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "src" / "churn" / "data.py").write_text(CODE, encoding="utf-8")
    (folder / "tests" / "test_data.py").write_text(TESTS, encoding="utf-8")
    markers = 'pythonpath = ["src"]\nmarkers = ["slow: takes long"]\n'
    (folder / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{markers}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def score(project: Path) -> Score:
    return measure(project, FUNCTIONS, Bench(sys.executable, 60))


def test_faults_that_a_test_notices_are_killed(score: Score) -> None:
    keep = score.stages[0]
    assert (keep.stage, keep.killed, keep.total, keep.survivors) == ("keep", 3, 3, ())


def test_a_function_that_no_test_calls_has_survivors_only(score: Score) -> None:
    show = score.stages[1]
    assert (show.killed, [one.what for one in show.survivors]) == (0, ["deleted: print(len(numbers))"])


def test_a_mutant_that_never_ends_is_noticed(score: Score) -> None:
    forever = score.stages[2]
    assert {one.what for one in forever.survivors} == set()


def test_tests_that_fail_without_any_fault_do_not_count(score: Score) -> None:
    assert (score.tests, score.failing) == (4, ("tests/test_data.py::test_that_fails_as_it_is",))


def test_when_time_is_up_the_rest_is_untried(project: Path) -> None:
    short = measure(project, FUNCTIONS[:1], Bench(sys.executable, 0))
    assert [(stage.total, stage.untried) for stage in short.stages] == [(0, 3)]


def test_tests_that_cannot_be_collected_are_an_error(project: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="the tests could not be collected"):
        measure(project, FUNCTIONS, Bench(sys.executable, 5, words=("--no-such-option",)))


def test_a_dropped_argument_that_says_what_holds_anyway_does_not_count(score: Score) -> None:
    spread = score.stages[3]
    assert ([one.what for one in spread.survivors], spread.killed, spread.total) == ([], 6, 6)
