"""What one rewrite makes of a text."""

from __future__ import annotations

import libcst as cst

from nb2prod.codegen.names import MODULES, Names
from nb2prod.codegen.rewrites import Rewrite


def after(rewrite: Rewrite, code: str, *bound: str, stage: bool = True, open_figures: bool = False) -> str:
    """The text after the rewrite, where the code binds the names `bound`."""
    names = Names(MODULES, frozenset(bound), stage=stage, open_figures=open_figures)
    return rewrite(cst.parse_module(code), names).code
