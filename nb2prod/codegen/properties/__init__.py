"""The code of stages -> properties that it shows, and of those that held in the recording `tests/test_properties.py`, which draws rows with hypothesis.

    def clean(df):
        df.drop_duplicates(inplace=True)      ->   Property("twice_is_once", "clean", "data", "df", "df")
                                              ->   def test_clean_twice_is_clean_once(places): ...

`properties_of` says what the code alone shows, and never by a name; nothing is written that was not confirmed on the recorded rows.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from nb2prod.codegen.modules import formatted
from nb2prod.codegen.properties.following import Followed, results_of
from nb2prod.codegen.properties.settling import is_settled
from nb2prod.codegen.properties.values import Part, Rows, Summary
from nb2prod.codegen.templating import render
from nb2prod.model.plan import Plan, Stage
from nb2prod.model.project import File, Project

CHECKS = "tests/snapshots/properties.py"
TESTS = "tests/test_properties.py"
NEEDED = {  # what else changes where there are such tests
    "pyproject.toml": ('test = ["pytest"]', 'test = ["pytest", "hypothesis"]'),
    ".gitignore": (".ipynb_checkpoints/", ".hypothesis/\n.ipynb_checkpoints/"),
}
NAMES = {
    "twice_is_once": ("{stage}_twice_is_{stage}_once", "What it has done it leaves alone: on its own result it changes nothing."),
    "rows_alone": ("{stage}_looks_at_each_row_of_{table}_alone", "A row comes out as it does among all the others, or not at all."),
    "any_order": ("{stage}_does_not_depend_on_the_order_of_{table}", "The rows in another order give the same."),
    "keeps_rows": ("{stage}_keeps_every_row_of_{table}", "No row is lost and none is added."),
    "no_new_rows": ("{stage}_makes_no_new_rows_of_{table}", "Every row that comes out was there, at most as often."),
    "parts_add_up": ("{stage}_splits_{table}_into_parts_that_add_up", "Every row is in exactly one of the parts."),
}
TAKEN = {
    "alone",
    "another_order",
    "apart",
    "hypothesis",
    "limits",
    "properties",
    "pytest",
    "some_rows",
    "st",
}  # names in the file of the tests
IN_ANY_ORDER = ("any_order", "parts_add_up")  # for all rows: these are not asked of some


@dataclass(frozen=True)
class Property:
    """What holds for the results of a stage whatever rows of one of its tables it is given; `kind` is the check in `tests/snapshots/properties.py`."""

    kind: str
    stage: str
    module: str
    table: str
    results: tuple[str, ...]

    @property
    def told(self) -> dict[str, object]:
        """As the recording is told of it."""
        return asdict(self)


def properties_of(plan: Plan, project: Project) -> tuple[Property, ...]:
    """What the code of the stages shows, each result by itself, in the order of the stages."""
    sources = {file.path: file.content for file in project.files}
    found: list[Property] = []
    for stage in (stage for stage in plan.stages if stage.name not in TAKEN):
        source = sources.get(f"src/{plan.package}/{stage.module}.py", "")
        try:
            results = results_of(stage, ast.parse(source), plan.package)
        except (SyntaxError, RecursionError):  # edited by hand, or nested too deep to follow
            continue
        parts = {one.value.names for one in results.values() if isinstance(one.value, Part)}
        whole = {names for names in parts if all(name in results and isinstance(results[name].value, Part) for name in names)}
        for name, followed in results.items():
            found += [Property(kind, stage.name, stage.module, table, names) for kind, table, names in _shown(name, followed, stage, whole)]
    return tuple(dict.fromkeys(found))


def _shown(name: str, followed: Followed, stage: Stage, parts: Collection[tuple[str, ...]]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The properties of one result: kind, table, names."""
    value = followed.value
    if isinstance(value, Rows) and followed.steps != ():
        if value.wide and is_settled(followed.steps) and (name == value.table or len(stage.outputs) == 1):
            yield "twice_is_once", value.table, (name,)
        if not value.relabelled and (value.alone or value.free):
            yield "rows_alone" if value.alone else "any_order", value.table, (name,)
        if not value.fewer:
            yield "keeps_rows", value.table, (name,)
        elif not value.alone or value.relabelled:
            yield "no_new_rows", value.table, (name,)
    elif isinstance(value, Summary):
        yield "any_order", value.table, (name,)
    elif isinstance(value, Part) and value.names in parts:
        yield "parts_add_up", value.table, value.names


def checks_file() -> File:
    """The code that looks whether a property holds, in `tests/snapshots`."""
    return File(CHECKS, render("snapshots/properties.py.jinja"))


def with_properties(project: Project, plan: Plan, held: Collection[Property]) -> Project:
    """The project with a test for each property that held of a stage which has a recorded case."""
    paths = {file.path for file in project.files}
    there = [one for one in held if f"tests/recorded/{one.stage}.json" in paths]
    if not there:
        return project
    tests = [
        {**one.told, "name": _name(one, there), "about": NAMES[one.kind][1], "all": one.kind in IN_ANY_ORDER} for one in _together(there)
    ]
    homes = {stage.name: stage.module for stage in plan.stages}
    modules: dict[str, list[str]] = {}
    for one in sorted(there, key=lambda one: one.stage):
        names = modules.setdefault(homes.get(one.stage, one.module), [])
        names += [one.stage] if one.stage not in names else []
    page = render("test_properties.py.jinja", package=plan.package, modules=dict(sorted(modules.items())), tests=tests)
    kept = [
        replace(file, content=str(file.content).replace(*NEEDED[file.path], 1)) if file.path in NEEDED else file for file in project.files
    ]
    return replace(project, files=tuple(sorted((*kept, checks_file(), File(TESTS, formatted(page))), key=lambda file: file.path)))


def _together(held: Sequence[Property]) -> list[Property]:
    """One property for all the results of a stage and a table of which the same is held, but for what tells of one result only."""
    found: dict[tuple[str, ...], Property] = {}
    for one in held:
        key = (one.kind, one.stage, one.table, *(one.results if one.kind in ("parts_add_up", "twice_is_once") else ()))
        before = found.get(key)
        found[key] = replace(before, results=tuple(dict.fromkeys((*before.results, *one.results)))) if before else one
    return list(found.values())


def _name(one: Property, held: Sequence[Property]) -> str:
    """The name of a test, which states the property."""
    name = NAMES[one.kind][0].format(stage=one.stage, table=one.table)
    return f"{name}_{'_and_'.join(one.results)}" if _is_ambiguous(one, held) else name


def _is_ambiguous(one: Property, held: Sequence[Property]) -> bool:
    if one.kind not in ("parts_add_up", "twice_is_once"):
        return False
    same = [other for other in _together(held) if other.kind == one.kind and other.stage == one.stage]
    return len([other for other in same if one.kind == "twice_is_once" or other.table == one.table]) > 1
