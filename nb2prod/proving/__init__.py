"""Proving: run a package against a recorded notebook, with chance taken out, and say what a failed proof leaves to try.

prove(notebook, project, proof, recording, runner)     ->   Verdict("same", ...)
a notebook that never seeds its generators             ->   proved once more with both runs seeded alike
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis, Result
from nb2prod.model.diagnostic import Diagnostic
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Plan
from nb2prod.model.project import Project
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Verdict
from nb2prod.planning import secrets_of
from nb2prod.proving.chance import as_findings, find_causes, reached_by_chance
from nb2prod.proving.restoring import Search
from nb2prod.reading.project import Proof
from nb2prod.recording import Runner
from nb2prod.verification import verify
from nb2prod.verification.pairs import PRINTED

SEED = 240_917  # any number that no notebook is likely to have chosen itself


def proof_of(notebook: Notebook, analysis: Analysis, plan: Plan, choices: Choices) -> Proof:
    """What a proof needs to know, now and later."""
    unseeded = any(finding.code == "NB203" for finding in analysis.diagnostics)
    return Proof(str(Path(notebook.path).absolute()), notebook.sha256, choices, plan.results, analysis.live, analysis.order, unseeded)


@dataclass(frozen=True)
class Proven:
    """A verdict, the names of the results that chance decides (those that moved between the notebook's own runs or depend on an unseeded draw),
    and where chance enters."""

    verdict: Verdict
    moved: frozenset[str] = frozenset()
    findings: tuple[Diagnostic, ...] = ()


def prove(  # noqa: PLR0913 - a proof needs all of them
    notebook: Notebook, analysis: Analysis, project: Project, proof: Proof, recording: Recording, secrets: Mapping[str, str]
) -> Proven:
    """Run the package and hold its results against the notebook's; `secrets` are values it needs in its environment.

    A notebook that draws unseeded random numbers is recorded once more, with every generator started alike in that run and the package's.
    """
    second: Recording | None = None
    chance: frozenset[str] = frozenset()
    if not proof.unseeded or proof.choices.seed is not None:
        verdict, second = hold(notebook, project, proof, lambda: recording, Runner(proof.choices), secrets)
        chance = frozenset(comparison.name for comparison in verdict.comparisons if comparison.outcome == "nondeterministic")
        if not chance or proof.choices.seed is not None:
            return with_causes(Proven(verdict, chance), notebook, analysis, (recording, second))
    runner = Runner(seeded_alike(proof.choices))
    with runner.recording_again(notebook, proof.order, ahead=True) as record:
        once = cache(record)
        again, _ = hold(notebook, project, proof, once, runner, secrets)
        other = once()
    moved = chance | frozenset(moved_between(recording, other, proof.results)) | reached_by_chance(notebook, analysis)
    comparisons = tuple(replace(c, how=f"{c.how}, generators seeded alike") if c.name in moved else c for c in again.comparisons)
    proven = Proven(replace(again, comparisons=comparisons), moved)
    return with_causes(proven, notebook, analysis, (recording, second or other))


def seeded_alike(choices: Choices) -> Choices:
    """The choices with a seed for all generators, the user's own where there is one."""
    return choices if choices.seed is not None else replace(choices, seed=SEED)


def hold(  # noqa: PLR0913 - a proof needs all of them
    notebook: Notebook, project: Project, proof: Proof, recorded: Callable[[], Recording], runner: Runner, secrets: Mapping[str, str]
) -> tuple[Verdict, Recording | None]:
    """One run of the package against a run of the notebook: the verdict, and the notebook's second run where that was asked for."""
    names = tuple(result.name for result in proof.results if result.kind != "file")
    seconds: list[Recording] = []

    def again() -> Recording:
        seconds.append(runner.record(notebook, proof.order, again=True))
        return seconds[-1]

    given = runner.run_package(notebook, project, tuple(proof.fields.get(name, name) for name in names), secrets)
    own = {field: name for name, field in proof.fields.items()}
    run = replace(given, variables={own.get(name, name): picture for name, picture in given.variables.items()})
    verdict = verify(notebook, proof.results, proof.live, proof.choices.drop, recorded(), run, again)
    return verdict, next((second for second in seconds if second.ok), None)


def moved_between(first: Recording, second: Recording, results: tuple[Result, ...]) -> Iterator[str]:
    """The names of variables and results that came out otherwise in a second run."""
    yield from (name for name, picture in first.variables.items() if picture != second.variables.get(name))
    if first.stdout != second.stdout:
        yield PRINTED
    shown = [{(one.statement, one.position): one.picture for one in run.shown if one.how != "figure"} for run in (first, second)]
    for result in results:
        if result.statement is not None:
            places = (result.statement, result.position)
            printed = first.stdout.get(result.statement) != second.stdout.get(result.statement)
            if printed or shown[0].get(places) != shown[1].get(places):
                yield result.name


def with_causes(proven: Proven, notebook: Notebook, analysis: Analysis, runs: tuple[Recording, Recording | None]) -> Proven:
    """The same with the lines where chance enters named, as far as two runs of the notebook show them."""
    first, second = runs
    if second is None or not proven.moved:
        return proven
    causes = [cause for cause in find_causes(notebook, analysis, first, second) if cause.statement in analysis.live]
    told = "".join(f"; {cause.told}" for cause in causes[:2])
    comparisons = tuple(
        replace(c, how=f"{c.how}{told}") if c.name in proven.moved or c.outcome == "nondeterministic" else c
        for c in proven.verdict.comparisons
    )
    results = tuple(result.name for result in analysis.results if result.name in proven.moved)
    return replace(proven, verdict=replace(proven.verdict, comparisons=comparisons), findings=as_findings(tuple(causes), notebook, results))


def on_sample(verdict: Verdict, recording: Recording, rows: int) -> Verdict:
    """The verdict, saying so when only the beginning of the data was there."""
    if not recording.sampled:
        return verdict
    told = f"on a sample: only the first {rows} rows of {', '.join(recording.sampled)}"
    return replace(verdict, reason="; ".join(filter(None, (verdict.reason, told))))


def secret_variables(notebook: Notebook, analysis: Analysis, plan: Plan) -> dict[str, str]:
    """The environment in which the package finds the notebook's secrets."""
    return {f"{plan.package}_{name}".upper(): value for name, value in secrets_of(notebook, analysis, plan).items()}


def why_spoiled(notebook: Notebook, analysis: Analysis, recording: Recording) -> str:
    """Why a recorded run cannot serve: it did not end, or a statement raised that kept ones depend on; empty when it can."""
    if not recording.ok:
        return f"the notebook could not be run to its end: {recording.reason}"
    live = set(analysis.live)
    for failure in recording.failures:
        start = failure.statement
        lost = {statement.id for statement in notebook.cells[start.cell].statements[start.index :]}
        if any(edge.provider in lost and edge.user in live - lost for edge in analysis.graph.edges):
            line = notebook.as_seen.statement(start).span.start_line
            return f"cell {start.cell} line {line}, on which kept statements depend, raised {failure.told}"
    return ""


def search_for(notebook: Notebook, recording: Recording, proof: Proof, analyzed: Callable[[frozenset[StatementId]], Analysis]) -> Search:
    """The search for what a package that differs is missing; of a notebook that draws unseeded, with every generator started alike."""
    if not proof.unseeded or proof.choices.seed is not None:
        return Search(notebook, recording, proof.choices, Runner(proof.choices), analyzed)
    runner = Runner(seeded_alike(proof.choices))
    return Search(notebook, runner.record(notebook, proof.order), proof.choices, runner, analyzed)
