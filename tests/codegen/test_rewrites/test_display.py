"""The rewrite `display`: before and after, and what it leaves alone."""

from __future__ import annotations

import libcst as cst
import pytest
from codegen.rewriting import after

from nb2prod.codegen.names import MODULES, Names
from nb2prod.codegen.rewrites.display import rewrite

BOUND = ()
CASES = [
    ("display(df)\n", "print(df)\n"),
    ("display(a, b)\n", 'print(a, b, sep="\\n")\n'),
    ("display(*frames)\n", 'print(*frames, sep="\\n")\n'),
    ("display(a, display_id='x')\n", "print(a)\n"),
    ("frames.map(display)\n", "frames.map(print)\n"),
]
IMPORTED = [
    ("d(df)\n", "print(df)\n"),
    ("ipd.display(Markdown(f'**{x}**'), a)\n", "print(f'**{x}**', a, sep=\"\\n\")\n"),
    ("f()\nclear_output(wait=True)\n", "f()\n"),
    ("f()\ndisplay(Image('a.png'), width=3)\n", "f()\n"),
    ("display(Image('a.png'), 1)\n", "print(1)\n"),
    ("f()\nImage('a.png')\n", "f()\n"),
    ("page = Image('a.png')\n", "page = Image('a.png')\n"),
]
INSIDE = [
    (
        "def f(x):\n    from IPython.display import display as d, HTML\n    d(HTML(x))\n",
        "def f(x):\n    print(x)\n",
    ),
    ("def f(x):\n    import IPython\n    IPython.display.display(x)\n", "def f(x):\n    print(x)\n"),
    ("def f(x):\n    from IPython import display\n    display.clear_output()\n    display.display(x)\n", "def f(x):\n    print(x)\n"),
]
LEFT_ALONE = ["screen.display(df)\n", "f(display=1)\n", "x = 'display(df)'\n"]


@pytest.mark.parametrize(("before", "expected"), CASES)
def test_before_and_after(before: str, expected: str) -> None:
    assert after(rewrite, before, *BOUND) == expected


@pytest.mark.parametrize(("before", "expected"), IMPORTED)
def test_names_of_ipythons_own(before: str, expected: str) -> None:
    known = {"d": "IPython.display.display", "ipd": "IPython.display"}
    known |= {name: f"IPython.core.display.{name}" for name in ("Markdown", "Image")} | {"clear_output": "IPython.display.clear_output"}
    assert rewrite(cst.parse_module(before), Names(MODULES, notebook_only=known)).code == expected


@pytest.mark.parametrize(("before", "expected"), INSIDE)
def test_imports_inside_functions_go_with_what_they_were_for(before: str, expected: str) -> None:
    assert after(rewrite, before) == expected


@pytest.mark.parametrize("code", LEFT_ALONE)
def test_left_alone(code: str) -> None:
    assert after(rewrite, code, *BOUND) == code


def test_a_display_of_the_notebooks_own_stays() -> None:
    assert after(rewrite, "display(df)\n", "display") == "display(df)\n"
