"""A job -> a module for the dags folder of Airflow 3: one task that starts the job's own command.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   CronTriggerTimetable("0 6 * * 1-5", timezone="Europe/Berlin")

What `--conf` gives to a run reaches it as JSON; a run that is skipped because the last one goes on is a skipped task.
"""

from __future__ import annotations

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import LOADED, check_documents, filled, python_text
from nb2prod.targets.launch import SKIPPED, host_place, run_seconds, scheduler_retries, shell_line, variable, words
from nb2prod.targets.moments import at_change, either_only, one_zone, plain_cron

PLANNED = "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }}"
MARK = "\x00"
FRAME = '''\
"""The dag (Airflow 3) of NAME: it starts the job's own command, in the job's own interpreter.

Put this file into the dags folder. `airflow dags trigger NAME --conf '{"PARAMETER": VALUE}'` gives a run other parameters.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
IMPORT
with DAG(
    dag_id=__name__,
    description=__about__,
    schedule=SCHEDULE,
    start_date=datetime.fromisoformat(__start__).replace(tzinfo=timezone.utc),
    catchup=__catchup__,
    max_active_runs=__active__,
    default_args={"owner": __owner__, "retries": __retries__, "retry_delay": timedelta(seconds=__delay__)},
) as dag:
    BashOperator(
        task_id="run",
        bash_command=__command__,
        cwd=__directory__,
        env=__environment__,
        append_env=True,
        skip_on_exit_code=__skipped__,
        execution_timeout=TIMEOUT,
    )
'''


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
    command = shell_line(words(job, place, MARK))
    text = python_text(
        frame,
        name=job.name,
        about=f"Starts {job.name}",
        start=job.start or "2024-01-01",
        catchup=job.catchup,
        active=1 if job.overlap == "queue" else 16,
        owner=job.owner or "airflow",
        retries=scheduler_retries(job),
        delay=job.retry_delay_seconds,
        # A command that ends in .sh or .bash would be taken for the name of a template.
        command=PLANNED.join(literal_text(part) for part in command.split(MARK)) + " ",
        directory=literal_text(place.directory),
        environment={
            "PYTHONPATH": "",  # no modules of the scheduler
            **{variable(name): literal_text(value) for name, value in job.environment.items()},
            "JOB_PARAMETERS": "{{ (dag_run.conf or {}) | tojson }}",
        },
        skipped=SKIPPED,
    )
    return (File(f"jobs/airflow/{job.name}.py", text),)


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
)
