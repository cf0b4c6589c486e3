"""A converted project with an environment of its own, for the real schedulers; skipped with a line unless asked for.

`make test-schedulers` or NB2PROD_TEST_SCHEDULERS=1 asks for these tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook
from schedulers.awkward import CELLS, DEFAULTS, SET
from schedulers.environments import environment, uv

from nb2prod.cli import main
from nb2prod.targets.launch import text_of

ASKED = "NB2PROD_TEST_SCHEDULERS"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.scheduler)
        if not os.environ.get(ASKED):
            item.add_marker(pytest.mark.skip(reason=f"real schedulers run by `make test-schedulers` ({ASKED}=1)"))


def cannot(why: str) -> None:
    """A scheduler that cannot be had is skipped with the reason, but never in CI."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as a user has it: converted, and installed into its own `.venv`."""
    folder = tmp_path_factory.mktemp("jobs")
    write_notebook(folder / "sums.ipynb", *CELLS)
    assert main(["convert", str(folder / "sums.ipynb"), "-o", str(folder / "sums"), "--no-run", "-q"]) == 0
    made = folder / "sums"
    try:
        for words in (
            ["venv", "-q", "--python", sys.executable, ".venv"],
            ["pip", "install", "-q", "--python", ".venv/bin/python", "-e", "."],
        ):
            subprocess.run([uv(), *words], cwd=made, check=True, timeout=600)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        cannot(f"the project's own environment cannot be made: {error}")
    return made


@pytest.fixture
def scheduled(project: Path) -> Iterator[Callable[..., Path]]:
    """Writes the job files of a target, with awkward values of its parameters; gives their folder."""
    job = project / "jobs" / "job.toml"
    before = job.read_bytes()

    def schedule(target: str, *words: str, cron: str = "30 6 * * 1-5", parameters: dict[str, Any] = SET) -> Path:
        asked = ["--target", target, "--cron", cron, "--timezone", "UTC", "--set", f"host.project={project}"]
        words = (*words, *(f"parameters.{name}={text_of(value)}" for name, value in parameters.items()))
        assert main(["schedule", str(project), *asked, *(part for word in words for part in ("--set", word)), "-q"]) == 0
        (project / "seen.json").unlink(missing_ok=True)
        return project / "jobs" / target

    yield schedule
    job.write_bytes(before)


@pytest.fixture
def seen(project: Path) -> Callable[[], Any]:
    """What the last run was given, and which of it were not the defaults."""

    def changed() -> Any:
        found = json.loads((project / "seen.json").read_text(encoding="utf-8"))
        (project / "seen.json").unlink()
        return {name: value for name, value in found.items() if value != DEFAULTS[name] or type(value) is not type(DEFAULTS[name])}

    return changed


@pytest.fixture
def tools() -> Callable[[str], Path]:
    """The folder of a scheduler's programs; the test is skipped with the reason when it cannot be had."""

    def made(name: str) -> Path:
        try:
            return environment(name) / "bin"
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            cannot(f"the environment of {name} cannot be made: {error}")

    return made
