"""One look at a value: what it came to, and whether it differs from an earlier one.

    look({"a": [1, 2]}, home, 0.1)   ->   Look(full="5d1f...", sample="77c0...", shape=(1,), objects={id of the dict, id of the list}, ...)

`full` stands for all of the content and is empty where time or patience ran out; `sample` can be had of nearly anything.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any, Optional, Tuple

from nb2prod.recording.probe.digests import NODES, Looker
from nb2prod.recording.probe.naming import Home

UNSEEN = "~"  # stands for content nobody looked at


class Look:
    """What one look at a value came to; `full` is empty where it could not be taken in as a whole."""

    def __init__(self, full: str, sample: str, seconds: float, looker: "Looker", shape: Optional[Tuple[int, ...]]) -> None:
        self.full = full
        self.sample = sample
        self.seconds = seconds
        self.shape = shape
        self.objects = looker.objects
        self.memory = looker.memory
        self.mentions = looker.mentions
        self.met = looker.met()
        self.nodes = looker.nodes
        self.outer = (looker.common.hexdigest(), tuple(looker.wholes))
        self.inner = (looker.inner.hexdigest(), tuple(looker.inner_wholes))

    def told(self) -> str:
        """A digest of all the content, or one of a sample, which can be held against another of its kind ("~300:...") only."""
        return self.full or ("~%d:%s" % (self.nodes, self.sample) if self.sample else UNSEEN)

    def differs(self, other: "Look") -> bool:
        """Whether the content is surely another one; False where one look saw too little."""
        if self.full and other.full:
            return self.full != other.full
        return bool(self.sample and other.sample and self.nodes == other.nodes and self.sample != other.sample)

    def differs_inside(self, other: "Look") -> bool:
        """Whether, of content that differs, only the insides of a library's objects do, which may be what it remembers or counts."""
        return self.outer == other.outer and self.inner != other.inner


def look(value: object, home: Home, seconds: float, nodes: int = NODES) -> Look:
    """One look at a value, at so many things in it at most; never raises."""
    started = time.perf_counter()
    looker = Looker(home, started + seconds, nodes)
    looker.take(value, 0, own=True)
    pieces = looker.common.digest() + looker.inner.digest()
    sample = hashlib.blake2b(pieces, digest_size=8).hexdigest() if not looker.broken else ""
    whole = hashlib.blake2b(pieces + repr((looker.wholes, looker.inner_wholes)).encode("ascii"), digest_size=8).hexdigest()
    full = whole if looker.complete and not looker.broken else ""
    return Look(full, sample, time.perf_counter() - started, looker, shape_of(value))


def shape_of(value: Any) -> Optional[Tuple[int, ...]]:
    """The size of an array, a frame or a container of the language."""
    try:
        if type(value) in SIZED:
            return (len(value),)
        shape = type(value).__module__.split(".")[0] in SHAPED and getattr(value, "shape", None)
        return tuple(int(size) for size in shape) if isinstance(shape, tuple) else None
    except Exception:
        return None


SIZED = (list, tuple, dict, set, frozenset, str, bytes)
SHAPED = ("numpy", "pandas", "scipy", "torch", "polars", "tensorflow", "xarray", "geopandas")
