"""The source of a module -> small faults put into its functions, one at a time: what a test of them ought to notice.

    def keep(df): return df[df.age > 30]     ->   `>` became `>=`, 30 became 31, the value returned became None

A mutant whose compiled code is byte for byte that of the original is none. Docstrings, annotations, decorators and imports are left alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType

Change = tuple[str, Callable[[], None]]  # what is told of it, and what does it to the tree

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
}
CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.Mult},
    **{ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd},
}
# Methods and functions people mix up.
CALLED = {
    **{"min": "max", "max": "min", "idxmin": "idxmax", "idxmax": "idxmin", "argmin": "argmax", "argmax": "argmin"},
    **{"mean": "median", "median": "mean", "sum": "mean", "any": "all", "all": "any", "first": "last", "last": "first"},
    **{"head": "tail", "tail": "head", "lower": "upper", "upper": "lower", "floor": "ceil", "ceil": "floor", "isna": "notna"},
    **{"notna": "isna", "isnull": "notnull", "notnull": "isnull", "ffill": "bfill", "bfill": "ffill"},
    **{"nlargest": "nsmallest", "nsmallest": "nlargest", "cumsum": "cumprod", "var": "std", "std": "var"},
}
SIGNS: dict[type[ast.AST], str] = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"},
    **{ast.Is: "is", ast.IsNot: "is not", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"},
    **{ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.And: "and", ast.Or: "or"},
}
LONGEST = 40
ASKED = "nb2prod_asks_about"  # a function of the process that runs the tests


@dataclass(frozen=True)
class Mutant:
    """One fault: the function it is in, its line in the file, what was changed, and the whole function with the change."""

    module: str
    function: str
    line: int
    what: str
    source: str
    asking: str = ""  # of a dropped argument: the function with a question whether that argument says what holds anyway

    def as_order(self) -> dict[str, str]:
        """What the process that puts it in must know."""
        return {"module": self.module, "function": self.function, "source": self.source, "asking": self.asking}


def named_values(source: str, function: str) -> list[int | float | str]:
    """The numbers and texts that a top-level function of a module names, then the attributes it reads (`df.age`), each once."""
    found: dict[int | float | str, None] = {}
    attributes: list[str] = []
    tops = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function]
    for node in (inner for top in tops for inner in _walk(top, _left_alone(top))):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str)) and not isinstance(node.value, bool):
            found[node.value] = None
        elif isinstance(node, ast.Attribute):
            attributes.append(node.attr)
    return list(dict.fromkeys([*found, *attributes]))


def mutants_of(source: str, module: str, functions: Iterable[str]) -> tuple[Mutant, ...]:
    """Every mutant of the named top-level functions of a module, in the order of their lines. Raises SyntaxError for what is no Python."""
    wanted = set(functions)
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name in wanted:
            found += list(_of_function(node, module))
    return tuple(found)


def _of_function(function: ast.FunctionDef, module: str) -> Iterator[Mutant]:
    original = _compiled(ast.unparse(function))
    total = sum(1 for _ in _changes(function))
    seen = {original}
    for number in range(total):
        changed = copy.deepcopy(function)
        line, (what, apply) = next(change for position, change in enumerate(_changes(changed)) if position == number)
        apply()
        text = ast.unparse(ast.fix_missing_locations(changed))
        try:
            code = _compiled(text)
        except (SyntaxError, ValueError):
            continue
        if code not in seen:
            seen.add(code)
            yield Mutant(module, function.name, line, what, text, _asking(function, number))


def _asking(function: ast.FunctionDef, number: int) -> str:
    """The function in which a call with an argument that is dropped says its function and that argument's name first."""
    changed = copy.deepcopy(function)
    _, (_, apply) = next(change for position, change in enumerate(_changes(changed)) if position == number)
    if not isinstance(apply, _Dropped):
        return ""
    apply.ask()
    return ast.unparse(ast.fix_missing_locations(changed))


class _Dropped:
    """Takes a keyword out of a call; or has the call ask about it."""

    def __init__(self, call: ast.Call, position: int) -> None:
        self.call = call
        self.position = position

    def __call__(self) -> None:
        del self.call.keywords[self.position]

    def ask(self) -> None:
        word = self.call.keywords[self.position].arg
        self.call.func = ast.Call(ast.Name(ASKED, ast.Load()), [self.call.func, ast.Constant(word)], [])


def _compiled(text: str) -> tuple[object, ...]:
    """What the function does when it runs: its bytecode, names and constants, without places in the file."""
    return _essence(compile(text, "<mutant>", "exec", dont_inherit=True))


def _essence(code: CodeType) -> tuple[object, ...]:
    constants = tuple(_essence(value) if isinstance(value, CodeType) else (type(value).__name__, repr(value)) for value in code.co_consts)
    return (code.co_code, code.co_names, code.co_varnames, constants)


def _changes(function: ast.FunctionDef) -> Iterator[tuple[int, Change]]:
    """Every possible change of a function with its line, always in the same order."""
    skipped = _left_alone(function)
    for node in _walk(function, skipped):
        line = getattr(node, "lineno", function.lineno)
        yield from ((line, change) for change in _changes_of(node))
        yield from _deletions(node, skipped)


def _left_alone(function: ast.FunctionDef) -> set[int]:
    """Docstrings, annotations and decorators: nothing that runs in the function's own work."""
    found: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found |= {id(one) for one in (*node.decorator_list, node.returns) if one is not None}
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                found.add(id(first))
        elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            found.add(id(node.annotation))
    return found


def _walk(node: ast.AST, skipped: set[int]) -> Iterator[ast.AST]:
    if id(node) not in skipped and not isinstance(node, (ast.Import, ast.ImportFrom)):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _walk(child, skipped)


def _changes_of(node: ast.AST) -> Iterator[Change]:
    for kind, changes in CHANGES:
        if isinstance(node, kind):
            yield from changes(node)


def _deletions(node: ast.AST, skipped: set[int]) -> Iterator[tuple[int, Change]]:
    """A statement that only does something to what is there can be forgotten; an assignment of a name would be a name that is missing."""
    blocks = [found for field in ("body", "orelse", "finalbody") if isinstance(found := getattr(node, field, None), list)]
    for block, position, statement in ((one, at, statement) for one in blocks for at, statement in enumerate(one)):
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        stored = targets and all(isinstance(target, (ast.Subscript, ast.Attribute)) for target in targets)
        if id(statement) not in skipped and (isinstance(statement, (ast.Expr, ast.AugAssign, ast.Delete)) or stored):
            yield statement.lineno, (f"deleted: {_short(statement)}", _replaced(block, position))


def _replaced(block: list[ast.stmt], position: int) -> Callable[[], None]:
    return lambda: block.__setitem__(position, ast.Pass())


def _compare(node: ast.Compare) -> Iterator[Change]:
    for position, operator in enumerate(node.ops):
        other = COMPARED[type(operator)]
        yield _signs(type(operator), other), _item(node.ops, position, other())


def _item(items: list[ast.cmpop], position: int, value: ast.cmpop) -> Callable[[], None]:
    return lambda: items.__setitem__(position, value)


def _calculation(node: ast.BinOp | ast.AugAssign) -> Iterator[Change]:
    other = CALCULATED.get(type(node.op))
    formats = isinstance(node.op, ast.Mod) and isinstance(node, ast.BinOp) and isinstance(node.left, (ast.Constant, ast.JoinedStr))
    if other and not formats:
        yield _signs(type(node.op), other), lambda: setattr(node, "op", other())


def _boolean(node: ast.BoolOp) -> Iterator[Change]:
    other = ast.Or if isinstance(node.op, ast.And) else ast.And
    yield _signs(type(node.op), other), lambda: setattr(node, "op", other())


def _unary(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, (ast.Not, ast.Invert)):
        yield f"{_short(node)} became {_short(node.operand)}", lambda: _become(node)


def _become(node: ast.UnaryOp) -> None:
    """`not x` as `not not x`, `~x` as `~~x`: the operand itself, without changing its parent."""
    node.operand = ast.UnaryOp(node.op, node.operand)


def _constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    other: object = None
    if isinstance(value, bool):
        other = not value
    elif isinstance(value, int):
        other = value + 1
    elif isinstance(value, float):
        other = value * 1.1 if value else 1.0
    elif isinstance(value, str):
        other = f"XX{value}XX"
    if other is not None:
        yield f"{_short(node)} became {other!r}"[: 2 * LONGEST], lambda: setattr(node, "value", other)


def _call(node: ast.Call) -> Iterator[Change]:
    for position, keyword in enumerate(node.keywords):
        if keyword.arg is not None and not _is_record(node):
            yield f"argument dropped: {keyword.arg}={_short(keyword.value)}", _Dropped(node, position)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    if name in CALLED:
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        yield f"{name}() became {CALLED[name]}()", lambda: setattr(node.func, field, CALLED[name])


def _is_record(node: ast.Call) -> bool:
    """Whether the call makes the named tuple that a stage returns: without one of its fields it could not be made at all."""
    return isinstance(node.func, ast.Name) and node.func.id.endswith("Result") and not node.args


def _return(node: ast.Return) -> Iterator[Change]:
    value = node.value
    if isinstance(value, ast.Call) and _is_record(value):
        for keyword in value.keywords:
            yield f"returned {keyword.arg} became None", _none(keyword)
    elif value is not None:
        yield "the value returned became None", _none(node)


def _none(node: ast.Return | ast.keyword) -> Callable[[], None]:
    return lambda: setattr(node, "value", ast.Constant(None))


def _condition(node: ast.If | ast.While | ast.IfExp) -> Iterator[Change]:
    yield f"the condition {_short(node.test)} was turned round", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test))


def _leaving(node: ast.Break | ast.Continue) -> Iterator[Change]:
    other = ast.Continue if isinstance(node, ast.Break) else ast.Break
    yield f"{_short(node)} became {_short(other())}", lambda: setattr(node, "__class__", other)


CHANGES: tuple[tuple[type[ast.AST] | tuple[type[ast.AST], ...], Callable[..., Iterator[Change]]], ...] = (
    (ast.Compare, _compare),
    ((ast.BinOp, ast.AugAssign), _calculation),
    (ast.BoolOp, _boolean),
    (ast.UnaryOp, _unary),
    (ast.Constant, _constant),
    (ast.Call, _call),
    (ast.Return, _return),
    ((ast.If, ast.While, ast.IfExp), _condition),
    ((ast.Break, ast.Continue), _leaving),
)


def _signs(old: type[ast.AST], new: type[ast.AST]) -> str:
    return f"`{SIGNS[old]}` became `{SIGNS[new]}`"


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
