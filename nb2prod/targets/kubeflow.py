"""A job -> a pipeline for Kubeflow Pipelines v2 (or Vertex AI): one component that starts the job's own command in the project's image.

    Schedule("0 6 * * 1-5")   ->   CRON = "0 0 6 * * 1-5", with seconds, for `create_recurring_run`; its clock is UTC

The module compiles the pipeline, runs it here, or hands it to a server with its schedule.
"""

from __future__ import annotations

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import LOADED, check_documents, filled, python_text
from nb2prod.targets.launch import CONTAINER, SKIPPED, image, label, scheduler_retries, variable, words
from nb2prod.targets.moments import plain_cron, utc_only

MARK = "\x00"
FRAME = '''\
"""NAME for Kubeflow Pipelines v2: one step that starts the job's own command in the project's image.

    python jobs/kubeflow/NAME.py                  writes jobs/kubeflow/NAME.yaml, the compiled pipeline
    python jobs/kubeflow/NAME.py --local          runs it here, without a server; `python` must have the package
    python jobs/kubeflow/NAME.py --host URL       hands it to a server, with its schedule
"""

import sys
from pathlib import Path

from kfp import Client, compiler, dsl, local

LOCAL = "--local" in sys.argv
CRONS = __crons__  # with seconds, in UTC
CATCHUP = __catchup__
START = __start__


@dsl.component(base_image=__image__, install_kfp_package=not LOCAL)
def run_job(command: list, directory: str, environment: dict, parameters: dict, planned: str) -> str:
    """Start the command; gives the line of JSON the run ends with."""
    import json
    import os
    import subprocess

    theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}  # no modules of the scheduler
    known = {**theirs, **environment, "JOB_PARAMETERS": json.dumps(parameters)}
    words = [word.replace("\\0", planned) for word in command if planned or "\\0" not in word]
    folder = directory if os.path.isdir(directory) else None
    done = subprocess.run([*words[:3], "--json", *words[3:]], cwd=folder, env=known, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    if done.returncode not in (0, __skipped__):
        raise RuntimeError(f"exit code {done.returncode}")
    return done.stdout.strip()


@dsl.pipeline(name=__label__, description=__about__)
def pipeline(parameters: dict = {}, directory: str = __directory__, planned: str = __planned__) -> str:
    """`parameters` are those that differ from the job's own."""
    step = run_job(command=__command__, directory=directory, environment=__environment__, parameters=parameters, planned=planned)
    step.set_caching_options(False)
LIMITS    return step.output


def main() -> None:
    path = Path(__file__).with_suffix(".yaml")
    if LOCAL:
        local.init(runner=local.SubprocessRunner(use_venv=False))
        pipeline(directory=str(Path.cwd()))
        return
    compiler.Compiler().compile(pipeline, str(path))
    if "--host" not in sys.argv:
        return
    client = Client(host=sys.argv[sys.argv.index("--host") + 1])
    experiment = client.create_experiment(__job__)
    for number, cron in enumerate(CRONS, 1):
        client.create_recurring_run(
            experiment_id=experiment.experiment_id,
            job_name=f"{__job__} {number}",
            cron_expression=cron,
            start_time=START or None,
            no_catchup=not CATCHUP,
            max_concurrency=__active__,
            pipeline_package_path=str(path),
        )


if __name__ == "__main__":
    main()
'''


def render(job: Job) -> tuple[File, ...]:
    """`jobs/kubeflow/NAME.py`."""
    strange = next((text for text in (*words(job, CONTAINER), *job.environment.values()) if "{{$" in text), "")
    if strange:
        raise ChoiceError(f"kubeflow takes {strange!r} for a template", "put the value into a config file under conf/")
    retries, cpu, memory = scheduler_retries(job), job.resources.cpu, job.resources.memory
    limits = [
        f"set_retry({retries}, backoff_duration='{job.retry_delay_seconds}s', backoff_factor=1)" if retries else "",
        f"set_cpu_limit({cpu!r})" if cpu else "",
        f"set_memory_limit({memory!r})" if memory else "",
    ]
    text = python_text(
        filled(FRAME, NAME=job.name, LIMITS="".join(f"    step.{call}\n" for call in limits if call)),
        crons=[f"0 {plain_cron(schedule)}" for schedule in job.schedules],
        catchup=job.catchup,
        start=f"{job.start}T00:00:00Z" if job.start else "",
        image=image(job),
        skipped=SKIPPED,
        label=label(job),
        job=job.name,
        about=f"Starts {job.name}",
        directory=CONTAINER.directory,
        planned="{{$.pipeline_job_schedule_time_utc}}" if job.logical_date and job.schedules else "",
        command=words(job, CONTAINER, MARK),
        environment={variable(key): value for key, value in job.environment.items()},
        active=1 if job.overlap == "queue" else 10,
    )
    return (File(f"jobs/kubeflow/{job.name}.py", text),)


TARGET = Target(
    name="kubeflow",
    summary="a pipeline for Kubeflow Pipelines v2, whose clock is UTC",
    expresses=frozenset(Feature) - {Feature.tasks, Feature.skip, Feature.emails, Feature.owner},
    render=render,
    check=check_documents,
    validators=(Validator(("python", "-c", LOADED), (".py",), of="kfp"),),
    trouble=utc_only,
)
