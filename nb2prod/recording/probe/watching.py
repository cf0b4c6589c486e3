"""Files opened for reading, seen through an audit hook, relative to the notebook's folder.

pd.read_csv("data/x.csv"), open("../y.txt")   ->   ["data/x.csv", "../y.txt"]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from typing import Dict, List, Optional, Tuple

SYSTEM = ("/usr", "/etc", "/proc", "/sys", "/dev", "/lib", "/lib64", "/run", "/bin")
LAUNCHES = frozenset({"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "pty.spawn"})
ALWAYS_IGNORED = ("site-packages", "dist-packages", "__pycache__", ".ipynb_checkpoints", ".git")


class Watch:
    """Collects the files this process opens for reading from now on."""

    def __init__(self, root: str, folder: str, private: str) -> None:
        self._root = os.path.realpath(root)
        self._folder = os.path.realpath(folder)
        own = (private, sys.prefix, sys.base_prefix, sys.exec_prefix)
        self._ignored = SYSTEM + tuple(os.path.realpath(path) for path in own)
        self._seen: Dict[str, bool] = {}
        self._on = True
        self._launched = False
        self._started = time.time()
        sys.addaudithook(self._hook)

    def stop(self) -> None:
        """An audit hook cannot be taken out again; it goes quiet."""
        self._on = False

    def launched(self) -> bool:
        """Whether another process was started since this was last asked."""
        launched, self._launched = self._launched, False
        return launched

    def reads(self) -> List[str]:
        """What was read, in the order of the first opening."""
        found = (self._told(path, older) for path, older in list(self._seen.items()))
        return [path for path in found if path]

    def _hook(self, event: str, args: Tuple[object, ...]) -> None:
        if not self._on:
            return
        if event in LAUNCHES:
            self._launched = True
            return
        try:
            path = _opened(event, args)
            if path is not None:
                path = os.path.abspath(path)
                if path not in self._seen and os.path.isfile(path):
                    self._seen[path] = os.stat(path).st_mtime < self._started
        except Exception:  # nothing here may reach the notebook
            return

    def _told(self, path: str, older: bool) -> str:
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if any(part in ALWAYS_IGNORED for part in path.split(os.sep)):
            return ""
        if path.startswith(self._root + os.sep):
            return os.path.relpath(path, self._folder).replace(os.sep, "/")
        parts = path.split(os.sep)
        hidden = any(part.startswith(".") for part in parts)
        system = any(path.startswith(place + os.sep) for place in self._ignored)
        scratch = not older and path.startswith(tempfile.gettempdir() + os.sep)  # made during the run
        return "" if hidden or system or scratch else path


def _opened(event: str, args: Tuple[object, ...]) -> Optional[str]:
    """The path an audit event opens for reading, if it does."""
    if event == "sqlite3.connect" and args and isinstance(args[0], (str, bytes)):
        return os.fsdecode(args[0])
    if event != "open" or len(args) < 3 or not isinstance(args[0], (str, bytes)):
        return None
    mode, flags = args[1], args[2]
    if isinstance(mode, str):
        reading = "r" in mode or "+" in mode and "w" not in mode
    else:
        reading = isinstance(flags, int) and not flags & (os.O_WRONLY | os.O_TRUNC)
    return os.fsdecode(args[0]) if reading else None
