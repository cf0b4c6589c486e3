"""Which results a notebook has: what the user named, what leaves the process, conclusions shown, models and predictions; figures and summaries in a report.

model.fit(X, y); model.score(X, y)       -> variable "model" (a fitted model), text "score" (a conclusion)
df.to_csv("out.csv"); df.head()          -> file "out.csv"; head only looks
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nb2prod.analysis.graph import Ledger
from nb2prod.analysis.kinds import is_an_act, kind_of
from nb2prod.analysis.naming import Names
from nb2prod.analysis.syntax import Columns, silent_statements
from nb2prod.analysis.values import Value
from nb2prod.analysis.walk import Part, Step, Walk, objects_of
from nb2prod.model.dataflow import Location, Result
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.syntax import nodes_of

UNSHOWN = ("axes", "none", "function", "builtin", "method", "class", "module")  # kinds of pictures of which a display tells nothing
TABLES = 4  # so many tables made of tables are looked at
FIGURES = ("matplotlib.figure.Figure", "matplotlib.axes.Axes")


@dataclass(frozen=True)
class Seen:
    """What a recorded run showed: the kinds of values by statement and position, how many figures after which statement, and the files that
    it took away again."""

    values: Mapping[tuple[StatementId, int], str]
    figures: Mapping[StatementId, int]
    gone: frozenset[str] = frozenset()


@dataclass
class Choice:
    """The results found so far, and statements that must live with the reason (a result may also name variables that must hold at the end)."""

    results: list[Result] = field(default_factory=list)
    live: dict[StatementId, str] = field(default_factory=dict)
    ends: list[str] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)

    def add(self, result: Result) -> None:
        if (result.kind, result.name) not in self.known:
            self.known.add((result.kind, result.name))
            self.results.append(result)


class Chooser:
    """Chooses results in the order of the policy; `seen` is what a recorded run really showed."""

    def __init__(self, notebook: Notebook, walk: Walk, ledger: Ledger, drop: Iterable[str] = (), seen: Seen | None = None) -> None:
        self.notebook, self.walk, self.ledger, self.drop = notebook, walk, ledger, frozenset(drop)
        self.rank = {step.id: rank for rank, step in enumerate(walk.steps)}
        self.names = Names(notebook, walk.names)
        self.columns = {cell.index: Columns(cell) for cell in notebook.code_cells}
        self.dropped_cells = {cell.index for cell in notebook.cells if "drop" in cell.tags}
        counted = [cell for cell in notebook.code_cells if cell.execution_count is not None]
        self.never_ran = {c.index for c in notebook.code_cells if c.execution_count is None and not c.outputs} if counted else set()
        self.machine = walk.machine
        self.silent = silent_statements(notebook)
        self.seen = seen
        self.choice = Choice()

    def choose(self, keep: Iterable[str]) -> tuple[Choice, str]:
        """All results with their reasons, and the notebook's character."""
        self.named(keep)
        outside = self.leaving()
        models = self.models()
        character = "job" if outside or models else "report"
        for step in self.showing():
            self.conclusions(step, report=character == "report")
        for name, why in models.items():
            self.variable(name, why)
        self.predictions()
        if character == "report":
            for step in self.showing():
                self.figures(step)
        if not self.choice.results:
            self.last_section()
        return self.choice, character

    def showing(self) -> list[Step]:
        return [step for step in self.walk.steps if step.id.cell not in self.never_ran | self.dropped_cells]

    # a: what the user named or tagged ------------------------------------------------------------------------------------------

    def named(self, keep: Iterable[str]) -> None:
        for name in keep:
            self.variable(name, "you asked to keep it", forced=True)
        for step in self.walk.steps:
            tags = self.notebook.cells[step.id.cell].tags
            if "result" in tags:
                for name in step.bound:
                    self.variable(name, "its cell is tagged `result`", forced=True)
                for part in step.parts:
                    self.show(step, part, "its cell is tagged `result`")
            if "result" in tags or "keep" in tags:
                self.choice.live[step.id] = f"its cell is tagged `{'result' if 'result' in tags else 'keep'}`"

    def variable(self, name: str, why: str, forced: bool = False) -> None:
        if forced or name not in self.drop and not name.startswith("__"):  # a class would give such a name to its own field another one
            self.choice.add(Result(name, "variable", why))
            if name not in self.choice.ends:
                self.choice.ends.append(name)

    # b: what leaves the process ----------------------------------------------------------------------------------------------

    def leaving(self) -> bool:
        """Files, tables, messages and commands; True if there are any."""
        found = False
        for step in self.walk.steps:
            if step.id.cell in self.dropped_cells:
                continue
            for location in sorted(step.effects.writes_out):
                name = location.key if location.key != "?" else f"{location.kind} written in cell {step.id.cell}"
                taken_away = location.kind == "file" and self.seen is not None and location.key in self.seen.gone
                if taken_away or {name, name.rpartition("/")[2]} & self.drop:
                    continue
                found = True
                self.choice.add(Result(name, "file", leaving_reason(location), step.id, path="" if location.key == "?" else location.key))
                self.choice.live[step.id] = leaving_reason(location)
            if step.touches.unknown_call and not step.effects.writes_out:
                self.choice.live.setdefault(
                    step.id, f"`{step.touches.unknown_call}` is not known and may have effects outside the notebook"
                )
            if step.effects.opaque:
                self.choice.live.setdefault(step.id, f"cannot be analysed: {step.effects.opaque}")
        return found

    # c: conclusions --------------------------------------------------------------------------------------------------------------

    def conclusions(self, step: Step, report: bool) -> None:
        """Values shown that were computed as an outcome (in a report also summaries)."""
        wanted = {"conclusion", "summary"} if report else {"conclusion"}
        parts = [part for part in step.parts if self.is_shown(step, part)]
        chosen = [part for part in parts if self.kind(step, part) in wanted]
        for part in chosen:
            self.show(step, part, f"a {self.kind(step, part)} shown in cell {step.id.cell}")
        if parts and parts[0].how == "print":
            if chosen:
                self.choice.live.setdefault(step.id, f"prints {describe(chosen[0].node)}, a {self.kind(step, chosen[0])}")
        elif step.touches.prints and not (isinstance(step.tree, ast.Expr) and is_call(step.tree.value, "print")):
            kinds = {self.machine.shows(value) for value in step.touches.printed if not isinstance(value.constant, str)}
            if kinds & wanted:
                self.choice.add(
                    Result(
                        f"printed_cell_{step.id.cell}",
                        "text",
                        f"a {'conclusion' if 'conclusion' in kinds else 'summary'} printed there",
                        step.id,
                    )
                )
                self.choice.live.setdefault(step.id, "prints a conclusion")
        for value in step.touches.displayed if not parts else ():
            if self.machine.shows(value) in wanted:
                self.choice.live.setdefault(step.id, "displays a conclusion")

    def is_shown(self, step: Step, part: Part) -> bool:
        """Whether the notebook really shows this part: prints and displays do, a bare value only at the end of its cell without `;`."""
        if self.seen is not None:
            position = next(rank for rank, other in enumerate(step.parts) if other is part)
            if self.seen.values.get((step.id, position), "axes") in UNSHOWN:
                return False
        if part.how == "value":
            last = self.notebook.cells[step.id.cell].statements[-1].id == step.id
            if not last or step.touches.draws or step.id in self.silent or step.touches.looks:
                return False
            if step.effects.writes_out or step.touches.fits or is_an_act(part.node, step):
                return False
            if isinstance(part.node, ast.Call) and step.touches.prints:
                return part.value.types is not None and "NoneType" not in part.value.types
        return part.value.types != {"NoneType"} and not self.machine.is_type(part.value, *FIGURES)

    def kind(self, step: Step, part: Part) -> str:
        kind = kind_of(part.node, step, self.machine)
        return "conclusion" if kind == "peek" and self.holds_measures(step, part) else kind

    def holds_measures(self, step: Step, part: Part) -> bool:
        """Whether a shown table was put together from measured values: a table of scores is an outcome, not a look at data."""
        if not isinstance(part.node, ast.Name) or not self.machine.is_type(part.value, "pandas.DataFrame", "pandas.Series"):
            return False
        return self.made_of_measures(part.node.id, self.rank[step.id], frozenset())

    def made_of_measures(self, name: str, before: int, seen: frozenset[str]) -> bool:
        """Whether the statement that last bound a variable put measured values into it, itself or by a table made of them."""
        rank = next((rank for rank in reversed(range(before)) if name in self.walk.steps[rank].bound), None)
        if rank is None or len(seen) > TABLES:
            return False
        maker = self.walk.steps[rank]
        values = maker.touches.values
        held = self.machine.heap.parts(self.machine.heap.reach(object for value in values.values() for object in objects_of(value)))
        if any(value.shows == "conclusion" for value in (*values.values(), *held)):
            return True
        tables = {
            node.id for node, value in values.items() if isinstance(node, ast.Name) and self.machine.is_type(value, "pandas.DataFrame")
        }
        return any(self.made_of_measures(table, rank, seen | {name}) for table in sorted(tables - seen))

    def show(self, step: Step, part: Part, why: str) -> None:
        """Make a shown value a result: the variable itself where it stays as it was, else the value as text under a name of its own."""
        position = next(rank for rank, other in enumerate(step.parts) if other is part)
        if {*self.mentions(part)} & self.drop:
            return
        if isinstance(part.node, ast.Name) and part.node.id in self.walk.names and not part.node.id.startswith("__"):
            if not self.changes_later(part.node.id, step):
                self.variable(part.node.id, why)
                return
        how = "display" if part.how in ("value", "display") else "print"
        place = self.columns[step.id.cell].place(part.node)
        name = self.names.of(part.node, step.id.cell, step.tree)
        self.choice.add(Result(name, "text", why, step.id, place, position, copied=self.content_changes(part.value, step)))
        if how == "display":
            self.choice.live.setdefault(step.id, f"shows {describe(part.node)}, {why}")

    def mentions(self, part: Part) -> list[str]:
        return [node.id for node in nodes_of(part.node) if isinstance(node, ast.Name)] if isinstance(part.node, ast.Name) else []

    def changes_later(self, name: str, step: Step) -> bool:
        """Whether a name or its content changes after a statement."""
        bound_later = any(
            self.rank[id] > self.rank[step.id] for id, _ in self.ledger.providers({Location("name", name)}) if id in self.rank
        )
        return bound_later or self.content_changes(self.walk.names[name], step)

    def content_changes(self, value: Value, step: Step) -> bool:
        """Whether anything a value holds may change after a statement."""
        providers = self.ledger.providers(self.walk.content(value))
        return any(self.rank[id] > self.rank[step.id] for id, _ in providers if id in self.rank)

    # d: models and predictions ---------------------------------------------------------------------------------------------------

    def models(self) -> dict[str, str]:
        """Names that hold a fitted model at the end."""
        fitted = {object for step in self.walk.steps for object in step.touches.fits}
        fitted -= {object for step in self.walk.steps for object in step.touches.transforms}
        found: dict[str, str] = {}
        seen: set[frozenset[str]] = set()
        for name, value in self.walk.names.items():
            objects = objects_of(value)
            is_fitted = objects <= fitted or self.predicts(value)  # what a fit gives may also share what it was fitted from
            if objects & fitted and is_fitted and objects not in seen and self.holds_model(value) and not name.startswith("_"):
                seen.add(objects)
                found[name] = "a fitted model that nothing later replaces"
        return {name: why for name, why in found.items() if name not in self.drop and not self.from_never_run(name)}

    def predicts(self, value: Value) -> bool:
        return (
            bool(value.types) and not value.predicted and all(self.machine.knowledge.method(kind, "predict") for kind in value.types or ())
        )

    def holds_model(self, value: Value) -> bool:
        return (
            not value.path
            and value.elements is None
            and not (value.types or frozenset()) & {"function", "type", "numpy.ndarray", "pandas.DataFrame", "pandas.Series"}
        )

    def from_never_run(self, name: str) -> bool:
        makers = (*self.ledger.opaque, *(id for id, _ in self.ledger.providers({Location("name", name)})))
        return all(id.cell in self.never_ran for id in makers)

    def predictions(self) -> None:
        for name, value in self.walk.names.items():
            if value.predicted and not self.from_never_run(name) and not name.startswith("_"):
                self.variable(name, "the final predictions of a model")

    # e: a report's figures, and the last resort ------------------------------------------------------------------------------------

    def figures(self, step: Step) -> None:
        """Figures shown at this statement, captured after the last statement that drew on them."""
        shown = {Location("object", figure) for figure in step.shown_figures}
        before = [s for s in self.walk.steps if s.id.cell == step.id.cell and self.rank[s.id] <= self.rank[step.id]]
        drawing = [s for s in before if s.effects.updates & shown and not (isinstance(s.tree, ast.Expr) and s.touches.shows_figures)]
        if self.seen is not None and step.id in self.seen.figures and not drawing:
            plain = [s for s in before if not isinstance(s.tree, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))]
            drawing = [s for s in plain if s.effects.marks & {"unknown", "draws"}] or plain
        if not drawing:
            if step.touches.shows_figures and step.touches.draws:
                self.choice.live.setdefault(step.id, "draws figures of the report")
            return
        last = drawing[-1]
        self.choice.live.setdefault(last.id, "draws a figure of the report")
        many = len(shown) != 1 or any(isinstance(s.tree, (ast.For, ast.While)) for s in drawing)
        if self.seen is not None:
            counts = [count for id, count in self.seen.figures.items() if id.cell == step.id.cell]
            if len(counts) != 1 or step.id not in self.seen.figures:
                return  # shown several times in the cell, or not there: it cannot be told which figure is which
            many = counts[0] > 1
        self.choice.add(
            Result(self.names.figure(step.id.cell), "figure", f"a figure of the report, drawn in cell {step.id.cell}", last.id, many=many)
        )

    def last_section(self) -> None:
        """Failing everything: what the code under the last heading shows or assigns."""
        steps = self.showing()
        headings = [cell.index for cell in self.notebook.cells if cell.kind == "markdown" and cell.source.lstrip().startswith("#")]
        starts = [start for start in headings if any(step.id.cell > start for step in steps)]
        section = [step for step in steps if step.id.cell > starts[-1]] if starts else steps
        for step in section:
            shown = [part for part in step.parts if self.is_shown(step, part) and not isinstance(part.node, ast.Constant)]
            for part in shown:
                self.show(step, part, "the last section shows it")
            if shown and shown[0].how == "print":
                self.choice.live.setdefault(step.id, "the last section prints it")
            for name, value in step.bound.items():
                if (
                    not value.path
                    and not isinstance(step.tree, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom))
                    and name in self.walk.names
                ):
                    self.variable(name, "the last section assigns it")


def leaving_reason(location: Location) -> str:
    words = {
        "file": f"writes the file {location.key}" if location.key != "?" else "writes a file",
        "database": "writes to a database",
        "network": "sends data over the network",
        "shell": "runs a shell command that may change files",
    }
    return words[location.kind]


def describe(node: ast.expr) -> str:
    text = ast.unparse(node)
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"


def is_call(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def with_captions(choice: Choice, walk: Walk) -> None:
    """A caption printed in a cell with a kept print goes with it."""
    printing = {step.id.cell for step in walk.steps if step.id in choice.live and step.touches.prints}
    for step in walk.steps:
        if step.id.cell in printing and isinstance(step.tree, ast.Expr) and is_call(step.tree.value, "print") and not step.parts:
            choice.live.setdefault(step.id, "a caption of a kept print")
