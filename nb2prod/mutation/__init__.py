"""mutation: how many small faults in a project's stages its own tests notice.

    measure(Project, folder, python, Limits(seconds=60))   ->   (StageScore("clean_df", killed=23, total=25, survivors=(...)), ...)

Takes a saved project's folder and the interpreter it runs in; gives a score for each function. Never changes the project, and never leaves a
process behind. Three examples:

    def keep(df): return df[df.age > 30]     a test that holds a row with the age 30        `>` became `>=` is killed
    the same                                 a test that only asks for a frame              `>` became `>=` survives
    def show(df): print(df)                  no test calls it                               all its mutants are "not reached"
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.errors import RunError
from nb2prod.mutation.mutants import Mutant, mutants_of
from nb2prod.mutation.running import Bench, told_by

__all__ = ["Bench", "Function", "Mutant", "Score", "StageScore", "measure", "measured_again", "mutants_of"]

FOUND = ("killed", "timeout")
EQUAL = "equal"  # a change that is none: the argument that was dropped said what holds anyway


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
    dead: tuple[Mutant, ...] = ()

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


Progress = Callable[[int, int], None]


def measure(folder: Path, functions: Sequence[Function], bench: Bench, progress: Progress = lambda done, of: None) -> Score:
    """Runs the tests of the project in `folder` against every mutant of its functions; `progress` hears how many are done, of how many.

    Raises:
        RunError: there is no pytest, or the tests cannot be collected.
    """
    return _tried(folder, functions, _in_turn(mutants_of_project(folder, functions)), bench, progress)


def measured_again(folder: Path, score: Score, bench: Bench, progress: Progress = lambda done, of: None) -> Score:
    """The score with tests that were added since: only the survivors are tried again. Raises RunError as `measure` does."""
    survivors = [one for stage in score.stages for one in stage.survivors]
    functions = [Function(stage.stage, stage.module) for stage in score.stages]
    now = _tried(folder, functions, _in_turn(survivors), bench, progress)
    stages = [_together(before, after) for before, after in zip(score.stages, now.stages, strict=True)]
    return replace(now, stages=tuple(stages))


def _tried(folder: Path, functions: Sequence[Function], mutants: Sequence[Mutant], bench: Bench, progress: Progress) -> Score:
    """The score of the functions with these mutants."""
    fates: dict[int, str] = {}
    told: dict[str, object] = {}
    orders = {
        "folder": str(folder.absolute()),
        "package": functions[0].module.partition(".")[0] if functions else "",
        "modules": sorted({function.module for function in functions}),
        "seconds": bench.seconds,
        "words": list(bench.words),
        "mutants": [one.as_order() for one in mutants],
    }
    for event in told_by("warm", orders, bench):
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


def _together(before: StageScore, after: StageScore) -> StageScore:
    """A stage's score with those survivors killed that were killed the second time; one that was not tried again still lives."""
    alive = tuple(one for one in before.survivors if one not in after.dead)
    return replace(before, killed=before.total - len(alive), survivors=alive)


def _in_turn(mutants: list[Mutant]) -> list[Mutant]:
    """Mixed, always alike: when time runs out, every function has had its share."""
    mixed = list(mutants)
    random.Random(len(mixed)).shuffle(mixed)
    return mixed


def _score(function: Function, mutants: Sequence[Mutant], fates: Mapping[int, str]) -> StageScore:
    own = [(one, fates.get(at, "")) for at, one in enumerate(mutants) if (one.module, one.function) == (function.module, function.name)]
    own = [(one, fate) for one, fate in own if fate != EQUAL]
    tried = [(one, fate) for one, fate in own if fate]
    alive = tuple(sorted((one for one, fate in tried if fate not in FOUND), key=lambda one: (one.line, one.what)))
    dead = tuple(one for one, fate in tried if fate in FOUND)
    return StageScore(function.name, function.module, len(dead), len(tried), len(own) - len(tried), alive, dead)
