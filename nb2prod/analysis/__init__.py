"""Notebook (and library knowledge, and perhaps a recording) -> Analysis: effects, graph, results, and a decision with a reason for every statement.

Never runs, imports or evaluates anything of the notebook; never drops what it cannot prove dead; never guesses meaning from a variable's name.

    df = load(); df.head(); df.to_csv("out.csv")
      ->  live "writes the file out.csv": df.to_csv    live "needed by the file out.csv through `df` (cell 0)": df = load()
          dead "only shows the first rows": df.head()
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from functools import cache

from nb2prod.analysis.graph import link
from nb2prod.analysis.liveness import decide, slice_back, slice_of
from nb2prod.analysis.observed import as_observed, missing_knowledge, observed_in
from nb2prod.analysis.order import Order, choose_order, ends_of_cells
from nb2prod.analysis.references import find_literals, find_references
from nb2prod.analysis.results import Chooser, Seen, with_captions
from nb2prod.analysis.rules import Case, check_rules
from nb2prod.analysis.syntax import Trees, parse_statements, silent_statements
from nb2prod.analysis.unneeded import registering_imports, same_imports
from nb2prod.analysis.walk import Walk, walk
from nb2prod.errors import ChoiceError
from nb2prod.knowledge import Knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis, Location, Slice
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.recording import Recording

NO_CHOICES = Choices()


def analyze(
    notebook: Notebook,
    knowledge: Knowledge,
    recording: Recording | None = None,
    choices: Choices = NO_CHOICES,
    restore: frozenset[StatementId] = frozenset(),
) -> Analysis:
    """Work out what every statement does and which of them the results depend on.

    `restore` are statements that must live whatever the analysis thinks (a proof run showed that they matter).

    Raises:
        ChoiceError: a name to keep is not a variable of the notebook.
    """
    trees = parse_statements(notebook)
    skipped = did_not_happen(notebook, trees, recording)
    silent, observed = silent_statements(notebook), observed_in(recording)

    @cache
    def walk_in(order: Order) -> Walk:
        return walk((id for id in order if id in trees and id not in skipped), trees, knowledge, silent, observed)

    def undefined(order: Order) -> int:
        return sum(len(step.touches.undefined) for step in walk_in(order).steps)

    def needs(order: Order) -> frozenset[tuple[StatementId, StatementId]]:
        return frozenset((edge.user, edge.provider) for edge in link(step.effects for step in walk_in(order).steps)[0].edges)

    order, order_findings = choose_order(notebook, undefined, needs)
    walked = walk_in(order)
    order = tuple(id for id in order if id in trees)
    graph, ledger = link(step.effects for step in walked.steps)
    check_kept(choices.keep, walked)
    choice, character = Chooser(notebook, walked, ledger, choices.drop, seen_by(recording)).choose(choices.keep)
    for id in restore - set(skipped):
        choice.live.setdefault(id, "restored: without it the results differ")
    with_captions(choice, walked)

    def content(name: str) -> Iterable[Location]:
        return walked.content(walked.names[name]) if name in walked.names else ()

    live, chain = slice_back(graph, ledger, choice, content)
    if registering := registering_imports(walked, live):  # they need something too: the folder a module lies in
        choice.live.update(registering)
        live, chain = slice_back(graph, ledger, choice, content)
    same_imports(walked, live)
    for cell in notebook.cells:
        if "drop" in cell.tags:
            live = {id: reason for id, reason in live.items() if id.cell != cell.index}
    paths = {name: value.path for name, value in walked.names.items() if value.path}
    return Analysis(
        order=order,
        graph=graph,
        references=find_references(notebook, trees),
        literals=find_literals(notebook, trees, paths),
        results=tuple(choice.results),
        decisions=tuple(as_observed(decide(walked, live, graph, skipped, character), graph, chain)),
        diagnostics=(
            *order_findings,
            *missing_knowledge(notebook, walked.steps),
            *check_rules(Case(notebook, walked, live, graph, tuple(choice.results))),
        ),
        types=known_types(walked, recording),
        character="job" if character == "job" else "report",
        flushes=flushes_of(walked, seen_by(recording)),
    )


def slice_for(notebook: Notebook, knowledge: Knowledge, name: str) -> Slice:
    """The statements one variable of the notebook depends on.

    Raises:
        ChoiceError: there is no such variable.
    """
    trees = parse_statements(notebook)
    walked = walk(trees, trees, knowledge, silent_statements(notebook))
    check_kept((name,), walked)
    graph, ledger = link(step.effects for step in walked.steps)
    return slice_of(name, graph, ledger, walked.content(walked.names[name]))


def seen_by(recording: Recording | None) -> Seen | None:
    """What a recorded run showed; None without a run."""
    if recording is None or not recording.ok:
        return None
    values = {(shown.statement, shown.position): str(shown.picture.get("kind", "")) for shown in recording.shown if shown.how != "figure"}
    uses = {use.path: use.how for observation in recording.observations for use in observation.files if use.how != "read"}
    written = {file.path for file in recording.files}  # a file that was there before and is no more counts as written
    gone = frozenset(path for path, how in uses.items() if how == "delete") - written
    return Seen(values, Counter(shown.statement for shown in recording.shown if shown.how == "figure"), gone)


def flushes_of(walked: Walk, seen: Seen | None) -> tuple[StatementId, ...]:
    """The statements after which open figures are closed: where the run showed some, where the analysis sees some at the end of their cell (a
    kernel that first loads its inline backend then closes them unseen), and without a run where unknown code may have drawn."""
    draws = seen is None and any(value.path.startswith("matplotlib.pyplot") for value in walked.names.values())
    cells = {step.id.cell for step in walked.steps if "unknown" in step.effects.marks} if draws else set()
    found = []
    for step, following in zip(walked.steps, (*walked.steps[1:], None), strict=False):
        ends = following is None or following.id.cell != step.id.cell
        unknown = ends and step.id.cell in cells
        if step.shown_figures or unknown or (seen is not None and step.id in seen.figures):
            found.append(step.id)
    return tuple(found)


def did_not_happen(notebook: Notebook, trees: Trees, recording: Recording | None) -> dict[StatementId, str]:
    """Statements that raised, and those after them in their cell: from the recorded run if there is one, else from the saved error."""
    failed: dict[StatementId, str] = {}
    if recording is not None and recording.ok:
        starts = {failure.statement: failure.error for failure in recording.failures}
    else:
        starts = {id: error for cell in notebook.code_cells for id, error in saved_failure(notebook, cell.index, trees)}
        starts = {**dict(ends_of_cells(trees)), **starts}
    for start, error in starts.items():
        for statement in notebook.cells[start.cell].statements[start.index :]:
            how = f"raised {error}" if statement.id == start else f"never ran: the statement before it raised {error}"
            failed[statement.id] = how
    return failed


def saved_failure(notebook: Notebook, cell: int, trees: Trees) -> list[tuple[StatementId, str]]:
    """The statement a saved traceback points at, when nothing that other cells use would be lost with it."""
    error = notebook.cells[cell].error
    if error is None or not error.error_line:
        return []
    hit = [s for s in notebook.cells[cell].statements if s.span.start_line <= error.error_line <= s.span.end_line]
    if not hit:
        return []
    lost = {
        r.name
        for r in find_references(notebook, {s.id: trees[s.id] for s in notebook.cells[cell].statements[hit[0].id.index :]})
        if r.context == "store"
    }
    rest = find_references(notebook, {id: tree for id, tree in trees.items() if id.cell != cell or id < hit[0].id})
    stored = {r.name for r in rest if r.context == "store"}
    return [] if any(r.name in lost - stored for r in rest) else [(hit[0].id, error.error_name)]


def check_kept(names: tuple[str, ...], walked: Walk) -> None:
    for name in names:
        if name not in walked.names:
            near = difflib.get_close_matches(name, walked.names, 3)
            raise ChoiceError(
                f"the notebook has no variable {name!r} at its end",
                f"did you mean {', '.join(near)}?" if near else "see the names with `nb2prod explain --effects`",
            )


def known_types(walked: Walk, recording: Recording | None) -> dict[tuple[StatementId, str], str]:
    """The type of each name after the statement that binds it: what the run saw, else what the analysis is sure of."""
    found = {}
    for step in walked.steps:
        for name, value in step.bound.items():
            if value.types and len(value.types) == 1 and not next(iter(value.types)).startswith("notebook."):
                found[step.id, name] = next(iter(value.types))
    return {**found, **(dict(recording.types) if recording is not None else {})}


__all__ = ["analyze", "slice_for"]
