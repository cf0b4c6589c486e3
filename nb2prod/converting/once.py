"""A package made and proved once, with what is to be restored.

attempt(notebook, recording, Choices(), frozenset())   ->   Conversion(..., verdict=Verdict("same", ...))
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.analysis import analyze
from nb2prod.codegen import write_package
from nb2prod.knowledge import load_knowledge
from nb2prod.merging import Renewal
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis
from nb2prod.model.job import Job
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Plan
from nb2prod.model.project import Project
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Verdict
from nb2prod.planning import make_plan, unmet_wishes
from nb2prod.proving import on_sample, proof_of, prove, secret_variables
from nb2prod.reading.beside import local_modules, module_files, read_inputs
from nb2prod.renewing import Earlier
from nb2prod.understanding import as_seen

NOT_RUN = Verdict("unknown", "not run: the notebook was converted without running it (--no-run)")


@dataclass(frozen=True)
class Conversion:
    """Everything one conversion made, ready to be saved and shown."""

    notebook: Notebook
    recording: Recording | None
    analysis: Analysis
    plan: Plan
    project: Project
    verdict: Verdict
    renewal: Renewal | None = None
    earlier: Earlier | None = None


def attempt(notebook: Notebook, recording: Recording | None, choices: Choices, restore: frozenset[StatementId]) -> Conversion:
    """Analyse, plan, write and prove once."""
    knowledge = load_knowledge()
    analysis = analyze(notebook, knowledge, recording, choices, restore)
    plan = make_plan(notebook, analysis, knowledge, choices, recording, local_modules(Path(notebook.path)))
    analysis = replace(analysis, diagnostics=(*analysis.diagnostics, *unmet_wishes(notebook, analysis, plan)))
    source = Path(notebook.path)
    inputs = read_inputs(source, (*plan.inputs, *module_files(source, plan.local_modules)))
    told = as_seen(plan, notebook)
    project = write_package(told, notebook, recording, job_of(plan, choices), inputs)
    if recording is None:
        return Conversion(notebook, recording, analysis, plan, project, NOT_RUN)
    proof = proof_of(notebook, analysis, plan, choices)
    secrets = secret_variables(notebook, analysis, plan)
    proven = prove(notebook, analysis, project, proof, recording, secrets)
    verdict = on_sample(proven.verdict, recording, choices.sample)
    unstable = frozenset(comparison.name for comparison in verdict.comparisons if comparison.outcome != "same") | proven.moved
    if recording.sampled:  # nobody knows the values of all the data
        unstable |= {result.name for result in plan.results}
    if unstable:
        project = write_package(told, notebook, recording, job_of(plan, choices), inputs, unstable)
    analysis = replace(analysis, diagnostics=(*analysis.diagnostics, *proven.findings))
    return Conversion(notebook, recording, analysis, plan, project, verdict)


def job_of(plan: Plan, choices: Choices) -> Job:
    """The neutral job of a package."""
    schedules = (choices.schedule,) if choices.schedule else ()
    return Job(plan.package, ("python", "-m", f"{plan.package}.job"), schedules)
