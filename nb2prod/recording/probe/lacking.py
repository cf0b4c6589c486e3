"""An error -> what was not there: a file, a module, a host, an environment variable.

lacking(FileNotFoundError(2, "No such file", "data/x.csv"), [])   ->   ("file", "data/x.csv")
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Any, Iterator, Sequence, Tuple

UNREACHED = (socket.gaierror, socket.timeout, ConnectionError, TimeoutError)
DEPTH = 10


def lacking(error: BaseException, hosts: Sequence[str]) -> Tuple[str, str]:
    """The kind of thing that was missing and its name; two empty texts where it was something else. `hosts` were asked for meanwhile."""
    for one in _chain(error):
        if isinstance(one, ModuleNotFoundError) and one.name:
            return "module", one.name.split(".")[0]
        if isinstance(one, OSError) and one.errno == errno.ENOENT and isinstance(one.filename, (str, bytes)):
            return "file", os.fsdecode(one.filename)
        if isinstance(one, KeyError) and _from_environment(one):
            return "variable", str(one.args[0])
        if isinstance(one, UNREACHED) and hosts:
            return "host", hosts[-1]
    return "", ""


def _chain(error: Any) -> Iterator[Any]:
    """The error and what led to it; libraries for the network keep the cause in `reason` or among the arguments."""
    for _ in range(DEPTH):
        if not isinstance(error, BaseException):
            return
        yield error
        inner = [getattr(error, "reason", None), *getattr(error, "args", ())]
        error = next((one for one in inner if isinstance(one, BaseException)), error.__cause__ or error.__context__)


def _from_environment(error: KeyError) -> bool:
    """Whether `os.environ` raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == "os"
