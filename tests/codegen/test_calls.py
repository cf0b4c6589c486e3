from __future__ import annotations

import pytest

from nb2prod.codegen.calls import hidden_names, stage_call, stage_import
from nb2prod.model.plan import Parameter, Plan, Stage, Variable

SIZE = Parameter("test_size", "float", 0.2, 1, 1, "constant")


def stage(inputs: str, outputs: str, name: str = "split") -> Stage:
    return Stage(name, "data", (), tuple(map(Variable, inputs.split())), tuple(map(Variable, outputs.split())))


@pytest.mark.parametrize(
    ("inputs", "outputs", "call"),
    [
        ("df test_size", "train test", "train, test = split(df=df, test_size=parameters.test_size)"),
        ("df", "train", "train = split(df=df)"),
        ("", "train", "train = split()"),
        ("df", "", "split(df=df)"),
    ],
)
def test_a_call_hands_parameters_and_variables_by_name(inputs: str, outputs: str, call: str) -> None:
    assert stage_call(stage(inputs, outputs), [SIZE]) == call


def test_a_long_call_has_one_argument_a_line() -> None:
    names = [f"a_rather_long_name_{i}" for i in range(6)]
    lines = stage_call(stage(" ".join(names), "x"), [], "    ").splitlines()
    assert lines == ["    x = split(", *(f"        {name}={name}," for name in names), "    )"]


def test_a_long_call_without_arguments_wraps_its_outputs() -> None:
    names = [f"a_rather_long_name_{i}" for i in range(6)]
    assert stage_call(stage("", " ".join(names)), []).splitlines() == ["(", *(f"    {name}," for name in names), ") = split()"]


def test_a_variable_that_would_hide_a_stage_gets_an_underscore() -> None:
    stages = (stage("", "split parameters"), stage("split parameters", "", "show"))
    plan = Plan("p", "", "", (SIZE,), (), (), stages, (), ())
    assert hidden_names(plan) == {"split", "parameters"}
    assert [stage_call(one, plan.parameters, hidden=hidden_names(plan)) for one in stages] == [
        "split_, parameters_ = split()",
        "show(split=split_, parameters=parameters_)",
    ]


def test_the_import_of_a_stage_names_its_module() -> None:
    assert stage_import(stage("", ""), "sales") == "from sales.data import split"
