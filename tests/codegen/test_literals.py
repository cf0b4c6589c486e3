from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb2prod.codegen.literals import literal

SIMPLE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
PLAIN = st.recursive(SIMPLE, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.lists(inner).map(tuple), max_leaves=20)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("it's", '"it\'s"'),
        ('say "x"\n', '"say \\"x\\"\\n"'),
        ("\x00", "'\\x00'"),
        (float("inf"), 'float("inf")'),
        ((1,), "(1,)"),
        ((), "()"),
        ({"b", "a"}, '{"a", "b"}'),
        (set(), "set()"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": [1, None]}, '{"a": [1, None]}'),
        (2j, "2j"),
    ],
)
def test_a_value_is_written_with_double_quotes(value: object, source: str) -> None:
    assert literal(value) == source


def test_a_long_container_has_one_item_a_line() -> None:
    value = {"columns": ["x" * 40, "y" * 40, "z" * 40], "n": 1}
    lines = ["{", '        "columns": [', *(f'            "{letter * 40}",' for letter in "xyz"), "        ],", '        "n": 1,', "    }"]
    assert literal(value, "    ").splitlines() == lines
    assert "\n" not in literal(value, None)


@given(PLAIN)
def test_a_literal_reads_back_as_its_value(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value
    assert ast.literal_eval(literal(value, None)) == value


def test_nan_is_a_call() -> None:
    assert math.isnan(eval(literal(math.nan)))
