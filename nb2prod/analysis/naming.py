"""Names for shown values and figures that have none in the notebook.

accuracy_score(y, p)        -> "accuracy"
df["age"].mean()            -> "age_mean"
a figure under "## Sales by month"  -> "figure_sales_by_month"
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable

from nb2prod.model.notebook import Notebook

WRAPPERS = frozenset("round float int str abs sqrt len format list dict repr sorted".split())


class Names:
    """Gives out each name once, keeping clear of the notebook's own names, builtins and keywords."""

    def __init__(self, notebook: Notebook, taken: Iterable[str]) -> None:
        self.notebook = notebook
        words = {word for cell in notebook.code_cells for word in re.findall(r"[^\W\d]\w*", cell.code)}
        self.taken = set(taken) | words | set(dir(builtins)) | set(keyword.kwlist)

    def of(self, node: ast.expr, cell: int) -> str:
        """A name for an expression, from what computes it."""
        return self.free(slug("_".join(words_of(node))[:48]) or f"value_cell_{cell}", cell)

    def figure(self, cell: int) -> str:
        """A name for the figure of a cell, from the heading above it."""
        for earlier in reversed(self.notebook.cells[:cell]):
            heading = re.search(r"^#{1,6}\s+(.+)$", earlier.source, re.MULTILINE) if earlier.kind == "markdown" else None
            if heading:
                return self.free(f"figure_{slug(heading.group(1))[:36].strip('_') or cell}", cell)
        return self.free(f"figure_cell_{cell}", cell)

    def free(self, name: str, cell: int) -> str:
        """The name itself, or with the cell's number where it is taken."""
        placed = name if name.endswith(f"cell_{cell}") else f"{name}_cell_{cell}"
        candidates = [name, placed, *(f"{placed}_{rank}" for rank in range(2, 1000))]
        found = next(candidate for candidate in candidates if candidate not in self.taken)
        self.taken.add(found)
        return found


def words_of(node: ast.expr) -> list[str]:
    """The telling words of an expression: columns it selects and the last thing called."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        inner = next((words for argument in node.args if (words := words_of(argument))), []) if name in WRAPPERS else []
        owner = (
            words_of(node.func.value)
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, (ast.Subscript, ast.Call))
            else []
        )
        called = (
            [] if name in ("head", "tail", "round", "reset_index", "to_string", "float", "item") else [name.removesuffix("_score") or name]
        )
        return (inner or list(dict.fromkeys([*owner, *texts(node)]))[:2]) + called
    if isinstance(node, ast.Subscript):
        return words_of(node.value)[:1] * (not isinstance(node.value, ast.Name)) + texts(node.slice)[:2]
    if isinstance(node, ast.Attribute):
        return words_of(node.value)[-1:] + [node.attr]
    if isinstance(node, ast.Name):
        return [node.id]
    return []


def texts(node: ast.AST) -> list[str]:
    """Short string constants directly in an expression that read as words: column names."""
    found = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [text for text in found if re.fullmatch(r"\w{2,20}", text)][:1]


def slug(text: str) -> str:
    """Lower-case words joined by underscores, a valid identifier or empty."""
    plain = re.sub(r"\W+", "_", text.lower()).strip("_")
    return plain if plain.isidentifier() else f"value_{plain}" if plain and f"value_{plain}".isidentifier() else ""
