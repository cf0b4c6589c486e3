"""Names that only code in a text makes, which no function can hold -> the finding that stops the conversion.

exec("total = 5"); print(total)      ->   NB301 error: `total` is made by code in a text
"""

from __future__ import annotations

import builtins

from nb2prod.model.dataflow import Result
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.planning.code import LiveCode

CODE = "NB301"
MESSAGE = "`{name}` is made by code in a text, which a function cannot do"
HINT = "write the assignment out, or tag the cell `drop`"
ALWAYS_THERE = frozenset(dir(builtins)) | {"_", "__", "___", "In", "Out", "display", "get_ipython", "__name__", "__file__", "__doc__"}


def find_unheld(code: LiveCode, results: tuple[Result, ...]) -> tuple[Diagnostic, ...]:
    """An error for each name that is kept or used, and that nothing but a text can have made."""
    if not code.reflects or any(r.name == "*" and r.context == "store" for r in code.references):
        return ()
    makers = sorted(code.reflects, key=code.rank.__getitem__)
    used = {r.name for r in code.references if r.context == "load" and r.statement not in code.reflects}
    wanted = used | {result.name for result in results if result.kind == "variable"}
    missing = sorted(wanted - set(code.stores) - ALWAYS_THERE)
    line = code.notebook.statement(makers[0]).span.start_line
    return tuple(Diagnostic(CODE, Severity.error, MESSAGE.format(name=name), HINT, makers[0].cell, line) for name in missing)
