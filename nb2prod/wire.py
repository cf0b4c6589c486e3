"""Every noun as plain JSON data, and back: what the server sends and `--format json` prints.

    Comparison("score", "same", "float")      ->  {"name": "score", "outcome": "same", "how": "float", "notebook": "", ...}
    from_data(Comparison, {"name": ...})      ->  Comparison("score", "same", "float")

Generic over the types of the fields, so a new field needs nothing here. A statement is named "3.0" everywhere, as a value and as a key.
Sets come sorted. Values that JSON lacks are marked: `{"$tuple": [1, 2]}`, `{"$bytes": "AAE="}`, `{"$float": "nan"}`. Fields marked private
are left out and come back empty. Functions stay at home: a `Target` gives its data without `render` and cannot come back.
"""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import json
import math
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from nb2prod.errors import ReadError
from nb2prod.model.notebook import StatementId

Noun = TypeVar("Noun")


def to_data(noun: object) -> Any:
    """A noun as JSON data; equal nouns give equal data."""
    return _encode(noun, type(noun))


def from_data(kind: type[Noun], data: Any) -> Noun:
    """The noun that `to_data` made this data from; missing fields take their defaults. Raises `ReadError` with the misfit's place."""
    made: Noun = _decode(data, kind, kind.__name__)
    return made


def _encode(value: Any, kind: Any) -> Any:
    if isinstance(value, StatementId):
        return _statement_text(value)
    if isinstance(value, Enum):
        return value.name
    if dataclasses.is_dataclass(value) or _is_named_tuple(type(value)):
        told = {name: hint for name, hint in _hints(value).items() if not _is_function(hint) and name not in _private(type(value))}
        return {name: _encode(getattr(value, name), hint) for name, hint in told.items()}
    origin, arguments = get_origin(kind), get_args(kind)
    if value is None or origin in (None, Union, types.UnionType, Literal):
        return _encode_one_of(value, kind)
    if origin is tuple:
        return [_encode(item, hint) for item, hint in zip(value, _item_kinds(arguments, len(value)), strict=True)]
    if origin is frozenset:
        return sorted((_encode(item, arguments[0]) for item in value), key=json.dumps)
    return {_key_text(key): _encode(item, arguments[1]) for key, item in value.items()}


def _encode_one_of(value: Any, kind: Any) -> Any:
    """A value whose kind is a plain type, a union or `object`."""
    fitting = [option for option in get_args(kind) if get_origin(option) in (tuple, frozenset, collections.abc.Mapping)]
    if get_origin(kind) in (Union, types.UnionType) and value is not None and fitting:
        return _encode(value, fitting[0])
    return _encode_free(value)


def _encode_free(value: Any) -> Any:
    """Any Python literal: JSON as it is, the rest under a mark that starts with a dollar sign."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, list):
        return [_encode_free(item) for item in value]
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: _encode_free(item) for key, item in value.items()}
        return {"$dict": [[_encode_free(key), _encode_free(item)] for key, item in value.items()]}
    for mark in MARKS:
        if isinstance(value, mark.kind):
            return {mark.name: mark.encode(value)}
    raise TypeError(f"a {type(value).__name__} cannot go over the wire")


def _decode(data: Any, kind: Any, where: str) -> Any:
    if kind is StatementId:
        return _statement(data, where)
    if kind in (object, Any):
        return _decode_free(data, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        _expect(isinstance(data, str) and data in kind.__members__, data, where, f"one of {', '.join(kind.__members__)}")
        return kind[data]
    if dataclasses.is_dataclass(kind) or _is_named_tuple(kind):
        return _decode_fields(data, kind, where)
    origin, arguments = get_origin(kind), get_args(kind)
    decode = CONTAINERS.get(origin, _decode_plain)
    return decode(data, arguments or (kind,), where)


def _decode_fields(data: Any, kind: Any, where: str) -> Any:
    hints = _fields(kind)
    _expect(isinstance(data, Mapping), data, where, "an object")
    wrong = [f"no {name}" for name in _required(kind) if name not in data] + [
        f"an unknown field {name}" for name in data if name not in hints
    ]
    if wrong:
        raise ReadError(f"{where} has {wrong[0]}", f"its fields are {', '.join(hints)}")
    return kind(**{name: _decode(item, hints[name], f"{where}.{name}") for name, item in data.items()})


def _decode_tuple(data: Any, arguments: tuple[Any, ...], where: str) -> Any:
    _expect(isinstance(data, list), data, where, "a list")
    hints = _item_kinds(arguments, len(data))
    _expect(len(hints) == len(data), data, where, f"a list of {len(hints)}")
    return tuple(_decode(item, hint, f"{where}[{number}]") for number, (item, hint) in enumerate(zip(data, hints, strict=True)))


def _decode_set(data: Any, arguments: tuple[Any, ...], where: str) -> Any:
    return frozenset(_decode_tuple(data, (arguments[0], ...), where))


def _decode_mapping(data: Any, arguments: tuple[Any, ...], where: str) -> Any:
    _expect(isinstance(data, Mapping), data, where, "an object")
    return {_key(key, arguments[0], where): _decode(item, arguments[1], f"{where}[{key!r}]") for key, item in data.items()}


def _decode_union(data: Any, arguments: tuple[Any, ...], where: str) -> Any:
    if data is None and type(None) in arguments:
        return None
    rest = [argument for argument in arguments if argument is not type(None)]
    return _decode(data, rest[0], where) if len(rest) == 1 else _decode_free(data, where)


def _decode_literal(data: Any, arguments: tuple[Any, ...], where: str) -> Any:
    _expect(data in arguments, data, where, f"one of {', '.join(map(str, arguments))}")
    return data


def _decode_plain(data: Any, arguments: tuple[Any, ...], where: str) -> Any:
    value, kind = _decode_free(data, where), arguments[0]
    fits = isinstance(value, (int, float) if kind is float else kind) and (kind is bool or not isinstance(value, bool))
    _expect(fits, data, where, f"{'an' if kind is int else 'a'} {kind.__name__}")
    return float(value) if kind is float else value


CONTAINERS: Mapping[Any, Callable[[Any, tuple[Any, ...], str], Any]] = types.MappingProxyType(
    {
        tuple: _decode_tuple,
        frozenset: _decode_set,
        collections.abc.Mapping: _decode_mapping,
        Union: _decode_union,
        types.UnionType: _decode_union,
        Literal: _decode_literal,
    }
)


def _decode_free(data: Any, where: str) -> Any:
    if isinstance(data, list):
        return [_decode_free(item, where) for item in data]
    if not isinstance(data, Mapping):
        return data
    name = next(iter(data), "")
    if len(data) == 1 and name.startswith("$"):
        mark = next((mark for mark in (*MARKS, FLOAT, DICT) if mark.name == name), None)
        if mark is None:
            raise ReadError(f"{where} has the unknown mark {name}", f"known: {', '.join(m.name for m in (*MARKS, FLOAT, DICT))}")
        return mark.decode(data[name])
    return {key: _decode_free(item, where) for key, item in data.items()}


class Mark(NamedTuple):
    """How a value that JSON lacks is written: its mark, its type, and both ways."""

    name: str
    kind: type | tuple[type, ...]
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def _free_items(value: Any) -> list[Any]:
    return [_encode_free(item) for item in value]


def _sorted_items(value: Any) -> list[Any]:
    return sorted(_free_items(value), key=json.dumps)


def _free_dict(data: Any) -> dict[Any, Any]:
    return {_decode_free(key, "$dict"): _decode_free(item, "$dict") for key, item in data}


MARKS = (
    Mark("$tuple", tuple, _free_items, lambda data: tuple(_decode_free(item, "$tuple") for item in data)),
    Mark("$frozenset", frozenset, _sorted_items, lambda data: frozenset(_decode_free(item, "$frozenset") for item in data)),
    Mark("$set", set, _sorted_items, lambda data: {_decode_free(item, "$set") for item in data}),
    Mark("$bytes", bytes, lambda value: base64.b64encode(value).decode("ascii"), base64.b64decode),
    Mark("$complex", complex, repr, complex),
    Mark("$ellipsis", type(...), lambda value: True, lambda data: ...),
    Mark("$datetime", datetime, lambda value: value.isoformat(), datetime.fromisoformat),  # before date: a datetime is one
    Mark("$date", date, lambda value: value.isoformat(), date.fromisoformat),
)
FLOAT = Mark("$float", float, repr, float)
DICT = Mark("$dict", dict, lambda value: value, _free_dict)


def _statement_text(id: StatementId) -> str:
    return f"{id.cell}.{id.index}"


def _statement(text: Any, where: str) -> StatementId:
    cell, dot, index = text.partition(".") if isinstance(text, str) else ("", "", "")
    _expect(bool(dot) and cell.lstrip("-").isdigit() and index.isdigit(), text, where, "a statement such as 3.0")
    return StatementId(int(cell), int(index))


def _key_text(key: Any) -> str:
    """A mapping's key: a name, a statement "3.0", or both "3.0 name"."""
    if isinstance(key, StatementId):
        return _statement_text(key)
    return key if isinstance(key, str) else f"{_statement_text(key[0])} {key[1]}"


def _key(text: str, kind: Any, where: str) -> Any:
    if kind is str:
        return text
    if kind is StatementId:
        return _statement(text, where)
    id, _, name = text.partition(" ")
    return _statement(id, where), name


def _item_kinds(arguments: tuple[Any, ...], length: int) -> tuple[Any, ...]:
    return (arguments[0],) * length if arguments[-1:] == (...,) else arguments


def _hints(value: Any) -> Mapping[str, Any]:
    kind: Any = type(value)
    return _fields(kind)


@cache
def _fields(kind: Any) -> Mapping[str, Any]:
    return types.MappingProxyType(get_type_hints(kind))


@cache
def _required(kind: Any) -> tuple[str, ...]:
    if _is_named_tuple(kind):
        return tuple(name for name in kind._fields if name not in kind._field_defaults)
    gone = dataclasses.MISSING
    return tuple(field.name for field in dataclasses.fields(kind) if field.default is gone and field.default_factory is gone)


def _private(kind: Any) -> frozenset[str]:
    """Fields that never leave the process."""
    return (
        frozenset(field.name for field in dataclasses.fields(kind) if field.metadata.get("private"))
        if dataclasses.is_dataclass(kind)
        else frozenset()
    )


def _is_named_tuple(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def _is_function(hint: Any) -> bool:
    return get_origin(hint) is collections.abc.Callable or any(get_origin(option) is collections.abc.Callable for option in get_args(hint))


def _expect(fits: bool, data: Any, where: str, wanted: str) -> None:
    """Raises a `ReadError` that says what was wanted where, unless the data fits."""
    if not fits:
        raise ReadError(f"{where} should be {wanted}, not {data!r:.60}", "was this written by another version of nb2prod?")
