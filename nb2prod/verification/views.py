"""A pair of pictures -> what a person sees of both, side by side: a drawn figure, the rows of a table around the first difference, or a text.

frame of 100 rows, and one that differs in row 40   ->   View("table", rows=(("", "a", "b"), ("39", "1.0", "x"), ("40", "2.5", "y"), ...))
figure                                              ->   View("image", image="iVBORw0...")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice, zip_longest

from nb2prod.model.recording import Picture
from nb2prod.model.verdict import View
from nb2prod.verification.columns import text, texts

Rows = list[tuple[str, ...]]

AROUND = 2  # rows shown before the first that differs
SHOWN = 6
WIDEST = 12  # columns
LONGEST = 2_000  # characters of a text
CELL = 40


def views_of(expected: Picture | None, actual: Picture | None) -> tuple[View, View] | None:
    """Both values to look at; None where one is missing or a short text says as much."""
    if expected is None or actual is None:
        return None
    images = [str(picture.get("png", "")) for picture in (expected, actual)]
    if all(images):
        return View("image", image=images[0]), View("image", image=images[1])
    kind = str(expected.get("kind"))
    if kind != actual.get("kind"):
        return None
    if kind == "str":
        return _text_views(str(expected.get("value", "")), str(actual.get("value", "")))
    if kind not in TABLES:
        return None
    (head, left), (other_head, right) = TABLES[kind](expected), TABLES[kind](actual)
    if not left and not right:
        return None
    first = next((at for at, (one, other) in enumerate(zip_longest(left, right)) if one != other), 0)
    start = max(first - AROUND, 0)
    return _table([head, *left[start : start + SHOWN]]), _table([other_head, *right[start : start + SHOWN]])


def _table(rows: Rows) -> View:
    cut = [tuple(_short(cell) for cell in row[:WIDEST]) + (("...",) if len(row) > WIDEST else ()) for row in rows]
    return View("table", rows=tuple(cut))


def _short(cell: str) -> str:
    return cell if len(cell) <= CELL else cell[: CELL - 3] + "..."


def _text_views(expected: str, actual: str) -> tuple[View, View] | None:
    """Texts of more than one line from shortly before the line in which they part."""
    left, right = expected.splitlines(), actual.splitlines()
    if len(left) < 2 and len(right) < 2:
        return None
    first = next((at for at, (one, other) in enumerate(zip_longest(left, right)) if one != other), 0)
    start = max(first - 2 * AROUND, 0)
    return tuple(View("text", text="\n".join(islice(lines, start, start + 30))[:LONGEST]) for lines in (left, right))  # type: ignore[return-value]


def _frame(picture: Picture) -> tuple[tuple[str, ...], Rows]:
    labels, index = texts(picture["columns"]), texts(picture["index"])
    columns = [texts(column) for column in picture["data"][: WIDEST + 1]]
    return ("", *labels[: WIDEST + 1]), list(zip(index, *columns, strict=False))


def _series(picture: Picture) -> tuple[tuple[str, ...], Rows]:
    name = picture["name"]
    return ("", "" if name.get("kind") == "none" else text(name)), list(
        zip(texts(picture["index"]), texts(picture["values"]), strict=False)
    )


def _array(picture: Picture) -> tuple[tuple[str, ...], Rows]:
    cells, shape = texts(picture), picture["shape"]
    width = shape[1] if len(shape) == 2 else 1
    if not 1 <= len(shape) <= 2 or not cells or not width:
        return (), []
    rows = [(str(at), *cells[at * width : (at + 1) * width]) for at in range(len(cells) // width)]
    return ("", *map(str, range(width))), rows


def _dict(picture: Picture) -> tuple[tuple[str, ...], Rows]:
    return ("key", "value"), [(text(key), text(value)) for key, value in picture["pairs"]]


def _items(picture: Picture) -> tuple[tuple[str, ...], Rows]:
    if "packed" in picture:
        return ("", ""), [(str(at), told) for at, told in enumerate(texts(picture["packed"]))]
    return ("", ""), [(str(at), text(item)) for at, item in enumerate(picture["items"])]


TABLES: Mapping[str, Callable[[Picture], tuple[tuple[str, ...], Rows]]] = {
    "frame": _frame,
    "series": _series,
    "array": _array,
    "dict": _dict,
    "list": _items,
    "tuple": _items,
}
