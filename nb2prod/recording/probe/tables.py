"""Arrays, frames, series and their kin -> pictures, through the libraries the notebook has imported itself.

    pd.Series([1, 2], name="n")   ->   {"kind": "series", "name": ..., "index": {"kind": "index", ...},
                                        "values": {"kind": "array", "dtype": "<i8", "shape": [2], "data": "AQAAAA..."}}

Numbers travel as base64 of their C-order bytes, texts as a list, structured arrays field by field (the gaps between fields hold garbage).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple

from nb2prod.recording.probe.naming import kind_of, type_name

if TYPE_CHECKING:
    from nb2prod.recording.probe.pictures import Camera

Picture = Dict[str, Any]


def numpy_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a numpy scalar, array, dtype or random generator; None for anything else."""
    np: Any = sys.modules["numpy"]
    if isinstance(value, np.ma.MaskedArray) and value.ndim:
        parts = {"values": _array(camera, np.asarray(value.filled())), "mask": _array(camera, np.ma.getmaskarray(value))}
        return dict(parts, kind="masked", type=type_name(value), fill=camera.of(value.fill_value))
    if isinstance(value, np.ndarray):
        return dict(_array(camera, np.asarray(value)), type=type_name(value))
    if isinstance(value, np.ufunc):
        return {"kind": "function", "name": "numpy.%s" % value.__name__}
    if isinstance(value, np.dtype):
        return {"kind": "dtype", "name": str(value)}
    if isinstance(value, np.generic):
        return _scalar(camera, value)
    if isinstance(value, np.random.RandomState):
        # The global generator is not part of an object that refers to it.
        shared = value is getattr(np.random.get_state, "__self__", None)
        return {"kind": "object", "type": type_name(value), "state": camera.of(None if shared else value.get_state())}
    if isinstance(value, kind_of("numpy.random", "Generator")):
        return {"kind": "object", "type": type_name(value), "state": camera.of(value.bit_generator.state)}
    return None


def _scalar(camera: Camera, value: Any) -> Picture:
    if value.dtype.kind in "biufcUS" and value.dtype.itemsize <= 16 and value.dtype.char not in "gG":
        return {"kind": "scalar", "dtype": value.dtype.str, "value": camera.of(value.item())}
    if value.dtype.names:
        return {"kind": "scalar", "dtype": str(value.dtype), "value": camera.each([value[name] for name in value.dtype.names])}
    return {"kind": "scalar", "dtype": value.dtype.str, "text": str(value)}


def _array(camera: Camera, value: Any) -> Picture:
    np: Any = sys.modules["numpy"]
    picture = {"kind": "array", "type": "numpy.ndarray", "dtype": value.dtype.str, "shape": list(value.shape)}
    if value.dtype.names:
        fields = [[name, _array(camera, np.asarray(value[name]))] for name in value.dtype.names]
        return dict(picture, dtype=str([name for name in value.dtype.names]), fields=fields)
    if value.dtype.kind == "O":
        return dict(picture, values=_cells(camera, value.ravel().tolist()))
    if value.dtype.kind in "USV" or value.dtype.char in "gG":
        told: List[object] = [item if isinstance(item, (str, bytes)) else str(item) for item in value.ravel().tolist()]
        return dict(picture, values=_cells(camera, told))
    data = np.ascontiguousarray(value)
    return dict(camera.packed(memoryview(data.reshape(-1).view("u1")), data.dtype.itemsize), **picture)


def _cells(camera: Camera, values: List[object]) -> Picture:
    """The elements of an object array: as texts when they are texts with gaps, else one picture each."""
    kinds = set(map(type, values))
    if str in kinds and all(kind is str or _is_gap(kind) for kind in kinds):
        return camera.strings(values)
    return dict(camera.elements(values), kind="list")


def _is_gap(kind: type) -> bool:
    return kind in (type(None), float) or kind.__name__ in ("NAType", "NaTType")


def pandas_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a pandas object; None for anything else, and for those that describe themselves well enough (Styler, GroupBy)."""
    pd: Any = sys.modules["pandas"]
    if getattr(pd, "DataFrame", None) is None:  # pandas is still being imported
        return None
    if value is getattr(pd, "NA", None) or value is pd.NaT:
        return {"kind": "missing", "name": "NA" if value is not pd.NaT else "NaT"}
    for name, describe in PANDAS:
        kind: Any = pd
        for part in name.split("."):
            kind = getattr(kind, part, None)
        if kind is not None and isinstance(value, kind):
            return describe(camera, value)
    if isinstance(value, pd.api.extensions.ExtensionDtype):
        return {"kind": "dtype", "name": str(value)}
    return None


def _frame(camera: Camera, value: Any) -> Picture:
    labels = {"columns": _index(camera, value.columns), "index": _index(camera, value.index)}
    columns = [_column(camera, value.iloc[:, i].array) for i in range(value.shape[1])]
    return dict(labels, kind="frame", type=type_name(value), data=columns, **_more(camera, value))


def _series(camera: Camera, value: Any) -> Picture:
    parts = {"name": camera.of(value.name), "index": _index(camera, value.index), "values": _column(camera, value.array)}
    return dict(parts, kind="series", type=type_name(value), **_more(camera, value))


def _more(camera: Camera, value: Any) -> Picture:
    """What a frame or series carries beside its values: the user's notes on it, and what a kind of frame (geopandas) knows more."""
    told = {name: getattr(value, name, None) for name in getattr(value, "_metadata", ()) if name != "name"}
    if getattr(value, "attrs", None):
        told["attrs"] = value.attrs
    return {"more": camera.of(told)} if told else {}


def _index(camera: Camera, value: Any) -> Picture:
    pd: Any = sys.modules["pandas"]
    picture = {"kind": "index", "type": type(value).__name__, "names": camera.each(list(value.names)), "length": len(value)}
    if isinstance(value, pd.MultiIndex):
        return dict(picture, levels=[_column(camera, value.get_level_values(i).array) for i in range(value.nlevels)])
    if isinstance(value, pd.RangeIndex):
        return dict(picture, range=[value.start, value.stop, value.step])
    frequency = getattr(value, "freqstr", None)
    return dict(picture, levels=[_column(camera, value.array)], **({"frequency": frequency} if frequency else {}))


def _column(camera: Camera, values: Any) -> Picture:
    """One column's array: numpy's own kinds as arrays, pandas' kinds with their dtype and what lies beneath."""
    np: Any = sys.modules["numpy"]
    dtype = values.dtype
    if isinstance(dtype, np.dtype) or type(dtype).__name__ in ("NumpyEADtype", "PandasDtype"):
        return _array(camera, np.asarray(values))
    picture = {"kind": "extension", "dtype": str(dtype)}
    for name in ("storage", "crs"):  # of texts: how they are kept; of shapes: what their coordinates mean
        kept = getattr(dtype if name == "storage" else values, name, None)
        if kept is not None:
            picture[name] = str(kept)
    unpack = EXTENSIONS.get(type(dtype).__name__)
    if unpack is not None:
        return dict(picture, parts=unpack(camera, values))
    if hasattr(dtype, "numpy_dtype") and dtype.numpy_dtype.kind in "biuf" and hasattr(values, "to_numpy"):
        try:
            filled = values.to_numpy(dtype=dtype.numpy_dtype, na_value=0)
        except TypeError:  # arrow columns with gaps before pandas 2
            return dict(picture, parts=[_cells(camera, list(values.astype(object)))])
        return dict(picture, parts=[_array(camera, filled), _array(camera, np.asarray(values.isna()))])
    return dict(picture, parts=[_cells(camera, list(values.astype(object)))])


def _categories(camera: Camera, values: Any) -> List[Picture]:
    np: Any = sys.modules["numpy"]
    return [_index(camera, values.categories), _array(camera, np.asarray(values.codes)), camera.of(bool(values.ordered))]


def _instants(camera: Camera, values: Any) -> List[Picture]:
    return [_array(camera, values.asi8)]


EXTENSIONS: Dict[str, Callable[[Camera, Any], List[Picture]]] = {
    "CategoricalDtype": _categories,
    "DatetimeTZDtype": _instants,
    "PeriodDtype": _instants,
    "IntervalDtype": lambda camera, values: [_index(camera, values.left), _index(camera, values.right), camera.of(values.closed)],
    "SparseDtype": lambda camera, values: [_array(camera, sys.modules["numpy"].asarray(values))],
}


def _one(camera: Camera, value: Any) -> Picture:
    return {"kind": "text", "type": type_name(value), "value": repr(value)}


def _extension(camera: Camera, value: Any) -> Picture:
    return dict(_column(camera, value), type=type_name(value))


PANDAS: Tuple[Tuple[str, Callable[[Camera, Any], Picture]], ...] = (
    ("DataFrame", _frame),
    ("Series", _series),
    ("Index", _index),
    ("api.extensions.ExtensionArray", _extension),
    ("Timestamp", _one),
    ("Timedelta", _one),
    ("Period", _one),
    ("Interval", _one),
)


def sparse_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a scipy sparse matrix or array: its format and its entries by row, column and value."""
    sparse = sys.modules["scipy.sparse"]
    if not getattr(sparse, "issparse", lambda value: False)(value):
        return None
    parts = camera.each(_entries(value) if value.ndim == 2 else [value.toarray()])
    return {"kind": "sparse", "type": type_name(value), "format": str(value.format), "shape": list(value.shape), "parts": parts}


def _entries(value: Any) -> List[Any]:
    """Rows, columns and values, in order of rows and columns: some formats keep them as they came."""
    entries = value.tocoo()
    order = sys.modules["numpy"].lexsort((entries.col, entries.row))
    return [part[order] for part in (entries.row, entries.col, entries.data)]


def polars_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a polars frame or series; None for anything else."""
    if isinstance(value, kind_of("polars", "DataFrame")):
        data = [polars_picture(camera, column) for column in value.get_columns()]
        return {"kind": "columns", "type": type_name(value), "data": data}
    if isinstance(value, kind_of("polars", "Series")):
        values = _cells(camera, value.to_list())
        return {"kind": "column", "type": type_name(value), "name": str(value.name), "dtype": str(value.dtype), "values": values}
    return None
