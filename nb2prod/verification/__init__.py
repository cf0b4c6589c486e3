"""verification: holds what the package gave against what the notebook gave, and says so.

    verify(notebook, results, live, (), recording, run, again)
        ->   Verdict("same", comparisons=(Comparison("score", "same", how="float, relative tolerance 1e-9, ..."),))

Takes the results to preserve and a recording of each run; gives a Verdict. Runs nothing itself (`again` records the notebook a second time
when a difference may be the notebook's own chance), repairs nothing, and never takes what it could not look at for equal.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import replace

from nb2prod.knowledge.secrets import masked, secret_texts
from nb2prod.model.dataflow import Result
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Comparison, Verdict
from nb2prod.verification.judging import judge, judge_chance
from nb2prod.verification.pairs import by_name, pair_up, with_new_names

CODE = (".py", ".pyc", ".so", ".pth")
Again = Callable[[], Recording]


def verify(  # noqa: PLR0913 - everything a verdict depends on, and nothing of it belongs together
    notebook: Notebook,
    results: tuple[Result, ...],
    live: tuple[StatementId, ...],
    dropped_files: tuple[str, ...],
    recording: Recording,
    run: Recording,
    again: Again | None = None,
) -> Verdict:
    """The verdict over all results, files and printed text; `again` is asked at most once, and only when something differs."""
    spoiled = _spoiled(notebook, live, recording)
    if spoiled:
        return Verdict("unknown", spoiled)
    if not run.ok:
        return Verdict("different", f"the package does not run: {run.reason}")
    pairs = pair_up(results, live, dropped_files, recording, run)
    comparisons = tuple(judge(pair) for pair in pairs)
    if again is not None and any(comparison.outcome == "different" for comparison in comparisons):
        second = again()
        if second.ok:
            found, others = with_new_names(pairs, by_name(pair_up(results, live, dropped_files, second, run)))
            comparisons = tuple(judge_chance(pair, judge(pair), others.get(key)) for key, pair in by_name(found).items())
    return _without_secrets(notebook, _unless_stray(_verdict(comparisons), recording, run))


def _unless_stray(verdict: Verdict, recording: Recording, run: Recording) -> Verdict:
    """No proof when the package read a file outside the copied folder that the notebook did not read: the notebook's own run may have left it."""
    strays = sorted(path for path in set(run.reads) - set(recording.reads) if posixpath.isabs(path) and not path.endswith(CODE))
    if verdict.outcome != "same" or not strays:
        return verdict
    return replace(
        verdict, outcome="unknown", reason=f"the package read {strays[0]}, which the notebook did not read but may have left there"
    )


def _without_secrets(notebook: Notebook, verdict: Verdict) -> Verdict:
    """What people read, with the notebook's secrets masked."""
    secrets = secret_texts(notebook, quoted=False)
    if not secrets:
        return verdict

    def safe(text: str) -> str:
        return masked(text, secrets)

    comparisons = tuple(
        replace(c, notebook=safe(c.notebook), package=safe(c.package), difference=safe(c.difference)) for c in verdict.comparisons
    )
    return replace(verdict, reason=safe(verdict.reason), comparisons=comparisons)


def _spoiled(notebook: Notebook, live: Sequence[StatementId], recording: Recording) -> str:
    """Why the recorded run cannot serve as the yardstick; empty when it can."""
    if not recording.ok:
        return f"the notebook could not be run to its end: {recording.reason}"
    for failure in recording.failures:
        lost = [id for id in live if id.cell == failure.statement.cell and id.index >= failure.statement.index]
        if lost:
            where = f"cell {lost[0].cell}, line {_line(notebook, lost[0])}"
            raised = failure.told
            if lost[0] == failure.statement:
                return f"{where} of the notebook raised {raised}"
            return f"{where} of the notebook did not run, because line {_line(notebook, failure.statement)} of that cell raised {raised}"
    return ""


def _line(notebook: Notebook, id: StatementId) -> int:
    statements = notebook.cells[id.cell].as_seen.statements if id.cell < len(notebook.cells) else ()
    return next((statement.span.start_line for statement in statements if statement.id == id), 1)


def _verdict(comparisons: tuple[Comparison, ...]) -> Verdict:
    different = [comparison for comparison in comparisons if comparison.outcome == "different"]
    unknown = [comparison for comparison in comparisons if comparison.outcome == "unknown"]
    if different:
        return Verdict("different", f"{len(different)} of {len(comparisons)} results differ: {_names(different)}", comparisons)
    if unknown:
        return Verdict("unknown", f"{len(unknown)} of {len(comparisons)} results could not be compared: {_names(unknown)}", comparisons)
    if not comparisons:
        return Verdict("unknown", "there is no result to compare", comparisons)
    if not any(comparison.outcome == "same" for comparison in comparisons):
        return Verdict("unknown", "every result differs between two runs of the notebook itself, so no value was compared", comparisons)
    return Verdict("same", "", comparisons)


def _names(comparisons: Sequence[Comparison]) -> str:
    told = [f"{comparison.name} ({comparison.difference})" if comparison.difference else comparison.name for comparison in comparisons[:3]]
    return "; ".join(told) + (f" and {len(comparisons) - 3} more" if len(comparisons) > 3 else "")
