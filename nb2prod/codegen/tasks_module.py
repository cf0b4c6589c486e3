"""`pipeline.py` as it stands and tasks of its stages -> `tasks.py`, one function a task, and the modules that run one of them.

    df = load(path=parameters.path)             def task_load(parameters: Parameters) -> Left:
    auc = fit(df=df)                      ->        df = load(path=parameters.path)
    return Results(auc=auc)                         return {"df": df}, {}

It is read from the module and not from the plan, so that what people changed in it holds for the tasks too.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from nb2prod.codegen.modules import formatted
from nb2prod.codegen.templating import render
from nb2prod.errors import ChoiceError
from nb2prod.model.job import Task
from nb2prod.model.project import File

PARTS = ("digests", "runs", "states", "values")
HEAD = '"""The tasks of {package}, as jobs/job.toml names them: written by `nb2prod schedule` from pipeline.py."""\n\nfrom __future__ import annotations\n'


@dataclass(frozen=True)
class Call:
    """One line of `run`: the stage it calls, the variables it reads and binds, and its text."""

    stage: str
    reads: tuple[str, ...]
    binds: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Pipeline:
    """What `run` does: its calls, the results it gives as expressions, and the imports of its module by the name they bind."""

    calls: tuple[Call, ...]
    results: Mapping[str, str]
    imports: Mapping[str, str]


@dataclass(frozen=True)
class _Crossing:
    """What a task takes, from which task; what it gives; what later tasks take from where it took it; its results."""

    takes: Mapping[str, str]
    gives: tuple[str, ...]
    keeps: tuple[str, ...]
    results: Mapping[str, str]


def read_pipeline(text: str, package: str) -> Pipeline:
    """What `pipeline.py` does. Raises ChoiceError where `run` is more than calls of stages one after the other."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ChoiceError(f"pipeline.py, line {error.lineno}: {error.msg}", "mend it, or convert the notebook again") from None
    run = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run"), None)
    body = [] if run is None else run.body[1:] if ast.get_docstring(run) else run.body
    if len(body) < 2 or not isinstance(body[-1], ast.Return) or not isinstance(body[-1].value, ast.Call):
        raise ChoiceError("pipeline.py: `run` does not end in `return Results(...)`", "mend it, or convert the notebook again")
    results = {keyword.arg: ast.unparse(keyword.value) for keyword in body[-1].value.keywords if keyword.arg}
    return Pipeline(_calls(body[1:-1]), results, _imports(tree, package))


@dataclass(frozen=True)
class Package:
    """A package as its tasks need it: its name, its `pipeline.py`, the variables that each stage changes in place, its secret parameters, and
    the other modules that it was installed with."""

    name: str
    pipeline: str
    updates: Mapping[str, Sequence[str]]
    secrets: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


def render_tasks(given: Package, tasks: Sequence[Task]) -> tuple[File, ...]:
    """`src/PACKAGE/tasks.py` and what it needs. Raises ChoiceError."""
    package = given.name
    pipeline = read_pipeline(given.pipeline, package)
    crossings = _crossings(pipeline, tasks, given.updates)
    functions = [_function(task, pipeline, crossings[task.name]) for task in tasks]
    table = ", ".join(f"{task.name!r}: {_entry(task, tasks, crossings[task.name])}" for task in tasks)
    used = {node.id for function in functions for node in ast.walk(ast.parse(function)) if isinstance(node, ast.Name)}
    imports = _merged({line for name, line in pipeline.imports.items() if name in used and name not in ("Any", "annotations")}, package)
    made_from = sha256("".join(given.pipeline.split()).encode()).hexdigest()
    parts = [
        HEAD.format(package=package) + "\nfrom typing import Any\n\n" + "\n".join(imports),
        *functions,
        f"PLAN = Plan({{{table}}}, made_from={made_from!r})",
    ]
    files = [
        File(
            f"src/{package}/task_{part}.py",
            formatted(render(f"tasks/{part}.py.jinja", package=package, secrets=given.secrets, modules=[package, *given.modules])),
        )
        for part in PARTS
    ]
    return (File(f"src/{package}/tasks.py", formatted("\n\n\n".join(parts) + "\n")), *files)


def _calls(nodes: Sequence[ast.stmt]) -> tuple[Call, ...]:
    """The lines of `run`; one that holds tables against their contracts belongs to the stage before it."""
    found: list[Call] = []
    for node in nodes:
        text = ast.unparse(node)
        if found and text.startswith("check_contract("):
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{text}")
        else:
            found.append(_call(node))
    return tuple(found)


def _call(node: ast.stmt) -> Call:
    """One line of `run`. Raises ChoiceError for anything but the call of a stage."""
    value = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
        raise ChoiceError(
            f"pipeline.py, line {node.lineno}: `{ast.unparse(node)}` is no call of a stage",
            "let it be one task, or move this line into a stage",
        )
    reads = [one.id for given in (*value.args, *value.keywords) for one in ast.walk(given) if isinstance(one, ast.Name)]
    targets = node.targets if isinstance(node, ast.Assign) else []
    binds = [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return Call(value.func.id, tuple(dict.fromkeys(name for name in reads if name != "parameters")), tuple(binds), ast.unparse(node))


def _imports(tree: ast.Module, package: str) -> dict[str, str]:
    """The line that binds each name of the module, for another module."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, (ast.ImportFrom, ast.Import)):
            for alias in node.names:
                bound = alias.asname or alias.name.split(".")[0]
                found[bound] = ast.unparse(
                    ast.ImportFrom(node.module, [alias], node.level) if isinstance(node, ast.ImportFrom) else ast.Import([alias])
                )
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = f"from {package}.pipeline import {node.name}"
        elif isinstance(node, ast.Assign):
            found.update({one.id: f"from {package}.pipeline import {one.id}" for one in node.targets if isinstance(one, ast.Name)})
    return found


def _merged(lines: set[str], package: str) -> list[str]:
    """The imports of a module of tasks, what comes from one module in one line."""
    found: dict[str, set[str]] = {f"from {package}.parameters": {"Parameters"}, f"from {package}.task_runs": {"Left", "Plan", "Task"}}
    for line in lines:
        module, imported, name = line.partition(" import ")
        found.setdefault(module, set()).update({name} if imported else ())
    return [f"{module} import {', '.join(sorted(names))}" if names else module for module, names in sorted(found.items())]


def _crossings(pipeline: Pipeline, tasks: Sequence[Task], updates: Mapping[str, Sequence[str]]) -> dict[str, _Crossing]:
    """What crosses the borders of each task."""
    home = {stage: task.name for task in tasks for stage in task.stages}
    giver: dict[str, str] = {}  # the task that bound a variable or changed it last
    takes: dict[str, dict[str, str]] = {task.name: {} for task in tasks}
    results: dict[str, dict[str, str]] = {task.name: {} for task in tasks}
    for call in pipeline.calls:
        task = home[call.stage]
        takes[task] = {**{name: giver[name] for name in call.reads if giver.get(name, task) != task}, **takes[task]}
        changed = [name for name in updates.get(call.stage, ()) if name in giver]
        giver.update(dict.fromkeys([*changed, *call.binds], task))
    for name, expression in pipeline.results.items():
        results[giver.get(expression, tasks[-1].name)][name] = expression
    found: dict[str, _Crossing] = {}
    for place, one in enumerate(tasks):
        later = [(name, source) for other in tasks[place + 1 :] for name, source in takes[other.name].items()]
        gives = tuple(dict.fromkeys(name for name, source in later if source == one.name))
        keeps = tuple(name for name, source in takes[one.name].items() if (name, source) in later)
        found[one.name] = _Crossing(takes[one.name], gives, keeps, results[one.name])
    return found


def _function(task: Task, pipeline: Pipeline, crossing: _Crossing) -> str:
    lines = [call.text for call in pipeline.calls if call.stage in task.stages]
    arguments = ", ".join(["parameters: Parameters", *(f"{name}: Any" for name in crossing.takes)])
    gives = ", ".join(f"{name!r}: {name}" for name in crossing.gives)
    results = ", ".join(f"{name!r}: {text}" for name, text in crossing.results.items())
    body = "".join(f"    {line}\n" for line in ("\n".join(lines)).split("\n"))
    about = f'    """{", ".join(task.stages)}: what they leave for later tasks, and their results."""\n'
    return f"def task_{task.name}({arguments}) -> Left:\n{about}{body}    return {{{gives}}}, {{{results}}}"


def _entry(task: Task, tasks: Sequence[Task], crossing: _Crossing) -> str:
    return (
        f"Task(task_{task.name}, takes={dict(crossing.takes)!r}, gives={crossing.gives!r}, keeps={crossing.keeps!r}, "
        f"before={_before(task, tasks)!r}, last={task == tasks[-1]!r})"
    )


def _before(task: Task, tasks: Sequence[Task]) -> tuple[str, ...]:
    """All tasks that are done before, in their order."""
    after = {one.name: one.after for one in tasks}
    found, waiting = set(task.after), list(task.after)
    while waiting:
        new = set(after[waiting.pop()]) - found
        found |= new
        waiting += new
    return tuple(one.name for one in tasks if one.name in found)
