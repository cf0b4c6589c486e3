"""Each peer in an environment of its own, made once by uv and kept.

    made(PEERS["jupytext"], folder)   ->   Environment("jupytext", folder / "jupytext-3f0c...", "1.19.6", reason="")
    a peer that cannot be installed   ->   Environment("lineapy", None, "", reason="no Python 3.10 was found")

Ranges, not pins: a new version may come in, one that is known to break the tool may not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SECONDS = 900  # for one environment with an empty cache
LIBRARIES = ("scikit-learn", "matplotlib", "seaborn", "statsmodels", "openpyxl", "joblib")  # what the samples import


@dataclass(frozen=True)
class Peer:
    """What is installed for a tool; `python` is the version it needs, "" for our own."""

    name: str
    requirements: tuple[str, ...]
    python: str = ""


PEERS = {
    peer.name: peer
    for peer in (
        Peer("nbconvert", ("nbconvert>=7.16,<8", "ipykernel>=6.25")),  # without IPython it leaves magics as they are
        Peer("jupytext", ("jupytext>=1.16,<2",)),
        Peer("marimo", ("marimo>=0.20,<1",)),
        Peer("soorgeon", ("soorgeon>=0.0.20,<0.1", "ploomber>=0.23,<0.24", "ipykernel>=6.25")),
        # Its last release knows the opcodes of Python 3.10 and older, and the libraries of its day.
        Peer(
            "lineapy",
            (
                "lineapy>=0.2.3,<0.3",
                "pydantic<2",
                "sqlalchemy<2",
                "numpy<2",
                "pandas<2",
                "lxml_html_clean",
                "setuptools<80",
                "ipykernel",
                *LIBRARIES,
            ),
            "3.10",
        ),
    )
}


@dataclass(frozen=True)
class Environment:
    """Where a tool is, and which version; without a place, why not."""

    name: str
    place: Path | None
    version: str = ""
    reason: str = ""

    def tool(self, name: str = "") -> str:
        return str((self.place or Path()) / "bin" / (name or self.name))


def made(peer: Peer, folder: Path) -> Environment:
    """The environment of a peer, made if need be."""
    python = interpreter(peer.python)
    if not python:
        return Environment(peer.name, None, reason=f"no Python {peer.python} was found")
    digest = hashlib.sha256("\n".join([python, *peer.requirements]).encode()).hexdigest()[:12]
    place = folder.absolute() / f"{peer.name}-{digest}"
    inside = str(place / "bin" / "python")
    if not (place / "ready").exists():
        shutil.rmtree(place, ignore_errors=True)
        commands = (
            [uv(), "venv", "-q", "--python", python, str(place)],
            [uv(), "pip", "install", "-q", "--python", inside, *peer.requirements],
        )
        for command in commands:
            done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)
            if done.returncode:
                return Environment(peer.name, None, reason=(done.stderr.strip().splitlines() or ["uv failed"])[0])
        (place / "ready").touch()
    asked = f"import importlib.metadata, sys; print(importlib.metadata.version({peer.name!r}), '%d.%d' % sys.version_info[:2])"
    version, used = subprocess.run([inside, "-c", asked], capture_output=True, encoding="utf-8", check=True).stdout.split()
    return Environment(peer.name, place, f"{version} (Python {used})" if peer.python else version)


def uv() -> str:
    found = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        sys.exit("uv is not installed: pip install uv")
    return found


def interpreter(version: str) -> str:
    """A Python of this version that starts, "" where there is none."""
    if not version:
        return sys.executable
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    managed = subprocess.run([uv(), "python", "find", version], capture_output=True, encoding="utf-8", check=False).stdout.strip()
    for candidate in filter(None, (shutil.which(f"python{version}"), managed, *map(str, installed))):
        told = subprocess.run(
            [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, encoding="utf-8", check=False
        )
        if told.returncode == 0 and told.stdout.strip() == version:
            return candidate
    return ""
