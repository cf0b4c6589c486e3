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
from nb2prod.targets.launch import (
    Place,
    comment,
    each_task,
    earlier_tasks,
    identifier,
    label,
    literal,
    package_of,
    run_seconds,
    scheduler_retries,
)
from nb2prod.targets.moments import at_change, cron_field, moments, runs

PLACE = Place("/Workspace${workspace.file_path}", ".", "python")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
PLANNED, RUN = "{{job.trigger.time.iso_datetime}}", "{{job.run_id}}"


def render(job: Job) -> tuple[File, ...]:
    """`jobs/databricks/databricks.yml`."""
    name = identifier(job)
    for text in (job.owner, job.contact, *job.notifications.emails):
        literal(text, ("${",), "databricks")
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


def _tasks(job: Job) -> list[dict[str, Any]]:
    """The tasks of the job. Raises ChoiceError for a command that is not the package's own."""
    if job.command != ("python", "-m", f"{package_of(job)}.job"):
        raise ChoiceError(
            f"databricks runs the package's wheel, not `{' '.join(job.command)}`",
            f'write command = ["python", "-m", "{package_of(job)}.job"]',
        )
    asked = each_task(job, PLACE, f"{job.host.claim}/{RUN}", PLANNED)
    after = earlier_tasks(job)
    return [_task(job, name, words[len(job.command) :], after[name]) for name, words in asked.items()]


def _task(job: Job, name: str, words: list[str], after: list[str]) -> dict[str, Any]:
    retries, seconds = scheduler_retries(job), run_seconds(job)
    for word in words:
        literal(word.replace(PLANNED, "").replace(RUN, "").replace("${workspace", ""), ("{{", "${"), "databricks")
    task = {
        "task_key": name,
        "depends_on": [{"task_key": earlier} for earlier in after],
        "python_wheel_task": {"package_name": label(job), "entry_point": f"{label(job)}-job", "parameters": words},
        "environment_key": "default",
        "max_retries": retries or None,
        "min_retry_interval_millis": job.retry_delay_seconds * 1000 if retries else None,
        "timeout_seconds": seconds or None,
    }
    return without_nothing(task)


def _job(job: Job, schedule: Schedule | None, name: str) -> dict[str, Any]:
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
        "tasks": _tasks(job),
    }
    return without_nothing(made)


TARGET = Target(
    name="databricks",
    summary="an asset bundle for Databricks that runs the wheel",
    expresses=frozenset(Feature) - {Feature.catchup, Feature.environment, Feature.resources},
    render=render,
    check=check_documents,
    trouble=one_day_field,
    clock=at_change("may leave a skipped time out, or run in both of two equal hours"),
    between="volume",
    apart=frozenset({Feature.skip, Feature.queue}),
)
