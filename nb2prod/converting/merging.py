"""A conversion and the project of an earlier one: merged, and proved again where the merged package is not the generated one.

renewed(conversion, choices, earlier, progress)   ->   Conversion(..., renewal=Renewal(...))
"""

from __future__ import annotations

from dataclasses import replace

from nb2prod.converting.once import Conversion, job_of
from nb2prod.converting.searching import Progress
from nb2prod.merging import Renewal
from nb2prod.model.choices import Choices
from nb2prod.model.project import File, Project
from nb2prod.proving import on_sample, proof_of, prove, secret_variables
from nb2prod.renewing import Earlier, as_files, as_named, renew, told_of_cases, told_of_edits
from nb2prod.targets import emit, render_job, target_named


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
