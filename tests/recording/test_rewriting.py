"""What the tracer's calls look like in a cell's syntax tree."""

from __future__ import annotations

import ast

import pytest

from nb2prod.recording.probe.rewriting import instrument, stored_names

MARK = "__nb2prod__.at({})\n"


def rewritten(code: str, *ranks: int) -> str:
    return ast.unparse(instrument(ast.parse(code), ranks or tuple(range(len(ast.parse(code).body)))))


def test_each_statement_is_told_to_the_tracer_before_it_runs() -> None:
    assert rewritten("x = 1; y = 2\nx") == "__nb2prod__.at(0)\nx = 1\n__nb2prod__.at(1)\ny = 2\n__nb2prod__.at(2)\nx"


def test_only_the_asked_statements_stay_and_nothing_but_the_cells_last_one_can_be_displayed() -> None:
    assert rewritten("x\ny\nz", 1) == "__nb2prod__.at(1)\ny\n__nb2prod__.at(None)"


@pytest.mark.parametrize(
    ("print_statement", "expected"),
    [
        ("print(a)", "print(__nb2prod__.show(0, a))"),
        ("print('rows', n, 3, m)", "print('rows', __nb2prod__.show(0, n), 3, __nb2prod__.show(1, m))"),
        ("print(f'{a:.2f} of {b!r}', c)", "print(f'{__nb2prod__.show(0, a):.2f} of {__nb2prod__.show(1, b)!r}', __nb2prod__.show(2, c))"),
        ("print(f'{a:{width}}', b)", "print(f'{__nb2prod__.show(0, a):{width}}', __nb2prod__.show(1, b))"),
        ("print(*rows, sep=s)", "print(*__nb2prod__.show(0, rows), sep=s)"),
        ("print('%d' % n)", "print(__nb2prod__.show(0, '%d' % n))"),
        ("print('x')", "print('x')"),
        ("print()", "print()"),
        ("if a:\n    print(b)", "if a:\n    print(b)"),
        ("x = print(a)", "x = print(a)"),
        ("log.print(a)", "log.print(a)"),
    ],
)
def test_values_shown_by_a_print_are_numbered_in_order_of_the_source(print_statement: str, expected: str) -> None:
    assert rewritten(print_statement) == MARK.format(0) + expected


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("a, (b, *c) = x", ["a", "b", "c"]),
        ("for i in rows:\n    t = i", ["i", "t"]),
        ("import os.path, numpy as np\n", ["np", "os"]),
        ("def f(a):\n    b = 1", ["f"]),
        ("class C:\n    x = 1", ["C"]),
        ("y = [n for n in (z := rows)]", ["y", "z"]),
        ("with open(p) as f: pass", ["f"]),
        ("df['x'] = 1", []),
        ("g = lambda q: (w := q)", ["g"]),
    ],
)
def test_names_a_statement_binds(statement: str, names: list[str]) -> None:
    assert stored_names(ast.parse(statement).body[0]) == names
