"""What a run showed and the analysis had missed keeps statements alive and says which knowledge is missing; what it did not show drops nothing."""

from __future__ import annotations

from pathlib import Path

from recording.notebook_making import make_notebook

from nb2prod.analysis import analyze
from nb2prod.knowledge import load_knowledge
from nb2prod.model.dataflow import Analysis, Location
from nb2prod.model.notebook import StatementId
from nb2prod.model.recording import FileUse, Observation, Recording

CELLS = ("import pandas as pd\ndf = pd.read_csv('a.csv')", "n = len(df)", "df.to_csv('b.csv')")
COUNT = StatementId(1, 0)


def analysis(folder: Path, *seen: Observation, cells: tuple[str, ...] = CELLS) -> Analysis:
    return analyze(make_notebook(folder / "nb.ipynb", *cells), load_knowledge(), Recording(True, observations=seen))


def test_a_change_that_the_analysis_missed_keeps_the_statement_and_says_what_is_missing(tmp_path: Path) -> None:
    assert not analysis(tmp_path).decision(COUNT).live
    found = analysis(tmp_path, Observation(COUNT, bound=("n",), changed=("df",)))
    decision = found.decision(COUNT)
    assert (decision.live, decision.certainty) == (True, "observed")
    (note,) = [finding for finding in found.diagnostics if finding.code == "NB108"]
    assert (note.message, note.cell, note.line) == (
        "the run changed `df`, which the analysis does not see in `builtins.len`",
        1,
        1,
    )


def test_a_change_that_the_analysis_expects_is_nothing_new(tmp_path: Path) -> None:
    cells = (CELLS[0], "df['x'] = 1", CELLS[2])
    seen = Observation(COUNT, changed=("df",))
    assert analysis(tmp_path, seen, cells=cells).decisions == analysis(tmp_path, cells=cells).decisions
    assert not [finding for finding in analysis(tmp_path, seen, cells=cells).diagnostics if finding.code == "NB108"]


def test_a_change_that_did_not_happen_drops_nothing(tmp_path: Path) -> None:
    cells = (CELLS[0], "import helper\nhelper.clean(df)", CELLS[2])
    assert analysis(tmp_path, Observation(StatementId(1, 1)), cells=cells).decision(StatementId(1, 1)).live


def test_names_that_share_an_object_in_the_run_are_changed_together(tmp_path: Path) -> None:
    cells = ("a = [1]\nb = [2]", "b.append(3)", "with open('o.txt', 'w') as file:\n    file.write(str(sum(a)))")
    assert not analysis(tmp_path, cells=cells).decision(StatementId(1, 0)).live
    seen = Observation(StatementId(0, 1), bound=("b",), shared=(("a", "b"),))
    assert analysis(tmp_path, seen, cells=cells).decision(StatementId(1, 0)).live


def test_a_generator_that_moved_unseen_is_a_draw(tmp_path: Path) -> None:
    cells = ("import numpy as np\nnp.random.seed(1)\nvalues = [1, 2]", "n = len(values)", "print(np.random.rand())")
    found = analysis(tmp_path, Observation(COUNT, bound=("n",), ambient=("rng:numpy",)), cells=cells)
    (effects,) = [effects for effects in found.graph.effects if effects.statement == COUNT]
    assert (effects.observed, found.decision(COUNT).live) == (frozenset({Location("ambient", "rng:numpy")}), True)


def test_a_file_that_the_notebook_takes_away_again_is_no_result(tmp_path: Path) -> None:
    cells = (
        "with open('x.txt', 'w') as file:\n    file.write('a')",
        "import os\nif os.path.exists('x.txt'):\n    os.remove('x.txt')",
        "print(sum([1, 2]))",
    )
    wrote, removed = (
        Observation(StatementId(cell, rank), files=(FileUse("x.txt", how),)) for cell, rank, how in ((0, 0, "write"), (1, 1, "delete"))
    )
    assert [result.kind for result in analysis(tmp_path, wrote, cells=cells).results] == ["file"]
    assert "file" not in {result.kind for result in analysis(tmp_path, wrote, removed, cells=cells).results}
