"""A job -> a pipeline for Kubeflow Pipelines v2 (or Vertex AI): a step for each task, which starts the job's own command in the project's image.

    Schedule("0 6 * * 1-5")   ->   CRON = "0 0 6 * * 1-5", with seconds, for `create_recurring_run`; its clock is UTC

The module compiles the pipeline, runs it here, or hands it to a server with its schedule.
"""

from __future__ import annotations

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import LOADED, check_documents, filled, python_text
from nb2prod.targets.launch import CONTAINER, SKIPPED, each_task, earlier_tasks, image, label, literal, scheduler_retries, variable, words
from nb2prod.targets.moments import plain_cron, utc_only

MARK, RUN = "\x00", "\x01"
FRAME = '''\
"""NAME for Kubeflow Pipelines v2: each step starts the job's own command in the project's image.

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
COMMANDS = __commands__
ENVIRONMENT = __environment__


COMPONENTS@dsl.pipeline(name=__label__, description=__about__)
def pipeline(parameters: dict = {}, directory: str = __directory__, planned: str = __planned__)RETURNS:
    """`parameters` are those that differ from the job's own."""
STEPS

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
COMPONENT = '''\
@dsl.component(base_image=__image__, install_kfp_package=not LOCAL)
def FUNCTION(command: list, directory: str, environment: dict, parameters: dict, planned: strARTIFACTS) -> str:
    """Start the command; gives the line of JSON the run ends with."""
    import json
    import os
    import subprocess

COPIES    theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}  # no modules of the scheduler
    known = {**theirs, **environment, "JOB_PARAMETERS": json.dumps(parameters)}
    words = [word.replace("\\0", planned)INTO for word in command if planned or "\\0" not in word]
    folder = directory if os.path.isdir(directory) else None
    done = subprocess.run([*words[:3], "--json", *words[3:]], cwd=folder, env=known, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    if done.returncode not in (0, __skipped__):
        raise RuntimeError(f"exit code {done.returncode}")
    return done.stdout.strip()


'''
COPY = """\
    import shutil

    os.makedirs(values.path, exist_ok=True)
    for folder in [EARLIER]:  # what tasks before this one left
        shutil.copytree(folder, values.path, dirs_exist_ok=True)
"""


def render(job: Job) -> tuple[File, ...]:
    """`jobs/kubeflow/NAME.py`."""
    for text in (*words(job, CONTAINER), *job.environment.values()):
        literal(text, ("{{$",), "kubeflow")
    text = python_text(
        _frame(job),
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
        commands=each_task(job, CONTAINER, RUN, MARK),
        environment={variable(key): value for key, value in job.environment.items()},
        active=1 if job.overlap == "queue" else 10,
    )
    return (File(f"jobs/kubeflow/{job.name}.py", text),)


def _frame(job: Job) -> str:
    """The module with a component for each number of tasks that one waits for, and a step for each task."""
    after = earlier_tasks(job)
    components = [_component(number, bool(job.tasks)) for number in sorted({len(earlier) for earlier in after.values()})]
    steps = "".join(_step(job, name, earlier) for name, earlier in after.items())
    return filled(
        FRAME,
        NAME=job.name,
        COMPONENTS="".join(components),
        RETURNS="" if job.tasks else " -> str",
        STEPS=steps if job.tasks else steps + "    return run.output\n",
    )


def _component(number: int, several: bool) -> str:
    earlier = [f"earlier_{place}" for place in range(1, number + 1)]
    artifacts = [", values: dsl.Output[dsl.Artifact]", *(f", {name}: dsl.Input[dsl.Artifact]" for name in earlier)]
    return filled(
        COMPONENT,
        FUNCTION=f"run_after_{number}" if several else "run_job",
        ARTIFACTS="".join(artifacts) if several else "",
        COPIES=COPY.replace("EARLIER", ", ".join(f"{name}.path" for name in earlier)) if several else "",
        INTO='.replace("\\1", values.path)' if several else "",
    )


def _step(job: Job, name: str, earlier: list[str]) -> str:
    """The lines of one step, in a variable of its task's name."""
    function = f"run_after_{len(earlier)}" if job.tasks else "run_job"
    retries, cpu, memory = scheduler_retries(job), job.resources.cpu, job.resources.memory
    calls = [
        f"set_display_name({name!r})" if job.tasks else "",
        "set_caching_options(False)",
        f"set_retry({retries}, backoff_duration='{job.retry_delay_seconds}s', backoff_factor=1)" if retries else "",
        f"set_cpu_limit({cpu!r})" if cpu else "",
        f"set_memory_limit({memory!r})" if memory else "",
    ]
    variable = f"task_{name}" if job.tasks else name
    given = "".join(f', earlier_{place}=task_{one}.outputs["values"]' for place, one in enumerate(earlier, 1))
    line = f"command=COMMANDS[{name!r}], directory=directory, environment=ENVIRONMENT, parameters=parameters, planned=planned{given}"
    return f"    {variable} = {function}({line})\n" + "".join(f"    {variable}.{call}\n" for call in calls if call)


TARGET = Target(
    name="kubeflow",
    summary="a pipeline for Kubeflow Pipelines v2, whose clock is UTC",
    expresses=frozenset(Feature) - {Feature.skip, Feature.emails, Feature.owner},
    render=render,
    check=check_documents,
    validators=(Validator(("python", "-c", LOADED), (".py",), of="kfp"),),
    trouble=utc_only,
    between="artifacts",
    apart=frozenset({Feature.queue}),
)
