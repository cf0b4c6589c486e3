"""Anything else -> its picture: enums, functions, classes, modules, and objects by the state they would be pickled with.

    Ridge(alpha=0.5)   ->   {"kind": "object", "type": "sklearn.linear_model.Ridge", "state": {...}}

`__reduce_ex__` is asked first because only it knows state kept outside `__dict__`; it refuses types whose state cannot be seen, and then
the object is opaque instead of looking empty.
"""

from __future__ import annotations

import copyreg
import datetime
import decimal
import dis
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

BEHAVIOUR = (types.FunctionType, staticmethod, classmethod, property, functools.cached_property, type)
UNSEEN: Tuple[Tuple[Any, str], ...] = (
    (io.IOBase, "an open file"),
    (types.GeneratorType, "a generator cannot be looked at without using it up"),
    ((types.CoroutineType, types.AsyncGeneratorType), "a coroutine"),
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
    return {"kind": "enum", "type": camera.home.name(type(value)), "name": str(value.name), "value": camera.of(value.value)}


def _path(camera: Camera, value: Any) -> Picture:
    kind = pathlib.Path if isinstance(value, pathlib.Path) else pathlib.PurePath
    return {"kind": "path", "type": kind.__name__, "value": camera.home.localise(str(value))}


def _plain_text(camera: Camera, value: Any) -> Picture:
    return {"kind": "text", "type": type_name(value), "value": str(value)}


def _moment(camera: Camera, value: Any) -> Picture:
    return {"kind": "text", "type": type_name(value), "value": repr(value)}


def _function(camera: Camera, value: Any) -> Picture:
    """The code by its digest, and what it carries along: defaults, closed-over values and the globals it reads.

    A library's function is known by its name, and one met again in the same value is only referred to.
    """
    if _importable(value) and not camera.home.owns(value.__module__):
        return {"kind": "function", "name": camera.home.name(value)}
    if id(value) in camera.functions:
        return {"kind": "function above", "rank": camera.functions.index(id(value))}
    camera.functions.append(id(value))
    cells = [content for cell in value.__closure__ or () for content in _content(cell)]
    return {
        "kind": "function",
        "name": camera.home.name(value),
        "digest": hashlib.sha256(repr(_code(value.__code__)).encode("utf-8", "replace")).hexdigest(),
        "carries": camera.each([value.__defaults__, value.__kwdefaults__, cells]),
        "reads": {name: camera.of(value.__globals__[name]) for name in _globals(value.__code__) if _tells(value.__globals__.get(name))},
    }


def _globals(code: types.CodeType) -> List[str]:
    """The names that code, and the functions in it, look up among the globals."""
    names = {str(step.argval) for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    inner = [name for item in code.co_consts if isinstance(item, types.CodeType) for name in _globals(item)]
    return sorted(names.union(inner))


def _tells(value: Any) -> bool:
    """Whether a global says more than where it was imported from."""
    return value is not None and not isinstance(value, types.ModuleType)


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
    parts = {name: _part_of_class(item) for name, item in sorted(vars(value).items()) if not _plumbing(name, item)}
    return dict(picture, bases=[camera.home.name(base) for base in value.__bases__], parts=camera.of(parts))


def _part_of_class(item: Any) -> Any:
    """A method or property by the functions in it; anything else as it is."""
    if isinstance(item, (staticmethod, classmethod)):
        return [type(item).__name__, item.__func__]
    if isinstance(item, property):
        return ["property", item.fget, item.fset, item.fdel]
    return ["cached_property", item.func] if isinstance(item, functools.cached_property) else item


def _plumbing(name: str, item: Any) -> bool:
    """What Python itself puts into every class."""
    special = name.startswith("__") and name.endswith("__") and not isinstance(item, (types.FunctionType, staticmethod, classmethod))
    return special or name == "_abc_impl" or isinstance(item, (types.MemberDescriptorType, types.GetSetDescriptorType))


def _shared(camera: Camera, kind: type) -> Dict[str, object]:
    """The data that all instances of the notebook's own classes have in common, told with the first instance."""
    if kind in camera.classes:
        return {}
    camera.classes.append(kind)
    own = [base for base in reversed(kind.__mro__) if camera.home.owns(base.__module__)]
    parts = {name: item for base in own for name, item in sorted(vars(base).items()) if not _plumbing(name, item)}
    return {name: item for name, item in parts.items() if not isinstance(item, BEHAVIOUR)}


def _module(camera: Camera, value: Any) -> Picture:
    return {"kind": "module", "name": str(value.__name__)}


def _buffer(camera: Camera, value: Any) -> Picture:
    return {"kind": "object", "type": type_name(value), "state": camera.of(None if value.closed else value.getvalue())}


def _exception(camera: Camera, value: Any) -> Picture:
    return {"kind": "exception", "type": camera.home.name(type(value)), "items": camera.each(value.args)}


def _object(camera: Camera, value: Any) -> Picture:
    name = camera.home.name(type(value))
    registered = copyreg.dispatch_table.get(type(value))
    try:
        reduced = registered(value) if registered is not None else value.__reduce_ex__(4)
    except Exception as error:
        return _opaque(value, str(error)[:200] or type(error).__name__)
    if isinstance(reduced, str):
        return {"kind": "object", "type": name, "constant": reduced}
    picture: Picture = {"kind": "object", "type": name}
    shared = _shared(camera, type(value))
    if shared:
        picture["shared"] = camera.of(shared)
    maker, args, state, items, pairs = (tuple(reduced) + (None,) * 5)[:5]
    if getattr(maker, "__name__", "") not in ("__newobj__", "_reconstructor", "__newobj_ex__"):
        picture["maker"] = camera.home.name(maker)
    made_from = [arg for arg in args or () if arg is not type(value)]
    if made_from:
        picture["args"] = camera.each(made_from)
    if state is not None:
        picture["state"] = camera.of(_without_derived(type(value), state))
    if items is not None:
        picture["items"] = camera.each(items)
    if pairs is not None:
        picture["pairs"] = [[camera.of(key), camera.of(item)] for key, item in pairs if not camera.spent()]
        if camera.spent():
            picture["rest"] = _opaque(value, "too big")
    return picture


def _without_derived(kind: type, state: Any) -> Any:
    """State without what a library works out from the rest when it is first asked for, and without its scratch memory: having been looked at
    makes no difference."""
    derived = DERIVED.get(str(kind.__module__).split(".")[0])
    return {key: item for key, item in state.items() if key not in derived} if derived and isinstance(state, dict) else state


DERIVED: Dict[str, Tuple[str, ...]] = {"statsmodels": ("_cache", "_nobs_int", "_summary_cache", "_tmp_like_exog", "diagn")}


def _proxy(camera: Camera, value: Any) -> Picture:
    """A dict that can only be read."""
    return {"kind": "object", "type": type_name(value), "state": camera.of(dict(value))}


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
    (types.MappingProxyType, _proxy),
    ((io.StringIO, io.BytesIO), _buffer),
    (BaseException, _exception),
    ((type({}.keys()), type({}.values()), type({}.items())), _view),
)
