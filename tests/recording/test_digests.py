"""Equal content has equal digests, other content has others, and looking changes nothing and costs little."""

from __future__ import annotations

import collections
import copy
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import Ridge

from nb2prod.recording.orders import INSTALLED, write_probe
from nb2prod.recording.probe.looking import look
from nb2prod.recording.probe.naming import Home

HOME = Home()


class Ball:
    kind = "round"

    def __init__(self) -> None:
        self.sizes = [1, 2]


class Slotted:
    __slots__ = ("size",)

    def __init__(self) -> None:
        self.size = 1


def digest(value: object) -> str:
    return look(value, HOME, 5.0).full


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n": [1, 2, 3],
            "f": [0.5, np.nan, 2.0],
            "s": ["a", None, "c"],
            "t": pd.date_range("2024", periods=3),
            "c": pd.Categorical(["x", "y", "x"]),
            "i": pd.array([1, None, 3], dtype="Int64"),
        }
    )


def set_at(value: Any, place: Any, item: Any) -> None:
    value[place] = item


CHANGES = {
    "list": (lambda: [1, 2], lambda value: value.append(3)),
    "nested list": (lambda: {"a": [[1]]}, lambda value: value["a"][0].append(2)),
    "order of a dict": (lambda: {"a": 1, "b": 2}, lambda value: value.update(a=value.pop("a"))),
    "long list": (lambda: list(range(200_000)), lambda value: set_at(value, 12_345, 0)),
    "long list of texts": (lambda: ["x"] * 100_000, lambda value: set_at(value, 54_321, "y")),
    "int and float": (lambda: [1], lambda value: set_at(value, 0, 1.0)),
    "set": (lambda: {"a", "b"}, lambda value: value.add("c")),
    "bytearray": (lambda: bytearray(5), lambda value: set_at(value, 2, 1)),
    "instance": (Ball, lambda value: value.sizes.append(1)),
    "slots": (Slotted, lambda value: setattr(value, "size", 2)),
    "array": (lambda: np.zeros(5), lambda value: set_at(value, 3, 1e-300)),
    "large array": (lambda: np.zeros(3_000_000), lambda value: set_at(value, 1_234_567, 1)),
    "strided array": (lambda: np.zeros((600, 600, 2))[:, ::2], lambda value: set_at(value, (599, 299, 1), 1)),
    "negative zero": (lambda: np.zeros(2), lambda value: set_at(value, 0, -0.0)),
    "array of objects": (lambda: np.array([1, "a", None], dtype=object), lambda value: set_at(value, 1, "b")),
    "mask": (lambda: np.ma.array([1, 2], mask=[False, False]), lambda value: set_at(value, 0, np.ma.masked)),
    "frame value": (frame, lambda value: set_at(value.loc, (1, "n"), 9)),
    "frame text": (frame, lambda value: set_at(value.loc, (0, "s"), "b")),
    "frame missing": (frame, lambda value: set_at(value.loc, (0, "i"), pd.NA)),
    "frame instant": (frame, lambda value: set_at(value.loc, (0, "t"), pd.Timestamp("2020"))),
    "frame category": (frame, lambda value: set_at(value.loc, (0, "c"), "y")),
    "frame column": (frame, lambda value: value.insert(0, "new", 1)),
    "frame columns": (frame, lambda value: setattr(value, "columns", list("uvwxyz"))),
    "frame index": (frame, lambda value: value.sort_index(ascending=False, inplace=True)),
    "series name": (lambda: pd.Series([1], name="a"), lambda value: setattr(value, "name", "b")),
    "sparse": (lambda: sparse.csr_matrix(np.eye(3)), lambda value: set_at(value.data, 0, 2)),
    "model": (Ridge, lambda value: value.fit([[0.0], [1.0]], [0.0, 1.0])),
    "queue": (lambda: collections.deque([1]), lambda value: value.append(2)),
    "counter": (collections.Counter, lambda value: value.update("a")),
    "generator of numbers": (lambda: np.random.default_rng(1), lambda value: value.random()),
    "old generator": (lambda: np.random.RandomState(1), lambda value: value.rand()),
    "generator": (lambda: (i for i in range(3)), next),
    "iterator": (lambda: iter([1, 2]), next),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_another_digest_and_no_change_is_none(name: str) -> None:
    make, change = CHANGES[name]
    value = make()
    before = look(value, HOME, 5.0)
    again = look(value, HOME, 5.0)
    assert before.full and (before.full, before.differs(again)) == (again.full, False)
    change(value)
    assert look(value, HOME, 5.0).differs(before)


@pytest.mark.parametrize(
    "make", [frame, lambda: [frame(), {"a": np.arange(3)}], lambda: {"b", "a", "c"}, Ball], ids=["frame", "list", "set", "instance"]
)
def test_equal_content_has_equal_digests(make: Any) -> None:
    assert digest(make()) == digest(make()) == digest(copy.deepcopy(make()))


def test_digests_are_the_same_in_every_process(tmp_path: Path) -> None:
    write_probe(tmp_path)
    value = "{'a': [1, 2.5, 'x' * 100], 'b': {'p', 'q', 'r'}, 'c': list(range(100)), 'd': None}"
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from {INSTALLED}.looking import *; print(look({value}, Home(), 5).full)"
    runs = [
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] == digest(eval(value)) + "\n"


def test_looking_at_a_value_runs_no_code_of_the_notebook() -> None:
    class Touchy(dict):  # type: ignore[type-arg]
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(name)

        def __iter__(self) -> Any:
            raise AssertionError("iterated")

        __len__ = __reduce_ex__ = __eq__ = __hash__ = items = __iter__  # type: ignore[assignment]

    value = Touchy(a=1)
    assert look(value, Home(copy="/nowhere"), 5.0).sample


def test_what_a_library_remembers_of_a_computation_is_no_content() -> None:
    library = types.ModuleType("somelib")
    exec(
        "import functools\nclass Thing:\n    __module__ = 'somelib'\n    @functools.cached_property\n    def slow(self): return [1]",
        vars(library),
    )
    thing = library.Thing()
    before = look(thing, HOME, 5.0)
    assert (thing.slow, look(thing, HOME, 5.0).differs(before)) == ([1], False)
    thing.other = 1
    assert look(thing, HOME, 5.0).differs(before)


def test_what_is_cyclic_or_endless_comes_to_an_end() -> None:
    value: list[Any] = []
    value.append(value)
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    assert digest(value)
    assert look(deep, HOME, 5.0).full == ""


def test_a_large_value_is_sampled_when_there_is_no_time() -> None:
    value = np.zeros(40_000_000)
    seen = look(value, HOME, 0.0)
    assert (seen.full, bool(seen.sample), seen.seconds < 0.5) == ("", True, True)
    value[:] = 1
    assert look(value, HOME, 0.0).differs(seen)


def test_looking_takes_no_memory_for_large_arrays() -> None:
    import tracemalloc

    value = np.zeros((4_000_000, 2), order="F")[::2]
    tracemalloc.start()
    started = time.perf_counter()
    look(value, HOME, 5.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (peak < 16 << 20, time.perf_counter() - started < 5) == (True, True)


def test_names_that_share_an_object_or_a_buffer_are_seen_to() -> None:
    inner, array = [1], np.arange(10)
    held, ball = {"x": inner}, Ball()
    ball.sizes = inner
    assert look(held, HOME, 5.0).objects & look(inner, HOME, 5.0).objects
    assert look(array[2:], HOME, 5.0).objects & look(array, HOME, 5.0).objects
    assert not look([1], HOME, 5.0).objects & look(inner, HOME, 5.0).objects
    assert look(array.reshape(2, 5).T, HOME, 5.0).memory == look(array, HOME, 5.0).memory


def test_a_change_inside_a_librarys_object_is_told_from_one_of_the_content() -> None:
    model, ball = Ridge(), Ball()
    held = {"model": model, "list": [1]}
    before = look(held, HOME, 5.0)
    model.fit([[0.0], [1.0]], [0.0, 1.0])
    fitted = look(held, HOME, 5.0)
    held["list"].append(2)  # type: ignore[attr-defined]
    both = look(held, HOME, 5.0)
    owner = Home()
    owner.package = __name__
    mine = look(ball, owner, 5.0)
    ball.sizes.append(3)
    assert [fitted.differs(before), fitted.differs_inside(before)] == [True, True]
    assert [both.differs(fitted), both.differs_inside(fitted), both.differs_inside(before)] == [True, False, False]
    assert [look(ball, owner, 5.0).differs(mine), look(ball, owner, 5.0).differs_inside(mine)] == [True, False]
