"""What the tables of values (see `cases/`) cannot say: limits of size, drawings without pixels, functions of a package."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.pictures import Camera, picture_of
from nb2prod.verification.compare import Match, compare

matplotlib.use("Agg")


def figure() -> dict[str, Any]:
    drawn = Figure()
    drawn.add_subplot().plot([1, 2], [1.0, 2.0])
    return picture_of(drawn)


def small(value: object) -> Any:
    return Camera(Home(), inline=32_000).of(value)


def test_arrays_too_big_to_keep_are_the_same_by_digest_different_by_sample_and_else_unknown() -> None:
    numbers, changed = np.arange(5000.0), np.arange(5000.0)
    changed[1] = 7  # not among the sampled elements
    assert compare(small(numbers), small(numbers)).outcome == "same"
    assert compare(small(numbers), small(numbers + 1)).outcome == "different"
    assert compare(small(numbers), small(changed)).outcome == "unknown"


@pytest.mark.parametrize("make", [lambda text: text, lambda text: [text] * 600, lambda text: text.encode()])
def test_texts_and_bytes_too_big_to_keep_are_the_same_by_digest_only(make: Any) -> None:
    left, right = make("a" * 40_000), make("a" * 39_999 + "b")
    assert compare(small(left), small(left)).outcome == "same"
    assert compare(small(left), small(right)).outcome in ("different", "unknown")


def test_the_rest_of_what_has_too_many_parts_is_unknown() -> None:
    def few(values: list[object]) -> Any:
        return Camera(Home(), nodes=10).of(values)

    assert compare(few([None] * 20), few([None] * 20)).outcome == "unknown"


def test_the_same_data_drawn_with_other_pixels_differ() -> None:
    picture = figure()
    assert compare(picture, {**picture, "pixels": "other"}) == Match(
        "different", "the same data are drawn in another way: the pixels differ"
    )


def test_a_figure_that_only_one_side_could_draw_is_unknown() -> None:
    picture = figure()
    assert compare(picture, {**picture, "pixels": ""}) == Match("unknown", "the figure could be drawn on one side only")


def test_a_function_that_got_its_globals_by_partial_cannot_be_compared() -> None:
    function = {"kind": "function", "name": "f", "digest": "1", "carries": [], "reads": {}}
    partial = {"kind": "partial", "items": []}
    assert compare(function, partial).outcome == "unknown"
    assert compare(function, {**function, "reads": {"rate": {"kind": "int", "value": 1}}}).outcome == "unknown"
