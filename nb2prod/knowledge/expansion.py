"""How IPython fills variables into the text of a magic or shell line, as the Python expression that gives the same text.

ls {folder}/*.csv      ->   f'ls {folder}/*.csv'      where `folder` is a variable
echo $HOME {folder}    ->   'echo $HOME {folder}'     where `HOME` is none: IPython fills in everything or nothing
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection

from nb2prod.model.syntax import nodes_of

PIECES = re.compile(r"\{\{|\}\}|\{(?P<braces>[^{}]+)\}|\$\$|\$(?P<dollar>[\w.]+)|(?P<odd>[{}])")
ESCAPES = {"{{": "{", "}}": "}", "$$": "$"}
Parts = tuple[tuple[str, str], ...]


def parts_of(text: str, variables: Collection[str]) -> tuple[Parts, str]:
    """The text cut up: plain text with the expression behind it, once for each, and the plain text at the end."""
    parts: list[tuple[str, str]] = []
    plain, end = "", 0
    for found in PIECES.finditer(text):
        plain += text[end : found.start()]
        end = found.end()
        if found[0] in ESCAPES:
            plain += ESCAPES[found[0]]
        elif is_known(found["braces"] or found["dollar"] or "", variables):
            parts.append((plain, found["braces"] or found["dollar"]))
            plain = ""
        else:
            return (), text
    return tuple(parts), plain + text[end:]


def is_known(expression: str, variables: Collection[str]) -> bool:
    """Whether an expression is Python, and about nothing but these variables and builtins."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError:
        return False
    names = {node.id for node in nodes_of(tree) if isinstance(node, ast.Name)}
    return bool(names) and names <= {*variables, *dir(builtins)}


def formatted(parts: Parts, end: str) -> str:
    """An f-string; `.format` where an expression holds quotes, which an f-string before Python 3.12 cannot."""
    if any(set(expression) & set("'\"\\") for _, expression in parts):
        template = "".join(_braced(plain) + "{}" for plain, _ in parts) + _braced(end)
        return f"{template!r}.format({', '.join(expression for _, expression in parts)})"
    body = "".join(f"{_braced(plain)}{{{expression}}}" for plain, expression in parts) + _braced(end)
    return f"f{body!r}"


def expanded(text: str, variables: Collection[str]) -> str:
    """The Python expression of a text with `{expression}` and `$name` filled in; a plain literal where there is nothing to fill in."""
    parts, end = parts_of(text, variables)
    return formatted(parts, end) if parts else repr(end)


def _braced(plain: str) -> str:
    return plain.replace("{", "{{").replace("}", "}}")
