"""What values look like as pictures, taken in this very process."""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import enum
import functools
import itertools
import json
import math
import pathlib
import struct
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.pictures import Camera, picture_of


class Color(enum.Enum):
    red = 1


class Ball:
    def __init__(self, size: object) -> None:
        self.size = size


class Hidden:
    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("cannot pickle 'Hidden' object")


def text(value: str) -> dict[str, object]:
    return {"kind": "str", "value": value}


def packed(code: str, *numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}{code}", *numbers)).decode()


@pytest.mark.parametrize(
    ("value", "picture"),
    [
        (None, {"kind": "none"}),
        (True, {"kind": "bool", "value": True}),
        (10**30, {"kind": "int", "value": 10**30}),
        (0.1, {"kind": "float", "value": 0.1}),
        (float("nan"), {"kind": "float", "value": "nan"}),
        (-0.0, {"kind": "float", "value": "-0.0"}),
        (float("-inf"), {"kind": "float", "value": "-inf"}),
        (1 + 2j, {"kind": "complex", "value": [1.0, 2.0]}),
        ("hey", text("hey")),
        (b"hi", {"kind": "bytes", "data": "aGk="}),
        (range(1, 9, 2), {"kind": "range", "value": [1, 9, 2]}),
        ((1,), {"kind": "tuple", "items": [{"kind": "int", "value": 1}]}),
        ({"b", "a"}, {"kind": "set", "items": [text("a"), text("b")]}),
        ({"b": 1, "a": None}, {"kind": "dict", "pairs": [[text("b"), {"kind": "int", "value": 1}], [text("a"), {"kind": "none"}]]}),
        (decimal.Decimal("1.50"), {"kind": "text", "type": "decimal.Decimal", "value": "1.50"}),
        (datetime.date(2024, 1, 2), {"kind": "text", "type": "datetime.date", "value": "datetime.date(2024, 1, 2)"}),
        (pathlib.Path("a/b"), {"kind": "path", "type": "Path", "value": "a/b"}),
        (math.sqrt, {"kind": "builtin", "name": "math.sqrt"}),
        (json.dumps, {"kind": "function", "name": "json.dumps"}),
        (np.float32(0.5), {"kind": "scalar", "dtype": "<f4", "value": {"kind": "float", "value": 0.5}}),
        (np.dtype("int8"), {"kind": "dtype", "name": "int8"}),
        (pd.NA, {"kind": "missing", "name": "NA"}),
        (pd.NaT, {"kind": "missing", "name": "NaT"}),
    ],
)
def test_plain_values(value: object, picture: dict[str, object]) -> None:
    assert picture_of(value) == picture


def test_an_array_is_its_bytes_in_c_order() -> None:
    array = np.array([[1, 2], [3, 4]], order="F", dtype="<i4")
    assert picture_of(array) == {"kind": "array", "type": "numpy.ndarray", "dtype": "<i4", "shape": [2, 2], "data": packed("i", 1, 2, 3, 4)}


def test_a_structured_array_is_pictured_field_by_field_without_the_gaps() -> None:
    array = np.zeros(1, dtype=np.dtype([("a", "i1"), ("b", "<f8")], align=True))
    fields = picture_of(array)["fields"]
    assert [(name, field["dtype"], field["data"]) for name, field in fields] == [
        ("a", "|i1", packed("b", 0)),
        ("b", "<f8", packed("d", 0.0)),
    ]


def test_a_frame_is_its_labels_index_and_columns() -> None:
    frame = pd.DataFrame({"n": [1.5, 2.5], "s": pd.Categorical(["x", "y"])}, index=pd.RangeIndex(2, name="id"))
    picture = picture_of(frame)
    assert (picture["kind"], picture["type"]) == ("frame", "pandas.DataFrame")
    assert picture["index"] == {"kind": "index", "type": "RangeIndex", "names": [text("id")], "length": 2, "range": [0, 2, 1]}
    assert picture["data"][0] == {"kind": "array", "type": "numpy.ndarray", "dtype": "<f8", "shape": [2], "data": packed("d", 1.5, 2.5)}
    assert picture["data"][1]["dtype"] == "category"


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, None], dtype="Int64"),
        pd.Series(["a", None], dtype="string"),
        pd.Series(["a", None, 3], dtype=object),
        pd.Series(pd.to_datetime(["2024-01-01", None])),
        pd.Series(pd.to_datetime(["2024-01-01"]).tz_localize("Europe/Berlin")),
        pd.Series(pd.period_range("2024-01", periods=2, freq="M")),
        pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1, 2])),
        pd.Series(pd.arrays.SparseArray([0, 0, 1])),
        pd.Series([True, False]),
        pd.Series([1], index=pd.MultiIndex.from_tuples([("a", 1)], names=["p", "q"])),
        pd.date_range("2024", periods=2, freq="D"),
        pd.Timestamp("2024-01-01", tz="UTC"),
        np.ma.masked_array([1, 2], mask=[True, False]),
        np.array(["a", "bc"]),
        np.array([1.5], dtype=np.longdouble),
        np.array(3.5),
        sparse.csr_matrix([[0, 1], [2, 0]]),
        sparse.coo_array([[0, 1]]),
        np.random.default_rng(3),
        np.random.RandomState(3),
        collections.OrderedDict(a=1),
        collections.Counter("aab"),
        collections.defaultdict(list, a=[1]),
        functools.partial(int, base=2),
        ValueError("no"),
    ],
    ids=lambda value: type(value).__name__ + str(getattr(value, "dtype", "")),
)
def test_library_values_are_described_in_full_and_the_same_every_time(values: object) -> None:
    first, again = json.dumps(picture_of(values)), json.dumps(picture_of(values))
    assert first == again
    assert "opaque" not in first


def test_an_object_is_the_state_it_would_be_pickled_with() -> None:
    state = {"kind": "dict", "pairs": [[text("size"), {"kind": "int", "value": 3}]]}
    assert picture_of(Ball(3), Home("", "", "")) == {"kind": "object", "type": f"{__name__}.Ball", "state": state}


def test_classes_of_the_notebook_and_of_its_package_have_the_same_name() -> None:
    assert picture_of(Ball(3), Home(package=__name__))["type"] == "Ball"


def test_texts_name_the_users_folder_and_not_the_copy() -> None:
    assert picture_of("/tmp/copy/x.csv", Home("", "/tmp/copy", "/home/ann")) == text("/home/ann/x.csv")


def test_a_function_is_known_by_its_code_and_what_it_carries() -> None:
    def add(n: int) -> Any:
        return lambda x: x + n

    def subtract(n: int) -> Any:
        return lambda x: x - n

    assert picture_of(add(1)) == picture_of(add(1))
    assert picture_of(add(1))["digest"] == picture_of(add(2))["digest"]
    assert picture_of(add(1)) != picture_of(add(2))
    assert picture_of(add(1))["digest"] != picture_of(subtract(1))["digest"]


def test_a_value_that_holds_itself_ends_in_a_cycle() -> None:
    value: list[object] = []
    value.append(value)
    assert picture_of(value) == {"kind": "list", "items": [{"kind": "cycle", "up": 1}]}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ((n for n in ()), "a generator cannot be looked at without using it up"),
        (threading.Lock(), "cannot pickle '_thread.lock' object"),
        (Hidden(), "cannot pickle 'Hidden' object"),
    ],
)
def test_what_cannot_be_seen_is_opaque(value: object, why: str) -> None:
    picture = picture_of(value)
    assert (picture["kind"], picture["why"]) == ("opaque", why)


@pytest.mark.parametrize(
    "make",
    [
        lambda: iter([1, 2]),
        lambda: iter({1: 0, 2: 0}),
        lambda: map(int, ["1", "2"]),
        lambda: filter(None, [1, 2]),
        lambda: (number for number in [1, 2]),
        lambda: itertools.chain([1], iter([2])),
        lambda: itertools.islice(itertools.cycle([1, 2]), 2),
        lambda: (number for _, number in zip([0, 0], [1, 2], strict=True)),
    ],
)
def test_looking_at_an_iterator_takes_nothing_from_it(make: Any) -> None:
    iterator = make()
    picture_of(iterator)
    assert list(iterator) == [1, 2]


def test_looking_at_an_open_file_leaves_its_place(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.txt").write_text("ab")
    with open(tmp_path / "a.txt") as file:
        file.read(1)
        picture_of(file)
        assert file.read() == "b"


def test_deep_nesting_ends_opaque() -> None:
    value: list[object] = []
    for _ in range(5000):
        value = [value]
    assert "nested too deeply" in json.dumps(picture_of(value))


def test_a_part_over_the_node_limit_is_opaque_and_the_rest_is_kept() -> None:
    picture = Camera(Home(), nodes=10).of([1, ["x"] * 20, 2])
    assert picture["items"][0] == {"kind": "int", "value": 1}
    assert picture["items"][1]["items"][-1] == {"kind": "opaque", "type": "str", "why": "too big"}


def test_arrays_over_the_byte_limit_are_a_digest_and_a_sample() -> None:
    camera = Camera(Home(), inline=32_000)
    first, second, third = camera.each([np.arange(5500.0)] * 3)
    assert sorted(first) == ["dtype", "kind", "sample", "sha256", "shape", "type"]
    assert (len(base64.b64decode(first["sample"])), second["sample"], third["sample"]) == (8 * 1100, "", "")


def test_long_lists_of_one_simple_type_are_packed() -> None:
    assert picture_of([0.5] * 1000)["packed"]["shape"] == [1000]
    assert picture_of(["a"] * 1000)["packed"] == {"kind": "strings", "values": ["a"] * 1000}
    assert len(picture_of([1, "a"] * 500)["items"]) == 1000
