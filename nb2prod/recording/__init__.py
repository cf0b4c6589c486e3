"""recording: runs the notebook once, watched statement by statement, and the package made from it, each in a copy of the notebook's folder.

    Runner(Choices(timeout=60)).record(notebook)   ->   Recording(ok=True, variables={...}, shown=(...), observations=(...), files=(...), ...)

Takes a Notebook (or a Project) and gives a Recording. Never touches the user's own folder, never changes what the notebook computes, never
leaves a process behind, and never judges what it saw.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nb2prod.errors import RunError
from nb2prod.model.choices import Choices
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.project import Project
from nb2prod.model.recording import Recording
from nb2prod.recording import plain
from nb2prod.recording.assembly import Event, assemble, read_journal
from nb2prod.recording.interpreters import Engine, choose_engine
from nb2prod.recording.mentions import mentions_of
from nb2prod.recording.orders import common_orders, starter, turns, write_probe
from nb2prod.recording.probe.moving import moved_source
from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.stages import CONFIRMED, HELD, TOLD, UNTOLD
from nb2prod.recording.process import STOPPED, Bounds, environment, outputs_of
from nb2prod.recording.workspace import NoCopy, Workspace, open_workspace

PACKAGE_STDOUT = StatementId(-1, 0)
NOTHING: Mapping[str, Any] = MappingProxyType({})
AGAIN = 1  # the hash seed of every run but the first


@dataclass(frozen=True)
class Variation:
    """What is otherwise in a run: `changes` are arguments of the package's `run()`, `renamed` files that bear another name in the copy of the folder."""

    changes: Mapping[str, object] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


AS_IT_IS = Variation()


@dataclass(frozen=True)
class Runner:
    """Runs notebooks and packages as the user chose: kernel, interpreter, limits, sandbox, data.

    Texts are hashed alike in every first run; a second run of the notebook and the package hash them differently, so that a result which
    depends on the order of a set is found out. With a seed all runs hash alike.
    """

    choices: Choices = Choices()
    stop: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)
    variation: Variation = AS_IT_IS

    def record(self, notebook: Notebook, order: tuple[StatementId, ...] | None = None, again: bool = False) -> Recording:
        """Runs the notebook's statements in document order (or in `order`) and tells what was seen; `again` says that it ran before.

        Any trouble is in the recording, also that the kernel the notebook names is not there. Raises `RunError` when a kernel or interpreter
        that the user chose is not there or does not start.
        """
        started = time.monotonic()
        try:
            engine = choose_engine(self.choices, notebook.kernel)
            with open_workspace(notebook, self.choices, self.variation.renamed) as workspace:
                write_probe(workspace.private)
                reason = self._play(engine, notebook, order, workspace, again)
                events = read_journal(workspace.private / "journal.jsonl")
                sampled = workspace.sampled
        except NoCopy as error:
            return Recording(ok=False, reason=str(error))
        except RunError as error:
            if self.choices.kernel or self.choices.python:
                raise
            return Recording(ok=False, reason=f"{error.message}; {error.hint}")
        return replace(assemble(notebook, events, reason or _unfinished(events), time.monotonic() - started), sampled=sampled)

    @contextmanager
    def recording_again(self, notebook: Notebook, order: tuple[StatementId, ...] | None, ahead: bool) -> Iterator[Callable[[], Recording]]:
        """Gives a function that records the notebook a second time; `ahead` starts that run now, beside whatever happens in this block.

        A run that nobody asked for is stopped at the end of the block.
        """
        if not ahead or (os.cpu_count() or 1) < 2:
            yield lambda: self.record(notebook, order, again=True)
            return
        runner = replace(self, stop=threading.Event())
        mentions_of(notebook)  # what the other thread then need not parse
        with ThreadPoolExecutor(1) as pool:
            promise = pool.submit(runner.record, notebook, order, True)
            try:
                yield promise.result
            finally:
                runner.stop.set()

    def _play(self, engine: Engine, notebook: Notebook, order: tuple[StatementId, ...] | None, workspace: Workspace, again: bool) -> str:
        orders = self._orders(notebook, workspace)
        cells = turns(notebook, order)
        env = self._environment(workspace, again)
        if engine.argv:
            from nb2prod.recording import kernel  # late: Jupyter's client is slow to load, and a conversion may do without

            return kernel.play(engine, workspace, cells, starter("jupyter", "attach", workspace, orders), env, self._bounds())
        orders.update(cells=cells, stdout=str(outputs_of(workspace.place)[0]))
        outcome = plain.play(engine, workspace, starter("plain", "run", workspace, orders), env, self._bounds())
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
            with open_workspace(notebook, self.choices, self.variation.renamed) as workspace:
                write_probe(workspace.private)
                source = _write_files(project, workspace, (_root(project),)) / _root(project)
                orders = {
                    **self._orders(notebook, workspace, project.package),
                    "names": list(names),
                    "changes": dict(self.variation.changes),
                }
                begin = starter("package", "run", workspace, orders)
                env = {**self._environment(workspace, again=True), **variables, "MPLBACKEND": "Agg"}
                env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(source), env.get("PYTHONPATH", "")]))
                outcome = plain.play(engine, workspace, begin, env, self._bounds())
                events = read_journal(workspace.private / "journal.jsonl")
                stdout = self._told(outcome.stdout, workspace)
        except NoCopy as error:
            return Recording(ok=False, reason=str(error))
        if stdout:
            events.append({"event": "stdout", "cell": PACKAGE_STDOUT.cell, "rank": PACKAGE_STDOUT.index, "text": stdout})
        return assemble(notebook, events, outcome.reason or _crash(events) or _unfinished(events), time.monotonic() - started)

    def record_stages(
        self, notebook: Notebook, project: Project, orders: Mapping[str, Any], variables: Mapping[str, str] = NOTHING
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Runs the package once more and gives small cases of its stages by name, as the texts of JSON files, as many as could be made; and
        in `tables` what held for those at the end of each stage, in `held` the assertions of the notebook that did, in `properties` the places of the
        asked ones that did, in `why` what is against a case of a stage, in `stopped` why the run was.

        `orders` says which stages, how large a case may be and what must not stand in it; see `probe/stages.py`.
        """
        engine = choose_engine(self.choices, notebook.kernel)
        try:
            with open_workspace(notebook, self.choices, self.variation.renamed) as workspace:
                write_probe(workspace.private)
                place = _write_files(project, workspace, (_root(project), "tests"))
                told = {**self._orders(notebook, workspace, project.package), **orders, "tests": str(place / "tests")}
                told["secret"] = [*orders["secret"], *variables.values(), *self.choices.variables.values(), str(workspace.root)]
                env = {**self._environment(workspace, again=True), **variables, "MPLBACKEND": "Agg"}
                env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(place / _root(project)), env.get("PYTHONPATH", "")]))
                outcome = plain.play(engine, workspace, starter("stages", "run", workspace, told), env, self._bounds())
                made = place / "tests" / "recorded"
                paths = sorted(made.glob("*.json")) if (made / CONFIRMED).exists() else []
                about = _told_in(place / "tests" / TOLD, {})
                about["properties"] = _told_in(place / "tests" / HELD, [])
                about["why"] = _told_in(place / "tests" / UNTOLD, {})
                about["stopped"] = outcome.reason if outcome.reason.startswith(STOPPED) else ""
                return {path.stem: path.read_text(encoding="utf-8") for path in paths}, about
        except NoCopy:
            return {}, {}

    def _orders(self, notebook: Notebook, workspace: Workspace, package: str = "") -> dict[str, object]:
        return {**common_orders(notebook, workspace, package), "seed": self.choices.seed, "hidden": sorted(self.choices.variables)}

    def _environment(self, workspace: Workspace, again: bool) -> dict[str, str]:
        hash_seed = AGAIN if again and self.choices.seed is None else 0
        return environment(workspace.private, workspace.folder, hash_seed, **self.choices.variables)

    def _bounds(self) -> Bounds:
        return Bounds(self.choices.timeout, self.choices.memory, self.stop)

    def _told(self, text: str, workspace: Workspace) -> str:
        """Printed text with the user's own paths, and without the values of --env."""
        home = Home(copy=str(workspace.root), original=str(workspace.original))
        home.learn(workspace.moves, tuple(self.choices.variables.values()))
        return home.localise(text)


def _told_in(path: Path, nothing: Any) -> Any:
    """What a file in JSON says; nothing where there is no such file, or not all of it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return nothing


def _root(project: Project) -> str:
    return str(project.manifest.get("source_root", "src"))


def _write_files(project: Project, workspace: Workspace, folders: tuple[str, ...]) -> Path:
    """Writes some of the project's folders, with paths of the original as paths of the copy in code, and gives where the project is."""
    place = workspace.private / "project"
    for file in project.files:
        if file.path.startswith(tuple(folder + "/" for folder in folders)):
            target = place / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            content = file.content if isinstance(file.content, bytes) else file.content.encode("utf-8")
            target.write_bytes(moved_source(content, workspace.moves) if target.suffix == ".py" else content)
    return place


def _crash(events: list[Event]) -> str:
    return next((str(event["reason"]) for event in events if event["event"] == "crash"), "")


def _unfinished(events: list[Event]) -> str:
    """Why a process that ended well by its own account (`os._exit(0)`) proves nothing: what it leaves behind was never looked at."""
    return "" if any(event["event"] == "done" for event in events) else "the process ended by itself before the run was over"


def _last_cell(workspace: Workspace) -> str:
    cells = [event["cell"] for event in read_journal(workspace.private / "journal.jsonl") if event["event"] == "cell"]
    return f" (in cell {cells[-1]})" if cells else ""
