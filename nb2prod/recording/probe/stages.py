"""Runs a package's pipeline once, keeps what every stage is given, and writes down small cases of each: inputs, and what it does with them.

    run({"package": "churn", "stages": [{"name": "clean_df", ...}], "tests": "/copy/tests", ...})   ->   /copy/tests/recorded/clean_df.json

A case is what the stage does with fewer rows, found out by running it on them, twice; where that is another kind of behaviour (other lines
of code run, other columns or types come out) it keeps more rows. What cannot be written down is made by the stage that made it in the run. A stage that
needs the network or asks what day it is has no case.
"""

from __future__ import annotations

import copy
import importlib
import json
import os
import subprocess
import sys
import traceback
from types import CodeType, FunctionType
from typing import Any, Callable, Dict, Optional, Set, Tuple, Union

from nb2prod.recording.probe.borders import facts_of
from nb2prod.recording.probe.journal import Journal
from nb2prod.recording.probe.sampling import beginning, constants, counted, reduced

TOLD = (
    "told.json"  # beside the folder of the cases: what held for tables at the end of each stage, and which assertions of the notebook held
)
CONFIRMED = "confirmed"  # a file beside the cases: they are all as they should be
UNTOLD = "why.json"  # beside the folder of the cases: why a stage has none
HELD = "held.json"  # beside the folder of the cases: the places of the asked properties that held
ROWS = (24, 60, 150)
LEAST = 8

Given = Dict[str, Any]
Told = Dict[str, Any]
Lines = Set[Tuple[str, int]]
Behaviour = Tuple[Dict[str, Any], Lines]
# Run with the project's tests on the path: {"clean_df": [], "draw": ["printed"], "broken": null}
CONFIRM = """
import contextlib, io, json, sys
from snapshots import cases, comparing
def closed(event, given):
    host = given[0] if event == "socket.getaddrinfo" else given[1][0] if event == "socket.connect" and isinstance(given[1], tuple) else None
    if host not in (None, "localhost", "127.0.0.1", "::1"):
        raise OSError("a test has no network")
sys.addaudithook(closed)
told = {}
for path in sorted(cases.RECORDED.glob("*.json"), reverse=True):
    case = cases.read(path.stem)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            now, was = cases.outcome_of(case), case.told["outcome"]
        keys = [key for key in {**was, **now} if not comparing.is_unsteady(was.get(key))]
        told[path.stem] = [key for key in keys if key not in was or key not in now or comparing.differences(key, was[key], now[key])]
    except Exception:
        told[path.stem] = None
sys.stdout.write("\\n" + json.dumps(told))
"""
LOOK = "import json, runpy, sys; runpy.run_path(sys.argv[1])['main'](json.load(open(sys.argv[2], encoding='utf-8')))"
NEEDS: Tuple[Tuple[str, ...], ...] = ((), ("folders",), ("folders", "files"))
NOT_RUN, CLOCK = "is not called in the run", "asks for the time or the day"
GIVEN, LARGE, SECRET = "is given what cannot be written down", "has values that are too large", "has a secret among its values"
OTHERWISE = "does not do the same, or fails, on its recorded values alone"
CLOCKS = {"now", "today", "utcnow", "localtime"}  # a stage that asks them does something else tomorrow
FEW = 5  # rows that show the kind of a table


def run(orders: Dict[str, Any]) -> None:
    """Imports PACKAGE.pipeline, runs it watched, and writes the cases."""
    journal = Journal(orders["journal"])
    try:
        pipeline = importlib.import_module(orders["package"] + ".pipeline")
        sys.path.insert(0, orders["tests"])
        watched = Watched(orders, importlib.import_module("snapshots.cases"))
        watched.watch(pipeline)
        checks = run_with_checks(pipeline, orders["tests"])
        with open(os.path.join(orders["tests"], TOLD), "w", encoding="utf-8") as file:
            json.dump({"tables": watched.tables, "held": [name for name, error in checks.items() if error is None]}, file)
        maker = Maker(orders, watched)
        maker.all()
        gone = confirm(orders["tests"])
        with open(os.path.join(orders["tests"], UNTOLD), "w", encoding="utf-8") as file:
            json.dump({**maker.why, **dict.fromkeys(sorted(gone), OTHERWISE)}, file)
        look_for_properties(orders)
    except BaseException as error:  # whatever the package raises
        traceback.print_exc()
        journal.write("crash", reason="%s: %s" % (type(error).__name__, str(error)[:500]))
    sys.stdout.flush()
    journal.write("done")


def run_with_checks(pipeline: Any, tests: str) -> Dict[str, Any]:
    """Runs the pipeline; where the notebook asserted something, each assertion with what it raised."""
    if not os.path.exists(os.path.join(tests, "checks.py")):
        pipeline.run()
        return {}
    found: Dict[str, Any] = importlib.import_module("checks").run_checked()
    return found


class Watched:
    """The stages of a pipeline, each of which keeps a copy of what it is first given, and tells how it goes about that."""

    def __init__(self, orders: Dict[str, Any], cases: Any) -> None:
        self.orders = orders
        self.cases = cases
        self.given: Dict[str, Given] = {}
        self.whole: Dict[str, Behaviour] = {}
        self.tables: Dict[str, Dict[str, Any]] = {}

    def _tells_secret(self, told: Any) -> bool:
        return any(secret in json.dumps(told, ensure_ascii=False) for secret in self.orders["secret"])

    def watch(self, pipeline: Any) -> None:
        for stage in self.orders["stages"]:
            original = getattr(importlib.import_module(stage["module"]), stage["name"], None)
            for name, value in list(vars(pipeline).items()):
                if original is not None and value is original:
                    setattr(pipeline, name, self._keeping(stage, original))

    def _keeping(self, stage: Dict[str, Any], original: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **given: Any) -> Any:
            name = stage["name"]
            if name in self.given:
                return original(*arguments, **given)
            code = original.__code__
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            together = {**dict(zip(names, arguments)), **given}  # noqa: B905 - the interpreter may be older
            self.given[name] = _copies({name: together[name] for name in names if name in together})
            lines: Lines = set()
            result = traced(lambda: original(*arguments, **given), lines, self.orders["package"])
            named = {**together, **self.cases.named(result, stage["outputs"])}
            told = {table: facts_of(named[table]) for table in stage["tables"] if table in named}
            self.tables[name] = {table: facts for table, facts in told.items() if facts is not None and not self._tells_secret(facts)}
            few = beginning(self.cases.named(result, stage["outputs"]), FEW)
            self.whole[name] = ({key: kind_of(self.cases.describe(value)) for key, value in few.items()}, lines)
            return result

        return watched


def traced(work: Callable[[], Any], lines: Lines, package: str) -> Any:
    """Does the work and notes the lines of the package that run meanwhile."""
    inside = os.sep + package + os.sep

    def local(frame: Any, event: str, argument: Any) -> Any:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def watch(frame: Any, event: str, argument: Any) -> Any:
        return local if inside in frame.f_code.co_filename else None

    sys.settrace(watch)
    try:
        return work()
    finally:
        sys.settrace(None)


def _copies(given: Given) -> Given:
    """Copies that share what the originals share; what cannot be copied is left out."""
    memo: Dict[int, Any] = {}
    found: Given = {}
    for name, value in given.items():
        try:
            found[name] = copy.deepcopy(value, memo)
        except Exception:  # an open connection, a generator
            found[name] = NoCopy()
    return found


class NoCopy:
    """In the place of a value that cannot be copied."""


class Held:
    """In the place of a value that is to be what the stage before left of it, on that stage's own case."""


class Maker:
    """Makes the cases of one pipeline, in the order of its stages."""

    def __init__(self, orders: Dict[str, Any], watched: Watched) -> None:
        self.orders = orders
        self.given, self.whole, self.cases = watched.given, watched.whole, watched.cases
        self.values = importlib.import_module("snapshots.values")
        self.folder = os.path.join(orders["tests"], "recorded")
        os.makedirs(self.folder, exist_ok=True)
        self.made: Dict[str, Told] = {}
        self.why: Dict[str, str] = {}  # of the stages that have no case

    def all(self) -> None:
        for stage in self.orders["stages"]:
            if stage["name"] not in self.given:
                self.why[stage["name"]] = NOT_RUN
                continue
            case = self._case(stage, self.given[stage["name"]])
            if case is not None:
                self.why.pop(stage["name"], None)
                self.made[stage["name"]] = case
                write(self.cases, self.folder, stage["name"], case)

    def _case(self, stage: Dict[str, Any], given: Given) -> Optional[Told]:
        function = getattr(importlib.import_module(stage["module"]), stage["name"])
        if CLOCKS & mentioned(function):
            self.why[stage["name"]] = CLOCK
            return None
        named = constants(function.__code__)
        largest = max([len(value) for value in given.values() if hasattr(value, "__len__")] or [0])
        least = max(ROWS[0], counted(function))
        for rows in [least, *(rows for rows in ROWS if rows > least)]:
            for fewer in (reduced(given, rows, named), beginning(given, rows)) if rows < largest else ():
                case = self._tried(stage, fewer, rows)
                while isinstance(case, int) and rows > LEAST:  # too large: fewer rows
                    rows //= 2
                    case = self._tried(stage, reduced(given, rows, named), rows)
                if isinstance(case, dict):
                    return case
        case = self._tried(stage, given, 0)
        held = {name: Held() if self._maker(stage, name, holding=True) else value for name, value in given.items()}
        if not isinstance(case, dict) and any(type(value) is Held for value in held.values()):
            case = self._tried(stage, held, 0)  # rows and numbers of rows that were cut apart belong together there
        return case if isinstance(case, dict) else None

    def _tried(self, stage: Dict[str, Any], given: Given, rows: int) -> Union[Told, int, None]:
        """The case with these inputs, where the stage does with them what it does with all of them; its size where that is too large."""
        for needs in NEEDS if self.orders["folders"] else (NEEDS[0], NEEDS[-1]):
            case = self._told(stage, given, rows, needs)
            self.why[stage["name"]] = OTHERWISE if case is not None else GIVEN
            if case is None:
                return None
            outcome = self._outcome(stage, self.cases.Case(stage["name"], json.loads(json.dumps(case))))
            if outcome == {}:  # nothing comes out of it: what its variables hold at its end is all there is
                case["inside"] = True
                outcome = self._outcome(stage, self.cases.Case(stage["name"], json.loads(json.dumps(case))))
            if outcome is None:
                continue
            case["outcome"] = outcome
            text = json.dumps(case)
            self.why[stage["name"]] = LARGE
            if not any(secret in text for secret in self.orders["secret"]):
                return case if len(text) <= self.orders["largest"] else len(text)
            self.why[stage["name"]] = SECRET
        return None

    def _outcome(self, stage: Dict[str, Any], case: Any) -> Optional[Told]:
        """What the stage does with a case, twice; nothing where it raises or goes another way than in the whole run."""
        lines: Lines = set()
        try:
            first = traced(lambda: self.cases.outcome_of(case), lines, self.orders["package"])
            return steady(first, self.cases.outcome_of(case)) if self._is_alike(stage, first, lines) else None
        except Exception:  # whatever a stage raises that is given less than it needs
            return None

    def _is_alike(self, stage: Dict[str, Any], outcome: Told, lines: Lines) -> bool:
        """Whether the same lines ran as in the whole run, and results of the same kinds came out."""
        kinds, ran = self.whole[stage["name"]]
        own = {place for place in lines if place in ran or place[0] in {path for path, _ in ran}}
        return ran <= own and all(kind_of(outcome.get(key)) == kind for key, kind in kinds.items())

    def _told(self, stage: Dict[str, Any], given: Given, rows: int, needs: Tuple[str, ...]) -> Optional[Told]:
        """The case without its outcome; it may need the folders that the notebook wrote to, and the stages that wrote files to run first."""
        writing = [name for name, case in self.made.items() if any(key.startswith("file ") for key in case["outcome"])]
        after = writing if "files" in needs else []
        if "files" in needs and not after:
            return None
        inputs: Given = {}
        for name, value in given.items():
            told = self._encoded(value)
            if told is None:
                maker = self._maker(stage, name, holding=type(value) is Held)
                if maker is None:
                    return None
                after = list(dict.fromkeys([*after, maker]))
                told = {"kind": "made", "by": maker, "as": name}
            inputs[name] = told
        about = {"stage": stage["name"], "module": stage["module"], "where": stage["where"]}
        note = {"note": "at most about %d of each table" % rows} if rows else {}
        before = {"after": after} if after else {}
        folders = {"folders": self.orders["folders"]} if "folders" in needs and self.orders["folders"] else {}
        return {**about, **note, **before, **folders, "outputs": stage["outputs"], "inputs": inputs}

    def _maker(self, stage: Dict[str, Any], name: str, holding: bool) -> Optional[str]:
        """The last stage before this one that gave the value or changed it in place; or else, of those with a case, that held it at all."""
        stages = self.orders["stages"]
        for before in reversed(stages[: stages.index(stage)]):
            case = self.made.get(before["name"])
            if holding and case is not None and name in case["inputs"]:
                return str(before["name"])
            if name in before["outputs"] or (case is not None and name + " afterwards" in case["outcome"]):
                return str(before["name"]) if case is not None else None
        return None

    def _encoded(self, value: Any) -> Optional[Any]:
        """The value as JSON; nothing where that is too long or does not give the value back."""
        try:
            told = self.values.encode(value)
            text = json.dumps(told, allow_nan=False)
            if len(text) > self.orders["largest"] * 3 // 4:
                return None
            return told if self.values.encode(self.values.decode(json.loads(text))) == told else None
        except Exception:
            return None


def mentioned(function: Any, seen: Optional[Set[str]] = None) -> Set[str]:
    """The names that a function's code mentions, and that of its module's functions it may call."""
    known: Set[str] = set() if seen is None else seen
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        waiting += [value for value in code.co_consts if isinstance(value, CodeType)]
        for name in code.co_names:
            other = function.__globals__.get(name)
            if name not in known:
                known.add(name)
                if isinstance(other, FunctionType) and other.__module__ == function.__module__:
                    mentioned(other, known)
    return known


def kind_of(told: Any) -> Any:
    """A value told in JSON without what it is: its kind, and the types of its columns. A long list or table, which is told otherwise, is one still."""
    if not isinstance(told, dict):
        return type(told).__name__
    if told.get("kind") in ("list", "long"):
        return kind_of(told["table"]) if "table" in told else "list"
    dtypes = [told.get("dtype"), *told.get("dtypes", ())]
    names = ["category" if isinstance(dtype, dict) else str(dtype).rstrip("0123456789") for dtype in dtypes]
    return (told.get("kind"), told.get("class"), names)


def steady(first: Told, second: Told) -> Told:
    """The outcome, with what differed between two runs marked as such."""
    return {name: value if value == second.get(name) else {"kind": "unsteady"} for name, value in first.items()}


def confirm(tests: str) -> Set[str]:
    """Runs every case once more in a process of its own, which hashes texts otherwise: what comes out otherwise is marked, what fails goes and is
    given back."""
    environment = {**os.environ, "PYTHONHASHSEED": "2", "PYTHONPATH": os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", CONFIRM], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, check=False)
    told = json.loads(done.stdout.decode("utf-8").rpartition("\n")[2] or "{}")
    cases = importlib.import_module("snapshots.cases")
    folder = os.path.join(tests, "recorded")
    gone: Set[str] = set()
    for file in sorted(os.listdir(folder), key=lambda file: os.stat(os.path.join(folder, file)).st_mtime_ns):
        name = file[: -len(".json")]
        case = dict(cases.read(name).told)
        if told.get(name) is None or gone & set(case.get("after", ())):
            gone.add(name)
            os.remove(os.path.join(folder, file))
        elif told[name]:
            case["outcome"] = {**case["outcome"], **{key: {"kind": "unsteady"} for key in told[name]}}
            write(cases, folder, name, case)
    with open(os.path.join(folder, CONFIRMED), "w", encoding="utf-8"):
        pass
    return gone


def look_for_properties(orders: Dict[str, Any]) -> None:
    """Has a process of its own look which properties hold for the recorded rows."""
    if not orders.get("properties"):
        return
    tests = orders["tests"]
    asked = os.path.join(os.path.dirname(tests), "properties.json")
    with open(asked, "w", encoding="utf-8") as file:
        json.dump({"properties": orders["properties"], "held": os.path.join(tests, HELD)}, file)
    environment = {**os.environ, "PYTHONHASHSEED": "3", "PYTHONPATH": os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])}
    looker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "properties.py")
    subprocess.run(
        [sys.executable, "-c", LOOK, looker, asked], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment, check=False
    )


def write(cases: Any, folder: str, name: str, case: Told) -> None:
    """Writes a case as people read it."""
    with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
        file.write(cases.layout(case) + "\n")
