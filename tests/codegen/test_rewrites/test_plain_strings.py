"""The rewrite `plain_strings`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.plain_strings import rewrite

BOUND = ()
CASES = [
    ("print(f'done {{ok}}')\n", "print('done {ok}')\n"),
    ('x = (f"""a\n  b""")\n', 'x = ("""a\n  b""")\n'),
    ("x = rf'\\d'\n", "x = r'\\d'\n"),
    ("x = f''\n", "x = ''\n"),
]
LEFT_ALONE = ["x = f'{a}'\n", "x = f'a' f'{b}'\n", "x = 'f'\n", "x = 'a {b}'\n"]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code
