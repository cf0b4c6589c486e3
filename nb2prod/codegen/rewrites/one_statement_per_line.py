"""`a; b` inside blocks -> a line for each.

for x in xs: a(x); b(x);      ->      for x in xs:
                                          a(x)
                                          b(x)
    import os, re                 ->      import os
                                          import re
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
        small = [part for statement in updated_node.body for part in _parts(statement)]
        if len(small) == 1 and not isinstance(small[0].semicolon, cst.Semicolon):
            return updated_node
        lines = [cst.SimpleStatementLine([_bare(statement)]) for statement in small]
        lines[0] = lines[0].with_changes(leading_lines=updated_node.leading_lines)
        lines[-1] = lines[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
        return cst.FlattenSentinel(lines)

    def leave_SimpleStatementSuite(self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite) -> cst.BaseSuite:
        """A suite on the line of its header becomes a block, so that other rewrites meet lines only."""
        lines = [cst.SimpleStatementLine([_bare(small)]) for small in updated_node.body]
        lines[-1] = lines[-1].with_changes(trailing_whitespace=updated_node.trailing_whitespace)
        return cst.IndentedBlock(lines)


def _parts(statement: cst.BaseSmallStatement) -> list[cst.BaseSmallStatement]:
    """An import of several modules as several imports."""
    if not isinstance(statement, cst.Import) or len(statement.names) == 1:
        return [statement]
    return [cst.Import([alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)]) for alias in statement.names]


def _bare(small: cst.BaseSmallStatement) -> cst.BaseSmallStatement:
    return small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
