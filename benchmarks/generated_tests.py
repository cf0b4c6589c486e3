"""The tests of converted projects, over and over: in random order, in parallel, with the network closed, in an environment of their own.

    python benchmarks/generated_tests.py DIR... [--runs 10] [--python INTERPRETER] [--workers 2]

Without --python each project has an environment of its own, made by `uv` in a temporary folder: the project itself with its `test` extra, and
pytest-randomly and pytest-xdist. Linux only: `unshare -n` takes the network away. A line for each project: runs that passed, the slowest, the most
processor time of a run (which tells a slow project from a busy machine), the bytes of recorded cases. Exit 1 when a run failed, took more than 30
seconds, or the cases take more than 200 kB.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SECONDS, BYTES = 30.0, 200_000
TOOLS = ("pytest-randomly", "pytest-xdist")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Figures:
    """What came of one project's runs: the seeds that failed, each run's seconds and those of processors, the bytes of its recorded cases."""

    name: str
    failed: tuple[int, ...]
    seconds: tuple[float, ...]
    processor: tuple[float, ...]
    recorded: int

    @property
    def good(self) -> bool:
        return not self.failed and max(self.seconds) <= SECONDS and self.recorded <= BYTES

    @property
    def line(self) -> str:
        passed = len(self.seconds) - len(self.failed)
        told = f"  failed with the seeds {', '.join(map(str, self.failed))}" if self.failed else ""
        times = f"slowest {max(self.seconds):>5.1f} s, {max(self.processor):>5.1f} s of processor"
        return f"{self.name:<24} {passed:>3} of {len(self.seconds):<3} {times}  {self.recorded:>7} bytes{told}"


def main() -> int:
    options = parsed()
    found = []
    for project in options.projects:
        with tempfile.TemporaryDirectory(prefix="generated-tests-") as place:
            found.append(figures(project, options.python or made(Path(place), project), options))
        print(found[-1].line, flush=True)
    return 0 if all(one.good for one in found) else 1


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--python", default="")
    return parser.parse_args()


def made(place: Path, project: Path) -> str:
    """An environment with what the project asks for and the tools of the tests, and no more."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]))
    if uv is None:
        raise SystemExit(f"there is no uv: {sys.executable} -m pip install uv, or name an interpreter with --python")
    python = str(place / "env" / "bin" / "python")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(place / "env")], check=True)
    asked = [f"{project.absolute()}[test]", *TOOLS]
    subprocess.run([uv, "pip", "install", "-q", "--compile-bytecode", "--python", python, *asked], check=True)
    return python


def figures(project: Path, python: str, options: argparse.Namespace) -> Figures:
    """The project's tests but the slow ones, each run with a seed of its own for the order."""
    failed, seconds, processor = [], [], []
    variables = {name: os.environ[name] for name in KEPT if name in os.environ}
    for seed in range(1, options.runs + 1):
        words = ["-q", "-m", "not slow", "-n", str(options.workers), "-p", "no:cacheprovider", f"--randomly-seed={seed}"]
        started, used = time.monotonic(), of_processor()
        command = ["unshare", "-rn", python, "-m", "pytest", *words]
        done = subprocess.run(command, cwd=project, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        seconds.append(time.monotonic() - started)
        processor.append(of_processor() - used)
        if done.returncode:
            failed.append(seed)
            sys.stderr.write(done.stdout.decode("utf-8", "replace")[-2000:])
    recorded = sum(path.stat().st_size for path in (project / "tests" / "recorded").glob("*.json"))
    return Figures(project.name, tuple(failed), tuple(seconds), tuple(processor), recorded)


def of_processor() -> float:
    """The seconds that processes which have ended took of all processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
