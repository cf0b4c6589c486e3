"""Stages as the page shows them: what each takes and from where, what it gives and to where.

Plan(load() -> df, clean(df) -> X)   ->   ShownStage(2, ..., takes=(Passed("df", "pandas.DataFrame", ("1",)),), gives=(Passed("X", "", ("results",)),))
"""

from __future__ import annotations

from typing import NamedTuple

from nb2prod.model.plan import Plan, Stage


class Passed(NamedTuple):
    """A value at a stage's border, its type, and the other ends: numbers of stages, `parameter` or `results`."""

    name: str
    type: str
    ends: tuple[str, ...]


class ShownStage(NamedTuple):
    """A stage with its place in the order, counted from 1."""

    number: int
    stage: Stage
    takes: tuple[Passed, ...]
    gives: tuple[Passed, ...]


def flow_of(plan: Plan) -> tuple[ShownStage, ...]:
    """All stages in order; a value is from the latest stage before that gives it, and goes to all that take it before it is given anew."""
    parameters = {parameter.name for parameter in plan.parameters}
    wanted = {result.name for result in plan.results}
    shown, made = [], dict.fromkeys(parameters, "parameter")
    for number, stage in enumerate(plan.stages, 1):
        takes = tuple(Passed(one.name, one.type, (made.get(one.name, "the module"),)) for one in stage.inputs)
        gives = tuple(Passed(one.name, one.type, _users(plan, number, one.name, wanted)) for one in stage.outputs)
        made.update(dict.fromkeys((one.name for one in stage.outputs), str(number)))
        shown.append(ShownStage(number, stage, takes, gives))
    return tuple(shown)


def _users(plan: Plan, number: int, name: str, wanted: set[str]) -> tuple[str, ...]:
    """Where a value goes that the stage with this number gives."""
    found = []
    for later, stage in enumerate(plan.stages[number:], number + 1):
        if any(one.name == name for one in stage.inputs):
            found.append(str(later))
        if any(one.name == name for one in stage.outputs):
            return tuple(found)
    return (*found, "results") if name in wanted else tuple(found)
