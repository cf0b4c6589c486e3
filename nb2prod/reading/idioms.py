"""Python that means something else, or nothing, outside of a notebook -> Python that means there what it means in the notebook.

from tqdm.notebook import tqdm              from tqdm.auto import tqdm
'google.colab' in str(get_ipython())   ->   False
"__file__" in globals()                     False
rows.n     (rows = !ls)                     '\\n'.join(rows)
interact(draw, n=(0, 10));                  draw(n=5);
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nb2prod.model.syntax import nodes_of, parsed
from nb2prod.reading.around import is_shell
from nb2prod.reading.edits import put
from nb2prod.reading.shell_lines import plain_lines
from nb2prod.reading.statements import UNPARSABLE
from nb2prod.reading.translations import Around
from nb2prod.reading.widgets import first_call

WIDGET_BARS = ("tqdm.notebook", "tqdm._tqdm_notebook", "tqdm.autonotebook")
WIDGET_NAMES = {"tqdm_notebook": "tqdm", "tnrange": "trange"}
NAME_ERRORS = ("NameError", "Exception", "BaseException")
SIGNS = ("tqdm", "get_ipython", "__file__")


def plain_idioms(code: str, around: Around, captured: frozenset[str], lines_at: Sequence[frozenset[str]] = ()) -> str:
    """The code with its idioms replaced, line for line; `captured` are the names that hold what `%%capture` captured, `lines_at` for each
    statement those that hold the lines of a shell command there."""
    if not any(sign in code for sign in (*SIGNS, *around.lines, *around.lines_for_a_while, *around.shells, *around.interacts, *captured)):
        return code
    try:
        tree = parsed(code)
    except UNPARSABLE:
        return code
    lines = code.split("\n")
    held = [around if runs_later(part) else replace(around, lines=names) for part, names in zip(tree.body, lines_at, strict=False)]
    parts = zip(tree.body, held or [around] * len(tree.body), strict=True)
    edits = [edit for part, here in parts for edit in _edits(part, here, captured)]
    for node, text in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
        put(node, text, lines)
    return "\n".join(lines)


def runs_later(node: ast.stmt) -> bool:
    """Whether anything in a statement may run when the names around it hold something else."""
    return any(isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)) for part in nodes_of(node))


def _edits(tree: ast.AST, around: Around, captured: frozenset[str]) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """The outermost nodes to be replaced, and by what."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        text = _replacement(node, around, captured)
        if text is not None and isinstance(node, (ast.expr, ast.stmt)):
            yield node, text
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _replacement(node: ast.AST, around: Around, captured: frozenset[str]) -> str | None:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return _import(node)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in around.shells:
        return "get_ipython()"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in around.interacts:
        call = first_call(node.value, around.functions)
        return call and f"{call};"
    if isinstance(node, ast.Compare):
        return _question(node)
    if isinstance(node, ast.Try):
        return _without_file(node)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in captured and node.attr == "stdout":
        return f"{node.value.id}.getvalue()"
    return plain_lines(node, around.lines) if isinstance(node, ast.expr) and around.lines else None


def _import(node: ast.Import | ast.ImportFrom) -> str | None:
    """Progress bars that choose their kind themselves: those for notebooks need widgets."""
    if isinstance(node, ast.Import):
        one = node.names[0]
        return f"import tqdm.auto as {one.asname}" if len(node.names) == 1 and one.name in WIDGET_BARS and one.asname else None
    widgets = [alias for alias in node.names if alias.name in WIDGET_NAMES]
    if node.module in WIDGET_BARS:
        return "from tqdm.auto import " + ", ".join(_alias(alias) for alias in node.names)
    if node.module != "tqdm" or not widgets:
        return None
    plain = [ast.unparse(alias) for alias in node.names if alias not in widgets]
    return "; ".join(
        [
            *([f"from tqdm import {', '.join(plain)}"] if plain else []),
            f"from tqdm.auto import {', '.join(_alias(alias) for alias in widgets)}",
        ]
    )


def _alias(alias: ast.alias) -> str:
    name = WIDGET_NAMES.get(alias.name, alias.name)
    bound = alias.asname or alias.name
    return name if name == bound else f"{name} as {bound}"


def _question(node: ast.Compare) -> str | None:
    """What a notebook asks about where it runs, and what the answer is in every notebook that we can run."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.In, ast.NotIn)) or not isinstance(node.left, ast.Constant):
        return None
    (held,) = node.comparators
    asked = held.func.id if isinstance(held, ast.Call) and isinstance(held.func, ast.Name) else ""
    shell = asked in ("str", "repr") and isinstance(held, ast.Call) and len(held.args) == 1 and is_shell(held.args[0])
    colab = shell and isinstance(node.left.value, str) and "colab" in node.left.value
    file = node.left.value == "__file__" and asked in ("globals", "locals", "vars", "dir") and isinstance(held, ast.Call) and not held.args
    return str(isinstance(node.ops[0], ast.NotIn)) if colab or file else None


def _without_file(node: ast.Try) -> str | None:
    """`try: ... __file__ ... except NameError: ...`: a notebook has no file, so that what follows happens, where that is one line."""
    asks = [part for part in nodes_of(ast.Module(node.body[:1], [])) if isinstance(part, ast.Name) and part.id == "__file__"]
    if not asks or len(node.handlers) != 1 or node.finalbody:
        return None
    (handler,) = node.handlers
    catches = handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in NAME_ERRORS)
    simple = handler.name is None and all(isinstance(part, (ast.Assign, ast.Expr, ast.Pass)) for part in handler.body)
    return "; ".join(ast.unparse(part) for part in handler.body) if catches and simple else None
