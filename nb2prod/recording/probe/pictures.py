"""A value -> its picture: a JSON tree that can be compared without the value's libraries.

    picture_of({"a": 0.5})   ->   {"kind": "dict", "pairs": [[{"kind": "str", "value": "a"}, {"kind": "float", "value": 0.5}]]}

Deterministic, safe for cycles, limited in depth, nodes, bytes and time. What cannot be described is {"kind": "opaque", "type", "why"}:
nobody may take it for equal to anything.
"""

from __future__ import annotations

import array
import base64
import hashlib
import json
import math
import sys
import time
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from nb2prod.recording.probe import drawings, models, objects, tables
from nb2prod.recording.probe.naming import Home, type_name

Picture = Dict[str, Any]
DEPTH = 60
PACKED_FROM = 500  # longer plain lists of one simple type are packed instead of described one by one
SAMPLE = 1000
NATIVE = "<" if sys.byteorder == "little" else ">"


class Camera:
    """Takes pictures within a limit of nodes, bytes and seconds; one camera serves one value."""

    def __init__(self, home: Home, nodes: int = 200_000, inline: int = 8 << 20, seconds: float = 30.0) -> None:
        self.home = home
        self.figures: List[int] = []  # those already drawn in this picture
        self.functions: List[int] = []  # those already described
        self.classes: List[type] = []  # those whose shared data are already told
        self._nodes = nodes
        self._inline = inline
        self._sampled = inline // 4  # bytes of samples for what no longer fits
        self._deadline = time.monotonic() + seconds
        self._path: List[int] = []

    def of(self, value: object) -> Picture:
        """The picture of a value; never raises."""
        self._nodes -= 1
        simple = SIMPLE.get(type(value))
        if simple is not None:
            return simple(self, value)
        if self.spent():
            return opaque(value, "too big")
        if id(value) in self._path:
            return {"kind": "cycle", "up": len(self._path) - self._path.index(id(value))}
        if len(self._path) >= DEPTH:
            return opaque(value, "nested too deeply")
        self._path.append(id(value))
        try:
            return self._describe(value)
        except (Exception, RecursionError) as error:
            return opaque(value, "%s: %s" % (type(error).__name__, str(error)[:200]))
        finally:
            self._path.pop()

    def each(self, values: Iterable[object]) -> List[Picture]:
        """The pictures of many values; where the limit is reached one opaque picture stands for the rest."""
        pictures = []
        for value in values:
            if self.spent():
                pictures.append(opaque(value, "too big"))
                break
            pictures.append(self.of(value))
        return pictures

    def spent(self) -> bool:
        return self._nodes < 0 or time.monotonic() > self._deadline

    def packed(self, data: Any, width: int) -> Picture:
        """Raw bytes of fixed-width elements: whole while the limit lasts, else their digest and an evenly spaced sample."""
        if len(data) <= self._inline:
            self._inline -= len(data)
            return {"data": base64.b64encode(data).decode("ascii")}
        count = len(data) // max(width, 1)
        wanted = max(min(SAMPLE, self._sampled // max(width, 1)), 0)
        places = range(0, count, max(count // wanted, 1)) if wanted else range(0)
        sample = b"".join(data[i * width : (i + 1) * width] for i in places)
        self._sampled -= len(sample)
        return {"sha256": hashlib.sha256(data).hexdigest(), "sample": base64.b64encode(sample).decode("ascii")}

    def strings(self, values: List[object]) -> Picture:
        """Many texts, some of which may be missing (then the missing value's own picture stands there)."""
        told = [self.home.localise(value) if isinstance(value, str) else self.of(value) for value in values]
        size = sum(len(value) if isinstance(value, str) else 30 for value in told)
        if size <= self._inline:
            self._inline -= size
            return {"kind": "strings", "values": told}
        step = max(len(told) // SAMPLE, 1)
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8")).hexdigest()
        return {"kind": "strings", "length": len(told), "sha256": digest, "sample": told[::step]}

    def elements(self, values: Any) -> Picture:
        """The items of a list or tuple: packed when they are many and of one simple type."""
        if len(values) >= PACKED_FROM:
            kinds = set(map(type, values))
            shape = {"kind": "array", "type": "", "shape": [len(values)]}
            if kinds == {float}:
                return {"packed": dict(self.packed(array.array("d", values).tobytes(), 8), dtype=NATIVE + "f8", **shape)}
            if kinds == {int} and -(2**63) <= min(values) and max(values) < 2**63:
                return {"packed": dict(self.packed(array.array("q", values).tobytes(), 8), dtype=NATIVE + "i8", **shape)}
            if kinds == {str}:
                return {"packed": self.strings(list(values))}
        return {"items": self.each(values)}

    def _describe(self, value: object) -> Picture:
        for module, describe in LIBRARIES:
            if module in sys.modules:
                picture = describe(self, value)
                if picture is not None:
                    return picture
        return objects.describe(self, value)


def opaque(value: object, why: str) -> Picture:
    return {"kind": "opaque", "type": type_name(value), "why": why}


def number(value: float) -> object:
    """A float as JSON can carry it: itself, or the text nan, inf, -inf, -0.0."""
    if math.isfinite(value) and not (value == 0.0 and math.copysign(1.0, value) < 0):
        return value
    return repr(value)


def _set(camera: Camera, value: Any) -> Picture:
    items = camera.each(value)
    return {"kind": type(value).__name__, "items": sorted(items, key=lambda item: json.dumps(item, sort_keys=True))}


def _guarded(describe: Callable[[Camera, Any], Picture]) -> Callable[[Camera, Any], Picture]:
    """Containers of the language itself take part in the search for cycles like everything else."""

    def guarded(camera: Camera, value: Any) -> Picture:
        path = camera._path
        if id(value) in path:
            return {"kind": "cycle", "up": len(path) - path.index(id(value))}
        if len(path) >= DEPTH:
            return opaque(value, "nested too deeply")
        if camera.spent():
            return opaque(value, "too big")
        path.append(id(value))
        try:
            return describe(camera, value)
        finally:
            path.pop()

    return guarded


def _dict(camera: Camera, value: Any) -> Picture:
    pairs = []
    for key, item in list(value.items()):
        if camera.spent():
            pairs.append([opaque(key, "too big"), opaque(item, "too big")])
            break
        pairs.append([camera.of(key), camera.of(item)])
    return {"kind": "dict", "pairs": pairs}


def _bytes(camera: Camera, value: Any) -> Picture:
    return dict(camera.packed(bytes(value), 1), kind=type(value).__name__)


def _text(camera: Camera, value: str) -> Picture:
    text = camera.home.localise(value)
    if len(text) <= camera._inline:
        camera._inline -= len(text)
        return {"kind": "str", "value": text.encode("utf-8", "backslashreplace").decode("utf-8")}
    return {"kind": "str", "length": len(text), "sha256": hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()}


SIMPLE: Dict[type, Callable[[Camera, Any], Picture]] = {
    type(None): lambda camera, value: {"kind": "none"},
    bool: lambda camera, value: {"kind": "bool", "value": value},
    int: lambda camera, value: {"kind": "int", "value": value if abs(value) < 2**4000 else hex(value)},
    float: lambda camera, value: {"kind": "float", "value": number(value)},
    complex: lambda camera, value: {"kind": "complex", "value": [number(value.real), number(value.imag)]},
    str: _text,
    bytes: _bytes,
    bytearray: _bytes,
    type(Ellipsis): lambda camera, value: {"kind": "ellipsis"},
    type(NotImplemented): lambda camera, value: {"kind": "notimplemented"},
    range: lambda camera, value: {"kind": "range", "value": [value.start, value.stop, value.step]},
    slice: _guarded(lambda camera, value: {"kind": "slice", "items": camera.each([value.start, value.stop, value.step])}),
    list: _guarded(lambda camera, value: dict(camera.elements(value), kind="list")),
    tuple: _guarded(lambda camera, value: dict(camera.elements(value), kind="tuple")),
    set: _guarded(_set),
    frozenset: _guarded(_set),
    dict: _guarded(_dict),
}

LIBRARIES: Tuple[Tuple[str, Callable[[Camera, Any], Optional[Picture]]], ...] = (
    ("numpy", tables.numpy_picture),
    ("pandas", tables.pandas_picture),
    ("scipy.sparse", tables.sparse_picture),
    ("polars", tables.polars_picture),
    ("torch", models.torch_picture),
    ("tensorflow", models.tensorflow_picture),
    ("keras", models.tensorflow_picture),
    ("networkx", models.graph_picture),
    ("catboost", models.catboost_picture),
    ("matplotlib.figure", drawings.figure_picture),
    ("matplotlib.axes", drawings.axes_picture),
    ("matplotlib.artist", drawings.artist_picture),
    ("plotly.basedatatypes", drawings.plotly_picture),
    ("statsmodels.iolib.summary", models.summary_picture),
    ("PIL.Image", drawings.image_picture),
    ("sklearn.neighbors", models.tree_picture),
)


def picture_of(value: object, home: Optional[Home] = None, **limits: float) -> Picture:
    """The picture of one value with limits of its own."""
    return Camera(home or Home(), **limits).of(value)  # type: ignore[arg-type]
