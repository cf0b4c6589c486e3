"""A job -> a module for Dagster: one op that starts the job's own command, its job and its schedules.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   ScheduleDefinition(cron_schedule="0 6 * * 1-5", execution_timezone="Europe/Berlin")

The op's config takes other parameters; what the run prints is in Dagster's log.
"""

from __future__ import annotations

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, filled, python_text
from nb2prod.targets.launch import SKIPPED, host_place, identifier, run_seconds, scheduler_retries, variable, words
from nb2prod.targets.moments import at_change, either_only, plain_cron

MARK = "\x00"
FRAME = '''\
"""NAME for Dagster: it starts the job's own command, in the job's own interpreter.

`dagster dev -f jobs/dagster/NAME.py` shows it; `dagster-daemon run` with a workspace that names this file runs it by its schedule.
"""

import json
import os
import subprocess

import dagster as dg

COMMAND = __command__
DIRECTORY = __directory__
ENVIRONMENT = __environment__
SKIPPED = __skipped__  # the last run still goes on


@dg.op(
    name="run_IDENTIFIER",
    description=__about__,
    config_schema={"parameters": dg.Field(dict, default_value={}), "logical_date": dg.Field(str, default_value="")},
    retry_policy=dg.RetryPolicy(max_retries=__retries__, delay=__delay__),
)
def run_it(context) -> None:
    command = [word.replace("\\0", context.op_config["logical_date"]) for word in COMMAND if "\\0" not in word or context.op_config["logical_date"]]
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}  # no modules of the scheduler
    environment = {**theirs, **ENVIRONMENT, "JOB_PARAMETERS": json.dumps(context.op_config["parameters"])}
    with subprocess.Popen(
        command, cwd=DIRECTORY, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            for line in process.stdout:
                context.log.info(line.rstrip("\\n"))
        except BaseException:
            process.terminate()
            raise
    if process.returncode == SKIPPED:
        context.log.warning("skipped: the last run still goes on")
    elif process.returncode:
        raise dg.Failure(f"exit code {process.returncode}", allow_retries=process.returncode != 2)


@dg.job(name="IDENTIFIER", tags=__tags__)
def job():
    run_it()


def planned(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    moment = context.scheduled_execution_time.isoformat()
    return dg.RunRequest(run_key=moment, run_config={"ops": {"run_IDENTIFIER": {"config": {"logical_date": moment}}}})


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
    place, seconds = host_place(job), run_seconds(job)
    tags = {"owner": job.owner, "contact": job.contact, "dagster/max_runtime": str(seconds) if seconds else ""}
    zones = {schedule.timezone or "UTC": [] for schedule in job.schedules}  # type: dict[str, list[str]]
    for schedule in job.schedules:
        zones[schedule.timezone or "UTC"].append(plain_cron(schedule))
    name = identifier(job)
    text = python_text(
        filled(FRAME, NAME=job.name, IDENTIFIER=name),
        command=words(job, place, MARK),
        directory=place.directory,
        environment={variable(key): value for key, value in job.environment.items()},
        skipped=SKIPPED,
        about=f"Starts {job.name}",
        retries=scheduler_retries(job),
        delay=job.retry_delay_seconds,
        tags={key: value for key, value in tags.items() if value},
        schedules=[(f"{name}_{number}", crons, zone) for number, (zone, crons) in enumerate(zones.items(), 1)],
    )
    return (File(f"jobs/dagster/{job.name}.py", text),)


TARGET = Target(
    name="dagster",
    summary="a module with a job and its schedules for Dagster",
    expresses=frozenset(Feature) - {Feature.tasks, Feature.emails, Feature.catchup, Feature.resources},
    render=render,
    check=check_documents,
    validators=(Validator(("dagster", "definitions", "validate", "-f"), (".py",)),),
    trouble=either_only,
    clock=at_change("runs in the second of two equal hours"),
)
