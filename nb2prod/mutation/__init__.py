"""mutation: how many small faults in a project's stages its own tests notice.

    measure(Project, folder, python, Limits(seconds=60))   ->   (StageScore("clean_df", killed=23, total=25, survivors=(...)), ...)

Takes a saved project's folder and the interpreter it runs in; gives a score for each function. Never changes the project, and never leaves a
process behind. Three examples:

    def keep(df): return df[df.age > 30]     a test that holds a row with the age 30        `>` became `>=` is killed
    the same                                 a test that only asks for a frame              `>` became `>=` survives
    def show(df): print(df)                  no test calls it                               all its mutants are "not reached"
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nb2prod.errors import RunError
from nb2prod.mutation.mutants import Mutant, mutants_of

__all__ = ["Function", "Mutant", "Score", "StageScore", "measure", "mutants_of"]

WARM = Path(__file__).with_name("warm.py")
LENT = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "tomli", "typing_extensions")
FOUND = ("killed", "timeout")
GRACE = 900.0  # seconds beyond the limit for collecting the tests and running them once as they are
QUESTION = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pytest') is None)"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Function:
    """A function to put faults into: its name and its module's name with the package's before it."""

    name: str
    module: str


@dataclass(frozen=True)
class StageScore:
    """What became of the mutants of one function; `untried` ones fell to the limit of time and count for nothing."""

    stage: str
    module: str
    killed: int = 0
    total: int = 0
    untried: int = 0
    survivors: tuple[Mutant, ...] = ()

    @property
    def percent(self) -> float:
        return 100.0 * self.killed / self.total if self.total else 100.0


@dataclass(frozen=True)
class Score:
    """The scores of a project's functions, how many tests there were, and those that fail without any fault."""

    stages: tuple[StageScore, ...]
    tests: int = 0
    failing: tuple[str, ...] = ()

    @property
    def killed(self) -> int:
        return sum(stage.killed for stage in self.stages)

    @property
    def total(self) -> int:
        return sum(stage.total for stage in self.stages)

    @property
    def percent(self) -> float:
        return 100.0 * self.killed / self.total if self.total else 100.0


@dataclass(frozen=True)
class Bench:
    """Where and how the tests run: the interpreter, what joins its environment, seconds for all mutants, arguments for pytest."""

    python: str
    seconds: float = 120.0
    environment: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ("-m", "not slow")


def measure(
    folder: Path, functions: Sequence[Function], bench: Bench, progress: Callable[[int, int], None] = lambda done, of: None
) -> Score:
    """Runs the tests of the project in `folder` against every mutant of its functions; `progress` hears how many are done, of how many.

    Raises:
        RunError: there is no pytest, or the tests cannot be collected.
    """
    mutants = _in_turn(mutants_of_project(folder, functions))
    fates: dict[int, str] = {}
    told: dict[str, object] = {}
    for event in _events(folder, functions, mutants, bench):
        if "mutant" in event:
            fates[int(str(event["mutant"]))] = str(event["fate"])
            progress(len(fates), len(mutants))
        else:
            told = event
    if not told:
        raise RunError(f"{folder}: the tests could not be collected", f"see what `cd {folder} && {bench.python} -m pytest` says")
    failing = told["failing"]
    scores = tuple(_score(function, mutants, fates) for function in functions)
    return Score(scores, int(str(told["tests"])), tuple(failing) if isinstance(failing, list) else ())


def mutants_of_project(folder: Path, functions: Sequence[Function]) -> list[Mutant]:
    """The mutants of some functions of a saved project."""
    found: list[Mutant] = []
    for module in dict.fromkeys(function.module for function in functions):
        source = folder.joinpath("src", *module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
        found += mutants_of(source, module, [function.name for function in functions if function.module == module])
    return found


def _in_turn(mutants: list[Mutant]) -> list[Mutant]:
    """Mixed, always alike: when time runs out, every function has had its share."""
    mixed = list(mutants)
    random.Random(len(mixed)).shuffle(mixed)
    return mixed


def _score(function: Function, mutants: Sequence[Mutant], fates: Mapping[int, str]) -> StageScore:
    own = [(one, fates.get(at, "")) for at, one in enumerate(mutants) if (one.module, one.function) == (function.module, function.name)]
    tried = [(one, fate) for one, fate in own if fate]
    alive = tuple(sorted((one for one, fate in tried if fate not in FOUND), key=lambda one: (one.line, one.what)))
    return StageScore(function.name, function.module, len(tried) - len(alive), len(tried), len(own) - len(tried), alive)


def _events(folder: Path, functions: Sequence[Function], mutants: Sequence[Mutant], bench: Bench) -> Iterator[dict[str, object]]:
    """What the process that runs the tests tells, line by line; it is gone when this ends, however it ends."""
    with tempfile.TemporaryDirectory(prefix="nb2prod-mutate-") as place:
        orders = {
            "folder": str(folder.absolute()),
            "package": functions[0].module.partition(".")[0] if functions else "",
            "modules": sorted({function.module for function in functions}),
            "seconds": bench.seconds,
            "words": list(bench.words),
            "mutants": [{"module": one.module, "function": one.function, "source": one.source} for one in mutants],
        }
        path = Path(place) / "orders.json"
        path.write_text(json.dumps(orders), encoding="utf-8")
        lent = _lend(bench.python, Path(place))
        environment = {**os.environ, **bench.environment, **dict.fromkeys(THREADS, "1"), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": place}
        command = ["timeout", "-s", "KILL", str(bench.seconds + GRACE)] if os.name == "posix" and _has_timeout() else []
        process = subprocess.Popen(
            [*command, bench.python, str(WARM), str(path), *lent],
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
