"""A converted project with an environment of its own, for the real schedulers; skipped with a line unless asked for.

`make test-schedulers` or NB2PROD_TEST_SCHEDULERS=1 asks for these tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook
from schedulers.environments import uv

from nb2prod.cli import main

ASKED = "NB2PROD_TEST_SCHEDULERS"
CELLS = (
    "region = '010'\nfactor = 2\nflag = True\nids = [1, 2]",
    "with open('seen.json', 'w') as file:\n    import json\n    json.dump([region, factor, flag, ids], file)",
    "total = factor * sum(ids)\nprint(total)",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.scheduler)
        if not os.environ.get(ASKED):
            item.add_marker(pytest.mark.skip(reason=f"real schedulers run by `make test-schedulers` ({ASKED}=1)"))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as a user has it: converted, and installed into its own `.venv`."""
    folder = tmp_path_factory.mktemp("jobs")
    write_notebook(folder / "sums.ipynb", *CELLS)
    assert main(["convert", str(folder / "sums.ipynb"), "-o", str(folder / "sums"), "--no-run", "-q"]) == 0
    made = folder / "sums"
    for words in (["venv", "-q", "--python", sys.executable, ".venv"], ["pip", "install", "-q", "--python", ".venv/bin/python", "-e", "."]):
        subprocess.run([uv(), *words], cwd=made, check=True, timeout=300)
    return made


@pytest.fixture
def scheduled(project: Path) -> Callable[..., Path]:
    """Writes the job files of a target; gives their folder."""

    def schedule(target: str, *words: str, cron: str = "30 6 * * 1-5") -> Path:
        asked = ["--target", target, "--cron", cron, "--timezone", "UTC", "--set", f"host.project={project}"]
        assert main(["schedule", str(project), *asked, *(part for word in words for part in ("--set", word)), "-q"]) == 0
        (project / "seen.json").unlink(missing_ok=True)
        return project / "jobs" / target

    return schedule


@pytest.fixture
def seen(project: Path) -> Callable[[], Any]:
    """What the last run was given."""
    return lambda: json.loads((project / "seen.json").read_text(encoding="utf-8"))
