"""Events of the run -> lines of a file, each written at once, so that a process that dies leaves everything it had told.

journal.write("failure", cell=3, rank=0, error="KeyError", message="'x'")   ->   {"event": "failure", "cell": 3, ...}
"""

from __future__ import annotations

import json
import os

LIMIT = 512 << 20  # bytes of all events together


class Journal:
    """Appends events to a file; a forked child of the notebook writes nothing."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._owner = os.getpid()
        self._written = 0

    def write(self, event: str, **fields: object) -> bool:
        """Writes one event; False when it does not fit any more."""
        if os.getpid() != self._owner:
            return True
        line = (json.dumps(dict(fields, event=event)) + "\n").encode("utf-8")
        if self._written + len(line) > LIMIT:
            return False
        self._written += len(line)
        view = memoryview(line)
        while view:
            view = view[os.write(self._file, view) :]
        return True
