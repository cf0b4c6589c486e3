"""The plan's spots in the code -> each statement with those spots changed, nothing else touched.

df[df.x > LIMIT]              df[df.x > limit]                       a place of a parameter (or another rename)
clean(df)                ->   clean(df, limit=limit)                 a call of a function that reads notebook names
map(clean, frames)            map(functools.partial(clean, limit=limit), frames)      the same function as a value
print(score(m))               print(<mark accuracy>(score(m)))       a shown value: `captures` hoists what is marked
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from nb2prod.codegen.captures import mark
from nb2prod.codegen.cells import Line, ParsedCell
from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import Place, Span
from nb2prod.model.plan import Plan

FRAME_EXPRESSIONS = ("query", "eval")


@dataclass(frozen=True)
class CellEdits:
    """What happens at which span of one cell; `renamed` are the notebook's names of parameters that got another one."""

    names: dict[Span, str] = field(default_factory=dict)
    calls: dict[Span, tuple[str, ...]] = field(default_factory=dict)
    escapes: dict[Span, tuple[str, ...]] = field(default_factory=dict)
    captures: dict[Span, list[Result]] = field(default_factory=lambda: defaultdict(list))
    renamed: Mapping[str, str] = field(default_factory=dict)


def plan_edits(plan: Plan) -> Mapping[int, CellEdits]:
    """The edits of every cell; cells without any come out empty."""
    renamed = {p.variable: p.name for p in plan.parameters if p.variable and p.variable != p.name}
    edits: Mapping[int, CellEdits] = defaultdict(lambda: CellEdits(renamed=renamed))
    for parameter in plan.parameters:
        for place in parameter.places:
            edits[place.cell].names[place.span] = parameter.name
    for rename in plan.renames:
        edits[rename.place.cell].names[rename.place.span] = rename.name
    for definition in plan.definitions:
        handed = lifted_names(definition.globals, renamed)
        _note(definition.calls, handed, {cell: edits[cell].calls for cell in _cells(definition.calls)})
        _note(definition.escapes, handed, {cell: edits[cell].escapes for cell in _cells(definition.escapes)})
    for result in (result for stage in plan.stages for result in stage.results if result.kind == "text"):
        if result.place is not None:
            edits[result.place.cell].captures[result.place.span].append(result)
    return edits


def lifted_names(names: Sequence[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """A definition's globals under the names they have in the package."""
    return tuple(dict.fromkeys(renamed.get(name, name) for name in names))


def apply_edits(node: Line, cell: ParsedCell, edits: CellEdits, modules: Mapping[str, str]) -> Line:
    """The statement with every edit made that falls into it."""
    edited = node.visit(_Editor(cell, edits, modules))
    assert isinstance(edited, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
    return edited


def keywords(names: Sequence[str]) -> list[cst.Arg]:
    """`a=a, b=b` as arguments."""
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return [cst.Arg(cst.Name(name), keyword=cst.Name(name), equal=equal) for name in names]


def _cells(places: Sequence[Place]) -> set[int]:
    return {place.cell for place in places}


def _note(places: Sequence[Place], handed: tuple[str, ...], into: Mapping[int, dict[Span, tuple[str, ...]]]) -> None:
    for place in places if handed else ():
        into[place.cell][place.span] = handed


class _Editor(cst.CSTTransformer):
    """Finds nodes by the span they had when the cell was read; inner edits are made before outer ones."""

    def __init__(self, cell: ParsedCell, edits: CellEdits, modules: Mapping[str, str]) -> None:
        super().__init__()
        self.cell = cell
        self.edits = edits
        self.modules = modules
        self.frame_calls = 0

    def visit_Call(self, node: cst.Call) -> None:
        self.frame_calls += _is_frame_expression(node)

    def on_leave(self, original_node, updated_node):  # type: ignore[no-untyped-def]
        updated_node = super().on_leave(original_node, updated_node)
        span = self.cell.spans.get(original_node)
        if span is None or not isinstance(updated_node, cst.BaseExpression):
            return updated_node
        if span in self.edits.names:
            updated_node = self._renamed(updated_node, span)
        elif span in self.edits.calls and isinstance(updated_node, cst.Call):
            updated_node = _with_keywords(updated_node, self.edits.calls[span])
        elif span in self.edits.escapes and isinstance(updated_node, cst.Name):
            updated_node = self._partial(updated_node, self.edits.escapes[span])
        for result in self.edits.captures.get(span, ()):
            updated_node = mark(result, updated_node)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        self.frame_calls -= _is_frame_expression(original_node)
        return updated_node

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        return updated_node.with_changes(value=self._at_names(updated_node.value))

    def leave_FormattedStringText(
        self, original_node: cst.FormattedStringText, updated_node: cst.FormattedStringText
    ) -> cst.FormattedStringText:
        return updated_node.with_changes(value=self._at_names(updated_node.value))

    def leave_FormattedStringExpression(
        self, original_node: cst.FormattedStringExpression, updated_node: cst.FormattedStringExpression
    ) -> cst.BaseFormattedStringContent | cst.FlattenSentinel[cst.BaseFormattedStringContent]:
        """`{LIMIT=}` prints its own source, so that source stays as text."""
        if original_node.equal is None or updated_node.expression.deep_equals(original_node.expression):
            return updated_node
        module = cst.Module([])
        spaces = module.code_for_node(original_node.whitespace_before_expression)
        text = spaces + module.code_for_node(original_node.expression) + module.code_for_node(original_node.equal)
        conversion = updated_node.conversion or (None if updated_node.format_spec else "r")
        shown = updated_node.with_changes(equal=None, conversion=conversion)
        return cst.FlattenSentinel([cst.FormattedStringText(text.replace("{", "{{").replace("}", "}}")), shown])

    def _at_names(self, text: str) -> str:
        """`df.query("x > @LIMIT")` names a variable inside a text."""
        if not self.frame_calls or "@" not in text:
            return text
        return re.sub(r"@(\w+)", lambda found: "@" + self.edits.renamed.get(found[1], found[1]), text)

    def _renamed(self, node: cst.BaseExpression, span: Span) -> cst.BaseExpression:
        own = isinstance(node, (cst.Tuple, cst.GeneratorExp))  # its span has the inner parentheses in it
        name = cst.Name(self.edits.names[span], lpar=node.lpar[:-1] if own else node.lpar, rpar=node.rpar[1:] if own else node.rpar)
        first, last = self.cell.lines[span.start_line - 1], self.cell.lines[span.end_line - 1]
        touches = (first[: span.start_column] or " ")[-1] + (last[span.end_column :] or " ")[0]
        if not node.lpar and any(character.isalnum() or character == "_" for character in touches):
            return name.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return name

    def _partial(self, node: cst.Name, names: tuple[str, ...]) -> cst.Call:
        bare = node.with_changes(lpar=(), rpar=())
        func = cst.parse_expression(f"{self.modules['functools']}.partial")
        return cst.Call(func, [cst.Arg(bare), *keywords(names)], lpar=node.lpar, rpar=node.rpar)


def _is_frame_expression(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value in FRAME_EXPRESSIONS


def _with_keywords(call: cst.Call, names: tuple[str, ...]) -> cst.Call:
    """The call with `g=g` for each name, before a final `**kwargs`."""
    arguments = list(call.args)
    if len(arguments) == 1 and isinstance(arguments[0].value, cst.GeneratorExp) and not arguments[0].value.lpar:
        generator = arguments[0].value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        arguments = [arguments[0].with_changes(value=generator)]
    at = next((index for index, argument in enumerate(arguments) if argument.star == "**"), len(arguments))
    if at and isinstance(arguments[at - 1].comma, cst.MaybeSentinel):
        arguments[at - 1] = arguments[at - 1].with_changes(whitespace_after_arg=cst.SimpleWhitespace(""))
    return call.with_changes(args=[*arguments[:at], *keywords(names), *arguments[at:]])
