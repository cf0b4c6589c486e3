"""One compiled statement -> what it does to the notebook's names, read off the bytecode by control flow.

    for i in rows:                 Names(defines={}, updates={i, n}, uses={rows, n, k}, later={})
        n = n + k
    def f(x): return x + k         Names(defines={f}, uses={}, later={k}, functions={f: <code>})

It knows nothing of syntax trees, and shares nothing with `nb2prod.analysis`: the two are held against each other.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

LOADS = frozenset({"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"})
STORES = frozenset({"STORE_NAME", "STORE_GLOBAL"})
DELETES = frozenset({"DELETE_NAME", "DELETE_GLOBAL"})
ALWAYS = frozenset({"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD_NO_INTERRUPT"})
ENDS = frozenset({"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"})
LEAVES = frozenset({"RETURN_VALUE", "RETURN_CONST"})
BLOCKS = frozenset({"SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH"})  # until Python 3.10; since then there is a table
AT_ONCE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<generic parameters of")
WAITS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
BETWEEN = frozenset({"MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE", "LOAD_CONST"})  # between a function's code and the name it is given
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Names:
    """What code does to global names while it runs: `defines` are written (bound or deleted) on every path to its end, `updates` on some.

    `uses` are read before they are surely its own, `later` by functions it makes, `later_writes` written by them; `calls` are names called
    directly; `functions` the code that names are bound to; `star` says that it may bind any name. `gone` are written, but deleted at its end
    whatever happens, as the name that an `except` clause binds.
    """

    defines: frozenset[str] = NONE
    updates: frozenset[str] = NONE
    uses: frozenset[str] = NONE
    later: frozenset[str] = NONE
    later_writes: frozenset[str] = NONE
    calls: frozenset[str] = NONE
    functions: Mapping[str, CodeType] = field(default_factory=dict)
    star: bool = False
    gone: frozenset[str] = NONE

    @property
    def writes(self) -> frozenset[str]:
        return self.defines | self.updates


class State(NamedTuple):
    """What is known before an instruction: names written on every path that leads to it, on some path, and those of them not deleted since."""

    surely: frozenset[str]
    perhaps: frozenset[str]
    left: frozenset[str]


@lru_cache(None)
def names_of(code: CodeType, swallow: bool = True) -> Names:
    """What code does to global names; with `swallow`, any `with` may end the errors of its body."""
    instructions = list(dis.get_instructions(code))
    module = not code.co_flags & inspect.CO_NEWLOCALS and "__module__" not in code.co_names[:2]
    nested = {i.offset: i.argval for i in instructions if i.opname == "LOAD_CONST" and isinstance(i.argval, CodeType)}
    inner = {offset: names_of(one, swallow) for offset, one in nested.items()}
    now = {offset: inner[offset] for offset, one in nested.items() if runs_at_once(one)}
    states = solve(instructions, flow(code, instructions, swallow), now)
    ends = [states[i.offset] for i in instructions if i.opname in LEAVES and i.offset in states]
    own = NONE if module else frozenset(i.argval for i in instructions if i.opname in ("STORE_NAME", "DELETE_NAME"))
    surely = frozenset.intersection(*(end.surely for end in ends)) - own if ends else NONE
    perhaps = NONE.union(*(end.perhaps for end in ends)) - own
    functions = [inner[offset] for offset in nested if offset not in now]
    return Names(
        defines=surely,
        updates=perhaps - surely,
        uses=NONE.union(*(used(i, states[i.offset], now) for i in instructions if i.offset in states)),
        later=NONE.union(*(one.uses for one in functions), *(one.later for one in inner.values())),
        later_writes=NONE.union(*(one.writes for one in functions), *(one.later_writes for one in inner.values())),
        calls=called(instructions).union(*(one.calls for one in now.values())),
        functions=named_functions(instructions),
        gone=perhaps.difference(*(end.left for end in ends)),
        star=any("IMPORT_STAR" in (i.opname, i.argrepr.removeprefix("INTRINSIC_")) for i in instructions),
    )


def runs_at_once(code: CodeType) -> bool:
    """Whether nested code runs where it stands: a class body or a comprehension (3.12 has no code objects for these), not a function."""
    return code.co_name.startswith(AT_ONCE) or not code.co_flags & inspect.CO_OPTIMIZED


def used(instruction: dis.Instruction, state: State, now: Mapping[int, Names]) -> frozenset[str]:
    """The names an instruction reads that need not be the code's own by then."""
    if instruction.opname in LOADS | DELETES:
        return frozenset({instruction.argval}) - state.surely
    return now[instruction.offset].uses - state.surely if instruction.offset in now else NONE


def after(instruction: dis.Instruction, state: State, now: Mapping[int, Names]) -> State:
    """The state behind an instruction."""
    if instruction.opname in STORES | DELETES:
        name = frozenset({instruction.argval})
        left = state.left - name if instruction.opname in DELETES else state.left | name
        return State(state.surely | name, state.perhaps | name, left)
    if instruction.offset in now:
        inner = now[instruction.offset]
        return State(state.surely | inner.defines, state.perhaps | inner.writes, state.left | inner.writes - inner.gone)
    return state


def solve(instructions: list[dis.Instruction], following: Mapping[int, Flow], now: Mapping[int, Names]) -> dict[int, State]:
    """The state before every instruction that can be reached."""
    at = {i.offset: i for i in instructions}
    states = {instructions[0].offset: State(NONE, NONE, NONE)}
    waiting = [instructions[0].offset]
    while waiting:
        offset = waiting.pop()
        before = states[offset]
        behind = after(at[offset], before, now)
        steps = [(to, behind) for to in following[offset].steps] + [(to, before) for to in following[offset].handlers]
        for to, state in steps:
            known = states.get(to)
            joined = state if known is None else State(known.surely & state.surely, known.perhaps | state.perhaps, known.left | state.left)
            if joined != known:
                states[to] = joined
                waiting.append(to)
    return states


class Flow(NamedTuple):
    """Where an instruction may lead: on to others when it is done, and to handlers when it raises."""

    steps: tuple[int, ...]
    handlers: tuple[int, ...]


def flow(code: CodeType, instructions: list[dis.Instruction], swallow: bool) -> dict[int, Flow]:
    """The control flow between the instructions of a code object."""
    nexts = dict(zip((i.offset for i in instructions), (i.offset for i in instructions[1:]), strict=False))
    quiet = NONE if swallow else frozenset(swallowing(instructions))
    steps = {}
    for i in instructions:
        on = () if i.opname in ENDS | ALWAYS else (nexts[i.offset],)
        jump = (i.argval,) if i.opcode in JUMPS and i.offset not in quiet else ()
        steps[i.offset] = (*on, *jump)
    entries = getattr(dis.Bytecode(code), "exception_entries", None)
    if entries is None:
        handlers = handlers_by_blocks(instructions, steps)
    else:
        handlers = {i.offset: tuple(e.target for e in entries if e.start <= i.offset < e.end) for i in instructions}
    return {offset: Flow(to, handlers.get(offset, ())) for offset, to in steps.items()}


JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)


def swallowing(instructions: list[dis.Instruction]) -> Iterator[int]:
    """The jumps taken when a context manager says that the error is dealt with."""
    asked = False
    for i in instructions:
        asked = asked or i.opname == "WITH_EXCEPT_START"
        if asked and i.opname.startswith("POP_JUMP") and i.opname.endswith("IF_TRUE"):
            yield i.offset
            asked = False


def handlers_by_blocks(instructions: list[dis.Instruction], steps: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    """Handlers as Python 3.10 keeps them: a stack of blocks, followed along every path (0: a handler that is running)."""
    at = {i.offset: i for i in instructions}
    stacks: dict[int, tuple[int, ...]] = {instructions[0].offset: ()}
    waiting = [instructions[0].offset]
    while waiting:
        offset = waiting.pop()
        i, stack = at[offset], stacks[offset]
        inner = (*stack, i.argval) if i.opname in BLOCKS else stack[:-1] if i.opname in ("POP_BLOCK", "POP_EXCEPT") else stack
        reached = [(to, (*stack, 0) if i.opname in BLOCKS and to == i.argval else inner) for to in steps[offset]]
        for to, found in reached:
            if to not in stacks:
                stacks[to] = found
                waiting.append(to)
    return {offset: tuple(target for target in reversed(stack) if target)[:1] for offset, stack in stacks.items()}


def called(instructions: list[dis.Instruction]) -> frozenset[str]:
    """The names that are called as such: a NULL beside the load tells, from Python 3.11 on (in 3.10, none are known)."""
    found = {i.argval for i in instructions if i.opname == "LOAD_GLOBAL" and "NULL" in i.argrepr.replace(i.argval, "", 1)}
    for one, other in zip(instructions, instructions[1:], strict=False):
        null, load = (other, one) if sys.version_info >= (3, 13) else (one, other)
        if null.opname == "PUSH_NULL" and load.opname in LOADS:
            found.add(load.argval)
    return frozenset(found)


def named_functions(instructions: Iterable[dis.Instruction]) -> dict[str, CodeType]:
    """The functions and lambdas bound to a name as they are made, undecorated; those whose body waits until it is asked for are left out."""
    found: dict[str, CodeType] = {}
    code: CodeType | None = None
    for i in instructions:
        if i.opname == "LOAD_CONST" and isinstance(i.argval, CodeType):
            code = i.argval
        elif code is not None and i.opname in STORES and not runs_at_once(code) and not code.co_flags & WAITS:
            found[i.argval], code = code, None
        elif i.opname not in BETWEEN:
            code = None
    return found
