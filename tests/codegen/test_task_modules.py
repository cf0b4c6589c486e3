"""The modules that run tasks: values come back exactly or are refused, and so is what one process would have done otherwise."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import importlib
import os
import random
import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from nb2prod.codegen.tasks_module import PARTS, Package, render_tasks
from nb2prod.codegen.templating import render
from nb2prod.model.job import Task

PARAMETERS = """\
from dataclasses import dataclass, field
class ParameterError(Exception): ...
@dataclass
class Parameters:
    seed: int = 1
    columns: list = field(default_factory=list)
"""
PIPELINE = """\
from apart.parameters import Parameters
from apart.stages import change, load, use

def run(parameters=None, **changes):
    parameters = Parameters.with_changes(parameters, changes)
    df, other = load(seed=parameters.seed)
    change(df=df)
    total = use(df=df, other=other)
    return Results(total=total, seed=parameters.seed)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A package named `apart` with the modules that run tasks."""
    folder = tmp_path_factory.mktemp("src") / "apart"
    folder.mkdir()
    texts = {"__init__": "", "parameters": PARAMETERS, "pipeline": "LIMITS = [2, 1]\n"}
    texts |= {f"task_{part}": render(f"tasks/{part}.py.jinja", package="apart", secrets=(), modules=["apart"]) for part in PARTS}
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder.parent))
    yield folder
    sys.path.remove(str(folder.parent))
    for name in [name for name in sys.modules if name.partition(".")[0] == "apart"]:
        del sys.modules[name]


@pytest.fixture
def values(package: Path) -> Any:
    return importlib.import_module("apart.task_values")


ROWS = 3000  # more than stay in the JSON
FRAME = pd.DataFrame(
    {
        "number": np.arange(ROWS) * 0.1,
        "text": [None if row % 7 == 0 else f"größe {row}" for row in range(ROWS)],
        "moment": pd.date_range("2020-10-24", periods=ROWS, freq="h", tz="Europe/Berlin"),
        "kind": pd.Categorical(["u", "v", None] * (ROWS // 3), ordered=True),
        "count": pd.array([1, None, 3] * (ROWS // 3), dtype="Int64"),
        "flag": pd.array([True, None, False] * (ROWS // 3), dtype="boolean"),
        "words": pd.array(["q", None, "é"] * (ROWS // 3), dtype="string"),
        "third": np.float32(1) / 3,
        "mixed": pd.Series([1, "1", (2,)] * (ROWS // 3), dtype=object),
    }
)
FRAME.loc[3, "number"] = np.nan
FRAME["binned"] = pd.cut(FRAME["number"], 4)
GRID = np.arange(12.0).reshape(3, 4)
GROUPED = FRAME.groupby(["kind", "third"], observed=False)["number"].mean()
EXACT: dict[str, Any] = {
    "plain": [None, True, 10**40, 0.1, float("nan"), -float("inf"), -0.0, "é\udc80\n", b"\x00", 1 + 2j],
    "nested": {1: (2, {3: "x"}), (1, 2): [{}, ()], "s": {3, 1}, "f": frozenset("a")},
    "days": [datetime.date(2020, 1, 1), datetime.datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))],
    "others": [datetime.timedelta(1, 2, 3), decimal.Decimal("1.10"), Path("a/b"), range(3), datetime.datetime.now(datetime.timezone.utc)],
    "scalars": [np.float32(1.1), np.int64(3), np.bool_(True), np.datetime64("2020-01-01")],
    "arrays": [GRID, GRID.T, GRID[:, 1], GRID[::2, ::2], np.zeros((0, 3)), np.array(3.0), np.array(["a", "bcd"]), np.array([1.5], "f2")],
    "objects": [np.array([1, "x", None], dtype=object), np.array(["2020-01-01", "NaT"], dtype="M8[D]")],
    "frame": FRAME,
    "small": FRAME.head(5),
    "twice": pd.concat([FRAME.head(3), FRAME.head(3)], axis=1),
    "empty": pd.DataFrame(),
    "series": [FRAME["kind"], FRAME.set_index("moment")["number"], GROUPED, GROUPED.unstack(), FRAME["text"].value_counts()],
    "indexes": [FRAME.columns, pd.DatetimeIndex(FRAME["moment"]), GROUPED.index, pd.RangeIndex(3, name="n")],
    "times": [pd.Timestamp("2020-03-29 03:30", tz="Europe/Berlin"), pd.Timedelta("1s"), pd.NaT, pd.NA],
    "states": [random.getstate(), np.random.get_state()],
}


@pytest.mark.parametrize("name", EXACT)
def test_values_come_back_exactly(name: str, values: Any, tmp_path: Path) -> None:
    values.write({name: EXACT[name]}, tmp_path)
    assert values.digest(values.read(name, tmp_path)) == values.digest(EXACT[name])
    assert (tmp_path / f"{name}-0.parquet").exists() == (name in ("frame", "series", "indexes"))
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".parquet"}


def test_tables_come_back_as_pandas_says_too(values: Any, tmp_path: Path) -> None:
    values.write({"frame": FRAME, "grouped": GROUPED}, tmp_path)
    pd.testing.assert_frame_equal(values.read("frame", tmp_path), FRAME, check_exact=True)
    pd.testing.assert_series_equal(values.read("grouped", tmp_path), GROUPED, check_exact=True)


def test_without_pyarrow_long_columns_are_json(values: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    values.write({"frame": FRAME}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["frame.json"]
    assert values.digest(values.read("frame", tmp_path)) == values.digest(FRAME)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ([1], (1,)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (GRID, np.asfortranarray(GRID)),
        (GRID, GRID.astype("f4")),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}, index=[0])),
        (pd.Series([1, 2]), pd.Series([1, 2], name="x")),
        (pd.Series(["a"], dtype=object), pd.Series(["a"], dtype="category")),
        (pd.Series([None], dtype=object), pd.Series([np.nan], dtype=object)),
        (pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020")),
    ],
)
def test_values_that_differ_in_anything_differ(one: Any, other: Any, values: Any) -> None:
    assert values.digest(one) != values.digest(other)


class Text(str):
    pass


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value",
    [
        *(object(), Text("x"), collections.Counter("a"), (number for number in ()), sqlite3.connect(":memory:"), len, warnings, LOOP),
        *(np.array([1j]), np.arange(3)[::-1], np.broadcast_to(1, (3,)), np.random.default_rng(), np.zeros(2, dtype=[("a", "i4")])),
        *(pd.period_range("2020", periods=3, freq="M"), pd.DataFrame({"a": [object()]}), pd.Series(pd.arrays.SparseArray([0, 1]))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_written_exactly_is_refused_by_name(value: Any, values: Any, tmp_path: Path) -> None:
    with pytest.raises(values.Unstorable, match="^`model` "):
        values.write({"model": value}, tmp_path)


def test_tables_that_share_memory_are_known(package: Path) -> None:
    digests = importlib.import_module("apart.task_digests")
    alive: dict[int, Any] = {}
    numbers, inner = np.arange(4), [1]
    pairs = [(numbers, numbers[:2], True), ([inner], {"a": inner}, True), (numbers, numbers.copy(), False), ((1, "a"), (1, "a"), False)]
    found = [bool(set(digests.memory_of(one, alive)) & set(digests.memory_of(other, alive))) for one, other, _ in pairs]
    assert found == [shared for _, _, shared in pairs]


@pytest.fixture
def tasks(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Runs functions as the tasks `one`, `two` and `three` in this process: each is given what is there and gives what is asked for."""
    runs, parameters = importlib.import_module("apart.task_runs"), importlib.import_module("apart.parameters")
    monkeypatch.chdir(tmp_path)
    made_from = runs.made_from(package / "pipeline.py")

    def run(*functions: Callable[..., Any], takes: tuple[dict[str, str], ...], given: Any = None) -> list[dict[str, Any]]:
        names = ("one", "two", "three")[: len(functions)]
        made, results = {}, []
        for place, (name, function) in enumerate(zip(names, functions, strict=True)):
            later = [pair for other in takes[place + 1 :] for pair in other.items()]
            gives = tuple(dict.fromkeys(variable for variable, giver in later if giver == name))
            keeps = tuple(pair[0] for pair in takes[place].items() if pair in later)
            made[name] = runs.Task(function, takes[place], gives, keeps, names[:place], place == len(names) - 1)
        for name in names:
            results.append(runs.run_task(runs.Plan(made, made_from), name, given or parameters.Parameters(), tmp_path / "values", "now"))
        return results

    return run


def first(parameters: Any) -> Any:
    values = [3, 1, 2]
    return {"data": values, "alias": values, "rest": {"a": 1}}, {}


def test_random_numbers_and_settings_go_along(values: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = importlib.import_module("apart.task_states")
    monkeypatch.setenv("APART_GONE", "1")
    monkeypatch.delenv("APART", raising=False)

    def now() -> list[object]:
        filters = [str(entry[1].pattern) for entry in warnings.filters if entry[1]]  # type: ignore[union-attr]
        found = [pd.get_option("display.precision"), os.environ.get("APART"), os.environ.get("APART_GONE"), "nothing of note" in filters]
        return [random.random(), float(np.random.random()), *found]

    with warnings.catch_warnings(), pd.option_context("display.precision", 6):
        before = states.states()
        random.seed(5)
        np.random.seed(5)
        pd.set_option("display.precision", 3)
        warnings.filterwarnings("ignore", "nothing of note")
        os.environ["APART"] = "1"
        del os.environ["APART_GONE"]
        changed = states.changes(before, states.states())
        wanted = now()
        values.write({"states": changed}, tmp_path)
        states.put_back({**before, "os.environ": {**before["os.environ"], states.GONE: ["APART"]}})
        assert now()[2:] == [6, None, "1", False]
        states.put_back(values.read("states", tmp_path))
        assert now() == wanted == [*wanted[:2], 3, "1", None, True]
        assert set(changed) == {"random", "numpy.random", "pandas.options", "warnings", "os.environ"}


def nothing(parameters: Any, **given: Any) -> Any:
    return {}, {}


def sort_data(parameters: Any, data: list[int], **given: Any) -> Any:
    data.sort()
    return {}, {"data": list(data)}


def change_module(parameters: Any) -> Any:
    importlib.import_module("apart.pipeline").LIMITS.append(0)
    return {}, {}


def change_parameter(parameters: Any) -> Any:
    parameters.columns.append("x")
    return {}, {}


def leave_folder(parameters: Any) -> Any:
    Path("sub").mkdir()
    os.chdir("sub")
    return {}, {}


def give_module_data(parameters: Any) -> Any:
    return {"data": importlib.import_module("apart.pipeline").LIMITS}, {}


def leave_model(parameters: Any) -> Any:
    return {"model": object()}, {}


DATA = {"data": "one"}
REFUSED = {
    "an alias": ((first, sort_data), ({}, DATA | {"alias": "one"}), "`data` is changed in place and shares memory with another value"),
    "a change": (
        (lambda parameters: ({"data": [2, 1]}, {}), sort_data, nothing),
        ({}, DATA, DATA),
        "`data` is changed in place, which later tasks that take it from `one` would not see",
    ),
    "data of a module": ((give_module_data, sort_data), ({}, DATA), "`data` is changed in place and shares memory with another value"),
    "a module": ((change_module, nothing), ({}, {}), "`LIMITS` of apart.pipeline is changed, which later tasks would not see"),
    "a parameter": ((change_parameter, nothing), ({}, {}), "task `one` changes a parameter in place"),
    "a folder": ((leave_folder, nothing), ({}, {}), "the working directory is changed"),
    "an object": ((leave_model, nothing), ({}, {"model": "one"}), "between task `one` and those after it: `model` holds a object"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_one_process_would_do_otherwise_is_refused(name: str, tasks: Any) -> None:
    functions, takes, message = REFUSED[name]
    with pytest.raises(importlib.import_module("apart.task_runs").TaskError) as caught:
        tasks(*functions, takes=takes)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith("put these stages into one task of jobs/job.toml")


def test_a_change_in_place_that_nobody_sees_is_none(tasks: Any) -> None:
    assert tasks(lambda parameters: ({"data": [2, 1]}, {}), sort_data, takes=({}, DATA))[1] == {"data": [1, 2]}


def test_tasks_of_one_run_have_the_same_parameters_and_the_same_pipeline(tasks: Any, package: Path, tmp_path: Path) -> None:
    runs = importlib.import_module("apart.task_runs")
    parameters = importlib.import_module("apart.parameters").Parameters
    tasks(first, nothing, takes=({}, DATA))
    plan = runs.Plan({"two": runs.Task(nothing, DATA, (), (), ("one",), True)}, runs.made_from(package / "pipeline.py"))
    with pytest.raises(runs.TaskError, match="task `one` ran with other parameters than `two`"):
        runs.run_task(plan, "two", parameters(seed=2), tmp_path / "values", "now")
    with pytest.raises(runs.TaskError, match="pipeline.py is not what tasks.py was made from"):
        runs.run_task(dataclasses.replace(plan, made_from=""), "two", parameters(), tmp_path / "values", "now")


def test_a_task_is_a_function_of_the_lines_of_run() -> None:
    tasks = (Task("get", ("load", "change")), Task("rest", ("use",), ("get",)))
    module = str(render_tasks(Package("apart", PIPELINE, {"change": ("df",)}), tasks)[0].content)
    body = module[module.index("def task_get") : module.index("PLAN =")]
    assert body == (
        "def task_get(parameters: Parameters) -> Left:\n"
        '    """load, change: what they leave for later tasks, and their results."""\n'
        "    df, other = load(seed=parameters.seed)\n"
        "    change(df=df)\n"
        '    return {"df": df, "other": other}, {}\n\n\n'
        "def task_rest(parameters: Parameters, df: Any, other: Any) -> Left:\n"
        '    """use: what they leave for later tasks, and their results."""\n'
        "    total = use(df=df, other=other)\n"
        '    return {}, {"total": total, "seed": parameters.seed}\n\n\n'
    )
    entries = [
        " ".join(line.split()).replace("( ", "(").replace(", )", ")") for line in module.partition("PLAN = Plan(")[2].split("Task(")[1:]
    ]
    assert entries[0].startswith('task_get, takes={}, gives=("df", "other"), keeps=(), before=(), last=False')
    assert entries[1].startswith('task_rest, takes={"df": "get", "other": "get"}, gives=(), keeps=(), before=("get",), last=True')
    assert "from apart.stages import change, load, use\nfrom apart.task_runs import Left, Plan, Task\n" in module
