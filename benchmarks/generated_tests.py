"""The tests of converted projects, over and over: in random order, in parallel, with the network closed, in an environment of their own.

    python benchmarks/generated_tests.py DIR... [--runs 10] [--python INTERPRETER] [--workers 2]

Needs an interpreter with the projects' libraries, pytest, pytest-randomly and pytest-xdist, and nothing of nb2prod (without --python one is made in a
temporary folder from the projects' own requirements). Linux only: `unshare -n` takes the network away. A line for each project: runs that passed, the
slowest, the bytes of recorded cases. Exit 1 when a run failed, took more than 30 seconds, or the cases take more than 200 kB.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import tomlkit

SECONDS, BYTES = 30.0, 200_000
TOOLS = ("pytest", "pytest-randomly", "pytest-xdist")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Figures:
    """What came of one project's runs: the seeds that failed, the seconds of each run, the bytes of its recorded cases."""

    name: str
    failed: tuple[int, ...]
    seconds: tuple[float, ...]
    recorded: int

    @property
    def good(self) -> bool:
        return not self.failed and max(self.seconds) <= SECONDS and self.recorded <= BYTES

    @property
    def line(self) -> str:
        passed = len(self.seconds) - len(self.failed)
        told = f"  failed with the seeds {', '.join(map(str, self.failed))}" if self.failed else ""
        return f"{self.name:<24} {passed:>3} of {len(self.seconds):<3} slowest {max(self.seconds):>5.1f} s  {self.recorded:>7} bytes{told}"


def main() -> int:
    options = parsed()
    with tempfile.TemporaryDirectory(prefix="generated-tests-") as place:
        python = options.python or made(Path(place), options.projects)
        found = []
        for project in options.projects:
            found.append(figures(project, python, options))
            print(found[-1].line, flush=True)
    return 0 if all(one.good for one in found) else 1


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--python", default="")
    return parser.parse_args()


def made(place: Path, projects: list[Path]) -> str:
    """An environment with what the projects ask for and the tools of the tests, and no more."""
    wanted: dict[str, None] = dict.fromkeys(TOOLS)
    for project in projects:
        wanted |= dict.fromkeys(tomlkit.parse((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"])
    subprocess.run([sys.executable, "-m", "venv", str(place / "env")], check=True)
    python = str(place / "env" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def figures(project: Path, python: str, options: argparse.Namespace) -> Figures:
    """The project's tests but the slow ones, each run with a seed of its own for the order."""
    failed, seconds = [], []
    variables = {name: os.environ[name] for name in KEPT if name in os.environ}
    for seed in range(1, options.runs + 1):
        words = ["-q", "-m", "not slow", "-n", str(options.workers), "-p", "no:cacheprovider", f"--randomly-seed={seed}"]
        started = time.monotonic()
        command = ["unshare", "-rn", python, "-m", "pytest", *words]
        done = subprocess.run(command, cwd=project, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        seconds.append(time.monotonic() - started)
        if done.returncode:
            failed.append(seed)
            sys.stderr.write(done.stdout.decode("utf-8", "replace")[-2000:])
    recorded = sum(path.stat().st_size for path in (project / "tests" / "recorded").glob("*.json"))
    return Figures(project.name, tuple(failed), tuple(seconds), recorded)


if __name__ == "__main__":
    sys.exit(main())
