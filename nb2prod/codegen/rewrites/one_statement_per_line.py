"""`a; b` inside blocks -> a line for each.

for x in xs: a(x); b(x);      ->      for x in xs:
                                          a(x)
                                          b(x)
"""

from __future__ import annotations

import libcst as cst

from nb2prod.codegen.names import Names


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Parts statements that share a line and takes trailing semicolons away."""
    return code.visit(_Lines())


class _Lines(cst.CSTTransformer):
    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.SimpleStatementLine]:
        if not _has_semicolon(updated_node):
            return updated_node
        lines = [cst.SimpleStatementLine([_bare(small)]) for small in updated_node.body]
        lines[0] = lines[0].with_changes(leading_lines=updated_node.leading_lines)
        lines[-1] = lines[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
        return cst.FlattenSentinel(lines)

    def leave_SimpleStatementSuite(self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite) -> cst.BaseSuite:
        """A suite on the line of its header becomes a block, so that other rewrites meet lines only."""
        lines = [cst.SimpleStatementLine([_bare(small)]) for small in updated_node.body]
        lines[-1] = lines[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
        return cst.IndentedBlock(lines)


def _has_semicolon(line: cst.SimpleStatementLine) -> bool:
    return len(line.body) > 1 or any(isinstance(small.semicolon, cst.Semicolon) for small in line.body)


def _bare(small: cst.BaseSmallStatement) -> cst.BaseSmallStatement:
    return small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
