"""The neutral job as a file people edit: Job <-> `jobs/job.toml`.

    Job("churn", ("python", "-m", "churn.job"), (Schedule("0 6 * * 1-5"),))   <->   name = "churn" ... [schedule] cron = "0 6 * * 1-5" ...

Reading refuses unknown keys, values of the wrong type and rules that contradict each other: a typo must not become a job without retries.
"""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import tomli_w

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Host, Job, Notifications, Resources, Schedule, Task
from nb2prod.targets.schedule import checked

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Keys of the file and of its tables with the comment above each; what is not commented speaks for itself.
KEYS: dict[str, str] = {
    "name": "",
    "command": "What runs, from the directory below; options of the run and the parameters are added to it.",
    "owner": "Who answers for it, and where they are reached. A job that takes conf/prod.toml must have an owner.",
    "contact": "",
    "retries": "How often a failed run is tried again, after how long, and by whom: the scheduler or the run itself (runner).",
    "retry_delay_seconds": "",
    "retries_by": "",
    "timeout_minutes": "When an attempt is ended; 0 means never.",
    "overlap": "What happens when the last run still goes on: skip, queue or allow.",
    "catchup": "Whether runs that were missed are made up for, and from which day on.",
    "start": "",
    "logical_date": "The parameter that is given the time a run was planned for (empty: none).",
    "conf": "The file of conf/ a run takes: dev or prod (empty: none).",
    "atomic": "Whether the files of a run are put in place only when it succeeded.",
}
TABLES: dict[str, str] = {
    "host": "Where it runs. project: the project's folder there; python: its interpreter (empty: the project's .venv); directory: where relative\n"
    "# paths start, seen from the project; image, claim: the container and the volume with the data; user: who a service runs as.",
    "resources": 'What a run may use: cpu = "0.5", memory = "512Mi" (empty: as much as there is).',
    "notifications": "Who is told: emails by the scheduler, the webhook (a URL) by the run itself, on failure and on success.",
    "environment": "Environment variables of the run. No secrets here.",
    "parameters": "Parameters that differ from their defaults.",
}
NOUNS: dict[str, type] = {"host": Host, "resources": Resources, "notifications": Notifications}
CHOICES = {"overlap": ("skip", "queue", "allow"), "retries_by": ("scheduler", "runner"), "notifications.on": ("failure", "success")}
HEADING = (
    "# The job, neutral to any scheduler. `nb2prod schedule` writes the files of a scheduler from it and leaves what you write here.\n"
)
EXAMPLE = """\
# When, in five fields, and where (empty: the zone of the scheduler's host). For several write [[schedule]] above each.
# [schedule]
# cron = "30 6 * * 1-5"
# timezone = "Europe/Berlin"
"""
TASKS = """\
# The stages in tasks of their own, all of them in their order; `nb2prod schedule` finds out which task waits for which.
"""
TASK_SHAPE = 'write [[task]] and below it name = "load" and stages = ["load_customers", "clean_df"]'


def render_job(job: Job) -> str:
    """The text of `job.toml`; `parse_job` gives the same job back. Raises ChoiceError where TOML cannot hold a parameter."""
    values, parts = job_values(job), [HEADING]
    for key, comment in KEYS.items():
        line = toml_lines({key: values[key]})
        parts.append(f"\n# {comment}\n{line}" if comment else line)
    parts.append("\n" + (render_schedules(job.schedules) or EXAMPLE))
    for key, comment in TABLES.items():
        parts.append(f"\n# {comment}\n" + toml_lines({key: values[key]}))
    return "".join([*parts, render_tasks(job.tasks)])


def job_values(job: Job) -> dict[str, Any]:
    """The job as the values of its file, but for its schedules."""
    values = {key: getattr(job, key) for key in KEYS} | {"command": list(job.command)}
    for key in TABLES:
        table = getattr(job, key)
        values[key] = dict(table) if isinstance(table, Mapping) else asdict(table)
    for key in ("on", "emails"):
        values["notifications"][key] = list(values["notifications"][key])
    return values


def render_schedules(schedules: tuple[Schedule, ...]) -> str:
    """The tables of the schedules, or nothing."""
    written = [asdict(schedule) for schedule in schedules]
    if len(written) > 1:
        return "\n".join(f"[[schedule]]\n{toml_lines(one)}" for one in written)
    return toml_lines({"schedule": written[0]}) if written else ""


def render_tasks(tasks: tuple[Task, ...]) -> str:
    """The tables of the tasks, or nothing."""
    written = "\n".join("[[task]]\n" + toml_lines({"name": task.name, "stages": list(task.stages)}) for task in tasks)
    return f"\n{TASKS}{written}" if tasks else ""


def parse_job(text: str) -> Job:
    """The job in a `job.toml`. Raises ChoiceError for bad TOML, unknown keys, wrong types and impossible schedules."""
    values = job_table(text)
    schedules, tasks = _schedules(values.pop("schedule", [])), _tasks(values.pop("task", []))
    usual = job_values(Job("", ()))
    _check_keys(values, usual, "")
    for key in ("name", "command"):
        if not values.get(key):
            raise ChoiceError(f"job.toml: `{key}` is missing", f"add `{key} = {'[...]' if key == 'command' else '...'}`")
    _check_texts("command", values["command"])
    _check_texts("environment", values.get("environment", {}).values())
    for key, kind in NOUNS.items():
        table = values.get(key, {})
        _check_keys(table, usual[key], f"{key}.")
        for name, value in table.items():
            if isinstance(value, list):
                _check_texts(f"{key}.{name}", value)
        values[key] = kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in table.items()})
    job = Job(**{**values, "command": tuple(values["command"]), "schedules": schedules, "tasks": tasks})
    _check_rules(job)
    return job


def job_table(text: str) -> dict[str, Any]:
    """The file as plain values. Raises ChoiceError for bad TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChoiceError(f"job.toml is not TOML: {error}", "compare with the file `nb2prod convert` wrote") from None


def toml_lines(values: Mapping[str, Any]) -> str:
    """Values as TOML, lists of texts in one line. Raises ChoiceError for what TOML cannot hold."""
    try:
        return "".join(_toml_line(key, value) for key, value in values.items())
    except (TypeError, ValueError, AttributeError):
        raise ChoiceError(
            f"job.toml cannot hold {dict(values)!r}", "TOML has no null and only texts as keys: leave it at its default"
        ) from None


def _toml_line(key: str, value: Any) -> str:
    if isinstance(value, dict) and not any(isinstance(item, dict) for item in value.values()):
        return f"[{key}]\n" + "".join(_toml_line(*item) for item in value.items())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        texts = (tomli_w.dumps({"": item}).removeprefix('"" = ').rstrip("\n") for item in value)
        return f"{tomli_w.dumps({key: 0}).partition(' = ')[0]} = [{', '.join(texts)}]\n"
    return tomli_w.dumps({key: value})


def _schedules(tables: Any) -> tuple[Schedule, ...]:
    """One table or several. Raises ChoiceError."""
    found = []
    for values in tables if isinstance(tables, list) else [tables]:
        if not isinstance(values, dict):
            raise ChoiceError("job.toml: `schedule` must be a table", 'write [schedule] and below it cron = "30 6 * * 1-5"')
        _check_keys(values, {"cron": "", "timezone": ""}, "schedule.")
        if "cron" not in values:
            raise ChoiceError("job.toml: `schedule.cron` is missing", 'add `cron = "30 6 * * 1-5"`')
        found.append(checked(Schedule(values["cron"], values.get("timezone", ""))))
    if len(set(found)) < len(found):
        raise ChoiceError("job.toml: the same schedule is there twice", "remove one of them")
    return tuple(found)


def _tasks(tables: Any) -> tuple[Task, ...]:
    """The tables of tasks. Raises ChoiceError."""
    found: list[Task] = []
    for values in tables if isinstance(tables, list) else [tables]:
        if not isinstance(values, dict) or not {"name", "stages"} <= set(values):
            raise ChoiceError("job.toml: a `task` needs a `name` and its `stages`", TASK_SHAPE)
        _check_keys(values, {"name": "", "stages": []}, "task.")
        _check_texts("task.stages", values["stages"])
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", values["name"]) or keyword.iskeyword(values["name"]):
            raise ChoiceError(f"job.toml: `{values['name']}` cannot be the name of a task", "use small letters, digits and _")
        if not values["stages"] or values["name"] in [task.name for task in found]:
            raise ChoiceError(f"job.toml: task `{values['name']}` {'is there twice' if values['stages'] else 'has no stages'}", TASK_SHAPE)
        found.append(Task(values["name"], tuple(values["stages"])))
    return tuple(found)


def _check_keys(values: Mapping[str, Any], usual: Mapping[str, Any], where: str) -> None:
    """Every key is known and its value of the type of the usual one."""
    for key, value in values.items():
        if key not in usual:
            raise ChoiceError(
                f"job.toml: unknown key `{where}{key}`", f"known: {', '.join([*usual, *([] if where else ['schedule', 'task'])])}"
            )
        kind = list if isinstance(usual[key], tuple) else type(usual[key])
        if type(value) is not kind:
            raise ChoiceError(f"job.toml: `{where}{key}` must be a {kind.__name__}, got {value!r}", "see the comment above the key")


def _check_texts(key: str, values: Any) -> None:
    for value in values:
        if not isinstance(value, str):
            raise ChoiceError(f"job.toml: `{key}` holds {value!r}, which is not a text", "put it in quotes")


def _check_rules(job: Job) -> None:
    """What no type can say."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", job.name):
        raise ChoiceError(f"job.toml: `{job.name}` cannot be the name of files", "use letters, digits, _, - and .")
    given: dict[str, tuple[str, ...]] = {
        "overlap": (job.overlap,),
        "retries_by": (job.retries_by,),
        "notifications.on": job.notifications.on,
    }
    for key, value in ((key, value) for key, values in given.items() for value in values if value not in CHOICES[key]):
        raise ChoiceError(f"job.toml: unknown {key} `{value}`", f"one of {', '.join(CHOICES[key])}")
    for key in ("retries", "retry_delay_seconds", "timeout_minutes"):
        if getattr(job, key) < 0:
            raise ChoiceError(f"job.toml: `{key}` is below zero", "0 means none")
    if job.conf == "prod" and not job.owner:
        raise ChoiceError("job.toml: a job for production needs an owner", 'add owner = "the team that answers for it"')
    if job.host.project and not job.host.project.startswith("/"):
        raise ChoiceError(f"job.toml: `host.project` must be a full path, got {job.host.project!r}", "schedulers start elsewhere")
    _check_start(job)
    _check_resources(job)


def _check_resources(job: Job) -> None:
    for key, form in (("cpu", r"\d+(\.\d+)?|\d+m"), ("memory", r"\d+([KMGT]i?)?")):
        value = getattr(job.resources, key)
        if value and not re.fullmatch(form, value):
            raise ChoiceError(f"job.toml: `resources.{key}` cannot be {value!r}", 'write cpu = "0.5" and memory = "512Mi"')


def _check_start(job: Job) -> None:
    if job.catchup and not job.start:
        raise ChoiceError("job.toml: `catchup` needs a `start`", 'add start = "2026-01-31": runs from that day on are made up for')
    try:
        fits = not job.start or date.fromisoformat(job.start).isoformat() == job.start
    except ValueError:
        fits = False
    if not fits:
        raise ChoiceError(f"job.toml: `start` is not a day: {job.start!r}", 'write it like "2026-01-31"')
