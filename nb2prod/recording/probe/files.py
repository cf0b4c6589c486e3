"""The files a run wrote -> their content as pictures, where the format is known, in the process that has the libraries to read them.

before = snapshot(root)  ...run...  changed(root, before)   ->   ["out/scores.csv"]
content(camera, "out/scores.csv")                           ->   {"kind": "str", "value": "id,score\\n..."}
"""

from __future__ import annotations

import hashlib
import os
from typing import Any, Dict, List, Tuple

from nb2prod.recording.probe import formats
from nb2prod.recording.probe.pictures import Camera

Snapshot = Dict[str, Tuple[int, int, int]]
IGNORED = frozenset({".ipynb_checkpoints", "__pycache__", ".git", "catboost_info", ".pytest_cache", "node_modules", ".venv", "venv"})
READABLE = 64 << 20  # larger files are compared by their digest only


def snapshot(root: str) -> Snapshot:
    """Size, time of change and identity of every file below a folder, by relative path with forward slashes."""
    found: Snapshot = {}
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name not in IGNORED)
        for name in sorted(files):
            path = os.path.join(folder, name)
            try:
                told = os.stat(path)
            except OSError:
                continue
            found[os.path.relpath(path, root).replace(os.sep, "/")] = (told.st_size, told.st_mtime_ns, told.st_ino)
    return found


def changed(root: str, before: Snapshot) -> List[str]:
    """The files that are new or were written again since."""
    return sorted(path for path, told in snapshot(root).items() if before.get(path) != told)


def digest(path: str) -> str:
    """The sha256 of a file's bytes."""
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha.update(block)
    return sha.hexdigest()


def gone(root: str, before: Snapshot) -> List[str]:
    """The files that were there before and are no more."""
    return sorted(before.keys() - snapshot(root).keys())


def content(camera: Camera, path: str) -> Dict[str, Any]:
    """What a file holds, as a picture; empty when its format is not known or it cannot be read as what its name says."""
    if os.path.getsize(path) > READABLE:
        return {}
    try:
        value = formats.read(path)
    except Exception:
        return {}
    return {} if value is None else camera.of(value)
