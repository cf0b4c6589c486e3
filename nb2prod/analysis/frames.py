"""Scopes inside functions, and snapshots of the names that branches may change.

def f(x): ...; f(1)      a Frame with the locals {"x": 1} while the body is interpreted
if a: b = 1              a Flow with the names before, to go back to for what else may happen
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nb2prod.analysis.values import Scope, Value


@dataclass
class Frame:
    """One scope inside a function, lambda, class or comprehension."""

    locals: Scope = field(default_factory=Scope)
    closure: tuple[Scope, ...] = ()
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    returns: list[Value] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    comprehension: bool = False
    class_body: bool = False
    left: bool = False
    function: str = ""
    self: Value | None = None


@dataclass
class Flow:
    """A snapshot of the names that branches may change, to run a branch from and to join afterwards."""

    names: dict[str, Value]
    assigned: set[str]
    figures: frozenset[str]
    folder: str | None
