"""A job -> a module for Dagster: an op for each task, which starts the job's own command, its job and its schedules.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   ScheduleDefinition(cron_schedule="0 6 * * 1-5", execution_timezone="Europe/Berlin")

The config of each op takes other parameters; what the run prints is in Dagster's log.
"""

from __future__ import annotations

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, filled, python_text
from nb2prod.targets.launch import identifier, run_seconds
from nb2prod.targets.moments import at_change, either_only, plain_cron
from nb2prod.targets.starting import START, started

FRAME = '''\
"""NAME for Dagster: it starts the job's own command, in the job's own interpreter.

`dagster dev -f jobs/dagster/NAME.py` shows it; `dagster-daemon run` with a workspace that names this file runs it by its schedule.
"""

import json
import os
import subprocess

import dagster as dg

START

def op(task):
    @dg.op(
        name=f"{task}_IDENTIFIER",
        description=__about__,
        ins={f"after_{one}": dg.In(dg.Nothing) for one in AFTER[task]},
        config_schema={"parameters": dg.Field(dict, default_value={}), "logical_date": dg.Field(str, default_value="")},
        retry_policy=dg.RetryPolicy(max_retries=__retries__, delay=__delay__),
    )
    def run_it(context) -> None:
        given = context.op_config
        code = start(task, context.run_id, given["logical_date"], given["parameters"], context.log.info)
        if code == SKIPPED:
            context.log.warning("skipped: the last run still goes on")
        elif code:
            raise dg.Failure(f"exit code {code}", allow_retries=code != 2)

    return run_it


@dg.job(name="IDENTIFIER", tags=__tags__)
def job():
    done = {}
    for task in COMMANDS:  # each after those it waits for
        done[task] = op(task)(**{f"after_{one}": done[one] for one in AFTER[task]})


def planned(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    moment = context.scheduled_execution_time.isoformat()
    return dg.RunRequest(run_key=moment, run_config={"ops": {f"{task}_IDENTIFIER": {"config": {"logical_date": moment}} for task in COMMANDS}})


SCHEDULES = [
    dg.ScheduleDefinition(
        name=name,
        job=job,
        cron_schedule=cron,
        execution_timezone=zone,
        execution_fn=planned,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    for name, cron, zone in __schedules__
]
defs = dg.Definitions(jobs=[job], schedules=SCHEDULES)
'''


def render(job: Job) -> tuple[File, ...]:
    """`jobs/dagster/NAME.py`."""
    seconds = run_seconds(job)
    tags = {"owner": job.owner, "contact": job.contact, "dagster/max_runtime": str(seconds) if seconds and not job.tasks else ""}
    zones = {schedule.timezone or "UTC": [] for schedule in job.schedules}  # type: dict[str, list[str]]
    for schedule in job.schedules:
        zones[schedule.timezone or "UTC"].append(plain_cron(schedule))
    name = identifier(job)
    text = python_text(
        filled(FRAME, NAME=job.name, IDENTIFIER=name, START=START),
        **started(job),
        about=f"Starts {job.name}",
        tags={key: value for key, value in tags.items() if value},
        schedules=[(f"{name}_{number}", crons, zone) for number, (zone, crons) in enumerate(zones.items(), 1)],
    )
    return (File(f"jobs/dagster/{job.name}.py", text),)


TARGET = Target(
    name="dagster",
    summary="a module with a job and its schedules for Dagster",
    expresses=frozenset(Feature) - {Feature.emails, Feature.catchup, Feature.resources},
    render=render,
    check=check_documents,
    validators=(Validator(("dagster", "definitions", "validate", "-f"), (".py",)),),
    trouble=either_only,
    clock=at_change("runs in the second of two equal hours"),
    between="disk",
)
