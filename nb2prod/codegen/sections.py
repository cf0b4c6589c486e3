"""Calls of stages that are too many for one function -> sections of `run`, each a function of its own with what it gives as a dataclass.

run: 30 calls, 40 results    ->    run_data(parameters) -> DataValues, run_model(parameters, df) -> ModelValues, and `run` that calls them

A border is where few names cross. What a section gives is what later ones need and what is a result.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nb2prod.codegen.annotations import Annotation
from nb2prod.codegen.docstrings import joined
from nb2prod.codegen.names import free_name
from nb2prod.model.plan import Stage

LONGEST = 50  # lines of a function
MOST = 42  # lines of a section, with what it gives
SECTION_PRICE, NAME_PRICE = 6.0, 0.5
RESULTS = '''
def results_of(*sections: object, **others: object) -> Results:
    """The results among what the sections gave, of one name the last, and the others."""
    given: dict[str, Any] = {name: value for one in sections for name, value in vars(one).items()}
    given.update(others)
    return Results(**{field.name: given[field.name] for field in fields(Results)})
'''


@dataclass(frozen=True)
class Call:
    """A stage, the lines that call it, and how many these are when they are laid out."""

    stage: Stage
    lines: tuple[str, ...]
    height: int


@dataclass(frozen=True)
class Section:
    """Consecutive calls: the names they take and give, the functions' and the values' names, and the variable that holds the values."""

    calls: tuple[Call, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    name: str
    values: str
    variable: str

    def arguments(self, needed: Sequence[Section]) -> list[str]:
        """What the function is given: the parameters where a call has some, and the values of the earlier sections it needs."""
        has = any("parameters." in line for call in self.calls for line in call.lines)
        return [*(["parameters"] if has else []), *(one.variable for one in needed)]


def height_of(text: str) -> int:
    """The lines of the last function of a text, without its docstring."""
    function = ast.parse(text).body[-1]
    assert isinstance(function, ast.FunctionDef)
    return (function.end_lineno or 0) - (function.body[0].end_lineno or 0)


def sections_of(calls: Sequence[Call], results: frozenset[str], taken: frozenset[str]) -> tuple[Section, ...]:
    """The cheapest cut of the calls into sections that are not too long; `results` are the variables that are fields of the results."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(calls) + 1):
        found = []
        for start in range(end):
            takes, gives = _crossing(calls, start, end, results)
            size = sum(call.height for call in calls[start:end]) + len(gives) + 2
            price = SECTION_PRICE + NAME_PRICE * (len(takes) + len(set(gives) - results)) + 3.0 * max(0, size - MOST)
            found.append((best[start][0] + price, start))
        best.append(min(found))
    borders, end = [], len(calls)
    while end:
        borders.append((best[end][1], end))
        end = best[end][1]
    return _named([(calls[start:end], *_crossing(calls, start, end, results)) for start, end in reversed(borders)], taken)


def with_functions(sections: Sequence[Section]) -> Sequence[Section]:
    """The sections that are functions of their own: all but a single call at the end."""
    return sections[:-1] if sections and len(sections[-1].calls) == 1 else sections


def render_sections(sections: Sequence[Section], annotations: Mapping[tuple[int, str], Annotation], run: str, others: str) -> str:
    """The dataclasses and functions of the sections, and `run`, whose beginning is given; `others` are the results that no stage gives.

    `annotations` are those of the names that each section gives, by its rank. What is no function of its own stands in `run` itself.
    """
    parts, calls, held, homes = [], [], list[str](), dict[str, Section]()
    for rank, section in enumerate(sections):
        earlier = {name: homes[name] for name in section.takes}
        needed = [one for one in sections if one in earlier.values()]
        places = {name: f"{one.variable}.{name}" for name, one in earlier.items()}
        if section not in with_functions(sections):
            calls += _calls(section, places)
            held += [f"{name}={name}" for name in section.gives]
            break
        if section.gives:
            parts.append(_values(section, {name: annotations[rank, name].text for name in section.gives}))
            held.append(section.variable)
        parts.append(_function(section, needed, places))
        call = f"{section.name}({', '.join(section.arguments(needed))})"
        calls.append(f"    {section.variable} = {call}" if section.gives else f"    {call}")
        homes.update(dict.fromkeys(section.gives, section))
    held += [others] if others else []
    return "\n\n\n".join([*parts, RESULTS.strip("\n"), run + "\n".join([*calls, f"    return results_of({', '.join(held)})"]) + "\n"])


def _values(section: Section, types: Mapping[str, str]) -> str:
    fields = "\n".join(f"    {name}: {type}" for name, type in types.items())
    return f'@dataclass(frozen=True)\nclass {section.values}:\n    """What `{section.name}` gives."""\n\n{fields}'


def _function(section: Section, needed: Sequence[Section], homes: Mapping[str, str]) -> str:
    """The function; `homes` tell where the names are that it takes from the earlier sections it needs."""
    types = {"parameters": "Parameters", **{one.variable: one.values for one in needed}}
    given = ", ".join(f"{name}: {types[name]}" for name in section.arguments(needed))
    head = f"def {section.name}({given}) -> {section.values if section.gives else None}:"
    names = [call.stage.name for call in section.calls]
    told = f"Run `{names[0]}` to `{names[-1]}`." if len(names) > 2 else f"Run {joined(names)}."
    back = [f"    return {section.values}({', '.join(f'{name}={name}' for name in section.gives)})"] if section.gives else []
    return "\n".join([head, f'    """{told}"""', *_calls(section, homes), *back])


def _calls(section: Section, homes: Mapping[str, str]) -> list[str]:
    """The lines of the calls, with the names they take from where they are."""
    own = dict(homes)
    lines = []
    for call in section.calls:
        made = {output.name for output in call.stage.outputs}
        first, *checks = call.lines
        lines.append(_from_homes(first, own))
        own = {name: home for name, home in own.items() if name not in made}
        lines += [_from_homes(line, own) for line in checks]
    return lines


def _from_homes(line: str, homes: Mapping[str, str]) -> str:
    """A call with its arguments, `name=name`, taken from where they are."""
    return re.sub(r"\b(\w+)=(\w+)(?=[,)])", lambda found: f"{found[1]}={homes.get(found[2], found[2])}", line)


def _crossing(calls: Sequence[Call], start: int, end: int, results: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the calls from one to another take from those before, and give to those behind or to the results."""
    before = {output.name for call in calls[:start] for output in call.stage.outputs}
    made: dict[str, None] = {}
    takes: dict[str, None] = {}
    for call in calls[start:end]:
        takes.update(dict.fromkeys(v.name for v in call.stage.inputs if v.name in before and v.name not in made))
        made.update(dict.fromkeys(output.name for output in call.stage.outputs))
    wanted, overwritten = set[str](), set[str]()
    for call in calls[end:]:
        wanted |= {v.name for v in call.stage.inputs} - overwritten
        overwritten |= {output.name for output in call.stage.outputs}
    return tuple(takes), tuple(name for name in made if name in wanted or (name in results and name not in overwritten))


def _named(parts: Sequence[tuple[Sequence[Call], tuple[str, ...], tuple[str, ...]]], taken: frozenset[str]) -> tuple[Section, ...]:
    """The sections under names that tell the kinds of their stages; where there are two of a kind, the stage that each begins with."""
    kinds = [_kinds(calls) for calls, _, _ in parts]
    names: set[str] = set(taken)
    found = []
    for (calls, takes, gives), kind in zip(parts, kinds, strict=True):
        told = kind if kinds.count(kind) == 1 else f"from_{calls[0].stage.name}"
        name = free_name(f"run_{told}", names)
        values = free_name("".join(part.capitalize() for part in told.split("_")) + "Values", names)
        variable = told if told not in names else free_name(f"{told}_values", names)
        names |= {name, values, variable}
        found.append(Section(tuple(calls), takes, gives, name, values, variable))
    return tuple(found)


def _kinds(calls: Sequence[Call]) -> str:
    """The one or two modules that most of the stages are in, in the order of the run."""
    counted = Counter(call.stage.module for call in calls)
    most = {module for module, number in counted.most_common(2) if number * 3 >= len(calls)}
    return "_and_".join(module for module in counted if module in most) or next(iter(counted))
