"""A job -> a shell script that runs the thin notebook through papermill and keeps the executed copy.

    Job("churn", ("python", "-m", "churn.job"))  ->   exec "$PYTHON" -m churn.job --notebook=notebooks/churn.ipynb ...

The project's own `job` module checks the parameters, takes the lock and starts papermill with every value typed; papermill's `-p` would turn 010
into 10.
"""

from __future__ import annotations

import shlex

from nb2prod.model.job import Feature, Job, Target
from nb2prod.model.project import File
from nb2prod.targets.launch import PYTHONS, checkout_place, package_of, parameter_options, run_options, shell_line, variable


def render(job: Job) -> tuple[File, ...]:
    """`jobs/papermill/NAME.sh`."""
    notebook = f"notebooks/{package_of(job)}.ipynb"
    python = shlex.quote(job.host.python) if job.host.python else '"$PROJECT/.venv/bin/python"'
    directory = job.host.directory
    options = [shlex.quote(word) for word in run_options(job, checkout_place(job))]
    module = job.command[2] if job.command[0] in PYTHONS and len(job.command) > 2 else f"{package_of(job)}.job"
    lines = [
        "#!/bin/sh",
        f"# {job.name}: runs {notebook} through papermill and keeps the executed notebook below runs/.",
        "# More parameters can follow: --NAME=VALUE, each read by its own type.",
        "set -eu",
        'PROJECT="$(cd "$(dirname "$0")/../.." && pwd)"',
        'PYTHON="${PYTHON:-}"',
        f'[ -n "$PYTHON" ] || PYTHON={python}',
        f'cd "$PROJECT"/{shlex.quote(directory)}',
        *(f"export {variable(name)}={shlex.quote(value)}" for name, value in job.environment.items()),
        'output="$PROJECT/runs/' + package_of(job) + '-$(date -u +%Y%m%dT%H%M%SZ).ipynb"',
        'mkdir -p "$PROJECT/runs"',
        " ".join(
            [
                'exec "$PYTHON" -m',
                shlex.quote(module),
                f'--notebook="$PROJECT"/{shlex.quote(notebook)} --output="$output"',
                *options,
                "--",
                *([shell_line(parameter_options(job))] if job.parameters else []),
                '"$@"',
            ]
        ),
    ]
    return (File(f"jobs/papermill/{job.name}.sh", "\n".join(lines) + "\n"),)


TARGET = Target(
    name="papermill",
    summary="a shell script that runs the notebook through papermill; start it from any scheduler",
    expresses=frozenset({Feature.timeout, Feature.skip, Feature.queue, Feature.environment}),
    render=render,
)
