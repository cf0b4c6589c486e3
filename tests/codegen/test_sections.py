"""A `run` that would be too long is cut into sections, which give the same results."""

from __future__ import annotations

import ast
from pathlib import Path

from codegen.stage_building import everything, module_text, notebook, parameter, places, plan, run_package, stage

from nb2prod.codegen.sections import LONGEST
from nb2prod.model.dataflow import Result

NUMBER = 40
SIZE = parameter("size", "int", 2, "SIZE", [])


def lengths(text: str) -> dict[str, int]:
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {one.name: (one.end_lineno or 0) - (one.body[0].end_lineno or 0) for one in functions}


def test_a_long_run_is_cut_into_sections_that_give_the_same(tmp_path: Path) -> None:
    cells = ["x_0 = SIZE\n", *(f"x_{n} = x_{n - 1} + x_0\n" for n in range(1, NUMBER)), "model = [x_0]\n", "model.append(x_1)\n"]
    book = notebook(*cells)
    size = parameter("size", "int", 2, "SIZE", places(book, 0, "SIZE"))
    modules = ["data"] * 15 + ["model"] * (NUMBER - 15)
    stages = [stage("make_0", everything(book, 0), ["size"], ["x_0: int"], module="data")]
    for n in range(1, NUMBER):
        taken = dict.fromkeys((f"x_{n - 1}: int", "x_0: int"))
        stages.append(stage(f"make_{n}", everything(book, n), list(taken), [f"x_{n}: int"], module=modules[n]))
    stages.append(stage("make_model", everything(book, NUMBER), ["x_0: int"], ["model: list"], module="output"))
    stages.append(stage("append", everything(book, NUMBER + 1), ["model: list", "x_1: int"], [], module="output"))
    results = [*(Result(f"x_{n}", "variable", "") for n in range(NUMBER)), Result("model", "variable", ""), Result("SIZE", "variable", "")]
    made = plan(stages, [size], results=results)
    text = module_text(made, book, "pipeline")
    assert len(lengths(text)) > 2
    assert max(lengths(text).values()) <= LONGEST
    expected = {**{f"x_{n}": 2 * (n + 1) for n in range(NUMBER)}, "model": [2, 4], "SIZE": 2}
    assert run_package(made, book, tmp_path) == expected


def test_a_short_run_stays_whole() -> None:
    book = notebook("x = 1\n")
    made = plan([stage("make", everything(book, 0), (), ["x: int"])], results=[Result("x", "variable", "")])
    assert list(lengths(module_text(made, book, "pipeline"))) == ["run"]


def test_a_single_call_at_the_end_of_a_long_run_stands_in_run_itself(tmp_path: Path) -> None:
    numbers = range(NUMBER)
    book = notebook(*(f"x_{n} = {n}\n" for n in numbers), f"y = {' + '.join(f'x_{n}' for n in numbers)}\n")
    stages = [stage(f"make_{n}", everything(book, n), (), [f"x_{n}: int"]) for n in numbers]
    stages.append(stage("add_all", everything(book, NUMBER), [f"x_{n}: int" for n in numbers], ["y: int"], module="output"))
    made = plan(stages, results=[Result("y", "variable", "")])
    text = module_text(made, book, "pipeline")
    run = next(node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == "run")
    called = [node.func.id for node in ast.walk(run) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert ("add_all" in called, "OutputValues" in text, max(lengths(text).values()) <= LONGEST) == (True, False, True)
    assert run_package(made, book, tmp_path) == {"y": sum(numbers)}
