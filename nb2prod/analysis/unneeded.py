"""Imports, which are live for other reasons than data flow: some register things when imported, and of equal ones the first serves all.

import mpl_toolkits.mplot3d      kept although no name of it is used: importing it adds a projection
import pandas as pd   (again)    dead where an equal import already lives above it
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from nb2prod.analysis.liveness import SIDE_EFFECT_IMPORTS
from nb2prod.analysis.walk import Step, Walk
from nb2prod.model.notebook import StatementId

NOTEBOOK_ONLY = ("IPython", "google.colab", "ipywidgets")


def registering_imports(walked: Walk, live: Mapping[StatementId, str]) -> dict[StatementId, str]:
    """The unused imports of modules that do something when imported, or of which nothing is known, with the reason to keep them."""
    found = {}
    for step in walked.steps:
        if step.id in live:
            continue
        for module in imported_modules(step):
            if module.startswith(NOTEBOOK_ONLY):
                continue
            if module.startswith(SIDE_EFFECT_IMPORTS) or not walked.machine.known_library(module):
                found[step.id] = f"importing {module} may do something by itself"
    return found


def imported_modules(step: Step) -> list[str]:
    if isinstance(step.tree, ast.Import):
        return [alias.name for alias in step.tree.names]
    if isinstance(step.tree, ast.ImportFrom):
        return ["." * step.tree.level + (step.tree.module or "")]
    return []


def same_imports(walked: Walk, live: dict[StatementId, str]) -> None:
    """Of identical imports the first one lives and serves every use, as long as nothing else binds the name."""
    first: dict[str, StatementId] = {}
    binders: dict[str, set[str]] = {}
    for step in walked.steps:
        for name in step.bound:
            binders.setdefault(name, set()).add(ast.dump(step.tree) if imported_modules(step) else f"{step.id}")
    for step in walked.steps:
        if not imported_modules(step) or any(len(binders[name]) > 1 for name in step.bound):
            continue
        text = ast.dump(step.tree)
        if text not in first:
            first[text] = step.id
        elif step.id in live:
            live.setdefault(first[text], live[step.id])
            del live[step.id]
