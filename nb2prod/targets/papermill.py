"""A job -> a shell script that runs the thin notebook through papermill and keeps the executed copy.

    Job("churn", ("python", "-m", "churn"), parameters={"region": "010"})  ->  papermill -y '{"region": "010"}' notebooks/churn.ipynb ...

Parameters go through -y, which keeps their types; papermill's -p would turn 010 into 10.
"""

from __future__ import annotations

import json
import shlex

from nb2prod.model.job import Feature, Job, Target
from nb2prod.model.project import File
from nb2prod.targets.shell import guards, package_of, variable


def render(job: Job) -> tuple[File, ...]:
    """`jobs/papermill/NAME.sh`."""
    notebook = shlex.quote(f"notebooks/{package_of(job)}.ipynb")
    given = json.dumps(dict(job.parameters), ensure_ascii=False, default=str)
    parameters = f"-y {shlex.quote(given)} " if job.parameters else ""
    lines = [
        "#!/bin/sh",
        f"# {job.name}: runs {notebook} and keeps the executed notebook below runs/.",
        "# More parameters can follow: -r NAME VALUE hands a text over as it is, -p guesses its type.",
        "set -eu",
        'cd "$(dirname "$0")/../.."',
        "mkdir -p runs",
        *(f"export {variable(name)}={shlex.quote(value)}" for name, value in job.environment.items()),
        f'output="runs/{package_of(job)}-$(date -u +%Y%m%dT%H%M%SZ).ipynb"',
        f'exec {guards(job)}papermill --cwd . {parameters}"$@" {notebook} "$output"',
    ]
    return (File(f"jobs/papermill/{job.name}.sh", "\n".join(lines) + "\n"),)


TARGET = Target(
    name="papermill",
    summary="a shell script that runs the notebook through papermill; start it from any scheduler",
    expresses=frozenset({Feature.timeout, Feature.overlap, Feature.environment}),
    render=render,
)
