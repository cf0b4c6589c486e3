"""Functions and classes that move to module level, with the notebook values they read turned into arguments.

    LIMIT = 3
    def big(d): return d[d.x > LIMIT]     Definition("big", globals=("limit",), calls=(the call in cell 5,))
    big(df)

A function that cannot move without changing what it means (it binds notebook names, is redefined, is handed on while a name it reads is still
to change ...) stays a statement of its stage, where it closes over the stage's own variables.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nb2prod.model.dataflow import Reference
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition
from nb2prod.planning.code import LiveCode, outliving_names, own_scope


@dataclass(frozen=True)
class Movable:
    """A definition that may move: where it is made, what its body reads from the notebook (other definitions among it), and what of that
    is read by code that may run after a call of it has returned."""

    name: str
    statement: StatementId
    reads: frozenset[str]
    is_class: bool
    keeps: frozenset[str] = frozenset()


def plan_definitions(code: LiveCode, imported: frozenset[str], parameters: Mapping[str, str]) -> tuple[Definition, ...]:
    """The definitions that move, each with the values to hand over; `parameters` maps a variable to its parameter's name.

    Candidates are taken away one by one until all that are left can move together (a class or function that stays is a value the others read).
    """
    movable = {m.name: m for id in code.statements if (m := candidate(id, code))} if not code.reflects else {}
    while True:
        needs = needed_globals(movable, code, imported)
        refused = next((name for name, m in movable.items() if not can_move(m, needs, movable, code, imported, parameters)), None)
        if refused is None:
            break
        del movable[refused]
    return tuple(definition(m, needs[m.name], code, parameters) for m in movable.values())


def candidate(id: StatementId, code: LiveCode) -> Movable | None:
    """A live function or class that is the only binder of its name and binds no notebook names from inside."""
    if code.decisions[id].role != "definition":
        return None
    name = next(r.name for r in code.by_statement[id] if r.context == "store" and not r.deferred and not r.function)
    inner = [r for r in code.by_statement[id] if r.function == name]
    if code.stores[name] != [id] or any(r.context in ("store", "del") and r.deferred for r in inner):
        return None
    if any(isinstance(node, ast.Global) for node in ast.walk(code.tree(id))):
        return None
    reads = frozenset(r.name for r in inner if r.context in ("load", "text"))
    return Movable(name, id, reads, isinstance(code.tree(id), ast.ClassDef), reads if runs_later(code.tree(id)) else reads & outliving_names(code.tree(id)))


def runs_later(tree: ast.stmt) -> bool:
    """Whether the body of a function runs after its call has returned: a coroutine or a generator."""
    body = tree.body if isinstance(tree, ast.FunctionDef) else ()
    return isinstance(tree, ast.AsyncFunctionDef) or any(isinstance(node, (ast.Yield, ast.YieldFrom)) for part in body for node in own_scope(part))


def needed_globals(movable: Mapping[str, Movable], code: LiveCode, imported: frozenset[str]) -> dict[str, frozenset[str]]:
    """What each movable definition must be handed: notebook variables it reads, or that movable functions it mentions read."""
    own = {name: frozenset(r for r in m.reads if r in code.stores and r not in imported and r not in movable) for name, m in movable.items()}
    needs = dict(own)
    changed = True
    while changed:
        changed = False
        for name, m in movable.items():
            wider = needs[name].union(*(needs[other] for other in m.reads if other in movable and other != name))
            changed |= wider != needs[name]
            needs[name] = wider
    return needs


def can_move(
    m: Movable,
    needs: Mapping[str, frozenset[str]],
    movable: Mapping[str, Movable],
    code: LiveCode,
    imported: frozenset[str],
    parameters: Mapping[str, str],
) -> bool:
    """Whether a definition means the same at module level."""
    header = [r for r in code.by_statement[m.statement] if not r.function and r.context == "load"]
    early = header + [r for r in code.by_statement[m.statement] if m.is_class and r.function == m.name and not r.deferred]
    if any(r.name in code.stores and r.name not in imported and not before(r.name, m, movable, code) for r in early if r.context == "load"):
        return False
    if any(r.name == m.name and r.name in code.stores for r in header):
        return False
    if not needs[m.name]:
        return True
    if m.is_class:
        return False
    mentions = [r for r in code.references if r.name == m.name and r.context == "load"]
    return all(mention_works(r, needs[m.name], movable, code, parameters) for r in mentions)


def before(name: str, m: Movable, movable: Mapping[str, Movable], code: LiveCode) -> bool:
    """Whether a name used when the definition is made is itself a definition made before it."""
    return name in movable and not movable[name].reads & set(code.stores) - set(movable) and code.rank[movable[name].statement] < code.rank[m.statement]


def mention_works(r: Reference, needed: Iterable[str], movable: Mapping[str, Movable], code: LiveCode, parameters: Mapping[str, str]) -> bool:
    """Whether the needed values are at hand, under their own names, where a function is called or handed on."""
    if r.function and r.function not in movable:
        return False
    if set(needed) & code.local_names(r.statement) or {parameters.get(name, name) for name in needed} & code.local_names(r.statement):
        return False
    for name in needed:
        if name in parameters:
            continue
        stores = [code.rank[id] for id in code.stores[name]]
        here = code.rank[r.statement]
        if not r.function and min(stores) >= here:
            return False
        later = any(store >= here for store in stores)
        if (r.call is None or (r.deferred and not r.function)) and later:
            return False
        if r.function and r.call is None and len(stores) > 1:
            return False
    return True


def definition(m: Movable, needed: frozenset[str], code: LiveCode, parameters: Mapping[str, str]) -> Definition:
    """A movable definition with the places of its calls and of its mentions as a value."""
    names = tuple(sorted(parameters.get(name, name) for name in needed))
    mentions = [r for r in code.references if r.name == m.name and r.context == "load"] if names else []
    calls = tuple(r.place._replace(span=r.call) for r in mentions if r.call is not None)
    escapes = tuple(r.place for r in mentions if r.call is None)
    return Definition(m.name, m.statement, "", names, calls, escapes)
