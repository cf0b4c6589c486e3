"""An interpreter for runs without a kernel, made once for all tests of a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


def bare_python(place: Path) -> str:
    """An interpreter with our libraries but without ipykernel, so that no kernel can be had."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    for folder in place.glob("lib/python*/site-packages"):
        (folder / "hiding.py").write_text(HIDE)  # not as `sitecustomize`: Debian's own Python has one that comes first
        (folder / "ours.pth").write_text("\n".join(["import hiding", *(path for path in sys.path if path.endswith("site-packages"))]))
    return str(place / "bin" / "python")


HIDE = """
import importlib.machinery
real = importlib.machinery.PathFinder.find_spec
def find_spec(name, path=None, target=None):
    return None if name.split(".")[0] in ("ipykernel", "IPython") else real(name, path, target)
importlib.machinery.PathFinder.find_spec = staticmethod(find_spec)
"""


@pytest.fixture(scope="session")
def plain_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    return bare_python(tmp_path_factory.mktemp("bare"))
