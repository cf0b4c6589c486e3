"""The rewrite `sound_escapes`: before and after, and what it leaves alone."""

from __future__ import annotations

import ast

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.sound_escapes import rewrite

BOUND = ()
CASES = [
    ("x = ' ([A-Z]+)\\.'\n", "x = r' ([A-Z]+)\\.'\n"),
    ("x = '\\d\\n'\n", "x = '\\\\d\\n'\n"),
    ("x = b'\\d'\n", "x = rb'\\d'\n"),
    ("x = '\\\\\\d'\n", "x = '\\\\\\\\d'\n"),
    ('x = """\\s\n"""\n', 'x = r"""\\s\n"""\n'),
    ("x = 'a\\.' 'b\\n'\n", "x = r'a\\.' 'b\\n'\n"),
]
LEFT_ALONE = ["x = 'a\\n'\n", "x = r'\\d'\n", "x = '\\\\d'\n", "x = f'{a}\\d'\n", "x = 'it\\'s'\n", "x = '\\N{DASH}\\u00e9\\x41'\n"]


@pytest.mark.parametrize(("before", "expected"), CASES)
@pytest.mark.filterwarnings("ignore")
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected
    assert ast.literal_eval(before.removeprefix("x = ")) == ast.literal_eval(expected.removeprefix("x = "))


@pytest.mark.parametrize("code", LEFT_ALONE)
@pytest.mark.filterwarnings("ignore")
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
