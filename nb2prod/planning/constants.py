"""Assignments that mean the same at the top of a module as in the notebook: values that cannot change, made of nothing that can.

OPEN_MINUTES = 8 * 60                 constant
OUT = Path("output") / "tables"       constant (Path is an import)
minutes = HOURS * 60                  none, if HOURS is a parameter or is bound again
here = Path.cwd()                     none: it depends on when it runs
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from nb2prod.model.notebook import StatementId
from nb2prod.planning.code import LiveCode

# Calls that give the same unchangeable value whenever they run with unchangeable values.
MAKERS = frozenset("""abs bool bytes complex float frozenset hash int len max min ord chr pow round slice str sum tuple
    pathlib.Path pathlib.PurePath pathlib.PurePosixPath os.path.join os.path.basename os.path.splitext
    datetime.date datetime.datetime datetime.time datetime.timedelta decimal.Decimal fractions.Fraction re.compile
    math.sqrt math.log math.log2 math.log10 math.exp math.ceil math.floor math.radians math.degrees math.sin math.cos math.tan math.atan2 math.comb
    pandas.Timedelta pandas.Timestamp""".split())
VALUES = frozenset(
    "math.pi math.e math.inf math.nan math.tau numpy.pi numpy.e numpy.inf numpy.nan os.sep string.ascii_letters string.digits".split()
)
OPERATORS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context)
PARTS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.keyword, *OPERATORS)


def constant_name(id: StatementId, code: LiveCode, path_of: Callable[[str], str]) -> str:
    """The name a live statement gives to a constant for good, empty where it does not; `path_of` is the dotted path behind an import."""
    tree = code.tree(id)
    target = (
        tree.targets[0]
        if isinstance(tree, ast.Assign) and len(tree.targets) == 1
        else tree.target if isinstance(tree, ast.AnnAssign) else None
    )
    value = tree.value if isinstance(tree, (ast.Assign, ast.AnnAssign)) else None
    if not isinstance(target, ast.Name) or value is None or code.stores[target.id] != [id] or code.acts(id):
        return ""
    early = any(r.context == "text" or not r.deferred and code.rank[r.statement] < code.rank[id] for r in code.mentions_of(target.id))
    return target.id if not early and unchangeable(value, code, path_of) else ""


def unchangeable(node: ast.AST, code: LiveCode, path_of: Callable[[str], str]) -> bool:
    """Whether an expression can only give one value that nobody can change; names in it are judged by whoever moves them."""
    if isinstance(node, ast.Constant):
        return node.value is not ...
    if isinstance(node, ast.Name):
        return node.id in code.stores and not path_of(node.id)
    if isinstance(node, ast.Attribute):
        return dotted(node, code, path_of) in VALUES
    if isinstance(node, ast.Call):
        parts = (*node.args, *node.keywords)
        return dotted(node.func, code, path_of) in MAKERS and all(unchangeable(part, code, path_of) for part in parts)
    return isinstance(node, PARTS) and all(unchangeable(part, code, path_of) for part in ast.iter_child_nodes(node))


def dotted(node: ast.expr, code: LiveCode, path_of: Callable[[str], str]) -> str:
    """The path of what a name or a chain of attributes means, where it starts at an import or a builtin."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    start = path_of(node.id) or (node.id if hasattr(builtins, node.id) and node.id not in code.stores else "")
    return ".".join([start, *reversed(names)]) if start else ""
