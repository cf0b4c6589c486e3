"""What each statement does, how statements feed each other, and which of them live.

df = load()            defines name df, object #0
df['x'] = 1            updates object #0
df.head()              uses object #0              -> dead: "only shows the first rows"
total = df['x'].sum()  defines name total, uses object #0
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from nb2prod.model.diagnostic import Diagnostic
from nb2prod.model.notebook import Place, Span, StatementId

LocationKind = Literal["name", "object", "ambient", "file", "database", "network", "shell"]


class Location(NamedTuple):
    """Something a statement can depend on or change: a name's binding, an object (by where it was made), ambient state, a file or another resource.

    `Location("name", "df")`, `Location("object", "3.0:1")`, `Location("ambient", "rng:numpy")`, `Location("file", "out.csv")`;
    the key "?" of a resource means "any of its kind".
    """

    kind: LocationKind
    key: str


Mark = Literal["reads", "writes", "fits", "predicts", "draws", "prints", "measures", "keeps_code", "unknown"]


@dataclass(frozen=True)
class Effects:
    """The effects of one statement: what it surely sets anew (`defines`), may change (`updates`) and depends on (`uses`).

    Reading and writing of files and other resources are uses and updates of resource locations. `opaque` says why the statement could not
    be understood (empty: it was); an opaque statement is kept with everything in its order. `writes_out` are resources that outlive the run.
    `marks` say what kind of work it is, and whether a function it makes outlives it (`keeps_code`: its free names are read later).
    `observed` are those of the locations that the analysis had missed and a run showed.
    """

    statement: StatementId
    defines: frozenset[Location] = frozenset()
    updates: frozenset[Location] = frozenset()
    uses: frozenset[Location] = frozenset()
    writes_out: frozenset[Location] = frozenset()
    opaque: str = ""
    marks: frozenset[Mark] = frozenset()
    observed: frozenset[Location] = frozenset()


class Edge(NamedTuple):
    """`user` needs `provider`, because of `location`."""

    user: StatementId
    provider: StatementId
    location: Location


@dataclass(frozen=True)
class DataflowGraph:
    """The effects of every statement in the order of the run, and the edges between them."""

    effects: tuple[Effects, ...]
    edges: tuple[Edge, ...]

    def providers(self, statement: StatementId) -> tuple[Edge, ...]:
        return tuple(self._by_user.get(statement, ()))

    def users(self, statement: StatementId) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if edge.provider == statement)

    @cached_property
    def _by_user(self) -> dict[StatementId, list[Edge]]:
        found: dict[StatementId, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.user, []).append(edge)
        return found


class Reference(NamedTuple):
    """A mention of a notebook-level name in the code.

    `context` is load, store, del, or text (named inside a string: `df.query("x > @limit")`). `function` names the top-level function or class whose body
    it stands in (empty: the statement itself);
    `deferred` is True inside any body that runs later (def, lambda, generator expression). `call` is the span of the whole call when the
    mention is what gets called.
    """

    name: str
    statement: StatementId
    place: Place
    context: Literal["load", "store", "del", "text"]
    function: str = ""
    deferred: bool = False
    call: Span | None = None


class LiteralUse(NamedTuple):
    """A literal in the code that a job might want to vary: the value, where it stands and what it is for.

    `target` is the name it is assigned to when the whole statement is `NAME = literal`; otherwise `callee` ("pandas.read_csv") and
    `argument` ("filepath_or_buffer" or "0") say which argument of which call it is.
    """

    value: object
    statement: StatementId
    place: Place
    target: str = ""
    callee: str = ""
    argument: str = ""


ResultKind = Literal["variable", "text", "figure", "file"]


@dataclass(frozen=True)
class Result:
    """Something that must be preserved, and why.

    A `variable` is the notebook's own variable at its end; a `text` is a value shown by `statement` that has no lasting name there
    (`place` is the shown expression, `position` which shown value of the statement it is); a `figure` is what `statement`'s cell drew;
    a `file` is named by its path. `copied` says that the value shown changes later, so a copy must be taken when it is shown; `many` that a
    figure result is the list of all figures open there.
    """

    name: str
    kind: ResultKind
    why: str
    statement: StatementId | None = None
    place: Place | None = None
    position: int = 0
    path: str = ""
    copied: bool = False
    many: bool = False


Certainty = Literal["proved", "static", "observed"]
Role = Literal["import", "definition", "parameter", "code", "directive"]


@dataclass(frozen=True)
class Decision:
    """Whether a statement lives, in one plain sentence why, and how sure that is."""

    statement: StatementId
    live: bool
    reason: str
    role: Role = "code"
    certainty: Certainty = "static"


@dataclass(frozen=True)
class Slice:
    """The statements that some results depend on, in the order of the run, with the chain of edges that brought each in."""

    results: tuple[str, ...]
    statements: tuple[StatementId, ...]
    chain: tuple[Edge, ...]


@dataclass(frozen=True)
class Analysis:
    """All that is known about a notebook without planning anything yet.

    `order` is the run order of the statements (document order unless a diagnostic says otherwise); `types` gives the type of a
    name after a statement that binds it, where it is known ("pandas.DataFrame"); after each statement in `flushes` the notebook shows and
    closes the figures that are open.
    """

    order: tuple[StatementId, ...]
    graph: DataflowGraph
    references: tuple[Reference, ...]
    literals: tuple[LiteralUse, ...]
    results: tuple[Result, ...]
    decisions: tuple[Decision, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    types: Mapping[tuple[StatementId, str], str] = field(default_factory=dict)
    character: Literal["job", "report"] = "report"
    flushes: tuple[StatementId, ...] = ()

    def decision(self, statement: StatementId) -> Decision:
        return next(d for d in self.decisions if d.statement == statement)

    @property
    def live(self) -> tuple[StatementId, ...]:
        keep = {d.statement for d in self.decisions if d.live}
        return tuple(id for id in self.order if id in keep)
