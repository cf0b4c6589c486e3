"""Job -> the files of a scheduler, and what the scheduler cannot express.

Takes a `Job` and one of `TARGETS`; gives files below `jobs/` and diagnostics NB601..NB614. Never starts, installs or asks anything.

    emit(job, TARGETS["cron"])   ->   (File("jobs/cron/churn.crontab", ...),), (Diagnostic("NB602", "cron cannot express a time zone ..."),)

To add a target write `targets/NAME.py` with a `TARGET` and list it here.
"""

from __future__ import annotations

from dataclasses import replace

from nb2prod.errors import ChoiceError
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.job import Feature, Job, Target
from nb2prod.model.project import File
from nb2prod.targets import (
    airflow,
    argo,
    cron,
    dagster,
    databricks,
    github,
    gitlab,
    jupyter_scheduler,
    kubeflow,
    kubernetes,
    papermill,
    prefect,
    systemd,
)
from nb2prod.targets.job_edits import values_from, with_schedules, with_tasks, with_values
from nb2prod.targets.job_file import parse_job, render_job
from nb2prod.targets.schedule import checked, explained, fire_times
from nb2prod.targets.tasks import checked_tasks, for_target, proposed_tasks

MODULES = (
    *(cron, systemd, papermill, jupyter_scheduler, airflow, dagster, prefect),
    *(kubernetes, argo, kubeflow, github, gitlab, databricks),
)
TARGETS: dict[str, Target] = {module.TARGET.name: module.TARGET for module in MODULES}

# What is lost without a feature, and what to do then.
LOSSES: dict[Feature, tuple[str, Severity, str, str]] = {
    Feature.schedule: ("NB601", Severity.warning, "nothing starts the job at its time", "start what was written from a scheduler"),
    Feature.timezone: (
        "NB602",
        Severity.warning,
        "the job runs in the zone of the host, {zone} is not heeded",
        "set the host's zone, or choose another target",
    ),
    Feature.retries: (
        "NB603",
        Severity.warning,
        "a failed run waits for the next one",
        'let the run itself try again: retries_by = "runner"',
    ),
    Feature.timeout: ("NB604", Severity.warning, "a run that hangs is not ended", "put `timeout` before the command"),
    Feature.skip: (
        "NB605",
        Severity.warning,
        "two runs can go on at once, if they do not share a folder",
        "choose another target or another overlap",
    ),
    Feature.queue: (
        "NB605",
        Severity.warning,
        "two runs can go on at once, if they do not share a folder",
        "choose another target or another overlap",
    ),
    Feature.catchup: (
        "NB606",
        Severity.warning,
        "a run missed while the host was down is not made up for",
        "choose another target, or set catchup to false",
    ),
    Feature.owner: ("NB607", Severity.note, "{owner} is only named in a comment, if at all", "watch the exit code or the log"),
    Feature.environment: ("NB608", Severity.warning, "its environment variables are not set", "set them where the job is started"),
    Feature.several: ("NB609", Severity.warning, "nothing starts the job at its times", "start what was written from a scheduler"),
    Feature.resources: ("NB610", Severity.warning, "a run may use what there is", "limit it where it runs"),
    Feature.emails: ("NB611", Severity.warning, "nobody is written to", "use a webhook, which the run itself calls"),
    Feature.logical_date: (
        "NB612",
        Severity.note,
        "`{parameter}` is the minute in which the run began, in UTC",
        "choose another target where runs may start late",
    ),
    Feature.tasks: ("NB614", Severity.warning, "all stages run in one task", "choose another target where they shall be several"),
}


def emit(job: Job, target: Target) -> tuple[tuple[File, ...], tuple[Diagnostic, ...]]:
    """The job files of one target and what they leave out. Raises ChoiceError for an impossible schedule or value."""
    job = replace(job, schedules=tuple(checked(schedule) for schedule in job.schedules))
    for schedule in job.schedules:
        why = target.trouble(schedule) if target.trouble else ""
        if why:
            raise ChoiceError(f"{target.name} cannot hold the schedule `{schedule.cron}`: {why}", "change it, or choose another target")
    lost = [feature for feature in LOSSES if feature in job.needs() - target.expresses]
    job = for_target(job, target)
    told = (*(_loss(job, target, feature) for feature in lost), *_clock_changes(job, target), *_overlaps(job, target))
    return target.render(job), told


def target_named(name: str) -> Target:
    """The target with this name. Raises ChoiceError naming those there are."""
    if name not in TARGETS:
        raise ChoiceError(f"there is no target `{name}`", f"one of {', '.join(TARGETS)}")
    return TARGETS[name]


def _loss(job: Job, target: Target, feature: Feature) -> Diagnostic:
    code, severity, loss, hint = LOSSES[feature]
    zones = " and ".join(dict.fromkeys(schedule.timezone for schedule in job.schedules if schedule.timezone))
    told = loss.format(zone=zones, owner=job.owner or job.contact, parameter=job.logical_date)
    return Diagnostic(code, severity, f"{target.name} cannot express {feature.value}: {told}", hint)


def _overlaps(job: Job, target: Target) -> list[Diagnostic]:
    """What several tasks lose of how runs keep apart, where each task alone would keep it."""
    lost = (job.needs() & {Feature.skip, Feature.queue} & target.expresses) - target.apart if job.tasks else frozenset()
    told = "a run waits for the last one" if Feature.queue in target.apart else "two runs can go on at once, each with its own values"
    return [
        Diagnostic(
            "NB605", Severity.warning, f"{target.name} cannot express {feature.value} for several tasks: {told}", "let it be one task"
        )
        for feature in lost
    ]


def _clock_changes(job: Job, target: Target) -> list[Diagnostic]:
    """What differs from cron where a schedule's time is skipped or comes twice."""
    if target.clock is None or Feature.timezone not in target.expresses:
        return []
    told = [(schedule, target.clock(schedule)) for schedule in job.schedules]
    return [
        Diagnostic(
            "NB613",
            Severity.warning,
            f"`{schedule.cron}` in {schedule.timezone}, on a day when clocks change: {target.name} {what}",
            "choose an hour that comes once every day, or UTC",
        )
        for schedule, what in told
        if what
    ]


__all__ = [
    "TARGETS",
    "checked",
    "checked_tasks",
    "emit",
    "explained",
    "fire_times",
    "parse_job",
    "proposed_tasks",
    "render_job",
    "target_named",
    "values_from",
    "with_schedules",
    "with_tasks",
    "with_values",
]
