"""The rewrite `main_name`: before and after, and what it leaves alone."""

from __future__ import annotations

import pytest
from codegen.rewriting import after

from nb2prod.codegen.rewrites.main_name import rewrite

BOUND = ()
CASES = [
    ("log = getLogger(__name__)\n", 'log = getLogger("__main__")\n'),
    (
        'def f():\n    # run\n    if __name__ == "__main__":\n        # now\n        a()\n        b()\n',
        "def f():\n    # run\n    # now\n    a()\n    b()\n",
    ),
    (
        "def f():\n    if __name__ == '__main__':\n        a()\n    else:\n        b()\n",
        "def f():\n    if \"__main__\" == '__main__':\n        a()\n    else:\n        b()\n",
    ),
]
LEFT_ALONE = ["print(type(x).__name__)\n", "print('__name__')\n", "def f():\n    if x:\n        a()\n"]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code


def test_definitions_do_not_depend_on_the_module_they_move_to() -> None:
    assert after(rewrite, "log = getLogger(__name__)\n", stage=False) == 'log = getLogger("__main__")\n'
