"""What crosses each possible stage border: names needed and given by every body statement, and where no border may be.

0: df = load(path)      gives df
1: n = len(df)          needs df, gives n            border after 0: {df}     after 1: {n}
2: print(n)             needs n
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from nb2prod.model.dataflow import Location
from nb2prod.model.notebook import Place, StatementId
from nb2prod.model.plan import Definition, Parameter
from nb2prod.planning.code import LiveCode, outliving_names


@dataclass(frozen=True)
class Need:
    """One body statement: the variables and parameters it needs, the variables it surely or perhaps gives, those its leftover code reads
    later, and those it `passes` on: it perhaps gives them anew, and does not look at the value they had."""

    id: StatementId
    needs: frozenset[str]
    parameters: frozenset[str]
    gives: frozenset[str]
    may_give: frozenset[str]
    later: frozenset[str]
    passes: frozenset[str] = frozenset()


def needs_of(
    body: tuple[StatementId, ...],
    code: LiveCode,
    definitions: tuple[Definition, ...],
    fixed: frozenset[str],
    parameters: tuple[Parameter, ...],
) -> tuple[Need, ...]:
    """The needs of every body statement; `fixed` names (imports and moved definitions) live at module level."""
    variables = {p.variable: p.name for p in parameters if p.variable}
    names = frozenset(p.name for p in parameters)
    bare: dict[int, list[tuple[str, Place]]] = {}  # values written where they are used, by cell
    for p in parameters:
        for place in p.places if not p.variable else ():
            bare.setdefault(place.cell, []).append((p.name, place))
    handed = {d.name: frozenset(d.globals) for d in definitions}
    found: list[Need] = []
    known: set[str] = set()
    for id in body:
        mentions = code.by_statement[id]
        read = {r.name for r in mentions if r.context != "store"} | augmented(id, code)
        mentioned = {name for name in read if name in code.stores and name not in fixed}
        given_to = frozenset().union(*(handed.get(r.name, frozenset()) for r in mentions if r.context == "load"))
        public = {variables[name] for name in mentioned if name in variables} | (given_to & names)
        public |= {name for name, place in bare.get(id.cell, ()) if code.holds(id, place)}
        effects = code.effects[id]
        stored = {r.name for r in mentions if r.context == "store" and not r.deferred} | {
            x.key for x in effects.updates if x.kind == "name" and x.key != "*"
        }
        stored = {name for name in stored if name in code.stores and name not in fixed and name not in variables}
        sure = frozenset(name for name in stored if Location("name", name) in effects.defines)
        later = frozenset(
            r.name for r in mentions if r.deferred and r.name in code.stores and r.name not in fixed and r.name not in variables
        )
        keeps_all = "keeps_code" in effects.marks or code.decisions[id].role == "definition"
        leftover = later if keeps_all else later & generator_names(id, code)
        unseen = frozenset(name for name in stored if binds_before_it_reads(name, id, code))
        needed = ((mentioned - set(variables)) | (stored - sure)) - unseen | (given_to - public)
        passes = (unseen - sure) & known
        found.append(Need(id, frozenset(needed & known), frozenset(public), sure, frozenset(stored) - sure, leftover, passes))
        known |= stored
    return tuple(found)


def binds_before_it_reads(name: str, id: StatementId, code: LiveCode) -> bool:
    """Whether a statement binds a name itself and never reads a value that the name had before."""
    effects = code.effects[id]
    mentions = [r for r in code.by_statement[id] if r.name == name]
    own = any(r.context == "store" for r in mentions) and all(r.context in ("load", "store") and not r.deferred for r in mentions)
    return own and not effects.opaque and Location("name", name) not in effects.uses


def with_names_from_texts(needs: tuple[Need, ...], wanted: frozenset[str], code: LiveCode) -> tuple[Need, ...]:
    """The needs, where the last statement that runs code in a text gives what is `wanted` and nobody else gives."""
    made = wanted.difference(*(need.gives | need.may_give for need in needs)) - set(code.stores)
    last = max((need.id for need in needs if need.id in code.reflects), key=code.rank.__getitem__, default=None)
    return tuple(replace(need, may_give=need.may_give | made) if need.id == last else need for need in needs)


def augmented(id: StatementId, code: LiveCode) -> set[str]:
    """Names that `+=` and its like change, which are read although they stand where names are bound."""
    changes = (node.target for node in ast.walk(code.tree(id)) if isinstance(node, ast.AugAssign))
    return {target.id for target in changes if isinstance(target, ast.Name)}


def generator_names(id: StatementId, code: LiveCode) -> frozenset[str]:
    """Names read by generator expressions of a statement that are consumed later, perhaps by another one."""
    generators = [node for node in ast.walk(code.tree(id)) if isinstance(node, ast.GeneratorExp)]
    return outliving_names(code.tree(id)) if generators else frozenset()
