"""The beginning and the end of every watched process: from its orders to its journal.

    Session(orders)            files are snapshotted, the audit hook listens
    session.finish(...)        pictures of variables, files written, files read, versions; last of all the event "done"

`orders` is the JSON that nb2prod wrote: {"root", "folder", "original", "private", "package", "modules", "journal", "seed"}.
"""

from __future__ import annotations

import gc
import io
import os
import platform
from typing import Any, Dict, Sequence

from nb2prod.recording.probe import files
from nb2prod.recording.probe.journal import Journal
from nb2prod.recording.probe.modules import needs, versions
from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.observing import Observer
from nb2prod.recording.probe.pictures import Camera
from nb2prod.recording.probe.seeding import seed
from nb2prod.recording.probe.tracer import Tracer
from nb2prod.recording.probe.watching import Watch


class Session:
    """One watched run of a notebook or a package."""

    def __init__(self, orders: Dict[str, Any], namespace: Any) -> None:
        self.orders = orders
        self.home = Home(orders["package"], orders["root"], orders["original"])
        self.home.learn(orders.get("moves", ()), [os.environ.get(name, "") for name in orders.get("hidden", ())])
        self.journal = Journal(orders["journal"])
        self.tracer = Tracer(self.journal, self.home, namespace)
        seed(orders)
        self._before = files.snapshot(orders["root"])
        self.watch = Watch(orders["root"], orders["folder"], orders["private"], orders["original"])
        self.tracer.observer = Observer(self.home, self.watch, namespace)

    def finish(self, names: Sequence[str], values: Dict[str, Any]) -> None:
        """Writes down how everything stands at the end."""
        self.watch.stop()
        _flush_open_files()
        written = files.changed(self.orders["root"], self._before)
        self.journal.write("reads", paths=[self.home.localise(path) for path in self.watch.reads()])
        modules = versions(self.orders["modules"])
        pins = needs(title for title, _ in modules.values() if title)
        self.journal.write("environment", python=platform.python_version(), modules=modules, pins=pins)
        for path in written:
            self._file(path)
        for path in files.gone(self.orders["root"], self._before):
            self.journal.write("file", path=self._told(path), size=0, sha256="", content={"kind": "deleted"})
        self.tracer.final(names, values)
        self.journal.write("done")

    def _told(self, path: str) -> str:
        """A path below the root as the notebook would write it."""
        return os.path.relpath(os.path.join(self.orders["root"], path), self.orders["folder"]).replace(os.sep, "/")

    def _file(self, path: str) -> None:
        full = os.path.join(self.orders["root"], path)
        event = {"path": self._told(path), "size": os.path.getsize(full), "sha256": files.digest(full)}
        picture = files.content(Camera(self.home), full)
        if not self.journal.write("file", content=picture, **event):
            self.journal.write("file", content={}, **event)


def _flush_open_files() -> None:
    """A file the notebook forgot to close holds back its last lines until the process ends; the package would have written them."""
    for thing in gc.get_objects():
        if issubclass(type(thing), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            try:
                thing.flush()
            except (ValueError, OSError):  # closed, or its reader has gone
                continue
