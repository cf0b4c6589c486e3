"""f-strings with nothing to fill in -> plain strings.

print(f"done {{ok}}")    ->    print("done {ok}")
"""

from __future__ import annotations

import libcst as cst

from nb2prod.codegen.names import Names


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """The value stays the same; parts of a longer literal (`f"a" f"{b}"`) are left alone, they belong together."""
    return code.visit(_Plain())


class _Plain(cst.CSTTransformer):
    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
        return False

    def leave_FormattedString(self, original_node: cst.FormattedString, updated_node: cst.FormattedString) -> cst.BaseExpression:
        texts = [part.value for part in updated_node.parts if isinstance(part, cst.FormattedStringText)]
        if len(texts) != len(updated_node.parts):
            return updated_node
        prefix = updated_node.prefix.lower().replace("f", "")
        quote = updated_node.quote
        text = "".join(texts).replace("{{", "{").replace("}}", "}")
        return cst.SimpleString(prefix + quote + text + quote, lpar=updated_node.lpar, rpar=updated_node.rpar)
