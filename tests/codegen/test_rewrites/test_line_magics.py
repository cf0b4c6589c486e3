"""The rewrite `line_magics`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.line_magics import rewrite

BOUND = ("folder",)
CASES = [
    ("get_ipython().run_line_magic('cd', 'data')\n", "os.chdir('data')\n"),
    ("get_ipython().run_line_magic('cd', '\"my data\"')\n", "os.chdir('my data')\n"),
    ("get_ipython().run_line_magic('cd', '~/data')\n", "os.chdir(os.path.expanduser('~/data'))\n"),
    ("get_ipython().run_line_magic('cd', '')\n", "os.chdir(os.path.expanduser('~'))\n"),
    ("get_ipython().run_line_magic('cd', '{folder}/x')  # go\n", "os.chdir(f'{folder}/x')  # go\n"),
    ("get_ipython().run_line_magic('env', 'A=b c')\n", "os.environ['A'] = 'b c'\n"),
    ("get_ipython().run_line_magic('set_env', 'A b')\n", "os.environ['A'] = 'b'\n"),
    ("x = 1\nget_ipython().run_line_magic('timeit', 'f()')\n", "x = 1\n"),
    ("def f():\n    get_ipython().run_cell_magic('timeit', '', 'f()')\n", "def f():\n    pass\n"),
]
LEFT_ALONE = [
    "get_ipython().run_line_magic('cd', '-')\n",
    "get_ipython().run_line_magic('env', 'A')\n",
    "t = get_ipython().run_line_magic('timeit', '-o f()')\n",
    "get_ipython().run_line_magic('sql', 'select 1')\n",
    "get_ipython().run_line_magic(name, 'x')\n",
]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
