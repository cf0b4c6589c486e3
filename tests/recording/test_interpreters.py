"""Which kernel or interpreter runs a notebook, and what is said when there is none."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from nb2prod.errors import RunError
from nb2prod.model.choices import Choices
from nb2prod.recording.interpreters import Engine, choose_engine


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place where Jupyter looks for kernels first."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    return tmp_path / "kernels"


def install(kernels: Path, name: str, argv: list[str], language: str = "python") -> None:
    folder = kernels / name
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": name, "language": language, "env": {"A": "b"}}))


def trouble(choices: Choices, named: str) -> tuple[str, str]:
    with pytest.raises(RunError) as caught:
        choose_engine(choices, named)
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("named", ["", "python3"])
def test_a_notebook_that_names_no_or_the_usual_kernel_gets_the_usual_one(named: str) -> None:
    engine = choose_engine(Choices(), named)
    assert (engine.python, engine.argv[1:3]) == (sys.executable, ("-m", "ipykernel_launcher"))


def test_the_named_kernel_is_used_and_the_chosen_one_wins(kernels: Path) -> None:
    install(kernels, "mine", [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    engine = Engine(sys.executable, (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"), {"A": "b"})
    assert choose_engine(Choices(), "mine") == engine
    assert choose_engine(Choices(kernel="mine"), "theirs") == engine


def test_a_chosen_interpreter_with_ipykernel_needs_no_installed_kernel() -> None:
    argv = (sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
    assert choose_engine(Choices(python=sys.executable), "whatever") == Engine(sys.executable, argv)


@pytest.mark.parametrize("choices", [Choices(kernel="nope"), Choices()])
def test_a_kernel_that_is_not_installed_is_named_with_those_that_are(choices: Choices) -> None:
    message, hint = trouble(choices, "nope")
    assert message.startswith("the kernel `nope` is not installed here (installed: ")
    assert "python3" in message
    assert hint == "choose another with --kernel NAME or --python INTERPRETER"


def test_a_kernel_of_another_language_is_refused(kernels: Path) -> None:
    install(kernels, "ir", ["R"], language="R")
    assert trouble(Choices(), "ir") == ("the kernel `ir` runs R, not Python", "choose another with --kernel NAME or --python INTERPRETER")


def test_a_kernel_whose_interpreter_is_gone_says_so(kernels: Path) -> None:
    install(kernels, "old", ["/gone/bin/python", "-m", "ipykernel_launcher"])
    assert trouble(Choices(), "old")[0] == "the kernel `old` starts `/gone/bin/python`, which is not there"


def test_a_kernel_behind_a_script_needs_the_interpreter_named(kernels: Path) -> None:
    install(kernels, "script", ["/opt/start.sh", "{connection_file}"])
    message = "the kernel `script` starts `/opt/start.sh`, and it cannot be seen which Python that is"
    assert trouble(Choices(), "script") == (message, "name it with --python INTERPRETER")


def test_an_interpreter_that_is_not_there_is_refused() -> None:
    hint = "give --python the path of a Python executable"
    assert trouble(Choices(python="/gone/python"), "") == ("there is no interpreter `/gone/python`", hint)


def test_a_program_that_is_no_python_is_refused() -> None:
    message, _ = trouble(Choices(python="/bin/ls"), "")
    assert message.startswith("`/bin/ls` is not a Python 3.8 or later: ")


def test_a_file_that_cannot_be_started_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_bytes(b"\x7fELF broken")
    program.chmod(0o755)
    message, _ = trouble(Choices(python=str(program)), "")
    assert message.startswith(f"`{program}` cannot be started: ")
