"""Files and other resources of the abstract interpreter: which path a call means, and what it does there.

df.to_csv(OUT / "sales.csv")    OUT folded to "output": updates file "output/sales.csv", which leaves the process
f = open(name)                  the path is not known: uses file "?", which is any file
"""

from __future__ import annotations

import ast
import posixpath
import re

from nb2prod.analysis.functions import Arguments
from nb2prod.analysis.pairing import Pairing
from nb2prod.analysis.parts import AMBIENT_PATHS
from nb2prod.analysis.values import ANYTHING, ELEMENT, NOTHING, UNKNOWN, Value, deep_objects
from nb2prod.knowledge import Argument, Resource, Rule
from nb2prod.model.dataflow import Location

FILE_TYPE = "_io.TextIOWrapper"
FINISHING = frozenset({"close", "__exit__", "commit", "save", "sync"})
LINKING = frozenset({"symlink_to", "hardlink_to", "link_to"})
FOLDERS = frozenset({"os.makedirs", "os.mkdir", "mkdir"})
ASKING = frozenset({"execute", "executemany", "executescript"})
TAKING_IN = re.compile(r"\b(attach|vacuum|load_extension)\b", re.IGNORECASE)
MEMORY_TYPES = ("io.StringIO", "io.BytesIO")


class Resources(Pairing):
    """Everything a call does outside the process."""

    def ambient_owners(self) -> list[tuple[str, str]]:
        return list(AMBIENT_PATHS.items())

    def touch_resources(self, rule: Rule, receiver: Value | None, arguments: Arguments) -> None:
        """Record the reads and writes a rule names."""
        if "logging" in (*rule.uses, *(target.ambient for target in rule.updates)):
            self.keep_log(rule, receiver, arguments)
        for resource in rule.reads:
            self.touches.uses.update(self.locations(resource, receiver, arguments))
            self.use_ambient("cwd")
        for resource in rule.writes:
            found = self.locations(resource, receiver, arguments)
            self.touches.updates.update(found)
            self.touches.uses.update(found)
            self.touches.writes_out.update(found)
            self.use_ambient("cwd")
            if resource.argument is not None and resource.argument.name == "self" and receiver is not None:
                self.heap.written.update(receiver.objects)

    def keep_log(self, rule: Rule, receiver: Value | None, arguments: Arguments) -> None:
        """The logging module keeps the files and streams it is set up with, and whatever it logs may go to each of them."""
        module = self.library("logging")
        opened = {x for resource in rule.writes for x in self.locations(resource, receiver, arguments)}
        for object in module.objects:
            self.heap.resources[object] = found = self.heap.resources.get(object, frozenset()) | opened
        for name, value in arguments.keywords:
            if name in ("stream", "handlers"):
                self.heap.store(module.objects, ELEMENT, value)
        if any(target.ambient == "logging" for target in rule.updates):
            self.update(module, deep=True)
            self.touches.updates.update(found)
            self.touches.writes_out.update(found)

    def finish_handle(self, receiver: Value | None, name: str) -> None:
        """Closing a handle that was written to, or leaving its `with`, completes what was written."""
        if receiver is not None and name in FINISHING and receiver.objects & self.heap.written:
            found = {location for object in receiver.objects for location in self.heap.resources.get(object, ())}
            self.touches.updates.update(found)
            self.touches.uses.update(found)
            self.touches.writes_out.update(found)

    def locations(self, resource: Resource, receiver: Value | None, arguments: Arguments) -> set[Location]:
        """The locations a resource of a rule means in this call; none when its argument is not given."""
        if resource.argument is None:
            return {Location(resource.kind, "?")}
        values = self.named(resource.argument, receiver, arguments)
        return {location for value in values for location in self.locate(resource.kind, value)}

    def locate(self, kind: str, value: Value) -> set[Location]:
        """The locations one value means: its path, the resources it was opened on, or any."""
        opened = {location for object in deep_objects(value) for location in self.heap.resources.get(object, ())}
        if opened:
            self.update(value)
            return opened
        if self.is_type(value, *MEMORY_TYPES):
            self.update(value)
            return set()
        if value.constant in (None, ":memory:"):
            return set()
        if isinstance(value.constant, str):
            return {self.placed(location_of(kind, value.constant))}
        return {Location(kind, "?")}  # type: ignore[arg-type]

    def placed(self, location: Location) -> Location:
        """The location of a path as seen from where the notebook started, after it may have changed its working folder or made links."""
        if self.linked and location.kind == "file":
            return Location("file", "?")
        if location.kind != "file" or location.key == "?" or self.folder == "" or location.key.startswith(("/", "~")):
            return location
        return (
            Location("file", "?")
            if self.folder is None
            else Location("file", posixpath.normpath(posixpath.join(self.folder, location.key)))
        )

    def path_os_chdir(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Another working folder: relative paths mean other files from now on."""
        self.use(*arguments.values)
        target = arguments.get(Argument(0, "path"))
        for location in self.locate("file", target) if target is not None else ():
            self.touches.uses.add(location)
        known = (
            target is not None
            and isinstance(target.constant, str)
            and self.folder is not None
            and not self.frames
            and not self.branches
            and not self.trials
        )
        self.folder = posixpath.normpath(posixpath.join(self.folder or "", str(target.constant))) if known and target is not None else None
        self.update_ambient("cwd")
        return NOTHING

    def path_contextlib_chdir(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Another working folder for the body of a `with`."""
        self.path_os_chdir(path, arguments, node)
        self.folder = None
        return ANYTHING

    def path_os_symlink(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """From now on two paths may be one file."""
        rule = self.knowledge.function(path)
        self.linked = True
        return self.call_unknown(Value(path=path), arguments, node) if rule is None else self.apply(rule, None, path, arguments, node)

    path_os_link = path_os_symlink

    def result(self, rule: Rule, receiver: Value | None, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """A call's result remembers the resource it was opened on."""
        value = super().result(rule, receiver, name, arguments, node)
        self.linked = self.linked or name in LINKING
        if receiver is not None and name in ASKING and any(kind.startswith("sqlite3.") for kind in receiver.types or ()):
            self.attach(receiver, arguments)
        if value.types and value.types & self.knowledge.handles:
            found = {x for resource in (*rule.reads, *rule.writes) for x in self.locations(resource, receiver, arguments)}
            found |= {x for object in (receiver.objects if receiver else ()) for x in self.heap.resources.get(object, ())}
            for object in value.objects if found else ():
                self.heap.resources[object] = self.heap.resources.get(object, frozenset()) | found
        if name in FOLDERS:  # making a folder is no result of its own; what is written into it is
            self.touches.writes_out -= {x for resource in rule.writes for x in self.locations(resource, receiver, arguments)}
        return value

    def attach(self, receiver: Value, arguments: Arguments) -> None:
        """A database may be told to take another file in, by a text that says so or that is not known."""
        text = arguments.get(Argument(0, "sql"))
        if text is None or not isinstance(text.constant, str) or TAKING_IN.search(text.constant):
            self.touch_any_file()
            for object in receiver.objects:
                self.heap.resources[object] = self.heap.resources.get(object, frozenset()) | {Location("file", "?")}

    def path_builtins_open(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """`open(path, mode)`: the mode says whether it reads or writes."""
        self.use(*arguments.values)
        name = arguments.get(Argument(0, "file"))
        mode = arguments.get(Argument(1, "mode"))
        text = "r" if mode is None else mode.constant
        found = self.locate("file", name) if name is not None else {Location("file", "?")}
        value = self.fresh(node, [FILE_TYPE])
        (handle,) = value.objects
        self.heap.resources[handle] = self.heap.resources.get(handle, frozenset()) | found
        self.touches.uses.update(found)
        self.use_ambient("cwd")
        if not isinstance(text, str) or set(text) & set("wax+"):
            self.heap.written.add(handle)
            self.touches.updates.update(found)
            self.touches.writes_out.update(found)
        return value

    def path_logging_getLogger(self, path: str, arguments: Arguments, node: ast.AST) -> Value:
        """Loggers form one tree that the module keeps."""
        self.use_ambient("logging")
        return Value(self.library(path).objects, frozenset({"logging.Logger"}))

    path_io_open = path_builtins_open

    def fold_call(self, name: str, receiver: Value | None, arguments: Arguments) -> object:
        """Constant folding of the calls that build paths."""
        parts = [value.constant for value in arguments.positional]
        texts = [part for part in parts if isinstance(part, str)]
        if arguments.keywords or arguments.spread or len(texts) != len(parts):
            return UNKNOWN
        if name in ("os.path.join", "pathlib.Path", "pathlib.PurePath"):
            return posixpath.join(*texts) if texts else "."
        if name == "joinpath" and receiver is not None and isinstance(receiver.constant, str):
            return posixpath.join(receiver.constant, *texts)
        if name == "builtins.str" and texts:
            return texts[0]
        return UNKNOWN


def location_of(kind: str, path: str) -> Location:
    """A location from a literal path or URL."""
    if path.startswith(("http://", "https://", "ftp://", "s3://", "gs://")):
        return Location("network", path)
    if "://" in path or kind != "file":
        plain = path.partition(":///")[2] if path.startswith("sqlite:///") else path
        return Location("file", posixpath.normpath(plain)) if plain and "://" not in plain else Location("database", path)
    return Location("file", posixpath.normpath(path))


def overlap(a: Location, b: Location) -> bool:
    """Whether two resource locations may be the same: equal, either unknown, or one a folder of the other."""
    if a.kind == "shell" or b.kind == "shell":
        return a.kind in ("file", "shell") and b.kind in ("file", "shell")
    if a.kind != b.kind:
        return False
    if "?" in (a.key, b.key) or a.key == b.key or "." in (a.key, b.key):
        return True
    if a.kind == "file" and is_absolute(a.key) != is_absolute(b.key):
        return may_be_same(*sorted((a.key, b.key), key=is_absolute))
    return a.key.startswith(b.key + "/") or b.key.startswith(a.key + "/") or glob_like(a.key, b.key)


def is_absolute(path: str) -> bool:
    return path.startswith(("/", "~")) or path[1:2] == ":"


def may_be_same(relative: str, absolute: str) -> bool:
    """Whether a relative path may be an absolute one, or in it: the same file name, a folder in between, or what may be a folder or pattern."""
    parts, last = absolute.split("/"), posixpath.basename(relative)
    return last in parts or "." not in parts[-1] or bool(set("*?[") & set(relative + absolute)) or relative.startswith("..")


def glob_like(a: str, b: str) -> bool:
    """Patterns are not matched letter by letter: one that could reach into the other's folder counts."""
    if not set("*?[") & set(a + b):
        return False
    fixed_a, fixed_b = (path.partition("*")[0].rpartition("/")[0] for path in (a, b))
    return fixed_a.startswith(fixed_b) or fixed_b.startswith(fixed_a)
