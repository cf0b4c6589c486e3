"""A job -> a flow for Prefect 3 that starts the job's own command, and the prefect.yaml that deploys it.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   schedules: [{cron: 0 6 * * 1-5, timezone: Europe/Berlin, day_or: true}]

`prefect deploy --all` beside the two files makes the deployment; any worker of its pool that can see the project runs it.
"""

from __future__ import annotations

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import LOADED, check_documents, filled, python_text, without_nothing, yaml_text
from nb2prod.targets.launch import host_place, identifier, run_seconds
from nb2prod.targets.moments import at_change, no_short_months, plain_cron
from nb2prod.targets.starting import START, started

STRATEGIES = {"skip": "CANCEL_NEW", "queue": "ENQUEUE"}
POOL = "local"
FRAME = '''\
"""NAME as a flow for Prefect 3: it starts the job's own command, in the job's own interpreter."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from prefect import flow, get_run_loggerAND_TASK
from prefect.runtime import flow_run
from prefect.states import Cancelled, State

START
BODY

if __name__ == "__main__":
    IDENTIFIER()
'''
ONE = '''
@flow(name=__job__, retries=__retries__, retry_delay_seconds=__delay__, timeout_seconds=__timeout__)
def IDENTIFIER(parameters: dict[str, Any] | None = None) -> State | None:
    """Start one run; `parameters` are those that differ from the job's own."""
    code = start("run", str(flow_run.id), flow_run.scheduled_start_time.isoformat(), parameters or {}, get_run_logger().info)
    if code == SKIPPED:
        return Cancelled(message="skipped: the last run still goes on")
    if code:
        raise RuntimeError(f"exit code {code}")
    return None
'''
SEVERAL = '''
@task(retries=__retries__, retry_delay_seconds=__delay__)
def run_task(name: str, run: str, planned: str, parameters: dict[str, Any]) -> None:
    code = start(name, run, planned, parameters, get_run_logger().info)
    if code:
        raise RuntimeError(f"exit code {code}")


@flow(name=__job__)
def IDENTIFIER(parameters: dict[str, Any] | None = None) -> None:
    """Start the tasks of one run; `parameters` are those that differ from the job's own."""
    run, planned = str(flow_run.id), flow_run.scheduled_start_time.isoformat()
    done: dict[str, Any] = {}
    for name in COMMANDS:  # each after those it waits for
        one = run_task.with_options(name=name)
        done[name] = one.submit(name, run, planned, parameters or {}, wait_for=[done[earlier] for earlier in AFTER[name]])
    for name in done:
        done[name].result()
'''


def render(job: Job) -> tuple[File, ...]:
    """`jobs/prefect/NAME.py` and `jobs/prefect/prefect.yaml`."""
    place, name = host_place(job), identifier(job)
    body = SEVERAL if job.tasks else ONE
    frame = filled(FRAME, BODY=body, START=START, AND_TASK=", task" if job.tasks else "")
    text = python_text(
        filled(frame, NAME=job.name, IDENTIFIER=name),
        **started(job),
        job=job.name,
        timeout=run_seconds(job) or None,
    )
    deployment = {
        "name": job.name,
        "description": f"Starts {job.name}",
        "tags": [tag for tag in (job.owner, job.contact) if tag],
        "entrypoint": f"{job.name}.py:{name}",
        "schedules": [
            {"cron": plain_cron(schedule), "timezone": schedule.timezone or "UTC", "day_or": True, "active": True}
            for schedule in job.schedules
        ],
        "concurrency_limit": {"limit": 1, "collision_strategy": STRATEGIES[job.overlap]} if job.overlap in STRATEGIES else None,
        "work_pool": {"name": POOL},
        "pull": [{"prefect.deployments.steps.set_working_directory": {"directory": f"{place.project}/jobs/prefect"}}],
    }
    about = f"The deployment of {job.name}. Beside this file:\n  prefect --no-prompt deploy --all\n  prefect worker start --pool {POOL} --type process"
    return (
        File(f"jobs/prefect/{job.name}.py", text),
        File("jobs/prefect/prefect.yaml", yaml_text(about, {"name": job.name, "deployments": [without_nothing(deployment)]})),
    )


TARGET = Target(
    name="prefect",
    summary="a flow and its deployment for Prefect 3",
    expresses=frozenset(Feature) - {Feature.emails, Feature.catchup, Feature.resources},
    render=render,
    check=check_documents,
    validators=(Validator(("python", "-c", LOADED), (".py",), of="prefect"),),
    trouble=no_short_months,
    clock=at_change("runs an hour earlier where a time is skipped, and leaves out the second of two equal hours"),
    between="disk",
    apart=frozenset({Feature.skip, Feature.queue}),
)
