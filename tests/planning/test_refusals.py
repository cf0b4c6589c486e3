"""What no package can hold is refused with the cell, the line and what to do; what only looks like it is not."""

from __future__ import annotations

import pytest
from planning.programs import make

from nb2prod.errors import NotebookError

REFUSED = {
    "a secret in an f-string": (
        "host = 'db'\nurl = f'postgresql://me:hunter2@{host}/sales'\nprint(url)",
        ("NB302", "a secret inside a formatted text cannot be taken out of it", 0, 2),
    ),
}
LEFT_ALONE = [
    "k = 3\nprint(eval('k + 1'))",
    "x = 1\nexec('hidden = 5')\nprint(hidden)",
    "x = dict(a=1)\nprint(vars(x) if hasattr(x, 'b') else x)",
    "host = 'db'\nprint(f'postgresql://{host}/sales')",
]


@pytest.mark.parametrize(("source", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_with_its_place(source: str, expected: tuple[str, str, int, int]) -> None:
    with pytest.raises(NotebookError, match="the notebook cannot be converted as it is") as caught:
        make([("python", source)])
    found = [(d.code, d.message, d.cell, d.line) for d in caught.value.diagnostics if d.severity == "error"]
    assert found == [expected]


@pytest.mark.parametrize("source", LEFT_ALONE)
def test_what_only_looks_like_it_is_planned(source: str) -> None:
    assert make([("python", source)]).plan.stages
