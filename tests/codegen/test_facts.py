from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nb2prod.codegen.facts import ANYTHING, fact_of, loosened
from nb2prod.recording.probe.pictures import picture_of

FRAME = pd.DataFrame({"a": [1.5, np.nan, 2.0], "b": ["x", "y", None], "n": [1, 2, 3]})


@pytest.mark.parametrize(
    ("value", "fact"),
    [
        (3, {"kind": "number", "value": 3}),
        (0.84, {"kind": "number", "value": 0.84}),
        (float("nan"), {"kind": "number", "value": "nan"}),
        (10**30, {"kind": "value", "value": 10**30}),
        (np.float64(0.5), {"kind": "number", "value": 0.5}),
        (True, {"kind": "value", "value": True}),
        (None, {"kind": "value", "value": None}),
        ("abc", {"kind": "text", "value": "abc"}),
        ("<A at 0x7f>", {"kind": "text"}),
        ("x" * 30000, {"kind": "text"}),
        ([1, "a"], {"kind": "items", "length": 2, "items": [{"kind": "number", "value": 1}, {"kind": "text", "value": "a"}]}),
        ([1.0] * 600, {"kind": "items", "length": 600}),
        (list(range(60)), {"kind": "items", "length": 60}),
        ({"a": 1}, {"kind": "pairs", "length": 1, "pairs": {"a": {"kind": "number", "value": 1}}}),
        ({1: 1}, ANYTHING),
        (np.array([[1.0, 2.0], [np.inf, 4.0]]), {"kind": "array", "shape": [2, 2], "sum": 7.0}),
        (np.array(["a", "b"]), {"kind": "array", "shape": [2]}),
        (pd.Series([1, 2]), {"kind": "array", "shape": [2], "sum": 3.0}),
        (FRAME, {"kind": "frame", "shape": [3, 3], "columns": ["a", "b", "n"], "sums": {"0": 3.5, "2": 6.0}}),
        (pd.DataFrame([[1, 2]]), {"kind": "frame", "shape": [1, 2], "columns": ["0", "1"], "sums": {"0": 1.0, "1": 2.0}}),
        (slice(1), ANYTHING),
    ],
)
def test_a_recorded_value_becomes_a_fact(value: object, fact: dict[str, Any]) -> None:
    assert fact_of(picture_of(value)) == fact


def test_a_model_is_told_by_its_class() -> None:
    assert fact_of({"kind": "object", "type": "sklearn.linear_model.Ridge", "state": {}}) == {"kind": "object", "class": "Ridge"}


def test_an_integer_too_long_for_json_is_not_asserted() -> None:
    assert fact_of(picture_of(2**5000)) == ANYTHING


def test_an_unknown_kind_of_picture_is_not_asserted() -> None:
    assert fact_of({"kind": "hologram"}) == ANYTHING


def test_a_loosened_fact_keeps_kind_and_shape_only() -> None:
    assert loosened(fact_of(picture_of(FRAME))) == {"kind": "frame", "shape": [3, 3], "columns": ["a", "b", "n"]}
    assert loosened(fact_of(picture_of(0.5))) == {"kind": "number"}
    assert loosened(fact_of(picture_of(True))) == ANYTHING
