"""Figures and images -> pictures of what is drawn: the data of every line, bar, point and text, and a digest of the pixels.

    plt.plot([1, 2], [3, 4])   ->   {"kind": "figure", "size": [6.4, 4.8], "axes": [{"lines": [{"data": [x, y]}]}], "pixels": "9f..."}

The figure is drawn once on a canvas of its own and gets its canvas and resolution back.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import warnings
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple

from nb2prod.recording.probe.naming import type_name

if TYPE_CHECKING:
    from nb2prod.recording.probe.pictures import Camera

Picture = Dict[str, Any]
DPI = 72
LARGEST = 400_000  # characters of a drawing kept for people


def figure_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a matplotlib figure; None for anything else. A figure met again in the same value is only referred to."""
    if not isinstance(value, sys.modules["matplotlib.figure"].Figure):
        return None
    if id(value) in camera.figures:
        return {"kind": "figure above", "rank": camera.figures.index(id(value))}
    camera.figures.append(id(value))
    pixels, png = _drawn(value)
    described = {
        "size": [float(side) for side in value.get_size_inches()],
        "texts": [_text(camera, text) for text in value.texts],
        "legends": [_legend(camera, legend) for legend in value.legends],
        "axes": [_axes(camera, axes) for axes in value.axes],
    }
    return dict(described, kind="figure", pixels=pixels, png=png)


def _drawn(figure: Any) -> Tuple[str, str]:
    """A digest of the figure drawn at a fixed resolution, and the drawing itself for people (PNG in base64); empty when it cannot be drawn."""
    canvas, dpi, stale = figure.canvas, figure.get_dpi(), figure.stale
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            backend = __import__("matplotlib.backends.backend_agg", fromlist=["FigureCanvasAgg"])
            figure.set_dpi(DPI)
            drawn = backend.FigureCanvasAgg(figure)
            drawn.draw()
            file = io.BytesIO()
            __import__("matplotlib.image", fromlist=["imsave"]).imsave(file, drawn.buffer_rgba(), format="png")
            png = base64.b64encode(file.getvalue()).decode("ascii")
            return hashlib.sha256(bytes(drawn.buffer_rgba())).hexdigest(), png if len(png) <= LARGEST else ""
    except Exception:
        return "", ""
    finally:
        figure.set_canvas(canvas)
        figure.set_dpi(dpi)
        figure.stale = stale


def _axes(camera: Camera, axes: Any) -> Picture:
    described: Picture = {"type": type(axes).__name__, "visible": bool(axes.get_visible())}
    described["titles"] = [str(axes.get_title(loc=side)) for side in ("left", "center", "right")]
    for letter in ("x", "y", "z"):
        axis = getattr(axes, letter + "axis", None)
        if axis is not None:
            described[letter] = _axis(camera, axes, axis, letter)
    for name, parts, describe in PARTS:
        described[name] = [describe(camera, part) for part in parts(axes)]
    described["others"] = _others(axes)
    legend = axes.get_legend()
    described["legend"] = _legend(camera, legend) if legend is not None else None
    return described


def _others(axes: Any) -> List[str]:
    """The types of things in the axes that nothing here describes."""
    described = {id(part) for _, parts, _ in PARTS for part in parts(axes)}
    titles = [getattr(axes, name, None) for name in ("title", "_left_title", "_right_title")]
    furniture = {id(part) for part in [axes.patch, axes.get_legend(), *titles]}
    kinds = [type(part).__name__ for part in axes.get_children() if id(part) not in described | furniture]
    return sorted(kind for kind in kinds if not kind.endswith(("Spine", "Axis")))


def _axis(camera: Camera, axes: Any, axis: Any, letter: str) -> Picture:
    limits = [float(end) for end in getattr(axes, "get_%slim" % letter)()]
    return {
        "label": str(axis.get_label_text()),
        "scale": str(axis.get_scale()),
        "limits": camera.of(limits),
        "ticks": _ticks(axis, limits),
    }


def _ticks(axis: Any, limits: List[float]) -> List[str]:
    """The labels of the ticks; of ticks that fit themselves into the space there is at drawing, with the font of that moment, how both ends
    would be labelled."""
    locator = axis.get_major_locator()
    if "auto" in (str(getattr(locator, "_nbins", "")), str(getattr(locator, "numticks", ""))):
        return ["automatic"] + [str(text) for text in axis.get_major_formatter().format_ticks(limits)]
    return [label.get_text() for label in axis.get_ticklabels()]


def _numbers(camera: Camera, values: Any) -> Picture:
    np = sys.modules["numpy"]
    return camera.of(np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan), dtype=float))


def _color(value: Any) -> Any:
    colors = sys.modules["matplotlib.colors"]
    return [colors.to_hex(one, keep_alpha=True) for one in colors.to_rgba_array(value)]


def _line(camera: Camera, line: Any) -> Picture:
    data = line.get_data_3d() if hasattr(line, "get_data_3d") else line.get_data(orig=False)
    style = [str(line.get_linestyle()), float(line.get_linewidth()), str(line.get_marker()), _color(line.get_color())]
    return {"type": type(line).__name__, "data": [_numbers(camera, axis) for axis in data], "label": str(line.get_label()), "style": style}


def _patch(camera: Camera, patch: Any) -> Picture:
    outline = patch.get_patch_transform().transform_path(patch.get_path()).vertices
    style = [_color(patch.get_facecolor()), _color(patch.get_edgecolor())]
    return {"type": type(patch).__name__, "data": [_numbers(camera, outline)], "label": str(patch.get_label()), "style": style}


def _collection(camera: Camera, collection: Any) -> Picture:
    data = [_numbers(camera, collection.get_offsets())]
    data += [_numbers(camera, path.vertices) for path in collection.get_paths() if not camera.spent()]
    if collection.get_array() is not None:
        data.append(_numbers(camera, collection.get_array()))
    style = [_color(collection.get_facecolor()), _color(collection.get_edgecolor())]
    return {"type": type(collection).__name__, "data": data, "label": str(collection.get_label()), "style": style}


def _image(camera: Camera, image: Any) -> Picture:
    style = [str(image.get_cmap().name), camera.of(list(image.get_clim())), camera.of([float(side) for side in image.get_extent()])]
    return {"type": type(image).__name__, "data": [_numbers(camera, image.get_array())], "style": style}


def _text(camera: Camera, text: Any) -> Picture:
    return {"text": str(text.get_text()), "position": camera.of([_coordinate(part) for part in text.get_position()])}


def _coordinate(value: Any) -> object:
    return float(value) if isinstance(value, (int, float)) or hasattr(value, "__float__") else str(value)


def _legend(camera: Camera, legend: Any) -> Picture:
    return {"title": str(legend.get_title().get_text()), "labels": [str(text.get_text()) for text in legend.get_texts()]}


def _table(camera: Camera, table: Any) -> Picture:
    return {"cells": [[list(place), str(cell.get_text().get_text())] for place, cell in sorted(table.get_celld().items())]}


PARTS: Tuple[Tuple[str, Callable[[Any], List[Any]], Callable[[Any, Any], Picture]], ...] = (
    ("lines", lambda axes: list(axes.lines), _line),
    ("patches", lambda axes: list(axes.patches), _patch),
    ("collections", lambda axes: list(axes.collections), _collection),
    ("images", lambda axes: list(axes.images), _image),
    ("texts", lambda axes: list(axes.texts), _text),
    ("tables", lambda axes: list(axes.tables), _table),
)


def axes_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a matplotlib axes: its figure and which of its axes it is; None for anything else."""
    if not isinstance(value, sys.modules["matplotlib.axes"].Axes):
        return None
    figure = value.get_figure()
    if figure is None or value not in figure.axes:
        return {"kind": "axes", "type": type(value).__name__, "drawn": _axes(camera, value)}
    return {"kind": "axes", "type": type(value).__name__, "index": figure.axes.index(value), "figure": camera.of(figure)}


def artist_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a single line, bar, collection, image or text; another artist is opaque, because its state is the whole figure."""
    if not isinstance(value, sys.modules["matplotlib.artist"].Artist):
        return None
    for module, kind, describe in ARTISTS:
        known = getattr(sys.modules.get(module), kind, None)
        if known is not None and isinstance(value, known):
            return dict(describe(camera, value), kind="artist", type=type(value).__name__)
    return {"kind": "opaque", "type": type_name(value), "why": "a part of a figure"}


ARTISTS: Tuple[Tuple[str, str, Callable[[Any, Any], Picture]], ...] = (
    ("matplotlib.lines", "Line2D", _line),
    ("matplotlib.patches", "Patch", _patch),
    ("matplotlib.collections", "Collection", _collection),
    ("matplotlib.image", "AxesImage", _image),
    ("matplotlib.text", "Text", _text),
    ("matplotlib.legend", "Legend", _legend),
)


def plotly_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a plotly figure by what it would send to the browser; None for anything else."""
    if not isinstance(value, sys.modules["plotly.basedatatypes"].BaseFigure):
        return None
    return {"kind": "object", "type": "plotly.Figure", "state": camera.of(value.to_dict())}


def image_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a PIL image by mode, size and pixels; None for anything else."""
    if not isinstance(value, sys.modules["PIL.Image"].Image):
        return None
    palette = {"palette": camera.of(bytes(value.getpalette() or b""))} if value.mode == "P" else {}
    return dict(camera.packed(value.tobytes(), 1), kind="image", mode=str(value.mode), size=list(value.size), **palette)
