"""The spine: a notebook in, a proved project out. Every step is one line of `convert`; the nouns are in `model/`.

    convert(Path("churn.ipynb"), Choices())   ->   Conversion(notebook, recording, analysis, plan, project, verdict)

Nothing here touches the disk but `read`, the `Runner` and what `reading.beside` reads; `saving.save` writes the project afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2prod.analysis import analyze
from nb2prod.codegen import write_package
from nb2prod.codegen.checks import checks_of, confirmed, with_checks, with_reasons
from nb2prod.codegen.contracts import with_contracts
from nb2prod.codegen.manifest import build_manifest
from nb2prod.codegen.recorded import orders_for_cases, with_cases
from nb2prod.codegen.report import render_report
from nb2prod.errors import ReadError
from nb2prod.knowledge import load_knowledge
from nb2prod.merging import PATH as ANCESTOR
from nb2prod.merging import Renewal, pack
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Analysis, Decision
from nb2prod.model.job import Job
from nb2prod.model.notebook import Notebook, StatementId
from nb2prod.model.plan import Plan
from nb2prod.model.project import File, Project
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Trial, Verdict
from nb2prod.planning import make_plan, unmet_wishes
from nb2prod.proving import on_sample, proof_of, prove, search_for, secret_variables, seeded_alike, why_spoiled
from nb2prod.proving.trials import Bench
from nb2prod.reading import read
from nb2prod.reading.beside import local_modules, module_files, read_inputs
from nb2prod.reading.project import PROOF, find_notebook, render_proof, reopen
from nb2prod.recording import Runner
from nb2prod.renewing import (
    Earlier,
    Look,
    as_files,
    as_it_lies,
    as_named,
    cases_as_generated,
    nothing_there,
    remembered,
    renew,
    told_of_cases,
    told_of_edits,
)
from nb2prod.targets import emit, render_job, target_named
from nb2prod.understanding import as_seen, make_plan_for, plan_again, read_and_analyze, without_secrets

Progress = Callable[[str], None]
CASE_SECONDS = 120.0  # how long the recording of the stages may take; a package that takes longer has none
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


def convert(source: Path, choices: Choices, progress: Progress = lambda step: None, look: Look = nothing_there) -> Conversion:
    """Turn a notebook into a project and prove it, merged with the earlier project that `look` finds for the package's name.

    On a difference what was dropped is restored and everything made again: a package that gives the notebook's results comes before a small one.

    Raises:
        ReadError, ChoiceError, NotebookError, RunError: see `errors`.
    """
    progress("reading")
    notebook, analysis = read_and_analyze(source, choices)
    plan = make_plan_for(notebook, analysis, choices)  # what cannot be converted is said before anything runs
    earlier = look(plan.package)
    if earlier is not None:
        choices = remembered(choices, earlier)
        notebook, analysis = read_and_analyze(source, choices)
    runner = Runner(choices)
    progress("running the notebook")
    recording = runner.record(notebook, analysis.order) if choices.run else None
    progress("writing the package")
    if recording is None or (spoiled := why_spoiled(notebook, analysis, recording)):
        verdict = Verdict("unknown", spoiled) if recording is not None else NOT_RUN
        conversion = replace(attempt(notebook, None, choices, frozenset()), recording=recording, verdict=verdict)
        conversion = renewed(conversion, choices, earlier, progress, runs=False)
        return replace(conversion, project=finish(conversion, choices))
    conversion, made_with = proved(notebook, recording, choices, progress)
    if conversion.verdict.outcome == "same":  # what a package that differs does must not become what is expected of it
        progress("recording what the stages do")
        conversion = with_recorded(conversion, made_with, earlier)
    conversion = renewed(conversion, choices, earlier, progress)
    progress("finishing")
    return replace(conversion, project=finish(conversion, made_with))


def renewed(conversion: Conversion, choices: Choices, earlier: Earlier | None, progress: Progress, runs: bool = True) -> Conversion:
    """The conversion merged with the earlier project; a merged package that is not the generated one is proved itself."""
    renewal, merged = merged_with(conversion, choices, earlier)
    plan = as_named(conversion.plan, renewal.names)
    if earlier is not None:
        renewal = told_of_cases(renewal, earlier.there, plan.package)
    again = replace(conversion, project=merged, renewal=renewal, earlier=earlier, plan=plan)
    if not runs or earlier is None or code_of(merged) == code_of(conversion.project):
        return again
    progress("proving the merged package")
    assert conversion.recording is not None
    proof = replace(proof_of(conversion.notebook, conversion.analysis, conversion.plan, choices), fields=dict(renewal.names.results))
    secrets = secret_variables(conversion.notebook, conversion.analysis, plan)
    proven = prove(conversion.notebook, conversion.analysis, merged, proof, conversion.recording, secrets)
    verdict = replace(conversion.verdict, **{name: getattr(proven.verdict, name) for name in ("outcome", "reason", "comparisons")})
    return replace(again, verdict=told_of_edits(on_sample(verdict, conversion.recording, choices.sample), renewal))


def merged_with(conversion: Conversion, choices: Choices, earlier: Earlier | None) -> tuple[Renewal, Project]:
    """The project with the hand edits of the earlier one."""
    generated = (*conversion.project.files, *job_files(conversion, choices))
    renewal = renew(conversion.plan, conversion.notebook, generated, choices, earlier)
    return renewal, Project(conversion.plan.package, as_files(renewal, generated))


def code_of(project: Project) -> dict[str, str | bytes]:
    """The files of a project that run."""
    return {file.path: file.content for file in project.files if file.path.startswith("src/")}


def job_files(conversion: Conversion, choices: Choices) -> tuple[File, ...]:
    """The neutral job, and what it is for each target."""
    job = job_of(conversion.plan, choices)
    emitted = [file for name in choices.targets for file in emit(job, target_named(name))[0]]
    return (*emitted, File("jobs/job.toml", render_job(job)))


def proved(notebook: Notebook, recording: Recording, choices: Choices, progress: Progress) -> tuple[Conversion, Choices]:
    """The smallest package that gives the notebook's results, with parameters that do what editing the notebook does; any other value is left
    in the code, which the choices given back say."""
    conversion = attempt(notebook, recording, choices, frozenset())
    if conversion.verdict.outcome == "different":
        progress("looking for what is missing")
        conversion = mended(conversion, choices)
    if conversion.verdict.outcome != "same" or not choices.trial_seconds:
        return conversion, choices
    progress("trying the parameters")
    trials = try_parameters(conversion, choices)
    unlike = tuple(trial.parameter for trial in trials if trial.outcome == "different")
    if unlike:
        conversion, choices = proved(notebook, recording, replace(choices, fixed=(*choices.fixed, *unlike)), progress)
    kept = tuple(trial for trial in trials if trial.outcome == "different") + conversion.verdict.trials if unlike else trials
    return replace(conversion, verdict=replace(conversion.verdict, trials=kept)), choices


def with_recorded(conversion: Conversion, choices: Choices, earlier: Earlier | None) -> Conversion:
    """The conversion with tests of its stages, from one more run of the package; where hands edited it, of the package with their edits."""
    renewal, merged = merged_with(conversion, choices, earlier)
    cases: Mapping[str, str] = {}
    about: Mapping[str, Any] = {}
    if renewal.edited:
        cases, about = recorded_stages(conversion, as_it_lies(conversion.plan, renewal), merged, choices)
        cases = cases_as_generated(cases, renewal.names)
    if not cases:
        cases, about = recorded_stages(conversion, conversion.plan, conversion.project, choices)
    plan, notebook, analysis = conversion.plan, conversion.notebook, conversion.analysis
    generated = {new: old for old, new in renewal.names.functions.items()}
    tables = {generated.get(name, name): told for name, told in about.get("tables", {}).items()}
    checks = confirmed(checks_of(plan, analysis, notebook), about.get("held", ()))
    project = with_checks(with_contracts(conversion.project, plan, notebook, tables), plan, checks)
    analysis = replace(analysis, decisions=with_reasons(analysis.decisions, checks))
    return replace(conversion, analysis=analysis, project=with_cases(project, plan, cases))


def recorded_stages(conversion: Conversion, plan: Plan, project: Project, choices: Choices) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """What the stages of a package do, and what held for their tables and of the notebook's assertions, as the plan names them."""
    assert conversion.recording is not None
    project = with_checks(project, plan, checks_of(plan, conversion.analysis, conversion.notebook))
    orders = orders_for_cases(plan, conversion.notebook, conversion.recording)
    limited = replace(choices, timeout=min(choices.timeout, CASE_SECONDS))
    secrets = secret_variables(conversion.notebook, conversion.analysis, plan)
    return Runner(limited).record_stages(conversion.notebook, project, orders, secrets)


def try_parameters(conversion: Conversion, choices: Choices) -> tuple[Trial, ...]:
    """The parameters of a proved package with other values."""
    notebook, analysis, plan, recording = conversion.notebook, conversion.analysis, conversion.plan, conversion.recording
    assert recording is not None
    secrets = secret_variables(notebook, analysis, plan)
    return Bench(notebook, analysis, plan, conversion.project, seeded_alike(choices), secrets).trials(recording)


def mended(conversion: Conversion, choices: Choices) -> Conversion:
    """The first of ever larger packages that gives the notebook's results; the one given where none does."""
    notebook, recording = conversion.notebook, conversion.recording
    assert recording is not None
    proof = proof_of(notebook, conversion.analysis, conversion.plan, choices)
    search = search_for(notebook, recording, proof, lambda restore: analyze(notebook, load_knowledge(), recording, choices, restore))
    for restoration in search.restorations():
        again = attempt(notebook, recording, replace(choices, whole=restoration.whole), restoration.statements)
        if again.verdict.outcome == "same":
            return replace(again, verdict=replace(again.verdict, restored=restoration.told))
    return conversion


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


def finish(conversion: Conversion, choices: Choices) -> Project:
    """The whole project: with job files, proof notes, report and manifest."""
    if conversion.renewal is None:
        conversion = renewed(conversion, choices, None, lambda step: None, runs=False)
    assert conversion.renewal is not None
    names = conversion.renewal.names
    notebook, plan, verdict = conversion.notebook.as_seen, as_seen(conversion.plan, conversion.notebook), conversion.verdict
    lost = (finding for name in choices.targets for finding in emit(job_of(plan, choices), target_named(name))[1])
    analysis = replace(conversion.analysis, diagnostics=(*conversion.analysis.diagnostics, *lost), decisions=with_parameters(conversion))
    shown = replace(plan, results=tuple(replace(one, name=names.results.get(one.name, one.name)) for one in plan.results))
    manifest = build_manifest(notebook, analysis, shown, verdict)
    proof = replace(proof_of(notebook, conversion.analysis, plan, replace(choices, package=plan.package)), fields=dict(names.results))
    files = (
        *conversion.project.files,
        File(ANCESTOR, pack(conversion.renewal.ancestor)),
        File(PROOF, without_secrets(render_proof(proof), notebook)),
        File("REPORT.html", render_report(notebook, analysis, plan, manifest, verdict)),
        File("nb2prod.json", without_secrets(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", notebook)),
    )
    return Project(plan.package, tuple(sorted(files, key=lambda file: file.path)), manifest)


def with_parameters(conversion: Conversion) -> tuple[Decision, ...]:
    """The decisions, with the assignments that became parameters named as such."""
    places = {(p.cell, p.line): p.name for p in conversion.plan.parameters if p.variable}
    found = []
    for decision in conversion.analysis.decisions:
        name = places.get((decision.statement.cell, conversion.notebook.statement(decision.statement).span.start_line))
        became = name is not None and decision.live and decision.role == "code"
        found.append(replace(decision, role="parameter", reason=f"became the parameter `{name}`") if became else decision)
    return tuple(found)


def verify_project(
    folder: Path, choices: Choices, progress: Progress = lambda step: None, moved_to: Path | None = None
) -> tuple[Project, Verdict]:
    """Run a saved project's notebook and package again and compare; gives the project with its verdict brought up to date.

    The notebook may have `moved_to` another place; without that it is also looked for beside the project.

    Raises:
        ReadError: the folder holds no project, or its notebook is gone or has changed.
    """
    saved, proof = reopen(folder)
    path = find_notebook(folder, proof, moved_to)
    notebook = read(path)
    if notebook.sha256 != proof.sha256:
        raise ReadError(
            f"{path}: the notebook has changed since {folder} was made from it",
            f"convert it again: nb2prod convert {path} -o {folder}",
        )
    told = replace(
        proof.choices,
        **{name: getattr(choices, name) for name in ("timeout", "sandbox", "variables", "sample")},
        **{name: getattr(choices, name) or getattr(proof.choices, name) for name in ("kernel", "python", "memory", "data")},
    )
    proof = replace(proof, choices=told)
    runner = Runner(told)
    progress("running the notebook")
    recording = runner.record(notebook, proof.order)
    progress("running the package")
    analysis, plan = plan_again(notebook, told)
    proven = prove(notebook, analysis, saved, proof, recording, secret_variables(notebook, analysis, plan))
    verdict = on_sample(proven.verdict, recording, told.sample)
    manifest = {
        **saved.manifest,
        "verdict": verdict.outcome,
        "verdict_reason": verdict.reason,
        "comparisons": [comparison.facts() for comparison in verdict.comparisons],
    }
    return replace(saved, manifest=manifest), verdict
