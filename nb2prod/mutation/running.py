"""Starts our injected code in a project's interpreter and hears what it tells, line by line.

    told_by("warm", {"folder": "churn", "mutants": [...]}, Bench(python, seconds=60))   ->   {"mutant": 0, "fate": "killed"}, ...

The process and all it started are gone when the caller stops listening, however that ends; nothing is written outside a temporary folder.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nb2prod.errors import RunError

SOURCE = Path(__file__).parent
INJECTED = ("forks.py", "searching.py", "varying.py", "warm.py")
INSTALLED = "_nb2prod_mutants"  # a name of its own: the project may import what it likes
LENT = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "tomli", "typing_extensions")
GRACE = 900.0  # seconds beyond the limit for collecting the tests and running them once as they are
QUESTION = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pytest') is None)"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
START = """
import importlib, json, sys
sys.path.extend(sys.argv[4:])
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2])
sys.path.remove(sys.argv[1])
with open(sys.argv[3], encoding="utf-8") as file:
    orders = json.load(file)
sys.exit(module.main(orders))
"""


@dataclass(frozen=True)
class Bench:
    """Where and how the tests run: the interpreter, what joins its environment, seconds for all mutants, arguments for pytest."""

    python: str
    seconds: float = 120.0
    environment: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ("-m", "not slow")


def told_by(module: str, orders: Mapping[str, object], bench: Bench) -> Iterator[dict[str, object]]:
    """What one of the injected modules tells. Raises `RunError` where there is no pytest to be had."""
    with tempfile.TemporaryDirectory(prefix="nb2prod-mutate-") as place:
        path = Path(place) / "orders.json"
        path.write_text(json.dumps(orders), encoding="utf-8")
        lent = _lend(bench.python, Path(place))
        _inject(Path(place) / "code")
        environment = {**os.environ, **bench.environment, **dict.fromkeys(THREADS, "1"), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": place}
        limit = ["timeout", "-s", "KILL", str(bench.seconds + GRACE)] if os.name == "posix" and _has_timeout() else []
        process = subprocess.Popen(
            [*limit, bench.python, "-c", START, str(Path(place) / "code"), f"{INSTALLED}.{module}", str(path), *lent],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=environment,
            encoding="utf-8",
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.stdout.close()
            process.wait()


def _inject(folder: Path) -> None:
    """Our code for the project's interpreter, as a package that needs nothing else of ours."""
    package = folder / INSTALLED
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    for name in INJECTED:
        text = (SOURCE / name).read_text(encoding="utf-8").replace("nb2prod.mutation", INSTALLED)
        (package / name).write_text(text, encoding="utf-8")


def _has_timeout() -> bool:
    return any((Path(folder) / "timeout").exists() for folder in os.get_exec_path())


def _lend(python: str, place: Path) -> list[str]:
    """A folder with our own pytest in it, for an interpreter that has none. Raises `RunError` where we have none either."""
    asked = subprocess.run([python, "-c", QUESTION], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if not asked.returncode:
        return []
    if importlib.util.find_spec("pytest") is None:
        raise RunError(f"{python} has no pytest", f"{python} -m pip install pytest")
    lent = place / "lent"
    lent.mkdir()
    for name in LENT:
        found = importlib.util.find_spec(name)
        if found is not None and found.origin and found.origin.endswith(".py"):  # what is compiled fits our interpreter only
            origin = Path(found.origin)
            source = origin.parent if origin.name == "__init__.py" else origin
            (lent / source.name).symlink_to(source)
    return [str(lent)]
