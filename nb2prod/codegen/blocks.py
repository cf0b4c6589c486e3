"""A stage with a long loop or `with` in it -> that block's body as a function of its own, which the stage calls.

def train(df, rounds):                      def train_for_n(df, best, n):
    best = None                                 ... forty lines ...
    for n in range(rounds):                     return best
        ... forty lines ...          ->
    return best                             def train(df, rounds):
                                                best = None
                                                for n in range(rounds):
                                                    best = train_for_n(df, best, n)
                                                return best

The body goes only where it surely does the same there: it does not leave the block in its middle, every name it takes has a value in front of
it, every name that is read afterwards (or in the next round) is handed back, and no function made inside or outside sees names change hands.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from nb2prod.codegen.annotations import ANY
from nb2prod.codegen.docstrings import joined
from nb2prod.codegen.flow import StrictFlow
from nb2prod.codegen.functions import Chunk
from nb2prod.codegen.names import bound_names, free_name

LONGEST = 50  # lines of a function behind its docstring
LONG, FEWEST = 40, 10  # lines of a block that is too long by itself, and of one that is worth a function
WORTH = 5  # lines by which functions must become shorter
MOST_TAKEN, MOST_GIVEN = 8, 4
Block = ast.For | ast.While | ast.With
# Managers that let every exception pass: what was bound before one is not seen behind the block.
STRICT_MANAGERS = frozenset(
    """open ExcelWriter HDFStore ZipFile TarFile TemporaryDirectory NamedTemporaryFile catch_warnings errstate option_context rc_context
    no_grad inference_mode GradientTape""".split()
)
# What finds names by texts or frames, and what ends when nobody holds it any more.
REFUSED = frozenset(
    """locals vars eval exec globals query dir compile _getframe currentframe stack super TemporaryDirectory NamedTemporaryFile TemporaryFile
    SpooledTemporaryFile Popen Pool ref proxy finalize FuncAnimation ArtistAnimation""".split()
)
ON_THE_SPOT = frozenset("sum any all max min sorted list tuple set dict frozenset join".split())
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)
LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.GeneratorExp)
DISPLAYS: dict[type[ast.expr], str] = {
    **dict.fromkeys((ast.List, ast.ListComp), "list[Any]"),
    **dict.fromkeys((ast.Dict, ast.DictComp), "dict[Any, Any]"),
    **dict.fromkeys((ast.Set, ast.SetComp), "set[Any]"),
}
ODD = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Global, ast.Nonlocal, ast.Match)


@dataclass(frozen=True)
class Part:
    """A block's body that can be a function: where the block begins, the names the body takes and gives, and its lines."""

    block: Block
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    lines: int

    @property
    def place(self) -> tuple[int, int]:
        return self.block.lineno, self.block.col_offset


def with_short_functions(chunks: Sequence[Chunk], taken: Collection[str], laid_out: Callable[[str], str]) -> list[Chunk]:
    """The chunks, where long blocks of stages are functions in front of them; `laid_out` gives code the layout by which it is long."""
    return in_parts(chunks, taken, lambda chunk, names: _parted(chunk, names, laid_out) if chunk.text.count("\n") > LONG else [chunk])


def in_parts(chunks: Sequence[Chunk], taken: Collection[str], parted: Callable[[Chunk, Collection[str]], list[Chunk]]) -> list[Chunk]:
    """The chunks, each stage in its parts; `parted` is told the names that are taken, those of earlier parts among them."""
    names = {*taken, *(name for chunk in chunks for name in chunk.provides)}
    found: list[Chunk] = []
    for chunk in chunks:
        parts = parted(chunk, names) if chunk.stage else [chunk]
        names.update(name for part in parts for name in part.provides)
        found.extend(parts)
    return found


def _parted(chunk: Chunk, names: Collection[str], laid_out: Callable[[str], str]) -> list[Chunk]:
    """The stage behind the functions that were parts of it."""
    text = laid_out(chunk.text)
    function = ast.parse(text).body[-1]
    part = best_part(function) if isinstance(function, ast.FunctionDef) else None
    if part is None or not isinstance(function, ast.FunctionDef):
        return [chunk]
    name = free_name(name_of(function.name, part.block), names)
    head = f"def {name}({signature(part, function)}) -> {returned(part)}:\n    {_docstring(function.name, part.block)}\n"
    inner, outer = _moved(text, part, head, f"{name}({', '.join(part.takes)})")
    block = beside(chunk, name, inner, head)
    blocks = _parted(block, {*names, name}, laid_out)
    more = {*names, *(provided for one in blocks for provided in one.provides)}
    return [*blocks, *_parted(replace(chunk, text=outer), more, laid_out)]


def beside(chunk: Chunk, name: str, text: str, head: str) -> Chunk:
    """A function that was part of a stage, with what the annotations in its head need."""
    own = (ANY,) if re.search(r"\bAny\b", head) else ()
    return Chunk(chunk.module, (name,), text, (*chunk.imports, *own), chunk.checking, postponed=chunk.postponed)


def best_part(function: ast.FunctionDef) -> Part | None:
    """The block whose body is best made a function of its own, of those that surely can; none where the function is short enough."""
    height = _height(function)
    if height <= LONG:
        return None
    found = [part for part in parts_of(function) if part.lines > LONG or height > LONGEST]
    longest = {part: max(height - part.lines + 1, part.lines + 1) for part in found}  # of the two functions that there would be
    shorter = [part for part in found if longest[part] <= height - WORTH or LONG < part.lines < height - 1]
    return min(shorter, key=lambda part: (max(longest[part], LONG), part.lines, part.place)) if shorter else None


def parts_of(function: ast.FunctionDef) -> Iterator[Part]:
    """The blocks of a function, also those inside of others, whose bodies can be functions."""
    if not may_be_parted(function):
        return
    arguments = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
    for block, flow, around in _blocks(function.body, StrictFlow(arguments), ()):
        part = part_of(function, block, block.body, frozenset(flow), around)
        if part is not None and part.lines >= FEWEST:
            yield part


def may_be_parted(function: ast.FunctionDef) -> bool:
    """Whether a function has neither names of other functions in it nor names that it removes."""
    return not any(isinstance(node, (ast.Global, ast.Nonlocal)) or _removes(node) for node in ast.walk(function))


def _removes(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)


def _blocks(
    body: Sequence[ast.stmt], flow: StrictFlow, around: tuple[ast.stmt, ...]
) -> Iterator[tuple[Block, set[str], tuple[ast.stmt, ...]]]:
    """The loops and `with` statements, each with the names surely bound where its body begins and the statements around it."""
    for statement in body:
        inner = StrictFlow(flow.bound)
        if isinstance(statement, ast.For):
            inner.run([statement.iter, statement.target])
        elif isinstance(statement, ast.While):
            inner.run([statement.test])
        elif isinstance(statement, ast.With):
            inner.run(statement.items)
        if isinstance(statement, (ast.For, ast.While, ast.With)):
            yield statement, set(inner.bound), (*around, statement)
            yield from _blocks(statement.body, inner, (*around, statement))
        elif isinstance(statement, ast.If):
            inner.run([statement.test])
            yield from _blocks(statement.body, StrictFlow(inner.bound), (*around, statement))
            yield from _blocks(statement.orelse, StrictFlow(inner.bound), (*around, statement))
        flow.run([statement])


def part_of(
    function: ast.FunctionDef, block: Block, body: Sequence[ast.stmt], sure: frozenset[str], around: tuple[ast.stmt, ...]
) -> Part | None:
    """What the statements of a block take and give as a function; none where it would not surely do the same, or be no clearer.

    `sure` are the names that surely have a value in front of them, `around` the statements they are in.
    """
    first, last = body[0].lineno, body[-1].end_lineno or 0
    nodes = [node for statement in body for node in ast.walk(statement)]
    if any(map(_is_odd, nodes)) or _leaves(body):
        return None
    inside = set(map(id, nodes))
    others = [node for node in ast.walk(function) if id(node) not in inside and node is not function]
    local = bound_names(function) | _imported(function)
    bound = _bound(body).union(*map(_imported, body))
    loop = next((node for node in around if isinstance(node, (ast.For, ast.While))), None)
    flow = StrictFlow()
    flow.run(body)
    early = [name for name in flow.early if name in local]
    added = {id(node.target) for node in others if isinstance(node, ast.AugAssign)}
    read = [node for node in others if isinstance(node, ast.Name) and (isinstance(node.ctx, ast.Load) or id(node) in added)]
    read_later = {node.id for node in read if _is_after(node, last, loop)}
    if not around:
        behind = StrictFlow()
        behind.run(function.body[function.body.index(block) + 1 :])
        read_later &= set(behind.early)
    gives = sorted(bound & (read_later | (set(early) if loop else set())))
    takes = list(dict.fromkeys([*early, *(name for name in gives if name not in flow.bound)]))
    if not set(takes) <= sure - _handled(function) or len(takes) > MOST_TAKEN or len(gives) > MOST_GIVEN:
        return None
    if gives and not all(map(_passes_exceptions, around)):
        return None
    behind_it = [node for node in others if _is_after(node, last, loop)]
    if any(map(_is_refused, others)) or _words(behind_it) & (bound - set(gives)):
        return None
    changing = set().union(*map(_names_bound, behind_it)) | (bound if loop else set())
    if _captured(others) & bound or _captured(nodes) & changing:
        return None
    if (_words(nodes) & local) - {*takes, *bound}:
        return None
    return Part(block, tuple(takes), tuple(gives), last - first + 1)


def _is_odd(node: ast.AST) -> bool:
    """Whether code would mean something else in another function, or is not looked into here."""
    bare = isinstance(node, ast.AnnAssign) and node.value is None
    return isinstance(node, ODD) or bare or _is_refused(node)


def _is_refused(node: ast.AST) -> bool:
    return getattr(node, "id", getattr(node, "attr", "")) in REFUSED


def _leaves(body: Sequence[ast.AST]) -> bool:
    """Whether a `break` or `continue` belongs to the block around these statements."""
    for node in body:
        if isinstance(node, (ast.Break, ast.Continue)):
            return True
        own = node.orelse if isinstance(node, (ast.For, ast.While)) else () if isinstance(node, LATER) else ast.iter_child_nodes(node)
        if _leaves(list(own)):
            return True
    return False


def _bound(nodes: Sequence[ast.AST]) -> set[str]:
    """The names that statements bind in their own function, not in functions and comprehensions inside of it."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)) and node.name:
            found.add(node.name)
        if isinstance(node, COMPREHENSIONS + LATER):
            found |= {inner.target.id for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr)}
        elif isinstance(node, ast.Name):
            found |= {node.id} if isinstance(node.ctx, ast.Store) else set()
        else:
            found |= _bound(list(ast.iter_child_nodes(node)))
    return found


def _imported(tree: ast.AST) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names}


def _handled(function: ast.FunctionDef) -> set[str]:
    """The names of caught exceptions, which are unbound behind their handlers."""
    return {node.name for node in ast.walk(function) if isinstance(node, ast.ExceptHandler) and node.name}


def _is_after(node: ast.AST, last: int, loop: ast.stmt | None) -> bool:
    """Whether something runs after a part has ended: behind it, or anywhere in the loop around it."""
    line = getattr(node, "lineno", 0)
    return line > last or (loop is not None and line >= loop.lineno)


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _names_bound(node: ast.AST) -> set[str]:
    """The names that a node binds by itself, whatever its kind."""
    if isinstance(node, ast.alias):
        return {node.asname or node.name.split(".")[0]}
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
    name = node.id if _is_bound(node) else node.name if isinstance(node, named) else getattr(node, "rest", None)
    return {name} if isinstance(name, str) else set()


def _passes_exceptions(node: ast.stmt) -> bool:
    """Whether nobody sees behind a statement what was bound before an exception in it."""
    if not isinstance(node, ast.With):
        return True
    called = [getattr(item.context_expr, "func", item.context_expr) for item in node.items]
    return all(getattr(func, "attr", getattr(func, "id", "")) in STRICT_MANAGERS for func in called)


def _captured(nodes: Sequence[ast.AST]) -> set[str]:
    """The names in functions, classes and generators that may run later than where they are made."""
    spot = {id(argument) for node in nodes if isinstance(node, ast.Call) and _consumes(node) for argument in node.args[:1]}
    later = [node for node in nodes if isinstance(node, LATER) and not (isinstance(node, ast.GeneratorExp) and id(node) in spot)]
    return {inner.id for node in later for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _consumes(call: ast.Call) -> bool:
    return call.func.attr == "join" if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "") in ON_THE_SPOT


def _words(nodes: Sequence[ast.AST]) -> set[str]:
    """The words in texts: formulas and queries mention variables there."""
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {word for text in texts for word in re.findall(r"\w+", text)}


def _height(function: ast.FunctionDef) -> int:
    """The lines behind the docstring."""
    docstring = function.body[0] if ast.get_docstring(function) is not None else None
    return (function.end_lineno or 0) - ((docstring.end_lineno or 0) if docstring else function.lineno)


def name_of(function: str, block: Block) -> str:
    """What the function of a block's body is called: after its own function, and what the block goes over or holds."""
    if isinstance(block, ast.While):
        return f"{function}_once"
    targets = [block.target] if isinstance(block, ast.For) else [item.optional_vars or item.context_expr for item in block.items]
    named = [node.id.lower() for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    told = [name for name in named if re.search(r"[a-z]", name)][:2]
    return "_".join([function, "for" if isinstance(block, ast.For) else "with", "_and_".join(told)]).rstrip("_")


def _docstring(function: str, block: Block) -> str:
    if isinstance(block, ast.While):
        return f'"""Do one round of what `{function}` repeats."""'
    if isinstance(block, ast.For):
        return f'"""Do what `{function}` does for each `{ast.unparse(block.target).strip("()")}`."""'
    names = [ast.unparse(item.optional_vars) for item in block.items if item.optional_vars]
    return f'"""Do what `{function}` does with {joined(names)}."""' if names else f'"""Do what `{function}` does inside its `with`."""'


def signature(part: Part, function: ast.FunctionDef) -> str:
    """The arguments: those of the function itself with their annotations, and what is bound to a list or the like, where no other value is
    ever bound to the name."""
    known = {one.arg: ast.unparse(one.annotation) for one in function.args.args if one.annotation}
    nodes = list(ast.walk(function))
    bound = [node.id for node in nodes if _is_bound(node)] + list(known)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and type(node.value) in DISPLAYS:
            known.setdefault(node.targets[0].id, DISPLAYS[type(node.value)])
    sure = {name: annotation for name, annotation in known.items() if bound.count(name) == 1}
    return ", ".join(f"{name}: {sure.get(name, 'Any')}" for name in part.takes)


def returned(part: Part) -> str:
    if len(part.gives) > 1:
        return f"tuple[{', '.join('Any' for _ in part.gives)}]"
    return "Any" if part.gives else "None"


def _moved(text: str, part: Part, head: str, call: str) -> tuple[str, str]:
    """The text of the new function, and the text where it is called."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    places = wrapper.resolve(PositionProvider)
    blocks = (node for node in places if isinstance(node, (cst.For, cst.While, cst.With)))
    old = next(node for node in blocks if (places[node].start.line, places[node].start.column) == part.place)
    body = cst.ensure_type(old.body, cst.IndentedBlock)
    names = ", ".join(part.gives)
    shell = cst.ensure_type(cst.parse_module(head).body[0], cst.FunctionDef)
    own = [*shell.body.body, *body.body]
    if names:  # below the comments at the end of the block
        own.append(cst.ensure_type(cst.parse_statement(f"return {names}"), cst.SimpleStatementLine).with_changes(leading_lines=body.footer))
    footer = () if names else body.footer
    function = shell.with_changes(body=body.with_changes(body=own, header=cst.TrailingWhitespace(), footer=footer))
    called = cst.parse_statement(f"{names} = {call}" if names else call)
    new = old.with_changes(body=body.with_changes(body=[called], footer=()))
    outer = cst.ensure_type(wrapper.module.deep_replace(old, new), cst.Module)
    return cst.Module([function]).code, outer.code
