"""A scheduled run of a package, neutral to any scheduler, and what a scheduler can express.

Job("customer_churn", command=("python", "-m", "customer_churn"), schedule=Schedule("0 6 * * 1-5", "Europe/Berlin"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from nb2prod.model.project import File


class Feature(str, Enum):
    """Something a job may ask of a scheduler."""

    schedule = "a schedule"
    timezone = "a time zone"
    retries = "retries"
    timeout = "a timeout"
    overlap = "an overlap policy"
    catchup = "catching up missed runs"
    owner = "an owner"
    environment = "environment variables"


@dataclass(frozen=True)
class Schedule:
    """When: five-field cron text, and an IANA time zone (empty: the host's)."""

    cron: str
    timezone: str = ""


@dataclass(frozen=True)
class Job:
    """One job: what to run and under which rules. `needs()` lists the features it really asks for."""

    name: str
    command: tuple[str, ...]
    schedule: Schedule | None = None
    retries: int = 0
    timeout_minutes: int = 0
    overlap: str = "skip"
    catchup: bool = False
    owner: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)

    def needs(self) -> frozenset[Feature]:
        """The features this job asks of a scheduler, leaving out what it leaves at rest."""
        asked = {
            Feature.schedule: self.schedule is not None,
            Feature.timezone: bool(self.schedule and self.schedule.timezone),
            Feature.retries: self.retries > 0,
            Feature.timeout: self.timeout_minutes > 0,
            Feature.overlap: self.overlap != "allow",
            Feature.catchup: self.catchup,
            Feature.owner: bool(self.owner),
            Feature.environment: bool(self.environment),
        }
        return frozenset(feature for feature, wanted in asked.items() if wanted)


@dataclass(frozen=True)
class Target:
    """A scheduler: its name, one line about it, the features it can express, and the function that writes its files for a job.

    `check` tells what is wrong with such files, perhaps edited by hand; `validator` is the scheduler's own checker as a command that takes
    one of the files as its last word, for those who have it installed.
    """

    name: str
    summary: str
    expresses: frozenset[Feature]
    render: Callable[[Job], tuple[File, ...]]
    check: Callable[[tuple[File, ...]], tuple[str, ...]] | None = None
    validator: tuple[str, ...] = ()
