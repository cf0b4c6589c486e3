"""Marked shown values -> assignments in front of what shows them; figures -> assignments behind what draws them.

    df.describe()                  summary = df.describe()
    print("AUC", auc(m))      ->   auc_value = auc(m)
                                   print("AUC", auc_value)
    plt.plot(x)                    plt.plot(x)
                                   figure = plt.gcf()

`edits` puts the marks by position; here only structure counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst
import libcst.matchers as m

from nb2prod.model.dataflow import Result

MARK = "__capture__"
COPIED = "copied__"
# Where an expression may run not at all or many times, only an assignment in its own place is right.
CONDITIONAL = (cst.IfExp, cst.BooleanOperation, cst.CompFor, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
# What may run before or after a shown value without a difference.
HARMLESS = ("abs", "bool", "float", "format", "int", "len", "max", "min", "repr", "round", "str", "sum", "type")


def mark(result: Result, value: cst.BaseExpression) -> cst.Call:
    """The value inside a call of a name nobody uses; `hoist` takes every mark away."""
    return cst.Call(cst.Name(MARK + (COPIED if result.copied else "") + result.name), [cst.Arg(value)])


def hoist(node: cst.BaseStatement, modules: Mapping[str, str]) -> list[cst.BaseStatement]:
    """The statement with its marked values assigned to their names on lines above (or in place, where order or condition forbids that)."""
    if not m.findall(node, m.Call(func=m.Name(m.MatchIfTrue(lambda name: name.startswith(MARK))))):
        return [node]
    changed = node.visit(_Hoist(modules))
    statements = list(changed.nodes) if isinstance(changed, cst.FlattenSentinel) else [changed]
    in_place = _InPlace(modules, every=True)
    visited = [statement.visit(in_place) for statement in statements if isinstance(statement, cst.BaseStatement)]
    return [statement for statement in visited if isinstance(statement, cst.BaseStatement)]


class _Hoist(cst.CSTTransformer):
    """Expands each simple statement that holds marks."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        super().__init__()
        self.modules = modules

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        small = self._expanded(updated_node.body)
        if small == list(updated_node.body):
            return updated_node
        lines = [cst.SimpleStatementLine([statement]) for statement in small]
        if lines:
            lines[0] = lines[0].with_changes(leading_lines=updated_node.leading_lines)
            lines[-1] = lines[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
        return cst.FlattenSentinel(lines)

    def leave_SimpleStatementSuite(self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite) -> cst.BaseSuite:
        small = self._expanded(updated_node.body)
        if small == list(updated_node.body):
            return updated_node
        return cst.IndentedBlock([cst.SimpleStatementLine([statement]) for statement in small])

    def _expanded(self, statements: Sequence[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
        return [new for statement in statements for new in self._small(statement)]

    def _small(self, statement: cst.BaseSmallStatement) -> list[cst.BaseSmallStatement]:
        order = _Order()
        statement.visit(order)
        if not order.marks:
            return [statement]
        in_place = _InPlace(self.modules, keep=order.in_place)
        statement.visit(in_place)
        rest = [left.visit(_InPlace(self.modules, keep=order.in_place)) for left in _left_over(statement, order.in_place)]
        assigned = [_assign(name, value) for name, value in in_place.hoisted]
        return [*assigned, *(left for left in rest if isinstance(left, cst.BaseSmallStatement))]


class _Order(cst.CSTVisitor):
    """Finds the marks, and those in front of which something else runs or which stand under a condition."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[str] = []
        self.in_place: set[str] = set()
        self.inside: list[str] = []
        self.conditions = 0
        self.ran = False

    def on_visit(self, node: cst.CSTNode) -> bool:
        name = _marked(node)
        self.inside.extend([name] if name else [])
        self.conditions += isinstance(node, CONDITIONAL) and not self.inside
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        name = _marked(original_node)
        if name:
            assert isinstance(original_node, cst.Call)
            self.inside.pop()
            self.marks.append(name)
            if self.conditions or (self.ran and not isinstance(original_node.args[0].value, cst.Name)):
                self.in_place.add(name)
        elif not self.inside:
            self.conditions -= isinstance(original_node, CONDITIONAL)
            self.ran = self.ran or (isinstance(original_node, (cst.Call, cst.Await, cst.NamedExpr)) and not _is_harmless(original_node))


class _InPlace(cst.CSTTransformer):
    """Takes the marks away: those to `keep` become `(name := value)`, the others the name of what is hoisted."""

    def __init__(self, modules: Mapping[str, str], keep: set[str] | None = None, every: bool = False) -> None:
        super().__init__()
        self.modules = modules
        self.keep = keep or set()
        self.every = every
        self.hoisted: list[tuple[str, cst.BaseExpression]] = []

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        marked = _marked(updated_node)
        if not marked:
            return updated_node
        value = updated_node.args[0].value
        name = marked.removeprefix(COPIED)
        plain = value if isinstance(value, cst.Name) else cst.Name(name)
        if marked != name:
            value = cst.Call(cst.parse_expression(f"{self.modules['copy']}.deepcopy"), [cst.Arg(_enclosed(value))])
        if self.every or marked in self.keep:
            return cst.NamedExpr(cst.Name(name), _enclosed(value), lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        if not (isinstance(value, cst.Name) and value.value == name):
            self.hoisted.append((name, value))
        return plain


def _marked(node: cst.CSTNode) -> str:
    """What the mark says, or nothing when the node is none."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value.startswith(MARK):
        return node.func.value.removeprefix(MARK)
    return ""


def _is_harmless(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in HARMLESS


def _left_over(statement: cst.BaseSmallStatement, in_place: set[str]) -> list[cst.BaseSmallStatement]:
    """What remains to be done by a statement when its shown values are assigned: nothing, if it only shows them."""
    if not isinstance(statement, cst.Expr):
        return [statement]
    if _marked(statement.value):
        return []
    if not m.matches(statement.value, m.Call(func=m.Name("display"))):
        return [statement]
    call = cst.ensure_type(statement.value, cst.Call)
    arguments = [a for a in call.args if not _marked(a.value) or _marked(a.value) in in_place]
    if not any(a.keyword is None for a in arguments):
        return []
    if len(arguments) < len(call.args):
        arguments[-1] = arguments[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return [statement.with_changes(value=call.with_changes(args=arguments))]


def _assign(name: str, value: cst.BaseExpression) -> cst.Assign:
    """The assignment; a value that went over several lines thanks to brackets around it gets its own."""
    code = cst.Module([]).code_for_node(value)
    if "\n" in code and not value.lpar and not _stands_alone(code):
        value = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Assign([cst.AssignTarget(cst.Name(name))], value)


def _enclosed(value: cst.BaseExpression) -> cst.BaseExpression:
    """A bare `a, b` in parentheses: inside a call it would be two arguments."""
    if isinstance(value, cst.Tuple) and not value.lpar:
        return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return value


def _stands_alone(code: str) -> bool:
    try:
        return len(cst.parse_module(f"_ = {code}\n").body) == 1
    except cst.ParserSyntaxError:
        return False


@dataclass(frozen=True)
class Drawing:
    """The figures captured at one statement: lines to go before it and after it, and the statement itself."""

    before: tuple[cst.BaseStatement, ...]
    statement: cst.BaseStatement
    after: tuple[cst.BaseStatement, ...]


def capture_figures(node: cst.BaseStatement, results: Sequence[Result], pyplot: str) -> Drawing:
    """The assignments that hold on to the figures open after `node`, or shown inside it by `plt.show()`."""
    if not results:
        return Drawing((), node, ())
    shows = m.Expr(m.Call(func=m.Attribute(m.Name(pyplot), m.Name("show"))))
    if m.matches(node, m.SimpleStatementLine([shows])):
        return Drawing(tuple(_figure(result, pyplot) for result in results), node, ())
    if not m.findall(node, shows):
        return Drawing((), node, tuple(_figure(result, pyplot) for result in results))
    shown = f"{results[0].name}_shown"
    keep = f"{shown}.extend(map({pyplot}.figure, {pyplot}.get_fignums()))"
    line = m.SimpleStatementLine([shows])
    collected = m.replace(node, line, lambda found, _: _before(cst.ensure_type(found, cst.SimpleStatementLine), keep))
    assert isinstance(collected, cst.BaseStatement)
    picks = [f"{result.name} = {shown}" + ("" if result.many else f"[{result.position}]") for result in results]
    return Drawing((_line(f"{shown} = []"),), collected, tuple(map(_line, [keep, *picks])))


def close_figures(pyplot: str) -> cst.BaseStatement:
    """What a notebook does with its figures at the end of a cell."""
    return _line(f'{pyplot}.close("all")')


def _before(line: cst.SimpleStatementLine, code: str) -> cst.SimpleStatementLine:
    """The statement with another in front of it on the same line; `one_statement_per_line` parts them."""
    first = cst.ensure_type(cst.parse_statement(code), cst.SimpleStatementLine).body[0]
    return line.with_changes(body=[first, *line.body])


def _figure(result: Result, pyplot: str) -> cst.BaseStatement:
    if result.many:
        return _line(f"{result.name} = [{pyplot}.figure(number) for number in {pyplot}.get_fignums()]")
    if result.position:
        return _line(f"{result.name} = {pyplot}.figure({pyplot}.get_fignums()[{result.position}])")
    return _line(f"{result.name} = {pyplot}.gcf()")


def _line(code: str) -> cst.BaseStatement:
    statement = cst.parse_statement(code)
    assert isinstance(statement, cst.BaseStatement)
    return statement
