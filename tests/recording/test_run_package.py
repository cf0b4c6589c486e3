"""Running the finished package in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.model.choices import Choices
from nb2prod.model.notebook import StatementId
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Recording
from nb2prod.recording import Runner

START = "from types import SimpleNamespace as Results\nimport os, sys\n"


def run(folder: Path, body: str, *names: str, timeout: float = 60) -> Recording:
    """Runs a package whose run() has this body, for a notebook that reaches one level up."""
    pipeline = START + "class Ball:\n    pass\ndef run():\n" + "".join(f"    {line}\n" for line in body.splitlines())
    files = (
        File("src/balls/__init__.py", ""),
        File("src/balls/pipeline.py", pipeline),
        File("src/balls/data.bin", b"\x00"),
        File("x.py", "1/0"),
    )
    notebook = make_notebook(folder / "nbs" / "nb.ipynb", "a = open('../data/in.txt').read()")
    return Runner(Choices(timeout=timeout)).run_package(notebook, Project("balls", files), names)


def test_asked_results_are_pictured_and_missing_ones_are_absent(tmp_path: Path) -> None:
    recording = run(tmp_path, "ball = Ball()\nball.size = 2\nreturn Results(x=1, ball=ball)", "x", "ball", "gone")
    assert list(recording.variables) == ["x", "ball"]
    assert recording.variables["x"] == {"kind": "int", "value": 1}
    assert recording.variables["ball"]["type"] == "Ball"


def test_it_runs_in_a_copy_of_the_notebooks_folder_and_its_text_and_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in.txt").write_text("hello")
    body = "print(os.getcwd(), open('../data/in.txt').read(), os.environ['MPLBACKEND'])\nopen('o.txt', 'w').write('o')\nreturn Results()"
    recording = run(tmp_path, body)
    assert recording.stdout == {StatementId(-1, 0): f"{tmp_path}/nbs hello Agg\n"}
    assert [(file.path, file.content) for file in recording.files] == [("o.txt", {"kind": "str", "value": "o"})]
    assert recording.reads == ("../data/in.txt",)
    assert not (tmp_path / "nbs" / "o.txt").exists()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("x = {}\nreturn x['a']", "KeyError: 'a'\n  at balls/pipeline.py, line 7: return x['a']"),
        ("sys.exit(2)", "SystemExit: 2\n  at balls/pipeline.py, line 6: sys.exit(2)"),
        ("input()", "EOFError: EOF when reading a line\n  at balls/pipeline.py, line 6: input()"),
        ("os._exit(4)", "the process ended with exit code 4: "),
        ("os._exit(0)", "the process ended by itself before the run was over"),
        ("while True: pass", "the run was stopped (the limit of 1 seconds; --timeout raises it)"),
    ],
)
def test_a_package_that_fails_says_why_and_where(body: str, reason: str, tmp_path: Path) -> None:
    recording = run(tmp_path, body, timeout=1 if body.startswith("while") else 60)
    assert (recording.ok, recording.reason) == (False, reason)


def test_frames_are_printed_with_as_many_columns_as_in_a_notebook(tmp_path: Path) -> None:
    pipeline = "import pandas as pd\ndef run():\n    print(pd.get_option('display.max_columns'))\n"
    project = Project("wide", (File("src/wide/__init__.py", ""), File("src/wide/pipeline.py", pipeline)))
    recording = Runner().run_package(make_notebook(tmp_path / "nb.ipynb", "1"), project, ())
    assert recording.stdout == {StatementId(-1, 0): "20\n"}
