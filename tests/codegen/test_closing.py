"""Closings of figures that nothing can notice are left out."""

from __future__ import annotations

import pytest

from nb2prod.codegen.closing import needless_closes
from nb2prod.model.notebook import StatementId


def needless(*cells: str, captured: tuple[int, ...] = ()) -> list[int]:
    """The cells, of a statement each and closed at their ends, whose closing is needless."""
    ids = [StatementId(cell, 0) for cell in range(len(cells))]
    found = needless_closes(list(zip(ids, cells, strict=True)), set(ids), {ids[cell] for cell in captured})
    return sorted(id.cell for id in found)


def test_axes_that_are_worked_on_by_name_need_not_be_closed_before() -> None:
    assert needless("fig, ax = plt.subplots()", "ax.plot(range(3))", "fig.savefig('a.png')") == [0, 1]


@pytest.mark.parametrize(
    "code",
    [
        "plt.plot(x)",
        "sns.heatmap(x)",
        "df.plot(ax=ax)",
        "fig, ax = plt.subplots()",
        "ax = draw(ax)",
        "fig.show()",
        "print(fig.number)",
        "ax.plot(f(x))",
        "ax.plot(df.mean())",
        "import style",
    ],
)
def test_what_may_ask_for_the_current_figure_finds_it_closed(code: str) -> None:
    assert needless("fig, ax = plt.subplots()", code, "x = 1") == [1]


def test_a_figure_that_is_held_on_to_is_closed_at_once() -> None:
    assert needless("fig, ax = plt.subplots()", "ax.plot(x)", captured=(1,)) == []
