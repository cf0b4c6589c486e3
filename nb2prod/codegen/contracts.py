"""What held for tables at the end of each stage -> `contracts.py`: a draft, in pandera's words, of what may be asked of the next data.

    {"load": {"df": {"rows": 900, "columns": [{"name": "age", "dtype": "float64", "gaps": 3, ...}]}}}
      ->   load_df = Contract("load", "df", DataFrameSchema({"age": Column("float64", nullable=True)}, ...), severity="warn")

Columns, types, gaps, doubles and small sets of texts are as they were. A range stands in it only where the stage's own code asks for it
(`df[df["age"] > 0]`) and where it held; half of the rows are asked for only where the data enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from nb2prod.codegen.literals import literal
from nb2prod.codegen.modules import formatted
from nb2prod.codegen.names import free_name
from nb2prod.codegen.ranges import Range, ranges_of
from nb2prod.codegen.templating import render
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import TABLE, Plan
from nb2prod.model.project import File, Project

Facts = Mapping[str, Any]


def with_contracts(project: Project, plan: Plan, notebook: Notebook, tables: Mapping[str, Mapping[str, Facts]]) -> Project:
    """The project with `contracts.py`, where there were tables at the ends of stages."""
    sources = {PurePath(file.path).stem: file.content for file in project.files if file.path.startswith(f"src/{plan.package}/")}
    entering = _entering(plan)
    found: list[dict[str, Any]] = []
    for stage in plan.stages:
        ranges = ranges_of(str(sources.get(stage.module, "")), stage.name)
        for name in plan.tables.get(stage.name, ()):
            facts = tables.get(stage.name, {}).get(name)
            if facts is not None:
                rows = facts["rows"] // 2 if stage.name in entering else min(facts["rows"], 1)
                columns = [_column(column, [one for one in ranges if one.table == name]) for column in facts["columns"]]
                if any(columns == other["columns"] for other in found):
                    continue  # other rows of the same table
                found.append(
                    {
                        "name": free_name(f"{stage.name}_{name}", {other["name"] for other in found}),
                        "stage": stage.name,
                        "table": name,
                        "rows": rows,
                        "columns": columns,
                    }
                )
    if not found:
        return project
    checks = any("Check." in column["text"] for contract in found for column in contract["columns"]) or any(one["rows"] for one in found)
    page = render("contracts.py.jinja", package=plan.package, notebook=PurePath(notebook.path).name, contracts=found, checks=checks)
    file = File(f"src/{plan.package}/contracts.py", formatted(page))
    return replace(project, files=tuple(sorted((*project.files, file), key=lambda one: one.path)))


def _entering(plan: Plan) -> set[str]:
    """The stages that are given no table: where one comes out of these, the data enter."""
    return {stage.name for stage in plan.stages if not any(variable.type == TABLE for variable in stage.inputs)}


def _column(facts: Facts, ranges: Sequence[Range]) -> dict[str, str]:
    """A column's name and `Column(...)`, as text."""
    checks = [f"Check.isin({literal(facts['values'], None)})"] if facts.get("values") else []
    checks += [f"Check.{one.sign}({_number(one.bound)})" for one in ranges if one.column == facts["name"] and _held(facts, one)]
    words = [literal(facts["dtype"])]
    words += [checks[0] if len(checks) == 1 else f"[{', '.join(checks)}]"] if checks else []
    words += ["nullable=True"] if facts["gaps"] else []
    words += ["unique=True"] if facts["unique"] else []
    return {"name": literal(facts["name"]), "text": f"Column({', '.join(words)})"}


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _held(facts: Facts, asked: Range) -> bool:
    """Whether the bound held for all values of the column at the end of the stage."""
    if "least" not in facts:
        return False
    least, most, bound = facts["least"], facts["most"], asked.bound
    return bool({"gt": least > bound, "ge": least >= bound, "lt": most < bound, "le": most <= bound}[asked.sign])
