"""`__name__` -> what it is in a notebook.

if __name__ == "__main__":    ->    train()
    train()
log = getLogger(__name__)     ->    log = getLogger("__main__")
"""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from nb2prod.codegen.names import Names

IS_MAIN = m.Comparison(
    left=m.Name("__name__"),
    comparisons=[m.ComparisonTarget(m.Equal(), m.SimpleString(m.MatchIfTrue(lambda text: text[1:-1] == "__main__")))],
)


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Unpacks `if __name__ == "__main__":` and replaces other mentions, in definitions too: what they do must not depend on their module."""
    return code.visit(_MainName())


class _MainName(cst.CSTTransformer):
    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.IndentedBlock:
        unpacked = [new for old, new in zip(original_node.body, updated_node.body, strict=True) for new in _unpack(old, new)]
        return updated_node.with_changes(body=unpacked)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if updated_node.value == "__name__":
            return cst.SimpleString('"__main__"')
        return updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)  # `cls.__name__` is another matter


def _unpack(old: cst.BaseStatement, new: cst.BaseStatement) -> list[cst.BaseStatement]:
    if not (isinstance(old, cst.If) and isinstance(new, cst.If)):
        return [new]
    if old.orelse is not None or not m.matches(old.test, IS_MAIN) or not isinstance(new.body, cst.IndentedBlock) or not new.body.body:
        return [new]
    first, *rest = new.body.body
    return [first.with_changes(leading_lines=[*new.leading_lines, *first.leading_lines]), *rest]  # type: ignore[attr-defined]
