"""Small notebooks and plans made by hand, the package they give, and what both compute when they run."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nb2prod.codegen.modules import write_modules
from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import Cell, Notebook, Place, Span, Statement, StatementId
from nb2prod.model.plan import Definition, Import, Parameter, Plan, Stage, Variable

PARAMETERS = """
from types import SimpleNamespace


class Parameters(SimpleNamespace):
    DEFAULTS = {defaults!r}

    @classmethod
    def of(cls, values):
        return cls(**{{**cls.DEFAULTS, **values}})

    @classmethod
    def with_changes(cls, parameters, changes):
        return cls.of({{**(vars(parameters) if parameters else {{}}), **changes}})
"""


def notebook(*codes: str) -> Notebook:
    """A notebook of code cells."""
    return Notebook("work/churn.ipynb", "0" * 64, tuple(_cell(index, code) for index, code in enumerate(codes)))


def place(notebook: Notebook, cell: int, text: str, occurrence: int = 0) -> Place:
    """Where `text` stands in the cell for the `occurrence`-th time, counted from 0."""
    code = notebook.cells[cell].code
    start = -1
    for _ in range(occurrence + 1):
        start = code.index(text, start + 1)
    return Place(cell, Span(*_position(code, start), *_position(code, start + len(text))))


def places(notebook: Notebook, cell: int, text: str) -> tuple[Place, ...]:
    """Every place of `text` in the cell."""
    return tuple(place(notebook, cell, text, occurrence) for occurrence in range(notebook.cells[cell].code.count(text)))


def everything(notebook: Notebook, *cells: int) -> tuple[StatementId, ...]:
    """The statements of the cells (all cells by default)."""
    return tuple(statement.id for statement in notebook.statements if not cells or statement.id.cell in cells)


def stage(name: str, statements: Sequence[StatementId], inputs: Sequence[str] = (), outputs: Sequence[str] = (), **more: Any) -> Stage:
    """A stage of module `data`; an input or output is a name, or `name: type`."""
    return Stage(name, more.pop("module", "data"), tuple(statements), _variables(inputs), _variables(outputs), **more)


def plan(
    stages: Sequence[Stage] = (),
    parameters: Sequence[Parameter] = (),
    imports: Sequence[Import] = (),
    definitions: Sequence[Definition] = (),
    results: Sequence[Result] = (),
) -> Plan:
    """A plan of package `churn`; by default the last stage's outputs are the results."""
    last = tuple(Result(output.name, "variable", "") for output in stages[-1].outputs) if stages else ()
    return Plan("churn", "Churn", "", tuple(parameters), tuple(imports), tuple(definitions), tuple(stages), tuple(results) or last, ())


def parameter(name: str, kind: str, default: object, variable: str = "", places: Sequence[Place] = (), **more: Any) -> Parameter:
    """A parameter from the first line of the first cell."""
    return Parameter(name, kind, default, 0, 1, "constant", variable=variable, places=tuple(places), **more)  # type: ignore[arg-type]


def module_text(plan: Plan, notebook: Notebook, module: str = "data") -> str:
    """The text of one module of the package."""
    files = {file.path: file.content for file in write_modules(plan, notebook)}
    text = files[f"src/churn/{module}.py"]
    assert isinstance(text, str)
    return text


def body_of(code: str, **more: Any) -> str:
    """The body of the one stage made of the cell `code`, without docstring and indentation."""
    book = notebook(code)
    text = module_text(plan([stage("work", everything(book), **more)]), book)
    return without_indentation(text[text.index('\n    """\n') + 9 :])


def without_indentation(text: str) -> str:
    """The lines of a function's body as they would stand in a cell."""
    return "\n".join(line.removeprefix("    ") for line in text.split("\n")).strip("\n") + "\n"


def run_package(plan: Plan, notebook: Notebook, folder: Path, **changes: object) -> dict[str, Any]:
    """The fields of the results of `run(**changes)`, with the package's modules written below `folder`."""
    root = folder / "src"
    for file in write_modules(plan, notebook):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(file.content, str)
        path.write_text(file.content, encoding="utf-8")
    defaults = {parameter.name: parameter.default for parameter in plan.parameters}
    (root / plan.package / "__init__.py").write_text("")
    (root / plan.package / "parameters.py").write_text(PARAMETERS.format(defaults=defaults))
    with _imported(root, plan.package):
        pipeline = importlib.import_module(f"{plan.package}.pipeline")
        results = pipeline.run(**changes)
        return {name: getattr(results, name) for name in results.__dataclass_fields__}


def run_notebook(notebook: Notebook, names: Sequence[str], **instead: str) -> Mapping[str, Any]:
    """The variables `names` after the cells ran in one namespace, each text in `instead` replaced first."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebook.cells:
        exec(compile(cell.code, f"cell {cell.index}", "exec"), namespace)
    return {name: namespace[name] for name in names}


@contextmanager
def _imported(root: Path, package: str) -> Iterator[None]:
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            del sys.modules[name]


def _cell(index: int, code: str) -> Cell:
    lines = code.split("\n")
    statements = []
    for rank, node in enumerate(ast.parse(code).body):
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        start = (first, 0 if decorators else _characters(lines[node.lineno - 1], node.col_offset))
        end = (node.end_lineno or 0, _characters(lines[(node.end_lineno or 1) - 1], node.end_col_offset or 0))
        source = "\n".join(lines[start[0] - 1 : end[0]])
        cut = len(source) - len(lines[end[0] - 1]) + end[1]
        statements.append(Statement(StatementId(index, rank), Span(*start, *end), source[start[1] : cut]))
    return Cell(index, f"cell-{index}", "code", code, code, statements=tuple(statements))


def _characters(line: str, column: int) -> int:
    return len(line.encode()[:column].decode())


def _position(code: str, offset: int) -> tuple[int, int]:
    before = code[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1)


def _variables(texts: Sequence[str]) -> tuple[Variable, ...]:
    pairs = (text.partition(":") for text in texts)
    return tuple(Variable(name.strip(), kind.strip()) for name, _, kind in pairs)
