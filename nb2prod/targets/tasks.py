"""The stages of a project -> the tasks a job may have of them, and why a border cannot be between two stages.

    load() -> df    fit(df) -> model    score(df, model)     ->   Task("load", ("load",)), Task("fit", ("fit", "score"), after=("load",))

A model can be written to neither JSON nor parquet exactly, so `fit` and `score` stay together. Whatever two stages share beside values, files,
random numbers and the settings that a task hands on keeps them together as well. Stages are told as in `nb2prod.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job, Target, Task

# Types whose values the files between tasks may hold; what is in them is seen when a task writes them.
STORABLE = frozenset(
    {
        *("bool", "int", "float", "str", "bytes", "complex", "list", "tuple", "dict", "set", "frozenset", "range", "NoneType"),
        *("datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "decimal.Decimal"),
        *("pathlib.Path", "pathlib.PosixPath", "pathlib._local.PosixPath"),
        *("pandas.DataFrame", "pandas.Series", "pandas.Index", "pandas.Timestamp", "pandas.Timedelta", "pandas.Categorical"),
        *("pandas.MultiIndex", "pandas.DatetimeIndex", "pandas.RangeIndex", "pandas.CategoricalIndex", "pandas.IntervalIndex"),
        *("pandas.TimedeltaIndex", "pandas.NDFrame", "numpy.ndarray", "numpy.typing.ArrayLike", "sklearn.Matrix"),
    }
)
SCALARS = re.compile(r"numpy\.(bool_?|str_|u?int\d+|float(16|32|64)|datetime64|timedelta64)|pandas\..*NaTType")
HANDED_ON = frozenset(
    f"ambient {key}" for key in ("rng:numpy", "rng:random", "os.environ", "warnings", "pandas.options", "matplotlib.rcParams")
)
FILES = ("file ", "database ", "shell ")
OUTSIDE = ("network ",)
SAID = {
    "ambient figure": "the current figure",
    "ambient cwd": "the working directory",
    "ambient unknown code": "code that nothing is known of",
}
Stages = Sequence[Mapping[str, Any]]


class Tie(NamedTuple):
    """Two stages by their places that must be in one task, and why."""

    first: int
    second: int
    why: str


def proposed_tasks(stages: Stages) -> tuple[Task, ...]:
    """As many tasks as there can be, each named for its first stage."""
    ties = list(_ties(stages))
    groups: list[list[str]] = []
    for place, stage in enumerate(stages):
        if groups and any(tie.first < place <= tie.second for tie in ties):
            groups[-1].append(stage["name"])
        else:
            groups.append([stage["name"]])
    return tuple(Task(group[0], tuple(group)) for group in groups)


def checked_tasks(tasks: Sequence[Task], stages: Stages) -> tuple[Task, ...]:
    """The tasks with what each waits for. Raises ChoiceError where they are not all stages in their order, or a border cannot be there."""
    known = [stage["name"] for stage in stages]
    asked = [name for task in tasks for name in task.stages]
    for name in asked:
        if name not in known:
            raise ChoiceError(f"job.toml: there is no stage `{name}`", f"the stages are {', '.join(known)}")
    if asked != known:
        missing = [name for name in known if name not in asked]
        what = f"stage `{missing[0]}` is in no task" if missing else "the tasks do not hold each stage once and in their order"
        raise ChoiceError(f"job.toml: {what}", f"the stages, in their order: {', '.join(known)}")
    home = {name: task.name for task in tasks for name in task.stages}
    for tie in _ties(stages):
        one, other = known[tie.first], known[tie.second]
        if home[one] != home[other]:
            raise ChoiceError(
                f"job.toml: no border can be between task `{home[one]}` and task `{home[other]}`: {tie.why}",
                f"put the stages from `{one}` to `{other}` into one task",
            )
    return _plainer(tuple(_with_order(task, stages, home) for task in tasks))


def for_target(job: Job, target: Target) -> Job:
    """The job as far as a target has tasks. Raises ChoiceError where its tasks would not see what others leave."""
    if not target.between or len(job.tasks) < 2:
        return replace(job, tasks=())
    sharing = next((task for task in job.tasks if task.files), None)
    if sharing and target.between in ("volume", "artifacts"):
        raise ChoiceError(
            f"{target.name}: task `{sharing.name}` uses files that task `{sharing.files[0]}` uses too, and its tasks share no working directory",
            "put these stages into one task",
        )
    if target.between in ("claim", "volume") and not job.host.claim:
        what = "the claim of the volume that all tasks see" if target.between == "claim" else "a folder that all tasks see"
        raise ChoiceError(f"{target.name}: the values between tasks need a place", f"name {what}: --set host.claim=NAME")
    if sharing and (job.overlap == "allow" or not target.apart):
        raise ChoiceError(
            f"{target.name}: two runs at once would mix their files between task `{sharing.files[0]}` and task `{sharing.name}`",
            "put these stages into one task" if job.overlap != "allow" else 'put these stages into one task, or set overlap = "queue"',
        )
    return job


def _with_order(task: Task, stages: Stages, home: Mapping[str, str]) -> Task:
    own = [stage for stage in stages if home[stage["name"]] == task.name]
    givers = {home[giver] for _, giver, taker in _handed(stages) if home[taker] == task.name}
    earlier = {home[name] for stage in own for name in stage["after"]} | givers
    sharing = {home[name] for stage in own for name, what in stage["shares"].items() if any(one.startswith(FILES) for one in what)}
    order = dict.fromkeys(home.values())
    after, files = (tuple(name for name in order if name in found and name != task.name) for found in (earlier, sharing))
    return replace(task, after=after, files=files)


def _plainer(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """The tasks without waiting for what one that they wait for has waited for itself."""
    before: dict[str, set[str]] = {}
    for task in tasks:
        before[task.name] = {*task.after, *(name for one in task.after for name in before[one])}
    return tuple(
        replace(task, after=tuple(name for name in task.after if not any(name in before[one] for one in task.after))) for task in tasks
    )


def _ties(stages: Stages) -> Iterator[Tie]:
    """All pairs of stages between which no border can be."""
    places = {stage["name"]: place for place, stage in enumerate(stages)}
    types = {(stage["name"], name): type for stage in stages for name, type in stage["types"].items()}
    last: dict[str, str] = {}
    for name, giver, taker in _handed(stages):
        type = types.get((giver, name), "")
        if type:
            last[name] = type
        if not is_storable(type or last.get(name, "")):
            kind = type or last[name]
            why = f"`{taker}` takes `{name}` ({kind}) from `{giver}`, which neither JSON nor parquet can hold exactly"
            yield Tie(places[giver], places[taker], why)
    for stage in stages:
        for earlier, what in stage["shares"].items():
            told = next((one for one in what if one not in HANDED_ON and not one.startswith((*FILES, *OUTSIDE))), "")
            if told:
                shared = SAID.get(told, told.replace("ambient ", "the state ").replace("object module:", "data of the module "))
                yield Tie(places[earlier], places[stage["name"]], f"`{earlier}` and `{stage['name']}` share {shared}")


def is_storable(type: str) -> bool:
    """Whether values of a type may be held by the files between tasks; of an unknown type they may."""
    plain = type.removeprefix("builtins.").partition("[")[0]
    return not plain or plain in STORABLE or bool(SCALARS.fullmatch(plain))


def _handed(stages: Stages) -> Iterator[tuple[str, str, str]]:
    """Each value that a stage takes from an earlier one: its name, the stage that made it or changed it last, and the one that takes it."""
    made: dict[str, str] = {}
    for stage in stages:
        for name in stage["inputs"]:
            if name in made:
                yield name, made[name], stage["name"]
        made.update(dict.fromkeys([*(name for name in stage["updates"] if name in made), *stage["outputs"]], stage["name"]))
