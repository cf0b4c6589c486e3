"""Stages that do the same over other variables: the later one calls the earlier one, and only where that is certain."""

from __future__ import annotations

from pathlib import Path

import pytest
from codegen.stage_building import everything, module_text, notebook, plan, run_package, stage

from nb2prod.codegen.duplicates import without_duplicates
from nb2prod.codegen.functions import Chunk
from nb2prod.model.dataflow import Result

ONE = """def scale_train(train: list[int]) -> list[float]:
    \"\"\"Scale `train`.\"\"\"
    low = min(train)
    high = max(train)
    span = high - low or 1
    scaled = [(value - low) / span for value in train]
    return scaled
"""
OTHER = ONE.replace("train", "test").replace("low", "least").replace("scaled", "small")
CALLING = """def scale_test(test: list[int]) -> list[float]:
    \"\"\"Scale `test`.\"\"\"
    return scale_train(train=test)
"""


def merged(*texts: str, modules: tuple[str, str] = ("data", "data")) -> list[str]:
    chunks = [Chunk(module, (), text, stage=True) for module, text in zip(modules, texts, strict=True)]
    return [chunk.text for chunk in without_duplicates(chunks)]


def test_the_later_one_calls_the_earlier_one() -> None:
    assert merged(ONE, OTHER) == [ONE, CALLING]


@pytest.mark.parametrize(
    "other",
    [
        OTHER.replace("or 1", "or 1.0"),
        OTHER.replace("max(test)", "max(test)  # of all"),
        OTHER.replace("high = max(test)", "high = max(ALL)"),
        OTHER.replace("list[int]", "tuple[int]"),
        OTHER.replace("for value in test", "for value in locals()['test']"),
        OTHER.replace("small = [(value - least)", "small = [(value - high)"),
        OTHER.replace("def scale_test(test: list[int])", "def scale_test(test: list[int], more: int)"),
        OTHER.replace("return small", "return least"),
        OTHER.replace("return small", "return small if small else []"),
    ],
)
def test_what_is_not_surely_the_same_is_left_alone(other: str) -> None:
    assert other != OTHER
    assert merged(ONE, other) == [ONE, other]


def test_modules_have_names_of_their_own() -> None:
    assert merged(ONE, OTHER, modules=("data", "model")) == [ONE, OTHER]


@pytest.mark.parametrize("line", ["rows = test.filter('test > 3')", "rows = fit(f'test ~ {least}')"])
def test_a_text_that_mentions_a_variable_keeps_its_own_function(line: str) -> None:
    one, other = (
        text.replace("    span", f"    {line.replace('test', name).replace('least', least)}\n    span")
        for text, name, least in ((ONE, "train", "low"), (OTHER, "test", "least"))
    )
    assert merged(one, other) == [one, other]


def test_a_package_with_such_stages_gives_what_it_gave(tmp_path: Path) -> None:
    code = "low_{0} = min({0})\nhigh_{0} = max({0})\nspan_{0} = high_{0} - low_{0}\nsmall_{0} = [x - low_{0} for x in {0}]\n"
    book = notebook("a = [1, 5]\nb = [2, 3]\n", code.format("a"), code.format("b"))
    stages = [
        stage("load", everything(book, 0), (), ["a: list", "b: list"]),
        stage("scale_a", everything(book, 1), ["a: list"], ["span_a: int", "small_a: list"]),
        stage("scale_b", everything(book, 2), ["b: list"], ["span_b: int", "small_b: list"]),
    ]
    made = plan(stages, results=[Result(name, "variable", "") for name in ("span_a", "small_a", "span_b", "small_b")])
    assert "    same = scale_a(a=b)\n    return ScaleBResult(span_b=same.span_a, small_b=same.small_a)\n" in module_text(made, book, "data")
    assert run_package(made, book, tmp_path) == {"span_a": 4, "small_a": [0, 4], "span_b": 1, "small_b": [0, 1]}
