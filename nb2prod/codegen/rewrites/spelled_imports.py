"""Modules that reading spelled out, because their names could be the notebook's own -> the names they are imported by.

__import__('os').chdir('data')    ->    os.chdir('data')
"""

from __future__ import annotations

import libcst as cst

from nb2prod.codegen.names import Names


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Leaves other modules alone, and a module that is named by more than a text."""
    return code.visit(_Spelled(names))


class _Spelled(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        if not (isinstance(updated_node.func, cst.Name) and updated_node.func.value == "__import__" and len(updated_node.args) == 1):
            return updated_node
        value = updated_node.args[0].value
        module = value.evaluated_value if isinstance(value, cst.SimpleString) else None
        name = self.names.modules.get(module) if isinstance(module, str) else None
        return updated_node if name is None else cst.Name(name)
