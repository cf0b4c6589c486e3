"""What the run does to files, network and other processes, seen through an audit hook; and no hand laid on the user's own folder.

    pd.read_csv("data/x.csv"), open("../y.txt", "w"), os.system("ls")
        ->   reads() == ["data/x.csv"]      taken() == Deeds(files=[("data/x.csv", "read"), ("../y.txt", "write")], commands=["ls"], ...)

The folder the copy was made from may be read by its full name; whoever would change it gets a PermissionError instead.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from typing import Any, Callable, Dict, List, Tuple

SYSTEM = ("/usr", "/etc", "/proc", "/sys", "/dev", "/lib", "/lib64", "/run", "/bin")
LAUNCHES = frozenset({"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.exec", "pty.spawn"})
ALWAYS_IGNORED = ("site-packages", "dist-packages", "__pycache__", ".ipynb_checkpoints", ".git")
REFUSED = "the run works on a copy, and this is the folder it was copied from; use a path relative to the notebook"
MOST = 200  # deeds of each kind that are kept of one statement
LONGEST = 200  # characters of a command

Deed = Tuple[str, str]  # a path and what was done to it


class Deeds:
    """What happened since it was last asked: files with what was done to them, hosts, commands."""

    def __init__(self) -> None:
        self.files: Dict[Deed, None] = {}
        self.hosts: Dict[str, None] = {}
        self.commands: Dict[str, None] = {}


class Watch:
    """Listens to what this process does from now on."""

    def __init__(self, root: str, folder: str, private: str, original: str = "") -> None:
        self._root = os.path.realpath(root)
        self._folder = os.path.realpath(folder)
        self._original = original if original and original != os.sep and not self._root.startswith(original + os.sep) else ""
        own = (private, sys.prefix, sys.base_prefix, sys.exec_prefix)
        self._ignored = tuple(path + os.sep for path in (*SYSTEM, *own, *map(os.path.realpath, own)))
        self._seen: Dict[str, bool] = {}
        self._deeds = Deeds()
        self._on = True
        self._launched = False
        self._started = time.time()
        sys.addaudithook(self._hook)

    def stop(self) -> None:
        """An audit hook cannot be taken out again; it goes quiet."""
        self._on = False

    def launched(self) -> bool:
        """Whether another process was started since this was last asked."""
        launched, self._launched = self._launched, False
        return launched

    def reads(self) -> List[str]:
        """What was read, in the order of the first opening."""
        found = (self._told(path, older) for path, older in list(self._seen.items()))
        return [path for path in found if path]

    def hosts(self) -> List[str]:
        """The hosts that were asked for since `taken` was last called."""
        return list(self._deeds.hosts)

    def taken(self) -> Tuple[List[Deed], List[str], List[str]]:
        """Files, hosts and commands since this was last asked."""
        deeds, self._deeds = self._deeds, Deeds()
        files = dict.fromkeys((self._told(path, self._seen.get(path, False)), how) for path, how in deeds.files)
        return [deed for deed in files if deed[0]], list(deeds.hosts), list(deeds.commands)

    def _hook(self, event: str, args: Tuple[Any, ...]) -> None:
        deed = DEEDS.get(event)
        if deed is None or not self._on:
            return
        try:
            paths = self._note(event, deed, args)
        except Exception:  # nothing of ours may reach the notebook
            return
        if paths:
            raise PermissionError("%s: %s" % (paths[0], REFUSED))

    def _note(self, event: str, deed: Callable[[Tuple[Any, ...]], List[Deed]], args: Tuple[Any, ...]) -> List[str]:
        """Writes down a deed; gives the paths of the user's own folder that it would change."""
        if event in LAUNCHES:
            self._launched = True
        if event in TELLING:
            TELLING[event](self._deeds, args)
            return []
        refused = []
        for path, how in deed(args):
            path = os.path.abspath(path)
            if how == "read":
                if path.startswith(self._ignored):  # most of what is ever opened: modules
                    continue
                if path not in self._seen and os.path.isfile(path):
                    self._seen[path] = os.stat(path).st_mtime < self._started
            elif self._original and (os.path.realpath(path) + os.sep).startswith(self._original + os.sep):
                refused.append(path)
            if len(self._deeds.files) < MOST and (how != "read" or path in self._seen):
                self._deeds.files[path, how] = None
        return refused

    def _told(self, path: str, older: bool) -> str:
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        if any(part in ALWAYS_IGNORED for part in path.split(os.sep)):
            return ""
        if path.startswith(self._root + os.sep):
            return os.path.relpath(path, self._folder).replace(os.sep, "/")
        parts = path.split(os.sep)
        hidden = any(part.startswith(".") for part in parts)
        system = path.startswith(self._ignored)
        scratch = not older and path.startswith(tempfile.gettempdir() + os.sep)  # made during the run
        return "" if hidden or system or scratch else path


def _opened(args: Tuple[Any, ...]) -> List[Deed]:
    """What opening a file is for, by its mode or its flags."""
    if len(args) < 3 or not isinstance(args[0], (str, bytes)):
        return []
    path, mode, flags = os.fsdecode(args[0]), args[1], args[2]
    if isinstance(mode, str):
        how = MODES.get(mode.strip("bt")[:1], "read")
        if "+" in mode and how == "read":
            return [(path, "read"), (path, "update")]
        return [(path, how), (path, "read")] if mode.startswith("a+") else [(path, how)]
    if not isinstance(flags, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC | os.O_CREAT):
        return [(path, "read")]
    if flags & os.O_TRUNC or flags & os.O_WRONLY:
        return [(path, "append" if flags & os.O_APPEND else "write")]
    return [(path, "read"), (path, "update")]


MODES = {"w": "write", "x": "write", "a": "append"}


def _place(path: Any, folder: Any = -1) -> str:
    """A path that may be relative to an open folder."""
    name = os.fsdecode(path)
    if isinstance(folder, int) and folder >= 0 and not os.path.isabs(name):
        return os.path.join(os.readlink("/proc/self/fd/%d" % folder), name)
    return name


def _at(how: str, position: int = 1) -> Callable[[Tuple[Any, ...]], List[Deed]]:
    """The deed of a function whose argument at `position` may be the folder its path is relative to."""
    return lambda args: [(_place(args[0], args[position] if len(args) > position else -1), how)]


def _renamed(args: Tuple[Any, ...]) -> List[Deed]:
    folders = (*args[2:4], -1, -1)
    return [(_place(args[0], folders[0]), "rename"), (_place(args[1], folders[1]), "write")]


def _database(args: Tuple[Any, ...]) -> List[Deed]:
    if not args or not isinstance(args[0], (str, bytes)) or os.fsdecode(args[0]) in (":memory:", ""):
        return []
    name = os.fsdecode(args[0])
    if name.startswith("file:"):
        path = name[5:].partition("?")[0]
        return [(path, "read")] if "mode=ro" in name or "immutable" in name else [(path, "read"), (path, "update")]
    return [(name, "read"), (name, "update")]


def _connected(deeds: Deeds, args: Tuple[Any, ...]) -> None:
    address = args[1] if len(args) > 1 else ""
    if isinstance(address, tuple) and len(deeds.hosts) < MOST and str(address[0]) not in ("127.0.0.1", "::1"):
        deeds.hosts[str(address[0])] = None


def _asked(deeds: Deeds, args: Tuple[Any, ...]) -> None:
    if args[0] and len(deeds.hosts) < MOST:
        deeds.hosts[args[0].decode("ascii", "replace") if isinstance(args[0], bytes) else str(args[0])] = None


def _launched(deeds: Deeds, args: Tuple[Any, ...]) -> None:
    """What subprocess starts is told with its arguments, what the system starts by its command line."""
    told = args[1] if len(args) > 1 and isinstance(args[1], (list, tuple, str)) else args[0]
    words = told if isinstance(told, (list, tuple)) else [told]
    texts = [os.fsdecode(word) if isinstance(word, (str, bytes, os.PathLike)) else str(word) for word in words]
    if len(deeds.commands) < MOST:
        deeds.commands[" ".join(texts)[:LONGEST]] = None


TELLING: Dict[str, Callable[[Deeds, Tuple[Any, ...]], None]] = {
    "socket.connect": _connected,
    "socket.getaddrinfo": _asked,
    "subprocess.Popen": _launched,
    "os.system": _launched,
    "os.posix_spawn": _launched,
    "os.exec": _launched,
    "pty.spawn": _launched,
}
DEEDS: Dict[str, Callable[[Tuple[Any, ...]], List[Deed]]] = {
    **dict.fromkeys(TELLING, lambda args: []),
    "os.fork": lambda args: [],
    "open": _opened,
    "sqlite3.connect": _database,
    "os.remove": _at("delete"),
    "os.rmdir": _at("delete"),
    "os.mkdir": _at("mkdir", 2),
    "os.rename": _renamed,
    "os.link": lambda args: [(_place(args[1], args[3] if len(args) > 3 else -1), "write")],
    "os.symlink": lambda args: [(_place(args[1], args[2] if len(args) > 2 else -1), "write")],
    "os.truncate": lambda args: [(os.fsdecode(args[0]), "update")] if isinstance(args[0], (str, bytes, os.PathLike)) else [],
    "os.chmod": _at("update", 2),
    "os.chown": _at("update", 3),
    "os.utime": _at("update", 3),
}
