"""What figures look like as pictures."""

from __future__ import annotations

import json
from typing import Any

import matplotlib
import pytest

matplotlib.use("Agg")

from matplotlib.figure import Figure  # noqa: E402

from nb2prod.recording.probe.pictures import picture_of  # noqa: E402


def figure(**changes: Any) -> Figure:
    drawn = Figure(figsize=changes.get("size", (4, 3)))
    axes = drawn.add_subplot()
    axes.plot([1, 2], changes.get("line", [3, 4]), color=changes.get("color", "red"), label=changes.get("label", "l"))
    axes.bar([1, 2], changes.get("bars", [1, 2]))
    axes.scatter([1, 2], changes.get("points", [5, 6]))
    axes.imshow(changes.get("image", [[0, 1], [2, 3]]))
    axes.text(1, 1, changes.get("text", "t"))
    axes.set_title(changes.get("title", "a"))
    axes.set_xlabel(changes.get("xlabel", "x"))
    axes.set_yscale(changes.get("scale", "linear"))
    axes.legend(title=changes.get("legend", "L"))
    drawn.suptitle(changes.get("suptitle", "S"))
    return drawn


def test_two_equal_figures_have_equal_pictures() -> None:
    assert picture_of(figure()) == picture_of(figure())
    assert "opaque" not in json.dumps(picture_of(figure()))


@pytest.mark.parametrize(
    "change",
    [
        {"line": [3, 5]},
        {"color": "blue"},
        {"label": "m"},
        {"bars": [1, 3]},
        {"points": [5, 7]},
        {"image": [[0, 1], [2, 4]]},
        {"text": "u"},
        {"title": "b"},
        {"xlabel": "z"},
        {"scale": "symlog"},
        {"legend": "M"},
        {"suptitle": "T"},
        {"size": (5, 3)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_is_drawn_differently_shows_in_the_picture(change: dict[str, Any]) -> None:
    before, after = picture_of(figure()), picture_of(figure(**change))
    assert {**before, "pixels": ""} != {**after, "pixels": ""}


def test_taking_a_picture_leaves_canvas_and_resolution_alone() -> None:
    drawn = figure()
    canvas, dpi = drawn.canvas, drawn.dpi
    picture_of(drawn)
    assert (drawn.canvas, drawn.dpi) == (canvas, dpi)


def test_axes_are_their_figure_and_their_rank_in_it() -> None:
    drawn = figure()
    picture = picture_of(drawn.axes[0])
    assert (picture["kind"], picture["index"], picture["figure"]) == ("axes", 0, picture_of(drawn))


def test_a_figure_met_twice_is_drawn_once() -> None:
    drawn = figure()
    assert picture_of([drawn, drawn])["items"][1] == {"kind": "figure above", "rank": 0}


def test_single_things_drawn_are_described_and_other_parts_of_a_figure_are_opaque() -> None:
    axes = figure().axes[0]
    parts = [axes.lines[0], axes.patches[0], axes.collections[0], axes.images[0], axes.texts[0], axes.get_legend(), axes.xaxis]
    assert [picture_of(part)["kind"] for part in parts] == ["artist"] * 6 + ["opaque"]


def ticks(**changes: Any) -> list[str]:
    with matplotlib.rc_context({"xtick.labelsize": changes.get("font", 10)}):
        drawn = Figure(figsize=(4, 3))
        axes = drawn.add_subplot()
        axes.set_xlim(0, 14)
        if "places" in changes:
            axes.set_xticks(changes["places"])
        if "words" in changes:
            axes.xaxis.set_major_formatter(changes["words"])
    with matplotlib.rc_context({"xtick.labelsize": changes.get("later", 10)}):
        return list(picture_of(drawn)["axes"][0]["x"]["ticks"])


def test_ticks_that_fit_themselves_into_the_space_do_not_hang_on_the_font_set_when_they_are_looked_at() -> None:
    assert ticks(later=40) == ticks(later=10)


def test_ticks_that_were_set_and_how_they_are_written_are_told_apart() -> None:
    assert len({tuple(ticks()), tuple(ticks(places=[1, 5])), tuple(ticks(places=[1, 6])), tuple(ticks(words="{x} m"))}) == 4
