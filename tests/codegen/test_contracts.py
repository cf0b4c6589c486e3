"""Contracts of tables: what is drafted from what held, and each kind of fault in the data told in words."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from nb2prod.codegen.contracts import with_contracts
from nb2prod.codegen.templating import render
from nb2prod.merging.files import merge_file
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan, Stage, Variable
from nb2prod.model.project import File, Project
from nb2prod.recording.probe.borders import facts_of

LOAD = Stage("load", "data", (), (Variable("path", "str"),), (Variable("df", "pandas.DataFrame"),))
CLEAN = Stage("clean", "data", (), (Variable("df", "pandas.DataFrame"),), (), updates=("df",))
REPORT = Stage("report", "data", (), (Variable("df", "pandas.DataFrame"),), (Variable("summary", "pandas.DataFrame"),))
PLAN = Plan("shop", "", "", (), (), (), (LOAD, CLEAN, REPORT), (), ())
DATA = """import pandas as pd


def load(path):
    return pd.read_csv(path)


def clean(df):
    df.drop(df[df["amount"] < 0].index, inplace=True)
    df = df[(df["amount"] >= 1) & (50 > df["amount"])].copy()
    late = df[df["amount"] > -7]
    df["share"] = df["share"].clip(upper=2)
    return late
"""
PIPELINE = """from shop.contract_checks import check_contract
from shop.data import load


def run(path):
    df = load(path=path)
    check_contract("load", df=df)
    return df
"""
ROWS = [f"c{at:03},{'abc'[at % 3] * 4},{at % 40 + 1},{at / 40 if at % 9 else ''}" for at in range(120)]
CSV = "\n".join(["customer,shop,amount,share", *ROWS]) + "\n"


def drafted() -> dict[str, str]:
    """The files of a small package with its contracts."""
    table = pd.read_csv(pd.io.common.StringIO(CSV))
    tables = {"load": {"df": facts_of(table)}, "clean": {"df": facts_of(table.assign(share=table["share"].fillna(0).clip(upper=2)))}}
    files = (File("src/shop/data.py", DATA), File("src/shop/pipeline.py", PIPELINE), File("src/shop/__init__.py", ""))
    checks = File("src/shop/contract_checks.py", render("contract_checks.py.jinja"))
    notebook = Notebook("shop.ipynb", "0" * 64, ())
    made = with_contracts(Project("shop", (*files, checks)), PLAN, notebook, tables)
    return {file.path: str(file.content) for file in made.files}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the package, which can be imported."""
    for path, text in drafted().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def run(package: Path, caplog: pytest.LogCaptureFixture) -> Callable[[str | bytes], list[str]]:
    """Runs the pipeline on a file with that content and gives what the log says, line by line."""

    def run(content: str | bytes) -> list[str]:
        path = package / "in.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        caplog.clear()
        with caplog.at_level(logging.INFO):
            before = pd.read_csv(path)
            pd.testing.assert_frame_equal(pipeline().run(path), before)
        return [line for record in caplog.records for line in record.getMessage().splitlines()]

    return run


def pipeline() -> ModuleType:
    return importlib.import_module("shop.pipeline")


def test_what_held_is_drafted_and_a_range_only_where_the_code_asks_for_it() -> None:
    text = drafted()["src/shop/contracts.py"]
    load, clean = text.partition("clean_df")[::2]
    assert '"customer": Column("str", unique=True)' in load
    assert '"shop": Column("str", Check.isin(["aaaa", "bbbb", "cccc"]))' in load
    assert '"amount": Column("int64")' in load and '"share": Column("float64", nullable=True)' in load
    assert 'error="at least 60 rows"' in load
    assert '"amount": Column("int64", [Check.ge(1), Check.lt(50)])' in clean
    assert '"share": Column("float64", Check.le(2))' in clean and "-7" not in clean
    assert 'error="at least 1 row"' in clean


def test_only_tables_that_pass_a_border_have_a_contract() -> None:
    assert PLAN.tables == {"load": ("df",), "clean": ("df",)}
    assert Plan("shop", "", "", (), (), (), (LOAD,), (), ()).tables == {"load": ("df",)}


def test_nothing_is_said_of_data_like_those_of_the_notebook(run: Callable[[str | bytes], list[str]]) -> None:
    assert run(CSV) == []


HEAD = "`df` after load is not as contracts.py says:"
FAULTS = {
    "a missing column": (CSV.replace("shop", "store", 1), ["  column 'shop' is missing"]),
    "another type": (CSV.replace("c007,bbbb,8", "c007,bbbb,8.5"), ["  column 'amount' is of dtype float64, not 'int64'"]),
    "gaps": (CSV.replace("c007,bbbb", "c007,"), ["  column 'shop' has gaps in 1 of 120 rows: 7"]),
    "doubles": (CSV.replace("c008,", "c007,"), ["  column 'customer' has doubles ('c007') in 2 of 120 rows: 7, 8"]),
    "a text that is not in the set": (
        CSV.replace("c007,bbbb", "c007,dddd"),
        ["  column 'shop': isin(['aaaa', 'bbbb', 'cccc']) does not hold for 'dddd' in 1 of 120 rows: 7"],
    ),
    "an empty table": (CSV.splitlines()[0] + "\n", ["  at least 60 rows were expected; there are 0"]),
    "a file that was cut": (CSV[: len(CSV) // 3], ["  at least 60 rows were expected; there are 40"]),
    "a page of an error instead of data": ("<html>\n<h1>502 Bad Gateway</h1>\n", ["  column 'customer' is missing"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_data_is_told_and_changes_nothing(run: Callable[[str | bytes], list[str]], fault: str) -> None:
    content, told = FAULTS[fault]
    lines = run(content)
    assert lines[0] == HEAD
    assert [line for line in told if line not in lines] == []


def test_a_corrupt_file_ends_the_run(run: Callable[[str | bytes], list[str]]) -> None:
    with pytest.raises(UnicodeDecodeError):
        run(b"\x89PNG\r\n\x1a\n\xff\xfe" + CSV.encode("utf-8"))


def test_a_contract_that_says_stop_ends_the_run(package: Path) -> None:
    path = package / "src" / "shop" / "contracts.py"
    path.write_text(path.read_text(encoding="utf-8").replace('severity="warn"', 'severity="stop"'), encoding="utf-8")
    (package / "in.csv").write_text(CSV.splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="at least 60 rows were expected; there are 0"):
        pipeline().run(package / "in.csv")


def test_without_pandera_nothing_is_checked_and_that_is_said_once(
    run: Callable[[str | bytes], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandera", None)
    monkeypatch.setitem(sys.modules, "pandera.pandas", None)
    told = "tables are not held against contracts.py: pandera.pandas is not installed (pip install '.[contracts]')"
    assert run("a,b\n1,2\n") == [told]
    assert run("a,b\n1,2\n") == []


def test_a_file_of_contracts_that_cannot_be_read_is_told_and_stops_nothing(package: Path, run: Callable[[str | bytes], list[str]]) -> None:
    (package / "src" / "shop" / "contracts.py").write_text("load_df = Contract(", encoding="utf-8")
    assert run(CSV)[0].startswith("tables are not held against contracts.py, which cannot be read: SyntaxError: ")


def test_a_package_without_tables_has_no_contracts() -> None:
    project = Project("shop", ())
    assert with_contracts(project, PLAN, Notebook("shop.ipynb", "0" * 64, ()), {}) == project


def test_of_columns_that_cannot_be_compared_only_the_type_is_told() -> None:
    table = pd.DataFrame({"lists": [[1], [2]], 3: [1, 2]})
    assert facts_of(table) == {"rows": 2, "columns": [{"name": "lists", "dtype": "object", "gaps": 0, "unique": False}]}
    assert facts_of([1]) is None


def test_what_a_person_changed_in_a_contract_stays_when_the_notebook_is_converted_again() -> None:
    base = drafted()["src/shop/contracts.py"]
    hand = base.replace('severity="warn"', 'severity="stop"', 1).replace(
        '"amount": Column("int64"),', '"amount": Column("int64", Check.in_range(1, 99)),'
    )
    new = base.replace("at least 1 row", "at least 2 rows")
    merged = merge_file("src/shop/contracts.py", base.encode(), hand.encode(), new.encode())
    assert merged.conflicts == ()
    text = merged.content.decode("utf-8")
    assert 'severity="stop"' in text and "Check.in_range(1, 99)" in text and "at least 2 rows" in text
