"""Real notebooks -> disagreements: read and compared, or run in their own interpreter, in a copy of their folder, and compared with what was seen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from defuse import observed
from defuse.compare import Disagreement, compare, compare_seen
from defuse.notebooks import cells
from defuse.observed import Seen
from nb2prod.errors import Nb2ProdError
from nb2prod.model.choices import Choices
from nb2prod.model.notebook import StatementId
from nb2prod.understanding import read_and_analyze


def disagreements(path: Path) -> list[Disagreement] | None:
    """What the two say differently about one notebook; None for a file that nb2prod refuses to read."""
    try:
        notebook, analysis = read_and_analyze(path, Choices(run=False))
    except Nb2ProdError:
        return None
    return compare(notebook, analysis, [(index, text) for index, (kind, text) in enumerate(cells(path)) if kind == "code"])


def disagreements_in_run(path: Path, python: Path, seconds: float) -> tuple[int, list[Disagreement]]:
    """How many statements ran without an error, and what their run showed that the analysis does not say; a run that takes longer is cut."""
    notebook, analysis = read_and_analyze(path, Choices(run=False))
    texts = {statement.id: statement.source for statement in notebook.statements}
    ran = [effects.statement for effects in analysis.graph.effects]
    with tempfile.TemporaryDirectory() as scratch:
        folder, asked, answer = (Path(scratch) / name for name in ("folder", "asked.json", "seen.json"))
        shutil.copytree(path.parent, folder)
        asked.write_text(json.dumps([(id, texts[id]) for id in ran]), encoding="utf-8")
        environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0"}
        command = [str(python), observed.__file__, str(asked), str(answer)]
        try:
            subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            pass
        lines = answer.read_text(encoding="utf-8").splitlines() if answer.exists() else []
    seen = [Seen(StatementId(*row["key"]), row["reads"], set(row["writes"]), row["error"]) for row in map(json.loads, lines)]
    return sum(not one.error for one in seen), compare_seen(analysis, seen, texts)
