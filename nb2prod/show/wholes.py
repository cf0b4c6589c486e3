"""Nouns that hold many others as some lines of text: analysis, plan, project, recording, job, target, verdict.

show_verdict(Verdict("same", comparisons=(...)))   ->   SAME
                                                          score: same (float, relative tolerance 1e-9)
"""

from __future__ import annotations

from collections.abc import Iterable

from nb2prod.model.dataflow import Analysis
from nb2prod.model.job import Feature, Job, Target
from nb2prod.model.plan import Plan
from nb2prod.model.project import Project
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Verdict
from nb2prod.show import words


def show_decisions(analysis: Analysis) -> str:
    """The decisions, results and diagnostics of an analysis, without the source they are about."""
    return "\n".join(
        [
            f"a {analysis.character}",
            *map(words.show_decision, analysis.decisions),
            *_listed("results", map(words.show_result, analysis.results)),
            *_listed("diagnostics", map(words.show_diagnostic, analysis.diagnostics)),
        ]
    )


def show_plan(plan: Plan) -> str:
    """What the package will be."""
    needs = [f"{name} {version}".strip() for name, version in sorted(plan.requirements.items())]
    return "\n".join(
        [
            f"package {plan.package}" + (f": {plan.title}" if plan.title else ""),
            *_listed("parameters", map(words.show_parameter, plan.parameters)),
            *_listed("imports", map(words.show_import, plan.imports)),
            *_listed("definitions", map(words.show_definition, plan.definitions)),
            *_listed("stages", map(words.show_stage, plan.stages)),
            *_listed("results", map(words.show_result, plan.results)),
            *_listed("dropped", map(words.show_drop, plan.drops)),
            *_listed("requirements", needs),
            *_listed("input files", plan.inputs),
            *_listed("local modules", plan.local_modules),
        ]
    )


def show_project(project: Project) -> str:
    """The files of a project."""
    return "\n".join([f"package {project.package}", *(f"  {words.show_file(file)}" for file in project.files)])


def show_recording(recording: Recording) -> str:
    """How a run ended and what it showed."""
    end = "ran" if recording.ok else f"did not run: {recording.reason}"
    return "\n".join(
        [
            f"{end} ({recording.seconds:.1f} s, {words.show_environment(recording.environment)})",
            *_listed("variables", (f"{name}: {picture.get('kind', '?')}" for name, picture in sorted(recording.variables.items()))),
            *_listed("shown", map(words.show_shown, recording.shown)),
            *_listed("files written", map(words.show_file_picture, recording.files)),
            *_listed("files read", recording.reads),
            *_listed("failures", map(words.show_failure, recording.failures)),
            *_listed("observed", map(words.show_observation, recording.observations)),
            *_listed("only the beginning of", recording.sampled),
        ]
    )


def show_job(job: Job) -> str:
    """A job with what it asks of a scheduler."""
    when = "\n  ".join(map(words.show_schedule, job.schedules)) or "not scheduled"
    asks = ", ".join(feature.value for feature in Feature if feature in job.needs())
    tasks = "".join(f"\n  task {words.show_task(task)}" for task in job.tasks)
    return f"{job.name}: {' '.join(job.command)}\n  {when}\n  asks for {asks or 'nothing'}{tasks}"


BETWEEN = {
    "disk": "a folder that all of them see",
    "claim": "the volume of host.claim",
    "volume": "the folder that host.claim names",
    "artifacts": "artifacts, copied along",
}


def show_target(target: Target) -> str:
    """A target with what it cannot express."""
    lost = [feature.value for feature in Feature if feature not in target.expresses]
    tasks = f"\n  values between tasks: {BETWEEN[target.between]}" if target.between else ""
    return f"{target.name}: {target.summary}\n  cannot express: {', '.join(lost) or 'nothing is lost'}{tasks}"


def show_verdict(verdict: Verdict) -> str:
    """The outcome, then everything that was compared and what had to be restored."""
    reason = f": {verdict.reason}" if verdict.reason else ""
    comparisons = (f"  {words.show_comparison(comparison)}" for comparison in verdict.comparisons)
    return "\n".join(
        [
            f"{verdict.outcome.upper()}{reason}",
            *comparisons,
            *_listed("restored", verdict.restored),
            *_listed("tried", map(words.show_trial, verdict.trials)),
        ]
    )


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    lines = list(lines)
    return [title, *(f"  {line}" for line in lines)] if lines else []
