"""Gives the random generators a known state before anything runs, so that an unseeded notebook and its package draw the same numbers.

seed(0)   ->   random, numpy.random and, where the notebook uses it, torch start from 0
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import sys
from typing import Any, Dict


def seed(orders: Dict[str, Any]) -> None:
    """Seeds every generator the run may draw from, when the orders name a seed."""
    number = orders.get("seed")
    if number is None:
        return
    random.seed(number)
    if importlib.util.find_spec("numpy") is not None:
        import numpy

        numpy.random.seed(number)
        # Where generators of their own, made without a seed, get their entropy from: the same for all of them, because a package makes fewer.
        setattr(numpy.random.bit_generator, "randbits", lambda bits: random.Random(number).getrandbits(bits))  # noqa: B010
    if "torch" in orders["modules"] or "torch" in sys.modules:
        torch = importlib.import_module("torch")

        torch.manual_seed(number)
