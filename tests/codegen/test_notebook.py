from __future__ import annotations

import dataclasses
import json

import nbformat
from codegen.scaffold_example import PLAN, parameter

from nb2prod.codegen.notebook import render_notebook
from nb2prod.model.plan import Plan


def cells(plan: Plan) -> dict[str, str]:
    return {cell["id"]: "".join(cell["source"]) for cell in json.loads(render_notebook(plan))["cells"]}


def test_the_notebook_is_valid_and_always_the_same() -> None:
    nbformat.validate(nbformat.reads(render_notebook(PLAN), as_version=4))
    assert render_notebook(PLAN) == render_notebook(PLAN)


def test_there_is_a_cell_for_the_parameters_their_check_each_stage_and_the_results() -> None:
    assert cells(PLAN) == {
        "title": '# Sales "by region"\n\nAdds up what was sold.\n\nRuns the package `sales_report` stage by stage. Install it first '
        "(`pip install -e .`); through papermill: `papermill notebooks/sales_report.ipynb out.ipynb`.",
        "parameters": 'sales_path = "data/sales.csv"  # type: path Where the sales are\nregion = "010"  # type: str Region | code\n'
        "factor = 2.0  # type: float What 100% of an amount counts\nflag = True  # type: bool\nids = [1, 2]  # type: list\n"
        'limits = (0, 100)  # type: tuple\ngrid = {"depth": [1, None]}  # type: dict\nstart = "2024-01-31"  # type: date\n'
        "sample = None  # type: any",
        "check": "from sales_report.parameters import Parameters\n\nparameters = Parameters.from_notebook(globals())\nparameters",
        "about-0": "## Load the sales",
        "stage-0": "from sales_report.data import load_sales\n\n"
        "sales = load_sales(sales_path=parameters.sales_path, region=parameters.region)",
        "stage-1": "from sales_report.summary import count_up\n\n"
        "total, note = count_up(sales=sales, factor=parameters.factor, flag=parameters.flag)",
        "stage-2": "from sales_report.summary import save_total\n\nsave_total(total=total)",
        "about-results": "## Results",
        "results": 'print("total:")\ndisplay(total)\nprint("note:")\ndisplay(note)',
        "record": "from sales_report.job import record\n\nrecord(total=total, note=note)",
    }


def test_the_parameters_cell_is_tagged_for_papermill() -> None:
    tagged = [cell["id"] for cell in json.loads(render_notebook(PLAN))["cells"] if cell["metadata"].get("tags") == ["parameters"]]
    assert tagged == ["parameters"]


def test_a_secret_never_stands_in_the_notebook() -> None:
    plan = dataclasses.replace(PLAN, parameters=(parameter("api_key", "str", "s3cret", secret=True),))
    assert cells(plan)["parameters"] == "# api_key is secret: set the environment variable SALES_REPORT_API_KEY"
    assert "s3cret" not in render_notebook(plan)


def test_a_plan_without_parameters_and_results_still_makes_a_notebook() -> None:
    told = cells(dataclasses.replace(PLAN, parameters=(), results=()))
    assert told["parameters"] == "# This notebook has no parameters."
    assert {"results", "record"} & set(told) == set()
