"""`pipeline.py` calls the stages in order and gives the results under the notebook's names."""

from __future__ import annotations

from pathlib import Path

import pytest
from codegen.stage_building import everything, module_text, notebook, parameter, place, places, plan, run_package, stage

from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition, Import

RUN = '''def run(parameters: Parameters | None = None, **changes: object) -> Results:
    """Run every stage and return the results.

    Args:
        parameters: What may vary; the notebook's own values where none are given.
        **changes: Single parameters that differ, by name.

    Raises:
        ParameterError: A parameter has an unknown name or a value of the wrong type.
    """
    parameters = Parameters.with_changes(parameters, changes)
'''


def test_stages_results_and_imports() -> None:
    book = notebook("df = pd.read_csv(PATH)\n", "train, test = split(df, SIZE)\nprint(score(test))\ntest.plot()\n")
    shown = Result("score_value", "text", "printed under *Scores*", StatementId(1, 1), place(book, 1, "score(test)"))
    figure = Result("figure", "figure", "", StatementId(1, 2))
    stages = [
        stage("load", everything(book, 0), ["path"], ["df: pandas.DataFrame"]),
        stage(
            "split_data",
            everything(book, 1),
            ["df", "size"],
            ["train: list", "score_value: float", "figure"],
            module="model",
            results=(shown, figure),
        ),
    ]
    parameters = [
        parameter("path", "path", "a.csv", "PATH", places(book, 0, "PATH")),
        parameter("size", "float", 0.5, "SIZE", places(book, 1, "SIZE")),
    ]
    results = [Result("df", "variable", ""), shown, figure, Result("SIZE", "variable", "kept"), Result("out", "file", "", path="out.csv")]
    made = plan(stages, parameters, [Import("pd", "pandas")], results=results)
    assert module_text(made, book, "pipeline") == (
        '''"""The stages of churn.ipynb, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from churn.contract_checks import check_contract
from churn.data import load
from churn.model import split_data
from churn.parameters import Parameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Results:
    """What the notebook is for, under its own names."""

    df: pd.DataFrame
    score_value: float  # printed under Scores
    figure: Figure
    SIZE: float  # kept


'''
        + RUN
        + """    df = load(path=parameters.path)
    check_contract("load", df=df)
    train, score_value, figure = split_data(df=df, size=parameters.size)
    return Results(df=df, score_value=score_value, figure=figure, SIZE=parameters.size)
"""
    )


def test_a_notebook_without_stages_gives_empty_results(tmp_path: Path) -> None:
    assert run_package(plan(), notebook("# nothing\n"), tmp_path) == {}
    assert module_text(plan(), notebook(), "pipeline").endswith(RUN + "    return Results()\n")


def test_a_variable_never_hides_the_parameters_or_a_stage(tmp_path: Path) -> None:
    book = notebook("parameters = {'C': SIZE}\n", "fit = [parameters['C'], SIZE]\n")
    size = parameter("size", "int", 2, "SIZE", [place(book, 0, "SIZE"), place(book, 1, "SIZE")])
    stages = [
        stage("grid", everything(book, 0), ["size"], ["parameters: dict"]),
        stage("fit", everything(book, 1), ["parameters: dict", "size"], ["fit: list"]),
    ]
    made = plan(stages, [size], results=[Result("fit", "variable", ""), Result("parameters", "variable", "")])
    assert module_text(made, book, "pipeline").endswith(
        "    parameters_ = grid(size=parameters.size)\n"
        "    fit_ = fit(parameters=parameters_, size=parameters.size)\n"
        "    return Results(fit=fit_, parameters=parameters_)\n"
    )
    assert run_package(made, book, tmp_path) == {"fit": [2, 2], "parameters": {"C": 2}}


def test_a_variable_that_stages_bind_again_is_the_last_one(tmp_path: Path) -> None:
    book = notebook("x = 1\n", "x = x + 1\n")
    made = plan([stage("first", everything(book, 0), (), ["x: int"]), stage("second", everything(book, 1), ["x: int"], ["x: float"])])
    assert "    x: float\n" in module_text(made, book, "pipeline")
    assert run_package(made, book, tmp_path) == {"x": 2}


def test_a_definition_can_be_a_result(tmp_path: Path) -> None:
    book = notebook("def f(x):\n    return x + 1\n")
    made = plan((), (), (), [Definition("f", StatementId(0, 0), "tools")], [Result("f", "variable", "")])
    assert run_package(made, book, tmp_path)["f"](1) == 2


def test_an_import_can_be_a_result(tmp_path: Path) -> None:
    book = notebook("from math import pi\n")
    made = plan((), imports=[Import("pi", "math", "pi")], results=[Result("pi", "variable", "")])
    assert run_package(made, book, tmp_path)["pi"] == 3.141592653589793


def test_a_result_that_nothing_provides_is_refused() -> None:
    with pytest.raises(ValueError, match="result y: no stage returns it, and it is no parameter, no definition and no import"):
        module_text(plan(results=[Result("y", "variable", "")]), notebook("x = 1\n"))
