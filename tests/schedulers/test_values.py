"""The same values on the roads without a scheduler: shell, environment, config files, papermill; those with one are in test_real_tools."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import yaml
from schedulers.awkward import DEFAULTS, GIVEN, SET, without
from schedulers.environments import SPEAKS, in_utf8

from nb2prod.targets.launch import text_of

ALL = {**SET, **GIVEN}
TEXTS = {name: text_of(value) for name, value in ALL.items()}
Seen = Callable[[], Any]
OPTIONS = " ".join(f"--{name}={shlex.quote(text)}" for name, text in TEXTS.items())
WORDS = " ".join("-p " + shlex.quote(f"{name}={text}") for name, text in TEXTS.items())
NB2PROD = f"{shlex.quote(sys.executable)} -m nb2prod run ."


def started(line: str, project: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A line of shell in the project's folder, with its own interpreter first on the path."""
    path = os.pathsep.join([str(project / ".venv/bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    known = {**os.environ, **SPEAKS, "PATH": path}
    return subprocess.run(
        in_utf8("sh", "-c", line),
        cwd=project,
        env={**known, **dict(zip(variables, in_utf8(*variables.values()), strict=True))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def toml(values: dict[str, Any]) -> str:
    return tomli_w.dumps(values)


def test_there_are_enough_of_them() -> None:
    assert len(SET) == len(GIVEN) >= 40
    assert all(value != DEFAULTS[name] or type(value) is not type(DEFAULTS[name]) for name, value in ALL.items())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"python -m sums {OPTIONS}", id="the package"),
        pytest.param(f"python -m sums.job -- {OPTIONS}", id="the job"),
        pytest.param(f"{NB2PROD} {WORDS}", id="nb2prod run -p"),
        pytest.param(
            f"{NB2PROD} --notebook --output runs/out.ipynb --python {shlex.quote(sys.executable)} {WORDS}",
            id="nb2prod run --notebook -p",
        ),
    ],
)
def test_values_from_a_shell(line: str, project: Path, seen: Seen) -> None:
    (project / "runs").mkdir(exist_ok=True)
    done = started(line, project)
    assert done.returncode == 0, done.stderr[-2000:]
    assert seen() == ALL


def test_values_from_the_environment(project: Path, seen: Seen) -> None:
    done = started("python -m sums.job", project, **{f"SUMS_{name.upper()}": text for name, text in TEXTS.items()})
    assert done.returncode == 0, done.stderr[-2000:]
    assert seen() == ALL


@pytest.mark.parametrize(
    ("name", "write", "line"),
    [
        ("given.json", json.dumps, "python -m sums --config=given.json"),
        ("given.toml", toml, "python -m sums --config=given.toml"),
        ("given.toml", toml, "python -m sums.job --config=given.toml"),
        ("given.json", json.dumps, f"{NB2PROD} -f given.json"),
        ("given.toml", toml, f"{NB2PROD} -f given.toml"),
        ("given.yaml", yaml.safe_dump, f"{NB2PROD} -f given.yaml"),
        (
            "given.yaml",
            yaml.safe_dump,
            f"{NB2PROD} -f given.yaml --notebook --output runs/out.ipynb --python {shlex.quote(sys.executable)}",
        ),
        ("given.yaml", yaml.safe_dump, "papermill -f given.yaml --no-progress-bar -k python3 notebooks/sums.ipynb runs/out.ipynb"),
        ("given.yaml", yaml.safe_dump, 'papermill -y "$(cat given.yaml)" --no-progress-bar -k python3 notebooks/sums.ipynb runs/out.ipynb'),
    ],
)
def test_values_from_a_file(name: str, write: Callable[[Any], str], line: str, project: Path, seen: Seen) -> None:
    given = without(ALL, "None", str(2**70)) if write is toml else ALL  # TOML has no null, and numbers of 64 bits
    (project / name).write_text(write(given), encoding="utf-8")
    (project / "runs").mkdir(exist_ok=True)
    done = started(line, project, PYTHONPATH=str(project / "src") if "papermill" in line else "")
    assert done.returncode == 0, done.stderr[-2000:]
    assert seen() == given


def test_values_of_papermills_own_p_are_the_same_or_refused(project: Path) -> None:
    """`-p` guesses types: what it guesses wrong must not pass for something else."""
    asked = """
import json, sys
from papermill.cli import _resolve_type
from sums.parameters import ParameterError, Parameters
found = {}
for name, text in json.load(sys.stdin).items():
    try:
        found[name] = getattr(Parameters.from_notebook({name: _resolve_type(text)}), name)
    except ParameterError as error:
        found[name] = ["refused", str(error)]
json.dump(found, sys.stdout)
"""
    known = {**os.environ, **SPEAKS, "PYTHONPATH": str(project / "src")}
    done = subprocess.run(
        [sys.executable, "-c", asked], input=json.dumps(TEXTS), capture_output=True, encoding="utf-8", env=known, timeout=120, check=True
    )
    found = json.loads(done.stdout)
    refused = {name for name, value in found.items() if isinstance(value, list) and value[:1] == ["refused"]}
    assert {name: value for name, value in found.items() if name not in refused} == {
        name: value for name, value in ALL.items() if name not in refused
    }
    assert refused == {f"{road}{number:02}" for road in "ab" for number in (0, 6)}  # 010 and 1e5, which it takes for numbers
    assert all(found[name][1].endswith("papermill -p guesses types, -r NAME VALUE passes a text as it is") for name in refused)
