"""The extension's own tests, in the same run as all others."""

from __future__ import annotations

import pytest

from lab.conftest import skip
from lab.extension_build import SOURCES, installed, npm

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("script", ["test", "lint"])
def test_the_sources_pass(script: str) -> None:
    trouble = installed()
    if trouble:
        skip(f"the extension's own tests cannot run: {trouble}")
    assert npm(300, "run", script) == ""


def test_the_lock_file_names_no_registry() -> None:
    lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock and "registry." not in lock
