"""Runs a package's pipeline once and takes pictures of the asked results.

run({"package": "churn", "names": ["score"], "changes": {"limit": 3}, ...})
    ->   events "variable" for each result of run(limit=3) that is there, "crash" when it raised
"""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import Any, Dict

from nb2prod.recording.probe.seeding import seed
from nb2prod.recording.probe.session import Session


def run(orders: Dict[str, Any]) -> None:
    """Imports PACKAGE.pipeline, calls run() and writes the journal."""
    session = Session(orders, dict)
    results = None
    try:
        pipeline = importlib.import_module(orders["package"] + ".pipeline")
        _show_as_notebook()
        seed(orders)  # again, for what the imports have drawn
        results = pipeline.run(**orders.get("changes", {}))
    except BaseException as error:  # whatever the package raises, sys.exit included, is its failure
        traceback.print_exc()
        session.journal.write("crash", reason=_reason(error, orders["package"]))
    sys.stdout.flush()
    there = {name: getattr(results, name) for name in orders["names"] if hasattr(results, name)}
    session.finish(list(there), there)


def _show_as_notebook() -> None:
    """Outside a notebook pandas fits frames to a terminal's width; the notebook printed them with its default number of columns."""
    pd = sys.modules.get("pandas")
    if pd is not None and pd.get_option("display.max_columns") == 0:
        pd.set_option("display.max_columns", 20)


def _reason(error: BaseException, package: str) -> str:
    """The exception and the deepest place in the package it came through."""
    said = "".join(traceback.format_exception_only(type(error), error)).strip()[-2000:]
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if "/%s/" % package in frame.filename.replace("\\", "/")]
    if not places:
        return said
    place = places[-1]
    return "%s\n  at %s, line %s: %s" % (said, place.filename.replace("\\", "/").split("/src/")[-1], place.lineno, place.line)
