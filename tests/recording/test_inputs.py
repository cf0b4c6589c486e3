"""Data that lies elsewhere, tables cut to their beginning, variables that nobody may see, and what is told when something is not there."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.model.choices import Choices
from nb2prod.model.recording import Recording
from nb2prod.recording import Runner
from nb2prod.recording.inputs import copy_beginning
from nb2prod.wire import to_data

READING = (
    "import gzip, os",
    "a = open('a.csv').read()",
    "b = open('../input/b.csv').read()",
    "c = open('/content/drive/set/c.csv').read()",
    "d = open(os.path.join('/kaggle/input', 'd.csv')).read()",
    "e = open('deep/e.csv').read()",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    for name in ("a.csv", "b.csv", "set/c.csv", "input/d.csv", "deep/e.csv"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"from {name}")
    return folder


def run(python: str, folder: Path, *cells: str, **choices: object) -> Recording:
    return Runner(Choices(python=python, **choices)).record(make_notebook(folder / "nb.ipynb", *cells))  # type: ignore[arg-type]


def test_missing_files_are_found_in_the_given_folder_and_those_there_go_first(plain_python: str, data: Path, tmp_path: Path) -> None:
    here = tmp_path / "nbs" / "mine"
    here.mkdir(parents=True)
    (here / "a.csv").write_text("mine")
    seen = run(plain_python, here, *READING, data=str(data))
    assert {name: seen.variables[name]["value"] for name in "abcde"} == {
        "a": "mine",
        "b": "from b.csv",
        "c": "from set/c.csv",
        "d": "from input/d.csv",
        "e": "from deep/e.csv",
    }
    assert seen.reads == ("a.csv", "../input/b.csv", "/content/drive/set/c.csv", "/kaggle/input/d.csv", "deep/e.csv")
    assert sorted(path.name for path in here.iterdir()) == ["a.csv"]


TEXT = 'x,y\n1,"a\nb"\n2,"c"\n3,d\n'
LINES = '{"x": 1}\n{"x": 2}\n{"x": 3}\n'


@pytest.mark.parametrize(
    ("name", "text", "rows", "kept"),
    [
        ("a.csv", TEXT, 1, 'x,y\n1,"a\nb"\n'),
        ("a.tsv", TEXT, 2, 'x,y\n1,"a\nb"\n2,"c"\n'),
        ("a.csv", TEXT, 3, None),
        ("a.jsonl", LINES, 2, '{"x": 1}\n{"x": 2}\n'),
        ("A.CSV.GZ", TEXT, 1, 'x,y\n1,"a\nb"\n'),
    ],
)
def test_the_beginning_of_a_table_is_its_header_and_first_rows(name: str, text: str, rows: int, kept: str | None, tmp_path: Path) -> None:
    source, target = tmp_path / name, tmp_path / "cut" / name
    target.parent.mkdir()
    pack, unpack = (gzip.compress, gzip.decompress) if name.endswith("GZ") else (bytes, bytes)
    source.write_bytes(pack(text.encode()))
    assert copy_beginning(source, target, rows) is (kept is not None)
    assert (unpack(target.read_bytes()).decode() if target.exists() else None) == kept


def test_a_run_on_a_sample_says_which_files_were_cut(plain_python: str, tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("x\n1\n2\n3\n")
    (tmp_path / "short.csv").write_text("x\n1\n")
    seen = run(plain_python, tmp_path, "n = len(open('long.csv').readlines())", sample=2)
    assert (seen.variables["n"]["value"], seen.sampled) == (3, ("long.csv",))
    assert (tmp_path / "long.csv").read_text() == "x\n1\n2\n3\n"


def test_a_variable_is_there_in_the_run_and_its_value_in_nothing_that_is_told(plain_python: str, tmp_path: Path) -> None:
    cells = (
        "import os, sys\ntoken = os.environ['TOKEN']\nprint('token', token, len(token))\nwarned = {'key': token}",
        "with open('note.txt', 'w') as f:\n    n = f.write(token)",
        "import subprocess\nsubprocess.run(['echo', token])\nraise ValueError(token)",
    )
    seen = run(plain_python, tmp_path, *cells, variables={"TOKEN": "s3cret-value"})
    assert "s3cret" not in json.dumps(to_data(seen))
    assert seen.stdout[next(iter(seen.stdout))] == "token *** 12\n"
    assert (seen.variables["token"]["value"], seen.failures[0].message) == ("***", "***")


@pytest.mark.parametrize(
    ("code", "missing", "advice"),
    [
        ("open('no/x.csv')", "the file no/x.csv", "put it there, or name the folder that holds it with --data DIR"),
        ("import nowhere.to.find", "the module nowhere", "install it where the notebook runs, or choose another interpreter with --python"),
        ("import os; os.environ['NO_SUCH']", "the environment variable NO_SUCH", "give it with --env NO_SUCH=VALUE"),
        (
            "import urllib.request; urllib.request.urlopen('http://nb2prod.invalid/x', timeout=3)",
            "the host nb2prod.invalid",
            "run where it can be reached: `nb2prod verify DIR` proves the package later, elsewhere",
        ),
        ("{}['x']", "", ""),
        ("1 / 0", "", ""),
    ],
)
def test_what_was_missing_is_named_with_what_to_do(code: str, missing: str, advice: str, plain_python: str, tmp_path: Path) -> None:
    (failure,) = run(plain_python, tmp_path, code).failures
    assert (failure.missing, failure.advice) == (missing, advice)
    assert failure.told.endswith(f"; {missing} is missing: {advice}" if missing else failure.message)


def test_a_second_run_hashes_texts_differently_unless_a_seed_is_chosen(plain_python: str, tmp_path: Path) -> None:
    notebook = make_notebook(tmp_path / "nb.ipynb", "h = hash('x')")
    plain, seeded = Runner(Choices(python=plain_python)), Runner(Choices(python=plain_python, seed=1))
    first, second, alike = plain.record(notebook), plain.record(notebook, again=True), seeded.record(notebook, again=True)
    assert (first.variables == alike.variables, first.variables == second.variables) == (True, False)


def test_a_second_run_that_was_started_ahead_is_stopped_when_nobody_asks(plain_python: str, tmp_path: Path) -> None:
    import time

    notebook = make_notebook(tmp_path / "nb.ipynb", "import time; time.sleep(60)")
    started = time.monotonic()
    with Runner(Choices(python=plain_python)).recording_again(notebook, None, ahead=True):
        time.sleep(1)
    assert time.monotonic() - started < 30
    with Runner(Choices(python=plain_python)).recording_again(make_notebook(tmp_path / "b.ipynb", "x = 1"), None, ahead=True) as again:
        assert again().variables == {"x": {"kind": "int", "value": 1}}


def test_a_module_that_no_distribution_brought_is_told_without_one(plain_python: str, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "checks.py").write_text("def ok(x):\n    return x == 1\n", encoding="utf-8")
    (tmp_path / "tools" / "edited.py").write_text("", encoding="utf-8")
    (tmp_path / "tools" / "edited-1.0.dist-info").mkdir()
    (tmp_path / "tools" / "edited-1.0.dist-info" / "METADATA").write_text("Name: edited\nVersion: 1.0\n", encoding="utf-8")
    seen = run(plain_python, tmp_path, "import sys", "sys.path.insert(0, 'tools')", "import checks, edited, json", "a = checks.ok(1)")
    assert (seen.variables["a"]["value"], dict(seen.environment.modules)) == (True, {"checks": ("", "")})
