"""A job -> a workflow of GitHub Actions that installs the project and starts the job's command by a schedule or by hand.

    Schedule("0 6 * * 1-5")   ->   on: {schedule: [{cron: 0 6 * * 1-5}], workflow_dispatch: ...}

GitHub's clock is UTC and may be some minutes late; two runs of one job wait for each other.
"""

from __future__ import annotations

import posixpath
from typing import Any

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, without_nothing, yaml_text
from nb2prod.targets.launch import (
    GRACE_SECONDS,
    checkout_place,
    comment,
    each_task,
    earlier_tasks,
    label,
    run_seconds,
    shell_line,
    values_folder,
    variable,
)
from nb2prod.targets.moments import plain_cron, utc_only

GIVEN = "${{ inputs.parameters || '{}' }}"


def render(job: Job) -> tuple[File, ...]:
    """`jobs/github/NAME.yml`, which belongs into `.github/workflows/` of the repository."""
    seconds = run_seconds(job)
    about = "\n".join(
        [
            f"{job.name} on GitHub Actions: copy this file to .github/workflows/{job.name}.yml of the repository.",
            *([f"Owner: {comment(' '.join(filter(None, [job.owner, job.contact])))}"] if job.owner or job.contact else []),
        ]
    )
    commands = each_task(job, checkout_place(job), values_folder(job, "", ""))
    waits = job.tasks and job.overlap == "skip"
    given = {"description": "Parameters that differ, as a JSON object", "required": False, "default": "{}", "type": "string"}
    workflow = {
        "name": job.name,
        "on": without_nothing(
            {
                "schedule": [{"cron": plain_cron(schedule)} for schedule in job.schedules],
                "workflow_dispatch": {"inputs": {"parameters": given}},
            }
        ),
        "permissions": {"contents": "read"},
        "concurrency": {"group": f"job-{label(job)}", "cancel-in-progress": False} if job.overlap == "queue" or waits else None,
        "jobs": {
            name: without_nothing(
                {
                    "needs": _before(job, name),
                    "runs-on": "ubuntu-latest",
                    "timeout-minutes": (seconds + GRACE_SECONDS) // 60 + 5 if seconds else 360,
                    "steps": _steps(job, name, shell_line(words).replace("${{", "${{ '${{' }}")),
                }
            )
            for name, words in commands.items()
        },
    }
    return (File(f"jobs/github/{job.name}.yml", yaml_text(about, without_nothing(workflow))),)


def _steps(job: Job, name: str, command: str) -> list[dict[str, Any]]:
    """The steps of one task: values of earlier ones are downloaded, those for later ones uploaded."""
    folder = posixpath.normpath(values_folder(job, job.host.directory, ""))
    get = {"uses": "actions/download-artifact@v7", "with": {"path": folder}}
    put = {"path": f"{folder}/{name}", "name": name, "include-hidden-files": True, "overwrite": True, "retention-days": 1}
    return [
        {"uses": "actions/checkout@v5", "with": {"persist-credentials": False}},
        {"uses": "actions/setup-python@v6", "with": {"python-version-file": "pyproject.toml"}},
        {"run": "python -m pip install ."},
        *([get] if _before(job, name) else []),
        {
            "run": f"{command}\n" if job.host.directory == "." else f"cd {shell_line([job.host.directory])} && {command}\n",
            "env": {
                "JOB_PARAMETERS": GIVEN,
                **{variable(key): value.replace("${{", "${{ '${{' }}") for key, value in job.environment.items()},
            },
        },
        *([{"uses": "actions/upload-artifact@v6", "with": put}] if job.tasks else []),
    ]


def _before(job: Job, name: str) -> list[str]:
    return earlier_tasks(job)[name]


TARGET = Target(
    name="github",
    summary="a workflow of GitHub Actions, whose clock is UTC",
    expresses=frozenset(
        {
            *(Feature.schedule, Feature.several, Feature.timezone, Feature.timeout, Feature.queue, Feature.environment),
            Feature.tasks,
        }
    ),
    render=render,
    check=check_documents,
    validators=(
        Validator(("check-jsonschema", "--builtin-schema", "vendor.github-workflows"), (".yml",)),
        Validator(("actionlint",), (".yml",)),
        Validator(("zizmor", "--offline", "--quiet"), (".yml",)),
    ),
    trouble=utc_only,
    between="artifacts",
    apart=frozenset({Feature.queue}),
)
