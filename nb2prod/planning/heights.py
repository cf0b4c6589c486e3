"""Source of a statement -> about how many lines it has when black has laid it out.

plt.plot(x, y, label="a long label ...", color="blue", lw=2)     one line, or three, or one for each argument
"""

from __future__ import annotations

import ast

WIDTH = 92  # of 100, in a function, with a bracket or a comma behind
STEP = 4


def height(tree: ast.stmt, source: str) -> int:
    """The lines of a statement: as it was written, and more where a line of it is too wide."""
    written = source.count("\n") + 1
    widest = max(map(len, source.split("\n")))
    if widest <= WIDTH and (written == 1 or not _has_open_brackets(tree)):
        return written
    return written + sum(_more(node, STEP) for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _has_open_brackets(tree: ast.AST) -> bool:
    """Whether an expression goes over several lines, so that black may give each of its parts one."""
    return any(isinstance(node, ast.expr) and node.end_lineno != node.lineno for node in ast.walk(tree))


def _more(statement: ast.stmt, indent: int) -> int:
    """How many lines more than written the expressions of one statement need, without the statements inside it."""
    found = 0
    for node in ast.iter_child_nodes(statement):
        if isinstance(node, ast.expr):
            written = (node.end_lineno or node.lineno) - node.lineno + 1
            found += max(0, _lines(node, indent + statement.col_offset) - written)
    return found


def _lines(node: ast.expr, indent: int) -> int:
    """The lines of an expression that begins at a column: one, or those of its outermost brackets opened."""
    if len(ast.unparse(node)) + indent <= WIDTH:
        return 1
    parts = _parts(node)
    if not parts:
        return 1
    if sum(named + len(ast.unparse(part)) + len(", ") for named, part in parts) + indent + STEP <= WIDTH:
        return 3
    return 2 + sum(_lines(part, indent + STEP + named) for named, part in parts)


def _parts(node: ast.AST) -> list[tuple[int, ast.expr]]:
    """What black puts on lines of its own in the outermost brackets, each with the width of the name in front of it; of a chain of calls
    the arguments of the last."""
    if isinstance(node, ast.Call):
        named = [(len(keyword.arg or "") + 1, keyword.value) for keyword in node.keywords]
        return [*((0, argument) for argument in node.args), *named] or _parts(node.func)
    if isinstance(node, ast.Dict):
        return [(len(ast.unparse(key)) + 2 if key else 2, value) for key, value in zip(node.keys, node.values, strict=True)]
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [(0, element) for element in node.elts]
    if isinstance(node, ast.Subscript):
        return _parts(node.slice) if isinstance(node.slice, ast.Tuple) else [(0, node.slice)]
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return [(0, node.elt), *((len("for x in "), loop.iter) for loop in node.generators)]
    if isinstance(node, (ast.BinOp, ast.BoolOp, ast.Compare)):
        return [(0, child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return _parts(node.value) if isinstance(node, (ast.Attribute, ast.Await, ast.Starred)) else []
