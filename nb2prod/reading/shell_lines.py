"""`rows = !cmd` gives a list that can do more than a list; what is asked of it -> what plain Python says for it.

rows.n              '\\n'.join(rows)
rows.fields(0)  ->  [' '.join(found) for found in ([words[at] for at in (0,) if -len(words) <= at < len(words)] for words in ...) if found]
rows.grep("x")      [line for line in rows if __import__('re').search('x', line, __import__('re').IGNORECASE)]
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

SHELL_METHODS = ("getoutput", "getoutput_pcre")
JOINED = {"n": "'\\n'", "nlstr": "'\\n'", "s": "' '", "spstr": "' '"}
SAME = ("l", "list")
PATHS = ("p", "paths")
EXTRAS = frozenset({*JOINED, *SAME, *PATHS, "grep", "fields", "sort"})


def given_lines(values: Mapping[str, Sequence[ast.expr | None]]) -> frozenset[str]:
    """The names that never hold anything but the lines of a shell command, or some of them."""
    found: set[str] = set()
    while True:
        more = {name for name, given in values.items() if all(value is not None and is_lines(value, found) for value in given)}
        if more <= found:
            return frozenset(found)
        found |= more


def lines_in_order(
    cells: Iterable[Sequence[ast.stmt]], everywhere: frozenset[str], sure: Collection[str]
) -> Iterator[list[frozenset[str]]]:
    """For each statement of each cell the names that hold such lines there: those that do `everywhere`, and of the `sure` ones, which are
    bound by assignments at the top of cells only, those that hold them when the cells run one after another."""
    held: set[str] = set()
    for body in cells:
        found = []
        for statement in body:
            found.append(everywhere | held)
            if isinstance(statement, ast.Assign):
                lines = is_lines(statement.value, everywhere | held)
                names = {target.id for target in statement.targets if isinstance(target, ast.Name) and target.id in sure}
                held = held | names if lines else held - names
        yield found


def is_lines(node: ast.expr, names: Collection[str]) -> bool:
    """Whether an expression gives such a list."""
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Attribute):
        return node.attr in SAME and is_lines(node.value, names)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    asked = node.func
    if asked.attr in SHELL_METHODS:
        return isinstance(asked.value, ast.Call) and isinstance(asked.value.func, ast.Name) and asked.value.func.id == "get_ipython"
    return (
        asked.attr in ("grep", "sort")
        and is_lines(asked.value, names)
        or asked.attr == "fields"
        and bool(node.args)
        and is_lines(asked.value, names)
    )


def plain_lines(node: ast.expr, names: Collection[str]) -> str | None:
    """The plain Python of an expression that asks such a list for more than a list can; None for any other, and for what cannot be said."""
    if isinstance(node, ast.Attribute) and node.attr in (*JOINED, *SAME, *PATHS) and is_lines(node.value, names):
        return _attribute(node.attr, said(node.value, names))
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_lines(node.func.value, names)):
        return None
    try:
        arguments = [ast.literal_eval(argument) for argument in node.args]
        options = {option.arg: ast.literal_eval(option.value) for option in node.keywords}
    except ValueError:
        return None
    ask = ASKED.get(node.func.attr)
    return ask(said(node.func.value, names), arguments, options) if ask else None


def said(node: ast.expr, names: Collection[str]) -> str:
    return plain_lines(node, names) or ast.unparse(node)


def _attribute(name: str, lines: str) -> str:
    if name in JOINED:
        return f"{JOINED[name]}.join({lines})"
    if name in PATHS:
        return f"[__import__('pathlib').Path(path) for path in {lines} if __import__('os').path.exists(path)]"
    return lines


def _grep(lines: str, arguments: list[object], options: Mapping[str | None, object]) -> str | None:
    pattern, prune = (*arguments, False)[0], options.get("prune", (*arguments, False, False)[1])
    if not isinstance(pattern, str) or len(arguments) > 2 or set(options) - {"prune"}:
        return None
    return f"[line for line in {lines} if {'not ' if prune else ''}__import__('re').search({pattern!r}, line, __import__('re').IGNORECASE)]"


def _fields(lines: str, arguments: list[object], options: Mapping[str | None, object]) -> str | None:
    if not arguments:
        return f"[line.split() for line in {lines}]"
    if not all(type(argument) is int for argument in arguments) or options:
        return None
    words = f"(line.split() for line in {lines})"
    found = f"([words[at] for at in {tuple(arguments)!r} if -len(words) <= at < len(words)] for words in {words})"
    return f"[' '.join(found) for found in {found} if found]"


def _sort(lines: str, arguments: list[object], options: Mapping[str | None, object]) -> str | None:
    return None if arguments or options else f"sorted({lines})"


ASKED = {"grep": _grep, "fields": _fields, "sort": _sort}
