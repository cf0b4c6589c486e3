"""One program of a notebook's statements, run one after the other as the notebook would run them, with its results pictured and compared.

    program = Program(orders, compiled(orders["statements"]))
    player = Player(program);  player.begin();  player.play(0);  player.play(2);  player.results()

A result has a key: "variable score", "shown 4.1 0" (what statement 4.1 shows at position 0), "printed 4.1" (all that it prints and displays),
"figures 7" (what cell 7 draws), "file out.csv".
"""

from __future__ import annotations

import array
import ast
import base64
import builtins
import gc
import inspect
import io
import os
import random
import shutil
import sys
import tempfile
import types
from typing import Any, Dict, List, Optional, Sequence, Set

from nb2prod.recording.probe import files, shell
from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.pictures import Camera
from nb2prod.recording.probe.plain import FUTURES
from nb2prod.recording.probe.rewriting import TRACER, instrument

SEED = 20077  # not a number that notebooks seed with: a seed that matters must be seen to matter
NEAR = 1e-9
TOLERANCES = {"f8": ("d", NEAR), "f4": ("f", 1e-5)}  # by dtype: the code of the array module, and how near is near enough
Picture = Dict[str, Any]


def compiled(statements: Sequence[Dict[str, Any]]) -> List[Any]:
    """The code of every statement; an expression its cell shows is compiled as one."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    found = []
    for statement in statements:
        name = "<cell %d>" % statement["cell"]
        body = instrument(ast.parse(statement["code"], name), [statement["rank"]]).body[1]
        if statement["shown"] and isinstance(body, ast.Expr):
            code = compile(ast.Expression(body.value), name, "eval", flags, True)
        else:
            code = compile(ast.Module([body], []), name, "exec", flags, True)
        flags |= code.co_flags & FUTURES
        found.append(code)
    return found


class Program:
    """What all runs share: the statements, what their results are, and (once known) what these must be."""

    def __init__(self, orders: Dict[str, Any], codes: List[Any], folder: Folder) -> None:
        self.orders = orders
        self.folder = folder
        self.statements: List[Dict[str, Any]] = orders["statements"]
        self.codes = codes
        self.watched: Set[str] = set(orders["results"])
        self.expected: Dict[str, Picture] = {}
        self.raising: Set[int] = set()
        self.unstable: List[str] = []

    def expect(self, run: Dict[str, Any]) -> None:
        """From now on every run is held against this one."""
        self.expected, self.raising = run["results"], {int(index) for index in run["raised"]}

    def same(self, key: str, picture: Optional[Picture]) -> bool:
        if key in self.unstable:
            return picture is not None
        return picture is not None and near(self.expected.get(key), picture)


class Player:
    """One run: the namespace, what the statements showed, and the folder."""

    def __init__(self, program: Program) -> None:
        self.program = program
        orders = program.orders
        self.home = Home("", orders["root"], orders["original"])
        self.files = program.folder
        self.seen: Dict[str, Picture] = {}
        self.raised: Dict[int, str] = {}
        self.not_run: List[int] = []
        self.broken: Set[int] = set()
        self.namespace: Dict[str, Any] = {}
        self.index = -1
        self.position = 0
        self.out = io.StringIO()

    def begin(self) -> None:
        """Makes the folder and the process as a notebook finds them."""
        self.files.restore(0)
        main = types.ModuleType("__main__")
        sys.modules["__main__"] = main
        self.namespace = main.__dict__
        self.namespace.update({"In": [""], "Out": {}})
        setattr(builtins, TRACER, self)
        self.shell = shell.install(self, self.namespace)
        if "IPython" in sys.modules:  # or older matplotlibs look for parts of it that newer ones do not have
            sys.modules["IPython"].get_ipython = lambda: None  # type: ignore[attr-defined]
        seed(self.program.orders["modules"])

    # what notebook code and the shell's stand-in tell --------------------------------------------------------------------------

    def show(self, position: int, value: Any) -> Any:
        """Around each value a print statement shows."""
        self.note("shown %s %d" % (self.place, position), value)
        return value

    def displayed(self, value: Any) -> None:
        """With each value that is displayed."""
        self.note("shown %s %d" % (self.place, self.position), value)
        self.position += 1
        key = "printed %s" % self.place
        if key in self.program.watched:
            self.seen.setdefault(key + " displays", {"items": []})["items"].append(self.picture(value))

    displayed_within = displayed

    def drawn(self, figure: Any) -> None:
        """With each figure that is shown."""
        key = "figures %d" % self.program.statements[self.index]["cell"]
        if key in self.program.watched:
            self.seen.setdefault(key, {"items": []})["items"].append(self.picture(figure))

    @property
    def place(self) -> str:
        statement = self.program.statements[self.index]
        return "%d.%d" % (statement["cell"], statement["rank"])

    def note(self, key: str, value: Any) -> None:
        if key in self.program.watched:
            self.seen[key] = self.picture(value)

    def picture(self, value: Any) -> Picture:
        return Camera(self.home).of(value)

    # running -------------------------------------------------------------------------------------------------------------------

    def play(self, index: int) -> str:
        """Runs one statement; gives the exception it raised, or nothing. After one that raises the rest of its cell does not run."""
        self.pass_to(index)
        statement = self.program.statements[index]
        self.index, self.position = index, 0
        if statement["cell"] in self.broken:
            self.not_run.append(index)
            return ""
        error = self.attempt(index, statement)
        if error:
            self.raised[index] = error
            self.broken.add(statement["cell"])
        return error

    def pass_to(self, index: int) -> None:
        """Open figures are shown and closed where the whole notebook does it, also after statements that are left out."""
        for between in range(self.index + (0 if self.index in self.raised else 1), index):
            if self.program.statements[between]["flush"]:
                self.index = between
                self.shell.flush_figures()

    def attempt(self, index: int, statement: Dict[str, Any]) -> str:
        key = "printed %s" % self.place
        self.out = io.StringIO() if key in self.program.watched else Nowhere()
        plain, sys.stdout = sys.stdout, self.out
        try:
            value = self.value(self.program.codes[index])
            if statement["shown"] and value is not None:
                self.remember(statement["cell"], value)
                self.displayed(value)
            if statement["flush"]:
                self.shell.flush_figures()
        except BaseException as error:
            return "%s: %s" % (type(error).__name__, str(error)[:200])
        finally:
            sys.stdout = plain
            if key in self.program.watched:
                self.seen[key] = {"kind": "str", "value": self.home.localise(self.out.getvalue())}
        return ""

    def value(self, code: types.CodeType) -> Any:
        value = eval(code, self.namespace)
        if not code.co_flags & inspect.CO_COROUTINE:
            return value
        asyncio = __import__("asyncio")
        return asyncio.new_event_loop().run_until_complete(value)

    def remember(self, cell: int, value: Any) -> None:
        """`_`, `__`, `___` and `Out`, counted as the whole notebook counts them."""
        names = self.namespace
        names["___"], names["__"], names["_"] = names.get("__", ""), names.get("_", ""), value
        number = self.program.orders["counts"][str(cell)]
        names["Out"][number] = names["_%d" % number] = value

    # judging -------------------------------------------------------------------------------------------------------------------

    def checked(self, index: int) -> str:
        """Runs one statement and says what is different from the whole notebook's run, or nothing."""
        known = set(self.seen)
        error = self.play(index)
        place = "statement %s" % self.place
        if error and index not in self.program.raising:
            return "%s raises %s" % (place, error)
        if not error and index in self.program.raising:
            return "%s does not raise any more" % place
        fresh = [key for key in self.seen if key not in known and not key.startswith("figures")]
        return next((key for key in fresh if not self.program.same(key, self.seen[key])), "")

    def final(self) -> str:
        """The first result that differs, at the end of a program; or nothing."""
        results = self.results()
        keys = sorted({*self.program.expected, *results}, key=lambda key: (key not in results, key))
        return next((key for key in keys if not self.program.same(key, results.get(key))), "")

    def results(self) -> Dict[str, Picture]:
        """Every result there is at the end."""
        self.pass_to(len(self.program.statements))
        flush_open_files()
        found = dict(self.seen)
        for key in self.program.watched:
            name = key[len("variable ") :]
            if key.startswith("variable ") and name in self.namespace:
                found[key] = self.picture(self.namespace[name])
        for path in self.files.written():
            full = os.path.join(self.files.root, path)
            content = files.content(Camera(self.home), full)
            found["file %s" % path] = content or {"kind": "bytes", "sha256": files.digest(full)}
        return found

    def changes(self, before: Sequence[int], index: int, names: Sequence[str]) -> List[str]:
        """Which of these variables one statement changes, after those before it have run."""
        for other in before:
            self.play(other)
        then = {name: self.picture(self.namespace.get(name)) for name in names}
        self.play(index)
        return [name for name in names if not near(then[name], self.picture(self.namespace.get(name)))]


class Nowhere(io.StringIO):
    """Output nobody asks for."""

    def write(self, text: str) -> int:
        return len(text)


class Folder:
    """The folder programs run in: copies of its states, and the way back to any of them; state 0 is the first."""

    def __init__(self, root: str, private: str) -> None:
        self.root = root
        self.private = private
        self.states: List[Dict[str, Any]] = []
        self.copies: List[str] = []
        self.keep()

    def keep(self) -> int:
        """The number of the folder's state as it is, copied if it is new."""
        current = signature(self.root)
        for number in reversed(range(len(self.states))):
            if self.states[number] == current:
                return number
        copy = tempfile.mkdtemp(dir=self.private)
        shutil.copytree(self.root, copy, symlinks=True, dirs_exist_ok=True)
        self.states.append(current)
        self.copies.append(copy)
        return len(self.states) - 1

    def restore(self, number: int) -> None:
        """Brings the folder back to a state it had; files that are as they were are not touched."""
        wanted, current = self.states[number], signature(self.root)
        for path in sorted(current, reverse=True):
            if path not in wanted:
                full = os.path.join(self.root, path)
                os.rmdir(full) if current[path] is None and not os.path.islink(full) else os.unlink(full)
        for path in sorted(wanted):
            if current.get(path, "") != wanted[path]:
                target = os.path.join(self.root, path)
                if wanted[path] is None:
                    os.makedirs(target, exist_ok=True)
                else:
                    shutil.copy2(os.path.join(self.copies[number], path), target, follow_symlinks=False)

    def written(self) -> List[str]:
        """The files that are not as they were in the beginning."""
        first, current = self.states[0], signature(self.root)
        changed = [path for path, told in current.items() if told is not None and first.get(path, "") != told]
        return sorted(path for path in changed if not files.IGNORED & set(path.split("/")))


def signature(root: str) -> Dict[str, Any]:
    """Size and time of change of every file below a folder, None for a folder."""
    found: Dict[str, Any] = {}
    for folder, names, plain in os.walk(root):
        for name in names:
            found[os.path.relpath(os.path.join(folder, name), root)] = None
        for name in plain:
            told = os.lstat(os.path.join(folder, name))
            found[os.path.relpath(os.path.join(folder, name), root)] = [told.st_size, told.st_mtime_ns]
    return found


def seed(modules: Sequence[str]) -> None:
    """The generators a notebook that seeds nothing would draw from begin alike in every run."""
    random.seed(SEED)
    for name, function in (("numpy", "random.seed"), ("torch", "manual_seed"), ("tensorflow", "random.set_seed")):
        if name in modules:
            try:
                thing = __import__(name)
            except ImportError:
                continue
            for part in function.split("."):
                thing = getattr(thing, part)
            thing(SEED)  # type: ignore[operator]


def flush_open_files() -> None:
    """A file the notebook forgot to close holds back its last lines until the process ends."""
    for thing in gc.get_objects():
        if issubclass(type(thing), (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            try:
                thing.flush()
            except (ValueError, OSError):
                continue


def near(left: Any, right: Any) -> bool:
    """Whether two pictures show the same value: floats within a tolerance, all else exactly."""
    if left == right:
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        if "data" in left and isinstance(left["data"], str):
            return near_data(left, right)
        return all(near(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(near, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= NEAR * max(abs(left), abs(right))
    return False


def near_data(left: Picture, right: Picture) -> bool:
    """Packed numbers."""
    kind = str(left.get("dtype", ""))
    if kind[1:] not in TOLERANCES or any(left[key] != right.get(key) for key in left if key != "data"):
        return False
    numbers = []
    for side in (left, right):
        numbers.append(array.array(TOLERANCES[kind[1:]][0], base64.b64decode(side["data"])))
        if (kind[0] == "<") != (sys.byteorder == "little"):
            numbers[-1].byteswap()
    tolerance = TOLERANCES[kind[1:]][1]
    pairs = zip(*numbers)  # noqa: B905 (Python 3.8 has no strict)
    return len(numbers[0]) == len(numbers[1]) and all(a == b or a != a and b != b or abs(a - b) <= tolerance * abs(a) for a, b in pairs)
