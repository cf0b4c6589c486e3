"""`nb2prod schedule`: write the job files of a scheduler from a project's jobs/job.toml, and say what the scheduler cannot express."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import FOLDER
from nb2prod.commands.projects import check_parameters, read_manifest
from nb2prod.commands.stages import stages_of, with_task_modules
from nb2prod.commands.terminal import DONE, FINDINGS, loudness, say, show_findings
from nb2prod.errors import ChoiceError, ReadError
from nb2prod.model.job import Job, Schedule, Target, Validator
from nb2prod.model.project import File
from nb2prod.saving import rewrite

JOB = "jobs/job.toml"
VALIDATOR_SECONDS = 120
TIMES = ("date", "str", "any")  # types of parameters that can be given a time


@dataclass(frozen=True)
class Asked:
    """What is to change in the job: its schedules, their zone, single keys, and whether its stages become tasks."""

    crons: tuple[str, ...] = ()
    timezone: str | None = None
    settings: tuple[str, ...] = ()
    stages: bool = False


@click.command(name="schedule")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--target", "names", multiple=True, required=True, metavar="NAME", help="The scheduler (see `targets`). May be repeated.")
@click.option("--cron", "crons", multiple=True, metavar="EXPR", help="A new schedule for jobs/job.toml: `30 6 * * 1-5`. May be repeated.")
@click.option("--timezone", metavar="ZONE", help="The zone it is meant in: `Europe/Berlin`.")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A key of jobs/job.toml: `retries=2`, `host.user=ann`. May be repeated."
)
@click.option("--stages", is_flag=True, help="Make tasks of the stages; those in jobs/job.toml stay as they are.")
@click.option("--check", is_flag=True, help="Ask the real validator where it is installed; without changes nothing is written.")
@loudness
def schedule(folder: Path, names: tuple[str, ...], check: bool, **wanted: Any) -> int:
    """Write the job files of a scheduler from a project's jobs/job.toml, and say what the scheduler cannot express."""
    from nb2prod.targets import emit, parse_job, proposed_tasks, target_named, with_tasks

    manifest = read_manifest(folder)
    targets = [target_named(name) for name in dict.fromkeys(names)]
    old = job_text(folder)
    asked = Asked(**wanted)
    text = changed(old, asked)
    if asked.stages:
        text = with_tasks(text, proposed_tasks(stages_of(manifest, folder)))
    job, modules = with_task_modules(parse_job(text), manifest, folder)
    check_parameters(manifest, {**job.parameters, **({job.logical_date: ""} if job.logical_date else {})}, f"{JOB}: ")
    check_logical_date(manifest, job)
    emitted = [(target, *emit(job, target)) for target in targets]
    if text != old or not check:
        files = [*modules, *(file for _, made, _ in emitted for file in made)]
        edited = [File(JOB, text)] if text != old else []
        rewrite(folder, [*edited, *files], merged=frozenset({JOB}))
        for file in (*edited, *files):
            say(f"wrote {folder / file.path}")
    for _, _, lost in emitted:
        show_findings(lost)
    if not check:
        return DONE
    problems = [problem for target, made, _ in emitted for problem in check_files(folder, target, made)]
    click.echo("\n".join(problems) if problems else "nothing wrong found")
    return FINDINGS if problems else DONE


def check_logical_date(manifest: Mapping[str, Any], job: Job) -> None:
    """Refuse a parameter that can hold no time. Raises `ChoiceError`."""
    kind = next((parameter["type"] for parameter in manifest["parameters"] if parameter["name"] == job.logical_date), "")
    if kind and kind not in TIMES:
        raise ChoiceError(f"{JOB}: `logical_date` names `{job.logical_date}`, which is {kind}", "name a parameter that is a day or a text")


def read_job(folder: Path) -> Job:
    """The job as it is on disk, perhaps edited by hand. Raises `ReadError` when it is missing, `ChoiceError` when it is wrong."""
    from nb2prod.targets import parse_job

    return parse_job(job_text(folder))


def job_text(folder: Path) -> str:
    """The text of the job on disk. Raises `ReadError` when it is missing."""
    try:
        return (folder / JOB).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{folder / JOB}: cannot be read: {error}", "convert the notebook again to get it back") from error


def changed(text: str, asked: Asked) -> str:
    """The job's text with what was asked for, every other line as it was. Raises `ChoiceError`."""
    from nb2prod.targets import parse_job, values_from, with_schedules, with_values

    if asked.settings:
        text = with_values(text, values_from(asked.settings))
    if not asked.crons and asked.timezone is None:
        return text
    schedules = new_schedules(parse_job(text), asked)
    return with_schedules(text, schedules)


def new_schedules(job: Job, asked: Asked) -> tuple[Schedule, ...]:
    """The job's schedules with what was asked for. Raises `ChoiceError` for a zone without any schedule."""
    from nb2prod.targets import checked

    if not asked.crons and not job.schedules:
        raise ChoiceError(f"--timezone says nothing: {JOB} has no schedule", 'give both: --cron "30 6 * * 1-5" --timezone Europe/Berlin')
    usual = job.schedules[0].timezone if job.schedules else ""
    zone = usual if asked.timezone is None else asked.timezone
    return tuple(checked(Schedule(cron, zone)) for cron in asked.crons or [schedule.cron for schedule in job.schedules])


def check_files(folder: Path, target: Target, made: tuple[File, ...]) -> list[str]:
    """What is wrong with the files of a target as they are on disk."""
    missing = [f"{folder / file.path}: is missing" for file in made if not (folder / file.path).is_file()]
    there = tuple(File(file.path, (folder / file.path).read_bytes()) for file in made if (folder / file.path).is_file())
    wrong = list(target.check(there)) if target.check else []
    told = [problem for validator in target.validators for problem in _validate(target, validator, [folder / file.path for file in there])]
    return [*missing, *wrong, *told]


def _validate(target: Target, validator: Validator, paths: list[Path]) -> list[str]:
    """What a validator of others says about the files it takes."""
    paths = [path for path in paths if path.name.endswith(validator.endings)]
    name = validator.of or validator.command[0]
    program = shutil.which(name)
    if program is None:
        say(f"{target.name}: `{name}` is not installed here, so it was not asked")
        return []
    if validator.of:
        program = str(Path(program).parent / validator.command[0])
    calls = [paths] if validator.together else [[path] for path in paths]
    return [
        problem for call in calls for problem in _ask([program, *validator.command[1:], *(_near(path, call[0]) for path in call)], call)
    ]


def _near(path: Path, first: Path) -> str:
    """The path as seen from the folder of the first file, since Debian's `crontab -n` cuts a name after 99 characters."""
    return os.path.relpath(path.absolute(), first.absolute().parent)


def _ask(command: list[str], paths: list[Path]) -> list[str]:
    """Run a validator; its words where it finds something."""
    told = ", ".join(map(str, paths))
    try:
        asked = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            timeout=VALIDATOR_SECONDS,
            stdin=subprocess.DEVNULL,
            cwd=paths[0].parent,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [f"{told}: {Path(command[0]).name} gave no answer: {error}"]
    return [f"{told}: {' '.join((asked.stderr or asked.stdout).split())}"] if asked.returncode else []
