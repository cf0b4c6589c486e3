"""Chance: two recorded runs of one notebook -> the lines where they part for no other reason than chance, each with what makes it so.

3: x = np.random.rand()      0.2 in one run, 0.7 in the other     ->   Cause(3, "cell 3 line 1 `x = np.random.rand()` draws from numpy's random
4: y = x + 1                 differs because x does                     generator, which nothing seeds", "add `np.random.seed(0)` in a cell above ...")
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from nb2prod.model.dataflow import Analysis, Location
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.recording import Recording, unlike
from nb2prod.proving.departing import differing, history_of, used_names
from nb2prod.proving.missed import Paths, calls_of, dotted_paths

CODE = "NB303"
SEEDED = "it becomes the parameter `seed`; `nb2prod convert --seed N` proves the notebook as it is"
FIXED = "make it a variable in a cell tagged `parameters`, so that a run can be given it"
# What makes a value move, the most telling first: the ambient state a statement was seen or known to change, or the beginning of what it calls.
AMBIENTS = {
    "rng:numpy": ("draws from numpy's random generator, which nothing seeds", f"add `np.random.seed(0)` in a cell above: {SEEDED}"),
    "rng:random": ("draws from Python's random generator, which nothing seeds", f"add `random.seed(0)` in a cell above: {SEEDED}"),
    "rng:torch": ("draws from torch's random generator, which nothing seeds", f"add `torch.manual_seed(0)` in a cell above: {SEEDED}"),
    "rng:tensorflow": ("draws from tensorflow's generator, which nothing seeds", f"add `tf.random.set_seed(0)` in a cell above: {SEEDED}"),
}
CALLS = {
    ("numpy.random.default_rng", "numpy.random.RandomState", "random.Random"): (
        "makes a generator without a seed",
        f"give it a seed: {SEEDED}",
    ),
    ("time.", "datetime.", "pandas.Timestamp.", "pandas.to_datetime"): ("asks the clock", FIXED),
    ("uuid.", "secrets.", "os.urandom", "random.SystemRandom"): ("asks the system for something new each time", FIXED),
    ("os.getpid", "tempfile.", "threading.get_ident"): ("asks for something that belongs to one process", FIXED),
    ("threading.", "concurrent.", "multiprocessing.", "joblib.", "asyncio."): (
        "lets several workers finish in any order",
        "gather what they give in a fixed order",
    ),
    ("requests.", "urllib.", "http."): ("asks the network", "save what it answers in a file, and read that"),
    ("hash", "id"): (
        "depends on where an object lies or how texts are hashed, which is new in each process",
        "sort by something that lasts",
    ),
    ("set", "frozenset"): ("depends on the order of a set, which is new in each process", "sort what is taken from the set"),
}
OTHERWISE = ("came out otherwise although all it used was the same", "see which of its calls gives another value each time")


@dataclass(frozen=True)
class Cause:
    """A statement where chance enters: what it does, in words with its place, and what to do about it."""

    statement: StatementId
    told: str
    hint: str


def find_causes(notebook: Notebook, analysis: Analysis, first: Recording, second: Recording) -> tuple[Cause, ...]:
    """The statements that came out otherwise in the second run although everything they use was the same."""
    uses = used_names(analysis)
    before = history_of(first).before, history_of(second).before
    parted = {id: what for id, what in differing(first, second, analysis.order) if what != "raised"}
    given = {id: [(before[0].get(id, {}).get(name), before[1].get(id, {}).get(name)) for name in uses.get(id, ())] for id in parted}
    roots = [id for id in parted if not any(unlike(*pair) for pair in given[id])]
    return tuple(cause_of(notebook, analysis, first, id) for id in roots)


def reached_by_chance(notebook: Notebook, analysis: Analysis) -> frozenset[str]:
    """The results that depend on a draw before its generator is seeded: two runs may agree on them, a third may not."""
    draws = {id for name in AMBIENTS for id in unseeded_draws(analysis, Location("ambient", name))}
    for finding in analysis.diagnostics:
        if finding.code == "NB203" and finding.cell is not None and finding.line is not None:
            here = notebook.as_seen.cells[finding.cell].statements
            draws |= {one.id for one in here if one.span.start_line <= finding.line <= one.span.end_line and one.id in analysis.live}
    reached, waiting = set(draws), list(draws)
    users: dict[StatementId, list[StatementId]] = {}
    for edge in analysis.graph.edges:
        users.setdefault(edge.provider, []).append(edge.user)
    while waiting:
        new = [user for user in users.get(waiting.pop(), ()) if user not in reached]
        reached.update(new)
        waiting += new
    moved = names_at_end(analysis, frozenset(reached))
    return frozenset(one.name for one in analysis.results if one.statement in reached or (one.kind == "variable" and one.name in moved))


def names_at_end(analysis: Analysis, statements: frozenset[StatementId]) -> frozenset[str]:
    """The names whose last value some statements made, or perhaps changed."""
    effects = {one.statement: one for one in analysis.graph.effects}
    found: set[str] = set()
    for id in analysis.order:
        if id not in effects:
            continue
        found -= {place.key for place in effects[id].defines}
        if id in statements:
            touched = effects[id].defines | effects[id].updates | (effects[id].uses if effects[id].updates else frozenset())
            found |= {place.key for place in touched if place.kind == "name"}
    return frozenset(found)


def unseeded_draws(analysis: Analysis, generator: Location) -> Iterator[StatementId]:
    """The live statements that draw from a generator before anything seeds it."""
    effects = {one.statement: one for one in analysis.graph.effects}
    for id in analysis.order:
        if id in effects and generator in effects[id].defines:
            return
        if id in analysis.live and id in effects and generator in effects[id].updates:
            yield id


def cause_of(notebook: Notebook, analysis: Analysis, recording: Recording, id: StatementId) -> Cause:
    """What makes a statement come out otherwise each time."""
    statement = notebook.statement(id)
    did, hint = next(reasons(notebook, analysis, recording, id), OTHERWISE)
    line = textwrap.shorten(statement.source.split("\n")[0], 80, placeholder=" ...")
    return Cause(id, f"cell {id.cell} line {statement.span.start_line} `{line}` {did}", hint)


def reasons(notebook: Notebook, analysis: Analysis, recording: Recording, id: StatementId) -> Iterator[tuple[str, str]]:
    """What is known to move in a statement: generators it draws from, then what it calls, functions of the notebook included."""
    drawn = {name for seen in recording.observations if seen.statement == id for name in seen.ambient}
    drawn |= {x.key for effects in analysis.graph.effects if effects.statement == id for x in effects.updates if x.kind == "ambient"}
    called = list(called_by(notebook, id, dotted_paths(notebook, recording, analysis, id)))
    own = [why for starts, why in CALLS.items() if any(path.startswith(starts) for path in called if path not in ("set", "id", "hash"))]
    yield from own
    yield from (why for name, why in AMBIENTS.items() if name in drawn)
    yield from (why for starts, why in CALLS.items() if any(path in starts for path in called))


def called_by(notebook: Notebook, id: StatementId, paths: Paths) -> Iterator[str]:
    """The dotted path of everything a statement calls, directly or through functions of the notebook; a set display counts as `set`."""
    sources = {}
    for statement in notebook.statements:
        head = statement.source.split("(")[0].split()
        if statement.source.startswith(("def ", "async def ", "class ")):
            sources[head[-1].rstrip(":")] = statement.source
    waiting, seen = [notebook.statement(id).source], set()
    while waiting:
        source = waiting.pop()
        if any(isinstance(node, (ast.Set, ast.SetComp)) for node in ast.walk(ast.parse(source))):
            yield "set"
        for path in map(paths, calls_of(source)):
            yield path
            if path.removeprefix("__main__.") in sources and path not in seen:
                seen.add(path)
                waiting.append(sources[path.removeprefix("__main__.")])


def as_findings(causes: tuple[Cause, ...], notebook: Notebook, results: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """A warning for each cause: where chance enters, which results move, and what to do."""
    moved = ", ".join(f"`{name}`" for name in results[:3]) + (f" and {len(results) - 3} more results" if len(results) > 3 else "")
    found = []
    for cause in causes:
        line = notebook.statement(cause.statement).span.start_line
        words = cause.told.partition("` ")[2] or cause.told
        message = f"{words}: {moved or 'what it gives'} moved between two runs of the notebook"
        found.append(Diagnostic(CODE, Severity.warning, message, cause.hint, cause.statement.cell, line))
    return tuple(found)
