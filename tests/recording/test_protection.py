"""Whatever a run does, the folder it was copied from stays as it is, and what belongs to the run stands in the copy."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.leftovers import stale_folders, temporary_folder
from nb2prod.model.choices import Choices
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Recording
from nb2prod.recording import Runner
from nb2prod.recording.probe.moving import moved
from nb2prod.recording.workspace import PREFIX, open_workspace


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def run(python: str, folder: Path, *cells: str) -> Recording:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "x.csv").write_text("1\n")
    return Runner(Choices(python=python)).record(make_notebook(folder / "nb.ipynb", *cells))


def test_code_that_names_its_folder_in_full_runs_in_the_copy(plain_python: str, tmp_path: Path) -> None:
    here = tmp_path / "mine"
    cells = (
        f"with open('{here}/data/x.csv', 'r+') as f:\n    print(f.read(), end='')\n    f.write('2')",
        f"import os\nos.remove('{here}/data/x.csv')\nopen(f'{here}/new.txt', 'w').close()\nos.system('rm -rf {here}/data')",
        f"import os\nos.chdir('{here}')\nopen('other.txt', 'w').close()\nprint(os.getcwd())",
    )
    seen = run(plain_python, here, *cells)
    assert (seen.ok, seen.failures, [*seen.stdout.values()]) == (True, (), ["1\n", f"{here}\n"])
    assert {"new.txt", "other.txt"} <= {file.path for file in seen.files}
    assert contents(here) == {"data/x.csv": b"1\n"}


DEEDS = (
    "open(path, 'a')",
    "open(path, 'r+')",
    "os.open(path, os.O_RDWR)",
    "os.remove(path)",
    "os.rename(path, path + '2')",
    "os.rename('other.txt', path)",
    "os.truncate(path, 0)",
    "os.chmod(path, 0)",
    "os.mkdir(path + 'd')",
    "shutil.rmtree(os.path.dirname(path))",
    "shutil.copy('other.txt', path)",
    "os.symlink('other.txt', path + 's')",
    "sqlite3.connect(path + '.db')",
    "pathlib.Path(path).write_text('')",
    "os.chdir(os.path.dirname(path)) or open('x.csv', 'w')",
)


def test_a_path_put_together_in_the_run_cannot_change_the_original(plain_python: str, tmp_path: Path) -> None:
    here = tmp_path / "mine"
    parts = [*here.parts[1:], "data", "x.csv"]
    path = f"import os, shutil, sqlite3, pathlib\nopen('other.txt', 'w').close()\npath = '/' + '/'.join({parts})\nlen(open(path).read())"
    seen = run(plain_python, here, path, *DEEDS)
    assert [(failure.statement.cell, failure.error) for failure in seen.failures] == [
        (cell + 1, "PermissionError") for cell in range(len(DEEDS))
    ]
    assert all("use a path relative to the notebook" in failure.message for failure in seen.failures)
    assert contents(here) == {"data/x.csv": b"1\n"}
    assert not (here / "data" / "x.csvs").is_symlink()


def test_the_package_too_names_the_folder_in_full_and_runs_in_the_copy(plain_python: str, tmp_path: Path) -> None:
    here = tmp_path / "mine"
    here.mkdir()
    source = (
        f"from types import SimpleNamespace\n\ndef run():\n    print(open('{here}/new.txt', 'w').name)\n    return SimpleNamespace(x=1)\n"
    )
    project = Project("demo", (File("src/demo/__init__.py", ""), File("src/demo/pipeline.py", source)), {"source_root": "src"})
    seen = Runner(Choices(python=plain_python)).run_package(make_notebook(here / "nb.ipynb", "x = 1"), project, ("x",))
    assert (seen.ok, seen.variables["x"]["value"], [*seen.stdout.values()]) == (True, 1, [f"{here}/new.txt\n"])
    assert contents(here) == {}


def test_only_whole_parts_of_a_path_are_moved() -> None:
    moves = [("/home/ann/churn", "/tmp/copy")]
    told = {
        "/home/ann/churn/x.csv": "/tmp/copy/x.csv",
        "cat /home/ann/churn": "cat /tmp/copy",
        "file:///home/ann/churn/x": "file:///tmp/copy/x",
        "/home/ann/churn2/x": "/home/ann/churn2/x",
        "/home/ann/churn.old": "/home/ann/churn.old",
        "/mnt/home/ann/churn": "/mnt/home/ann/churn",
    }
    assert {text: moved(text, moves) for text in told} == told


def test_a_workspace_of_a_process_that_is_gone_is_cleared_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine = temporary_folder(tmp_path, PREFIX)
    pid, started, rest = mine.name.removeprefix(PREFIX).split("-", 2)
    ended, reused, foreign = f"{2**22 + 1}-{started}-{rest}", f"{pid}-1-{rest}", f"{2**22 + 1}-{started}-ffffff-x"
    for name in (ended, reused, foreign):
        (tmp_path / f"{PREFIX}{name}" / "work").mkdir(parents=True)
    assert sorted(path.name for path in stale_folders(tmp_path, PREFIX)) == sorted([f"{PREFIX}{ended}", f"{PREFIX}{reused}"])
    with open_workspace(make_notebook(tmp_path / "nbs" / "nb.ipynb", "1")):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([mine.name, f"{PREFIX}{foreign}", "nbs"])


def test_a_save_that_was_killed_half_way_is_undone_by_the_next(tmp_path: Path) -> None:
    from nb2prod.saving import MOVES, save

    project = Project("demo", (File("nb2prod.json", "{}"), File("src/a.py", "a = 1\n")))
    folder = tmp_path / "demo"
    save(project, folder)
    before = contents(folder)
    beside = folder / f".nb2prod-{2**22 + 1}-1-{temporary_folder(tmp_path, 'x').name.split('-')[2]}-x"
    (beside / "old" / "src").mkdir(parents=True)
    os.replace(folder / "src" / "a.py", beside / "old" / "src" / "a.py")
    (folder / "src" / "a.py").write_text("a = 2\n")
    (folder / "src" / "b.py").write_text("b = 2\n")
    (beside / MOVES).write_text('["src/a.py", "src/b.py", "nb2prod.json"]')
    (beside / "new").mkdir()
    (beside / "new" / "nb2prod.json").write_text("{}")
    save(project, folder)
    assert contents(folder) == before
