"""The names of a plan and its live code -> under which names the modules our own code needs are at hand.

copy = df.copy()                 copy.deepcopy must not be spelled so:   Names.modules["copy"] == "copy_module"
import matplotlib.pyplot as p    the notebook's own name is used:        Names.modules["matplotlib.pyplot"] == "p"
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nb2prod.model.plan import Import, Plan

MODULES = {
    "asyncio": "asyncio",
    "builtins": "builtins",
    "concurrent.futures": "futures",
    "contextlib": "contextlib",
    "copy": "copy",
    "functools": "functools",
    "io": "io",
    "matplotlib.pyplot": "plt",
    "os": "os",
    "pathlib": "pathlib",
    "re": "re",
    "subprocess": "subprocess",
    "sys": "sys",
}
BUILTINS = frozenset(dir(builtins))
ALWAYS_THERE = BUILTINS | {"__name__", "__file__", "__doc__", "__builtins__"}


@dataclass(frozen=True)
class Names:
    """What code we write must know about names.

    `modules` gives the name for each module in MODULES; `bound` are the names the notebook's own live code binds (imports aside), `read`
    those it mentions, `taken` all that mean something already; `stage` says that the code is a stage's and not a definition's;
    `open_figures` that its shown figures are captured by the caller; `notebook_only` gives the dotted path behind names of IPython's.
    """

    modules: Mapping[str, str]
    bound: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    stage: bool = True
    open_figures: bool = False
    notebook_only: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def support(self) -> dict[str, Import]:
        """The import behind each name in `modules`."""
        return {bound: _import_of(module, bound) for module, bound in self.modules.items()}


def plan_names(plan: Plan, sources: Iterable[str]) -> Names:
    """The names to use in the modules of `plan`, whose live statements are `sources`."""
    trees = [ast.parse(source) for source in sources]
    bound = frozenset(name for tree in trees for name in bound_names(tree))
    read = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    planned = {name for group in (plan.parameters, plan.stages, plan.definitions, plan.results) for name in (noun.name for noun in group)}
    taken = bound | read | planned | {imported.bound for imported in plan.imports} | BUILTINS
    if any(imported.attribute == "*" for imported in plan.imports):  # a star may bring any name: `from numpy import *` brings `copy`
        taken |= set(MODULES.values())
    own = {_full_name(imported): imported.bound for imported in plan.imports if imported.bound not in bound}
    modules = {module: own.get(module) or free_name(usual, taken) for module, usual in MODULES.items()}
    notebook_only = {imported.bound: _full_name(imported) for imported in plan.imports if imported.module.partition(".")[0] == "IPython"}
    return Names(modules, bound, taken | frozenset(modules.values()), frozenset(read), notebook_only=notebook_only)


def bound_names(tree: ast.AST) -> set[str]:
    """Every name bound anywhere in the code, arguments included and imports not."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            found.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            found.add(node.rest or "")
    return found - {""}


def free_name(usual: str, taken: Iterable[str]) -> str:
    """`usual`, or the first name like it that is not taken."""
    taken = frozenset(taken)
    tries = [usual, f"{usual}_module", *(f"{usual}_module_{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in tries if name not in taken)


def _full_name(imported: Import) -> str:
    """The dotted path that the bound name means: `a` for `import a.b`."""
    if imported.attribute:
        return f"{imported.module}.{imported.attribute}"
    return imported.bound if imported.bound == imported.module.split(".")[0] else imported.module


def _import_of(module: str, bound: str) -> Import:
    parent, _, child = module.rpartition(".")
    if parent and bound == child:
        return Import(bound, parent, child)
    return Import(bound, module)
