"""nb2prod killed at any moment: the user's folder stays as it was, no process lives on, nothing half written is left."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2prod.saving import MANIFEST

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]

CELLS = (
    "import os, subprocess, sys, threading, time\nopen('scores.csv', 'a').write('9\\n')",
    "daemon = subprocess.Popen([sys.executable, '-c', 'import os, time; os.setsid(); time.sleep(120)'])",
    "double = os.system('(sleep 121 &) ; true')",
    "def wait():\n    time.sleep(120)\nthread = threading.Thread(target=wait, daemon=True)\nthread.start()",
    "for number in range(8):\n    with open(f'part{number}.txt', 'w') as file:\n        written = file.write('x' * 1000)\n    time.sleep(0.05)",
    "os.remove('old.txt')\ntotal = sum(int(line) for line in open('scores.csv'))\nprint(total)\ndaemon.kill()",
)
MOMENTS = 20
LONGEST = 60.0  # seconds until a conversion has surely ended


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def marked(mark: str) -> list[str]:
    """The command lines of processes that carry a mark in their environment."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                environment = Path("/proc", entry, "environ").read_bytes()
                command = Path("/proc", entry, "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in environment and command:
                found.append(command.decode(errors="replace").replace("\0", " "))
    return found


def gone(mark: str) -> list[str]:
    """What is still running after some seconds of patience."""
    deadline = time.monotonic() + 10
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    return marked(mark)


class Place:
    """A folder with a notebook, a temporary folder and a place for the project."""

    def __init__(self, root: Path) -> None:
        self.user, self.temporary, self.out = root / "user", root / "tmp", root / "out"
        for folder in (self.user, self.temporary, self.out):
            folder.mkdir()
        (self.user / "scores.csv").write_text("1\n2\n")
        (self.user / "old.txt").write_text("old")
        write_notebook(self.user / "nb.ipynb", *CELLS)

    def start(self, mark: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "nb2prod", "convert", str(self.user / "nb.ipynb"), "-o", str(self.out / "made"), "-q", "--force"]
        environment = {**os.environ, "TMPDIR": str(self.temporary), "KILLING_MARK": mark}
        return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def length(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a conversion takes that nobody disturbs."""
    place, started, mark = Place(tmp_path_factory.mktemp("whole")), time.monotonic(), uuid.uuid4().hex
    assert place.start(mark).wait(LONGEST) in (0, 1)
    assert (gone(mark), list(place.temporary.iterdir())) == ([], [])
    return time.monotonic() - started


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_killed_at_any_moment_nothing_is_left_and_nothing_changed(name: str, length: float, tmp_path: Path) -> None:
    place = Place(tmp_path)
    before, chance = contents(place.user), random.Random(f"moments of {name}")
    for _ in range(MOMENTS // 3 + 1):
        mark, moment = uuid.uuid4().hex, chance.uniform(0.05, length * 0.95)
        process = place.start(mark)
        try:
            time.sleep(moment)
            process.send_signal(getattr(signal, name))
            process.wait(LONGEST)
        finally:
            process.kill()
        told = f"{name} after {moment:.2f} of {length:.2f} seconds"
        assert gone(mark) == [], told
        assert contents(place.user) == before, told
        made = place.out / "made"
        assert not made.exists() or (made / MANIFEST).is_file(), told
    mark = uuid.uuid4().hex
    assert place.start(mark).wait(LONGEST) in (0, 1)
    assert (gone(mark), contents(place.user)) == ([], before)
    assert [path.name for path in place.temporary.iterdir() if path.name.startswith("nb2prod-")] == []
    assert [path.name for path in place.out.rglob(".nb2prod-*")] == []
