"""What is copied for a run, and what is not."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.model.choices import Choices
from nb2prod.model.notebook import Notebook
from nb2prod.recording import Runner, workspace
from nb2prod.recording.inputs import levels_up
from nb2prod.recording.workspace import open_workspace


@pytest.mark.parametrize(
    ("code", "levels"),
    [
        ("open('x.csv')", 0),
        ("open('../x.csv')", 1),
        ("open('a/../x.csv')", 0),
        ("open('../../x.csv')", 2),
        ("p = os.path.join('..', '..', 'data')", 2),
        ("p = Path('..') / '..' / 'data'", 2),
        ("p = f'../{name}'", 1),
        ("print('..and so on')", 0),
        ("print('" + "../" * 90 + "x')", 0),
    ],
)
def test_the_root_is_as_far_up_as_the_code_reaches(code: str, levels: int, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    assert levels_up(make_notebook(folder / "nb.ipynb", code), folder) == levels


def test_environments_caches_and_dangling_links_stay_behind(tmp_path: Path) -> None:
    for name in (".git/x", "node_modules/x", "__pycache__/x", ".ipynb_checkpoints/x", "env/pyvenv.cfg", "venv/kept.txt", "data/x.csv"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("1")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "linked.csv").symlink_to("data/x.csv")
    os.mkfifo(tmp_path / "pipe")
    with open_workspace(make_notebook(tmp_path / "nb.ipynb", "1")) as opened:
        copied = sorted(str(path.relative_to(opened.root)) for path in opened.root.rglob("*") if path.is_file())
    assert copied == ["data/x.csv", "linked.csv", "venv/kept.txt"]
    assert not opened.root.exists()


def test_a_folder_too_large_to_copy_is_a_recording_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "LIMIT", 3)
    (tmp_path / "big").write_text("12345")
    recording = Runner(Choices()).record(make_notebook(tmp_path / "nb.ipynb", "1"))
    assert (recording.ok, recording.reason) == (
        False,
        f"the folder {tmp_path} holds more than 2 GiB, so no copy of it was made to run in; move the notebook to a folder of its own, take the"
        " beginning of its tables with --sample N, or use --sandbox, which need not copy large files",
    )


def test_a_notebook_beside_the_temporary_folder_is_not_copied_into_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nb.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_workspace(Notebook(str(tmp_path / "nb.ipynb"), "", ())) as workspace:
        assert sorted(path.name for path in workspace.root.rglob("*")) == ["nb.ipynb"]
