"""What one statement did: which names changed, what they share, what happened outside, how long it took.

    begin()   ...the statement runs...   pause()   end(before, tree)   ->   {"changed": ["df"], "contents": {"df": "5d1f..."}, "seconds": 0.2, ...}

Looked at are the names the statement mentions, those that functions among them mention, those that share an object with one of these, and
every name that costs next to nothing. Looking takes at most a share of the time the notebook itself has taken so far: when it is used up,
large values are sampled.
"""

from __future__ import annotations

import ast
import re
import sys
import time
import types
import warnings
from typing import Any, Callable, Dict, List, Optional, Set

from nb2prod.recording.probe import surroundings
from nb2prod.recording.probe.digests import NODES
from nb2prod.recording.probe.looking import UNSEEN, Look, look
from nb2prod.recording.probe.naming import Home
from nb2prod.recording.probe.watching import Watch

SHARE = 0.2  # of the notebook's own time
FLOOR = 0.3  # seconds that are always there
LEAST = 0.01  # seconds a look at a value gets anyway
MOST = 2.0
FEW = 300  # things in a value that are looked at when there is no time; large buffers are sampled quickly, many small things are not
CHEAP = 0.0003  # a look that costs less is always taken
CHEAP_TOTAL = 0.002
GROUPS = 50
WARNINGS = 20
SHELL_NAME = re.compile(r"_+|_\d+|_i+|_i\d+|_[oid]h|_exit_code|__.*|In|Out|get_ipython|exit|quit|open")
EVERYTHING = frozenset({"exec", "eval", "globals", "locals", "vars", "get_ipython", "setattr", "delattr"})


class Observer:
    """Follows the names of a notebook from statement to statement."""

    def __init__(self, home: Home, watch: Watch, namespace: Callable[[], Dict[str, Any]]) -> None:
        self._home = home
        self._watch = watch
        self._namespace = namespace
        self._looks: Dict[str, Look] = {}
        self._told: Set[Any] = set()
        self._states: Dict[str, object] = {}
        self._warned: List[str] = []
        self._began = self._seconds = 0.0
        self._ran = self._spent = 0.0
        _listen(self._warned)

    def begin(self) -> None:
        """A statement is about to run."""
        del self._warned[:]
        self._watch.taken()
        if not self._states:
            self._states = surroundings.now()
        _forget_peak()
        self._began = time.perf_counter()

    def pause(self) -> None:
        """The statement has run; what follows is our own work."""
        if self._began:
            self._seconds = time.perf_counter() - self._began
            self._ran += self._seconds
            self._began = 0.0

    def hosts(self) -> List[str]:
        """The hosts that the statement at hand has asked for."""
        return self._watch.hosts()

    def end(self, before: Dict[str, Any], tree: Optional[ast.stmt]) -> Dict[str, object]:
        """What the statement did, as the fields of an event; names and values are compared with those before it."""
        started = time.perf_counter()
        deeds, hosts, commands = self._watch.taken()
        files = [[self._home.localise(path), how] for path, how in deeds]
        commands = [self._home.localise(command) for command in commands]
        now = {name: value for name, value in list(self._namespace().items()) if self._is_watched(name, value)}
        bound = [name for name, value in now.items() if before.get(name, self) is not value]
        deleted = [name for name in self._looks if name not in now]
        for name in deleted:
            del self._looks[name]
        seen = self._look(now, bound, tree, started)
        states = surroundings.now()
        moved = surroundings.changed(self._states, states)
        self._states = states
        found = dict(
            seen,
            bound=bound,
            deleted=deleted,
            ambient=moved,
            files=files,
            hosts=hosts,
            commands=commands,
            warnings=[self._home.localise(text) for text in self._warned],
        )
        told: Dict[str, object] = {name: value for name, value in found.items() if value}
        self._spent += time.perf_counter() - started
        return dict(told, seconds=round(self._seconds, 6), memory=_peak())

    def _is_watched(self, name: object, value: object) -> bool:
        """The notebook's own names; what it imported does not change, or not by its name."""
        if not isinstance(name, str) or SHELL_NAME.fullmatch(name) or issubclass(type(value), types.ModuleType):
            return False
        foreign = issubclass(type(value), (type, types.FunctionType, types.BuiltinFunctionType)) and not self._home.owns(
            str(value.__module__)
        )
        return not foreign

    def _look(self, now: Dict[str, Any], bound: List[str], tree: Optional[ast.stmt], started: float) -> Dict[str, Any]:
        contents, shapes, changed, inside, sampled = {}, {}, [], [], []
        new: List[str] = []
        for name in self._worth_a_look(now, bound, tree):
            left = FLOOR + SHARE * self._ran - self._spent - (time.perf_counter() - started)
            known = self._looks.get(name)
            if left < 0 and known is not None and known.met > FEW and name not in bound:
                sampled.append(name)
                contents[name] = UNSEEN
                continue
            seen = look(now[name], self._home, max(min(left, MOST), LEAST), NODES if left > 0 else FEW)
            self._looks[name] = seen
            if known is None or known.objects != seen.objects:
                new.append(name)
            if not seen.full:
                sampled.append(name)
            if name in bound or (known is not None and seen.differs(known)):
                if name not in bound and known is not None:
                    changed.append(name)
                    inside += [name] if seen.differs_inside(known) else []
                contents[name] = seen.told()
                if seen.shape is not None:
                    shapes[name] = seen.shape
        return {
            "changed": sorted(changed),  # the order in which they were looked at is one of cost
            "inside": sorted(inside),
            "contents": contents,
            "shapes": shapes,
            "sampled": sampled,
            "shared": self._shared(new),
        }

    def _worth_a_look(self, now: Dict[str, Any], bound: List[str], tree: Optional[ast.stmt]) -> List[str]:
        """Names whose value may be another one now, the cheapest first."""
        mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} if tree is not None else set(EVERYTHING)
        wanted = set(now) if mentioned & EVERYTHING else self._reached((mentioned | set(bound)) & set(now), set(now))
        left = CHEAP_TOTAL
        for name, known in sorted(self._looks.items(), key=lambda item: item[1].seconds):
            if known.seconds > CHEAP or left < 0:
                break
            if name not in wanted:
                wanted.add(name)
                left -= known.seconds
        return sorted(wanted, key=lambda name: self._looks[name].seconds if name in self._looks else 0.0)

    def _reached(self, wanted: Set[str], names: Set[str]) -> Set[str]:
        """These names, and those they lead to through functions and shared objects."""
        waiting = list(wanted)
        while waiting:
            known = self._looks.get(waiting.pop())
            if known is None:
                continue
            more = known.mentions & names
            for name, other in self._looks.items():
                if name not in wanted and not (known.objects.isdisjoint(other.objects) and known.memory.isdisjoint(other.memory)):
                    more.add(name)
            waiting += more - wanted
            wanted |= more
        return wanted

    def _shared(self, names: List[str]) -> List[List[str]]:
        """Groups of names that hold the same changeable object, each told once."""
        groups: List[List[str]] = []
        for name in names:
            mine = self._looks[name].objects
            others = {other: mine & known.objects for other, known in self._looks.items() if other != name}
            for object in set().union(*others.values()):
                group = frozenset([name] + [other for other, common in others.items() if object in common])
                if group not in self._told and len(groups) < GROUPS:
                    self._told.add(group)
                    groups.append(sorted(group))
        return sorted(groups)


def _listen(said: List[str]) -> None:
    """Hears every warning that is shown, and shows it as before."""
    plain = getattr(warnings, "_showwarnmsg_impl", None)
    if plain is None:
        return

    def show(message: Any) -> None:
        if len(said) < WARNINGS:
            said.append(("%s: %s" % (message.category.__name__, message.message))[:200])
        plain(message)

    warnings._showwarnmsg_impl = show  # type: ignore[attr-defined]


def _forget_peak() -> None:
    """From now on the system counts the most memory anew."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return


def _peak() -> int:
    """The most bytes this process has held since then; where the system does not say, since it began."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:")), 0)
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most if sys.platform == "darwin" else most * 1024)
