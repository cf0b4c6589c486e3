"""A job -> a job of GitLab CI that runs in scheduled pipelines, and the schedules as its API takes them.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   {"cron": "0 6 * * 1-5", "cron_timezone": "Europe/Berlin", "ref": "main", ...}

GitLab keeps schedules outside the repository: the script sends them once.
"""

from __future__ import annotations

import json
import posixpath
from typing import Any

from nb2prod.model.job import Feature, Job, Schedule, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, without_nothing, yaml_text
from nb2prod.targets.launch import (
    checkout_place,
    comment,
    each_task,
    earlier_tasks,
    label,
    label_of,
    run_seconds,
    scheduler_retries,
    shell_line,
    values_folder,
    variable,
)
from nb2prod.targets.moments import at_change, either_only, plain_cron

MOST_RETRIES = 2  # of GitLab
SEND = """\
#!/bin/sh
# Makes the schedules of {name}: GITLAB is the server's address, PROJECT its number of the project, TOKEN an access token with the scope api.
set -eu
cd "$(dirname "$0")"
send() {{
    curl --fail --silent --show-error --header "PRIVATE-TOKEN: $TOKEN" --header "Content-Type: application/json" --data "$1" "$2"
}}
url="$GITLAB/api/v4/projects/$PROJECT/pipeline_schedules"
for schedule in {files}; do
    made="$(send "@$schedule" "$url")"
    id="$(printf '%s' "$made" | grep -o '"id": *[0-9]*' | head -n 1 | tr -dc 0-9)"
    send '{{"key": "JOB", "value": "{name}"}}' "$url/$id/variables" > /dev/null
    echo "$schedule is schedule $id"
done
"""


def render(job: Job) -> tuple[File, ...]:
    """`jobs/gitlab/NAME.gitlab-ci.yml`, `NAME-1.json` ... for the schedules and `NAME.sh` to send them."""
    about = [
        f"{job.name} on GitLab CI: include this file from .gitlab-ci.yml (`include: jobs/gitlab/{job.name}.gitlab-ci.yml`), then make the",
        f"schedules with jobs/gitlab/{job.name}.sh",
        *([f"Owner: {comment(' '.join(filter(None, [job.owner, job.contact])))}"] if job.owner or job.contact else []),
    ]
    commands = each_task(job, checkout_place(job), values_folder(job, "", ""))
    works = {_name(job, name): _work(job, name, shell_line(words)) for name, words in commands.items()}
    files = [File(f"jobs/gitlab/{job.name}.gitlab-ci.yml", yaml_text("\n".join(about), works))]
    names = [f"{job.name}-{number}.json" for number in range(1, len(job.schedules) + 1)]
    files += [File(f"jobs/gitlab/{name}", _schedule(job, one)) for name, one in zip(names, job.schedules, strict=True)]
    if names:
        files.append(File(f"jobs/gitlab/{job.name}.sh", SEND.format(name=job.name, files=" ".join(names))))
    return tuple(files)


def _name(job: Job, task: str) -> str:
    return f"{label(job)}-{label_of(task)}" if job.tasks else label(job)


def _work(job: Job, name: str, line: str) -> dict[str, Any]:
    """The job of one task; it needs those before it and hands on, as artifacts, what they left and what it leaves."""
    seconds, after = run_seconds(job), earlier_tasks(job)[name]
    folder = posixpath.normpath(values_folder(job, job.host.directory, ""))
    rules = [
        {"if": f'$CI_PIPELINE_SOURCE == "schedule" && $JOB == "{job.name}"'},
        {"if": '$CI_PIPELINE_SOURCE == "web"', "when": "on_success" if after else "manual"},
    ]
    work = {
        "image": {"name": job.host.image, "entrypoint": [""]} if job.host.image else "python:3-slim",
        "rules": rules,
        "variables": {variable(name): value.replace("$", "$$") for name, value in job.environment.items()},
        "timeout": f"{seconds} seconds" if seconds else None,
        "retry": {"max": min(scheduler_retries(job), MOST_RETRIES), "when": "script_failure"} if scheduler_retries(job) else None,
        "resource_group": label(job) if job.overlap == "queue" else None,
        "artifacts": {"paths": [folder], "expire_in": "1 day"} if job.tasks else None,
        "script": [
            *([] if job.host.image else ["python -m pip install ."]),
            *([f"cd {shell_line([job.host.directory])}"] if job.host.directory != "." else []),
            line,
        ],
    }
    return {**without_nothing(work), **({"needs": [_name(job, earlier) for earlier in after]} if job.tasks else {})}


def _schedule(job: Job, schedule: Schedule) -> str:
    body = {
        "description": job.name,
        "ref": "main",
        "cron": plain_cron(schedule),
        "cron_timezone": schedule.timezone or "UTC",
        "active": True,
    }
    return json.dumps(body, indent=1) + "\n"


TARGET = Target(
    name="gitlab",
    summary="a job of GitLab CI and its pipeline schedules",
    expresses=frozenset(
        {
            *(Feature.schedule, Feature.several, Feature.timezone, Feature.retries),
            *(Feature.timeout, Feature.queue, Feature.environment, Feature.tasks),
        }
    ),
    render=render,
    check=check_documents,
    validators=(Validator(("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"), (".gitlab-ci.yml",)),),
    trouble=either_only,
    clock=at_change("may leave a skipped time out, or run in both of two equal hours"),
    between="artifacts",
)
