"""What the modules for Dagster and Prefect have in common: they start the commands of a job, one a task, and log what these print.

COMMANDS = {"run": ["/srv/churn/.venv/bin/python", "-m", "churn.job"]}      code = start("run", RUN, PLANNED, PARAMETERS, log)
"""

from __future__ import annotations

from nb2prod.model.job import Job
from nb2prod.targets.launch import SKIPPED, each_task, earlier_tasks, host_place, scheduler_retries, values_folder, variable

PLANNED, RUN = "\x00", "\x01"
# Below the imports of json, os and subprocess.
START = '''\
COMMANDS = __commands__
AFTER = __after__
DIRECTORY = __directory__
ENVIRONMENT = __environment__
SKIPPED = __skipped__  # the last run still goes on


def start(task, run, planned, parameters, log):
    """Start the command of a task and wait for its end; what it prints goes to the log."""
    words = [word.replace("\\0", planned) for word in COMMANDS[task] if planned or "\\0" not in word]
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}  # no modules of the scheduler
    environment = {**theirs, **ENVIRONMENT, "JOB_PARAMETERS": json.dumps(parameters)}
    with subprocess.Popen(
        [word.replace("\\1", run) for word in words],
        cwd=DIRECTORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            for line in process.stdout or ():
                log(line.rstrip("\\n"))
        except BaseException:
            process.terminate()
            raise
    return process.returncode
'''


def started(job: Job) -> dict[str, object]:
    """The values of `START` for a job on a host, and of the retries around it."""
    place = host_place(job)
    return {
        "commands": each_task(job, place, values_folder(job, place.directory, RUN), PLANNED),
        "after": earlier_tasks(job),
        "directory": place.directory,
        "environment": {variable(key): value for key, value in job.environment.items()},
        "skipped": SKIPPED,
        "retries": scheduler_retries(job),
        "delay": job.retry_delay_seconds,
    }
