"""`nb2prod schedule`: write the job files of a scheduler from a project's jobs/job.toml, and say what the scheduler cannot express."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import click

from nb2prod.commands.options import FOLDER, loudness
from nb2prod.commands.projects import read_manifest
from nb2prod.commands.terminal import DONE, FINDINGS, say, show_findings
from nb2prod.errors import ChoiceError, ReadError
from nb2prod.model.job import Job, Schedule, Target
from nb2prod.model.project import File
from nb2prod.saving import rewrite

JOB = "jobs/job.toml"
VALIDATOR_SECONDS = 60


@click.command(name="schedule")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--target", "names", multiple=True, required=True, metavar="NAME", help="The scheduler (see `targets`). May be repeated.")
@click.option("--cron", metavar="EXPR", help="A new schedule, written into jobs/job.toml: `30 6 * * 1-5`.")
@click.option("--timezone", metavar="ZONE", help="The zone it is meant in: `Europe/Berlin`.")
@click.option("--check", is_flag=True, help="Ask the real validator where it is installed; without --cron nothing is written.")
@loudness
def schedule(folder: Path, names: tuple[str, ...], cron: str | None, timezone: str | None, check: bool) -> int:
    """Write the job files of a scheduler from a project's jobs/job.toml, and say what the scheduler cannot express."""
    from nb2prod.targets import emit, render_job, target_named

    read_manifest(folder)
    targets = [target_named(name) for name in dict.fromkeys(names)]
    old = read_job(folder)
    job = replace(old, schedule=new_schedule(old, cron, timezone))
    emitted = [(target, *emit(job, target)) for target in targets]
    if job != old or not check:
        files = [file for _, made, _ in emitted for file in made]
        changed = [File(JOB, render_job(job))] if job != old else []
        rewrite(folder, [*changed, *files], merged=frozenset({JOB}))
        for file in (*changed, *files):
            say(f"wrote {folder / file.path}")
    for _, _, lost in emitted:
        show_findings(lost)
    if not check:
        return DONE
    problems = [problem for target, made, _ in emitted for problem in check_files(folder, target, made)]
    click.echo("\n".join(problems) if problems else "nothing wrong found")
    return FINDINGS if problems else DONE


def read_job(folder: Path) -> Job:
    """The job as it is on disk, perhaps edited by hand. Raises `ReadError` when it is missing, `ChoiceError` when it is wrong."""
    from nb2prod.targets import parse_job

    try:
        return parse_job((folder / JOB).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{folder / JOB}: cannot be read: {error}", "convert the notebook again to get it back") from error


def new_schedule(job: Job, cron: str | None, timezone: str | None) -> Schedule | None:
    """The job's schedule with what was asked for. Raises `ChoiceError` for a zone without any schedule."""
    from nb2prod.targets import checked

    if cron is None and timezone is None:
        return job.schedule
    if cron is None and job.schedule is None:
        raise ChoiceError(f"--timezone says nothing: {JOB} has no schedule", 'give both: --cron "30 6 * * 1-5" --timezone Europe/Berlin')
    usual = job.schedule or Schedule("")
    return checked(Schedule(cron or usual.cron, usual.timezone if timezone is None else timezone))


def check_files(folder: Path, target: Target, made: tuple[File, ...]) -> list[str]:
    """What is wrong with the files of a target as they are on disk."""
    missing = [f"{folder / file.path}: is missing" for file in made if not (folder / file.path).is_file()]
    there = tuple(File(file.path, (folder / file.path).read_bytes()) for file in made if (folder / file.path).is_file())
    wrong = list(target.check(there)) if target.check else []
    return [*missing, *wrong, *(problem for file in there for problem in _validate(target, folder / file.path))]


def _validate(target: Target, path: Path) -> list[str]:
    """What the scheduler's own validator says about one file."""
    if not target.validator:
        return []
    program = shutil.which(target.validator[0])
    if program is None:
        say(f"{target.name}: `{target.validator[0]}` is not installed here, so only nb2prod's own check was made")
        return []
    try:
        asked = subprocess.run(
            [program, *target.validator[1:], str(path)],
            capture_output=True,
            text=True,
            timeout=VALIDATOR_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [f"{path}: {target.validator[0]} gave no answer: {error}"]
    return [f"{path}: {' '.join((asked.stderr or asked.stdout).split())}"] if asked.returncode else []
