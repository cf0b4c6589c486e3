"""Temporary folders that tell by their name who made them, so that what a killed process left behind is cleared by the next one.

temporary_folder(Path("/tmp"), "nb2prod-")   ->   /tmp/nb2prod-4711-88213-3f2a91-x7k2p9qd      (process 4711, started at tick 88213, of this system)
stale_folders(Path("/tmp"), "nb2prod-")      ->   those whose process is gone
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from contextlib import suppress
from pathlib import Path


def temporary_folder(parent: Path, prefix: str) -> Path:
    """Make a new folder in `parent` that carries the mark of this process. Raises OSError."""
    pid = os.getpid()
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{pid}-{_started(pid)}-{_system()}-", dir=parent))


def stale_folders(parent: Path, prefix: str) -> list[Path]:
    """The folders in `parent` that a process of this user and system made which has ended since."""
    found = []
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False) and _is_orphan(entry, prefix):
                    found.append(Path(entry.path))
    return found


def _is_orphan(entry: os.DirEntry[str], prefix: str) -> bool:
    pid, _, rest = entry.name[len(prefix) :].partition("-")
    started, _, rest = rest.partition("-")
    ours = rest.partition("-")[0] == _system() and pid.isdigit() and (not hasattr(os, "getuid") or entry.stat().st_uid == os.getuid())
    return ours and (not _is_alive(int(pid)) or _started(int(pid)) != started)


def _is_alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # it cannot be asked without harm
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str:
    """When a process started, in ticks since the machine did; 0 where that cannot be seen."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def _system() -> str:
    """Six digits for this machine and the space its process numbers are counted in: containers may share a temporary folder."""
    space = ""
    with suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:6]
