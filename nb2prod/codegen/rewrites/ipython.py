"""Calls of `get_ipython()` and the texts in them, as IPython reads them: what the rewrites for magics share.

get_ipython().run_line_magic('cd', 'data')   ->   IPythonCall("run_line_magic", ("cd", "data"))
ls {folder}                                  ->   f"ls {folder}"     where `folder` is a variable of the code
echo $HOME {folder}                          ->   the text as it is: IPython fills in everything or nothing
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m

IPYTHON_METHOD = m.Attribute(m.Call(func=m.Name("get_ipython"), args=[]), m.Name())
PIECES = re.compile(r"\{\{|\}\}|\{(?P<braces>[^{}]+)\}|\$\$|\$(?P<dollar>[\w.]+)|(?P<odd>[{}])")
ESCAPES = {"{{": "{", "}}": "}", "$$": "$"}


class IPythonCall(NamedTuple):
    """A call of the running IPython: the method and its arguments, which are all texts."""

    method: str
    texts: tuple[str, ...]


def ipython_call(node: cst.CSTNode) -> IPythonCall | None:
    """What `node` asks of IPython, when it does and with plain texts only."""
    if not (isinstance(node, cst.Call) and m.matches(node.func, IPYTHON_METHOD)):
        return None
    texts = tuple(text for argument in node.args if (text := _text(argument.value)) is not None)
    if len(texts) != len(node.args):
        return None
    return IPythonCall(cst.ensure_type(node.func, cst.Attribute).attr.value, texts)


def expanded(text: str, variables: Collection[str]) -> cst.BaseExpression:
    """The text as an expression, with `{expression}` and `$name` filled in."""
    parts: list[tuple[str, str]] = []  # plain text and the expression behind it
    plain, end = "", 0
    for found in PIECES.finditer(text):
        plain += text[end : found.start()]
        end = found.end()
        if found[0] in ESCAPES:
            plain += ESCAPES[found[0]]
        elif _is_known(found["braces"] or found["dollar"] or "", variables):
            parts.append((plain, found["braces"] or found["dollar"]))
            plain = ""
        else:
            return text_literal(text)
    return _formatted(parts, plain + text[end:]) if parts else text_literal(plain + text[end:])


def text_literal(text: str) -> cst.BaseExpression:
    """A string literal; a text of several lines keeps them where triple quotes can hold it as it is."""
    printable = all(character.isprintable() or character == "\n" for character in text)
    if "\n" in text[:-1] and printable and "\\" not in text and '"' not in (text + " ")[-2:] and '"""' not in text and text[0] != '"':
        return cst.SimpleString(f'"""{text}"""')
    return cst.parse_expression(repr(text))


def _text(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)) else None
    return value if isinstance(value, str) else None


def _is_known(expression: str, variables: Collection[str]) -> bool:
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError:
        return False
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return bool(names) and names <= {*variables, *dir(builtins)}


def _formatted(parts: list[tuple[str, str]], end: str) -> cst.BaseExpression:
    """An f-string; `.format` where an expression holds quotes, which an f-string before Python 3.12 cannot."""
    if any(set(expression) & set("'\"\\") for _, expression in parts):
        template = "".join(_braced(plain) + "{}" for plain, _ in parts) + _braced(end)
        return cst.parse_expression(f"{template!r}.format({', '.join(expression for _, expression in parts)})")
    body = "".join(f"{_braced(plain)}{{{expression}}}" for plain, expression in parts) + _braced(end)
    return cst.parse_expression(f"f{body!r}")


def _braced(plain: str) -> str:
    return plain.replace("{", "{{").replace("}", "}}")
