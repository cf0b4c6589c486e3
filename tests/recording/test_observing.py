"""What each statement did, as a run without a kernel saw it."""

from __future__ import annotations

from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.model.choices import Choices
from nb2prod.model.notebook import StatementId
from nb2prod.model.recording import FileUse, Observation, Recording
from nb2prod.recording import Runner

CELLS = (
    "import numpy as np, pandas as pd, random\ndf = pd.DataFrame({'a': [1, 2, 3]})\nsame = df\narr = np.arange(10)\nview = arr[2:]",
    "df['b'] = 1\nview[0] = 7\nx = np.random.rand()\nrandom.random()\nrng = np.random.default_rng(1)\ny = rng.random()",
    "kept = []\ndef remember(value):\n    kept.append(value)\nremember(3)\nlen(kept)\ndel x",
    "import os, subprocess\nos.makedirs('out/deep')\nwith open('out/a.txt', 'w') as f:\n    n = f.write('1')",
    "text = open('in.txt').read()\nos.rename('out/a.txt', 'out/b.txt')\nos.remove('out/b.txt')\nopen('out/c.txt', 'a').close()",
    "done = subprocess.run(['true', '--quietly'])\nimport warnings\nwarnings.warn('careful')\nos.chdir('out')",
    "try:\n    import urllib.request; urllib.request.urlopen('http://nb2prod.invalid', timeout=3)\nexcept OSError:\n    pass",
    "import time; time.sleep(0.2)\nbig = np.ones(30_000_000); del big",
    "exec('hidden = 1')\nhidden += 1\n1 / 0",
    "matrix = np.zeros((2, 3))\nmatrix = matrix + 1",
)


@pytest.fixture(scope="module")
def seen(plain_python: str, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("observed")
    (folder / "in.txt").write_text("hello")
    return Runner(Choices(timeout=60, python=plain_python)).record(make_notebook(folder / "nb.ipynb", *CELLS))


def at(seen: Recording, cell: int, rank: int) -> Observation:
    return next(one for one in seen.observations if one.statement == StatementId(cell, rank))


def test_every_statement_that_ran_is_observed_in_its_order(seen: Recording) -> None:
    import ast

    ran = [StatementId(cell, rank) for cell, code in enumerate(CELLS) for rank in range(len(ast.parse(code).body))]
    assert [one.statement for one in seen.observations] == ran


def test_names_are_bound_changed_or_deleted(seen: Recording) -> None:
    told = {one.statement: (one.bound, one.changed, one.deleted) for one in seen.observations}
    assert told[StatementId(0, 2)] == (("same",), (), ())
    assert told[StatementId(1, 0)][1] == ("df", "same")
    assert set(told[StatementId(1, 1)][1]) == {"arr", "view"}
    assert told[StatementId(1, 5)] == (("y",), ("rng",), ())
    assert told[StatementId(2, 2)] == ((), ("kept",), ())
    assert told[StatementId(2, 3)] == ((), (), ())
    assert told[StatementId(2, 4)] == ((), (), ("x",))
    assert told[StatementId(8, 0)] == (("hidden",), (), ())


def test_contents_are_digests_that_differ_with_the_content_and_shapes_are_sizes(seen: Recording) -> None:
    before, after = at(seen, 0, 1).contents["df"], at(seen, 1, 0).contents
    assert (after["df"] == after["same"], after["df"] == before) == (True, False)
    assert (at(seen, 0, 1).shapes, at(seen, 1, 0).shapes["df"]) == ({"df": (3, 1)}, (3, 2))
    assert (at(seen, 9, 0).shapes, at(seen, 9, 1).bound) == ({"matrix": (2, 3)}, ("matrix",))


def test_names_that_share_an_object_are_told_once(seen: Recording) -> None:
    groups = {one.statement: one.shared for one in seen.observations if one.shared}
    assert groups == {StatementId(0, 2): (("df", "same"),), StatementId(0, 4): (("arr", "view"),)}


def test_states_outside_the_names_are_told_when_they_move(seen: Recording) -> None:
    assert at(seen, 1, 2).ambient == ("rng:numpy",)
    assert at(seen, 1, 3).ambient == ("rng:random",)
    assert at(seen, 1, 5).ambient == ()
    assert at(seen, 5, 3).ambient == ("cwd",)


def test_files_are_told_with_what_was_done_to_them(seen: Recording) -> None:
    assert at(seen, 3, 1).files == (FileUse("out", "mkdir"), FileUse("out/deep", "mkdir"))
    assert at(seen, 3, 2).files == (FileUse("out/a.txt", "write"),)
    assert at(seen, 4, 0).files == (FileUse("in.txt", "read"),)
    assert at(seen, 4, 1).files == (FileUse("out/a.txt", "rename"), FileUse("out/b.txt", "write"))
    assert at(seen, 4, 2).files == (FileUse("out/b.txt", "delete"),)
    assert at(seen, 4, 3).files == (FileUse("out/c.txt", "append"),)


def test_processes_hosts_and_warnings_are_told(seen: Recording) -> None:
    assert at(seen, 5, 0).commands == ("true --quietly",)
    assert at(seen, 5, 2).warnings == ("UserWarning: careful",)
    assert at(seen, 6, 0).hosts == ("nb2prod.invalid",)


def test_time_and_memory_are_those_of_the_statement(seen: Recording) -> None:
    assert 0.2 <= at(seen, 7, 1).seconds < 2
    assert at(seen, 7, 2).memory - at(seen, 7, 1).memory > 200 << 20
    assert at(seen, 9, 0).memory < at(seen, 7, 2).memory


@pytest.mark.slow
def test_a_large_frame_that_changes_often_costs_bounded_time_and_memory(plain_python: str, tmp_path: Path) -> None:
    make = "import numpy as np, pandas as pd\ndf = pd.DataFrame({f'c{i}': np.full(3_200_000, i + 1.0) for i in range(20)})"
    cells = [make, *(f"df['c{number % 20}'] *= 1.5" for number in range(50))]
    seen = Runner(Choices(timeout=120, python=plain_python)).record(make_notebook(tmp_path / "nb.ipynb", *cells))
    own = sum(one.seconds for one in seen.observations)
    changed = [one.changed == ("df",) for one in seen.observations[-50:]]
    unsure = ["df" in one.sampled for one in seen.observations[-50:]]
    assert (seen.ok, all(a or b for a, b in zip(changed, unsure, strict=True)), sum(changed) > 20) == (True, True, True)
    assert max(one.memory for one in seen.observations) < 1280 << 20  # making the frame takes twice its 512 MiB
    assert seen.seconds < 2 * own + 10
