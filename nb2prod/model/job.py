"""A scheduled run of a package, neutral to any scheduler, and what a scheduler can express.

Job("customer_churn", command=("python", "-m", "customer_churn.job"), schedules=(Schedule("0 6 * * 1-5", "Europe/Berlin"),))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from nb2prod.model.project import File


class Feature(str, Enum):
    """Something a job may ask of a scheduler."""

    schedule = "a schedule"
    several = "several schedules"
    timezone = "a time zone"
    retries = "retries"
    timeout = "a timeout"
    skip = "skipping a run while the last one goes on"
    queue = "queueing a run behind the one that goes on"
    catchup = "catching up missed runs"
    logical_date = "the time a run was planned for"
    owner = "an owner"
    emails = "e-mails about runs"
    environment = "environment variables"
    resources = "processors and memory"
    tasks = "several tasks"


@dataclass(frozen=True)
class Schedule:
    """When: five-field cron text, and an IANA time zone (empty: the host's)."""

    cron: str
    timezone: str = ""


@dataclass(frozen=True)
class Host:
    """Where a job runs, as far as it is known.

    `project` is the project's folder there, `python` an interpreter that has the package (empty: the project's `.venv`), `directory` where
    relative paths start, seen from the project. `image` and `claim` are for schedulers of containers: what runs, and the volume that holds the
    data. `user` is who a service runs as.
    """

    project: str = ""
    python: str = ""
    directory: str = "."
    image: str = ""
    claim: str = ""
    user: str = ""


@dataclass(frozen=True)
class Notifications:
    """Who is told how a run ended: `emails` by the scheduler, the `webhook` by the run itself."""

    on: tuple[str, ...] = ("failure",)
    emails: tuple[str, ...] = ()
    webhook: str = ""


@dataclass(frozen=True)
class Resources:
    """What a run may use: processors ("0.5", "2") and memory ("512Mi", "4Gi"); empty means as much as there is."""

    cpu: str = ""
    memory: str = ""


@dataclass(frozen=True)
class Task:
    """Some stages of a job, in their order, as a task of its own: the earlier tasks it waits for, and those with which it shares `files`."""

    name: str
    stages: tuple[str, ...]
    after: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One job: what to run and under which rules. `needs()` lists the features it really asks for of a scheduler.

    Retries have one owner: the scheduler, or the run's own process (`runner`), never both. `conf` names a file of `conf/`; a job that takes
    `prod` must have an owner. `logical_date` names the parameter that is given the time the run was planned for. `start` is the day (ISO) from
    which missed runs are made up for. `atomic` puts the files of a run in place only when it succeeded. `tasks` are those of its stages where it
    shall be several (empty: it is one).
    """

    name: str
    command: tuple[str, ...]
    schedules: tuple[Schedule, ...] = ()
    tasks: tuple[Task, ...] = ()
    owner: str = ""
    contact: str = ""
    retries: int = 0
    retry_delay_seconds: int = 60
    retries_by: Literal["scheduler", "runner"] = "scheduler"
    timeout_minutes: int = 0
    overlap: Literal["skip", "queue", "allow"] = "skip"
    catchup: bool = False
    start: str = ""
    logical_date: str = ""
    conf: str = ""
    atomic: bool = True
    host: Host = Host()
    resources: Resources = Resources()
    notifications: Notifications = Notifications()
    environment: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)

    def needs(self) -> frozenset[Feature]:
        """The features this job asks of a scheduler, leaving out what it leaves at rest."""
        asked = {
            Feature.schedule: bool(self.schedules),
            Feature.several: len(self.schedules) > 1,
            Feature.timezone: any(schedule.timezone for schedule in self.schedules),
            Feature.retries: self.retries > 0 and self.retries_by == "scheduler",
            Feature.timeout: self.timeout_minutes > 0,
            Feature.skip: self.overlap == "skip",
            Feature.queue: self.overlap == "queue",
            Feature.catchup: self.catchup,
            Feature.logical_date: bool(self.logical_date),
            Feature.owner: bool(self.owner or self.contact),
            Feature.emails: bool(self.notifications.emails),
            Feature.environment: bool(self.environment),
            Feature.resources: self.resources != Resources(),
            Feature.tasks: len(self.tasks) > 1,
        }
        return frozenset(feature for feature, wanted in asked.items() if wanted)


@dataclass(frozen=True)
class Target:
    """A scheduler: its name, one line about it, the features it can express, and the function that writes its files for a job.

    `check` tells what is wrong with such files, perhaps edited by hand; `validators` are checkers of others as commands that take the files
    with one of the endings as their last words, for those who have them installed. `trouble` tells why the scheduler cannot hold a schedule
    (empty: it can) and `clock` what it does with one where the clocks change that cron does not (empty: nothing). `between` is where values
    of one task wait for the next: in a folder of the `disk` that all see, in that of a `claim`, in a `volume` beside the working directories, or
    as `artifacts` that are copied along (empty: it has no tasks). `apart` are the features that hold for all tasks of a run together.
    """

    name: str
    summary: str
    expresses: frozenset[Feature]
    render: Callable[[Job], tuple[File, ...]]
    check: Callable[[tuple[File, ...]], tuple[str, ...]] | None = None
    validators: tuple[Validator, ...] = ()
    trouble: Callable[[Schedule], str] | None = None
    clock: Callable[[Schedule], str] | None = None
    between: Literal["", "disk", "claim", "volume", "artifacts"] = ""
    apart: frozenset[Feature] = frozenset()


@dataclass(frozen=True)
class Validator:
    """A checker's command, and the endings of the files it takes; one file a call, or all `together`.

    `of` names a program whose own interpreter the command's `python` is: only there a file can be loaded with the scheduler's library.
    """

    command: tuple[str, ...]
    endings: tuple[str, ...]
    together: bool = False
    of: str = ""
