"""recording: runs the notebook once, watched statement by statement, and the package made from it, each in a copy of the notebook's folder.

    Runner(Choices(timeout=60)).record(notebook)   ->   Recording(ok=True, variables={...}, shown=(...), stdout={...}, files=(...), ...)

Takes a Notebook (or a Project) and gives a Recording. Never touches the user's own folder, never changes what the notebook computes, never
leaves a process behind, and never judges what it saw.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nb2prod.model.choices import Choices
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.project import Project
from nb2prod.model.recording import Recording
from nb2prod.recording import kernel, plain
from nb2prod.recording.assembly import Event, assemble, read_journal
from nb2prod.recording.interpreters import Engine, choose_engine
from nb2prod.recording.orders import common_orders, starter, turns, write_probe
from nb2prod.recording.workspace import TooLarge, Workspace, open_workspace

PACKAGE_STDOUT = StatementId(-1, 0)
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Runner:
    """Runs notebooks and packages as the user chose: kernel, interpreter, time limit."""

    choices: Choices = Choices()

    def record(self, notebook: Notebook, order: tuple[StatementId, ...] | None = None) -> Recording:
        """Runs the notebook's statements in document order (or in `order`) and tells what was seen.

        Raises `RunError` when there is no such kernel or interpreter; any other trouble is in the recording.
        """
        engine = choose_engine(self.choices, notebook.kernel)
        started = time.monotonic()
        try:
            with open_workspace(notebook) as workspace:
                write_probe(workspace.private)
                reason = self._play(engine, notebook, order, workspace)
                events = read_journal(workspace.private / "journal.jsonl")
        except TooLarge as error:
            return Recording(ok=False, reason=str(error))
        return assemble(notebook, events, reason, time.monotonic() - started)

    def _play(self, engine: Engine, notebook: Notebook, order: tuple[StatementId, ...] | None, workspace: Workspace) -> str:
        orders = {**common_orders(notebook, workspace), "seed": self.choices.seed}
        cells = turns(notebook, order)
        if engine.argv:
            return kernel.play(engine, workspace, cells, starter("jupyter", "attach", workspace, orders), self.choices.timeout)
        orders.update(cells=cells, stdout=str(plain.stdout_file(workspace)))
        outcome = plain.play(engine, workspace, starter("plain", "run", workspace, orders), self.choices.timeout)
        return f"{outcome.reason}{_last_cell(workspace)}" if outcome.reason else ""

    def run_package(
        self, notebook: Notebook, project: Project, names: tuple[str, ...], variables: Mapping[str, str] = NOTHING
    ) -> Recording:
        """Runs the package's `run()` in a fresh process and pictures the fields of its results that `names` lists; `variables` join its
        environment.

        What it printed stands under `StatementId(-1, 0)`. Raises `RunError` when there is no such kernel or interpreter.
        """
        engine = choose_engine(self.choices, notebook.kernel)
        started = time.monotonic()
        try:
            with open_workspace(notebook) as workspace:
                write_probe(workspace.private)
                source = _write_source(project, workspace.private / "project")
                orders = {**common_orders(notebook, workspace, project.package), "names": list(names), "seed": self.choices.seed}
                begin = starter("package", "run", workspace, orders)
                outcome = plain.play(
                    engine, workspace, begin, self.choices.timeout, **{**variables, "MPLBACKEND": "Agg", "PYTHONPATH": str(source)}
                )
                events = read_journal(workspace.private / "journal.jsonl")
                stdout = outcome.stdout.replace(str(workspace.root), str(workspace.original))
        except TooLarge as error:
            return Recording(ok=False, reason=str(error))
        if stdout:
            events.append({"event": "stdout", "cell": PACKAGE_STDOUT.cell, "rank": PACKAGE_STDOUT.index, "text": stdout})
        return assemble(notebook, events, outcome.reason or _crash(events), time.monotonic() - started)


def _write_source(project: Project, place: Path) -> Path:
    """Writes the project's source folder and gives its path."""
    root = str(project.manifest.get("source_root", "src"))
    for file in project.files:
        if file.path.startswith(root + "/"):
            target = place / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content if isinstance(file.content, bytes) else file.content.encode("utf-8"))
    return place / root


def _crash(events: list[Event]) -> str:
    return next((str(event["reason"]) for event in events if event["event"] == "crash"), "")


def _last_cell(workspace: Workspace) -> str:
    cells = [event["cell"] for event in read_journal(workspace.private / "journal.jsonl") if event["event"] == "cell"]
    return f" (in cell {cells[-1]})" if cells else ""
