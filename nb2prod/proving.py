"""Proving: run a package against a recorded notebook, with chance taken out, and say what a failed proof leaves to try.

prove(notebook, project, proof, recording, runner)     ->   Verdict("same", ...)
a notebook that never seeds its generators             ->   proved once more with both runs seeded alike
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Plan
from nb2prod.model.project import Project
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Verdict
from nb2prod.planning import secrets_of
from nb2prod.reading.project import Proof
from nb2prod.recording import Runner
from nb2prod.verification import verify

SEED = 240_917  # any number that no notebook is likely to have chosen itself


def proof_of(notebook: Notebook, analysis: Analysis, plan: Plan, choices: Choices) -> Proof:
    """What a proof needs to know, now and later."""
    unseeded = any(finding.code == "NB203" for finding in analysis.diagnostics)
    return Proof(str(Path(notebook.path).absolute()), notebook.sha256, choices, plan.results, analysis.live, analysis.order, unseeded)


def prove(notebook: Notebook, project: Project, proof: Proof, recording: Recording, runner: Runner, secrets: Mapping[str, str]) -> Verdict:
    """Run the package and hold its results against the notebook's; `secrets` are values it needs in its environment."""
    names = tuple(result.name for result in proof.results if result.kind != "file")
    run = runner.run_package(notebook, project, names, secrets)
    return verify(notebook, proof.results, proof.live, proof.choices.drop, recording, run, lambda: runner.record(notebook, proof.order))


def prove_seeded(
    notebook: Notebook, project: Project, proof: Proof, recording: Recording, verdict: Verdict, secrets: Mapping[str, str]
) -> tuple[Verdict, frozenset[str]]:
    """Prove a notebook that draws unseeded random numbers once more, with every generator started alike in both runs.

    Gives the verdict to believe, and the names of results that chance decides: those that moved between the notebook's own runs.
    """
    chance = frozenset(comparison.name for comparison in verdict.comparisons if comparison.outcome == "nondeterministic")
    if verdict.outcome == "same" and not chance or not (chance or proof.unseeded) or proof.choices.seed is not None:
        return verdict, chance
    runner = Runner(replace(proof.choices, seed=SEED))
    seeded = runner.record(notebook, proof.order)
    again = prove(notebook, project, proof, seeded, runner, secrets)
    moved = chance | {name for name, picture in recording.variables.items() if picture != seeded.variables.get(name)}
    moved |= {result.name for result in proof.results if result.kind != "variable" and result.statement is not None} if moved else set()
    comparisons = tuple(replace(c, how=f"{c.how}, generators seeded alike") if c.name in moved else c for c in again.comparisons)
    return replace(again, comparisons=comparisons), frozenset(moved)


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
            line = notebook.statement(start).span.start_line
            return (
                f"cell {start.cell} line {line} of the notebook raised {failure.error}: {failure.message}, and kept statements depend on it"
            )
    return ""


def restorable(recording: Recording, analysis: Analysis) -> frozenset[StatementId]:
    """The dropped statements that did something in the recorded run; one that only looks at values cannot be missed."""
    lost = {failure.statement.cell: failure.statement.index for failure in recording.failures}
    active = {effects.statement for effects in analysis.graph.effects if effects.defines or effects.updates}
    dropped = (decision.statement for decision in analysis.decisions if not decision.live)
    return frozenset(id for id in dropped if id in active and id.index < lost.get(id.cell, 1 << 30))
