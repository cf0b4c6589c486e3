"""Calls of `get_ipython()` and the texts in them, as IPython reads them: what the rewrites for magics share.

get_ipython().run_cell_magic('bash', '', 'ls')   ->   IPythonCall("run_cell_magic", ("bash", "", "ls"))
ls {folder}                                      ->   f"ls {folder}"     where `folder` is a variable of the code
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m

from nb2prod.knowledge.expansion import formatted, parts_of

IPYTHON_METHOD = m.Attribute(m.Call(func=m.Name("get_ipython"), args=[]), m.Name())


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
    parts, end = parts_of(text, variables)
    return cst.parse_expression(formatted(parts, end)) if parts else text_literal(end)


def text_literal(text: str) -> cst.BaseExpression:
    """A string literal; a text of several lines keeps them where triple quotes can hold it as it is."""
    printable = all(character.isprintable() or character == "\n" for character in text)
    if "\n" in text[:-1] and printable and "\\" not in text and '"' not in (text + " ")[-2:] and '"""' not in text and text[0] != '"':
        return cst.SimpleString(f'"""{text}"""')
    return cst.parse_expression(repr(text))


def _text(node: cst.BaseExpression) -> str | None:
    value = node.evaluated_value if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)) else None
    return value if isinstance(value, str) else None
