"""Packed numbers -> plain Python numbers, and when two of them are close enough, with the standard library alone.

{"dtype": "<f8", "data": "AAAAAAAA8D8="}   ->   [1.0]
close(0.1 + 0.2, 0.3)                      ->   True
"""

from __future__ import annotations

import base64
import math
import struct
import sys
from collections.abc import Sequence
from typing import Any

RELATIVE = 1e-9
WIDEST = 1e-6  # apart at most, however large the numbers: a relative tolerance alone would excuse a euro in a billion
NOTHING = sys.float_info.min  # what is smaller than the smallest normal float counts as zero: memory nobody wrote to is full of it
LAST_BITS = 1e-14  # of a number so large that its own last bits are worth more than that
WHOLE = 2.0**53  # below it a float that is a whole number is a count, and counts are exact
TOLERANCE = "relative tolerance 1e-9, never more than 1e-6, whole numbers exactly"

CODES = {
    **{"b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q"},
    **{"f2": "e", "f4": "f", "f8": "d", "c8": "f", "c16": "d"},
}


def close(expected: float, actual: float) -> bool:
    """Whether two floats agree within the tolerance; nan agrees with nan, and 0.0 with -0.0.

    There is no absolute tolerance: next to zero live p-values and residuals, and both runs do the same arithmetic.
    """
    if expected == actual:
        return True
    if math.isnan(expected) or math.isnan(actual):
        return math.isnan(expected) and math.isnan(actual)
    size, apart = max(abs(expected), abs(actual)), abs(expected - actual)
    if size < NOTHING:
        return True
    if math.isinf(size) or (expected.is_integer() and actual.is_integer() and size <= WHOLE):
        return False
    return apart <= min(RELATIVE * size, max(WIDEST, LAST_BITS * size))


def plain_float(value: Any) -> float:
    """A float from how a picture writes it: a number, or the text nan, inf, -inf, -0.0."""
    return float(value)


def is_float(dtype: str) -> bool:
    """Whether elements of this dtype are compared with tolerance."""
    return dtype[1:2] in ("f", "c")


def decode(dtype: str, data: str) -> Sequence[Any]:
    """The elements of a packed array; a complex number counts as two. Dates and durations come as the integers they are kept as."""
    raw = base64.b64decode(data)
    kind = dtype[1:].split("[")[0]
    code = CODES["i8" if kind[0] in "mM" else kind]
    order = ">" if dtype[0] == ">" else "<"
    return struct.unpack(f"{order}{len(raw) // struct.calcsize(order + code)}{code}", raw)


def per_element(dtype: str) -> int:
    """How many decoded numbers make one element."""
    return 2 if dtype[1:2] == "c" else 1
