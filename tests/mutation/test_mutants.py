"""What is changed in a function, and what is left alone."""

from __future__ import annotations

import textwrap

import pytest

from nb2prod.mutation import Mutant, mutants_of


def changes(body: str) -> list[str]:
    source = "def stage(df, n):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"
    return [mutant.what for mutant in mutants_of(source, "data", ["stage"])]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = n < 3", ["`<` became `<=`", "3 became 4"]),
        ("x = n + 1.0", ["`+` became `-`", "1.0 became 1.1"]),
        ("x = df and n", ["`and` became `or`"]),
        ("x = not n", ["not n became n"]),
        ("x = df['age']", ["'age' became 'XXageXX'"]),
        ("x = df.drop(columns=n)", ["argument dropped: columns=n"]),
        ("x = df.mean()", ["mean() became median()"]),
        ("return df", ["the value returned became None"]),
        ("df.sort(n)", ["deleted: df.sort(n)"]),
        ("df[n] = n", ["deleted: df[n] = n"]),
        ("n += df", ["deleted: n += df", "`+` became `-`"]),
        ("if n:\n    df = n", ["the condition n was turned round"]),
        ("return StageResult(a=df, b=n)", ["returned a became None", "returned b became None"]),
    ],
)
def test_each_kind_of_fault(body: str, expected: list[str]) -> None:
    assert sorted(changes(body)) == sorted(expected)


@pytest.mark.parametrize("body", ["x = n", "import os", '"""A text about it."""', "x: 'int' = n", "pass"])
def test_left_alone(body: str) -> None:
    assert changes(body) == []


def test_a_change_that_compiles_to_the_same_is_none() -> None:
    assert changes("return None") == []


def test_only_the_functions_asked_for_are_changed() -> None:
    source = "def one():\n    return 1\n\ndef two():\n    return 2\n"
    assert mutants_of(source, "m", ["two"]) == (
        Mutant("m", "two", 5, "the value returned became None", "def two():\n    return None"),
        Mutant("m", "two", 5, "2 became 3", "def two():\n    return 3"),
    )
