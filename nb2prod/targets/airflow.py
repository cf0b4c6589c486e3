"""A job -> a module for the dags folder of Airflow 3: a task, or several, each of which starts the job's own command.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   CronTriggerTimetable("0 6 * * 1-5", timezone="Europe/Berlin")

What `--conf` gives to a run reaches it as JSON; a run that is skipped because the last one goes on is a skipped task.
"""

from __future__ import annotations

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import LOADED, check_documents, filled, python_text
from nb2prod.targets.launch import (
    SKIPPED,
    Place,
    each_task,
    earlier_tasks,
    host_place,
    run_seconds,
    scheduler_retries,
    shell_line,
    values_folder,
    variable,
)
from nb2prod.targets.moments import at_change, either_only, one_zone, plain_cron

PLANNED = "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }}"
MARK, RUN_MARK = "\x00", "\x01"
FRAME = '''\
"""The dag (Airflow 3) of NAME: it starts the job's own command, in the job's own interpreter.

Put this file into the dags folder. `airflow dags trigger NAME --conf '{"PARAMETER": VALUE}'` gives a run other parameters.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
IMPORT
COMMANDS = __commands__
AFTER = __after__
ENVIRONMENT = __environment__

with DAG(
    dag_id=__name__,
    description=__about__,
    schedule=SCHEDULE,
    start_date=datetime.fromisoformat(__start__).replace(tzinfo=timezone.utc),
    catchup=__catchup__,
    max_active_runs=__active__,
    default_args={"owner": __owner__, "retries": __retries__, "retry_delay": timedelta(seconds=__delay__)},
) as dag:
    tasks = {
        name: BashOperator(
            task_id=name,
            bash_command=command,
            cwd=__directory__,
            env=ENVIRONMENT,
            append_env=True,
            skip_on_exit_code=__skipped__,
            execution_timeout=TIMEOUT,
        )
        for name, command in COMMANDS.items()
    }
    for name, earlier in AFTER.items():
        tasks[name].set_upstream([tasks[one] for one in earlier])
'''
RUN = "{{ run_id | replace('/', '_') }}"


def render(job: Job) -> tuple[File, ...]:
    """`jobs/airflow/NAME.py`. Raises ChoiceError for schedules in several zones, which no timetable has."""
    place, seconds = host_place(job), run_seconds(job)
    crons = ", ".join(repr(plain_cron(schedule)) for schedule in job.schedules)
    timetable = "MultipleCronTriggerTimetable" if len(job.schedules) > 1 else "CronTriggerTimetable"
    zone = one_zone(job.schedules, "a timetable of Airflow") or "UTC"
    frame = filled(
        FRAME,
        NAME=job.name,
        IMPORT=f"from airflow.timetables.trigger import {timetable}\n" if crons else "",
        SCHEDULE=f"{timetable}({crons}, timezone={zone!r})" if crons else "None",
        TIMEOUT=f"timedelta(seconds={seconds})" if seconds else "None",
    )
    text = python_text(
        frame,
        name=job.name,
        about=f"Starts {job.name}",
        start=job.start or "2024-01-01",
        catchup=job.catchup,
        active=1 if job.overlap == "queue" or (job.tasks and job.overlap == "skip") else 16,
        owner=job.owner or "airflow",
        retries=scheduler_retries(job),
        delay=job.retry_delay_seconds,
        commands=_commands(job, place),
        after=earlier_tasks(job),
        directory=literal_text(place.directory),
        environment={
            "PYTHONPATH": "",  # no modules of the scheduler
            **{variable(name): literal_text(value) for name, value in job.environment.items()},
            "JOB_PARAMETERS": "{{ (dag_run.conf or {}) | tojson }}",
        },
        skipped=SKIPPED,
    )
    return (File(f"jobs/airflow/{job.name}.py", text),)


def _commands(job: Job, place: Place) -> dict[str, str]:
    """The command of each task, as Airflow's templates give it back; one that ended in .sh or .bash would be taken for the name of a template."""
    asked = each_task(job, place, values_folder(job, place.directory, RUN_MARK), MARK)
    lines = {name: shell_line(given) for name, given in asked.items()}
    return {name: PLANNED.join(map(_with_run, line.split(MARK))) + " " for name, line in lines.items()}


def _with_run(text: str) -> str:
    return RUN.join(literal_text(part) for part in text.split(RUN_MARK))


def literal_text(text: str) -> str:
    """Text that comes out of Airflow's templates as it is."""
    return "{{ " + ascii(text) + " }}" if any(mark in text for mark in ("{{", "{%", "{#")) else text


TARGET = Target(
    name="airflow",
    summary="a dag for Airflow 3 that starts the job's command",
    expresses=frozenset(Feature) - {Feature.emails, Feature.resources},
    render=render,
    check=check_documents,
    validators=(Validator(("python", "-c", LOADED), (".py",), of="airflow"),),
    trouble=either_only,
    clock=at_change("runs up to an hour later where a time is skipped, and in the second of two equal hours"),
    between="disk",
    apart=frozenset({Feature.queue}),
)
