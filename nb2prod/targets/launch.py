"""A job -> the words that start one run of it, wherever that is, and the facts of the place where it runs.

    Job("churn", ("python", "-m", "churn.job"), parameters={"region": "010"}, timeout_minutes=30)
      ->   /path/to/churn/.venv/bin/python -m churn.job --timeout=1800 -- --region=010

Every target that starts a command builds it from these words. What a run needs beside its scheduler (a lock, a limit, retries of its own, one
line of JSON) is an option of the project's `job` module, so that it is the same under all of them.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from dataclasses import dataclass
from datetime import date, time

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job

PYTHONS = ("python", "python3")
SKIPPED = 75  # EX_TEMPFAIL: not a failure of the job, the last run still goes on
GRACE_SECONDS = 60  # what a scheduler adds to the limits of the run itself


@dataclass(frozen=True)
class Place:
    """Where a run happens: the project's folder, the folder in which it starts, and the interpreter."""

    project: str
    directory: str
    python: str


CONTAINER = Place("/app", "/work", "python")  # as in the project's Dockerfile


def host_place(job: Job) -> Place:
    """The place on a machine with the project on it; a path to be filled in where the job does not say."""
    project = job.host.project or f"/path/to/{job.name}"
    directory = posixpath.normpath(posixpath.join(project, job.host.directory))
    return Place(project, directory, job.host.python or f"{project}/.venv/bin/python")


def checkout_place(job: Job) -> Place:
    """The place seen from the working directory itself, for what begins with a change into it."""
    return Place(posixpath.relpath("/x/x/x", posixpath.join("/x/x/x", job.host.directory)), ".", "python")


def image(job: Job) -> str:
    """The container image that holds the project."""
    return job.host.image or f"{label(job)}:latest"


def words(job: Job, place: Place, *logical_date: str, task: tuple[str, str] | None = None) -> list[str]:
    """The whole command, without any quoting. `logical_date` is the scheduler's own placeholder for the time a run was planned for; `task` is
    the name of one of its tasks and the folder with the values of the run."""
    first = place.python if job.command[0] in PYTHONS else job.command[0]
    asked = [first, *job.command[1:], *run_options(job, place)]
    if task:
        asked += [f"--task={task[0]}", f"--values={task[1]}"]
    if job.logical_date:
        asked += [f"--logical-date={text}" for text in logical_date]
    given = parameter_options(job)
    return [*asked, "--", *given] if given else asked


def each_task(job: Job, place: Place, values: str, *logical_date: str) -> dict[str, list[str]]:
    """The command of each task by its name, of the only one by the name `run`; `values` is the folder of a run with the values between tasks."""
    tasks = {task.name: words(job, place, *logical_date, task=(task.name, values)) for task in job.tasks}
    return tasks or {"run": words(job, place, *logical_date)}


def values_folder(job: Job, directory: str, run: str) -> str:
    """The folder with the values between the tasks of a run, below the working directory."""
    return posixpath.join(directory, f".{package_of(job)}-values", run)


def literal(text: str, marks: tuple[str, ...], target: str) -> str:
    """Text that holds none of a scheduler's templates. Raises ChoiceError."""
    if any(mark in text for mark in marks):
        raise ChoiceError(f"{target} takes {text!r} for a template", "put the value into a config file under conf/")
    return text


def earlier_tasks(job: Job) -> dict[str, list[str]]:
    """For each task, or for the only one, those it waits for."""
    return {task.name: list(task.after) for task in job.tasks} or {"run": []}


def run_options(job: Job, place: Place) -> list[str]:
    """The options of the project's `job` module that differ from its own defaults."""
    notify = job.notifications
    own = job.retries if job.retries_by == "runner" else 0
    asked = {
        "overlap": job.overlap if job.overlap != "skip" else "",
        "timeout": job.timeout_minutes * 60 or "",
        "retries": own or "",
        "retry-delay": job.retry_delay_seconds if own else "",
        "logical-date-parameter": job.logical_date,
        "config": f"{place.project}/conf/{job.conf}.toml" if job.conf else "",
        "webhook": notify.webhook,
        "webhook-on": ",".join(notify.on) if notify.webhook and notify.on != ("failure",) else "",
    }
    return [*(f"--{name}={value}" for name, value in asked.items() if value != ""), *([] if job.atomic else ["--direct"])]


def parameter_options(job: Job) -> list[str]:
    """The parameters as words of the package's command line: `--region=010`."""
    return [f"--{name.replace('_', '-')}={text_of(value)}" for name, value in job.parameters.items()]


def text_of(value: object) -> str:
    """A value as the text the package reads back as the same value."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def run_seconds(job: Job) -> int:
    """How long all attempts of the run's own process may take together (0: for ever), and as long again where it may wait for another."""
    if not job.timeout_minutes:
        return 0
    own = job.retries if job.retries_by == "runner" else 0
    work = job.timeout_minutes * 60 * (own + 1) + job.retry_delay_seconds * own
    return work * (2 if job.overlap == "queue" else 1) + GRACE_SECONDS


def scheduler_retries(job: Job) -> int:
    """How often the scheduler tries again."""
    return job.retries if job.retries_by == "scheduler" else 0


def variable(name: str) -> str:
    """The name of an environment variable, if it can be one. Raises ChoiceError."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ChoiceError(f"`{name}` cannot be the name of an environment variable", "use letters, digits and _")
    return name


def package_of(job: Job) -> str:
    """The package a job runs: the first name after `-m`, else the job's name."""
    command = list(job.command)
    return command[command.index("-m") + 1].partition(".")[0] if "-m" in command[:-1] else job.name


def label(job: Job) -> str:
    """The job's name in small letters, digits and dashes, as names in clusters must be."""
    return label_of(job.name)[:50] or "job"


def label_of(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def identifier(job: Job) -> str:
    """The job's name as a name of Python."""
    name = re.sub(r"\W", "_", job.name)
    return name if name[:1].isalpha() else f"job_{name}"


def shell_line(words: list[str]) -> str:
    """The words as a POSIX shell reads them back."""
    return " ".join(map(shlex.quote, words))


def one_line(text: str, what: str, where: str = "a crontab line") -> str:
    """The text, which must not break the line it stands in. Raises ChoiceError."""
    if "\n" in text or "\r" in text:
        raise ChoiceError(f"{what} has a line break, which {where} cannot hold", "put the value into a config file under conf/")
    return text


def comment(text: str) -> str:
    """Text that can stand behind a comment mark."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
