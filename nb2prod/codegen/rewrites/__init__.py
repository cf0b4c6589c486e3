"""General rewrites: code that only means something inside a notebook becomes plain Python.

Takes a module that holds one function or definition, and what is known about names; gives the module, changed or the very same.
A rewrite never looks at the plan. To add one, write `rewrites/<slug>.py` with `rewrite(code, names)` and list it here.
"""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from nb2prod.codegen.names import Names
from nb2prod.codegen.rewrites import (
    display,
    line_magics,
    main_name,
    one_statement_per_line,
    plain_strings,
    pyplot_show,
    shell,
    sound_escapes,
    spelled_imports,
    top_level_await,
)

Rewrite = Callable[[cst.Module, Names], cst.Module]

# Lines are parted first, because the rewrites that replace whole lines look at lines with one statement; `main_name` unpacks blocks for
# the ones after it; plain strings come late, because others write f-strings; await makes two functions of one and so comes last.
REWRITES: tuple[Rewrite, ...] = (
    one_statement_per_line.rewrite,
    main_name.rewrite,
    shell.rewrite,
    line_magics.rewrite,
    spelled_imports.rewrite,
    display.rewrite,
    pyplot_show.rewrite,
    plain_strings.rewrite,
    sound_escapes.rewrite,
    top_level_await.rewrite,
)


def rewrite(code: cst.Module, names: Names) -> cst.Module:
    """The code after every rewrite."""
    for step in REWRITES:
        code = step(code, names)
    return code
