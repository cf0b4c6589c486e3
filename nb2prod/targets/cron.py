"""A job -> crontab lines for Vixie cron as in Debian, with what its bare environment needs around them.

    Job("churn", ("python", "-m", "churn.job"), (Schedule("0 6 * * 1-5"),))
      ->   0 6 * * 1-5  cd "$DIRECTORY" && mkdir -p logs && "$PYTHON" -m churn.job >> logs/churn.log 2>&1

cron's own rules: PATH is bare, the working directory is HOME, variables are not replaced in the lines that set them, `%` means a line break
unless escaped, a last line without an end is ignored.
"""

from __future__ import annotations

import re
import shlex

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Feature, Job, Schedule, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.launch import PYTHONS, SKIPPED, host_place, one_line, variable, words
from nb2prod.targets.schedule import checked, explained

LONGEST_LINE = 998  # Debian's MAX_COMMAND is 1000 with the end
EXAMPLE = Schedule("30 6 * * 1-5")


def render(job: Job) -> tuple[File, ...]:
    """`jobs/cron/NAME.crontab`; without a schedule its line stays a comment. Raises ChoiceError for what no crontab can hold."""
    place = host_place(job)
    mail = [f"MAILTO={one_line(','.join(job.notifications.emails), 'an e-mail address')}"] if _mails(job) else []
    lines = [
        *_comments(job),
        "SHELL=/bin/sh",
        f"DIRECTORY={one_line(place.directory, 'the directory')}",
        f"PYTHON={one_line(place.python, 'the interpreter')}",
        *mail,
        *(_variable(name, value) for name, value in job.environment.items()),
        "",
        *([_entry(job, schedule) for schedule in job.schedules] or [f"# {_entry(job, EXAMPLE)}"]),
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
    when = [f"# {job.name}: {explained(schedule)}, in the time zone of the host." for schedule in job.schedules]
    lines = when or [f"# {job.name} has no schedule yet; the line below is only an example."]
    zones = sorted({schedule.timezone for schedule in job.schedules if schedule.timezone})
    if zones:
        lines.append(f"# WARNING: this is meant in {' and '.join(zones)}; cron runs it in the zone of its host (see /etc/timezone).")
    if job.owner or job.contact:
        lines.append(f"# Owner: {one_line(' '.join(filter(None, [job.owner, job.contact])), 'the owner')}.")
    if not job.host.project:
        lines.append("# Set DIRECTORY (relative paths start there) and PYTHON (the package is installed for it), then install with")
    else:
        lines.append("# Install with")
    return [*lines, f"#   (crontab -l 2>/dev/null; cat jobs/cron/{job.name}.crontab) | crontab -"]


def _variable(name: str, value: str) -> str:
    """A line that sets an environment variable. cron knows quotes around a value but no way to escape one in it."""
    quote = next((quote for quote in "\"'" if quote not in one_line(value, f"environment variable {name}")), "")
    if not quote:
        raise ChoiceError(
            f"environment variable {name} has both kinds of quotes, which a crontab cannot hold", "set it in a file the job reads"
        )
    return f"{variable(name)}={quote}{value}{quote}"


def _entry(job: Job, schedule: Schedule) -> str:
    asked = words(job, host_place(job))
    program = '"$PYTHON"' if job.command[0] in PYTHONS else shlex.quote(asked[0])
    log = shlex.quote(f"logs/{job.name}.log")
    line = f'cd "$DIRECTORY" && mkdir -p logs && {" ".join([program, *map(shlex.quote, asked[1:])])} >> {log} 2>&1'
    if _mails(job):
        line += f' || {{ code=$?; [ $code -eq {SKIPPED} ] || echo "{job.name} ended with $code, see $DIRECTORY/"{log}; }}'
    escaped = one_line(line, "the command").replace("%", "\\%")
    if len(escaped) > LONGEST_LINE:
        raise ChoiceError(
            f"the command of {job.name} has {len(escaped)} characters, cron takes {LONGEST_LINE}", "put the parameters into a config file"
        )
    return f"{checked(schedule).cron}  {escaped}"


def _mails(job: Job) -> bool:
    """cron mails what a line prints, so only failures can be told."""
    return bool(job.notifications.emails and "failure" in job.notifications.on)


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
    summary="crontab lines for the cron of a Linux host",
    expresses=frozenset(
        {Feature.schedule, Feature.several, Feature.timeout, Feature.skip, Feature.queue, Feature.emails, Feature.environment}
    ),
    render=render,
    check=check,
    validators=(Validator(("crontab", "-n"), (".crontab",)),),
)
