"""Recorded cases of stages: what is kept, how it is held against a run, and what a person is told when it is different."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nb2prod.codegen.modules import formatted
from nb2prod.codegen.recorded import MOST, snapshot_files, told_of_missing, with_cases
from nb2prod.codegen.templating import render
from nb2prod.model.plan import Parameter, Plan, Stage, Variable
from nb2prod.model.project import File, Project

STAGE = Stage("clean", "data", (), (Variable("df"),), (Variable("df"),))
PLAN = Plan("churn", "", "", (), (), (), (STAGE,), (), ())


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The modules of a project's `tests/snapshots`."""
    folder = tmp_path_factory.mktemp("tests")
    for file in snapshot_files():
        path = folder / file.path.removeprefix("tests/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(str(file.content), encoding="utf-8")
    sys.path.insert(0, str(folder))
    names = ("cases", "comparing", "outcomes", "values")
    yield SimpleNamespace(**{name: importlib.import_module(f"snapshots.{name}") for name in names})
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "snapshots"]:
        del sys.modules[name]


FRAME = pd.DataFrame({"name": ["ann", "bob", "cid"], "age": [31.0, 43.0, 57.25], "calls": [1, 0, 4]})
LONG = pd.DataFrame({"age": np.arange(500) * 1.5, "calls": np.arange(500)})
VALUES = [
    FRAME,
    FRAME.set_index("name"),
    FRAME.set_index(["name", "calls"]),
    FRAME.assign(when=pd.to_datetime(["2024-03-31", None, "2024-03-31 12:00:00.5"], format="ISO8601")),
    FRAME.assign(when=pd.date_range("2024-03-30", periods=3, tz="Europe/Berlin")),
    FRAME.assign(
        kind=pd.Categorical(["b", None, "a"], categories=["b", "a", "c"], ordered=True), whole=pd.array([1, None, 3], dtype="Int64")
    ),
    FRAME.iloc[:0],
    FRAME["age"],
    FRAME.groupby("name")["age"].mean(),
    np.array([[1.5, np.nan], [np.inf, 2.0]]),
    np.array(["a", None, 3], dtype=object),
    np.float32(1.5),
    [1, (2, {3}), {"a": None, 5: b"x"}, float("nan"), range(3)],
    pd.Timestamp("2024-01-01", tz="UTC"),
    pd.Timedelta("1D"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_from_json_as_it_was(snapshots: SimpleNamespace, value: Any) -> None:
    told = json.loads(json.dumps(snapshots.values.encode(value), allow_nan=False))
    back = snapshots.values.decode(told)
    assert type(back) is type(value)
    assert snapshots.values.encode(back) == told
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(back, value, check_exact=True)


def test_a_generator_goes_on_where_it_was(snapshots: SimpleNamespace) -> None:
    generator = np.random.default_rng(7)
    generator.random(3)
    back = snapshots.values.decode(snapshots.values.encode(generator))
    assert back.random() == generator.random()


def test_what_cannot_be_made_again_is_refused(snapshots: SimpleNamespace) -> None:
    with pytest.raises(snapshots.values.Unstorable, match="_thread.lock"):
        import threading

        snapshots.values.encode(threading.Lock())


def told(snapshots: SimpleNamespace, was: Any, now: Any) -> list[str]:
    describe = snapshots.outcomes.describe
    found: list[str] = snapshots.comparing.differences("df", describe(was), describe(now))
    return found


CHANGES = [
    (FRAME, FRAME.drop(columns="age"), ["df: column 'age' is missing"]),
    (FRAME, FRAME.assign(age=FRAME.age + [0, 0.001, 0]), ["df: column 'age', row 1: was 43.0, is 43.001"]),
    (FRAME, FRAME.astype({"calls": "int32"}), ["df: column 'calls' was of dtype int64, is int32"]),
    (FRAME, FRAME.iloc[::-1].reset_index(drop=True), ["df: the same rows are in another order"]),
    (FRAME, FRAME[["age", "name", "calls"]], ["df: the columns are in another order: were name, age, calls; are age, name, calls"]),
    (FRAME, FRAME.iloc[:2], ["df: had 3 rows, has 2"]),
    (FRAME, FRAME.iloc[::-1], ["df: the same rows are in another order", "df: the rows' labels (the index) were 0, 1, 2; are 2, 1, 0"]),
    (
        LONG.age[:5],
        LONG.age[:5] + 0.5,
        [*(f"df, row {at}: was {LONG.age[at]}, is {LONG.age[at] + 0.5}" for at in range(3)), "df: 2 more of 5 rows are different"],
    ),
    (FRAME.age, FRAME.age + 0.001, ["df, row 0: was 31.0, is 31.001", "df, row 1: was 43.0, is 43.001", "df, row 2: was 57.25, is 57.251"]),
    (
        LONG,
        LONG.assign(age=LONG.age.mask(LONG.index == 333, 499.501)),
        ["df: column 'age': a value in rows 315 to 335 is different, or their order"],
    ),
    (np.array([1.0, 2.0]), np.array([1, 2]), ["df: was of dtype <f8, is <i8"]),
    ({"a": 1.0, "b": 2}, {"a": 1.5, "b": 2}, ["df['a']: was 1.0, is 1.5"]),
    ("mean 3.25", "mean 3.26", ["df: was 'mean 3.25', is 'mean 3.26'"]),
    (1.0, 1.0 + 1e-12, []),
    (True, 1, ["df: was True, is 1"]),
]


@pytest.mark.parametrize(("was", "now", "words"), CHANGES)
def test_a_difference_is_told_so_that_a_newcomer_understands(snapshots: SimpleNamespace, was: Any, now: Any, words: list[str]) -> None:
    assert told(snapshots, was, now) == words


def test_nothing_is_said_about_what_differed_between_two_runs(snapshots: SimpleNamespace) -> None:
    assert snapshots.comparing.differences("printed", {"kind": "unsteady"}, ["any", "text"]) == []


def test_equal_values_say_the_same(snapshots: SimpleNamespace) -> None:
    assert [told(snapshots, value, value) for value in (*VALUES, LONG)] == [[]] * (len(VALUES) + 1)


def project(folder: Path, code: str) -> Path:
    """A saved project with one stage and a case of it."""
    files = snapshot_files()
    conftest = render("conftest.py.jinja", package="churn", prefix="CHURN_", secrets=(), inputs=(), folders=(), recorded=True)
    case = {"stage": "clean", "module": "churn.data", "where": "cell 3 of churn.ipynb", "outputs": ["df"], "inputs": {"df": [3, 1, 2]}}
    made = with_cases(Project("churn", files), PLAN, {"clean": json.dumps({**case, "outcome": {"df": [1, 2, 3]}})})
    kept = [file for file in made.files if file.path.startswith(("tests/snapshots", "tests/recorded")) or file.path == "tests/test_data.py"]
    for file in (*kept, File("tests/conftest.py", conftest), File("src/churn/data.py", code), File("src/churn/pipeline.py", "")):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(file.content), encoding="utf-8")
    return folder


def run_tests(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "--rootdir",
        str(folder),
        str(folder / "tests"),
        *words,
    ]
    environment = {"PYTHONPATH": str(folder / "src"), "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=folder, env=environment, timeout=120, check=False)


def test_a_stage_that_does_what_it_did_passes(tmp_path: Path) -> None:
    done = run_tests(project(tmp_path, "def clean(df):\n    return sorted(df)\n"))
    assert done.returncode == 0, done.stdout


def test_a_changed_stage_fails_and_is_written_down_when_asked_for(tmp_path: Path) -> None:
    folder = project(tmp_path, "def clean(df):\n    print('done')\n    return sorted(df)[::-1]\n")
    failed = run_tests(folder)
    assert failed.returncode == 1
    assert "clean (cell 3 of churn.ipynb) does not do what it did:" in failed.stdout
    assert "df[0]: was 1, is 3" in failed.stdout
    assert "printed: is new" in failed.stdout
    assert "pytest --update-snapshots, then look at the difference in tests/recorded/clean.json" in failed.stdout
    updated = run_tests(folder, "--update-snapshots")
    assert (updated.returncode, "clean was updated: df[0]: was 1, is 3" in updated.stdout) == (0, True)
    assert json.loads((folder / "tests/recorded/clean.json").read_text(encoding="utf-8"))["outcome"] == {
        "df": [3, 2, 1],
        "printed": ["done"],
    }
    assert run_tests(folder).returncode == 0


FAULTS = {
    "column": ("df.drop(columns='age')", "df: column 'age' is missing"),
    "value": ("df.assign(age=df['age'] + [0, 1e-3, 0])", "df: column 'age', row 1: was 43.0, is 43.001"),
    "dtype": ("df.astype({'calls': 'int32'})", "df: column 'calls' was of dtype int64, is int32"),
    "order": ("df.iloc[::-1].reset_index(drop=True)", "df: the same rows are in another order"),
    "columns": ("df[['calls', 'age', 'name']]", "df: the columns are in another order: were name, age, calls; are calls, age, name"),
    "rows": ("df.iloc[:2]", "df: had 3 rows, has 2"),
}


def test_each_kind_of_fault_in_a_table_is_told_by_the_generated_tests(snapshots: SimpleNamespace, tmp_path: Path) -> None:
    told = snapshots.values.encode(FRAME)
    outcome = {"df": snapshots.outcomes.describe(FRAME)}
    about = {"module": "churn.data", "where": "cell 3 of churn.ipynb", "outputs": ["df"], "inputs": {"df": told}, "outcome": outcome}
    stages = tuple(Stage(name, "data", (), (Variable("df"),), (Variable("df"),)) for name in FAULTS)
    cases = {name: json.dumps({"stage": name, **about}) for name in FAULTS}
    plan = Plan("churn", "", "", (), (), (), stages, (), ())
    folder = project(tmp_path, "".join(f"def {name}(df):\n    return {code}\n\n\n" for name, (code, _) in FAULTS.items()))
    (folder / "tests/recorded/clean.json").unlink()
    for file in with_cases(Project("churn", ()), plan, cases).files:
        (folder / file.path).write_text(str(file.content), encoding="utf-8")
    lines = [line.removeprefix("E").strip() for line in run_tests(folder).stdout.splitlines()]
    for name, (_, told_of_it) in FAULTS.items():
        assert f"AssertionError: {name} (cell 3 of churn.ipynb) does not do what it did:" in lines
        assert told_of_it in lines
        assert f"If this change is meant: pytest --update-snapshots, then look at the difference in tests/recorded/{name}.json" in lines


def test_further_cases_of_a_stage_are_found_by_their_names(tmp_path: Path) -> None:
    folder = project(tmp_path, "def clean(df):\n    return sorted(df)\n")
    case = json.loads((folder / "tests/recorded/clean.json").read_text(encoding="utf-8"))
    further = {**case, "inputs": {"df": [2, 1]}, "outcome": {"df": [2, 1]}}
    (folder / "tests/recorded/clean-2.json").write_text(json.dumps(further), encoding="utf-8")
    done = run_tests(folder)
    assert "test_clean_does_what_it_did[clean-2]" in done.stdout and "1 failed, 1 passed" in done.stdout


def test_of_a_stage_that_gives_nothing_back_the_variables_are_compared(tmp_path: Path) -> None:
    folder = project(tmp_path, "def clean(df):\n    tried = {'depth': 4}\n")
    case = json.loads((folder / "tests/recorded/clean.json").read_text(encoding="utf-8"))
    outcome = {"tried inside": {"kind": "dict", "pairs": [["depth", 3]]}}
    (folder / "tests/recorded/clean.json").write_text(
        json.dumps({**case, "inside": True, "outputs": [], "outcome": outcome}), encoding="utf-8"
    )
    assert "tried inside['depth']: was 3, is 4" in run_tests(folder).stdout


def test_cases_that_are_too_large_together_are_left_out() -> None:
    made = with_cases(Project("churn", ()), PLAN, {"clean": "x" * (MOST + 1)})
    assert made.files == ()


def test_what_is_the_same_in_every_package_is_kept_as_black_lays_it_out() -> None:
    assert [file.path for file in snapshot_files() if formatted(str(file.content)) != file.content] == []


def test_of_stages_without_a_case_their_number_and_the_reasons_are_told() -> None:
    token = Parameter("token", "str", None, 0, 1, "constant", secret=True)
    names = ("load", "clean", "score", "draw", "send")
    stages = tuple(Stage(name, "data", (), (Variable("token" if name == "load" else "df"),), ()) for name in names)
    plan = Plan("churn", "", "", (token,), (), (), stages, (), ())
    there = Project("churn", (File("tests/recorded/clean.json", "{}"),))
    (finding,) = told_of_missing(there, plan, {"clean": "{}", "score": "{}"}, {"why": {"draw": "asks for the time or the day"}})
    assert finding.message == (
        "4 of 5 stages have no recorded case: `load` is given a secret; `score` finds no room beside the others; "
        "`draw` asks for the time or the day; `send` was not reached"
    )
    assert told_of_missing(Project("churn", tuple(File(f"tests/recorded/{name}.json", "{}") for name in names)), plan, {}, {}) == ()
