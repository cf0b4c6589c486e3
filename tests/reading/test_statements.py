"""A cell's Python is cut into top-level statements, or refused with the line and the reason."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nb2prod.model.notebook import Span, Statement, StatementId
from nb2prod.reading.statements import half_character, split_statements

SPLITS = [
    ("a = 1; b = 2", [(Span(1, 0, 1, 5), "a = 1"), (Span(1, 7, 1, 12), "b = 2")]),
    ("df.head();", [(Span(1, 0, 1, 9), "df.head()")]),
    (
        "@cached\n@timed\ndef f():\n    return 1\nf()",
        [(Span(1, 0, 4, 12), "@cached\n@timed\ndef f():\n    return 1"), (Span(5, 0, 5, 3), "f()")],
    ),
    ("@d\nclass A: pass", [(Span(1, 0, 2, 13), "@d\nclass A: pass")]),
    ("é = 'ü'; b = 'ö€😀'; c", [(Span(1, 0, 1, 7), "é = 'ü'"), (Span(1, 9, 1, 18), "b = 'ö€😀'"), (Span(1, 20, 1, 21), "c")]),
    ("\n# note\nx = (1 +\n     2)  # sum\n", [(Span(3, 0, 4, 7), "x = (1 +\n     2)")]),
    ("(df\n  .head())", [(Span(1, 0, 2, 10), "(df\n  .head())")]),
    ("s = '''ä\nö'''; t", [(Span(1, 0, 2, 4), "s = '''ä\nö'''"), (Span(2, 6, 2, 7), "t")]),
    ("await f()", [(Span(1, 0, 1, 9), "await f()")]),
    ("x = 1\nfrom __future__ import annotations", [(Span(1, 0, 1, 5), "x = 1"), (Span(2, 0, 2, 34), "from __future__ import annotations")]),
    ("print('\\d', 1 is 1)", [(Span(1, 0, 1, 19), "print('\\d', 1 is 1)")]),
    ("# nothing", []),
    ("", []),
]
OLD = " (this looks like Python 2)"
REFUSED = [
    ("x = 1\nprint 'a'", "line 2: Missing parentheses in call to 'print'. Did you mean print(...)?" + OLD),
    ("exec 'a'", "line 1: Missing parentheses in call to 'exec'. Did you mean exec(...)?" + OLD),
    ("if a <> b: pass", "line 1: invalid syntax" + OLD),
    ("raise ValueError, 'a'", "line 1: invalid syntax" + OLD),
    ("x = 0777", "line 1: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers" + OLD),
    ("return 1", "line 1: 'return' outside function"),
    ("x = 1\nbreak", "line 2: 'break' outside loop"),
    ("x = (1", "line 1: '(' was never closed"),
    ("x = 1\n  y", "line 2: unexpected indent"),
    ("a\nx = '\0'", "line 2: a null byte, which Python source cannot hold"),
]


@pytest.mark.parametrize(("code", "expected"), SPLITS)
def test_a_cell_is_cut_into_these_statements(code: str, expected: list[tuple[Span, str]]) -> None:
    statements = tuple(Statement(StatementId(7, index), span, source) for index, (span, source) in enumerate(expected))
    assert split_statements(code, 7) == (statements, "")


@pytest.mark.parametrize(("code", "reason"), REFUSED)
def test_what_python_refuses_has_no_statements_but_a_reason(code: str, reason: str) -> None:
    assert split_statements(code, 0) == ((), reason)


def test_nesting_too_deep_for_python_is_a_reason_too() -> None:
    statements, reason = split_statements("x = " + "-" * 100_000 + "1", 0)
    assert statements == ()
    assert reason.startswith("line 1: ")


def test_half_a_surrogate_pair_is_named_with_its_line() -> None:
    assert half_character("a\n# \ud83d") == "line 2: half of a surrogate pair (U+D83D), which Python source cannot hold"


PIECES = st.sampled_from(["é = 'ß😀'", "a = 1", "@d\ndef f(): pass\n", "x = '''\nü'''", "(1,\n2)", "if a:\n    b\n", "# ö", ""])


@given(st.lists(st.tuples(PIECES, st.sampled_from(["\n", "; ö\n", "\n\n"]))))
def test_spans_cut_out_text_that_means_the_statement(pieces: list[tuple[str, str]]) -> None:
    code = "".join(piece + ("\n" if "\n" in piece or piece.startswith("#") or not piece else end) for piece, end in pieces)
    statements, reason = split_statements(code, 0)
    assert reason == ""
    assert [ast.dump(ast.parse(s.source)) for s in statements] == [ast.dump(ast.Module([node], [])) for node in ast.parse(code).body]
