"""Anything else -> its picture: enums, functions, classes, modules, and objects by the state they would be pickled with.

    Ridge(alpha=0.5)   ->   {"kind": "object", "type": "sklearn.linear_model.Ridge", "state": {...}}

`__reduce_ex__` is asked first because only it knows state kept outside `__dict__`; it refuses types whose state cannot be seen, and then
the object is opaque instead of looking empty.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import functools
import hashlib
import io
import pathlib
import sys
import types
import weakref
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Tuple

from nb2prod.recording.probe.naming import type_name

if TYPE_CHECKING:
    from nb2prod.recording.probe.pictures import Camera

Picture = Dict[str, Any]

UNSEEN: Tuple[Tuple[Any, str], ...] = (
    (io.IOBase, "an open file"),
    (types.GeneratorType, "a generator cannot be looked at without using it up"),
    (types.CoroutineType, "a coroutine"),
    (weakref.ref, "a weak reference"),
    ((types.FrameType, types.TracebackType), "a part of the running program"),
)


def describe(camera: Camera, value: Any) -> Picture:
    """The picture of a value no library description took."""
    for kinds, draw in KINDS:
        if isinstance(value, kinds):
            return draw(camera, value)
    for kinds, why in UNSEEN:
        if isinstance(value, kinds):
            return _opaque(value, why)
    return _object(camera, value)


def _opaque(value: object, why: str) -> Picture:
    return {"kind": "opaque", "type": type_name(value), "why": why}


def _enum(camera: Camera, value: Any) -> Picture:
    return {"kind": "enum", "type": camera.home.name(type(value)), "name": str(value.name)}


def _path(camera: Camera, value: Any) -> Picture:
    kind = pathlib.Path if isinstance(value, pathlib.Path) else pathlib.PurePath
    return {"kind": "path", "type": kind.__name__, "value": camera.home.localise(str(value))}


def _plain_text(camera: Camera, value: Any) -> Picture:
    return {"kind": "text", "type": type_name(value), "value": str(value)}


def _moment(camera: Camera, value: Any) -> Picture:
    return {"kind": "text", "type": type_name(value), "value": repr(value)}


def _function(camera: Camera, value: Any) -> Picture:
    """The code by its digest, and what it carries along: defaults and closed-over values. A library's function is known by its name."""
    if _importable(value) and not camera.home.owns(value.__module__):
        return {"kind": "function", "name": camera.home.name(value)}
    cells = [content for cell in value.__closure__ or () for content in _content(cell)]
    return {
        "kind": "function",
        "name": camera.home.name(value),
        "digest": hashlib.sha256(repr(_code(value.__code__)).encode("utf-8", "replace")).hexdigest(),
        "carries": camera.each([value.__defaults__, value.__kwdefaults__, cells]),
    }


def _importable(value: Any) -> bool:
    return getattr(sys.modules.get(value.__module__ or ""), value.__qualname__, None) is value


def _content(cell: Any) -> List[object]:
    """What a closed-over variable holds; nothing before it is assigned."""
    try:
        return [cell.cell_contents]
    except ValueError:
        return []


def _code(code: types.CodeType) -> List[object]:
    constants = [_code(item) if isinstance(item, types.CodeType) else _constant(item) for item in code.co_consts]
    return [code.co_code, constants, code.co_names, code.co_varnames, code.co_argcount, code.co_kwonlyargcount, code.co_flags]


def _constant(item: object) -> str:
    return repr(sorted(map(repr, item))) if isinstance(item, frozenset) else repr(item)


def _builtin(camera: Camera, value: Any) -> Picture:
    owner = getattr(value, "__self__", None)
    bound = owner is not None and not isinstance(owner, (types.ModuleType, type))
    picture = {"kind": "builtin", "name": camera.home.name(value)}
    return dict(picture, owner=camera.of(owner)) if bound else picture


def _method(camera: Camera, value: Any) -> Picture:
    return {"kind": "method", "name": camera.home.name(value.__func__), "owner": camera.of(value.__self__)}


def _partial(camera: Camera, value: Any) -> Picture:
    return {"kind": "partial", "items": camera.each([value.func, value.args, value.keywords])}


def _class(camera: Camera, value: Any) -> Picture:
    picture = {"kind": "class", "name": camera.home.name(value)}
    if not camera.home.owns(value.__module__):
        return picture
    methods = {name: item for name, item in sorted(vars(value).items()) if isinstance(item, types.FunctionType)}
    return dict(picture, bases=[camera.home.name(base) for base in value.__bases__], methods=camera.of(methods))


def _module(camera: Camera, value: Any) -> Picture:
    return {"kind": "module", "name": str(value.__name__)}


def _buffer(camera: Camera, value: Any) -> Picture:
    return {"kind": "object", "type": type_name(value), "state": camera.of(None if value.closed else value.getvalue())}


def _exception(camera: Camera, value: Any) -> Picture:
    return {"kind": "exception", "type": camera.home.name(type(value)), "items": camera.each(value.args)}


def _object(camera: Camera, value: Any) -> Picture:
    name = camera.home.name(type(value))
    try:
        reduced = value.__reduce_ex__(4)
    except Exception as error:
        return _opaque(value, str(error)[:200] or type(error).__name__)
    if isinstance(reduced, str):
        return {"kind": "object", "type": name, "constant": reduced}
    picture: Picture = {"kind": "object", "type": name}
    maker, args, state, items, pairs = (tuple(reduced) + (None,) * 5)[:5]
    if getattr(maker, "__name__", "") not in ("__newobj__", "_reconstructor", "__newobj_ex__"):
        picture["maker"] = camera.home.name(maker)
    made_from = [arg for arg in args or () if arg is not type(value)]
    if made_from:
        picture["args"] = camera.each(made_from)
    if state is not None:
        picture["state"] = camera.of(state)
    if items is not None:
        picture["items"] = camera.each(items)
    if pairs is not None:
        picture["pairs"] = [[camera.of(key), camera.of(item)] for key, item in pairs if not camera.spent()]
        if camera.spent():
            picture["rest"] = _opaque(value, "too big")
    return picture


def _view(camera: Camera, value: Any) -> Picture:
    """The keys, values or items of a dict."""
    return dict(camera.elements(list(value)), kind="list", type=type_name(value))


KINDS: Tuple[Tuple[Any, Callable[["Camera", Any], Picture]], ...] = (
    (enum.Enum, _enum),
    (pathlib.PurePath, _path),
    ((decimal.Decimal, fractions.Fraction), _plain_text),
    ((datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo), _moment),
    (types.FunctionType, _function),
    (types.MethodType, _method),
    (types.BuiltinFunctionType, _builtin),
    (functools.partial, _partial),
    (type, _class),
    (types.ModuleType, _module),
    ((io.StringIO, io.BytesIO), _buffer),
    (BaseException, _exception),
    ((type({}.keys()), type({}.values()), type({}.items())), _view),
)
