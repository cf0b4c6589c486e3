"""Job -> the files of a scheduler, and what the scheduler cannot express.

Takes a `Job` and one of `TARGETS`; gives files below `jobs/` and diagnostics NB601..NB608. Never starts, installs or asks anything.

    emit(job, TARGETS["cron"])   ->   (File("jobs/cron/churn.crontab", ...),), (Diagnostic("NB602", "cron cannot express a time zone ..."),)

To add a target write `targets/NAME.py` with a `TARGET` and list it here.
"""

from __future__ import annotations

from dataclasses import replace

from nb2prod.errors import ChoiceError
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.job import Feature, Job, Target
from nb2prod.model.project import File
from nb2prod.targets import cron, papermill
from nb2prod.targets.job_file import parse_job, render_job
from nb2prod.targets.schedule import checked, explained, fire_times

TARGETS: dict[str, Target] = {target.name: target for target in (cron.TARGET, papermill.TARGET)}

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
        "choose a target that retries, or set retries to 0",
    ),
    Feature.timeout: ("NB604", Severity.warning, "a run that hangs is not ended", "put `timeout` before the command"),
    Feature.overlap: ("NB605", Severity.warning, "two runs can go on at once", "take a lock in the command"),
    Feature.catchup: (
        "NB606",
        Severity.warning,
        "a run missed while the host was down is not made up for",
        "choose another target, or set catchup to false",
    ),
    Feature.owner: ("NB607", Severity.note, "{owner} is only named in a comment, if at all", "watch the exit code or the log"),
    Feature.environment: ("NB608", Severity.warning, "its environment variables are not set", "set them where the job is started"),
}


def emit(job: Job, target: Target) -> tuple[tuple[File, ...], tuple[Diagnostic, ...]]:
    """The job files of one target and what they leave out. Raises ChoiceError for an impossible schedule or value."""
    if job.schedule is not None:
        job = replace(job, schedule=checked(job.schedule))
    lost = [feature for feature in LOSSES if feature in job.needs() - target.expresses]
    return target.render(job), tuple(_loss(job, target, feature) for feature in lost)


def target_named(name: str) -> Target:
    """The target with this name. Raises ChoiceError naming those there are."""
    if name not in TARGETS:
        raise ChoiceError(f"there is no target `{name}`", f"one of {', '.join(TARGETS)}")
    return TARGETS[name]


def _loss(job: Job, target: Target, feature: Feature) -> Diagnostic:
    code, severity, loss, hint = LOSSES[feature]
    told = loss.format(zone=job.schedule.timezone if job.schedule else "", owner=job.owner)
    return Diagnostic(code, severity, f"{target.name} cannot express {feature.value}: {told}", hint)


__all__ = ["TARGETS", "checked", "emit", "explained", "fire_times", "parse_job", "render_job", "target_named"]
