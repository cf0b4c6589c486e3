"""A case -> its plan, its package as files, and what both the notebook and the package compute when they run.

made = make(case.cells, "case_3")
run_notebook(made)                      -> Ran(results={"total": ("int", "6")}, stdout="6\\n", error="")
run_package(made, folder, limit=4)      -> the same of the package with one parameter changed
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import io
import json
import os
import sys
import tempfile
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.programs import fresh_process, picture

from nb2prod.analysis import analyze
from nb2prod.analysis.syntax import Columns
from nb2prod.codegen.modules import write_modules
from nb2prod.codegen.parameters_module import render_parameters_module
from nb2prod.codegen.templating import render
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook, Place, StatementId
from nb2prod.model.plan import Parameter, Plan
from nb2prod.planning import make_plan, secrets_of
from nb2prod.proving.trials import literals_of
from nb2prod.reading import read

Cells = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Made:
    """A notebook with its analysis and plan."""

    notebook: Notebook
    analysis: Analysis
    plan: Plan


@dataclass(frozen=True)
class Ran:
    """What a run left: pictures of the results, the text printed by what the package keeps, and the error that ended it."""

    results: dict[str, Any]
    stdout: str
    error: str


def notebook_of(cells: Cells) -> Notebook:
    """The cells read back from a notebook file."""
    written = [
        {"id": str(number), "cell_type": "code" if kind == "python" else kind, "metadata": {}, "source": text}
        | ({"execution_count": None, "outputs": []} if kind == "python" else {})
        for number, (kind, text) in enumerate(cells)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.ipynb"
        path.write_text(json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
        return replace(read(path), path="case.ipynb")


def make(cells: Cells, package: str = "case", keep: tuple[str, ...] = (), everything: bool = False, whole: bool = False) -> Made:
    """Read, analyse and plan; `everything` keeps every statement, `whole` makes one function of it."""
    notebook = notebook_of(cells)
    choices = Choices(keep=keep, package=package, run=False, whole=whole)
    restore = frozenset(statement.id for statement in notebook.statements) if everything else frozenset()
    analysis = analyze(notebook, load_knowledge(), None, choices, restore)
    return Made(notebook, analysis, make_plan(notebook, analysis, load_knowledge(), choices))


def write(made: Made, folder: Path) -> None:
    """The package's modules below `folder`."""
    home = folder / made.plan.package
    home.mkdir(parents=True)
    (home / "__init__.py").write_text("", encoding="utf-8")
    (home / "parameters.py").write_text(render_parameters_module(made.plan), encoding="utf-8")
    (home / "contract_checks.py").write_text(render("contract_checks.py.jinja", package=made.plan.package), encoding="utf-8")
    for file in write_modules(made.plan, made.notebook):
        (home / Path(file.path).name).write_text(str(file.content), encoding="utf-8")


def run_package(made: Made, folder: Path, **changes: object) -> Ran:
    """Imports the package and calls `run`, with the notebook's secrets in the environment."""
    error, results = "", None
    with isolated() as stdout:
        sys.path.insert(0, str(folder))
        secrets = secrets_of(made.notebook, made.analysis, made.plan)
        os.environ.update({f"{made.plan.package}_{name}".upper(): value for name, value in secrets.items()})
        try:
            pipeline = importlib.import_module(f"{made.plan.package}.pipeline")
            results = pipeline.run(**changes)
        except Exception as caught:  # noqa: BLE001
            error = error_text(caught)
        finally:
            sys.path.remove(str(folder))
        names = [result.name for result in made.plan.results if result.kind in ("variable", "text")]
        pictures = {name: picture(getattr(results, name)) for name in names if results is not None}
    return Ran(pictures, stdout.getvalue(), error)


def run_notebook(made: Made, parameter: Parameter | None = None, value: object = None) -> Ran:
    """Runs every statement in one namespace; with the literal of a parameter changed to another value, where one is given.

    An error ends the run where the package keeps the statement that raised it.
    """
    changed = {place: value for place in (literals_of(parameter, made.analysis) if parameter else ())}
    live = set(made.analysis.live)
    seen: dict[str, Any] = {}
    wanted = {(r.statement, r.place, r.position): r.name for r in made.plan.results if r.kind == "text"}
    printed: list[str] = []
    error = ""
    with isolated() as stdout:
        module = sys.modules["__main__"]
        space = module.__dict__
        space["__show__"] = lambda name, value: (seen.__setitem__(name, picture(value)), value)[1]
        for id in made.analysis.order:
            before = len(stdout.getvalue())
            try:
                editor = Editor(
                    {place: name for (at, place, _), name in wanted.items() if at == id}, changed, Columns(made.notebook.cells[id.cell])
                )
                run_statement(made.notebook, id, editor, space)
            except Exception as caught:  # noqa: BLE001
                error = error_text(caught) if id in live else ""
            printed += [stdout.getvalue()[before:]] if id in live else []
            if error:
                break
        names = [r.name for r in made.plan.results if r.kind == "variable"]
        seen |= {name: picture(space[name]) for name in names if name in space}
    return Ran(seen if not error else {}, "".join(printed), error)


def error_text(error: Exception) -> str:
    """The error; a name that is not there is another class of error in a function."""
    return "NameError" if isinstance(error, NameError) else f"{type(error).__name__}: {error}"


def run_statement(notebook: Notebook, id: StatementId, editor: Editor, space: dict[str, Any]) -> None:
    """One statement; the value of a cell's last expression becomes `_`."""
    cell = notebook.cells[id.cell]
    tree = compile(cell.code, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    statement = ast.fix_missing_locations(editor.visit(tree.body[id.index]))
    last = id.index == len(cell.statements) - 1
    if last and isinstance(statement, ast.Expr):
        value = execute(ast.Expression(statement.value), space)
        if value is not None:
            space["_"] = value
    else:
        execute(ast.Module([statement], []), space)


def execute(tree: ast.Module | ast.Expression, space: dict[str, Any]) -> Any:
    code = compile(tree, "<cell>", "eval" if isinstance(tree, ast.Expression) else "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, space)
    return asyncio.run(value) if code.co_flags & inspect.CO_COROUTINE else value


class Editor(ast.NodeTransformer):
    """Wraps the shown expressions in a call that notes their value, and puts other values in the place of literals."""

    def __init__(self, shown: Mapping[Place | None, str], changed: Mapping[Place, object], columns: Columns) -> None:
        self.shown, self.changed, self.columns = shown, changed, columns

    def visit(self, node: ast.AST) -> ast.AST:
        place = self.columns.place(node) if isinstance(node, ast.expr) else None
        if place in self.changed:
            return ast.copy_location(ast.parse(repr(self.changed[place]), mode="eval").body, node)
        node = self.generic_visit(node)
        if place not in self.shown:
            return node
        call = ast.Call(ast.Name("__show__", ast.Load()), [ast.Constant(self.shown[place]), node], [])
        return ast.copy_location(call, node)


@contextlib.contextmanager
def isolated():  # type: ignore[no-untyped-def]
    """A fresh process's state in an empty folder, an empty `__main__`, and what is printed."""
    stdout = io.StringIO()
    main = sys.modules["__main__"]
    with fresh_process() as folder, contextlib.redirect_stdout(stdout):
        (Path(folder) / "table.csv").write_text("name,x,y\na,1,2.5\nb,4,0.5\nc,3,1.5\n", encoding="utf-8")
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.modules["__main__"].__dict__["get_ipython"] = lambda: None
        try:
            yield stdout
        finally:
            sys.modules["__main__"] = main


def changed_value(parameter: Parameter) -> object:
    """Another value of the same type."""
    value = "another" if parameter.secret else parameter.default
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, list):
        return [*value, value[-1]] if value else [1]
    if isinstance(value, dict):
        return dict(list(value.items())[:-1])
    return value
