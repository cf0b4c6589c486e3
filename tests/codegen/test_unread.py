"""Names nobody reads go from stages and are marked in definitions."""

from __future__ import annotations

import libcst as cst
import pytest

from nb2prod.codegen.unread import settle_unread

STAGE = {
    "a call": ("x = f()", "f()"),
    "several targets": ("x = y = f()", "f()"),
    "no call": ("x = 1  # one", "x = 1  # one  # noqa: F841"),
    "an annotation": ("x: int = 1", "x: int = 1  # noqa: F841"),
    "a tuple of values": ("x, y = a, b\n    f(y)", "x, y = a, b  # noqa: F841\n    f(y)"),
    "an exception": ("try:\n        f()\n    except E as x:\n        g()", "try:\n        f()\n    except E:\n        g()"),
    "a context": ("with f() as x:\n        g()", "with f():\n        g()"),
    "in a function inside": ("def g():\n        x = f()\n    g()", "def g():\n        x = f()  # noqa: F841\n    g()"),
}
LEFT_ALONE = {
    "read": "x = f()\n    g(x)",
    "read in a function inside": "x = f()\n    def g():\n        return x\n    g()",
    "read by name": "x = f()\n    df.query('a > @x')",
    "unpacked": "x, y = f()",
    "a loop": "for x in y:\n        f()",
    "meant to be unread": "_x = f()",
    "deleted": "x = f()\n    del x",
    "counted up": "x = f()\n    x += 1",
    "of a class": "class A:\n        x = f()\n    A()",
    "declared": "def g():\n        global x\n        x = f()\n    g()",
}


@pytest.mark.parametrize(("before", "after"), STAGE.values(), ids=STAGE.keys())
def test_a_stage_loses_them(before: str, after: str) -> None:
    assert settle_unread(cst.parse_module(f"def work():\n    {before}\n"), stage=True).code == f"def work():\n    {after}\n"


@pytest.mark.parametrize("stage", [True, False])
@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_left_alone(code: str, stage: bool) -> None:
    assert settle_unread(cst.parse_module(f"def work():\n    {code}\n"), stage).code == f"def work():\n    {code}\n"


def test_a_definition_keeps_them_with_a_mark() -> None:
    before = "def f():\n    x = g()\n    try:\n        h()\n    except E as e:\n        h()\n    with g() as c:\n        h()\n"
    after = (
        before.replace("g()\n    try", "g()  # noqa: F841\n    try")
        .replace("as e:", "as e:  # noqa: F841")
        .replace("as c:", "as c:  # noqa: F841")
    )
    assert settle_unread(cst.parse_module(before), stage=False).code == after
