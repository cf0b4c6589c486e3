"""Trying parameters: does the package with another value give what the notebook gives with that value written into it?

    Parameter("test_size", "float", 0.2, ...)   ->   Trial("test_size", 0.18, "same")
    Parameter("churn_path", "path", ...)        ->   Trial("churn_path", "churn_other.csv", "same"), with the file renamed in the copied folder

Parameters of a kind are tried together first, which costs one run of each; where that fails they are told apart by halves.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from types import MappingProxyType

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook, Place
from nb2prod.model.plan import Parameter, Plan
from nb2prod.model.project import Project
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Trial, Verdict
from nb2prod.reading.varied import with_texts
from nb2prod.recording import Runner, Variation
from nb2prod.verification import verify

SMALL = 50  # whole numbers up to here grow by one, larger ones by a tenth
YEARS = range(1900, 2101)  # and what may be a year goes back by one
NO_TIME = "not tried: there was no time for another run"


@dataclass(frozen=True)
class Change:
    """Another value for a parameter, and the literals of the notebook that stand for it."""

    parameter: Parameter
    value: object
    places: tuple[Place, ...]

    @property
    def group(self) -> int:
        """Numbers and lists are tried before files, and any other text, which names a column as often as not, by itself at the end."""
        is_text = isinstance(self.value, str) and self.parameter.type != "date"
        return 0 if not is_text else 1 if self.parameter.type == "path" else 2


@dataclass(frozen=True)
class Bench:
    """What all trials of a package have in common: its notebook and how both are run; `secrets` are in the package's environment."""

    notebook: Notebook
    analysis: Analysis
    plan: Plan
    project: Project
    choices: Choices
    secrets: Mapping[str, str]

    def trials(self, recording: Recording) -> tuple[Trial, ...]:
        """Every parameter that can be given another value, tried as far as the time goes; `recording` is the notebook's run as it is."""
        limit, cost = time.monotonic() + self.choices.trial_seconds, 2 * recording.seconds
        changes = changes_of(self.plan.parameters, self.analysis)
        found: dict[str, Trial] = {}
        waiting = [[change for change in changes if change.group == group] for group in (0, 1, 2)]
        while waiting:
            together = waiting.pop(0)
            if not together:
                continue
            if time.monotonic() + cost > limit:
                found |= {one.parameter.name: trial_of(one, Verdict("unknown", NO_TIME)) for one in together}
                continue
            verdict = self.tried(together)
            if verdict.outcome == "same" or len(together) == 1:
                found |= {one.parameter.name: trial_of(one, verdict) for one in together}
            else:
                half = len(together) // 2
                waiting += [together[:half], together[half:]]
        return tuple(found[parameter.name] for parameter in self.plan.parameters if parameter.name in found)

    def tried(self, together: list[Change]) -> Verdict:
        """One run of the notebook with these values written into it, held against one of the package that is given them."""
        changed = with_texts(self.notebook, {place: repr(one.value) for one in together for place in one.places})
        renamed = {str(one.parameter.default): str(one.value) for one in together if one.parameter.type == "path"}
        runner = Runner(self.choices, variation=Variation({one.parameter.name: one.value for one in together}, renamed))
        names = tuple(result.name for result in self.plan.results if result.kind != "file")
        with runner.recording_again(changed, self.analysis.order, ahead=True) as record:
            run = runner.run_package(changed, self.project, names, self.secrets)
            recorded = record()
        if not run.ok and (error := self.first_error(recorded)) and same_error(error, run.reason):
            telling = len(together) == 1 and not renamed  # a file that something else looks for under its old name tells nothing
            return Verdict("same", f"both raise {error}") if telling else Verdict("unknown", error)
        again = lambda: runner.record(changed, self.analysis.order)  # noqa: E731 - asked for at most once
        verdict = verify(changed, self.plan.results, self.analysis.live, self.choices.drop, recorded, run, again)
        return replace(verdict, comparisons=())

    def first_error(self, recorded: Recording) -> str:
        """What the first kept statement that raised said; empty where none did."""
        live = set(self.analysis.live)
        return next((f"{one.error}: {one.message}" for one in recorded.failures if one.statement in live), "")


def trial_of(change: Change, verdict: Verdict) -> Trial:
    """What a verdict over one change says of its parameter."""
    return Trial(change.parameter.name, change.value, verdict.outcome, verdict.reason)


def same_error(error: str, reason: str) -> bool:
    """Whether a package's end is that error; its class may be told with its module."""
    said = reason.partition("\n  at ")[0]
    return said == error or said.endswith("." + error)


def changes_of(parameters: tuple[Parameter, ...], analysis: Analysis) -> list[Change]:
    """For each parameter a value of its kind that no other one has, where there is one and it can be written into the notebook."""
    found: list[Change] = []
    given: list[object] = []
    for parameter in parameters:
        places = literals_of(parameter, analysis)
        value = None if parameter.secret else another(parameter, given)
        on_a_line = all(place.span.start_line == place.span.end_line for place in places)
        if value is not None and places and (on_a_line or isinstance(value, list)):
            found.append(Change(parameter, value, places))
            given.append(value)
    return found


def literals_of(parameter: Parameter, analysis: Analysis) -> tuple[Place, ...]:
    """The literals that are a parameter's value in the notebook: its own places, the one assigned to its variable, and whatever else names its
    file, which bears another name then."""
    variable, cell, file = parameter.variable, parameter.cell, parameter.default if parameter.type == "path" else None
    uses = (use for use in analysis.literals if not use.target or use.target == variable and use.statement.cell == cell)
    own = () if variable else parameter.places  # of a variable, these are where it is used
    others = (use.place for use in uses if use.target or use.place in parameter.places or use.value == file is not None)
    return tuple(dict.fromkeys([*own, *others]))


def another(parameter: Parameter, given: list[object]) -> object | None:
    """Another value than the default, and than those given to others; None where there is none that is sure to be of its kind."""
    default = parameter.default
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        return free_number(default + step(default), given)
    if isinstance(default, float):
        return free_number(default * 0.9 if default else 0.1, given)
    if isinstance(default, list):
        return default[:-1] if len(default) > 1 else None
    if isinstance(default, str):
        return TEXTS.get(parameter.type, other_text)(default)
    return None


def step(number: int) -> int:
    """How far a whole number is moved."""
    return -1 if number in YEARS else 1 if abs(number) <= SMALL else number // 10


def free_number(number: float, given: list[object]) -> float:
    """The number, or the next one that no other parameter was given: what is wired to the wrong one would go unseen."""
    while number in given:
        number = number + 1 if isinstance(number, int) else number * 0.95
    return number


def next_day(text: str) -> str | None:
    """The day after a date."""
    try:
        return (datetime.date.fromisoformat(text) + datetime.timedelta(days=1)).isoformat()
    except ValueError:
        return None


def other_file(text: str) -> str | None:
    """Another name in the same folder for a file beside or below the notebook."""
    path = PurePosixPath(text)
    plain = not path.is_absolute() and ".." not in path.parts and ":" not in text and "\\" not in text and "~" not in text
    return text[: -len(path.name)] + f"{path.stem}_other{path.suffix}" if plain and path.suffix else None


def other_text(text: str) -> str | None:
    """Another text."""
    return f"{text}_other" if "\n" not in text else None


TEXTS: Mapping[str, Callable[[str], str | None]] = MappingProxyType({"date": next_day, "path": other_file})
