"""One notebook, looked at: read, analysed and planned, never run.

look(Path("churn.ipynb"), Choices())   ->   Survey("churn.ipynb", "analysed", told={"cells": [...], "diagnostics": [...]})
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from nb2prod.errors import Nb2ProdError, NotebookError
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook
from nb2prod.model.plan import Plan
from nb2prod.model.survey import ANALYSED, REFUSED, STOPPED, Survey

DEPTH = 5000  # of calls, as on the command line
TOLD = ("notebook", "character", "cells", "parameters", "results", "diagnostics")  # of the manifest, what is known without a run


def look_at(path: Path, choices: Choices, unsaved: bytes | None = None) -> tuple[Notebook, Analysis, Plan]:
    """Read, analyse and, where the notebook's errors allow it, plan. Raises ReadError, ChoiceError."""
    from nb2prod import understanding  # late: a survey of notebooks seen before needs none of it

    notebook, analysis = understanding.read_and_analyze(path, choices, unsaved)
    try:
        return notebook.as_seen, analysis, understanding.as_seen(understanding.make_plan_for(notebook, analysis, choices), notebook)
    except NotebookError:  # its reasons are among the diagnostics
        return notebook.as_seen, analysis, Plan("", "", "", (), (), (), (), analysis.results, ())


def told_of(notebook: Notebook, analysis: Analysis, plan: Plan) -> dict[str, Any]:
    """What is known without a run, as JSON data."""
    from nb2prod.codegen.manifest import build_manifest

    manifest = build_manifest(notebook, analysis, plan, None)
    return {name: manifest[name] for name in TOLD}


def look(path: Path, choices: Choices, unsaved: bytes | None = None) -> Survey:
    """The notebook, or why there is nothing to tell of it; never raises for what a notebook can hold."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), DEPTH))
    start = time.monotonic()
    try:
        told = told_of(*look_at(path, choices, unsaved))
    except Nb2ProdError as error:
        return Survey(str(path), REFUSED, error.message, error.hint, _since(start))
    except MemoryError:
        return Survey(str(path), STOPPED, f"{path}: takes more memory than allowed", "give it more with --memory", _since(start))
    except Exception as error:  # noqa: BLE001  a bug of ours in one notebook is told, and must not end the survey of the others
        why = f"{path}: this is a bug in nb2prod ({type(error).__name__}: {error})"
        return Survey(str(path), STOPPED, why, f"please report it with what `nb2prod analyze {path}` prints", _since(start))
    return Survey(str(path), ANALYSED, seconds=_since(start), told=told)


def _since(start: float) -> float:
    return round(time.monotonic() - start, 3)
