"""A notebook's analysis -> what is to be run; what the runs showed -> the count.

orders_for(notebook, analysis)          {"statements": [{"cell": 4, "rank": 1, "kept": true, ...}], "results": ["variable score"], ...}
count(name, notebook, analysis, told)   Count(statements=92, stripped=47, needless=(Needless(cell=9, ...),), ...)
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook, Statement, StatementId

SENT_AWAY = ("network", "shell")  # what such statements do cannot be compared, so deletion may not touch them


@dataclass(frozen=True)
class Case:
    """One statement worth naming: where it stands, its first line, what we say of it, and what it changes when it runs."""

    cell: int
    line: int
    source: str
    reason: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Count:
    """What was found out about one notebook; `reason` says why nothing was."""

    name: str
    reason: str = ""
    statements: int = 0
    stripped: int = 0
    needless: tuple[Case, ...] = ()
    noop: tuple[Case, ...] = ()
    unread: tuple[Case, ...] = ()
    lost: tuple[Case, ...] = ()
    differences: tuple[str, ...] = ()
    unstable: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    untested: int = 0
    seconds: float = 0.0

    @property
    def greedy(self) -> int:
        """What deletion strips, leaving out what only today's data makes idle."""
        return self.stripped + len(self.needless)

    @property
    def share(self) -> float:
        return self.stripped / self.greedy if self.greedy else 1.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Count:
        cases = {key: tuple(Case(**{**case, "changes": tuple(case["changes"])}) for case in data[key]) for key in CASES}
        texts = {key: tuple(data[key]) for key in ("differences", "unstable", "raised", "results")}
        return cls(**{**data, **cases, **texts})


CASES = ("needless", "noop", "unread", "lost")


def orders_for(notebook: Notebook, analysis: Analysis) -> dict[str, Any]:
    """What the measurement must know of the notebook: its statements in the order of the run, which are kept, and what its results are."""
    live, flushes = set(analysis.live), set(analysis.flushes)
    sent = {e.statement for e in analysis.graph.effects if any(place.kind in SENT_AWAY for place in e.writes_out)}
    results = result_keys(notebook, analysis)
    statements = []
    for id in analysis.order:
        statement, cell = notebook.statement(id), notebook.cells[id.cell]
        last = cell.statements[-1].id == id
        place = f"{id.cell}.{id.index}"
        statements.append(
            {
                "cell": id.cell,
                "rank": id.index,
                "code": cell.code,
                "shown": last and not cell.code.rstrip().endswith(";"),
                "flush": last or id in flushes,
                "kept": id in live,
                "protected": id in sent,
                "shows": [key for key in results if key == f"printed {place}" or key.startswith(f"shown {place} ")],
                "names": sorted(targets(ast.parse(statement.source).body[0])),
            }
        )
    ran = [cell.index for cell in notebook.code_cells]
    return {"statements": statements, "results": results, "counts": {str(cell): rank + 1 for rank, cell in enumerate(ran)}}


def result_keys(notebook: Notebook, analysis: Analysis) -> list[str]:
    """The results and what kept prints print, by the keys `inside/playing.py` uses; every file written is a result without being named."""
    found = dict.fromkeys(f"printed {id.cell}.{id.index}" for id in analysis.live if prints(notebook.statement(id)))
    for decision in analysis.decisions:
        if decision.live and decision.reason == "displays a conclusion":
            found[f"printed {decision.statement.cell}.{decision.statement.index}"] = None
    for result in analysis.results:
        where = f"{result.statement.cell}.{result.statement.index}" if result.statement is not None else ""
        if result.kind == "variable":
            found[f"variable {result.name}"] = None
        elif result.kind == "text":
            found[f"shown {where} {result.position}" if result.place is not None else f"printed {where}"] = None
        elif result.kind == "figure" and result.statement is not None:
            found[f"figures {result.statement.cell}"] = None
    return list(found)


def prints(statement: Statement) -> bool:
    tree = ast.parse(statement.source).body[0]
    call = tree.value if isinstance(tree, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


def targets(tree: ast.stmt) -> set[str]:
    """The variables a statement assigns to, deletes from, or calls a method of for its effect: what its text says it changes."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            found += node.targets
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)):
            found.append(node.target)
        elif isinstance(node, ast.Delete):
            found += node.targets
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            found.append(node.value.func.value)
    return {name for target in found for name in roots(target)}


def roots(node: ast.expr) -> Iterable[str]:
    """The variable an assignment's target belongs to: `df` of `df.loc[rows, "x"]`."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return [name for element in node.elts for name in roots(element)]
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return [node.id] if isinstance(node, ast.Name) else []


def count(name: str, notebook: Notebook, analysis: Analysis, told: dict[str, Any], seconds: float) -> Count:
    """Sort what deletion could strip into needless keeps and what is idle only on this data."""
    results = tuple(result.name for result in analysis.results)
    if told["reason"]:
        return Count(name, reason=told["reason"], results=results, seconds=seconds)
    order = analysis.order
    live = set(analysis.live)
    happened = [id for index, id in enumerate(order) if index not in told["not_run"]]
    excuse = Excuses(notebook, analysis, {order[index] for index in told["deleted"]})
    sorted_out: dict[str, list[Case]] = {"needless": [], "noop": [], "unread": []}
    for index in reversed(told["deleted"]):
        if order[index] in live:
            changes = tuple(told["changed"].get(str(index), ()))
            sorted_out[excuse.kind(order[index], changes)].insert(0, case(notebook, analysis, order[index], changes))
    return Count(
        name,
        statements=len(happened),
        stripped=len([id for id in happened if id not in live]) - len(told["lost"]),
        lost=tuple(case(notebook, analysis, order[index], (told["needed"].get(str(index), ""),)) for index in told["lost"]),
        differences=tuple(told["differences"]),
        unstable=tuple(told["unstable"]),
        raised=tuple(f"cell {order[int(index)].cell}: {error}" for index, error in told["raised"].items()),
        results=results,
        untested=len(told["untested"]),
        seconds=round(seconds, 1),
        **{kind: tuple(cases) for kind, cases in sorted_out.items()},
    )


class Excuses:
    """Sorts kept statements that could go, to be asked from the last to the first."""

    def __init__(self, notebook: Notebook, analysis: Analysis, gone: set[StatementId]) -> None:
        self.notebook, self.analysis = notebook, analysis
        self.needed = set(analysis.live) - gone
        self.excused: dict[StatementId, str] = {}
        self.ends = {result.name for result in analysis.results if result.kind == "variable"}
        self.rank = {id: rank for rank, id in enumerate(analysis.order)}

    def kind(self, id: StatementId, changes: tuple[str, ...]) -> str:
        """Why a statement can go: "noop", "unread" (see benchmarks/README.md), or the kind of an excused statement that uses a name it defines;
        else it was kept needlessly."""
        by_name = [edge.user for edge in self.analysis.graph.users(id) if edge.location.kind == "name"]
        following = next((self.excused[user] for user in by_name if user in self.excused), "")
        kind = ("unread" if changes else "noop") if self.changes_what_is_read(id, changes) else following or "needless"
        if kind != "needless":
            self.excused[id] = kind
        return kind

    def changes_what_is_read(self, id: StatementId, changes: tuple[str, ...]) -> bool:
        """Whether by its syntax and by rules that are known it changes something that was there before and that a needed statement reads."""
        effects = next(e for e in self.analysis.graph.effects if e.statement == id)
        said = targets(ast.parse(self.notebook.statement(id).source).body[0])
        earlier = (e for e in self.analysis.graph.effects if e.statement in self.needed and self.rank[e.statement] < self.rank[id])
        before = {location.key for e in earlier for location in e.defines if location.kind == "name"}
        read = any(edge.user in self.needed | self.excused.keys() for edge in self.analysis.graph.users(id)) or bool(said & self.ends)
        by_call = isinstance(ast.parse(self.notebook.statement(id).source).body[0], ast.Expr)
        meant = not by_call or bool(changes) or bool(effects.writes_out) or "inplace=True" in self.notebook.statement(id).source
        return read and meant and bool(said & before) and "unknown" not in effects.marks


def case(notebook: Notebook, analysis: Analysis, id: StatementId, changes: tuple[str, ...]) -> Case:
    statement = notebook.statement(id)
    return Case(id.cell, statement.span.start_line, statement.source[:200], analysis.decision(id).reason, changes)


HEADS = ("notebook", "statements", "stripped", "greedy", "share", "lost", "no-op today", "unread part", "untested", "s")


def table(counts: list[Count], brief: bool) -> str:
    """All counts as text, with a line for the total, and the statements behind them."""
    rows = [HEADS, *(row(one) for one in counts)]
    good = [one for one in counts if not one.reason]
    if len(good) > 1:
        rows.append(row(total(good)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = [
        "  ".join(text.ljust(w) if c == 0 else text.rjust(w) for c, (text, w) in enumerate(zip(row, widths, strict=True))) for row in rows
    ]
    lines += [f"{one.name}: not measured: {one.reason}" for one in counts if one.reason]
    for one in [] if brief else good:
        lines += [f"{one.name}: {text}" for text in one.raised]
        lines += [f"{one.name}: differs without what was stripped: {text}" for text in one.differences]
        for kind, words in (("lost", "LOST"), ("needless", "kept needlessly"), ("noop", "no-op today"), ("unread", "unread part")):
            for c in getattr(one, kind):
                first = c.source.splitlines()[0][:90]
                lines.append(
                    f"{one.name} cell {c.cell} line {c.line}: {words}: {first}    [{c.reason}]{' ' + str(c.changes) if c.changes else ''}"
                )
    return "\n".join(lines)


def total(counts: list[Count]) -> Count:
    sums = {key: tuple(case for one in counts for case in getattr(one, key)) for key in CASES}
    numbers = {key: sum(getattr(one, key) for one in counts) for key in ("statements", "stripped", "untested")}
    return Count("total", seconds=sum(one.seconds for one in counts), **sums, **numbers)


def row(one: Count) -> tuple[str, ...]:
    if one.reason:
        return (one.name, *["-"] * 8, f"{one.seconds:.0f}")
    numbers = (one.statements, one.stripped, one.greedy, f"{one.share:.0%}", len(one.lost), len(one.noop), len(one.unread), one.untested)
    return (one.name, *map(str, numbers), f"{one.seconds:.0f}")
