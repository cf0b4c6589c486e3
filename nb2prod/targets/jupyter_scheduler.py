"""A job -> the definitions jupyter-scheduler takes over REST, and the notebook they run: it starts the job's own command.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   {"schedule": "0 6 * * 1-5", "timezone": "Europe/Berlin", "input_uri": "...", ...}

jupyter-scheduler pastes parameters into the notebook as code, so they are written as Python; it runs while its Jupyter server does.
"""

from __future__ import annotations

import json
from typing import Any

from nb2prod.model.job import Feature, Job, Schedule, Target
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, python_text
from nb2prod.targets.launch import SKIPPED, host_place, one_line, package_of, variable, words
from nb2prod.targets.moments import meets_clock_change, no_short_months, plain_cron, spans_change

FRAME = """\
import json
import os
import subprocess

theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}  # no modules of the scheduler
environment = {**theirs, **__environment__, "JOB_PARAMETERS": json.dumps(parameters)}
done = subprocess.run(
    __command__, cwd=__directory__, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
)
print(done.stdout)
if done.returncode not in (0, __skipped__):
    raise RuntimeError(f"exit code {done.returncode}")
"""


def render(job: Job) -> tuple[File, ...]:
    """`jobs/jupyter-scheduler/NAME.ipynb` and a `NAME-1.json` for each schedule. Raises ChoiceError for what they cannot hold."""
    files = [File(f"jobs/jupyter-scheduler/{job.name}.ipynb", _notebook(job))]
    for number, schedule in enumerate(job.schedules, 1):
        files.append(File(f"jobs/jupyter-scheduler/{job.name}-{number}.json", json.dumps(_definition(job, schedule), indent=1) + "\n"))
    return tuple(files)


def clock(schedule: Schedule) -> str:
    """What it does where the clocks change."""
    return "runs an hour off" * (meets_clock_change(schedule) or spans_change(schedule))


def _definition(job: Job, schedule: Schedule) -> dict[str, Any]:
    """What is posted to `/scheduler/job_definitions`; the path is seen from the folder the server was started in."""
    return {
        "input_uri": f"{package_of(job)}/jobs/jupyter-scheduler/{job.name}.ipynb",
        "name": job.name,
        "runtime_environment_name": "python3",
        "output_formats": ["ipynb"],
        "schedule": plain_cron(schedule),
        "timezone": schedule.timezone or "UTC",
        "parameters": {"parameters": "{}"},
        "tags": [one_line(tag, "the owner", "a tag") for tag in (job.owner, job.contact) if tag],
    }


def _notebook(job: Job) -> str:
    place = host_place(job)
    source = python_text(
        FRAME,
        command=words(job, place),
        directory=place.directory,
        environment={variable(name): value for name, value in job.environment.items()},
        skipped=SKIPPED,
    )
    cells = [
        _cell("about", "markdown", f"# {job.name}\n\nStarts the job's own command, in the job's own interpreter."),
        _cell("parameters", "code", "parameters = {}  # those that differ from the job's own, by name", ["parameters"]),
        _cell("run", "code", source.rstrip("\n")),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False) + "\n"


def _cell(id: str, kind: str, source: str, tags: list[str] | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": id, "metadata": {"tags": tags} if tags else {}, "source": source}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


TARGET = Target(
    name="jupyter-scheduler",
    summary="definitions for the scheduler in JupyterLab, over REST",
    expresses=frozenset(
        {
            *(Feature.schedule, Feature.several, Feature.timezone, Feature.timeout, Feature.skip, Feature.queue),
            *(Feature.owner, Feature.environment),
        }
    ),
    render=render,
    check=check_documents,
    trouble=no_short_months,
    clock=clock,
)
