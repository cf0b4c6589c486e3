"""How many lines a statement has when it is laid out, close to what black makes of it."""

from __future__ import annotations

import ast

import black
import pytest

from nb2prod.planning.heights import height

WIDE = 'label="a label of some length", color="blue", linewidth=2, linestyle="dotted"'
CASES = {
    "short": "x = f(1)",
    "wide in three lines": "plt.plot(X_fit, y_linear_fit, label='a label of some length', color='blue')",
    "wide, an argument a line": f"plt.plot(X_fit, y_linear_fit, some_other_value, {WIDE}, alpha=0.25)",
    "a list": f"columns = {[f'column number {n}' for n in range(12)]}",
    "a loop": "for row in rows:\n    total += row\n    print(total)",
    "wide in a loop": f"for row in rows:\n    plt.plot(row.x_values, row.y_values, {WIDE}, alpha=0.25)",
    "written on two lines": f"plt.plot(X_fit, y_linear_fit, some_other_value,\n         {WIDE}, alpha=0.25)",
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_the_estimate_is_near_to_what_black_makes_of_it(source: str) -> None:
    made = black.format_str(
        f"def f():\n{''.join(f'    {line}' + chr(10) for line in source.split(chr(10)))}", mode=black.Mode(line_length=100)
    )
    assert abs(height(ast.parse(source).body[0], source) - (made.count("\n") - 1)) <= 1
