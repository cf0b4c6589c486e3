"""Why a statement lives or does not, in one plain sentence.

scaler.fit(X)          live: "needed by `auc` through `scaler` (cell 4)"
corr = df.corr()       dead: "nothing kept uses `corr`"
df = df.dropna()       dead: "overwritten in cell 9 before any use"
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nb2prod.analysis.walk import Step
from nb2prod.model.dataflow import Edge
from nb2prod.show.locations import Names, in_words

PEEKS = {
    "head": "only shows the first rows",
    "tail": "only shows the last rows",
    "sample": "only shows some random rows",
    "info": "only shows what columns there are",
    "describe": "only summarises the data while exploring",
    "shape": "only shows the size",
    "columns": "only shows the column names",
    "dtypes": "only shows the column types",
    "value_counts": "only counts values while exploring",
    "nunique": "only counts values while exploring",
    "unique": "only lists values while exploring",
}
COMPOUND = {"For": "loop", "AsyncFor": "loop", "While": "loop", "If": "branch", "With": "block", "Try": "block", "Match": "branch"}


def needed(edge: Edge, result: str, names: Names) -> str:
    """Why a statement lives that another one needs: for which result, what passes between them, and where it is used."""
    through = in_words(edge.location, names)
    return (
        f"needed by {result} (cell {edge.user.cell})"
        if through == result
        else f"needed by {result} through {through} (cell {edge.user.cell})"
    )


def dead_reason(step: Step, overwriter: Step | None, users: list[Edge], character: str) -> str:
    """Why nothing needs a statement, in a sentence a person accepts; `overwriter` is the next to define all its names."""
    tree = step.tree
    if isinstance(tree, ast.Expr):
        return dead_expression(tree.value, step, users)
    if isinstance(tree, (ast.Import, ast.ImportFrom)):
        return f"nothing kept uses {listed(names_of(step))}"
    if isinstance(tree, ast.Assert):
        return "only checks something, and no result depends on it"
    if isinstance(tree, ast.Delete):
        return f"only forgets {listed(ast.unparse(target) for target in tree.targets)}"
    if isinstance(tree, ast.Pass):
        return "does nothing"
    names = names_of(step)
    if names and not users and overwriter is not None:
        return f"overwritten in cell {overwriter.id.cell} before any use"
    if step.touches.draws:
        return "draws a plot that is only shown" if character == "job" else "draws a plot that no result needs"
    return f"nothing kept uses {listed(names)}" if names else unnamed(step)


def unnamed(step: Step) -> str:
    """Why a statement is dead that gives nothing a name: it only changed parts of something, or did something in a loop or branch."""
    tree = step.tree
    targets = tree.targets if isinstance(tree, ast.Assign) else [tree.target] if isinstance(tree, (ast.AugAssign, ast.AnnAssign)) else []
    if targets:
        return f"nothing kept uses {listed(ast.unparse(target) for target in targets)} after this"
    word = COMPOUND.get(type(tree).__name__, "statement")
    return f"only prints while exploring, in a {word}" if step.touches.prints else f"nothing kept uses what this {word} does"


def dead_expression(node: ast.expr, step: Step, users: list[Edge]) -> str:
    """Why an expression is dead that stands alone."""
    called = node.func if isinstance(node, ast.Call) else node
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if step.touches.shows_figures and not step.touches.draws:
        return "only shows figures on the screen"
    if step.touches.draws:
        return "draws a plot that is only shown"
    if name == "print" or step.touches.prints:
        return "only prints while exploring"
    if name in PEEKS:
        return PEEKS[name]
    if isinstance(node, ast.Constant):
        return "is only a text, and does nothing" if isinstance(node.value, str) else "is only a constant, and does nothing"
    if isinstance(node, ast.Name):
        return f"only shows `{name}`"
    if step.touches.looks:
        return "only looks around"
    return unneeded_change(node, step) if not users else "only looks at a value while exploring"


def unneeded_change(node: ast.expr, step: Step) -> str:
    """What an expression changed that nobody looks at afterwards: state of a library, or the object whose method it calls."""
    states = sorted(location for location in step.effects.updates | step.effects.defines if location.kind == "ambient")
    if states:
        return f"nothing kept depends on {in_words(states[0], {})}"
    own = f"{step.id.cell}.{step.id.index}:"
    changed = any(location.kind == "object" and not location.key.startswith((own, "module:")) for location in step.effects.updates)
    owner = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    if changed and isinstance(owner, (ast.Name, ast.Attribute, ast.Subscript)):
        return f"nothing kept uses {listed([ast.unparse(owner)])} after this"
    return "only looks at a value while exploring"


def names_of(step: Step) -> list[str]:
    """The names a statement binds, or would have."""
    return sorted(step.bound) or sorted(location.key for location in step.effects.defines if location.kind == "name")


def listed(texts: Iterable[str]) -> str:
    """The first three, quoted: "`a`, `b` or `c`"."""
    quoted = [f"`{text if len(text) <= 40 else text[:37] + '...'}`" for text in (" ".join(text.split()) for text in texts)]
    if len(quoted) > 3:
        return f"{', '.join(quoted[:3])} or {len(quoted) - 3} more"
    return " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]])) if quoted else "it"
