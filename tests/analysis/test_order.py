"""Which order the statements are taken in, and what is said about it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import pytest
from analysis.programs import notebook_of

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.diagnostic import Diagnostic, Severity

RESTART = "restart the kernel and run all cells to see the results of that order"


def order_of(codes: Sequence[str], counts: Sequence[int | None] | None = None) -> tuple[list[int], tuple[Diagnostic, ...]]:
    analysis = analyze(notebook_of(codes, counts), load_knowledge())
    found = tuple(finding for finding in analysis.diagnostics if finding.code in ("NB101", "NB102"))
    return [id.cell for id in analysis.order], found


@pytest.mark.parametrize("counts", [None, [1, 2, 3], [4, 9, 12], [1, None, 2], [None, None, None]])
def test_counts_that_grow_down_the_page_or_are_missing_mean_document_order(counts: list[int | None] | None) -> None:
    assert order_of(["a = 1", "b = 2", "print(a + b)"], counts) == ([0, 1, 2], ())


def told(rest: str) -> str:
    return (
        "by the saved execution counts cell 1 ran before cell 0; "
        f"the cells are taken in the order they stand in, as `Run all` takes them, {rest}"
    )


def test_counts_out_of_order_are_noted_where_they_make_no_difference() -> None:
    message = told("and every statement works with the same values in both orders")
    assert order_of(["a = 1", "b = 2", "print(a + b)"], [2, 1, 3]) == ([0, 1, 2], (Diagnostic("NB101", Severity.note, message, RESTART),))


def test_counts_out_of_order_are_warned_of_where_both_orders_serve_and_give_other_values() -> None:
    message = told("for both orders define every name before its use: results may differ from the saved ones")
    assert order_of(["a = 1", "a = 2", "print(a + 1)"], [2, 1, 3]) == (
        [0, 1, 2],
        (Diagnostic("NB101", Severity.warning, message, RESTART),),
    )


def test_the_order_of_the_counts_is_followed_where_only_it_defines_every_name_in_time() -> None:
    message = (
        "the cells were run in another order than they stand in, and only that order defines every name before its use: it is followed"
    )
    assert order_of(["print(total)", "total = 3 * 2"], [2, 1]) == (
        [1, 0],
        (Diagnostic("NB102", Severity.warning, message, "move the cells into the order they must run in"),),
    )


def test_where_no_order_serves_the_document_is_followed_and_it_is_said() -> None:
    message = told("for no order defines every name before its use")
    assert order_of(["a = missing", "b = 2", "print(a + b)"], [2, 1, 3]) == (
        [0, 1, 2],
        (Diagnostic("NB101", Severity.warning, message, RESTART),),
    )


def test_a_function_may_use_what_is_defined_before_its_call() -> None:
    assert order_of(["def f():\n    return rate", "rate = 2", "print(f())"], [1, 3, 4])[0] == [0, 1, 2]


def test_a_cell_that_never_ran_comes_after_those_that_did_in_the_order_of_the_counts() -> None:
    assert order_of(["print(total)", "extra = 1", "total = 3 * 2"], [2, None, 1])[0] == [2, 0, 1]


@pytest.mark.parametrize(
    ("last", "dead"),
    [
        ("import sys\nsys.exit()\nx = 2", ["2", "3"]),
        ("exit()\nx = 2", ["1", "2"]),
        ("raise ValueError('no')\nx = 2", ["1", "2"]),
        ("y = 1 / 0\nx = 2", ["1", "2"]),
        ("y = x / 0\nx = 2", []),
        ("if x:\n    raise SystemExit\nx = 2", []),
        ("def exit(): pass\nexit()\nx = 2", []),
    ],
)
def test_what_follows_a_sure_end_of_its_cell_never_runs(last: str, dead: list[str]) -> None:
    analysis = analyze(notebook_of(["x = 1", last]), load_knowledge())
    never = [one.statement for one in analysis.decisions if one.reason.startswith(("raised", "never ran"))]
    assert [str(line_of(last, id.index)) for id in never] == dead


def line_of(cell: str, rank: int) -> int:
    return ast.parse(cell).body[rank].lineno
