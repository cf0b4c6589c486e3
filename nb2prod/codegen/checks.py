"""The notebook's own assertions -> `tests/checks.py`, which looks at each where it stood: at the end of the stage before it.

    assert df["id"].is_unique        (cell 3, line 2; `df` comes from the stage load)
      ->   def cell_3_line_2(df): assert df["id"].is_unique        CHECKS = {"load": (cell_3_line_2,)}

Only what can be looked at there becomes a test: values that stages give, parameters, imports, functions of the package; and nothing that a later
line of the same stage changes. Why another did not is told in words.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from nb2prod.codegen.imports import import_block
from nb2prod.codegen.modules import formatted
from nb2prod.codegen.templating import render
from nb2prod.knowledge.secrets import secret_texts
from nb2prod.model.dataflow import Analysis, Decision, Location
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Import, Plan, Stage
from nb2prod.model.project import File, Project

ALWAYS = (Import("functools", "functools"), Import("Callable", "collections.abc", "Callable"), Import("Any", "typing", "Any"))
BECAME = "only checks something: it is a test of the package"
NOT = "only checks something, and no result depends on it; no test, because {}"


@dataclass(frozen=True)
class Check:
    """An assertion of the notebook: its place, the stage after which it is looked at, and what it reads; or why it is no test."""

    statement: StatementId
    name: str
    source: str
    stage: str = ""
    names: tuple[str, ...] = ()
    imports: tuple[Import, ...] = ()
    why_not: str = ""


def checks_of(plan: Plan, analysis: Analysis, notebook: Notebook) -> tuple[Check, ...]:
    """All assertions that did not come along with the code of a stage, in the order of the run."""
    dead = {decision.statement for decision in analysis.decisions if not decision.live}
    order = {effects.statement: rank for rank, effects in enumerate(analysis.graph.effects)}
    secrets = secret_texts(notebook, quoted=False)
    found = []
    for id in sorted(dead & set(order), key=lambda id: order[id]):
        statement = notebook.statement(id)
        if statement.source.startswith("assert"):
            name = f"cell_{id.cell}_line_{notebook.cells[id.cell].seen_line(statement.span.start_line)}"
            check = Check(id, name, statement.source)
            tells = any(secret in statement.source for secret in secrets)
            found.append(replace(check, why_not="a secret stands in it") if tells else _check(check, plan, analysis, order))
    names = [check.name for check in found]
    return tuple(replace(one, name=f"{one.name}_{one.statement.index}") if names.count(one.name) > 1 else one for one in found)


def _check(check: Check, plan: Plan, analysis: Analysis, order: dict[StatementId, int]) -> Check:
    """The check with the stage it belongs to, or why there is none."""
    home = {id: stage for stage in plan.stages for id in stage.statements}
    providers = [edge.provider for edge in analysis.graph.providers(check.statement)]
    giving = [home[id] for id in providers if id in home]
    if not giving:
        return replace(check, why_not="it looks at nothing that a stage makes")
    last = max(giving, key=plan.stages.index)
    before = plan.stages[: plan.stages.index(last) + 1]
    names, imports, unknown = _read(check.source, plan, before)
    unknown = unknown or next((name for name in names if not _is_given(name, check.statement, analysis, before)), "")
    if unknown:
        return replace(check, why_not=f"`{unknown}` is no value at the end of a stage")
    later = [id for stage in before for id in stage.statements if order.get(id, -1) > order[check.statement]]
    effects = {one.statement: one for one in analysis.graph.effects}
    changed = {location for id in later for location in effects[id].defines | effects[id].updates}
    if changed & effects[check.statement].uses:
        return replace(check, why_not=f"a later line of {last.name} changes what it looks at")
    return replace(check, stage=last.name, names=names, imports=imports)


def _is_given(name: str, id: StatementId, analysis: Analysis, before: Sequence[Stage]) -> bool:
    """Whether what an assertion reads under a name is what the last of these stages that gives that name gives."""
    makers = {edge.provider for edge in analysis.graph.providers(id) if edge.location == Location("name", name)}
    givers = [stage for stage in before if name in {output.name for output in stage.outputs}]
    made_in = [stage for stage in before if makers & set(stage.statements)]
    return made_in == givers[-1:]


def _read(source: str, plan: Plan, before: Sequence[Stage]) -> tuple[tuple[str, ...], tuple[Import, ...], str]:
    """The values that an assertion reads, the imports it needs, and the first name that is to be had nowhere."""
    values = {output.name for stage in before for output in stage.outputs} | {p.variable or p.name for p in plan.parameters if not p.secret}
    imports = {imported.bound: imported for imported in plan.imports}
    own = {one.name: Import(one.name, f"{plan.package}.{one.module}", one.name) for one in plan.definitions if not one.globals}
    read = list(dict.fromkeys(_free_names(source)))
    unknown = [name for name in read if name not in {*values, *imports, *own, *dir(builtins)}]
    needed = tuple({**imports, **own}[name] for name in read if name not in values and name in {**imports, **own})
    return tuple(name for name in read if name in values), needed, unknown[0] if unknown else ""


def _free_names(source: str) -> Iterator[str]:
    """The names an assertion reads, without those that it binds itself."""
    tree = ast.parse(source)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in bound)


def with_checks(project: Project, plan: Plan, checks: Sequence[Check]) -> Project:
    """The project with `tests/checks.py` and what runs it, where there are any to be looked at."""
    chosen = [check for check in checks if check.stage]
    if not chosen:
        return project
    stages = {check.stage: [one.name for one in chosen if one.stage == check.stage] for check in chosen}
    outputs = {stage.name: tuple(output.name for output in stage.outputs) for stage in plan.stages}
    variables = {parameter.variable or parameter.name: parameter.name for parameter in plan.parameters if not parameter.secret}
    read = {name for check in chosen for name in check.names}
    own = (Import("pipeline", plan.package, "pipeline"), Import("Parameters", f"{plan.package}.parameters", "Parameters"))
    page = render(
        "checks.py.jinja",
        package=plan.package,
        checks=[(one.name, one.statement.cell, one.names, one.source) for one in chosen],
        imports=import_block([*ALWAYS, *own, *(imported for check in chosen for imported in check.imports)], (plan.package,)),
        stages=stages,
        outputs=outputs,
        parameters={name: parameter for name, parameter in variables.items() if name in read},
    )
    test = render("test_checks.py.jinja", names=[check.name for check in chosen])
    files = (*project.files, File("tests/checks.py", formatted(page)), File("tests/test_checks.py", formatted(test)))
    return replace(project, files=tuple(sorted(files, key=lambda file: file.path)))


def confirmed(checks: Sequence[Check], held: Collection[str]) -> tuple[Check, ...]:
    """The checks, of which only those stay tests that held in a run of the package."""
    return tuple(
        replace(one, stage="", why_not="it does not hold in the package's own run") if one.stage and one.name not in held else one
        for one in checks
    )


def with_reasons(decisions: Sequence[Decision], checks: Sequence[Check]) -> tuple[Decision, ...]:
    """The decisions, where those about assertions say what became of them."""
    told = {check.statement: BECAME if check.stage else NOT.format(check.why_not) for check in checks}
    return tuple(replace(one, reason=told.get(one.statement, one.reason)) for one in decisions)
