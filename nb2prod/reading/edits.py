"""Text in the place of a syntax node, every line where it was.

put(<the call in `x = f(1,\\n 2)`>, "y", lines)   ->   ["x = y", ""]
"""

from __future__ import annotations

import ast

from nb2prod.reading.statements import character_column


def put(node: ast.expr | ast.stmt, text: str, lines: list[str]) -> None:
    """Put the text where the node stands; lines the node took beyond its first become blank."""
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    before = lines[first][: character_column(lines[first], node.col_offset)]
    after = lines[last][character_column(lines[last], node.end_col_offset or 0) :]
    joined = last > first and isinstance(node, ast.expr) and after.strip()
    if joined:  # what follows an expression belongs to its line
        lines[first : last + 1] = [before + text + " \\", *["\\"] * (last - first - 1), after]
    else:
        lines[first : last + 1] = [before + text + after, *[""] * (last - first)]
