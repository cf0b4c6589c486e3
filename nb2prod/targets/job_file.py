"""The neutral job as a file people edit: Job <-> `jobs/job.toml`.

    Job("churn", ("python", "-m", "churn"), Schedule("0 6 * * 1-5"))   <->   name = "churn" ... [schedule] cron = "0 6 * * 1-5" ...

Reading refuses unknown keys and values of the wrong type: a typo must not become a job without retries.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import tomli_w

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job, Schedule
from nb2prod.targets.schedule import checked

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OVERLAPS = ("skip", "queue", "allow")

# Key, type of its value, and the comment above it.
KEYS: tuple[tuple[str, type, str], ...] = (
    ("name", str, ""),
    ("command", list, "What runs, from the project's folder; the parameters below are added to it."),
    ("owner", str, "Who is told when it fails."),
    ("retries", int, "How often a failed run is tried again."),
    ("timeout_minutes", int, "When a run is ended; 0 means never."),
    ("overlap", str, "What happens when the last run still goes on: skip, queue or allow."),
    ("catchup", bool, "Whether runs that were missed are made up for."),
)
TABLES: tuple[tuple[str, str], ...] = (
    ("environment", "Environment variables of the run. No secrets here."),
    ("parameters", "Parameters that differ from their defaults."),
)
EXAMPLE = """\
# When, in five fields, and where (empty: the zone of the scheduler's host).
# [schedule]
# cron = "30 6 * * 1-5"
# timezone = "Europe/Berlin"
"""


def render_job(job: Job) -> str:
    """The text of `job.toml`; `parse_job` gives the same job back. Raises ChoiceError where TOML cannot hold a parameter."""
    parts = ["# The job, neutral to any scheduler. `nb2prod schedule` writes the files of a scheduler from it.\n"]
    for key, kind, comment in KEYS:
        value = getattr(job, key)
        parts.append((f"# {comment}\n" if comment else "") + _toml({key: kind(value)}))
    if job.schedule is None:
        parts.append(EXAMPLE)
    else:
        parts.append(_toml({"schedule": {"cron": job.schedule.cron, "timezone": job.schedule.timezone}}))
    for key, comment in TABLES:
        parts.append(f"# {comment}\n" + _toml({key: dict(getattr(job, key))}))
    return "\n".join(parts)


def parse_job(text: str) -> Job:
    """The job in a `job.toml`. Raises ChoiceError for bad TOML, unknown keys, wrong types and impossible schedules."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChoiceError(f"job.toml is not TOML: {error}", "compare with the file `nb2prod convert` wrote") from None
    known = {key: kind for key, kind, _ in KEYS} | {"schedule": dict, "environment": dict, "parameters": dict}
    _check_keys(values, known, "")
    for key in ("name", "command"):
        if not values.get(key):
            raise ChoiceError(f"job.toml: `{key}` is missing", f"add `{key} = {'[...]' if key == 'command' else '...'}`")
    _check_texts("command", values["command"])
    _check_texts("environment", values.get("environment", {}).values())
    _check_rules(values)
    schedule = _schedule(values.pop("schedule", None))
    return Job(**{**values, "command": tuple(values["command"]), "schedule": schedule})


def _schedule(values: Mapping[str, Any] | None) -> Schedule | None:
    if values is None:
        return None
    _check_keys(values, {"cron": str, "timezone": str}, "schedule.")
    if "cron" not in values:
        raise ChoiceError("job.toml: `schedule.cron` is missing", 'add `cron = "30 6 * * 1-5"`')
    return checked(Schedule(values["cron"], values.get("timezone", "")))


def _check_keys(values: Mapping[str, Any], known: Mapping[str, type], where: str) -> None:
    for key, value in values.items():
        if key not in known:
            raise ChoiceError(f"job.toml: unknown key `{where}{key}`", f"known: {', '.join(known)}")
        if type(value) is not known[key]:
            raise ChoiceError(f"job.toml: `{where}{key}` must be a {known[key].__name__}, got {value!r}", "see the comment above the key")


def _check_texts(key: str, values: Any) -> None:
    for value in values:
        if not isinstance(value, str):
            raise ChoiceError(f"job.toml: `{key}` holds {value!r}, which is not a text", "put it in quotes")


def _check_rules(values: Mapping[str, Any]) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", values["name"]):
        raise ChoiceError(f"job.toml: `{values['name']}` cannot be the name of files", "use letters, digits, _, - and .")
    if values.get("overlap", "skip") not in OVERLAPS:
        raise ChoiceError(f"job.toml: unknown overlap `{values['overlap']}`", f"one of {', '.join(OVERLAPS)}")
    for key in ("retries", "timeout_minutes"):
        if values.get(key, 0) < 0:
            raise ChoiceError(f"job.toml: `{key}` is below zero", "0 means none")


def _toml(values: Mapping[str, Any]) -> str:
    try:
        return tomli_w.dumps(values)
    except (TypeError, ValueError, AttributeError):
        raise ChoiceError(
            f"job.toml cannot hold {dict(values)!r}", "TOML has no null and only texts as keys: leave it at its default"
        ) from None
