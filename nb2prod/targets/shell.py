"""A job -> the words of a shell command, quoted, with a lock and a limit in front.

    Job("churn", ("python", "-m", "churn"), parameters={"region": "010"}, timeout_minutes=30)
      ->   flock -n -E 75 .churn.lock timeout 30m python -m churn --region=010

Every target that starts a command builds it from these words.
"""

from __future__ import annotations

import json
import re
import shlex
from datetime import date

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job

# 75 is EX_TEMPFAIL: not a failure of the job, it was running already.
LOCKS = {"skip": "flock -n -E 75", "queue": "flock"}


def options(job: Job) -> list[str]:
    """The parameters as words of the package's command line: `--region=010`."""
    return [f"--{name.replace('_', '-')}={text_of(value)}" for name, value in job.parameters.items()]


def text_of(value: object) -> str:
    """A value as the text the package reads back as the same value."""
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def guards(job: Job) -> str:
    """What stands before the command, ending in a space: one run at a time, and not for ever."""
    lock = f"{LOCKS[job.overlap]} {shlex.quote(f'.{job.name}.lock')} " if job.overlap in LOCKS else ""
    limit = f"timeout {job.timeout_minutes}m " if job.timeout_minutes else ""
    return lock + limit


def variable(name: str) -> str:
    """The name of an environment variable, if it can be one. Raises ChoiceError."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ChoiceError(f"`{name}` cannot be the name of an environment variable", "use letters, digits and _")
    return name


def package_of(job: Job) -> str:
    """The package a job runs: the word after `-m`, else the job's name."""
    words = list(job.command)
    return words[words.index("-m") + 1] if "-m" in words[:-1] else job.name


def one_line(text: str, what: str) -> str:
    """The text, which must not break the line it stands in. Raises ChoiceError."""
    if "\n" in text or "\r" in text:
        raise ChoiceError(f"{what} has a line break, which a crontab line cannot hold", "put the value into a config file under conf/")
    return text
