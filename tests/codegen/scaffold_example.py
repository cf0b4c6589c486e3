"""A small plan of every kind of parameter, with the stage code that the other emitters would write for it."""

from __future__ import annotations

from pathlib import Path

from nb2prod.codegen.calls import stage_call
from nb2prod.codegen.scaffold import render_scaffold
from nb2prod.model.dataflow import Result
from nb2prod.model.job import Job, Schedule
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition, Parameter, ParameterType, Plan, Stage, Variable
from nb2prod.model.project import File
from nb2prod.model.recording import FilePicture, Recording, Shown

CSV = b"region,amount\n010,1.5\n010,2.5\n020,10\n"


def parameter(name: str, type: ParameterType, default: object, help: str = "", secret: bool = False, line: int = 1) -> Parameter:
    return Parameter(name, type, default, 1, line, "constant", help, secret=secret)


PARAMETERS = (
    parameter("sales_path", "path", "data/sales.csv", "Where the sales are"),
    parameter("region", "str", "010", "Region | code"),
    parameter("factor", "float", 2.0, "What 100% of an amount counts", line=2),
    parameter("flag", "bool", True),
    parameter("ids", "list", [1, 2]),
    parameter("limits", "list", (0, 100)),
    parameter("grid", "dict", {"depth": [1, None]}),
    parameter("start", "date", "2024-01-31"),
    parameter("sample", "none", None),
)

LOAD = Stage(
    "load_sales", "data", (StatementId(2, 0),), (Variable("sales_path"), Variable("region")), (Variable("sales"),), "Load the sales", ""
)
COUNT = Stage(
    "count_up",
    "summary",
    (StatementId(3, 0), StatementId(4, 0)),
    (Variable("sales"), Variable("factor"), Variable("flag")),
    (Variable("total"), Variable("note")),
)
SAVE = Stage("save_total", "summary", (StatementId(5, 0),), (Variable("total"),), ())

RESULTS = (
    Result("total", "variable", "printed as an outcome"),
    Result("note", "text", "shown in cell 4", StatementId(4, 0)),
    Result("out", "file", "written", path="out/total.txt"),
)

PLAN = Plan(
    package="sales_report",
    title='Sales "by region"',
    purpose="Adds up what was sold.",
    parameters=PARAMETERS,
    imports=(),
    definitions=(Definition("double", StatementId(0, 1), "summary"),),
    stages=(LOAD, COUNT, SAVE),
    results=RESULTS,
    drops=(),
    requirements={},
    inputs=("data/sales.csv",),
    python="3.11.4",
)

RECORDING = Recording(
    ok=True,
    variables={"total": {"kind": "float", "value": 8.0}},
    shown=(Shown(StatementId(4, 0), 0, "display", {"kind": "str", "value": "2 rows"}),),
    files=(FilePicture("out/total.txt", 3, ""),),
)

JOB = Job("sales_report", ("python", "-m", "sales_report.job"), (Schedule("30 6 * * 1-5"),))

STAGES = {
    "data.py": """from __future__ import annotations

import csv


def load_sales(sales_path: str, region: str) -> list[float]:
    with open(sales_path) as file:
        return [float(row["amount"]) for row in csv.DictReader(file) if row["region"] == region]
""",
    "summary.py": """from __future__ import annotations

from typing import NamedTuple


class CountUp(NamedTuple):
    total: float
    note: str


def count_up(sales: list[float], factor: float, flag: bool) -> CountUp:
    return CountUp(sum(sales) * factor if flag else 0.0, f"{len(sales)} rows")


def save_total(total: float) -> None:
    with open("out/total.txt", "w") as file:
        file.write(str(total))
""",
}


def pipeline_source(plan: Plan) -> str:
    """What `pipeline.py` looks like, as far as the scaffold relies on it."""
    names = [result.name for result in plan.results if result.kind != "file"]
    lines = ["from __future__ import annotations", "", "from typing import Any, NamedTuple", ""]
    names_of = {module: [stage.name for stage in plan.stages if stage.module == module] for module in {s.module for s in plan.stages}}
    origins = sorted([*names_of.items(), ("parameters", ["Parameters"])])
    lines += [f"from {plan.package}.{module} import {', '.join(sorted(found))}" for module, found in origins]
    lines += ["", "", "class Results(NamedTuple):"]
    lines += [f"    {name}: Any" for name in names] + ["", ""]
    lines += ["def run(parameters: Parameters | None = None, **changes: object) -> Results:"]
    lines += ["    parameters = Parameters.with_changes(parameters, changes)"]
    lines += [stage_call(stage, plan.parameters, "    ") for stage in plan.stages]
    lines += [f"    return Results({', '.join(f'{name}={name}' for name in names)})"]
    return "\n".join(lines) + "\n"


def files_of(plan: Plan = PLAN, recording: Recording | None = RECORDING, inputs: dict[str, bytes] | None = None) -> tuple[File, ...]:
    """The whole project: the scaffold, and the stage code by hand."""
    inputs = {"data/sales.csv": CSV} if inputs is None else inputs
    stages = [File(f"src/{plan.package}/{name}", source) for name, source in STAGES.items()]
    pipeline = File(f"src/{plan.package}/pipeline.py", pipeline_source(plan))
    return (*render_scaffold(plan, JOB, recording, inputs), *stages, pipeline)


def write(files: tuple[File, ...], folder: Path) -> Path:
    """The files on disk."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content if isinstance(file.content, bytes) else file.content.encode("utf-8"))
    return folder
