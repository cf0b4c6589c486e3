"""A run that wants too much is stopped with its reason, and all of its processes with it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from recording.notebook_making import make_notebook

from nb2prod.model.choices import Choices
from nb2prod.model.notebook import StatementId
from nb2prod.recording import Runner, process

HOG = "x = 1\nhog = bytearray(700 << 20)\nimport time; time.sleep(30)"
CHILD = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'x = bytearray(700 << 20); import time; time.sleep(30)'])"


@pytest.mark.parametrize("code", [HOG, CHILD], ids=["itself", "a child"])
def test_a_run_that_takes_too_much_memory_is_stopped_and_says_so(code: str, plain_python: str, tmp_path: Path) -> None:
    started = time.monotonic()
    seen = Runner(Choices(python=plain_python, memory=500 << 20)).record(make_notebook(tmp_path / "nb.ipynb", "print('before')", code))
    assert (seen.ok, seen.stdout[StatementId(0, 0)], time.monotonic() - started < 20) == (False, "before\n", True)
    assert seen.reason == (
        "the run was stopped (it took more than 500 MiB of memory; --memory raises the limit, --sample N takes less data) (in cell 1)"
    )


@pytest.mark.slow
def test_a_kernel_that_takes_too_much_memory_is_stopped_and_says_so(tmp_path: Path) -> None:
    seen = Runner(Choices(memory=500 << 20)).record(make_notebook(tmp_path / "nb.ipynb", "x = 1", HOG))
    assert seen.reason.startswith("the run was stopped in cell 1 (it took more than 500 MiB of memory;")


def test_a_run_that_prints_without_end_is_stopped(plain_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OUTPUT", 1 << 20)
    seen = Runner(Choices(python=plain_python)).record(make_notebook(tmp_path / "nb.ipynb", "while True: print('x' * 1000)"))
    assert (seen.ok, seen.reason) == (False, "the run was stopped (it printed more than 1 MiB) (in cell 0)")


@pytest.mark.slow
def test_a_kernel_that_prints_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nb2prod.recording.kernel.OUTPUT", 1 << 20)
    seen = Runner().record(make_notebook(tmp_path / "nb.ipynb", "while True: print('x' * 1000)"))
    assert seen.reason.startswith("the run was stopped in cell 0 (it printed more than")


@pytest.mark.parametrize(
    ("name", "value", "code", "reason"),
    [
        ("DISK", 1 << 20, "open('big', 'wb').write(b'x' * (5 << 20))", "it wrote more than 1 MiB to the disk"),
        ("FILES", 20, "for i in range(100): open(str(i), 'w').close()", "it made more than 20 files"),
    ],
)
def test_a_run_that_fills_the_disk_is_stopped(  # noqa: PLR0913
    name: str, value: int, code: str, reason: str, plain_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, name, value)
    cell = f"{code}\nimport time; time.sleep(30)"
    seen = Runner(Choices(python=plain_python)).record(make_notebook(tmp_path / "nb.ipynb", cell))
    assert (seen.ok, seen.reason) == (False, f"the run was stopped ({reason}) (in cell 0)")


def test_daemons_that_leave_their_session_are_found_when_the_run_is_over(plain_python: str, tmp_path: Path) -> None:
    code = "import subprocess\nsubprocess.Popen(['setsid', 'sh', '-c', 'sleep 655.5 & sleep 655.5 & wait'])\nimport os; os.system('(sleep 655.5 &)')"
    assert Runner(Choices(python=plain_python)).record(make_notebook(tmp_path / "nb.ipynb", code)).ok
    assert "655.5" not in subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout
