"""What a value holds -> running digests of it, within a limit of time and of things looked at, and without running code of the notebook:
types are asked by `type`, for `isinstance` may ask the value itself.

    looker.take({"a": [1, 2]}, 0, own=True)   ->   looker.common, looker.wholes, looker.objects == {id of the dict, id of the list}

Equal content gives equal digests, in every process. Of large buffers evenly spaced pieces go into `common`, and the whole into `wholes` while
the time lasts. `objects` are the changeable objects found on the way that notebook code can get hold of, `memory` the owners of the buffers
beneath arrays.
"""

from __future__ import annotations

import array
import hashlib
import itertools
import sys
import time
import types
import zlib
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from nb2prod.recording.probe.contents import LIBRARIES
from nb2prod.recording.probe.naming import Home, type_name

NODES = 8_000
INNER_NODES = 1_500  # of these inside the objects of libraries
DEPTH = 40
GRACE = 0.1  # seconds for samples when the time for whole buffers is over
MANY = 1 << 16
SPACED = 1000
OBJECTS = 2_000
PACKED_FROM = 32  # longer lists of one simple type are taken in as one piece
BLOCK = 1 << 16
BLOCKS = 64  # a larger buffer is sampled by so many blocks
STRETCH = 4 << 20  # what is looked at between two looks at the clock
SIMPLE = (type(None), bool, int, float, complex, str, bytes)
STANDARD = frozenset(
    getattr(
        sys, "stdlib_module_names", ("builtins", "collections", "random", "io", "_io", "types", "array", "datetime", "queue", "decimal")
    )
)
STATELESS = ("builtins", "_thread", "threading", "_io", "weakref", "_socket")
NAMED = (type, types.ModuleType, types.BuiltinFunctionType)


class Looker:
    """Takes a value in, piece by piece."""

    def __init__(self, home: Home, deadline: float, nodes: int = NODES) -> None:
        self.home = home
        self.deadline = deadline
        self.common: Any = hashlib.blake2b(digest_size=8)
        self.wholes: List[int] = []
        self.inner: Any = hashlib.blake2b(digest_size=8)  # the same for what lies inside a library's objects
        self.inner_wholes: List[int] = []
        self.complete = True
        self.broken = False
        self.mentions: Set[str] = set()
        self.objects: Set[int] = set()
        self.memory: Set[int] = set()
        self.nodes = self._nodes = nodes
        self._inner_nodes = min(nodes, INNER_NODES)
        self._met: Dict[int, int] = {}
        self._held: List[object] = []  # so that no id is used twice

    def add(self, text: str) -> None:
        self.common.update(text.encode("utf-8", "surrogatepass"))
        self.common.update(b"\0")

    def met(self) -> int:
        """How many things were looked at."""
        return len(self._met)

    def late(self) -> bool:
        """Whether there is only time for samples."""
        return time.perf_counter() > self.deadline

    def too_late(self) -> bool:
        """Whether there is no time even for that, and the look is worth nothing."""
        self.broken = self.broken or time.perf_counter() > self.deadline + GRACE
        return self.broken

    def take(self, value: Any, depth: int, own: bool) -> None:
        """Takes in a value; `own` says that notebook code can get hold of it without reaching into a library's insides."""
        kind = type(value)
        self._nodes -= 1
        if kind in SIMPLE:
            self._simple(kind, value)
            return
        if id(value) in self._met:
            self.add("again %d" % self._met[id(value)])
            return
        if self.common is self.inner:
            self._inner_nodes -= 1
        if min(self._nodes, self._inner_nodes) < 0 or depth > DEPTH or (self._nodes % 64 == 0 and self.too_late()):
            self.complete = False
            return
        self._met[id(value)] = len(self._met)
        self._held.append(value)
        self.add(type_name(value))
        try:
            self._take(kind, value, depth + 1, own)
        except Exception as error:
            self.complete = False
            self.add(type(error).__name__)

    def _simple(self, kind: type, value: Any) -> None:
        if kind is str and len(value) > BLOCK:
            self.buffer(value.encode("utf-8", "surrogatepass"))
        elif kind is bytes:
            self.buffer(value)
        else:
            self.add(kind.__name__[0] + (value if kind is str else repr(value)))

    def _take(self, kind: type, value: Any, depth: int, own: bool) -> None:
        container = CONTAINERS.get(kind)
        if container is not None:
            if own and kind is not tuple and kind is not frozenset:
                self._own(value)
            container(self, value, depth, own)
            return
        for module, take in LIBRARIES:
            if module in sys.modules and take(self, value, depth, own):
                return
        if issubclass(type(value), NAMED):
            self.add(str(getattr(value, "__name__", "")))
            if issubclass(type(value), type) and self.home.owns(value.__module__):
                self._class(value, depth)
            return
        if own and not issubclass(type(value), types.FunctionType):
            self._own(value)
        if self.home.owns(kind.__module__) or kind.__module__.split(".")[0] in STANDARD:
            self._instance(kind, value, depth, own)
        else:
            with self.inside():
                self._instance(kind, value, depth, False)

    def _own(self, value: object) -> None:
        if len(self.objects) < OBJECTS:
            self.objects.add(id(value))

    def each(self, values: Any, depth: int, own: bool) -> None:
        for value in values:
            if self._nodes < 0:
                self.complete = False
                return
            self.take(value, depth, own)

    def long_sequence(self, values: Any, depth: int, own: bool) -> None:
        """Very many items: evenly spaced ones always, all of them while the time lasts."""
        self.sequence(list(values[:: len(values) // SPACED]), depth, own)
        outer = self.common
        for start in range(0, len(values), MANY):
            if self.late() or self._nodes < 0:
                self.complete = False
                break
            self.common = hashlib.blake2b(digest_size=8)
            self.sequence(list(values[start : start + MANY]), depth, own)
            self.wholes.append(int.from_bytes(self.common.digest(), "big"))
        self.common = outer

    def sequence(self, values: Any, depth: int, own: bool) -> None:
        """The items of a list or tuple: as one piece when they are many and of one simple type."""
        self.add(str(len(values)))
        if len(values) > MANY:
            self.long_sequence(values, depth, own)
            return
        if len(values) >= PACKED_FROM:
            kinds = set(map(type, values))
            packed = PACKED.get(next(iter(kinds))) if len(kinds) == 1 else None
            if packed is not None:
                try:
                    self.buffer(packed(values))
                    return
                except OverflowError:  # an integer that no machine word holds
                    pass
            if kinds and all(kind in SIMPLE for kind in kinds):
                self.buffer("\0".join(map(repr, values)).encode("utf-8", "surrogatepass"))
                return
        self.each(values, depth, own)

    def mapping(self, values: Any, depth: int, own: bool) -> None:
        self.add(str(len(values)))
        if len(values) >= PACKED_FROM:
            pairs = list(values.items())
            self.sequence([key for key, _ in pairs], depth, own)
            self.sequence([item for _, item in pairs], depth, own)
            return
        for key, item in list(values.items()):
            if self._nodes < 0:
                self.complete = False
                return
            self.take(key, depth, own)
            self.take(item, depth, own)

    def unordered(self, values: Any, depth: int, own: bool) -> None:
        """The items of a set, in whatever order they come."""
        self.add(str(len(values)))
        if len(values) > NODES:
            self.complete = False
            return
        outer, total = self.common, 0
        for value in values:
            self.common = hashlib.blake2b(digest_size=8)
            self.take(value, depth, own)
            total += int.from_bytes(self.common.digest(), "big")
        self.common = outer
        self.add(str(total))

    def buffer(self, data: Any) -> None:
        """Raw bytes: a sample always, all of them while the time lasts."""
        view = memoryview(data)
        view = view if view.format == "B" and view.ndim == 1 else view.cast("B")
        size = len(view)
        self.add("bytes %d" % size)
        if size <= BLOCK * 4:
            self.common.update(view)
            return
        step = size // BLOCKS
        sample = 0
        for start in range(0, size, step):
            sample = zlib.crc32(view[start : start + 4096], sample)
        sample = zlib.crc32(view[-4096:], sample)
        self.add(str(sample))
        whole = 0
        for start in range(0, size, STRETCH):
            if self.late():
                self.complete = False
                return
            whole = zlib.crc32(view[start : start + STRETCH], whole)
        self.wholes.append(whole)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What is taken in meanwhile lies inside a library's object."""
        outer = self.common, self.wholes
        self.common, self.wholes = self.inner, self.inner_wholes
        try:
            yield
        finally:
            self.common, self.wholes = outer

    def _class(self, value: Any, depth: int) -> None:
        """What a class of the notebook's keeps in itself."""
        self._own(value)
        skipped = (types.FunctionType, staticmethod, classmethod, property, types.GetSetDescriptorType, types.MemberDescriptorType)
        for name, item in sorted(vars(value).items()):
            if not name.startswith("__") and not isinstance(item, skipped):
                self.add(name)
                self.take(item, depth, own=True)

    def _instance(self, kind: type, value: Any, depth: int, own: bool) -> None:
        state = _attributes(value)
        if state and not self.home.owns(kind.__module__):
            state = {name: item for name, item in state.items() if not _is_remembered(kind, name)}
        if state is not None:
            self.mapping(state, depth, own or issubclass(type(value), types.FunctionType))
        if self.home.owns(kind.__module__):
            for base in kind.__mro__:
                if self.home.owns(base.__module__):
                    self.mentions.update(*(names_in(item.__code__) for item in vars(base).values() if isinstance(item, types.FunctionType)))
        special = next((take for kinds, take in SPECIAL if issubclass(type(value), kinds)), None)
        if special is not None:
            special(self, value, depth, own)
        elif (state is None or _is_compiled(kind)) and kind.__module__.split(".")[0] not in STATELESS:
            self._reduced(value, depth)

    def _reduced(self, value: Any, depth: int) -> None:
        """An object of a compiled library, by what it would be pickled as."""
        if self.home.owns(type(value).__module__):
            return
        try:
            parts = value.__reduce_ex__(4)
        except Exception:
            self.complete = False
            return
        if isinstance(parts, tuple):
            state, items = list(parts[1:3]), parts[3:5]
            self.each(state + [list(itertools.islice(part, NODES)) for part in items if part is not None], depth, own=False)


def _attributes(value: Any) -> Optional[Dict[str, Any]]:
    """The attributes an object keeps itself, without asking its own code; None where it has no place for any."""
    try:
        found = dict(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        found = None
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            descriptor = kind.__dict__.get(name)
            if isinstance(descriptor, types.MemberDescriptorType):
                try:
                    found = dict(found or {}, **{name: descriptor.__get__(value)})
                except AttributeError:
                    continue
    return found


def _is_remembered(kind: type, name: str) -> bool:
    """Whether an attribute of a library's object only keeps what was computed once, which looking at the object may bring about."""
    if name.startswith(("_cache", "__cache")) or name == "_memo":
        return True
    given = next((base.__dict__[name] for base in kind.__mro__ if name in base.__dict__), None)
    descriptor = type(given)
    lazy = hasattr(descriptor, "__get__") and not hasattr(descriptor, "__set__")
    return lazy and not issubclass(descriptor, (types.FunctionType, staticmethod, classmethod))


def _is_compiled(kind: type) -> bool:
    """Whether a type was made by a compiled library, which may keep state that no attribute shows."""
    return not kind.__flags__ & (1 << 9)  # no heap type


def names_in(code: types.CodeType) -> Set[str]:
    """The names that a function and those defined in it look up outside."""
    inner = [names_in(item) for item in code.co_consts if isinstance(item, types.CodeType)]
    return set(code.co_names).union(*inner)


def _function(looker: Looker, value: Any, depth: int, own: bool) -> None:
    if not looker.home.owns(value.__module__ or ""):
        looker.add(value.__qualname__)
        return
    looker.mentions.update(names_in(value.__code__))
    looker.buffer(value.__code__.co_code)
    looker.each([value.__defaults__, value.__kwdefaults__], depth, own=True)
    for cell in value.__closure__ or ():
        try:
            looker.take(cell.cell_contents, depth, own=True)
        except ValueError:  # nothing in it yet
            looker.add("empty")


def _generator(looker: Looker, value: Any, depth: int, own: bool) -> None:
    frame = value.gi_frame
    looker.add("ended" if frame is None else str(frame.f_lasti))
    if frame is not None:
        looker.mapping(dict(frame.f_locals), depth, own)


def _iterator(looker: Looker, value: Any, depth: int, own: bool) -> None:
    looker.add(str(value.__length_hint__()))


ITERATORS: Tuple[type, ...] = tuple(type(iter(kind())) for kind in (list, tuple, dict, set)) + (type(iter(range(0))), type(reversed([])))
SPECIAL: Tuple[Tuple[Any, Callable[[Looker, Any, int, bool], None]], ...] = (
    (types.FunctionType, _function),
    (types.MethodType, lambda looker, value, depth, own: looker.each([value.__func__, value.__self__], depth, own)),
    (types.GeneratorType, _generator),
    (ITERATORS, _iterator),
    (dict, lambda looker, value, depth, own: looker.mapping(_Plain(dict.items(value)), depth, own)),
    (list, lambda looker, value, depth, own: looker.sequence(list.copy(value), depth, own)),
    (tuple, lambda looker, value, depth, own: looker.sequence(tuple.__add__(value, ()), depth, own)),
    ((set, frozenset), lambda looker, value, depth, own: looker.unordered(frozenset(value), depth, own)),
)


class _Plain:
    """The pairs of a dict of a notebook's own kind, without its own methods."""

    def __init__(self, pairs: Any) -> None:
        self._pairs = list(pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def items(self) -> Any:
        return self._pairs


CONTAINERS: Dict[type, Callable[[Looker, Any, int, bool], None]] = {
    list: Looker.sequence,
    tuple: Looker.sequence,
    dict: Looker.mapping,
    set: Looker.unordered,
    frozenset: Looker.unordered,
    bytearray: lambda looker, value, depth, own: looker.buffer(bytes(value)),
    slice: lambda looker, value, depth, own: looker.each([value.start, value.stop, value.step], depth, own),
    range: lambda looker, value, depth, own: looker.add(repr(value)),
}
PACKED: Dict[type, Callable[[Any], Any]] = {
    float: lambda values: array.array("d", values),
    int: lambda values: array.array("q", values),
    bool: lambda values: bytes(values),
    str: lambda values: "\0".join(values).encode("utf-8", "surrogatepass"),
}
