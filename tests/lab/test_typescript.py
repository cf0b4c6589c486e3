"""The extension's own tests, in the same run as all others."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from lab.conftest import skip
from lab.lab_server import SOURCES, build

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("script", ["test", "lint"])
def test_the_sources_pass(script: str) -> None:
    npm = shutil.which("npm")
    trouble = "npm is not installed" if npm is None else build()
    if npm is None or trouble:
        skip(f"the extension's own tests cannot run: {trouble}")
    if not (SOURCES / "node_modules").is_dir():
        subprocess.run([str(npm), "ci"], cwd=SOURCES, check=True, capture_output=True, timeout=600)
    done = subprocess.run([str(npm), "run", script], cwd=SOURCES, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lock_file_names_no_registry() -> None:
    lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock and "registry." not in lock
