"""Functions and classes that move to module level, with the notebook values they read turned into arguments.

    LIMIT = 3
    def big(d): return d[d.x > LIMIT]     Definition("big", globals=("limit",), calls=(the call in cell 5,))
    big(df)

A function that cannot move without changing what it means (it binds notebook names, is redefined, is handed on while a name it reads is still
to change ...) stays a statement of its stage, where it closes over the stage's own variables.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from nb2prod.model.dataflow import Reference
from nb2prod.model.notebook import StatementId
from nb2prod.model.plan import Definition, Import, Parameter
from nb2prod.planning.code import LiveCode, outliving_names, own_scope
from nb2prod.planning.constants import constant_name

# Ways to mention a function that see which object it is, and so would tell it from one with arguments bound.
LOOKS_AT_FUNCTIONS = frozenset(
    "type id hash repr str print isinstance issubclass callable hasattr getattr setattr delattr vars dir help display".split()
)


@dataclass(frozen=True)
class Movable:
    """A definition that may move: where it is made, and what its body reads from the notebook, other definitions among it.

    `keeps` is what of that is read by code that may run after a call of it has returned; `bare` says that it is a function without
    decorators, `constant` that it is an assignment.
    """

    name: str
    statement: StatementId
    reads: frozenset[str]
    keeps: frozenset[str]
    bare: bool = False
    constant: bool = False


def plan_definitions(code: LiveCode, imports: tuple[Import, ...], parameters: tuple[Parameter, ...]) -> tuple[Definition, ...]:
    """The definitions that move, each with the values to hand over, and the constants they read.

    Candidates are taken away one by one until all that are left can move together (a class or function that stays is a value the others read).
    """
    imported = frozenset(one.bound for one in imports)
    paths = {
        one.bound: f"{one.module}.{one.attribute}".rstrip(".") if one.attribute or one.bound != one.module.partition(".")[0] else one.bound
        for one in imports
    }
    public = {parameter.variable or parameter.name: parameter.name for parameter in parameters}
    found = [candidate(id, code, parameters) or constant(id, code, paths, public) for id in code.statements] if not code.reflects else []
    movable = {m.name: m for m in found if m}
    while True:
        together = Together(code, imported, public, movable)
        refused = next((name for name, m in movable.items() if not together.can_move(m)), None)
        if refused is None:
            read = together.read_by_definitions()
            return tuple(together.definition(m) for m in movable.values() if not m.constant or m.name in read)
        del movable[refused]


def candidate(id: StatementId, code: LiveCode, parameters: tuple[Parameter, ...]) -> Movable | None:
    """A live function or class that is the only binder of its name, binds no notebook names from inside, is not changed once it is made
    (two runs in one process would share the change), and does nothing but define when it is made."""
    if code.decisions[id].role != "definition":
        return None
    name = next(r.name for r in code.by_statement[id] if r.context == "store" and not r.deferred and not r.function)
    inner = [r for r in code.by_statement[id] if r.function == name]
    if code.stores[name] != [id] or any(r.context in ("store", "del") and r.deferred for r in inner):
        return None
    tree = code.tree(id)
    if any(isinstance(node, ast.Global) for node in ast.walk(tree)) or code.changed_later(id) or code.acts(id):
        return None
    reads = frozenset(r.name for r in inner if r.context in ("load", "text"))
    bare = isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)) and not tree.decorator_list
    literals = frozenset(p.name for p in parameters if not p.variable and any(code.holds(id, place) for place in p.places))
    if literals and any(code.holds(id, place) and place.span < code.place(id, tree.body[0]).span for p in parameters for place in p.places if not p.variable):  # type: ignore[attr-defined]
        return None  # in the head of the function, which is evaluated when the function is made
    reads |= literals
    return Movable(name, id, reads, reads if runs_later(tree) else reads & outliving_names(tree), bare)


def constant(id: StatementId, code: LiveCode, paths: Mapping[str, str], parameters: Mapping[str, str]) -> Movable | None:
    """An assignment of a constant that is no parameter."""
    if code.decisions[id].role != "code":
        return None
    name = constant_name(id, code, lambda name: paths.get(name, ""))
    if not name or name in parameters or name in code.global_stores:
        return None
    reads = frozenset(r.name for r in code.by_statement[id] if r.context == "load")
    return Movable(name, id, reads, frozenset(), constant=True)


def runs_later(tree: ast.stmt) -> bool:
    """Whether the body of a function runs after its call has returned: a coroutine or a generator."""
    body = tree.body if isinstance(tree, ast.FunctionDef) else ()
    return isinstance(tree, ast.AsyncFunctionDef) or any(
        isinstance(node, (ast.Yield, ast.YieldFrom)) for part in body for node in own_scope(part)
    )


class Together:
    """Definitions that would move together, with what each would have to be handed."""

    def __init__(self, code: LiveCode, imported: frozenset[str], parameters: Mapping[str, str], movable: Mapping[str, Movable]) -> None:
        self.code, self.imported, self.parameters, self.movable = code, imported, parameters, movable
        self.needs = self.spread({name: frozenset(r for r in m.reads if self.is_variable(r)) for name, m in movable.items()})
        kept = {name: frozenset(r for r in m.keeps if self.is_variable(r)) for name, m in movable.items()}
        for name, m in movable.items():  # a function that is kept keeps what it needs
            kept[name] = kept[name].union(*(self.needs[other] for other in m.keeps if other in movable))
        self.keeps = self.spread(kept)

    def is_variable(self, name: str) -> bool:
        """Whether a name is a variable or parameter of the notebook, not an import or a definition that moves."""
        return (name in self.code.stores or name in self.parameters) and name not in self.imported and name not in self.movable

    def spread(self, own: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        """What each definition has itself or through the definitions it mentions."""
        found = dict(own)
        changed = True
        while changed:
            changed = False
            for name, m in self.movable.items():
                wider = found[name].union(*(found[other] for other in m.reads if other in self.movable and other != name))
                changed |= wider != found[name]
                found[name] = wider
        return found

    def read_by_definitions(self) -> set[str]:
        """The constants that functions and classes read, also through other constants."""
        mentions = {name: {r.name for r in self.code.by_statement[m.statement] if r.context == "load"} for name, m in self.movable.items()}
        waiting = [other for name, m in self.movable.items() if not m.constant for other in mentions[name]]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in self.movable and self.movable[name].constant and name not in found:
                found.add(name)
                waiting.extend(mentions[name])
        return found

    def can_move(self, m: Movable) -> bool:
        """Whether a definition means the same at module level."""
        header = [r for r in self.code.by_statement[m.statement] if not r.function and r.context == "load"]
        body = [r for r in self.code.by_statement[m.statement] if r.function == m.name and not r.deferred and r.context == "load"]
        early = [r for r in (*header, *body) if r.name in self.code.stores and r.name not in self.imported]
        if not all(self.made_before(r.name, m) for r in early) or any(r.name == m.name for r in early):
            return False
        needed = self.needs[m.name]
        if not needed:
            return True
        if not m.bare or needed & self.code.global_stores:
            return False
        mentions = [r for r in self.code.mentions_of(m.name) if r.context == "load"]
        return all(self.mention_works(r, m) for r in mentions)

    def made_before(self, name: str, m: Movable) -> bool:
        """Whether a name used when the definition is made is itself a definition, made before it, that needs nothing handed."""
        return name in self.movable and not self.needs[name] and self.code.rank[self.movable[name].statement] < self.code.rank[m.statement]

    def mention_works(self, r: Reference, m: Movable) -> bool:
        """Whether the needed values are at hand, under their own names, where a function is called or handed on."""
        needed, code = self.needs[m.name], self.code
        if r.function and r.function not in self.movable:
            return False
        if needed & code.local_names(r.statement) or {self.parameters.get(name, name) for name in needed} & code.local_names(r.statement):
            return False
        if r.call is None and not escapes_unseen(m.name, code.tree(r.statement)):
            return False
        if takes_any_keyword(code.tree(m.statement)) and not clear_keywords(
            m.name, needed | {self.parameters.get(n, n) for n in needed}, code.tree(r.statement)
        ):
            return False
        return all(self.value_holds(name, r, m) for name in needed if name not in self.parameters)

    def value_holds(self, name: str, r: Reference, m: Movable) -> bool:
        """Whether the value a variable has at a mention is the one the function would read."""
        stores = [self.code.rank[id] for id in self.code.stores[name]]
        here = self.code.rank[r.statement]
        outlives = r.call is None or r.deferred or name in self.keeps[m.name]
        if r.function:
            return r.call is not None or len(stores) == 1
        return min(stores) < here and not (outlives and max(stores) >= here)

    def definition(self, m: Movable) -> Definition:
        """A movable definition with the places of its calls and of its mentions as a value."""
        names = tuple(sorted(self.parameters.get(name, name) for name in self.needs[m.name]))
        mentions = [r for r in self.code.mentions_of(m.name) if r.context == "load"] if names else []
        calls = tuple(r.place._replace(span=r.call) for r in mentions if r.call is not None)
        escapes = tuple(r.place for r in mentions if r.call is None)
        return Definition(m.name, m.statement, "", names, calls, escapes)


def escapes_unseen(name: str, tree: ast.stmt) -> bool:
    """Whether nobody can tell a function from the same with arguments bound, wherever a statement hands it on: given to a call, put into a
    list or under a key, bound to a name, returned."""
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.Name) and child.id == name and isinstance(child.ctx, ast.Load) and not hands_on(parent, child):
                return False
    return True


def takes_any_keyword(tree: ast.stmt) -> bool:
    """Whether a function has `**options`."""
    return isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)) and tree.args.kwarg is not None


def clear_keywords(name: str, handed: frozenset[str], tree: ast.stmt) -> bool:
    """Whether no keyword a statement gives to a function, now or later, can be one of the names that are to be handed to it."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name]
    mentions = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)]
    keywords = [keyword.arg for call in calls for keyword in call.keywords]
    return len(calls) == len(mentions) and not any(keyword is None or keyword in handed for keyword in keywords)


def hands_on(parent: ast.AST, child: ast.Name) -> bool:
    if isinstance(parent, ast.Call):
        return child is parent.func or not (isinstance(parent.func, ast.Name) and parent.func.id in LOOKS_AT_FUNCTIONS)
    if isinstance(parent, ast.Assign):
        return all(isinstance(target, ast.Name) for target in parent.targets)
    if isinstance(parent, ast.Dict):
        return child not in parent.keys
    return isinstance(parent, (ast.keyword, ast.List, ast.Tuple, ast.Return, ast.IfExp))
