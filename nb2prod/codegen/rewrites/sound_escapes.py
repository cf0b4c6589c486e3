r"""Backslashes that mean nothing -> backslashes that say so: Python warns of them now and will refuse them.

re.search(" ([A-Z]+)\.", name)    ->    re.search(r" ([A-Z]+)\.", name)
"\d\n"                            ->    "\\d\n"
"""

from __future__ import annotations

import ast
import re
import warnings

import libcst as cst

from nb2prod.codegen.names import Names

MEANT = frozenset("\n\r\\'\"abfnrtv01234567xNuU")


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """The value stays the same; strings whose every backslash has a meaning are left alone, and so are f-strings."""
    return code.visit(_Sound())


class _Sound(cst.CSTTransformer):
    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        text = updated_node.value
        inner = text[len(updated_node.prefix) + len(updated_node.quote) : -len(updated_node.quote)]
        if "r" in updated_node.prefix.lower() or all(letter in MEANT for letter in re.findall(r"\\(.)", inner, re.DOTALL)):
            return updated_node
        prefix = updated_node.prefix.lower().replace("u", "")
        doubled = re.sub(r"\\(.)", lambda found: found[0] if found[1] in MEANT else f"\\{found[0]}", inner, flags=re.DOTALL)
        candidates = [
            f"r{prefix}{updated_node.quote}{inner}{updated_node.quote}",
            f"{prefix}{updated_node.quote}{doubled}{updated_node.quote}",
        ]
        same = [candidate for candidate in candidates if _value(candidate) == _value(text)]
        return updated_node.with_changes(value=same[0]) if same else updated_node


def _value(literal: str) -> object:
    """What a literal means; Python's warnings about it are why we are here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.literal_eval(literal)
        except SyntaxError:
            return None
