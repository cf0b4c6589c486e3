"""A run in the sandbox has no network, writes nowhere but into its copy, and finds its interpreter and libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.errors import ChoiceError
from nb2prod.model.choices import Choices
from nb2prod.recording import Runner, workspace
from nb2prod.recording.sandbox import check_sandbox


def works() -> bool:
    try:
        check_sandbox()
    except ChoiceError:
        return False
    return True


needs_bubblewrap = pytest.mark.skipif(not works(), reason="needs bubblewrap")
HOME = Path.home()


@needs_bubblewrap
@pytest.mark.parametrize("engine", [pytest.param("kernel", marks=pytest.mark.slow), "plain"])
def test_a_run_in_the_sandbox_is_closed_in(engine: str, plain_python: str, tmp_path: Path) -> None:
    here = tmp_path / "mine"
    here.mkdir()
    (here / "x.csv").write_text("1\n")
    cells = (
        "import os, socket, subprocess, numpy\ntext = open('x.csv').read()",
        f"parts = {[*here.parts[1:]]}\nsubprocess.run(['sh', '-c', 'echo 2 >> /' + '/'.join(parts) + '/x.csv'], check=True)\nopen('x.csv').read()",
        "socket.create_connection(('192.0.2.1', 80), timeout=5)",
        "open('/usr/nb2prod', 'w')",
        f"home = [name for name in os.listdir({str(HOME)!r}) if not name.startswith('.')]",
        "tmp = subprocess.run(['mktemp'], capture_output=True, text=True).returncode",
    )
    choices = Choices(sandbox=True, timeout=60, python=plain_python if engine == "plain" else "")
    seen = Runner(choices).record(make_notebook(here / "nb.ipynb", *cells))
    assert (seen.ok, seen.reason) == (True, "")
    assert [(one.statement.cell, one.error) for one in seen.failures] == [(2, "OSError"), (3, "OSError")]
    assert (seen.variables["text"]["value"], seen.shown[0].picture["value"]) == ("1\n", "1\n2\n")
    assert (seen.variables["home"].get("items"), seen.variables["tmp"]["value"]) == ([], 0)
    assert (here / "x.csv").read_text() == "1\n"


@needs_bubblewrap
def test_a_folder_too_large_to_copy_is_shown_in_the_sandbox(plain_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "LIMIT", 1000)
    monkeypatch.setattr(workspace, "LINKED_FROM", 1000)
    (tmp_path / "big.bin").write_bytes(b"x" * 2000)
    (tmp_path / "small.txt").write_text("small")
    cells = ("n = len(open('big.bin', 'rb').read()), open('small.txt').read()", "open('big.bin', 'ab')", "import os; os.remove('big.bin')")
    seen = Runner(Choices(sandbox=True, python=plain_python)).record(make_notebook(tmp_path / "nb.ipynb", *cells))
    assert (seen.ok, [item["value"] for item in seen.variables["n"]["items"]]) == (True, [2000, "small"])
    assert [(one.statement.cell, one.error) for one in seen.failures] == [(1, "OSError")]
    assert (tmp_path / "big.bin").stat().st_size == 2000


@pytest.mark.parametrize(
    ("program", "said"), [("", "there is no `bwrap` on this machine"), ("echo no >&2; exit 1", "`bwrap` does not work here: no")]
)
def test_without_bubblewrap_the_option_says_so_before_anything_runs(program: str, said: str, tmp_path: Path) -> None:
    if program:
        (tmp_path / "bwrap").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "bwrap").chmod(0o755)
    command = [sys.executable, "-m", "nb2prod", "convert", str(tmp_path / "nb.ipynb"), "--sandbox"]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: --sandbox needs bubblewrap, and {said}\nhint: install bubblewrap (`apt-get install bubblewrap`)")
