"""Names nobody reads go from stages where that changes nothing else; the rest is told."""

from __future__ import annotations

import libcst as cst
import pytest

from nb2prod.codegen.unread import has_unread, without_unread

GONE = {
    "a call": ("x = f()", "f()"),
    "several targets": ("x = y = f()", "f()"),
    "an exception": ("try:\n        f()\n    except E as x:\n        g()", "try:\n        f()\n    except E:\n        g()"),
    "a context": ("with f() as x:\n        g()", "with f():\n        g()"),
}
TOLD = {
    "no call": "x = 1  # one",
    "an annotation": "x: int = 1",
    "one of several targets": "x = y = f()\n    g(x)",
    "a tuple of values": "x, y = a, b\n    f(y)",
    "counted up": "x = f()\n    x += 1",
    "in a function inside": "def g():\n        x = f()\n    g()",
}
LEFT_ALONE = {
    "read": "x = f()\n    g(x)",
    "read in a function inside": "x = f()\n    def g():\n        return x\n    g()",
    "deleted": "for i in a:\n        x, y = f()\n    del x",
    "unpacked": "x, y = f()",
    "a loop": "for x in y:\n        f()",
    "meant to be unread": "_x = f()",
    "of a class": "class A:\n        x = f()\n    A()",
    "declared": "def g():\n        global x\n        x = f()\n    g()",
}


def _after(body: str) -> str:
    return without_unread(cst.parse_module(f"def work():\n    {body}\n")).code.removeprefix("def work():\n    ").removesuffix("\n")


@pytest.mark.parametrize(("before", "after"), GONE.values(), ids=GONE.keys())
def test_a_name_that_is_all_that_has_to_go_goes(before: str, after: str) -> None:
    assert has_unread(f"def work():\n    {before}\n")
    assert _after(before) == after
    assert not has_unread(f"def work():\n    {after}\n")


@pytest.mark.parametrize("code", TOLD.values(), ids=TOLD.keys())
def test_another_name_nobody_reads_stays_and_is_told(code: str) -> None:
    assert _after(code) == code
    assert has_unread(f"def work():\n    {code}\n")


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_left_alone(code: str) -> None:
    assert _after(code) == code
    assert not has_unread(f"def work():\n    {code}\n")


def test_a_name_that_may_be_read_by_its_text_stays() -> None:
    assert _after("x = f()\n    df.query('a > @x')") == "x = f()\n    df.query('a > @x')"
