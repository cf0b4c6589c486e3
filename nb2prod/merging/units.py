"""A Python text -> its units in order: docstring, imports, constants, functions, classes with their members, each with its own comments.

# as asked by Eva
def clean(df): ...     ->   Unit(("def", "clean"), "# as asked by Eva\\ndef clean(df): ...\\n", lead=2)
LIMIT = 3              ->   Unit(("name", "LIMIT"), "LIMIT = 3\\n")

Comment lines right above a statement belong to it, other comments are units of their own. Units joined again are the text, but for blank
lines at its end.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nb2prod.merging.lines import split_lines

Key = tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """One unit: `lead` is the number of blank lines before it. A class or a plain `if` has a `head` and its members as `inner` units."""

    key: Key
    text: str
    lead: int = 0
    head: str = ""
    inner: tuple[Unit, ...] = ()

    @property
    def kind(self) -> str:
        return self.key[0]

    @property
    def name(self) -> str:
        return self.key[1]

    def with_inner(self, head: str, inner: Sequence[Unit]) -> Unit:
        """The same unit around other members."""
        return replace(self, head=head, inner=tuple(inner), text=head + join(inner))


def split(text: str) -> tuple[Unit, ...]:
    """The units of a module. Raises ValueError for what Python cannot read, and for a carriage return within lines."""
    if "\r" in text or "\f" in text or "\0" in text:
        raise ValueError("a control character stands between its lines")
    lines = split_lines(text if text.endswith("\n") or not text else f"{text}\n")
    try:
        return _units(lines, ast.parse(text).body, 0, len(lines))
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from error


def join(units: Iterable[Unit]) -> str:
    """The text of units one below the other."""
    return "".join("\n" * unit.lead + unit.text for unit in units)


def alone(text: str) -> str:
    """The text of a unit as a module of its own: an indented one stands in a block."""
    code = next((line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")), "")
    return f"if True:\n{text}" if code[:1] in (" ", "\t") else text


def statements(text: str) -> list[ast.stmt]:
    """The statements of a unit. Raises SyntaxError."""
    body = ast.parse(alone(text)).body
    block = body[0] if alone(text) != text else None
    return block.body if isinstance(block, ast.If) and len(body) == 1 else body


def _units(lines: list[str], body: Sequence[ast.stmt], start: int, end: int) -> tuple[Unit, ...]:
    """The units of the statements between two lines (from 0, the end exclusive)."""
    found: list[Unit] = []
    at = start
    for group in _groups(body):
        first, last = _first_line(group[0]), _last_line(group[-1])
        at = _belonging(lines, at, first, group[0].col_offset, found)
        head = first
        while head > at and lines[head - 1].strip():
            head -= 1
        found += _notes(lines, at, head)
        unit = _unit(lines, group, head, last, is_first=body[0] is group[0])
        found.append(replace(unit, lead=_blank_before(lines, start, head)))
        at = last
    if body:
        at = _belonging(lines, at, end, body[0].col_offset, found)
    found += _notes(lines, at, end)
    return _numbered(found)


def _groups(body: Sequence[ast.stmt]) -> list[list[ast.stmt]]:
    """The statements, those that share a line together."""
    groups: list[list[ast.stmt]] = []
    for node in body:
        if groups and _first_line(node) < _last_line(groups[-1][-1]):
            groups[-1].append(node)
        else:
            groups.append([node])
    return groups


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _belonging(lines: list[str], at: int, end: int, column: int, found: list[Unit]) -> int:
    """Comments right below a statement and deeper than its border are the statement's own; gives the line after them."""
    stop = at
    while found and stop < end and lines[stop].strip() and len(lines[stop]) - len(lines[stop].lstrip()) > column:
        stop += 1
    if stop > at:
        more = "".join(lines[at:stop])
        last = found[-1]
        found[-1] = replace(last, text=last.text + more, inner=_extended(last.inner, more))
    return stop


def _extended(inner: tuple[Unit, ...], more: str) -> tuple[Unit, ...]:
    """The comments below the last member of a class belong to that member."""
    if not inner:
        return ()
    last = inner[-1]
    return (*inner[:-1], replace(last, text=last.text + more, inner=_extended(last.inner, more)))


def _notes(lines: list[str], start: int, end: int) -> list[Unit]:
    """The comments between two lines, each block a unit."""
    found: list[Unit] = []
    at = start
    while at < end:
        if not lines[at].strip():
            at += 1
            continue
        stop = at
        while stop < end and lines[stop].strip():
            stop += 1
        text = "".join(lines[at:stop])
        found.append(Unit(("note", text), text, _blank_before(lines, 0, at)))
        at = stop
    return found


def _blank_before(lines: list[str], start: int, at: int) -> int:
    count = 0
    while at - count > start and not lines[at - count - 1].strip():
        count += 1
    return count


def _unit(lines: list[str], group: Sequence[ast.stmt], head: int, last: int, is_first: bool) -> Unit:
    node = group[0]
    text = "".join(lines[head:last])
    unit = Unit(_key(group, is_first), text)
    body = getattr(node, "body", []) if isinstance(node, ast.ClassDef) or (isinstance(node, ast.If) and not node.orelse) else []
    if len(group) > 1 or not body or _first_line(body[0]) < _header_end(node):
        return unit
    start = _header_end(node)
    return replace(unit, head="".join(lines[head:start]), inner=_units(lines, body, start, last))


def _header_end(node: ast.stmt) -> int:
    """The line after the one that ends the header: what stands above the first member's own lines and comments is the header's."""
    parts = [
        node.lineno,
        *(part.end_lineno or 0 for part in ast.iter_child_nodes(node) if not isinstance(part, ast.stmt) and hasattr(part, "end_lineno")),
    ]
    return max(parts)


def _key(group: Sequence[ast.stmt], is_first: bool) -> Key:
    node = group[0]
    if len(group) > 1:
        return ("statement", "; ".join(ast.unparse(one) for one in group))
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return ("def", node.name)
    if isinstance(node, ast.Import):
        return ("import", "import", ", ".join(_alias(alias) for alias in node.names))
    if isinstance(node, ast.ImportFrom):
        return ("import", "from", "." * node.level + (node.module or ""))
    if isinstance(node, ast.Assign):
        return ("name", " = ".join(ast.unparse(target) for target in node.targets))
    if isinstance(node, ast.AnnAssign):
        return ("name", ast.unparse(node.target))
    if isinstance(node, ast.If):
        return ("if", ast.unparse(node.test))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) and is_first:
        return ("doc", "")
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ("statement", f"{ast.unparse(node.value.func)}(...)")
    return ("statement", type(node).__name__)


def _alias(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _numbered(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Keys that occur more than once (the halves of a property) get their rank."""
    seen: Counter[Key] = Counter()
    found = []
    for unit in units:
        rank = seen[unit.key]
        seen[unit.key] += 1
        found.append(replace(unit, key=(*unit.key, str(rank))) if rank else unit)
    return tuple(found)
