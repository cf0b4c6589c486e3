"""Line magics that change something -> plain Python; those that only measure go.

get_ipython().run_line_magic('cd', 'data')       ->    os.chdir('data')
get_ipython().run_line_magic('env', 'A=b')       ->    os.environ['A'] = 'b'
get_ipython().run_line_magic('timeit', 'f()')    ->    (nothing)
"""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

from nb2prod.codegen.names import Names
from nb2prod.codegen.rewrites.ipython import IPythonCall, expanded, ipython_call

ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:\s*=\s*|\s+)(?P<value>\S.*)")
MEASURES = ("timeit", "prun")


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Replaces whole statements; a magic inside an expression is left alone."""
    return code.visit(_LineMagics(names))


class _LineMagics(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        statement = updated_node.body[0]
        asked = ipython_call(statement.value) if isinstance(statement, cst.Expr) else None
        if asked is None or not asked.method.startswith("run_") or len(asked.texts) < 2:
            return updated_node
        if asked.texts[0] in MEASURES:
            return cst.RemoveFromParent()
        replaced = MAGICS[asked.texts[0]](asked, self.names) if asked.texts[0] in MAGICS else None
        return updated_node if replaced is None else updated_node.with_changes(body=[replaced])


def _change_directory(asked: IPythonCall, names: Names) -> cst.BaseSmallStatement | None:
    folder = asked.texts[1].strip().strip("'\"") or "~"
    if folder.startswith("-"):
        return None
    path: cst.BaseExpression = expanded(folder, names.bound)
    if folder.startswith("~"):
        path = cst.Call(cst.parse_expression(f"{names.modules['os']}.path.expanduser"), [cst.Arg(path)])
    return cst.Expr(cst.Call(cst.parse_expression(f"{names.modules['os']}.chdir"), [cst.Arg(path)]))


def _set_variable(asked: IPythonCall, names: Names) -> cst.BaseSmallStatement | None:
    found = ASSIGNMENT.fullmatch(asked.texts[1].strip())
    if found is None:
        return None
    target = cst.parse_expression(f"{names.modules['os']}.environ[{found['name']!r}]")
    assert isinstance(target, cst.BaseAssignTargetExpression)
    return cst.Assign([cst.AssignTarget(target)], expanded(found["value"], names.bound))


MAGICS: dict[str, Callable[[IPythonCall, Names], cst.BaseSmallStatement | None]] = {
    "cd": _change_directory,
    "env": _set_variable,
    "set_env": _set_variable,
}
