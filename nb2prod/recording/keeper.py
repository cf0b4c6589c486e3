"""A process of its own between nb2prod and what it runs: it sees to it that nothing outlives the run and nothing outgrows its limits.

    python keeper.py '{"ending": "/tmp/.../ending.json", "memory": 8589934592, ...}' COMMAND...   < lifeline

Standard input is the lifeline: when it ends, because the run is over or nb2prod is gone (killed with SIGKILL, even), every process below this
one is killed. Where the system can, orphans come back to this process, so that a daemon of the notebook's is found as well. How it ended goes
to the file `ending`: {"code": 0, "why": "", "peak": 123456}. This file is a script and imports nothing of nb2prod.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LOOK_SECONDS = 0.2
CLOSE_SECONDS = 0.05  # between two looks at memory when more than half of it is taken
DISK_SECONDS = 1.0
ROUNDS = 200
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def main(arguments: list[str]) -> int:
    """Run the command until it ends, the lifeline breaks or a limit is passed."""
    orders = json.loads(arguments[0])
    process_control(PR_SET_CHILD_SUBREAPER, 1)
    stop, told = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: os.write(told, b"x"))
    environment = {key: value for key, value in os.environ.items() if key != "JPY_PARENT_PID"}  # that process is not the kernel's parent
    child = subprocess.Popen(arguments[1:], stdin=subprocess.DEVNULL, env=environment, start_new_session=True, preexec_fn=die_with_keeper)
    watch = Watch(orders, child.pid)
    code: int | None = None
    while code is None and not watch.why:
        ready, _, _ = select.select([0, stop], [], [], watch.pause)
        if ready:
            break
        watch.look()
        code = reap(child.pid)
    kill_all(child.pid)
    code = reap(child.pid) if code is None else code
    with contextlib.suppress(OSError):
        with open(orders["ending"], "w", encoding="utf-8") as file:
            json.dump({"code": -9 if code is None else code, "why": watch.why, "peak": watch.peak}, file)
    return code if code is not None and code >= 0 else 128 - (code or -9)


def process_control(option: int, value: int) -> None:
    """prctl, where there is one."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def die_with_keeper() -> None:
    process_control(PR_SET_PDEATHSIG, signal.SIGKILL)


def reap(child: int) -> int | None:
    """Takes leave of every process that ended; gives the exit code of the child if it is among them."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if pid == 0:
            return code
        if pid == child:
            code = os.waitstatus_to_exitcode(status)


def below(pid: int) -> Iterator[int]:
    """Every process below a process, as far as the system tells."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                children = [int(word) for word in file.read().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from below(child)


def kill_all(child: int) -> None:
    """Kills all that is below this process, until nothing is left; where the system does not tell what is, the child's group."""
    for _ in range(ROUNDS):
        with contextlib.suppress(OSError):
            os.killpg(child, signal.SIGKILL)
        left = [pid for pid in below(os.getpid()) if not is_zombie(pid)]
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return
        time.sleep(0.01)


def is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


class Watch:
    """Looks now and then at what the run takes; `why` says which limit it passed."""

    def __init__(self, orders: dict[str, Any], child: int) -> None:
        self.orders = orders
        self.child = child
        self.why = ""
        self.peak = 0
        self.pause = LOOK_SECONDS
        self._sizes = disk(orders["folders"])
        self._next = time.monotonic() + DISK_SECONDS

    def look(self) -> None:
        """One look at memory and outputs, and when it is time at the disk."""
        taken = sum(resident(pid) for pid in below(os.getpid()))
        if taken > self.orders["memory"]:
            taken = sum(proportional(pid) for pid in below(os.getpid()))  # pages that processes share count once
        self.peak = max(self.peak, taken)
        self.pause = CLOSE_SECONDS if taken > self.orders["memory"] / 2 else LOOK_SECONDS
        if taken > self.orders["memory"]:
            self.why = "memory"
        elif sum(size_of(path) for path in self.orders["outputs"]) > self.orders["output"]:
            self.why = "output"
        elif time.monotonic() >= self._next:
            self._look_at_disk()

    def _look_at_disk(self) -> None:
        started = time.monotonic()
        files, size = disk(self.orders["folders"])
        self._next = time.monotonic() + max(DISK_SECONDS, 20 * (time.monotonic() - started))
        if files - self._sizes[0] > self.orders["files"]:
            self.why = "files"
        elif size - self._sizes[1] > self.orders["disk"]:
            self.why = "disk"


def resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024
    except (OSError, StopIteration, ValueError):
        return resident(pid)


def size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def disk(folders: list[str]) -> tuple[int, int]:
    """How many files there are below the folders, and how many bytes they take on the disk."""
    files = size = 0
    for top in folders:
        for folder, _, names in os.walk(top):
            for name in names:
                with contextlib.suppress(OSError):
                    files, size = files + 1, size + os.lstat(os.path.join(folder, name)).st_blocks * 512
    return files, size


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
