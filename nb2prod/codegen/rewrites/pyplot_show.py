"""`plt.show()` -> what it does in a notebook: the figures shown are done with.

for c in columns:                 for c in columns:
    plt.hist(df[c])                   plt.hist(df[c])
    plt.show()             ->         plt.close("all")
"""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from nb2prod.codegen.names import Names


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """A definition whose figures a stage captures leaves them open instead."""
    return code.visit(_Show(names))


class _Show(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        pyplot = names.modules["matplotlib.pyplot"]
        self.shows = m.SimpleStatementLine([m.Expr(m.Call(func=m.Attribute(m.Name(pyplot), m.Name("show"))))])
        self.close = cst.Expr(cst.parse_expression(f'{pyplot}.close("all")'))
        self.open_figures = names.open_figures

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        if not m.matches(updated_node, self.shows):
            return updated_node
        return cst.RemoveFromParent() if self.open_figures else updated_node.with_changes(body=[self.close])
