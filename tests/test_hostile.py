"""`analyze`, `explain` and their reading never run, import or fetch anything of a hostile notebook or of the folder it lies in.

Each case runs in a process of its own, in the notebook's folder, with an audit hook that notes what is executed, imported from there, started or
connected to, and within bounds of time and memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

SECONDS, MEMORY = 120, 3 << 30
TOUCH = "import pathlib; pathlib.Path(__file__).with_name('RAN').touch()\n"
DRIVER = """
import sys
folder, report = sys.argv[1], sys.argv[2]
noted = []
def hook(event, given):
    if event == "exec" and (given[0].co_filename.startswith((folder, "<cell", "<statement", "<unknown")) or given[0].co_filename == "x.py"):
        noted.append(f"exec {given[0].co_filename}")
    if event == "import" and given[1] and str(given[1]).startswith(folder):
        noted.append(f"import {given[0]}")
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect", "socket.bind", "urllib.Request", "pickle.find_class"):
        noted.append(event)
    if event == "open" and str(given[0]).startswith(folder) and "w" in str(given[1]):
        noted.append(f"write {given[0]}")
sys.addaudithook(hook)
sys.argv = ["nb2prod", *sys.argv[3:]]
import runpy
code = 0
try:
    runpy.run_module("nb2prod", run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code or 0
noted += [f"module {name}" for name, module in list(sys.modules.items()) if str(getattr(module, "__file__", "")).startswith(folder)]
open(report, "w").write(repr((code, sorted(set(noted)))))
"""


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def write_notebook(path: Path, cells: list[str]) -> None:
    made = [
        {"cell_type": "code", "id": str(n), "metadata": {}, "execution_count": None, "outputs": [], "source": c}
        for n, c in enumerate(cells)
    ]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}), encoding="utf-8")


def outcome(tmp_path: Path, files: Mapping[str, str | bytes], *words: str) -> tuple[int, list[str]]:
    """The exit code, and everything that should not have happened."""
    folder = tmp_path / "work"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = {path.name for path in folder.rglob("*")}
    report = tmp_path / "report"
    command = [sys.executable, "-c", DRIVER, str(folder), str(report), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, preexec_fn=bounded)
    assert report.exists(), done.stderr.decode(errors="replace")[-2000:]
    code, noted = eval(report.read_text())
    assert b"bug in nb2prod" not in done.stderr, done.stderr.decode(errors="replace")[-2000:]
    return code, noted + [f"left {path.name}" for path in folder.rglob("*") if path.name not in before]


LOCAL = {
    f"{name}.py": TOUCH
    for name in ("pandas", "json", "numpy", "click", "tomllib", "ast", "difflib", "helper", "sitecustomize", "conftest", "IPython")
}
CASES: dict[str, list[str]] = {
    "modules beside it": [
        "import pandas as pd, json, helper\nfrom helper import *\nhelper.run()\nprint(pd.read_csv('a.csv').x.mean())",
        "%time helper.run()",
    ],
    "dynamic imports": [
        "__import__('helper')\nimport importlib\nimportlib.import_module('helper')\nexec('import helper')\neval(\"__import__('helper')\")"
    ],
    "import hooks": [
        "import sys\nclass F:\n    def find_spec(self, *a):\n        open('RAN', 'w')\nsys.meta_path.insert(0, F())\nsys.path.insert(0, '.')\nimport helper"
    ],
    "processes and the network": [
        "import os, subprocess, urllib.request\nos.system('touch RAN')\nsubprocess.run(['touch', 'RAN'])",
        "!touch RAN",
        "%%bash\ntouch RAN",
    ],
    "pickles": [
        "import pickle\nx = pickle.loads(b\"cos\\nsystem\\n(S'touch RAN'\\ntR.\")\ny = pickle.load(open('a.pkl', 'rb'))\nprint(x, y)"
    ],
    "huge numbers": ["x = 10**10**10\ny = 9**9**9**9\nz = 1 << (1 << 40)\nprint(x, y, z)", "TEST = 10**10**10", "print(-(10**10**9))"],
    "huge texts": [
        "x = 'a' * 10**12\ny = ['a'] * 10**12\nz = b'a' * 10**12\nprint(len(x), len(y), z)",
        "print(f\"{'a' * 10**12:>1000000000000}\")",
    ],
    "formats": ["w = '%999999999999d' % 1\nv = '{:>999999999999}'.format(1)\nu = f'{1:>999999999999}'\nprint(w, v, u)"],
    "deep nesting": [
        "x = " + "(" * 150 + "1" + ")" * 150 + "\nprint(x)",
        "y = " + "[" * 90 + "]" * 90 + "\nprint(y)",
        "z = " + "-" * 3000 + "1\nprint(z)",
    ],
    "long chains": ["x = " + "+".join(["1"] * 5000) + "\nprint(x)", "y = x" + ".a" * 2000, "if x:\n pass\n" + "elif x:\n pass\n" * 500],
    "giant lists": [
        "x = [" + "1," * 50_000 + "]\nprint(len(x))",
        "d = {" + ",".join(f"'{n}': {n}" for n in range(10_000)) + "}\nprint(len(d))",
    ],
    "no text": [
        "x = 1\x00\nprint(x)",
        "\ud800".encode("utf-8", "replace").decode() + "\nprint('\\ud800')",
        "\ufeffx = 1",
        "x\u200b = 1",
        "\x0c\x0cprint(1)",
    ],
    "encodings": [
        "# -*- coding: rot13 -*-\nprint('cevag')",
        "# coding: utf-7\nx = 1\nprint(x)",
        "# vim: set fileencoding=unicode_escape :\nprint(1)",
    ],
    "files that are run": ["%run ../outside.py", "%run helper.py", "%load helper.py", "%run /etc/passwd", "exec(open('helper.py').read())"],
    "endless code": ["def f(x):\n    return f(f(x))\nprint(f(1))", "while True:\n    x = [x] if 0 else []", "g = lambda: g()\nprint(g())"],
    "decorators and classes": ["import helper\n@helper.run\nclass C(metaclass=helper.M):\n    x = helper.run()\nprint(C.x)"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_nothing_of_a_hostile_notebook_happens(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.py").write_text(TOUCH)
    (tmp_path / "work").mkdir()
    write_notebook(tmp_path / "work" / "hostile.ipynb", CASES[name])
    code, happened = outcome(
        tmp_path,
        {**LOCAL, "a.pth": "import pathlib; pathlib.Path('RAN').touch()\n", "a.pkl": b"cos\nsystem\n(S'touch RAN'\ntR."},
        "analyze",
        "hostile.ipynb",
    )
    assert happened == []
    assert code in (0, 1)
    assert not (tmp_path / "RAN").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [("analyze", "--format", "json"), ("analyze", "--format", "html"), ("explain", "--plan"), ("explain", "--graph")]
)
def test_no_way_of_looking_runs_anything(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "work").mkdir()
    write_notebook(tmp_path / "work" / "hostile.ipynb", CASES["modules beside it"] + CASES["processes and the network"])
    code, happened = outcome(tmp_path, LOCAL, words[0], "hostile.ipynb", *words[1:])
    assert (code in (0, 1, 2), happened) == (True, [])


@pytest.mark.slow
def test_a_link_out_of_the_folder_is_not_followed_into_running(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text(TOUCH)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "helper.py").symlink_to(tmp_path / "outside.py")
    (tmp_path / "work" / "loop").symlink_to(tmp_path / "work")
    write_notebook(tmp_path / "work" / "hostile.ipynb", ["import helper\nhelper.run()", "%run helper.py"])
    assert outcome(tmp_path, {}, "analyze", "hostile.ipynb")[1] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04\x95",
        b"{" * 100_000,
        b'{"cells": [' + b"[" * 50_000,
        b"\xff\xfe{\x00}\x00",
        b'{"nbformat": 4, "cells": 1e999999}',
        b"",
        b"null",
        b"\x00" * 1000,
    ],
    ids=["pickle", "braces", "brackets", "utf-16", "number", "empty", "null", "zeros"],
)
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, content: bytes) -> None:
    assert outcome(tmp_path, {"hostile.ipynb": content}, "analyze", "hostile.ipynb") == (2, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 5000 + " = 1",
        "x = " + "[" * 5000,
        "[[functions]]\nnames = ['pandas.read_csv']\nupdates = ['0 if x=9**9**9']",
        "functions = 1979-05-27",
        "\x00",
    ],
)
def test_a_hostile_knowledge_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "work").mkdir()
    write_notebook(tmp_path / "work" / "plain.ipynb", ["x = 1\nprint(x + 1)"])
    assert outcome(tmp_path, {"k.toml": text}, "analyze", "plain.ipynb", "--knowledge", "k.toml") == (2, [])
