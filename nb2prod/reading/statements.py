"""Python text of one cell -> its top-level statements, or the reason why it is no Python.

    "a = 1; b = 2"  ->  Statement(StatementId(0, 0), Span(1, 0, 1, 5), "a = 1"), Statement(StatementId(0, 1), Span(1, 7, 1, 12), "b = 2")
    "print 'hi'"    ->  "line 1: Missing parentheses in call to 'print'. Did you mean print(...)? (this looks like Python 2)"

The text is only compiled, never run.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence

from nb2prod.model.notebook import Span, Statement, StatementId
from nb2prod.model.syntax import children_of, parsed, remembered
from nb2prod.reading.characters import SURROGATE

# Matched against the compiler's message and the line it points at.
PYTHON_2 = re.compile(
    r"""Missing\ parentheses\ in\ call\ to\ '(print|exec)'
      | multiple\ exception\ types\ must\ be\ parenthesized
      | leading\ zeros\ in\ decimal\ integer
      | \n.*(<>|`|\braise\ [\w.]+,|\b[uU][rR]['"]|\b\d+[lL]\b)""",
    re.VERBOSE,
)
# What the compiler raises besides SyntaxError: text it cannot encode, nesting too deep, numbers too long.
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
DEEPEST = 300  # nodes within nodes: every pass over the code goes down one call or more for each


def split_statements(code: str, cell: int) -> tuple[tuple[Statement, ...], str]:
    """The top-level statements of a cell and an empty text, or no statements and "line N: why" when Python refuses the cell."""
    try:
        return _statements(code, cell), ""
    except UNPARSABLE as error:  # not remembered: it may have been for want of memory
        return (), _reason(error, code)


@remembered
def _statements(code: str, cell: int) -> tuple[Statement, ...]:
    tree = parsed(code)
    _check_depth(tree)
    _check_scopes(tree)
    lines = code.split("\n")
    spans = (_span(node, lines) for node in tree.body)
    return tuple(Statement(StatementId(cell, index), span, text_at(span, lines)) for index, span in enumerate(spans))


def half_character(source: str) -> str:
    """The syntax error of a cell that holds half of a surrogate pair: Python cannot encode it, so the cell cannot run anywhere."""
    found = SURROGATE.search(source)
    assert found is not None
    line = source.count("\n", 0, found.start()) + 1
    return f"line {line}: half of a surrogate pair (U+{ord(found[0]):04X}), which Python source cannot hold"


def text_at(span: Span, lines: Sequence[str]) -> str:
    """The text a span covers in the given lines."""
    first, last = span.start_line - 1, span.end_line - 1
    if first == last:
        return lines[first][span.start_column : span.end_column]
    return "\n".join([lines[first][span.start_column :], *lines[first + 1 : last], lines[last][: span.end_column]])


def character_column(line: str, byte_column: int) -> int:
    """The column in characters of a column that `ast` counts in UTF-8 bytes."""
    return byte_column if line.isascii() else len(line.encode()[:byte_column].decode())


def _check_depth(tree: ast.Module) -> None:
    """Raise `RecursionError` for code that is nested more deeply than anybody writes it."""
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in children_of(node)]
        if not level:
            return
    raise RecursionError(f"it is nested more than {DEEPEST} levels deep")


def _check_scopes(tree: ast.Module) -> None:
    """Raise the errors the parser leaves to the compiler: `return` outside a function, `break` outside a loop.

    One statement at a time, as IPython compiles them: so `from __future__ import ...` may stand anywhere.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for node in tree.body:
            compile(ast.Module([node], []), "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _span(node: ast.stmt, lines: Sequence[str]) -> Span:
    """Where a statement stands, from its first decorator on."""
    decorators = getattr(node, "decorator_list", [])
    start_line = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    start_column = character_column(lines[node.lineno - 1], node.col_offset)
    end_line = node.end_lineno or node.lineno
    end_column = character_column(lines[end_line - 1], node.end_col_offset or 0)
    return Span(start_line, start_column, end_line, end_column)


def _reason(error: BaseException, code: str) -> str:
    """Why Python refuses the code, in one line that starts with the cell's own line number."""
    lines = code.split("\n")
    if "\0" in code:
        return f"line {code.count(chr(10), 0, code.index(chr(0))) + 1}: a null byte, which Python source cannot hold"
    if not isinstance(error, SyntaxError):
        return f"line 1: Python cannot parse this cell ({type(error).__name__}: {error})"
    number = min(max(error.lineno or 1, 1), len(lines))
    looks_old = PYTHON_2.search(f"{error.msg}\n{lines[number - 1]}")
    return f"line {number}: {error.msg}" + (" (this looks like Python 2)" if looks_old else "")
