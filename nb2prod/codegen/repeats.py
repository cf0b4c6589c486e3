"""A stage that has the same loop more than once -> the loop as a function of its own, which the stage calls each time.

for c in counters:                      def try_over_c(counters, rate, results):
    results.append(wait(c, rate))           for c in counters:
rate = 3.0                                      results.append(wait(c, rate))
for c in counters:             ->
    results.append(wait(c, rate))       try_over_c(counters, rate, results)
                                        rate = 3.0
                                        try_over_c(counters, rate, results)

The loops must be equal to the letter, and each must do the same in a function, as `blocks` asks of the body of a long one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from nb2prod.codegen.blocks import Part, beside, in_parts, may_be_parted, name_of, part_of, returned, signature
from nb2prod.codegen.flow import StrictFlow
from nb2prod.codegen.functions import Chunk
from nb2prod.codegen.names import free_name

FEWEST = 5  # lines of a loop that is worth a function


def without_repeats(chunks: Sequence[Chunk], taken: Collection[str], laid_out: Callable[[str], str]) -> list[Chunk]:
    """The chunks, where the loops that a stage repeats are functions in front of it."""
    return in_parts(chunks, taken, lambda chunk, names: _without(chunk, names, laid_out) if chunk.text.count("\n    for ") > 1 else [chunk])


def _without(chunk: Chunk, names: Collection[str], laid_out: Callable[[str], str]) -> list[Chunk]:
    text = laid_out(chunk.text)
    function = ast.parse(text).body[-1]
    parts = next(repeated(function, text), None) if isinstance(function, ast.FunctionDef) else None
    if parts is None or not isinstance(function, ast.FunctionDef):
        return [chunk]
    target = f"`{ast.unparse(parts[0].block.target).strip('()')}`" if isinstance(parts[0].block, ast.For) else ""
    name = free_name(name_of(function.name, parts[0].block).replace(f"{function.name}_for_", f"{function.name}_over_"), names)
    head = f'def {name}({signature(parts[0], function)}) -> {returned(parts[0])}:\n    """Go over each {target} as `{function.name}` does."""\n'
    call = f"{name}({', '.join(parts[0].takes)})"
    inner, outer = _called_instead(text, parts, head, call)
    return [beside(chunk, name, inner, head), *_without(replace(chunk, text=outer), {*names, name}, laid_out)]


def repeated(function: ast.FunctionDef, text: str) -> Iterator[tuple[Part, ...]]:
    """The loops of a function that stand in it more than once and can all be calls of one function."""
    if not may_be_parted(function):
        return
    lines = text.split("\n")
    same: dict[str, list[tuple[ast.For, frozenset[str]]]] = {}
    flow = StrictFlow([argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)])
    for statement in function.body:
        if isinstance(statement, ast.For) and (statement.end_lineno or 0) - statement.lineno + 1 >= FEWEST:
            written = "\n".join(lines[statement.lineno - 1 : statement.end_lineno])
            same.setdefault(written, []).append((statement, frozenset(flow.bound)))
        flow.run([statement])
    for loops in same.values():
        parts = [part_of(function, loop, [loop], sure, ()) for loop, sure in loops]
        whole = tuple(part for part in parts if part is not None)
        if len(loops) > 1 and len(whole) == len(loops) and len({(part.takes, part.gives) for part in whole}) == 1:
            yield whole


def _called_instead(text: str, parts: Sequence[Part], head: str, call: str) -> tuple[str, str]:
    """The text of the function with a loop in it, and the text where each of the equal loops is a call."""
    names = ", ".join(parts[0].gives)
    called = cst.ensure_type(cst.parse_statement(f"{names} = {call}" if names else call), cst.SimpleStatementLine)
    function = cst.ensure_type(cst.parse_statement(head), cst.FunctionDef)
    back = [cst.parse_statement(f"return {names}")] if names else []
    module = cst.parse_module(text)
    for part in reversed(parts):  # from below, so that the others stay on their lines
        wrapper = MetadataWrapper(module)
        places = wrapper.resolve(PositionProvider)
        loops = (node for node in places if isinstance(node, cst.For))
        loop = next(node for node in loops if (places[node].start.line, places[node].start.column) == part.place)
        body = [*cst.ensure_type(cst.parse_statement(head), cst.FunctionDef).body.body, loop.with_changes(leading_lines=()), *back]
        function = function.with_changes(body=function.body.with_changes(body=body))
        module = cst.ensure_type(wrapper.module.deep_replace(loop, called.with_changes(leading_lines=loop.leading_lines)), cst.Module)
    return cst.Module([function]).code, module.code
