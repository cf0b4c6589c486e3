"""Gives the random generators a known state before anything runs, so that an unseeded notebook and its package draw the same numbers.

seed(0)   ->   random, numpy.random and, where the notebook uses it, torch start from 0
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import sys
from typing import Any, Callable, Dict


def seed(orders: Dict[str, Any]) -> None:
    """Seeds every generator the run may draw from, when the orders name a seed."""
    number = orders.get("seed")
    if number is None:
        return
    random.seed(number)
    if importlib.util.find_spec("numpy") is not None:
        import numpy

        numpy.random.seed(number)
        # where generators of their own, made without a seed, get their entropy from
        setattr(numpy.random.bit_generator, "randbits", entropy(number))  # noqa: B010
    if "torch" in orders["modules"] or "torch" in sys.modules:
        torch = importlib.import_module("torch")

        torch.manual_seed(number)


def entropy(number: int) -> Callable[[int], int]:
    """Random bits for generators that are made without a seed: one after another for the notebook's own, by the place for a library's.

    A plot that is dropped would otherwise give all later plots other numbers; generators that the notebook itself makes stay apart.
    """
    own = random.Random(number)

    def bits(count: int) -> int:
        frame = sys._getframe(1)
        if "site-packages" not in frame.f_code.co_filename and "dist-packages" not in frame.f_code.co_filename:
            return own.getrandbits(count)
        return random.Random("%s %s %s" % (number, frame.f_globals.get("__name__"), frame.f_lineno)).getrandbits(count)

    return bits
