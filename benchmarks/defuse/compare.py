"""A notebook's names by bytecode, held against the effects and the graph of `nb2prod.analysis` -> disagreements, each in a class.

"missed use"     bytecode reads a name, the analysis says no use           it may strip what was needed
"missed write"   bytecode may write a name, the analysis says nothing      the reader may be fed by the wrong statement
"killed"         the analysis says surely written, bytecode only perhaps   it may strip an earlier definition that stays
"missed edge"    bytecode sees a definition reach a use, the graph does not
"cautious"       the analysis says perhaps, bytecode surely                too much may stay
"extra use", "extra write"                                                 too much may stay
"reading"        the two do not see the same statements
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from defuse.notebooks import Compiled, Flowing, follow, statements
from defuse.observed import Seen
from nb2prod.model.dataflow import Analysis, Effects
from nb2prod.model.notebook import Notebook, StatementId

SERIOUS = ("missed use", "missed write", "killed", "missed edge", "reading")
DUNDER = re.compile(r"__\w+__")  # a module's own: `__warningregistry__`, `__annotations__`
SHOWN = re.compile(r"_+|_\d+|_i+\d*|In|Out")
# Why a disagreement is right: all the reasons there are.
OPAQUE = "an opaque statement: it is kept, with everything before it"
UNBOUND = "a name that nothing in the notebook binds: a builtin"
OWN = "the statement binds the name itself before it calls the function that reads it"
GONE = "bound by an `except` clause, and gone behind it"
MANAGER = "a context manager that ends no errors of its body"
IN_TEXT = "code or a name in a text that the statement runs"
HISTORY = "the value a cell shows, and its history"
MAGIC = "a magic or shell line, which reading understood"
LINKED = "another location links the two statements"

LOOKS_INTO_TEXT = (".query(", "getattr(", "globals(")
OF_MODULES = frozenset(
    {"__doc__", "__name__", "__annotations__", "__conditional_annotations__"}
)  # bytecode of classes and annotations mentions them


@dataclass(frozen=True)
class Disagreement:
    """One name of one statement that the two see differently, and why that is right if it is (empty: it is not explained)."""

    kind: str
    statement: StatementId
    name: str
    text: str
    explained: str = ""


def compare(notebook: Notebook, analysis: Analysis, sources: Sequence[tuple[int, str]]) -> list[Disagreement]:
    """Every disagreement about the statements of a notebook; `sources` are the numbers and texts of its code cells."""
    listed, wrong = statements(sources)
    refused = {cell.index for cell in notebook.code_cells if cell.syntax_error}
    found = [Disagreement("reading", StatementId(cell, 0), "", "only one of the two can parse it") for cell in sorted(wrong ^ refused)]
    pairs = dict(paired(notebook, listed))
    found += unpaired(notebook, listed, pairs)
    rank_of = {id: rank for rank, id in pairs.items()}
    ran = [effects.statement for effects in analysis.graph.effects if effects.statement in rank_of]
    own = [listed[rank_of[id]] for id in ran]
    flowing = follow(own)
    late = frozenset(name for one in own for name in one.names.later | one.names.later_writes)
    effects_of = {effects.statement: effects for effects in analysis.graph.effects}
    for id, one, flow in zip(ran, own, flowing, strict=True):
        found += list(about_statement(effects_of[id], one, flow, late))
    translated = frozenset[str]().union(*(names(one, "defines") for one in analysis.graph.effects if one.statement not in rank_of))
    return found + [
        replace(one, explained=MAGIC) if one.kind == "missed edge" and not one.explained and one.name in translated else one
        for one in about_edges(analysis, ran, own, flowing)
    ]


def paired(notebook: Notebook, listed: Sequence[Compiled]) -> Iterator[tuple[int, StatementId]]:
    """The statements that both see, cell by cell: those of the same text."""
    for cell in notebook.code_cells:
        ranks = [rank for rank, one in enumerate(listed) if one.cell == cell.index]
        theirs = [ast.unparse(node) for node in tree_of(cell.code)] if cell.statements else []
        matcher = difflib.SequenceMatcher(None, [listed[rank].text for rank in ranks], theirs, autojunk=False)
        for mine, other, size in matcher.get_matching_blocks():
            yield from ((ranks[mine + step], cell.statements[other + step].id) for step in range(size))


def tree_of(code: str) -> list[ast.stmt]:
    return compile(code, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True).body


def unpaired(notebook: Notebook, listed: Sequence[Compiled], pairs: dict[int, StatementId]) -> list[Disagreement]:
    """Statements that only one of the two sees; a magic that reading understood leaves none, or something else, in its place."""
    magic = {cell.index for cell in notebook.code_cells if cell.directives}
    missing = [(StatementId(one.cell, 0), one.text) for rank, one in enumerate(listed) if rank not in pairs]
    seen = set(pairs.values())
    missing += [(statement.id, statement.source) for statement in notebook.statements if statement.id not in seen]
    return [Disagreement("reading", id, "", text[:80], MAGIC if id.cell in magic else "") for id, text in missing]


def names(effects: Effects, kind: str) -> frozenset[str]:
    return frozenset(location.key for location in getattr(effects, kind) if location.kind == "name")


def about_statement(effects: Effects, one: Compiled, flow: Flowing, late: frozenset[str]) -> Iterator[Disagreement]:
    """Disagreements about one statement's own effects; `late` are the names that functions of the notebook read and write."""
    defines, updates, uses = (names(effects, kind) for kind in ("defines", "updates", "uses"))
    mine, opaque = one.names, OPAQUE if effects.opaque else ""

    def differ(kind: str, found: frozenset[str], why: str = "") -> Iterator[Disagreement]:
        for name in sorted(found - OF_MODULES):
            yield Disagreement(kind, effects.statement, name, one.text[:200], why or (HISTORY if SHOWN.fullmatch(name) else ""))

    read = flow.uses | flow.called_uses
    missed, own = read - uses, one.unswallowed.defines - flow.uses
    yield from differ("missed use", missed & own, OWN)
    yield from differ("missed use", missed & flow.providers.keys() - own, opaque)
    yield from differ("missed use", missed - flow.providers.keys() - own, UNBOUND)
    missed = mine.writes - defines - updates
    yield from differ("missed write", missed - mine.gone, opaque)
    yield from differ("missed write", missed & mine.gone, GONE)
    for kind, found in (
        ("killed", defines - mine.defines),
        ("extra use", uses - read - late),
        ("extra write", (defines | updates) - mine.writes - late),
    ):
        in_text = frozenset(name for name in found if runs_text(one, name))
        yield from differ(kind, found & in_text, IN_TEXT)
        if kind == "killed":
            yield from differ(kind, found & one.unswallowed.defines - in_text, MANAGER)
            found -= one.unswallowed.defines
        yield from differ(kind, found - in_text - {"*"})
    yield from differ("cautious", (updates - defines) & mine.defines, opaque)
    yield from differ("extra use", (uses - read) & late, "functions read it when they are called")
    yield from differ("extra write", ((defines | updates) - mine.writes) & late, "functions write it when they are called")


def runs_text(one: Compiled, name: str) -> bool:
    """Whether the statement mentions the name in a text, and calls something that looks into texts."""
    if one.names.uses & {"exec", "eval"}:  # of a text that may stand elsewhere
        return True
    looks = one.magic or any(word in one.text for word in LOOKS_INTO_TEXT)
    texts = (node.value for node in ast.walk(ast.parse(one.text)) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return looks and any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts)


def about_edges(
    analysis: Analysis, ran: Sequence[StatementId], own: Sequence[Compiled], flowing: Sequence[Flowing]
) -> Iterator[Disagreement]:
    """Definitions that reach a use by bytecode, with no edge in the graph; an opaque statement takes part in every edge."""
    linked = {(edge.user, edge.provider) for edge in analysis.graph.edges}
    through = {(edge.user, edge.provider, edge.location.key) for edge in analysis.graph.edges if edge.location.kind == "name"}
    unswallowed = follow(own, swallow=False)
    for rank, flow in enumerate(flowing):
        for name, providers in flow.providers.items():
            for provider in providers:
                user, source = ran[rank], ran[provider]
                if (user, source, name) in through or (user, source, "*") in through or SHOWN.fullmatch(name) or DUNDER.fullmatch(name):
                    continue
                own_name = name in own[rank].unswallowed.defines - flow.uses
                overwritten = provider not in unswallowed[rank].providers.get(name, ())
                why = LINKED if (user, source) in linked else OWN if own_name else MANAGER if overwritten else ""
                yield Disagreement("missed edge", user, name, f"{own[rank].text[:90]}  <-  {own[provider].text[:90]}", why)


def compare_seen(analysis: Analysis, run: Sequence[Seen], texts: Mapping[StatementId, str]) -> list[Disagreement]:
    """What a real run showed of each statement and the analysis does not say: names it read or wrote, and who had written what it read."""
    effects_of = {effects.statement: effects for effects in analysis.graph.effects}
    linked = {(edge.user, edge.provider) for edge in analysis.graph.edges}
    found = []
    doubtful: set[str] = set()  # a statement that raised had not bound them, of which the analysis knows nothing
    for seen in run:
        effects = effects_of[StatementId(*seen.key)]
        doubtful = doubtful | names(effects, "defines") if seen.error else doubtful - names(effects, "defines")
        if effects.opaque or seen.error:
            continue
        id, uses, writes = effects.statement, names(effects, "uses"), names(effects, "defines") | names(effects, "updates")
        others = {name: StatementId(*writer) for name, writer in seen.reads.items() if StatementId(*writer) != id}
        missing = [("missed use", name) for name in others if name not in uses]
        missing += [("missed write", name) for name in seen.writes - writes if "*" not in writes]
        asked = {name: writer for name, writer in others.items() if name not in doubtful and not effects_of[writer].opaque}
        missing += [("missed edge", name) for name, writer in asked.items() if (id, writer) not in linked]
        found += [Disagreement(kind, id, name, texts[id][:200]) for kind, name in sorted(missing) if not DUNDER.fullmatch(name)]
    return found
