"""`%timeit` in kept code: what it measures changes something, and so runs as often as the magic says.

get_ipython().run_line_magic('timeit', '-n2 -r3 f(x)')    ->    def timed() -> None:
                                                                    for _ in range(2):
                                                                        f(x)
                                                                for _ in range(3):
                                                                    timed()
"""

from __future__ import annotations

import re

import libcst as cst

from nb2prod.codegen.names import Names, free_name
from nb2prod.codegen.rewrites.ipython import IPythonCall, ipython_call

OPTIONS = re.compile(r"\s*-(?:(?P<count>[nr])\s*(?P<number>\d+)|p\s*\d+|[tcoqv]+)(?=\s|$)")

REPEATS = 7  # so often IPython does it all again when nothing else is said


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """Replaces whole statements; a magic inside an expression is left alone."""
    return code.visit(_LineMagics(names))


class _LineMagics(cst.CSTTransformer):
    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.BaseStatement]:
        statement = updated_node.body[0]
        asked = ipython_call(statement.value) if isinstance(statement, cst.Expr) else None
        if asked is None or not asked.method.startswith("run_") or len(asked.texts) < 2:
            return updated_node
        if asked.texts[0] != "timeit":
            return updated_node
        first, *rest = timed(asked, free_name("timed", self.names.taken))
        return cst.FlattenSentinel([first.with_changes(leading_lines=updated_node.leading_lines), *rest])


def timed(asked: IPythonCall, name: str) -> list[cst.FunctionDef | cst.For | cst.SimpleStatementLine]:
    """What `%timeit` runs, in a function of its own as there; once where only the clock decides how often."""
    counts = {"n": 1, "r": REPEATS}
    rest = asked.texts[1]
    while found := OPTIONS.match(rest):
        if found["count"]:
            counts[found["count"]] = int(found["number"])
        rest = rest[found.end() :]
    if not re.search(r"-n\s*\d", asked.texts[1]):
        counts = {"n": 1, "r": 1}
    setup, body = (rest.strip(), asked.texts[2]) if len(asked.texts) > 2 else ("", rest.strip())
    lines = [*setup.splitlines(), *_repeated(counts["n"], body.rstrip().splitlines())]
    text = "\n".join([f"def {name}() -> None:", *_indented(lines), *_repeated(counts["r"], [f"{name}()"])])
    return list(cst.parse_module(text + "\n").body)  # type: ignore[arg-type]


def _repeated(times: int, lines: list[str]) -> list[str]:
    return lines if times == 1 else [f"for _ in range({times}):", *_indented(lines)]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
