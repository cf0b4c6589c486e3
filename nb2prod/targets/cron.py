"""A job -> one crontab line for Vixie cron as in Debian, with what its bare environment needs around it.

    Job("churn", ("python", "-m", "churn"), Schedule("0 6 * * 1-5"))
      ->   0 6 * * 1-5  cd "$PROJECT" && mkdir -p logs && flock -n ... "$PYTHON" -m churn >> logs/churn.log 2>&1

cron's own rules: PATH is bare, the working directory is HOME, `%` means a line break unless escaped, a last line without an end is
ignored.
"""

from __future__ import annotations

import re
import shlex

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Feature, Job, Schedule, Target
from nb2prod.model.project import File
from nb2prod.targets.schedule import checked, explained
from nb2prod.targets.shell import guards, one_line, options, variable

LONGEST_LINE = 998  # Debian's MAX_COMMAND is 1000 with the end


def render(job: Job) -> tuple[File, ...]:
    """`jobs/cron/NAME.crontab`; without a schedule its line stays a comment. Raises ChoiceError for what no crontab can hold."""
    lines = [
        *_comments(job),
        "SHELL=/bin/sh",
        f"PROJECT=/path/to/{job.name}",
        f"PYTHON=/path/to/{job.name}/.venv/bin/python",
        *(_variable(name, value) for name, value in job.environment.items()),
        "",
        _entry(job),
    ]
    return (File(f"jobs/cron/{job.name}.crontab", "\n".join(lines) + "\n"),)


def check(files: tuple[File, ...]) -> tuple[str, ...]:
    """What is wrong with crontab files, perhaps edited by hand: one sentence a problem."""
    problems = []
    for file in files:
        text = file.content if isinstance(file.content, str) else file.content.decode("utf-8")
        if not text.endswith("\n"):
            problems.append(f"{file.path}: the last line has no end, cron ignores it")
        for number, line in enumerate(text.splitlines(), 1):
            problems += [f"{file.path}, line {number}: {problem}" for problem in _problems(line)]
    return tuple(problems)


def _comments(job: Job) -> list[str]:
    when = (
        f"{explained(job.schedule)}, in the time zone of the host" if job.schedule else "no schedule yet: the line below is only an example"
    )
    lines = [f"# {job.name}: {when}."]
    if job.schedule and job.schedule.timezone:
        lines.append(f"# WARNING: this is meant in {job.schedule.timezone}; cron runs it in the zone of its host (see /etc/timezone).")
    if job.owner:
        lines.append(f"# Owner: {one_line(job.owner, 'the owner')}. cron mails the output of the line to MAILTO.")
    return [
        *lines,
        "# Set PROJECT (the notebook's relative paths start there) and PYTHON (the package is installed for it), then install with",
        f"#   (crontab -l 2>/dev/null; cat jobs/cron/{job.name}.crontab) | crontab -",
    ]


def _variable(name: str, value: str) -> str:
    """A line that sets an environment variable. cron knows quotes around a value but no way to escape one in it."""
    quote = next((quote for quote in "\"'" if quote not in one_line(value, f"environment variable {name}")), "")
    if not quote:
        raise ChoiceError(
            f"environment variable {name} has both kinds of quotes, which a crontab cannot hold", "set it in a file the job reads"
        )
    return f"{variable(name)}={quote}{value}{quote}"


def _entry(job: Job) -> str:
    words = [*job.command, *options(job)]
    program = '"$PYTHON"' if words[0] in ("python", "python3") else shlex.quote(words[0])
    command = " ".join([program, *map(shlex.quote, words[1:])])
    log = shlex.quote(f"logs/{job.name}.log")
    line = f'cd "$PROJECT" && mkdir -p logs && {guards(job)}{command} >> {log} 2>&1'
    escaped = one_line(line, "the command").replace("%", "\\%")
    if len(escaped) > LONGEST_LINE:
        raise ChoiceError(
            f"the command of {job.name} has {len(escaped)} characters, cron takes {LONGEST_LINE}", "put the parameters into a config file"
        )
    start = checked(job.schedule).cron if job.schedule else "# 30 6 * * 1-5"
    return f"{start}  {escaped}"


def _problems(line: str) -> list[str]:
    """What is wrong with one line of a crontab."""
    if not line.strip() or line.lstrip().startswith("#") or re.match(r"\s*[A-Za-z_]\w*\s*=", line):
        return []
    fields = line.split(None, 5)
    if len(fields) < 6:
        return ["five fields and a command are expected"]
    try:
        checked(Schedule(" ".join(fields[:5])))
    except ChoiceError as error:
        return [error.message]
    return ["an unescaped % ends the command"] if re.search(r"(?<!\\)%", fields[5]) else []


TARGET = Target(
    name="cron",
    summary="one crontab line for the cron of a Linux host",
    expresses=frozenset({Feature.schedule, Feature.timeout, Feature.overlap, Feature.environment}),
    render=render,
    check=check,
    validator=("crontab", "-n"),
)
