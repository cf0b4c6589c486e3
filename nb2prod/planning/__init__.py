"""Analysis -> Plan: parameters, imports, definitions and stages. Decides everything the emitters write, and writes nothing itself.

LIMIT = 3; df = pd.read_csv("a.csv"); big = df[df.x > LIMIT]; big.to_csv("big.csv")
  ->  Parameter limit, a_path, big_path;  Stage("load_df", inputs=(a_path,), outputs=(df,)), Stage("save_big", ...)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from nb2prod.errors import NotebookError
from nb2prod.knowledge import Knowledge
from nb2prod.knowledge.secrets import masked, secret_texts
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Definition, Drop, Parameter, Plan, Stage
from nb2prod.model.recording import Recording
from nb2prod.planning.borders import Need, needs_of, with_names_from_texts
from nb2prod.planning.code import LiveCode
from nb2prod.planning.definitions import plan_definitions
from nb2prod.planning.demand import Demand
from nb2prod.planning.forbidden import forbidden_borders
from nb2prod.planning.imports import imports_of, plan_imports, without_engines
from nb2prod.planning.module_names import find_module_names
from nb2prod.planning.names import HEADING, StageNames, first_paragraph, package_name, plain
from nb2prod.planning.parameter_wishes import offered_values, unmet_parameters
from nb2prod.planning.parameters import plan_parameters
from nb2prod.planning.requirements import plan_lock, plan_requirements
from nb2prod.planning.secrets import find_stuck_secrets, secret_values
from nb2prod.planning.shown import Captures, plan_captures
from nb2prod.planning.stages import plan_stages
from nb2prod.planning.wishes import asked_stages, unmet_stages

LAST = frozenset({"plots", "output"})  # what stands at the end of the work
NOTHING_LOCAL: Mapping[str, frozenset[str]] = MappingProxyType({})


def make_plan(
    notebook: Notebook,
    analysis: Analysis,
    knowledge: Knowledge,
    choices: Choices,
    recording: Recording | None = None,
    local: Mapping[str, frozenset[str]] = NOTHING_LOCAL,
) -> Plan:
    """Plan the package for an analysed notebook.

    `local` are the Python modules beside the notebook, each with the modules it imports.

    Raises:
        NotebookError: the notebook has errors that no package can work around; carries all of them.
    """
    code = LiveCode(notebook, analysis)
    errors = any(finding.severity is Severity.error for finding in analysis.diagnostics)
    stuck = () if errors else find_stuck_secrets(code)
    if errors or stuck:
        raise NotebookError(
            "the notebook cannot be converted as it is", (*analysis.diagnostics, *stuck), "mend these cells, or tag them `drop`"
        )
    imports, import_statements = plan_imports(code, {name.partition(".")[0] for name in knowledge.functions})
    imports, engines = without_engines(imports, code)
    parameters, replaced = plan_parameters(code, knowledge, choices.whole, choices.fixed)
    imported = frozenset(one.bound for one in imports)
    definitions = plan_definitions(code, imports, parameters) if not choices.whole else ()
    moved = import_statements | replaced | {definition.statement for definition in definitions}
    body = tuple(id for id in code.statements if id not in moved)
    fixed = imported | {definition.name for definition in definitions}
    results = tuple(r for r in analysis.results if r.kind != "text" or r.place is not None)
    captures = plan_captures(code, results, recording)
    needs = tuple(with_captures(need, captures) for need in needs_of(body, code, definitions, fixed, parameters))
    at_end = frozenset(result.name for result in results if result.kind != "file")
    needs = with_names_from_texts(needs, at_end - fixed, code)
    demand = Demand(needs, at_end)
    prose = without_secrets(notebook)
    taken = {reference.name for reference in analysis.references} | {p.name for p in parameters} | {r.name for r in results}
    names = StageNames(prose, taken, parameters, {} if choices.whole else asked_stages(notebook))
    module = find_module_names(code, definitions, choices.whole)
    stages = plan_stages(code, needs, demand, forbidden_borders(needs, demand, code, module), captures, names)
    stages = tuple(replace(stage, as_module=not module.statements.isdisjoint(stage.statements)) for stage in stages)
    stage_imports = [one for id in body if code.decisions[id].role == "import" for one in imports_of(code.tree(id))]
    modules = {one.module.partition(".")[0] for one in (*imports, *stage_imports) if not one.module.startswith(".")}
    modules_needed = closure(modules, local)
    modules |= {module for name in modules_needed for module in local[name]}
    title, purpose = title_of(prose)
    requirements, unnamed = plan_requirements(code, modules - set(local), recording, engines)
    return Plan(
        package=choices.package or package_name(re.split(r"[\\/]", notebook.path)[-1].rpartition(".")[0], {*local, *modules}),
        title=title,
        purpose=purpose,
        parameters=parameters,
        imports=imports,
        definitions=with_modules(definitions, stages, code),
        stages=stages,
        results=results,
        drops=tuple(Drop(decision.statement, decision.reason) for decision in analysis.decisions if not decision.live),
        requirements=requirements,
        unnamed=unnamed,
        lock=plan_lock(requirements, recording),
        inputs=inputs_of(analysis, parameters, recording),
        local_modules=modules_needed,
        renames=captures.renames,
        python=recording.environment.python if recording is not None else notebook.language_version,
    )


def closure(wanted: Iterable[str], local: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The local modules among those wanted, and all local ones these import in turn."""
    seen: set[str] = set()
    waiting = [name for name in wanted if name in local]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(other for other in local[name] if other in local)
    return tuple(sorted(seen))


def without_secrets(notebook: Notebook) -> Notebook:
    """The notebook with secrets masked in its prose, which gives names and descriptions."""
    secrets = secret_texts(notebook)
    cells = (cell if cell.kind == "code" else replace(cell, source=masked(cell.source, secrets)) for cell in notebook.cells)
    return replace(notebook, cells=tuple(cells))


def with_captures(need: Need, captures: Captures) -> Need:
    """A statement also gives the shown values captured in it, and needs those it mentions."""
    return replace(need, needs=need.needs | captures.needs(need.id), gives=need.gives | captures.gives(need.id))


def with_modules(definitions: tuple[Definition, ...], stages: tuple[Stage, ...], code: LiveCode) -> tuple[Definition, ...]:
    """Put each definition into the module of the first stage that needs it, directly or through another definition; what others need too is
    not looked for among drawings and output."""
    homes: dict[str, list[str]] = {}
    reads = {d.name: {r.name for r in code.by_statement[d.statement] if r.context == "load"} for d in definitions}
    for stage in stages:
        waiting = [r.name for id in stage.statements for r in code.by_statement[id]]
        while waiting:
            name = waiting.pop()
            if name in reads and stage.module not in homes.get(name, ()):
                homes.setdefault(name, []).append(stage.module)
                waiting.extend(reads[name])
    home = {name: min(modules, key=lambda module: module in LAST) for name, modules in homes.items()}
    return tuple(Definition(d.name, d.statement, home.get(d.name, "definitions"), d.globals, d.calls, d.escapes) for d in definitions)


def title_of(notebook: Notebook) -> tuple[str, str]:
    """The notebook's first heading, and the first prose that follows."""
    title = purpose = ""
    for cell in notebook.cells:
        if cell.kind == "markdown":
            heading = HEADING.search(cell.source)
            title = title or (plain(heading.group(2)) if heading else "")
            purpose = first_paragraph(HEADING.sub("", cell.source))
            if purpose:
                break
        elif cell.kind == "code" and title and cell.statements:
            break
    return title, purpose


def inputs_of(analysis: Analysis, parameters: tuple[Parameter, ...], recording: Recording | None) -> tuple[str, ...]:
    """The files the notebook reads and does not write itself; without a run the path parameters, which are at least candidates."""
    written = {result.path for result in analysis.results if result.kind == "file"}
    if recording is None:
        return tuple(path for p in parameters if p.type == "path" and (path := str(p.default)) not in written)
    written |= {file.path for file in recording.files if file.content.get("kind") != "deleted"}
    return tuple(path for path in recording.reads if path not in written)


def secrets_of(notebook: Notebook, analysis: Analysis, plan: Plan) -> dict[str, str]:
    """The notebook's own values of the plan's secret parameters, for the environment of a proof run; they must reach no file."""
    return secret_values(LiveCode(notebook, analysis), plan.parameters)


def unmet_wishes(notebook: Notebook, analysis: Analysis, plan: Plan) -> tuple[Diagnostic, ...]:
    """A warning for each wish of the notebook, about stages and about parameters, that the plan does not follow."""
    return (*unmet_stages(notebook, plan), *unmet_parameters(notebook, analysis, plan))


__all__ = ["make_plan", "offered_values", "secrets_of", "unmet_wishes"]
