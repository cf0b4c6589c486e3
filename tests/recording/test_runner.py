"""One notebook run by a kernel and by a plain interpreter: both must see the same."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.errors import RunError
from nb2prod.model.choices import Choices
from nb2prod.model.notebook import StatementId
from nb2prod.model.recording import CUT, Failure, FilePicture, Recording, Shown
from nb2prod.recording import Runner

CELLS = (
    "import os\nx = 1\nprint('x', x, f'{x + 1}')",
    "y = 2\n1 / 0\nz = 3",
    "for i in range(2):\n    print(i)\ni",
    "class Ball:\n    pass\nball = Ball()\nball.size = x",
    "display(x, y)\nx;",
    "text = open('in.txt').read()\nwith open('../data/out.csv', 'w') as f:\n    f.write('a\\n1\\n')",
    "left_open = open('late.txt', 'w')\ncount = left_open.write('kept'); input('?')",
    "import sys\nsys.exit(3)",
    "async def five(): return 5\nv = await five()",
    "def broken(:",
    "import subprocess\ndone = subprocess.run(['echo', 'from outside'])\nos.makedirs('sub'); os.chdir('sub')\nprint(os.getcwd())",
    "_hidden = 1\ndel y",
    "import matplotlib.pyplot as plt\nlines = plt.plot([1, 2])\nplt.show()\nbars = plt.bar([1], [2])",
    "figure, axes = plt.subplots()\nfigure",
)


@pytest.fixture(scope="module", params=[pytest.param("kernel", marks=pytest.mark.slow), "plain"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, plain_python: str) -> tuple[Path, Recording]:
    """The folder of the notebook and what was seen when it ran."""
    root = tmp_path_factory.mktemp(request.param)
    folder = root / "nbs"
    notebook = make_notebook(folder / "nb.ipynb", *CELLS)
    (folder / "in.txt").write_text("hello")
    (root / "data").mkdir()
    choices = Choices(timeout=60, python=plain_python if request.param == "plain" else "")
    return folder, Runner(choices).record(notebook)


def test_the_run_comes_to_its_end(seen: tuple[Path, Recording]) -> None:
    assert (seen[1].ok, seen[1].reason) == (True, "")


def test_variables_are_those_of_the_final_namespace(seen: tuple[Path, Recording]) -> None:
    variables = seen[1].variables
    names = "x i Ball ball text f left_open count five v done lines bars figure axes"
    assert list(variables) == names.split()
    assert variables["v"] == {"kind": "int", "value": 5}
    assert variables["ball"]["type"] == "Ball"
    assert variables["text"] == {"kind": "str", "value": "hello"}


def test_a_cell_that_raises_ends_at_that_statement_and_the_next_cell_runs(seen: tuple[Path, Recording]) -> None:
    failures = {failure.statement: failure.error.rsplit(".", 1)[-1] for failure in seen[1].failures}
    no_input = failures.pop(StatementId(6, 2))
    assert no_input in ("StdinNotImplementedError", "EOFError")
    assert failures == {StatementId(1, 1): "ZeroDivisionError", StatementId(7, 1): "SystemExit", StatementId(9, 0): "SyntaxError"}
    assert Failure(StatementId(1, 1), "ZeroDivisionError", "division by zero") in seen[1].failures


def test_printed_text_belongs_to_the_statement_that_printed_it(seen: tuple[Path, Recording]) -> None:
    folder, recording = seen
    printed = {id: text for id, text in recording.stdout.items() if id.cell != 6}
    assert printed == {
        StatementId(0, 2): "x 1 2\n",
        StatementId(2, 0): "0\n1\n",
        StatementId(10, 1): "from outside\n",
        StatementId(10, 4): f"{folder}/sub\n",
    }


def test_shown_values_come_with_statement_position_and_way(seen: tuple[Path, Recording]) -> None:
    def number(value: int) -> dict[str, object]:
        return {"kind": "int", "value": value}

    values = [shown for shown in seen[1].shown if shown.statement.cell < 9]
    assert values == [
        Shown(StatementId(0, 2), 0, "print", number(1)),
        Shown(StatementId(0, 2), 1, "print", number(2)),
        Shown(StatementId(2, 1), 0, "display", number(1)),
        Shown(StatementId(4, 0), 0, "display", number(1)),
        Shown(StatementId(4, 0), 1, "display", number(2)),
    ]


def test_figures_are_shown_by_show_and_at_the_end_of_their_cell(seen: tuple[Path, Recording]) -> None:
    drawn = [(shown.statement, shown.position, shown.how) for shown in seen[1].shown if shown.picture["kind"] == "figure"]
    assert drawn == [
        (StatementId(12, 2), 0, "figure"),
        (StatementId(12, 3), 1, "figure"),
        (StatementId(13, 1), 0, "display"),
        (StatementId(13, 1), 0, "figure"),
    ]


def test_types_of_bound_names_are_importable_paths(seen: tuple[Path, Recording]) -> None:
    types = seen[1].types
    assert types[StatementId(0, 1), "x"] == "int"
    assert types[StatementId(3, 1), "ball"] == "__main__.Ball"
    assert types[StatementId(8, 0), "five"] == "function"
    assert types[StatementId(13, 0), "figure"] == "matplotlib.figure.Figure"
    assert types[StatementId(11, 0), "_hidden"] == "int"
    assert not {name for _, name in types} & {"_", "__", "_5", "Out"}


def test_written_files_come_with_their_content_also_when_left_open(seen: tuple[Path, Recording]) -> None:
    digest = "f3b2cb08b6b2ddf96bd9ab6f7e6ba44b80d2ab0a1d1d0b5b7ad9d3d5d5d29d2e"
    files = {file.path: (file.size, file.content) for file in seen[1].files}
    assert files == {
        "../data/out.csv": (4, {"kind": "str", "value": "a\n1\n"}),
        "late.txt": (4, {"kind": "str", "value": "kept"}),
    }
    assert all(len(file.sha256) == len(digest) for file in seen[1].files)


def test_reads_are_the_users_files_only(seen: tuple[Path, Recording]) -> None:
    assert seen[1].reads == ("in.txt",)


def test_the_users_folder_is_left_as_it_was(seen: tuple[Path, Recording]) -> None:
    folder = seen[0]
    assert sorted(str(path.relative_to(folder.parent)) for path in folder.parent.rglob("*")) == ["data", "nbs", "nbs/in.txt"]


def test_versions_of_imported_distributions_are_known(seen: tuple[Path, Recording]) -> None:
    import matplotlib

    assert seen[1].environment.modules == {"matplotlib": ("matplotlib", matplotlib.__version__)}
    assert seen[1].environment.python == sys.version.split()[0]


def test_two_runs_of_the_same_notebook_see_the_same(plain_python: str, tmp_path: Path) -> None:
    notebook = make_notebook(tmp_path / "nb.ipynb", "s = {'b', 'a', 'c'}\nlist(s)", "print(hash('x'))")
    first, second = (Runner(Choices(python=plain_python)).record(notebook) for _ in range(2))
    assert (first.variables, first.shown, first.stdout) == (second.variables, second.shown, second.stdout)


def test_statements_run_in_the_order_that_is_asked_for(plain_python: str, tmp_path: Path) -> None:
    notebook = make_notebook(tmp_path / "nb.ipynb", "x = 1; x", "x = 2")
    order = (StatementId(1, 0), StatementId(0, 0))
    recording = Runner(Choices(python=plain_python)).record(notebook, order)
    assert (recording.variables, recording.shown) == ({"x": {"kind": "int", "value": 1}}, ())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("while True: pass", "the run was stopped (the limit of 5 seconds; --timeout raises it) (in cell 1)"),
        ("import os; os._exit(3)", "the process ended with exit code 3:  (in cell 1)"),
        ("import ctypes; ctypes.string_at(0)", "the process was killed by SIGSEGV (in cell 1)"),
    ],
)
def test_a_plain_run_that_does_not_end_says_why_and_keeps_what_it_saw(code: str, reason: str, plain_python: str, tmp_path: Path) -> None:
    notebook = make_notebook(tmp_path / "nb.ipynb", "print('before')", code)
    recording = Runner(Choices(python=plain_python, timeout=5)).record(notebook)
    assert (recording.ok, recording.reason, recording.stdout) == (False, reason, {StatementId(0, 0): "before\n"})


@pytest.mark.slow
def test_a_kernel_that_dies_says_where(tmp_path: Path) -> None:
    recording = Runner().record(make_notebook(tmp_path / "nb.ipynb", "x = 1", "import os; os._exit(3)"))
    assert (recording.ok, recording.reason) == (False, "the kernel died in cell 1")


@pytest.mark.slow
def test_a_kernel_that_does_not_end_is_stopped_with_its_children(tmp_path: Path) -> None:
    code = "import subprocess, time\nchild = subprocess.Popen(['sleep', '654.25'])\ntime.sleep(100)"
    recording = Runner(Choices(timeout=4)).record(make_notebook(tmp_path / "nb.ipynb", code))
    assert recording.reason == "the run was stopped in cell 0 (the limit of 4 seconds; --timeout raises it)"
    time.sleep(0.2)
    assert "654.25" not in subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout


def test_a_text_too_long_to_keep_ends_with_the_mark_of_a_cut(plain_python: str, tmp_path: Path) -> None:
    notebook = make_notebook(tmp_path / "nb.ipynb", "import sys\nsize = sys.stdout.write('x' * (17 << 20))")
    text = Runner(Choices(python=plain_python)).record(notebook).stdout[StatementId(0, 1)]
    assert (len(text), text.endswith("x" + CUT)) == ((16 << 20) + len(CUT), True)


def test_a_file_written_again_with_the_same_bytes_is_a_file_written(plain_python: str, tmp_path: Path) -> None:
    notebook = make_notebook(tmp_path / "nb.ipynb", "with open('a.bin', 'wb') as f:\n    f.write(b'1')")
    (tmp_path / "a.bin").write_bytes(b"1")
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    assert Runner(Choices(python=plain_python)).record(notebook).files == (FilePicture("a.bin", 1, digest),)


def test_a_kernel_that_does_not_start_says_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kernels" / "broken"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-c", "import sys; sys.exit('no such library')", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Broken", "language": "python"}))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    with pytest.raises(RunError) as caught:
        Runner(Choices(kernel="broken")).record(make_notebook(tmp_path / "nb.ipynb", "1"))
    assert caught.value.message == f"the kernel `{' '.join(argv[:3])}` does not start: no such library"
    assert caught.value.hint == "choose another with --kernel NAME or --python INTERPRETER"
    recording = Runner().record(make_notebook(tmp_path / "nb.ipynb", "1", kernel="broken"))
    assert (recording.ok, recording.reason) == (False, f"{caught.value.message}; {caught.value.hint}")
