"""Two stages that do the same over other variables -> the later one calls the earlier one.

def scale_train(train):                      def scale_test(test):
    low = train.min()                            low = test.min()              def scale_test(test):
    train = (train - low) / train.std()  and     test = (test - low) / ...  ->     return scale_train(train=test)
    return train                                 return test

They are the same when one way of calling their variables otherwise makes one text of both: each variable of one is always the same variable of the
other, everything else is equal, comments too. Where a text mentions a variable, as formulas and queries do, nothing is merged.
"""

from __future__ import annotations

import ast
import io
import re
import symtable
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nb2prod.codegen.functions import Chunk

FEWEST = 4  # lines of a body that are worth a call
BY_NAME = frozenset({"locals", "vars", "eval", "exec", "globals", "query", "dir", "compile"})


@dataclass(frozen=True)
class Body:
    """What a stage's function does: its statements without docstring and `return`, what it takes and gives with the annotations, the class that
    holds what it gives, its variables, comments and length."""

    name: str
    module: str
    statements: tuple[ast.stmt, ...]
    arguments: Mapping[str, str]
    gives: Mapping[str, str]
    returned: str
    variables: frozenset[str]
    comments: tuple[str, ...]
    lines: int


def without_duplicates(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks, where a stage that does what an earlier one of its module does calls that one."""
    known: list[Body] = []
    found = []
    for chunk in chunks:
        body = body_of(chunk) if chunk.stage else None
        same = next((pair for earlier in known if body and (pair := match(earlier, body))), None)
        found.append(replace(chunk, text=_calling(chunk.text, *same)) if same else chunk)
        known.extend([body] if body and not same else [])
    return found


def body_of(chunk: Chunk) -> Body | None:
    """The body of a stage; nothing for one that is not of the plain kind, or too short."""
    *classes, function = ast.parse(chunk.text).body
    if not isinstance(function, ast.FunctionDef) or not all(isinstance(one, ast.ClassDef) for one in classes) or len(classes) > 1:
        return None
    *own, last = function.body[1:] or [ast.Pass()]
    gives, returned = _returned(last, function, classes)
    statements = own if isinstance(last, ast.Return) else [*own, last]
    lines = (statements[-1].end_lineno or 0) - statements[0].lineno + 1 if own else 0
    variables, others = _names(chunk.text)
    if gives is None or lines < FEWEST or variables & others or any(map(_is_odd, (n for one in statements for n in ast.walk(one)))):
        return None
    arguments = {argument.arg: _text(argument.annotation) for argument in function.args.args}
    comments = tuple(_comments(chunk.text))
    return Body(function.name, chunk.module, tuple(statements), arguments, gives, returned, variables, comments, lines)


def _is_odd(node: ast.AST) -> bool:
    """Whether code means something else where its variables are called otherwise, or ends before its end."""
    if isinstance(
        node, (ast.Global, ast.Nonlocal, ast.Return, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    ):
        return True
    return getattr(node, "id", getattr(node, "attr", "")) in BY_NAME


def match(one: Body, other: Body) -> tuple[Body, Body, dict[str, str]] | None:
    """The bodies with the variable of the first for each of the second, where they do the same."""
    if (one.module, one.comments, len(one.arguments), len(one.gives)) != (
        other.module,
        other.comments,
        len(other.arguments),
        len(other.gives),
    ):
        return None
    names: dict[str, str] = {}
    if not _alike(one.statements, other.statements, one, other, names) or len(set(names.values())) < len(names):
        return None
    changed = {name for pair in names.items() if pair[0] != pair[1] for name in pair}
    if changed & {word for body in (one, other) for word in _words(body)}:
        return None
    taken = {names.get(name): annotation for name, annotation in other.arguments.items()}
    given = {names.get(name): annotation for name, annotation in other.gives.items()}
    return (one, other, names) if taken == one.arguments and given == one.gives else None


def _alike(first: object, second: object, one: Body, other: Body, names: dict[str, str]) -> bool:
    """Whether two pieces of syntax are equal but for variables, which go into `names`."""
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(_alike(a, b, one, other, names) for a, b in zip(first, second, strict=True))
    if isinstance(first, ast.AST) and isinstance(second, ast.AST):
        if type(first) is not type(second):
            return False
        return all(
            (
                _same_name(a, b, one, other, names)
                if field in ("id", "name") and isinstance(a, str) and isinstance(b, str)
                else _alike(a, b, one, other, names)
            )
            for field, a, b in ((field, getattr(first, field, None), getattr(second, field, None)) for field in first._fields)
        )
    return repr(first) == repr(second)


def _same_name(a: str, b: str, one: Body, other: Body, names: dict[str, str]) -> bool:
    if (a in one.variables) != (b in other.variables):
        return False
    return names.setdefault(b, a) == a if b in other.variables else a == b


def _returned(last: ast.stmt, function: ast.FunctionDef, classes: Sequence[ast.stmt]) -> tuple[dict[str, str] | None, str]:
    """The variables that a function gives with their annotations, and the class that holds them; None for what is not of these kinds."""
    if not isinstance(last, ast.Return):
        return {}, ""
    value = last.value
    if isinstance(value, ast.Name):
        return {value.id: _text(function.returns)}, ""
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and classes):
        return None, ""
    fields = {
        node.target.id: _text(node.annotation)
        for node in ast.walk(classes[0])
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    given = [keyword.value.id for keyword in value.keywords if isinstance(keyword.value, ast.Name) and keyword.value.id == keyword.arg]
    return (fields, value.func.id) if given == list(fields) else (None, "")


def _text(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation) if annotation else ""


def _names(text: str) -> tuple[frozenset[str], set[str]]:
    """The variables of the last function of a text, those of functions inside it among them; and the names it takes from its module."""
    function = symtable.symtable(text, "stage", "exec").get_children()[-1]
    own: set[str] = set()
    others: set[str] = set()
    waiting = [function]
    while waiting:
        table = waiting.pop()
        waiting.extend(table.get_children())
        for symbol in table.get_symbols():
            (others if symbol.is_global() else own).add(symbol.get_name())
    return frozenset(own), others


def _words(body: Body) -> Iterator[str]:
    """The words in the texts of a body."""
    for statement in body.statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from re.findall(r"\w+", node.value)


def _comments(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _calling(text: str, one: Body, other: Body, names: dict[str, str]) -> str:
    """The function of the second body with a call of the first one's in it."""
    function = ast.parse(text).body[-1]
    assert isinstance(function, ast.FunctionDef)
    head = text.split("\n")[: function.body[0].end_lineno]
    call = f"{one.name}({', '.join(f'{names[name]}={name}' for name in other.arguments)})"
    if not other.gives:
        lines = [f"    {call}"]
    elif not other.returned:
        lines = [f"    return {call}"]
    else:
        fields = ", ".join(f"{name}=same.{names[name]}" for name in other.gives)
        lines = [f"    same = {call}", f"    return {other.returned}({fields})"]
    return "\n".join([*head, *lines]) + "\n"
