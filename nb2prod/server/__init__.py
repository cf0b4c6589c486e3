"""The tool for notebooks that are open in JupyterLab: HTTP in, the same spine as the command line, JSON and events out.

Takes contents paths and live notebooks. Gives analyses, plans, previews, and jobs that convert, verify, run, test and schedule. Never runs
or imports anything of a notebook in the server's own process, never leaves the contents root, never does what the spine does itself.

    POST nb2prod/analysis {"path": "churn.ipynb", "content": {...}}   ->   {"cells": [{"index": 3, "verdict": "partial", ...}], ...}
    POST nb2prod/jobs {"kind": "convert", "path": "churn.ipynb"}      ->   202 {"id": "..."}; then GET nb2prod/jobs/ID/events

`openapi.json` describes all of it, and bodies are checked against it.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "nb2prod.server"}]


def _load_jupyter_server_extension(application: Any) -> None:
    from nb2prod.server.extension import load  # late: `import nb2prod.server` needs no Jupyter

    load(application)
