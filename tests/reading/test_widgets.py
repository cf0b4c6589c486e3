"""The call that `interact` makes at once; the expected values are those of ipywidgets 8."""

from __future__ import annotations

import ast

import pytest

from nb2prod.reading.widgets import first_call

FUNCTIONS = {node.name: node for node in ast.parse("def f(x, y=3): pass\n").body if isinstance(node, ast.FunctionDef)}
CASES = [
    ("interact(f, x=7)", "f(x=7)"),
    ("interact(f, x=(0, 11))", "f(x=5)"),
    ("interact(f, x=(0, 10, 3))", "f(x=3)"),
    ("interact(f, x=(0.0, 1.0))", "f(x=0.5)"),
    ("interact(f, x=['a', 'b'], y=(0, 9))", "f(x='a')"),
    ("interact(f, x={'one': 1, 'two': 2})", "f(x=1)"),
    ("interact(f, x=fixed(df), y=fixed(1))", "f(x=df, y=1)"),
    ("interact(f, x=IntSlider(min=0, value=k))", "f(x=k)"),
    ("interact(lambda x: x, x=True)", "(lambda x: x)(x=True)"),
    ("interact(f, x=IntSlider(min=0))", None),
    ("interact(f, x=columns)", None),
    ("interact(unknown, x=1)", None),
    ("interact(f, **options)", None),
    ("interact(x=1)", None),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_the_first_call(source: str, expected: str | None) -> None:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    assert first_call(call, FUNCTIONS) == expected
