"""What each rule says, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from analysis.programs import notebook_of

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook

TYPE_IT = "assign the value to a variable instead: it becomes a parameter"
MEND_IT = "mend the cell, or tag it `drop` if no result needs it"
DEFINE_IT = "define it in a cell above, or move this cell down"
MOVE_IT = "it becomes a parameter; set it where the job runs, or use a path relative to the notebook"
SEED_IT = "set a seed in a cell above; it becomes a parameter"
WRITE_IT = "write it as plain Python, or tag the cell `drop`"


def findings(*codes: str, keep: tuple[str, ...] = ()) -> tuple[Diagnostic, ...]:
    return found_in(notebook_of(codes), keep)


def found_in(notebook: Notebook, keep: tuple[str, ...] = ()) -> tuple[Diagnostic, ...]:
    return analyze(notebook, load_knowledge(), choices=Choices(keep=keep)).diagnostics


def test_a_cell_that_does_not_parse_is_an_error_at_its_line() -> None:
    (finding,) = findings("x = 1", "y = 2\nprint 'hello'")
    assert (finding.code, finding.severity, finding.hint, finding.cell, finding.line) == ("NB001", Severity.error, MEND_IT, 1, 2)
    assert finding.message.startswith("the cell does not parse: line 2: ")


def test_a_cell_that_does_not_parse_and_never_ran_is_a_warning() -> None:
    (finding,) = found_in(notebook_of(["x = 1", "print 'hello'"], counts=[1, None]))
    assert (finding.code, finding.severity, finding.cell) == ("NB001", Severity.warning, 1)


def test_a_broken_cell_tagged_drop_is_no_finding() -> None:
    notebook = notebook_of(["x = 1", "print 'hello'"])
    dropped = replace(notebook.cells[1], tags=("drop",))
    assert found_in(replace(notebook, cells=(notebook.cells[0], dropped))) == ()


def test_a_name_used_before_anything_defines_it_is_a_warning() -> None:
    assert findings("x = 1\nprint(x + rate)", "rate = 2") == (
        Diagnostic("NB103", Severity.warning, "`rate` is used here but nothing above defines it", DEFINE_IT, 0, 2),
    )


def test_an_undefined_name_in_dead_code_is_only_noted() -> None:
    assert findings("other = rate", "x = 2 * 3\nprint(x)", keep=("x",)) == (
        Diagnostic("NB103", Severity.note, "`rate` is used here but nothing above defines it", DEFINE_IT, 0, 1),
    )


@pytest.mark.parametrize(
    "code",
    [
        "len([1])",
        "x = 1\nprint(x)",
        "def f():\n    return later\nlater = 1\nprint(f())",
        "[v for v in [1]]",
        "_",
        "get_ipython()",
        "__name__",
    ],
)
def test_defined_names_builtins_and_names_of_the_notebook_are_no_finding(code: str) -> None:
    assert findings(code) == ()


def test_asking_for_input_is_an_error() -> None:
    assert findings("name = input('who? ')\nprint(name + '!')") == (
        Diagnostic("NB201", Severity.error, "`input()` waits for someone to type, and a job has nobody to ask", TYPE_IT, 0, 1),
    )


def test_asking_for_input_in_dead_code_is_no_finding() -> None:
    assert findings("name = input('who? ')", "x = 3", keep=("x",)) == ()


@pytest.mark.parametrize("path", ["/home/ann/a.csv", "/Users/ann/a.csv", "C:\\data\\a.csv", "~/a.csv", "/content/drive/a.csv"])
def test_a_path_of_one_persons_machine_is_a_warning(path: str) -> None:
    assert findings(f"x = 1\ntext = open({path!r}).read()\nprint(text)") == (
        Diagnostic("NB202", Severity.warning, f"the path {path!r} only exists on one person's machine", MOVE_IT, 0, 2),
    )


@pytest.mark.parametrize("path", ["data/a.csv", "../a.csv", "/data/a.csv", "C", "about /home/ann"])
def test_other_paths_are_no_finding(path: str) -> None:
    assert findings(f"text = open({path!r}).read()\nprint(text)") == ()


def test_drawing_before_any_seed_is_a_warning_at_the_first_draw() -> None:
    message = "draws random numbers from numpy before anything seeds it: results may differ from run to run"
    assert findings("import numpy as np", "x = np.random.rand(3)\ny = np.random.rand(3)\nprint(x.sum(), y.sum())") == (
        Diagnostic("NB203", Severity.warning, message, SEED_IT, 1, 1),
    )


@pytest.mark.parametrize("seed", ["np.random.seed(1)", "if True:\n    pass\nnp.random.seed(seed=2)"])
def test_drawing_after_a_seed_is_no_finding(seed: str) -> None:
    assert findings("import numpy as np", seed, "x = np.random.rand(3)\nprint(x.sum())") == ()


def test_a_seed_that_may_not_happen_does_not_count() -> None:
    (finding,) = findings("import random\nfast = 1", "if fast:\n    random.seed(1)", "print(random.random())")
    assert (finding.code, finding.cell, finding.line) == ("NB203", 2, 1)


def test_looking_back_at_shown_values_is_an_error() -> None:
    assert findings("3 * 7", "x = Out[1]\nprint(x)") == (
        Diagnostic("NB204", Severity.error, "`Out` only works in a notebook, and kept code depends on it", WRITE_IT, 1, 1),
    )


def test_an_untranslated_magic_that_is_kept_is_an_error() -> None:
    (finding,) = findings("x = 1\n%strange x")
    assert finding == Diagnostic(
        "NB204", Severity.error, "the magic `%strange` only works in a notebook, and kept code depends on it", WRITE_IT, 0, 2
    )


def test_findings_are_ordered_by_cell_and_line() -> None:
    found = findings("print(a)\nprint(b)", "print(input())", "text = open('/home/ann/x').read()\nprint(text)")
    assert [(finding.code, finding.cell, finding.line) for finding in found] == [
        ("NB103", 0, 1),
        ("NB103", 0, 2),
        ("NB201", 1, 1),
        ("NB202", 2, 1),
    ]
