"""Shown values get their names and figures are held, and what was shown is shown still."""

from __future__ import annotations

import pytest
from codegen.stage_building import everything, module_text, notebook, parameter, place, places, plan, stage, without_indentation

from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition, Import


def _shown(code: str, text: str, **more: object) -> str:
    book = notebook(code)
    statement = StatementId(0, 0)
    result = Result("shown", "text", "", statement, place(book, 0, text), **more)  # type: ignore[arg-type]
    made = plan([stage("work", everything(book), ("a", "b"), ("shown",), results=(result,))])
    text = module_text(made, book)
    return without_indentation(text[text.index('\n    """\n') + 9 :])


SHOWN = {
    "a bare expression": ("a + 1", "a + 1", "shown = a + 1\nreturn shown\n"),
    "a bare tuple": ("a, b", "a, b", "shown = a, b\nreturn shown\n"),
    "a display": ("display(a + 1)", "a + 1", "shown = a + 1\nreturn shown\n"),
    "one of several displayed": ("display(a + 1, b)", "a + 1", "shown = a + 1\nprint(b)\nreturn shown\n"),
    "an argument of print": ("print('x', a + 1)", "a + 1", 'shown = a + 1\nprint("x", shown)\nreturn shown\n'),
    "a value in an f-string": ("print(f'{a+1:.2f}')", "a+1", 'shown = a + 1\nprint(f"{shown:.2f}")\nreturn shown\n'),
    "a name": ("a", "a", "shown = a\nreturn shown\n"),
    "a value over several lines": (
        "print('{}'\n  .format(a))",
        "'{}'\n  .format(a)",
        'shown = "{}".format(a)\nprint(shown)\nreturn shown\n',
    ),
    "a printed name": ("print(a)", "a", "shown = a\nprint(a)\nreturn shown\n"),
    "in a block": (
        "if b:\n    # why\n    print(a + 1)",
        "a + 1",
        "shown = None  # bound only under a condition\nif b:\n    # why\n    shown = a + 1\n    print(shown)\nreturn shown\n",
    ),
    "in a block on one line": ("for i in a: print(b + i)", "b + i", "for i in a:\n    shown = b + i\n    print(shown)\nreturn shown\n"),
    "behind a call that may matter": ("print(a(), b())", "b()", "print(a(), (shown := b()))\nreturn shown\n"),
    "behind a harmless call": ("print(len(a), b())", "b()", "shown = b()\nprint(len(a), shown)\nreturn shown\n"),
    "under a condition": (
        "print(a(1) if a else 0)",
        "a(1)",
        "shown = None  # bound only under a condition\nprint((shown := a(1)) if a else 0)\nreturn shown\n",
    ),
    "with a comment": ("# why\na.b()  # here", "a.b()", "# why\nshown = a.b()  # here\nreturn shown\n"),
}


@pytest.mark.parametrize(("code", "text", "after"), SHOWN.values(), ids=SHOWN.keys())
def test_a_shown_value_gets_its_name(code: str, text: str, after: str) -> None:
    assert _shown(code, text) == after


def test_a_shown_value_that_changes_later_is_copied() -> None:
    assert _shown("a\na.append(1)", "a", copied=True) == "shown = copy.deepcopy(a)\na.append(1)\nreturn shown\n"
    assert _shown("a, b", "a, b", copied=True) == "shown = copy.deepcopy((a, b))\nreturn shown\n"
    assert _shown("print(a)", "a", copied=True) == "shown = copy.deepcopy(a)\nprint(a)\nreturn shown\n"


def test_a_shown_value_with_a_parameter_in_it_gets_both_edits() -> None:
    book = notebook("print(LIMIT + 1)\n")
    result = Result("shown", "text", "", StatementId(0, 0), place(book, 0, "LIMIT + 1"))
    limit = parameter("limit", "int", 2, "LIMIT", places(book, 0, "LIMIT"))
    made = plan([stage("work", everything(book), ["limit"], ["shown"], results=(result,))], [limit])
    assert module_text(made, book).endswith("    shown = limit + 1\n    print(shown)\n    return shown\n")


def _figures(code: str, *results: Result, closes: tuple[StatementId, ...] = ()) -> str:
    book = notebook(code)
    made = plan([stage("draw", everything(book), (), [r.name for r in results], results=results, closes=closes)], imports=[PLT])
    text = module_text(made, book)
    return without_indentation(text[text.rindex('    """\n') + 8 :])


PLT = Import("p", "matplotlib.pyplot")


def test_a_figure_is_taken_behind_what_draws_it_and_figures_are_closed_with_the_cell() -> None:
    figure = Result("figure", "figure", "", StatementId(0, 0))
    assert _figures("p.plot([1])\nx = print()\n", figure, closes=(StatementId(0, 1),)) == (
        'p.plot([1])\nfigure = p.gcf()\nprint()\np.close("all")\nreturn figure\n'
    )


def test_several_figures_are_taken_by_number_or_all_at_once() -> None:
    second = Result("second", "figure", "", StatementId(0, 0), position=1)
    every = Result("every", "figure", "", StatementId(0, 0), many=True)
    assert _figures("draw()\n", second, every) == (
        "draw()\nsecond = p.figure(p.get_fignums()[1])\nevery = [p.figure(number) for number in p.get_fignums()]\n"
        "return DrawResult(second=second, every=every)\n"
    )


def test_a_figure_is_taken_before_it_is_shown() -> None:
    assert _figures("p.plot([1])\np.show()\n", Result("figure", "figure", "", StatementId(0, 1))) == (
        'p.plot([1])\nfigure = p.gcf()\np.close("all")\nreturn figure\n'
    )


def test_figures_shown_in_a_loop_are_collected() -> None:
    every = Result("every", "figure", "", StatementId(0, 0), many=True)
    assert _figures("for i in (1, 2):\n    p.plot([i])\n    p.show()\n", every) == (
        "every_shown = []\nfor i in (1, 2):\n    p.plot([i])\n    every_shown.extend(map(p.figure, p.get_fignums()))\n"
        '    p.close("all")\nevery_shown.extend(map(p.figure, p.get_fignums()))\nevery = every_shown\nreturn every\n'
    )


def test_pyplot_is_imported_under_a_free_name_where_the_notebook_has_none() -> None:
    book = notebook("plt = 3\ndf.plot()\n")
    figure = Result("figure", "figure", "", StatementId(0, 1))
    made = plan([stage("draw", everything(book), ["df"], ["plt", "figure"], results=(figure,))])
    text = module_text(made, book)
    assert "from matplotlib import pyplot as plt_module\n" in text or "import matplotlib.pyplot as plt_module\n" in text
    assert "    figure = plt_module.gcf()\n" in text


def test_a_function_whose_figure_is_captured_leaves_it_open() -> None:
    book = notebook("def show(x):\n    p.plot(x)\n    p.show()\n", "show([1])\n", "def other(x):\n    p.plot(x)\n    p.show()\n")
    figure = Result("figure", "figure", "", StatementId(1, 0))
    definitions = [Definition("show", StatementId(0, 0), "data"), Definition("other", StatementId(2, 0), "data")]
    made = plan([stage("draw", everything(book, 1), (), ["figure"], results=(figure,))], (), [PLT], definitions)
    text = module_text(made, book)
    assert "def show(x):\n    p.plot(x)\n\n\n" in text
    assert 'def other(x):\n    p.plot(x)\n    p.close("all")\n' in text
