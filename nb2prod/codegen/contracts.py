"""What held for tables at the end of each stage -> `contracts.py`: a draft, in pandera's words, of what may be asked of the next data.

    {"load": {"df": {"rows": 900, "columns": [{"name": "age", "dtype": "float64", "gaps": 3, ...}]}}}
      ->   load_df = Contract("load", "df", DataFrameSchema({"age": Column("float64", nullable=True)}, ...), severity="warn")

Columns, types, gaps, doubles and small sets of texts are as they were. A range stands in it only where the stage's own code asks for it
(`df[df["age"] > 0]`) and where it held; half of the rows are asked for only where the data enter.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from nb2prod.codegen.modules import formatted
from nb2prod.codegen.templating import render
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import TABLE, Plan
from nb2prod.model.project import File, Project

SIGNS: dict[type[ast.cmpop], str] = {ast.Gt: "gt", ast.GtE: "ge", ast.Lt: "lt", ast.LtE: "le"}
TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
Facts = Mapping[str, Any]


def with_contracts(project: Project, plan: Plan, notebook: Notebook, tables: Mapping[str, Mapping[str, Facts]]) -> Project:
    """The project with `contracts.py`, where there were tables at the ends of stages."""
    sources = {PurePath(file.path).stem: file.content for file in project.files if file.path.startswith(f"src/{plan.package}/")}
    entering = _entering(plan)
    found: list[dict[str, Any]] = []
    for stage in plan.stages:
        ranges = list(_ranges(str(sources.get(stage.module, "")), stage.name))
        for name in plan.tables.get(stage.name, ()):
            facts = tables.get(stage.name, {}).get(name)
            if facts is not None:
                rows = facts["rows"] // 2 if stage.name in entering else min(facts["rows"], 1)
                columns = [_column(column, ranges) for column in facts["columns"]]
                if any(columns == other["columns"] for other in found):
                    continue  # other rows of the same table
                found.append({"name": f"{stage.name}_{name}", "stage": stage.name, "table": name, "rows": rows, "columns": columns})
    if not found:
        return project
    checks = any("Check." in column["text"] for contract in found for column in contract["columns"]) or any(one["rows"] for one in found)
    page = render("contracts.py.jinja", package=plan.package, notebook=PurePath(notebook.path).name, contracts=found, checks=checks)
    file = File(f"src/{plan.package}/contracts.py", formatted(page))
    return replace(project, files=tuple(sorted((*project.files, file), key=lambda one: one.path)))


def _entering(plan: Plan) -> set[str]:
    """The stages that are given no table: where one comes out of these, the data enter."""
    return {stage.name for stage in plan.stages if not any(variable.type == TABLE for variable in stage.inputs)}


def _column(facts: Facts, ranges: list[tuple[str, str, float]]) -> dict[str, str]:
    """A column's name and `Column(...)`, as text."""
    checks = [f"Check.isin({_texts(facts['values'])})"] if facts.get("values") else []
    checks += [f"Check.{sign}({_number(bound)})" for name, sign, bound in ranges if name == facts["name"] and _held(facts, sign, bound)]
    words = [json.dumps(facts["dtype"])]
    words += [checks[0] if len(checks) == 1 else f"[{', '.join(checks)}]"] if checks else []
    words += ["nullable=True"] if facts["gaps"] else []
    words += ["unique=True"] if facts["unique"] else []
    return {"name": _text(facts["name"]), "text": f"Column({', '.join(words)})"}


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _texts(values: list[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _held(facts: Facts, sign: str, bound: float) -> bool:
    """Whether the bound held for all values of the column at the end of the stage."""
    if "least" not in facts:
        return False
    least, most = facts["least"], facts["most"]
    return bool({"gt": least > bound, "ge": least >= bound, "lt": most < bound, "le": most <= bound}[sign])


def _ranges(source: str, function: str) -> Iterator[tuple[str, str, float]]:
    """What a function asks of columns: (column, sign, bound) of each comparison that picks rows of a table, and of `clip`."""
    try:
        tops = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function]
    except SyntaxError:
        return
    seen = set()
    for node in (inner for top in tops for inner in ast.walk(top)):
        for told in (*_picked(node), *_clipped(node)):
            if told not in seen:
                seen.add(told)
                yield told


def _picked(node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """`df[df["age"] > 0]`, `df[(df.age > 0) & (df.age < 90)]`."""
    if not isinstance(node, ast.Subscript):
        return
    parts = [node.slice]
    while parts:
        part = parts.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitAnd):
            parts += [part.right, part.left]
        elif isinstance(part, ast.Compare) and len(part.ops) == 1 and type(part.ops[0]) in SIGNS:
            sign = SIGNS[type(part.ops[0])]
            for column, bound, told in ((part.left, part.comparators[0], sign), (part.comparators[0], part.left, TURNED[sign])):
                name, number = _column_name(column), _constant(bound)
                if name and number is not None:
                    yield name, told, number


def _clipped(node: ast.AST) -> Iterator[tuple[str, str, float]]:
    """`df["age"].clip(lower=0)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clip":
        name = _column_name(node.func.value)
        given = {**dict(zip(("lower", "upper"), node.args, strict=False)), **{one.arg: one.value for one in node.keywords if one.arg}}
        for word, sign in (("lower", "ge"), ("upper", "le")):
            number = _constant(given[word]) if word in given else None
            if name and number is not None:
                yield name, sign, number


def _column_name(node: ast.AST) -> str:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        return node.slice.value
    return node.attr if isinstance(node, ast.Attribute) else ""


def _constant(node: ast.AST) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _constant(node.operand)
        return None if inner is None else -inner
    known = isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    return float(node.value) if known and isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) else None
