"""What a person sees of two values, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nb2prod.model.verdict import View
from nb2prod.recording.probe.pictures import picture_of
from nb2prod.verification.columns import texts
from nb2prod.verification.views import views_of


def both(expected: object, actual: object) -> Any:
    return views_of(picture_of(expected), picture_of(actual))


def test_equal_tables_show_their_first_rows() -> None:
    frame = pd.DataFrame({"n": range(10), "t": list("abcdefghij")})
    rows = (("", "n", "t"), ("0", "0", "a"), ("1", "1", "b"), ("2", "2", "c"), ("3", "3", "d"), ("4", "4", "e"), ("5", "5", "f"))
    assert both(frame, frame) == (View("table", rows=rows), View("table", rows=rows))


def test_tables_that_differ_show_the_rows_around_the_first_difference() -> None:
    left = pd.DataFrame({"n": np.arange(100.0)})
    right = left.copy()
    right.loc[40, "n"] = -1.0
    before, after = both(left, right)
    assert [row[0] for row in before.rows] == ["", "38", "39", "40", "41", "42", "43"]
    assert [one for one, other in zip(before.rows, after.rows, strict=True) if one != other] == [("40", "40.0")]


def test_wide_tables_and_long_cells_are_cut() -> None:
    view, _ = both(*[pd.DataFrame({f"c{at}": ["x" * 100] for at in range(30)})] * 2)
    assert (len(view.rows[1]), view.rows[1][-1], view.rows[1][1]) == (13, "...", "x" * 37 + "...")


def test_a_series_shows_its_labels_and_its_name() -> None:
    view, _ = both(*[pd.Series([0.5, 1.5], index=["a", "b"], name="share")] * 2)
    assert view == View("table", rows=(("", "share"), ("a", "0.5"), ("b", "1.5")))


def test_a_matrix_shows_its_rows() -> None:
    view, _ = both(*[np.array([[1, 2], [3, 4]])] * 2)
    assert view.rows == (("", "0", "1"), ("0", "1", "2"), ("1", "3", "4"))


def test_a_dict_shows_keys_and_values_and_a_list_its_items() -> None:
    assert both({"a": 1}, {"a": 2})[1].rows == (("key", "value"), ("a", "2"))
    assert both([1, "b"], [1, "b"])[0].rows == (("", ""), ("0", "1"), ("1", "b"))


def test_texts_show_the_lines_around_where_they_part() -> None:
    lines = [f"line {number}" for number in range(50)]
    left, right = both("\n".join(lines), "\n".join([*lines[:20], "other", *lines[21:]]))
    assert (left.text.splitlines()[0], right.text.splitlines()[4]) == ("line 16", "other")


@pytest.mark.parametrize("value", [1, 0.5, "short", None, b"x", np.zeros((2, 2, 2)), pd.DataFrame()])
def test_what_a_few_words_say_needs_no_view(value: object) -> None:
    assert both(value, value) is None


def test_a_missing_value_or_one_of_another_kind_has_no_views() -> None:
    assert (views_of(None, picture_of([1])), both([1], {"a": 1})) == (None, None)


def test_a_figure_shows_as_an_image() -> None:
    figures = pytest.importorskip("matplotlib.figure")
    axes = figures.Figure((2, 1)).subplots()
    axes.plot([1, 2])
    left, right = both(axes.figure, axes.figure)
    assert (left.kind, left.image[:8], left == right) == ("image", "iVBORw0K", True)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (pd.Series([1, 2]), ["1", "2"]),
        (pd.Series([0.1, np.nan], dtype="float32"), ["0.1", "nan"]),
        (pd.Series([1 + 2j]), ["(1+2j)"]),
        (
            pd.Series(pd.DatetimeIndex(["2024-01-02", None, "2024-01-02 03:04"], dtype="datetime64[ns]")),
            ["2024-01-02", "NaT", "2024-01-02 03:04:00"],
        ),
        (pd.to_timedelta(pd.Series(["1 day 2 hours"])), ["1 day, 2:00:00"]),
        (pd.to_datetime(pd.Series(["2024-01-02"])).dt.tz_localize("Europe/Paris"), ["2024-01-01 23:00:00"]),
        (pd.Series(["b", None, "a"], dtype="category"), ["b", "nan", "a"]),
        (pd.Series([1, None], dtype="Int64"), ["1", "<NA>"]),
        (pd.Series([True, False]), ["True", "False"]),
        (pd.Series(["x", 2, None], dtype=object), ["x", "2", "None"]),
        (pd.Series(pd.interval_range(0, 2)), ["0 to 1", "1 to 2"]),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)
def test_elements_read_as_people_write_them(values: pd.Series, told: list[str]) -> None:
    assert texts(picture_of(values)["values"]) == told


def test_labels_of_several_levels_are_joined() -> None:
    index = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])
    assert texts(picture_of(index)) == ["a, 1", "b, 2"]
