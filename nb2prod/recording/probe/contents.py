"""Arrays, frames, tensors, generators and figures -> what of them goes into a digest, through the libraries the notebook has imported itself.

    array(looker, np.zeros(3), ...)   ->   its type, its shape and its bytes; True: it was one

A frame is taken in column by column, for how its columns lie in memory may change by itself. What pandas and others cache is left out.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, Tuple

if TYPE_CHECKING:
    from nb2prod.recording.probe.digests import Looker

COLUMNS = 5_000
STRETCH = 4 << 20  # bytes that are copied at once


def _is_a(value: object, module: Any, *names: str) -> bool:
    """Whether a value is of one of these classes of a module, which may be half imported or not at all."""
    return any(issubclass(type(value), getattr(module, name, ())) for name in names)


def array(looker: "Looker", value: Any, depth: int, own: bool) -> bool:
    np: Any = sys.modules["numpy"]
    if _is_a(value, np, "ndarray"):
        looker.add("%s %s" % (value.dtype.str, value.shape))
        root = _root(value)
        looker.memory.add(id(root))
        if own:
            looker.objects.add(id(root))
        if issubclass(type(value), np.ma.MaskedArray):
            array(looker, np.ma.getmaskarray(value), depth, False)
            value = value.data
        if value.dtype.hasobject:
            _object_array(looker, value, depth)
        else:
            _bytes_of(looker, np.asarray(value))
        return True
    if _is_a(value, np, "generic", "dtype"):
        looker.add("%s %s" % (getattr(value, "dtype", ""), value))
        return True
    return _generator(looker, value, depth, own)


def _root(value: Any) -> Any:
    """The object that owns the memory of an array."""
    while getattr(value, "base", None) is not None:
        value = value.base
    return value


def _object_array(looker: "Looker", value: Any, depth: int) -> None:
    looker.sequence(_Flat(value.reshape(-1)), depth, False)


class _Flat:
    """An array of objects as a sequence, of which lists are made piece by piece."""

    def __init__(self, values: Any) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Any:
        return iter(self._values.tolist())

    def __getitem__(self, part: slice) -> Any:
        return self._values[part].tolist()


def _bytes_of(looker: "Looker", value: Any) -> None:
    np: Any = sys.modules["numpy"]
    if value.size == 0:
        return
    if not value.flags.c_contiguous and value.flags.f_contiguous:
        value = value.T
    if value.flags.c_contiguous:
        looker.buffer(value.reshape(-1).view("u1"))
        return
    rows = max((STRETCH * value.shape[0]) // max(value.nbytes, 1), 1)
    for start in range(0, value.shape[0], rows):
        looker.buffer(np.ascontiguousarray(value[start : start + rows]).reshape(-1).view("u1"))
        if looker.late():
            looker.complete = False
            return


def _generator(looker: "Looker", value: Any, depth: int, own: bool) -> bool:
    random: Any = sys.modules.get("numpy.random")
    if not _is_a(value, random, "Generator", "RandomState"):
        return False
    if own:
        looker.objects.add(id(value))
    shared = value is getattr(random.get_state, "__self__", None)  # the global generator is no part of what refers to it
    state = None if shared else value.bit_generator.state if hasattr(value, "bit_generator") else value.get_state()
    looker.take(state, depth, own=False)
    return True


def frame(looker: "Looker", value: Any, depth: int, own: bool) -> bool:
    pd: Any = sys.modules["pandas"]
    is_index = _is_a(value, pd, "Index")
    if not is_index and not _is_a(value, pd, "DataFrame", "Series"):
        return _pandas_array(looker, value, depth)
    if own and not is_index:
        looker.objects.add(id(value))
    if is_index:
        _index(looker, value, depth)
        return True
    looker.take(value.index, depth, own=False)
    looker.take(dict(value.attrs), depth, own=False)
    if _is_a(value, pd, "Series"):
        looker.take(value.name, depth, own=False)
        _column(looker, value.array, depth)
        return True
    looker.take(value.columns, depth, own=False)
    for number, column in enumerate(_columns(value)):
        if number >= COLUMNS or looker.too_late():
            looker.complete = False
            break
        _column(looker, column, depth)
    return True


def _columns(value: Any) -> Any:
    columns = getattr(value, "_iter_column_arrays", None)
    return columns() if columns is not None else (value.iloc[:, number].array for number in range(value.shape[1]))


def _column(looker: "Looker", column: Any, depth: int) -> None:
    """A column's array; what pandas wraps around a numpy array is taken off."""
    column = getattr(column, "_ndarray", column) if type(column).__name__ in ("NumpyExtensionArray", "PandasArray") else column
    if not array(looker, column, depth, own=False):
        _pandas_array(looker, column, depth)


def _index(looker: "Looker", value: Any, depth: int) -> None:
    looker.take(list(value.names), depth, own=False)
    if type(value).__name__ == "RangeIndex":
        looker.take([value.start, value.stop, value.step], depth, own=False)
    elif hasattr(value, "codes") and hasattr(value, "levels"):
        looker.each([list(value.levels), list(value.codes)], depth, own=False)
    else:
        _column(looker, value.array, depth)


def _pandas_array(looker: "Looker", value: Any, depth: int) -> bool:
    base: Any = getattr(getattr(getattr(sys.modules["pandas"], "api", None), "extensions", None), "ExtensionArray", ())
    if not issubclass(type(value), base):
        return False
    looker.add(str(value.dtype))
    for names in ARRAYS:
        parts = [getattr(value, name, None) for name in names]
        if all(part is not None for part in parts):
            looker.each(parts, depth, own=False)
            return True
    looker.sequence(list(value), depth, False)
    return True


# Where the arrays of pandas keep their values: text and numbers of Arrow, categories, masked numbers, sparse values, intervals, instants.
ARRAYS: Tuple[Tuple[str, ...], ...] = (
    ("_pa_array",),
    ("_codes", "categories"),
    ("_data", "_mask"),
    ("sp_values", "sp_index"),
    ("_left", "_right"),
    ("_ndarray",),
)


def arrow(looker: "Looker", value: Any, depth: int, own: bool) -> bool:
    """Arrow memory cannot change; a slice shares it with the whole, so that where it begins counts too."""
    pa: Any = sys.modules["pyarrow"]
    if not _is_a(value, pa, "ChunkedArray", "Array", "Table"):
        return False
    if issubclass(type(value), pa.Table):
        looker.add(str(value.schema))
        looker.each(value.columns, depth, own=False)
        return True
    for chunk in value.chunks if issubclass(type(value), pa.ChunkedArray) else [value]:
        looker.add("%d %d %s" % (chunk.offset, len(chunk), chunk.type))
        for buffer in chunk.buffers():
            if buffer is not None:
                looker.buffer(buffer)
    return True


def sparse(looker: "Looker", value: Any, depth: int, own: bool) -> bool:
    if not getattr(sys.modules["scipy.sparse"], "issparse", lambda value: False)(value):
        return False
    if own:
        looker.objects.add(id(value))
    looker.add("%s %s" % (value.format, value.shape))
    names = ("data", "indices", "indptr", "row", "col", "rows", "offsets")
    looker.each([getattr(value, name) for name in names if hasattr(value, name)], depth, own=False)
    return True


def tensor(looker: "Looker", value: Any, depth: int, own: bool) -> bool:
    torch: Any = sys.modules["torch"]
    if not _is_a(value, torch, "Tensor"):
        return False
    if own:
        looker.objects.add(id(value))
    looker.memory.add(value.data_ptr() if value.layout is torch.strided else id(value))
    plain = value.detach().cpu()
    plain = plain.float() if value.dtype is torch.bfloat16 else plain.to_dense() if value.layout is not torch.strided else plain
    looker.add("%s %s %s" % (value.dtype, tuple(value.shape), value.requires_grad))
    _bytes_of(looker, plain.contiguous().numpy())
    if value.grad is not None and value.is_leaf:
        looker.take(value.grad, depth, own=False)
    return True


def figure(looker: "Looker", value: Any, depth: int, own: bool) -> bool:
    """What is drawn, by kind, text and points; limits and positions move by themselves when a figure is shown."""
    if not _is_a(value, sys.modules["matplotlib.artist"], "Artist"):
        return False
    if own:
        looker.objects.add(id(value))
    with looker.inside():
        axes = getattr(value, "axes", None)
        for one in axes if isinstance(axes, list) else [axes] if axes is not None else []:
            looker.add("axes")
            for child in one.get_children():
                looker.add(type(child).__name__ + str(getattr(child, "_text", "")))
                looker.each([getattr(child, name, None) for name in ("_xorig", "_yorig", "_offsets", "_A")], depth, own=False)
        looker.add(" ".join(str(getattr(text, "_text", "")) for text in getattr(value, "texts", ())))
    return True


LIBRARIES: Tuple[Tuple[str, Callable[["Looker", Any, int, bool], bool]], ...] = (
    ("numpy", array),
    ("pandas", frame),
    ("pyarrow", arrow),
    ("scipy.sparse", sparse),
    ("torch", tensor),
    ("matplotlib.artist", figure),
)
