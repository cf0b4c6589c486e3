"""Which values are the same and which are not, by the pictures really taken of them."""

from __future__ import annotations

import json
import threading
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import sparse
from sklearn.linear_model import Ridge

from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.pictures import Camera, picture_of
from nb2prod.verification.compare import Match, compare

matplotlib.use("Agg")


def matched(expected: object, actual: object) -> Match:
    """The pictures go through JSON, as they do between processes."""
    return compare(*(json.loads(json.dumps(picture_of(value))) for value in (expected, actual)))


def frame(**changes: Any) -> pd.DataFrame:
    columns = {"x": [1.0, 2.0, 3.0], "s": ["a", "b", None], "n": [1, 2, 3]}
    return pd.DataFrame({**columns, **changes})


def model(alpha: float, slope: float) -> Ridge:
    return Ridge(alpha=alpha).fit([[0.0], [1.0], [2.0]], [0.0, slope, 2 * slope])


def figure(y: float = 2.0, title: str = "t", dots: bool = False) -> Figure:
    drawn = Figure()
    axes = drawn.add_subplot()
    axes.plot([1, 2], [1.0, y])
    axes.set_title(title)
    return drawn


def function(n: int) -> Any:
    return (lambda x: x + n) if n else (lambda x: x * 2)


ADDRESS = "<Ball object at 0x7f0123456789>"
SAME: dict[str, tuple[object, object]] = {
    "floats within tolerance": (0.1 + 0.2, 0.3),
    "nan": (float("nan"), float("nan")),
    "zero and minus zero": (0.0, -0.0),
    "inf": (float("inf"), float("inf")),
    "complex": (0.3 + 1j, 0.1 + 0.2 + 1j),
    "nested": ({"a": [1, (2.0, "x")]}, {"a": [1, (2.0 + 1e-12, "x")]}),
    "array within tolerance": (np.array([0.3, np.nan]), np.array([0.1 + 0.2, np.nan])),
    "array order": (np.ones((2, 3), order="C"), np.ones((2, 3), order="F")),
    "frames": (frame(), frame(x=[1.0, 2.0, 3.0 + 1e-12])),
    "range and spelled out index": (frame(), frame().set_axis(pd.Index([0, 1, 2]))),
    "text": ("loss 0.30000000000000004", "loss 0.3"),
    "addresses": (ADDRESS, ADDRESS.replace("0x7f0123456789", "0x7f0999999999")),
    "owner of an address": ("<__main__.Ball object at 0x7f0123456789>", "<churn.model.Ball object at 0x7f0999999999>"),
    "moment of a summary": ("Date:                Sat, 21 Nov 2026   AIC", "Date:                Sun, 22 Nov 2026   AIC"),
    "line ends of a terminal": ("a\r\nb", "a\nb"),
    "models": (model(1.0, 2.0), model(1.0, 2.0)),
    "sparse": (sparse.csr_matrix([[0, 1.0]]), sparse.csr_matrix([[0, 1.0]])),
    "figures": (figure(), figure()),
    "long lists": ([0.3] * 1000, [0.1 + 0.2] * 1000),
    "functions": (function(1), function(1)),
}
DIFFERENT: dict[str, tuple[object, object, str]] = {
    "floats": (0.84, 0.85, "0.84 in the notebook, 0.85 in the package"),
    "just outside the tolerance": (1.0, 1.0 + 1e-8, "1.0 in the notebook, 1.00000001 in the package"),
    "nan and number": (float("nan"), 1.0, "nan in the notebook, 1.0 in the package"),
    "int and float": (1, 1.0, "1 in the notebook, 1.0 in the package"),
    "bool and int": (True, 1, "True in the notebook, 1 in the package"),
    "numpy and plain float": (np.float64(1), 1.0, "1.0 in the notebook, 1.0 in the package"),
    "list and tuple": ([1], (1,), "[1] in the notebook, (1) in the package"),
    "list length": ([1, 2], [1], "2 items in the notebook, 1 in the package"),
    "item": ([1, [2, 3]], [1, [2, 4]], "item 1, item 1: 3 in the notebook, 4 in the package"),
    "long list": ([0] * 1000, [0] * 999 + [1], "row 999: 0 in the notebook, 1 in the package"),
    "dict value": ({"a": 1}, {"a": 2}, "key 'a': 1 in the notebook, 2 in the package"),
    "dict order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "a key: 'a' in the notebook, 'b' in the package"),
    "dict length": ({"a": 1}, {}, "1 keys in the notebook, 0 in the package"),
    "whole numbers in text": (
        "order 1000000000001",
        "order 1000000000002",
        "'order 1000000000001' in the notebook, 'order 1000000000002' in the package",
    ),
    "text line": ("a\nb 0.5", "a\nb 0.6", "line 2: 'b 0.5' in the notebook, 'b 0.6' in the package"),
    "text too short": ("a\nb", "a", "line 2: only the notebook has 'b'"),
    "dtype": (np.array([1.0]), np.array([1.0], dtype="f4"), "dtype <f8 in the notebook, <f4 in the package"),
    "shape": (np.ones(4), np.ones((2, 2)), "shape (4,) in the notebook, (2, 2) in the package"),
    "element": (np.array([[1, 2], [3, 4]]), np.array([[1, 2], [3, 5]]), "element (1, 1): 4 in the notebook, 5 in the package"),
    "date": (np.array(["2024-01-01"], "M8[D]"), np.array(["2024-01-02"], "M8[D]"), "row 0: 19723 in the notebook, 19724 in the package"),
    "text in an array": (np.array(["a"]), np.array(["b"]), "row 0: 'a' in the notebook, 'b' in the package"),
    "column value": (frame(), frame(x=[1.0, 2.0, 4.0]), "column 'x', row 2: 3.0 in the notebook, 4.0 in the package"),
    "column text": (frame(), frame(s=["a", "c", None]), "column 's', row 1: 'b' in the notebook, 'c' in the package"),
    "column dtype": (frame(), frame(n=[1.0, 2.0, 3.0]), "column 'n': dtype <i8 in the notebook, <f8 in the package"),
    "column label": (frame(), frame().rename(columns={"n": "m"}), "the column labels, row 2: 'n' in the notebook, 'm' in the package"),
    "column order": (frame(), frame()[["s", "x", "n"]], "the column labels, row 0: 'x' in the notebook, 's' in the package"),
    "row order": (frame(), frame().iloc[[1, 0, 2]], "the index, row 0: 0 in the notebook, 1 in the package"),
    "row count": (frame(), frame().head(2), "the index: 3 entries in the notebook, 2 in the package"),
    "index name": (frame(), frame().rename_axis("id"), "the index, names: None in the notebook, 'id' in the package"),
    "column missing": (
        frame(),
        frame().drop(columns="n"),
        "DataFrame, 3 rows x 3 columns in the notebook, DataFrame, 3 rows x 2 columns in the package",
    ),
    "series name": (pd.Series([1], name="a"), pd.Series([1], name="b"), "name: 'a' in the notebook, 'b' in the package"),
    "category": (
        pd.Series(["a"], dtype="category"),
        pd.Series(["a"], dtype=pd.CategoricalDtype(["a", "b"])),
        "0: 1 entries in the notebook, 2 in the package",
    ),
    "time zone": (pd.Timestamp("2024", tz="UTC"), pd.Timestamp("2024"), ""),
    "model parameter": (model(1.0, 2.0), model(2.0, 2.0), "key 'alpha': 1.0 in the notebook, 2.0 in the package"),
    "model coefficient": (model(1.0, 2.0), model(1.0, 3.0), ""),
    "sparse entry": (sparse.csr_matrix([[0, 1.0]]), sparse.csr_matrix([[0, 2.0]]), "2, row 0: 1.0 in the notebook, 2.0 in the package"),
    "sparse format": (sparse.csr_matrix([[1.0]]), sparse.csc_matrix([[1.0]]), ""),
    "figure data": (figure(), figure(y=3.0), ""),
    "figure title": (figure(), figure(title="u"), "axes, titles, 1: 't' in the notebook, 'u' in the package"),
    "what a function carries": (function(1), function(2), "carried value 2, item 0: 1 in the notebook, 2 in the package"),
    "a difference beside an unknown part": ([threading.Lock(), 1], [threading.Lock(), 2], "item 1: 1 in the notebook, 2 in the package"),
}
UNKNOWN: dict[str, tuple[object, object, str]] = {
    "locks": (threading.Lock(), threading.Lock(), "_thread.lock cannot be compared (cannot pickle '_thread.lock' object)"),
    "part of a list": ([1, iter(())], [1, (n for n in ())], ""),
    "rewritten function": (function(0), function(1), ""),
}


@pytest.mark.parametrize(("expected", "actual"), SAME.values(), ids=SAME)
def test_same(expected: object, actual: object) -> None:
    assert matched(expected, actual) == Match("same")


@pytest.mark.parametrize(("expected", "actual", "difference"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_and_where(expected: object, actual: object, difference: str) -> None:
    found = matched(expected, actual)
    assert (found.outcome, found.difference) == ("different", difference or found.difference)
    assert found.difference


@pytest.mark.parametrize(("expected", "actual", "why"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_and_why(expected: object, actual: object, why: str) -> None:
    found = matched(expected, actual)
    assert (found.outcome, found.difference) == ("unknown", why or found.difference)


def big(numbers: np.ndarray) -> Any:
    return Camera(Home(), inline=32_000).of(numbers)


def test_arrays_too_big_to_keep_are_the_same_by_digest_different_by_sample_and_else_unknown() -> None:
    numbers, changed = np.arange(5000.0), np.arange(5000.0)
    changed[1] = 7  # not among the sampled elements
    assert compare(big(numbers), big(numbers)).outcome == "same"
    assert compare(big(numbers), big(numbers + 1)).outcome == "different"
    assert compare(big(numbers), big(changed)).outcome == "unknown"


def test_only_the_pixels_of_a_figure_may_differ() -> None:
    picture = picture_of(figure())
    assert compare(picture, {**picture, "pixels": "other"}) == Match("same", pixels_differ=True)


def test_pixels_count_where_a_part_of_the_figure_is_not_described() -> None:
    picture = picture_of(figure())
    drawn = {**picture, "axes": [{**picture["axes"][0], "others": ["AnnotationBbox"]}]}
    assert compare(drawn, {**drawn, "pixels": "other"}).outcome == "unknown"


@pytest.mark.parametrize("name", [*SAME, *DIFFERENT])
def test_every_value_is_the_same_as_itself(name: str) -> None:
    value = (SAME.get(name) or DIFFERENT[name])[0]
    outcome = matched(value, value).outcome
    assert outcome == ("unknown" if "unknown part" in name else "same")
