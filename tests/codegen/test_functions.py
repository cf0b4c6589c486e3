"""Stages and definitions become functions: what changes by the plan, what stays as the notebook has it, and that both compute the same."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from codegen.stage_building import (
    body_of,
    everything,
    module_text,
    notebook,
    parameter,
    place,
    places,
    plan,
    run_notebook,
    run_package,
    stage,
)

from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Definition, Import, Plan, Rename

STAYS = {
    "comments above and behind": "# why\nx = 1  # here\n\n# then\ny = x  # there\n",
    "comments in a block": "for i in range(3):\n    # first\n    x = i  # second\n    # last\n",
    "strings with odd quotes": 'x = \'say "hi"\'\ny = "it\'s"\nz = \'"\' + "\'"\n',
    "unicode": 'größe = "é → ñ"\nx = f"{größe}…"\n',
    "a text of several lines": 'x = """one\n  two\n# three\n\tfour\n"""\n',
    "a text of several lines in a block": 'if True:\n    x = """one\ntwo\n"""\n',
    "brackets over several lines": "x = [\n    1,  # one\n    # two\n    2,\n]\n",
    "names that only look like builtins": "items = list(range(3))\nprint(items)\n",
    "annotations": 'x: int\ny: "list[int]" = []\n',
    "decorators": "import functools\n\n@functools.lru_cache\ndef f(a):\n    return a\n\nprint(f(1))\n",
    "a class that reads stage names": "a = 1\n\nclass C:\n    b = a\n\n    def f(self):\n        return a\n",
}


@pytest.mark.parametrize("code", STAYS.values(), ids=STAYS.keys())
def test_code_moves_as_it_is(code: str) -> None:
    assert body_of(code) == code


CHANGES = {
    "commented-out code goes": ("# df = old()\n# df.head()\nx = 1\n", "x = 1\n"),
    "prose beside commented-out code stays": ("# Load it\n# x = 0\nx = 1\n", "# Load it\nx = 1\n"),
    "words that parse stay": ("# Cleaning\n# yes or no\n# TODO: check\nx = 1\n", "# Cleaning\n# yes or no\n# TODO: check\nx = 1\n"),
    "statements on one line are parted": ("x = 1; y = 2;  # both\n", "x = 1\ny = 2  # both\n"),
    "statements on one line in a block": ("for i in range(2): x = i; y = i;\n", "for i in range(2):\n    x = i\n    y = i\n"),
    "blank lines collapse": ("\n\n# a\n\n\n\nx = 1\n\n\n\ny = 2\n", "# a\n\nx = 1\n\ny = 2\n"),
    "a line that goes on": ("x = 1 + \\\n  2\n", "x = 1 + 2\n"),
    "two-space blocks": ("if True:\n  x = 1\n", "if True:\n    x = 1\n"),
    "a builtin read before it is bound": ("list = list((1, 2))\n", "list = builtins.list\nlist = list((1, 2))\n"),
    "a builtin read in a function before it is bound": (
        "def f():\n    return max(1, 2)\n\nprint(f())\nmax = 3\n",
        "max = builtins.max\n\ndef f():\n    return max(1, 2)\n\nprint(f())\nmax = 3\n",
    ),
    "global means the stage's name": (
        "n = 0\n\ndef f():\n    global n\n    n += 1\n\nf()\n",
        "n = 0\n\ndef f():\n    nonlocal n\n    n += 1\n\nf()\n",
    ),
    "global outside functions": ("global n\nn = 1\n", "n = 1\n"),
    "commented-out magics go": ("# !pip install x\n# %cd y\n# 5 % of all\nx = 1\n", "# 5 % of all\nx = 1\n"),
    "a value nobody reads": ("ax = print(1)\n", "print(1)\n"),
    "an alias nobody reads": (
        "try:\n    x = 1\nexcept ValueError as e:\n    x = 2\n",
        "try:\n    x = 1\nexcept ValueError:\n    x = 2\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES.keys())
def test_code_changes_where_a_function_differs_from_a_module(before: str, after: str) -> None:
    assert body_of(before) == after


def test_an_output_of_one_branch_only_starts_as_none() -> None:
    assert body_of("if flag:\n    best = 1\n", inputs=("flag",), outputs=("best",)) == (
        "best = None  # bound only under a condition\nif flag:\n    best = 1\nreturn best\n"
    )


def test_an_output_of_every_branch_or_of_a_loop_needs_no_start() -> None:
    code = "for i in items:\n    last = i\ntry:\n    a = last\nexcept ValueError:\n    a = 0\n"
    assert body_of(code, inputs=("items",), outputs=("last", "a")) == code + "return WorkResult(last=last, a=a)\n"


def test_a_name_only_a_function_binds_is_declared_in_the_stage() -> None:
    after = body_of("def f():\n    global n\n    n = 1\n\n\nf()\n")
    assert after == "n: Any  # bound by a function below\n\ndef f():\n    nonlocal n\n    n = 1\n\nf()\n"


def test_a_star_import_in_a_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="stage work: a star import cannot stand in a function"):
        body_of("from math import *\n")


def test_dropped_statements_take_their_comments_along() -> None:
    book = notebook("# peek\ndf.head()\n\n# count\nn = len(df); df.tail()  # look\n\n# show\ndf\n")
    text = module_text(plan([stage("count", [StatementId(0, 1)], ["df"], ["n"])]), book)
    assert text.endswith('    From cell 0 of churn.ipynb.\n    """\n    # count\n    n = len(df)\n    return n\n')


def test_cells_are_parted_by_one_blank_line() -> None:
    book = notebook("a = 1\n", "\n\n\nb = a\n", "c = b\n")
    text = module_text(plan([stage("work", everything(book), (), ["c"])]), book)
    assert text.endswith("    a = 1\n\n    b = a\n\n    c = b\n    return c\n")


LIFTED = {
    "plain": ("def f(x):\n    return x > G", "def f(x, *, g):\n    return x > g\n"),
    "a star": ("def f(x, *, y=1):\n    return G", "def f(x, *, y=1, g):\n    return g\n"),
    "arguments": ("def f(*args, **kw):\n    return G", "def f(*args, g, **kw):\n    return g\n"),
    "nothing": ("def f():\n    return G", "def f(*, g):\n    return g\n"),
    "positional only": ("def f(x, /, y=2):\n    return G", "def f(x, /, y=2, *, g):\n    return g\n"),
    "a coroutine": ("async def f(x):\n    return G", "async def f(x, *, g):\n    return g\n"),
    "a lambda": ("f = lambda: G", "f = lambda *, g: g\n"),
    "comments": (
        "# what it is for\ndef f(x):\n    # why\n    return G  # here",
        "# what it is for\ndef f(x, *, g):\n    # why\n    return g  # here\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), LIFTED.values(), ids=LIFTED.keys())
def test_a_definition_gets_the_notebook_names_it_reads_as_keyword_only_arguments(before: str, after: str) -> None:
    book = notebook(before)
    g = parameter("g", "int", 1, "G", places(book, 0, "G"))
    text = module_text(plan((), [g], (), [Definition("f", StatementId(0, 0), "data", ("G",))]), book)
    assert text.removeprefix('"""The data part of churn.ipynb."""').lstrip("\n") == after


def test_a_class_cannot_take_notebook_names() -> None:
    book = notebook("class C:\n    x = G\n")
    with pytest.raises(ValueError, match="definition C: only a function can take notebook names as arguments"):
        module_text(plan((), (), (), [Definition("C", StatementId(0, 0), "data", ("G",))]), book)


CALLS = {
    "a plain call": ("f(1)", "f(1, g=g)"),
    "no arguments": ("f()", "f(g=g)"),
    "a trailing comma": ("f(1,)", "f(1, g=g)"),
    "before keywords": ("f(1, **k)", "f(1, g=g, **k)"),
    "after a star": ("f(*a)", "f(*a, g=g)"),
    "a generator": ("f(i for i in a)", "f((i for i in a), g=g)"),
    "a nested call": ("f(f(1))", "f(f(1, g=g), g=g)"),
    "in an f-string": ('f"{f(1)}"', 'f"{f(1, g=g)}"'),
    "a method of the result": ("f(1).real", "f(1, g=g).real"),
}


@pytest.mark.parametrize(("call", "after"), CALLS.values(), ids=CALLS.keys())
def test_each_call_hands_the_names_over(call: str, after: str) -> None:
    book = notebook("def f(x):\n    return x + g\n", f"y = {call}\n")
    inner = ("f(f(1))", "f(1)") if call == "f(f(1))" else (call.removesuffix(".real") if not call.startswith('f"') else "f(1)",)
    spots = tuple(place(book, 1, text) for text in inner)
    definition = Definition("f", StatementId(0, 0), "data", ("g",), spots)
    made = plan([stage("work", everything(book, 1), ["g", "a", "k"], ["y"])], (), (), [definition])
    assert module_text(made, book).endswith(f"    y = {after}\n    return y\n")


def test_a_function_that_escapes_is_bound_with_partial() -> None:
    book = notebook("def f(x):\n    return x + g\n", "functools = 1\ny = list(map(f, [1]))\n")
    definition = Definition("f", StatementId(0, 0), "data", ("g",), (), (place(book, 1, "f", 1),))
    text = module_text(plan([stage("work", everything(book, 1), ["g"], ["y", "functools"])], (), (), [definition]), book)
    assert "import functools as functools_module\n" in text
    assert "    y = list(map(functools_module.partial(f, g=g), [1]))\n" in text


PLACES = {
    "a mention": ("x = LIMIT + 1", "LIMIT", "x = limit + 1"),
    "in an f-string": ("x = f'é {LIMIT:>3} {LIMIT}'", "LIMIT", 'x = f"é {limit:>3} {limit}"'),
    "an f-string that shows its source": ("x = f'{LIMIT=}'", "LIMIT", 'x = f"LIMIT={limit!r}"'),
    "a text": ("x = open('a.csv')", "'a.csv'", "x = open(limit)"),
    "a text beside a keyword": ("x = 'a'if 1 else 2", "'a'", "x = (limit) if 1 else 2"),
    "a negative number": ("x = [-1]", "-1", "x = [limit]"),
    "a list": ("x = sum([1, 2])", "[1, 2]", "x = sum(limit)"),
    "a tuple over several lines": ("x = sum((\n    1, 2\n))", "(\n    1, 2\n)", "x = sum(limit)"),
    "a tuple": ("x = sum((1, 2))", "(1, 2)", "x = sum(limit)"),
    "several texts": ("x = open('a'\n  'b')", "'a'\n  'b'", "x = open(limit)"),
    "behind letters of several bytes": ("f('é', 'ñ'); x = LIMIT", "LIMIT", 'f("é", "ñ")\n    x = limit'),
}


@pytest.mark.parametrize(("code", "text", "after"), PLACES.values(), ids=PLACES.keys())
def test_a_place_of_a_parameter_becomes_its_name(code: str, text: str, after: str) -> None:
    book = notebook(code)
    limit = parameter("limit", "int", 1, "LIMIT" if text == "LIMIT" else "", places(book, 0, text))
    made = plan([stage("work", everything(book), ["limit"], ["x"])], [limit])
    assert module_text(made, book).endswith(f"    {after}\n    return x\n")


def test_a_rename_of_the_plan_is_made() -> None:
    book = notebook("x = Out[3] + _\n")
    renames = tuple(Rename(place(book, 0, text), name, StatementId(0, 0)) for text, name in (("Out[3]", "total"), ("_", "shown")))
    made = replace(plan([stage("work", everything(book), ["total", "shown"], ["x"])]), renames=renames)
    assert module_text(made, book).endswith("    x = total + shown\n    return x\n")


def test_a_renamed_parameter_is_renamed_in_the_texts_of_queries() -> None:
    book = notebook("x = df.query('age > @LIMIT')\ny = 'mail@LIMIT'\n")
    made = plan([stage("work", everything(book), ["df", "limit"], ["x", "y"])], [parameter("limit", "int", 1, "LIMIT")])
    assert '    x = df.query("age > @limit")\n    y = "mail@LIMIT"\n' in module_text(made, book)


def test_an_import_read_before_the_stage_binds_its_name_is_imported_again_inside() -> None:
    book = notebook("time = time.time()\n")
    made = plan([stage("work", everything(book), (), ["time: float"])], (), [Import("time", "time")])
    text = module_text(made, book)
    assert text.endswith("    import time\n\n    time = time.time()\n    return time\n")
    assert "def work() -> Any:\n" in text


def test_a_name_that_was_a_function_before_it_was_a_value_is_anything_for_mypy() -> None:
    book = notebook("def double(x):\n    return 2 * x\ndouble = double(3)\n")
    made = plan([stage("work", everything(book), (), ["double: int"])])
    assert "def work() -> Any:\n" in module_text(made, book)


def test_signature_docstring_and_result_class() -> None:
    book = notebook("df = pd.read_csv(path)\nmodel = fit(df)\nframes.append(df)\nsize, what = 1.5, model\n")
    made = plan(
        [
            stage(
                "fit_model",
                everything(book),
                ["path", "fit", "frames: list"],
                ["df: pandas.DataFrame", "model: sklearn.linear_model._logistic.LogisticRegression", "size: numpy.float64", "what: "],
                title="## Fit the *model*",
                doc="We take a [simple](http://x) one, with `C`.\n\n- a list",
                updates=("frames",),
            )
        ],
        [parameter("path", "path", "a.csv", help="where the export lies")],
        [Import("pd", "pandas"), Import("LogisticRegression", "sklearn.linear_model", "LogisticRegression")],
        results=[Result("model", "variable", "the model")],
    )
    assert module_text(made, book) == '''"""The data part of churn.ipynb."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
from sklearn.linear_model import LogisticRegression


class FitModelResult(NamedTuple):
    """What `fit_model` returns."""

    df: pd.DataFrame
    model: LogisticRegression
    size: float
    what: Any


def fit_model(path: str, fit: Any, frames: list[Any]) -> FitModelResult:
    """Fit the model.

    We take a simple one, with `C`.

    Args:
        path: Where the export lies.

    Returns:
        `df`, `model`, `size` and `what`.

    Changes `frames` in place.

    From cell 0 of churn.ipynb.
    """
    df = pd.read_csv(path)
    model = fit(df)
    frames.append(df)
    size, what = 1.5, model
    return FitModelResult(df=df, model=model, size=size, what=what)
'''


def test_outputs_that_cannot_be_fields_are_returned_as_a_plain_tuple() -> None:
    book = notebook("_a = 1\nindex = 2\n")
    text = module_text(
        plan([stage("work", everything(book), (), ["_a: int", "index: int"])], results=[Result("index", "variable", "")]), book
    )
    assert "def work() -> tuple[int, int]:\n" in text
    assert text.endswith("    return _a, index\n")


def _churn() -> tuple[Notebook, Plan]:
    """A notebook with most of what a stage can hold, and its plan."""
    book = notebook(
        "import random\nLIMIT = 30\nSEED = 7\n",
        "# The people\nrandom.seed(SEED)\npeople = [{'age': random.randint(1, 60), 'name': f'p{i}'} for i in range(40)]; people[:3]\n",
        "def is_old(p, *args):\n    return p['age'] > LIMIT\n\ndef old(people):\n    # old\n    return [p for p in people if is_old(p)]\n",
        "kept = old(people)\nsame = list(filter(is_old, people))\nsum = sum(p['age'] for p in kept)\ntext = '''a\n  b # c\n'''\n",
        "for p in kept: p['age'] += 1; last = p['age']\nprint('mean', sum / len(kept), f'{LIMIT=}')\n[len(kept), len(same)]\n",
    )
    definitions = [
        Definition("is_old", StatementId(2, 0), "people", ("LIMIT",), (place(book, 2, "is_old(p)"),), (place(book, 3, "is_old"),)),
        Definition("old", StatementId(2, 1), "people", ("LIMIT",), (place(book, 3, "old(people)"),)),
    ]
    limit = parameter("limit", "int", 30, "LIMIT", [place(book, 2, "LIMIT"), place(book, 4, "LIMIT")])
    seed = parameter("seed", "int", 7, "SEED", places(book, 1, "SEED"))
    mean = Result("mean", "text", "", StatementId(4, 1), place(book, 4, "sum / len(kept)"))
    sizes = Result("sizes", "text", "", StatementId(4, 2), place(book, 4, "[len(kept), len(same)]"))
    stages = [
        stage("load_people", [StatementId(1, 0), StatementId(1, 1)], ["seed"], ["people: list"], module="people"),
        stage(
            "select", everything(book, 3), ["people: list", "limit"], ["kept: list", "same: list", "sum: int", "text: str"], module="people"
        ),
        stage(
            "report",
            everything(book, 4),
            ["kept", "same", "sum", "limit"],
            ["last: int", "mean: float", "sizes: list[int]"],
            results=(mean, sizes),
        ),
    ]
    names = ("people", "kept", "same", "sum", "text", "last", "LIMIT", "mean", "sizes")
    kinds = [Result(name, "text" if name in ("mean", "sizes") else "variable", "") for name in names]
    return book, plan(stages, [limit, seed], [Import("random", "random")], definitions, kinds)


def test_the_package_computes_what_the_notebook_computes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, made = _churn()
    results = run_package(made, book, tmp_path)
    printed = capsys.readouterr().out
    names = [name for name in results if name not in ("mean", "sizes")]
    expected = run_notebook(book, names)
    assert {name: results[name] for name in names} == expected
    assert results["mean"] == expected["sum"] / len(expected["kept"])
    assert results["sizes"] == [len(expected["kept"]), len(expected["same"])]
    assert capsys.readouterr().out == printed


def test_another_parameter_gives_what_the_notebook_gives_with_that_value(tmp_path: Path) -> None:
    book, made = _churn()
    other = notebook(*(cell.code.replace("LIMIT = 30", "LIMIT = 45").replace("SEED = 7", "SEED = 8") for cell in book.cells))
    names = ["people", "kept", "same", "sum", "last"]
    results = run_package(made, book, tmp_path, limit=45, seed=8)
    assert {name: results[name] for name in names} == run_notebook(other, names)


def test_generated_modules_are_clean_for_ruff(tmp_path: Path) -> None:
    book, made = _churn()
    run_package(made, book, tmp_path)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "E4,E7,E9,F,I,UP,B", "--line-length", "100"]
    settings = ["--config", 'src = ["src"]', "--ignore", "E501", "src/churn/people.py", "src/churn/data.py", "src/churn/pipeline.py"]
    done = subprocess.run([*command, *settings], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "All checks passed!\n"


def test_output_is_the_same_every_time() -> None:
    book, made = _churn()
    assert module_text(made, book, "people") == module_text(made, book, "people")


def test_a_name_that_nothing_binds_is_let_pass_by_linters() -> None:
    book = notebook("try:\n    fetch()\nexcept HTTPError:\n    pass\n")
    text = module_text(plan([stage("get", everything(book), ["fetch"])]), book)
    assert text.startswith('"""The data part of churn.ipynb."""\n\n# mypy: disable-error-code="name-defined"\n# ruff: noqa: F821\n\n')


def test_constants_stand_above_functions() -> None:
    book = notebook("def f():\n    return A\n\nA = 1\nB = f\nC = A * 2\n", "x = C\n")
    definitions = [Definition(name, StatementId(0, rank), "data") for rank, name in enumerate(["f", "A", "B", "C"])]
    text = module_text(plan([stage("go", everything(book, 1), (), ["x: int"])], (), (), definitions), book)
    assert '"""The data part of churn.ipynb."""\n\nA = 1\nC = A * 2\n\n\ndef f():\n    return A\n\n\nB = f\n\n\ndef go() -> int:\n' in text
