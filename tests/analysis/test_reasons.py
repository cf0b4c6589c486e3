"""Every statement says why it lives or does not, in one plain sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from analysis.programs import notebook_of

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.reading import read

SAMPLES = sorted((Path(__file__).parents[2] / "sample_notebooks").glob("*.ipynb"))
JARGON = re.compile(r"rng:|\bopaque\b|\bobject\b|\bambient\b|\blocation\b|\bNone\b|\?|:\d|\bnode\b|  |``")
LOAD = "import pandas as pd\ndf = pd.read_csv('in.csv')"


def reasons(*codes: str) -> list[str]:
    notebook = notebook_of(codes)
    found = {
        decision.statement: ("+ " if decision.live else "- ") + decision.reason
        for decision in analyze(notebook, load_knowledge()).decisions
    }
    return [found[statement.id] for statement in notebook.statements]


def test_a_kept_statement_names_the_result_what_passes_to_it_and_the_cell() -> None:
    assert reasons(LOAD, "df['b'] = df['a'] * 2", "total = df['b'].sum()\nprint(total)") == [
        "+ needed by `total` through `pd` (cell 0)",
        "+ needed by `total` through `df` (cell 2)",
        "+ needed by `total` through `df` (cell 2)",
        "+ makes `total`: a conclusion shown in cell 2",
        "+ prints `total`, a conclusion",
    ]


def test_a_statement_needed_for_a_file_or_for_a_state_says_so() -> None:
    assert reasons("import numpy as np\nnp.random.seed(1)\nx = np.random.rand(3)\nnp.savetxt('out.txt', x)")[:3] == [
        "+ needed by the file out.txt through `np` (cell 0)",
        "+ needed by the file out.txt through numpy's random generator (cell 0)",
        "+ needed by the file out.txt through `x` (cell 0)",
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("df.head()", "only shows the first rows"),
        ("corr = df.corr()", "nothing kept uses `corr`"),
        ("a, b, c, d = 1, 2, 3, 4", "nothing kept uses `a`, `b`, `c` or 1 more"),
        ("import json, os", "nothing kept uses `json` or `os`"),
        ("extra = 1\nextra = 2", "overwritten in cell 2 before any use"),
        ("df.a.isnull().sum()\nlen(df);", "only looks at a value while exploring"),
        ("import warnings\nwarnings.filterwarnings('ignore')", "nothing kept uses `warnings`"),
        ("for x in df.a:\n    print('row')", "nothing kept uses `x`"),
        ("if len(df) > 3:\n    pass", "nothing kept uses what this branch does"),
        ("assert len(df)", "only checks something, and no result depends on it"),
        ("'a note'", "is only a text, and does nothing"),
        ("pass", "does nothing"),
        ("seen = df.copy()\ndel seen", "nothing kept uses `seen`"),
    ],
)
def test_a_dropped_statement_says_what_nobody_needs(code: str, reason: str) -> None:
    assert reasons(LOAD, "total = df['a'].sum()\nprint(total)", code)[4] == f"- {reason}"


def test_state_that_nothing_kept_depends_on_is_named() -> None:
    assert (
        reasons("import warnings\nwarnings.filterwarnings('ignore')", "print(1 + 2)")[1]
        == "- nothing kept depends on which warnings are shown"
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_no_reason_of_a_sample_is_empty_or_speaks_of_the_inside(sample: Path) -> None:
    analysis = analyze(read(sample), load_knowledge())
    plain = {decision.reason: re.sub(r"`[^`]*`|the file \S+", "X", decision.reason) for decision in analysis.decisions}
    assert [reason for reason, text in plain.items() if not re.fullmatch(r"[a-zX`].*[^.\s]", text) or JARGON.search(text)] == []
