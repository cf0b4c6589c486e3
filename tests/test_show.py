"""Nouns as text: every noun has one, and the texts people see are these."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_nouns import ANALYSIS, EVERY_NOUN, IMPORT, NOTEBOOK, PLAN, SLICE, TOTAL, VERDICT
from test_model import inside, nouns

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Edge, LiteralUse, Location, Result
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Cell, Directive, Notebook, Output, Place, Span, StatementId
from nb2prod.model.plan import Import, Parameter
from nb2prod.model.recording import Environment
from nb2prod.model.verdict import Comparison, Verdict
from nb2prod.show import FORMATS, SHOWN, draw_graph, show, show_analysis, show_diagnostics, show_effects, show_slice, show_why


def test_every_noun_can_be_shown() -> None:
    assert {noun.__name__ for noun in set(nouns()) - set(SHOWN)} == set()


@pytest.mark.parametrize("noun", EVERY_NOUN, ids=lambda noun: type(noun).__name__)
def test_a_shown_noun_is_text_without_a_last_newline(noun: object) -> None:
    text = show(noun)
    assert text
    assert not text.endswith("\n")
    assert text == show(noun)


def test_every_noun_inside_the_samples_can_be_shown() -> None:
    assert {kind for noun in EVERY_NOUN for kind in inside(noun)} & set(nouns()) <= set(SHOWN)


@pytest.mark.parametrize(
    ("noun", "text"),
    [
        (StatementId(3, 0), "3.0"),
        (Place(4, Span(1, 0, 2, 5)), "cell 4 at 1:0-2:5"),
        (Location("file", "in.csv"), "file in.csv"),
        (Location("database", "?"), "any database"),
        (Diagnostic("NB101", Severity.error, "no such name", "define it", cell=4, line=2), "NB101 error cell 4 line 2: no such name"),
        (Diagnostic("NB102", Severity.note, "out of order"), "NB102 note: out of order"),
        (Import("pd", "pandas"), "import pandas as pd"),
        (Import("os", "os.path"), "import os.path"),
        (Import("sqrt", "math", "sqrt"), "from math import sqrt"),
        (Import("root", "math", "sqrt"), "from math import sqrt as root"),
        (Parameter("key", "str", None, 2, 1, "constant", secret=True), "key: str from the environment  (cell 2 line 1, constant)"),
        (Result("out_csv", "file", "written", path="out.csv"), "file out.csv: written"),
        (Comparison("score", "same", "float"), "score: same (float)"),
        (Comparison("score", "unknown", "no picture"), "score: unknown: no picture"),
        (Comparison("score", "different", "float", "1", "2", "1 is not 2"), "score: different: 1 is not 2 (notebook 1, package 2)"),
        (Verdict("unknown", "the notebook could not be run"), "UNKNOWN: the notebook could not be run"),
        (Directive("dependency", 1, "!pip install a b", ("a", "b")), "line 1 dependency: !pip install a b (a, b)"),
        (Output("error", "boom", error_name="KeyError", error_line=3), "error (KeyError in line 3): boom"),
        (Environment("3.11", {"pd": ("pandas", "2.2"), "pandas": ("pandas", "2.2")}), "Python 3.11 with pandas 2.2"),
        (Environment(), "Python ?"),
        (Choices(), "nothing asked for"),
        (
            LiteralUse("a.csv", StatementId(0, 0), Place(0, Span(1, 0, 1, 7)), callee="pandas.read_csv", argument="0"),
            "pandas.read_csv, argument 0: 'a.csv' at cell 0 at 1:0-1:7",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_small_noun_in_a_line(noun: object, text: str) -> None:
    assert show(noun) == text


def test_a_long_line_is_cut() -> None:
    assert show(Cell(1, "a", "code", "x" * 200)) == f"cell 1 code: {'x' * 97}..."


def test_a_verdict_tells_every_comparison_and_what_was_restored() -> None:
    assert show(VERDICT).splitlines() == [
        "DIFFERENT: 1 of 2 results differs",
        "  total: different: 0.84 is not 0.85 (notebook 0.84, package 0.85)",
        "  rows: same (int)",
        "restored",
        "  cell 2 line 2",
        "tried",
        "  size = 0.27: same",
    ]


def test_an_analysis_is_the_notebook_with_marks_and_reasons() -> None:
    column = 64
    assert show_analysis(NOTEBOOK, ANALYSIS, PLAN).splitlines() == [
        "sales.ipynb: a job; 4 of 5 statements live",
        "",
        "  # Sales",
        "+ cell 1  live",
        "  + 1   import pandas as pd",
        "  + 2   DATA = 'in.csv'",
        "~ cell 2  partial",
        f"{'  - 1   %%time':<{column}}  only measures time",
        "  + 2   df = pd.read_csv(DATA)",
        f"{'  - 2   df.head()':<{column}}  only shows the first rows",
        "+ cell 3  live",
        "  + 1   total = df['x'].sum()",
        "",
        "Results",
        "  variable total: the last value computed",
        "",
        "Parameters",
        "  data: path = 'in.csv'  (cell 1 line 2, constant)",
        "",
        "Diagnostics",
        "  NB201 warning cell 2 line 1: `os.chdir` moves the working directory",
        "      hint: use a path parameter (docs/diagnostics.md#nb201)",
        "  NB202 note: the saved counts are out of order",
    ]


def test_a_painter_is_told_what_each_piece_is() -> None:
    text = show_analysis(NOTEBOOK, ANALYSIS, PLAN, lambda text, what: f"<{what}>{text.strip()}</>")
    assert "<live>+ 2   df = pd.read_csv(DATA)</>" in text
    assert "<dead>- 2   df.head()</>  <reason>only shows the first rows</>" in text
    assert "<mixed>~ cell 2  partial</>" in text


def test_a_cell_that_is_no_python_shows_its_source() -> None:
    notebook = Notebook("a.ipynb", "", (Cell(0, "a", "code", "x = = 1", "x = = 1", syntax_error="invalid syntax"),))
    analysis = type(ANALYSIS)((), type(ANALYSIS.graph)((), ()), (), (), (), ())
    assert show_analysis(notebook, analysis).splitlines()[1:3] == ["  cell 0  not Python", "    1  x = = 1"]


def test_hints_follow_their_findings() -> None:
    findings = (Diagnostic("NB1", Severity.error, "first", "do this"), Diagnostic("NB2", Severity.note, "second"))
    assert show_diagnostics(findings) == ["NB1 error: first", "    hint: do this (docs/diagnostics.md#nb1)", "NB2 note: second"]


def test_effects_stand_below_their_statements() -> None:
    assert show_effects(NOTEBOOK, ANALYSIS).splitlines()[4:10] == [
        "2.0 + df = pd.read_csv(DATA)",
        "    defines    name df, object 2.0:1",
        "    uses       file in.csv, name DATA, name pd",
        "2.1 - df.head()",
        "    uses       name df, object 2.0:1",
        "3.0 + total = df['x'].sum()",
    ]


def test_a_slice_goes_from_the_end_back_and_says_what_carries_each_statement() -> None:
    assert show_slice(SLICE, NOTEBOOK).splitlines() == [
        "what `total` depends on: 4 statements, from the end back",
        "  cell 3 line 1     total = df['x'].sum()",
        "  cell 2 line 2     df = pd.read_csv(DATA)",
        "                    for cell 3 line 1, through `df`",
        "  cell 1 line 2     DATA = 'in.csv'",
        "  cell 1 line 1     import pandas as pd",
    ]


def test_the_graph_as_text_tells_what_each_statement_needs() -> None:
    assert draw_graph(NOTEBOOK, ANALYSIS, "text").splitlines()[2:7] == [
        "2.0 + df = pd.read_csv(DATA)",
        "    <- 1.0    `pd`",
        "    <- 1.1    `DATA`",
        "2.1 - df.head()",
        "    <- 2.0    `df`",
    ]


def test_the_graph_as_mermaid() -> None:
    lines = draw_graph(NOTEBOOK, ANALYSIS, "mermaid").splitlines()
    assert lines[0] == "flowchart TD"
    assert '    s2_1["2.1 df.head()"]:::dead' in lines
    assert '  s2_0 -->|"df, object"| s3_0' in lines


def test_the_graph_as_dot() -> None:
    lines = draw_graph(NOTEBOOK, ANALYSIS, "dot").splitlines()
    assert lines[0] == "digraph notebook {"
    assert '    s2_1 [label="2.1 df.head()", style=dashed, fontcolor=gray];' in lines
    assert '  s1_1 -> s2_0 [label="DATA"];' in lines
    assert lines[-1] == "}"


def test_the_graph_as_svg_is_well_formed_and_escaped() -> None:
    import xml.etree.ElementTree as tree

    root = tree.fromstring(draw_graph(NOTEBOOK, ANALYSIS, "svg"))
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[-1] == "3.0 total = df['x'].sum()"
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 4


def test_the_svg_leaves_out_needs_that_follow_from_others() -> None:
    graph = replace(ANALYSIS.graph, edges=(*ANALYSIS.graph.edges, Edge(TOTAL, IMPORT, Location("name", "pd"))))
    drawn = draw_graph(NOTEBOOK, replace(ANALYSIS, graph=graph), "svg")
    assert drawn == draw_graph(NOTEBOOK, ANALYSIS, "svg")


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_an_empty_graph_can_be_drawn(form: str) -> None:
    empty = type(ANALYSIS)((), type(ANALYSIS.graph)((), ()), (), (), (), ())
    assert isinstance(draw_graph(Notebook("a.ipynb", "", ()), empty, form), str)


def test_a_kept_statement_says_who_needs_it_and_a_dropped_one_what_it_would_have_fed() -> None:
    assert show_why(NOTEBOOK, ANALYSIS, [StatementId(2, 0), StatementId(2, 1)]).splitlines() == [
        "cell 2 line 2  df = pd.read_csv(DATA)",
        "  kept: defines `df`, which cell 3 needs",
        "  who needs it:",
        "    - cell 2 line 2     df.head()  through `df`",
        "    + cell 3 line 1     total = df['x'].sum()  through `df`",
        "  what it needs:",
        "    + cell 1 line 1     import pandas as pd  through `pd`",
        "    + cell 1 line 2     DATA = 'in.csv'  through `DATA`",
        "",
        "cell 2 line 2  df.head()",
        "  dropped: only shows the first rows",
        "  what it would have fed: nothing",
        "  what it needs:",
        "    + cell 2 line 2     df = pd.read_csv(DATA)  through `df`",
    ]
