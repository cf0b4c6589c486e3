"""A job -> a Databricks asset bundle: a job for each schedule, which runs the project's wheel.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   schedule: {quartz_cron_expression: 0 0 6 ? * MON-FRI, timezone_id: Europe/Berlin}

Quartz cannot say "the 13th or a Friday": one of its two day fields is always `?`.
"""

from __future__ import annotations

from typing import Any

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Feature, Job, Schedule, Target
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, without_nothing, yaml_text
from nb2prod.targets.launch import Place, comment, identifier, label, package_of, run_seconds, scheduler_retries, words
from nb2prod.targets.moments import at_change, cron_field, moments, runs

PLACE = Place("/Workspace${workspace.file_path}", ".", "python")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
PLANNED = "{{job.trigger.time.iso_datetime}}"


def render(job: Job) -> tuple[File, ...]:
    """`jobs/databricks/databricks.yml`."""
    name = identifier(job)
    for text in (job.owner, job.contact, *job.notifications.emails):
        if "${" in text:
            raise ChoiceError(f"databricks takes {text!r} for a template", "write it without ${")
    schedules = job.schedules or (None,)
    names = [name, *(f"{name}_{number}" for number in range(2, len(schedules) + 1))]
    jobs = {one: _job(job, schedule, one) for one, schedule in zip(names, schedules, strict=True)}
    bundle = {
        "bundle": {"name": label(job)},
        "artifacts": {name: {"type": "whl", "path": "../..", "build": "python -m build --wheel"}},
        "resources": {"jobs": jobs},
        "targets": {"dev": {"mode": "development", "default": True}, "prod": {"mode": "production"}},
    }
    about = f"{job.name} on Databricks. Beside this file:\n  databricks bundle deploy --target prod"
    return (File("jobs/databricks/databricks.yml", yaml_text(about, bundle)),)


def quartz(schedule: Schedule) -> str:
    """The schedule in seven-field Quartz without the year: weekdays by name, and `?` for the day field that says nothing."""
    found = moments(schedule)
    days = cron_field("days", found.days) if found.days else "*"
    weekdays = ",".join(f"{DAYS[first]}-{DAYS[last]}" if last > first else DAYS[first] for first, last in runs(found.weekdays))
    months, hours = cron_field("months", found.months), cron_field("hours", found.hours).replace("*/", "0/")
    minutes = cron_field("minutes", found.minutes).replace("*/", "0/")
    return f"0 {minutes} {hours} {'?' if weekdays else days} {months} {weekdays or '?'}"


def one_day_field(schedule: Schedule) -> str:
    """Why Quartz cannot hold a schedule (empty: it can)."""
    found = moments(schedule)
    return "Quartz takes a day of the month or a day of the week, never both" * bool(found.days and found.weekdays)


def _job(job: Job, schedule: Schedule | None, name: str) -> dict[str, Any]:
    retries, seconds = scheduler_retries(job), run_seconds(job)
    task = {
        "task_key": "run",
        "python_wheel_task": {"package_name": label(job), "entry_point": f"{label(job)}-job", "parameters": _parameters(job)},
        "environment_key": "default",
        "max_retries": retries or None,
        "min_retry_interval_millis": job.retry_delay_seconds * 1000 if retries else None,
        "timeout_seconds": seconds or None,
    }
    emails = list(job.notifications.emails)
    made = {
        "name": name,
        "description": comment(" ".join(filter(None, [job.name, job.owner, job.contact]))),
        "schedule": (
            {"quartz_cron_expression": quartz(schedule), "timezone_id": schedule.timezone or "UTC", "pause_status": "UNPAUSED"}
            if schedule
            else None
        ),
        "max_concurrent_runs": 1 if job.overlap != "allow" else 10,
        "queue": {"enabled": job.overlap == "queue"},
        "email_notifications": {f"on_{event}": emails for event in job.notifications.on} if emails else None,
        "tags": without_nothing({"owner": comment(job.owner)}),
        "environments": [{"environment_key": "default", "spec": {"client": "2", "dependencies": ["../../dist/*.whl"]}}],
        "tasks": [without_nothing(task)],
    }
    return without_nothing(made)


def _parameters(job: Job) -> list[str]:
    """The words after the entry point. Raises ChoiceError for a command that is not the package's own."""
    if job.command != ("python", "-m", f"{package_of(job)}.job"):
        raise ChoiceError(
            f"databricks runs the package's wheel, not `{' '.join(job.command)}`",
            f'write command = ["python", "-m", "{package_of(job)}.job"]',
        )
    given = words(job, PLACE, PLANNED)[len(job.command) :]
    strange = next((word for word in given if "{{" in word.replace(PLANNED, "") or "${" in word.replace("${workspace", "")), "")
    if strange:
        raise ChoiceError(f"databricks takes {strange!r} for a template", "put the value into a config file under conf/")
    return given


TARGET = Target(
    name="databricks",
    summary="an asset bundle for Databricks that runs the wheel",
    expresses=frozenset(Feature) - {Feature.tasks, Feature.catchup, Feature.environment, Feature.resources},
    render=render,
    check=check_documents,
    trouble=one_day_field,
    clock=at_change("may leave a skipped time out, or run in both of two equal hours"),
)
