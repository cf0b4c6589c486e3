"""A schedule -> the sets of minutes, hours and days it means, and what a clock that is changed does to them.

    Schedule("0 6 13 * 5")     ->   Moments(minutes=(0,), hours=(6,), days=(13,), weekdays=(5,), either=True)     the 13th or a Friday
    Schedule("0 6 */2 * 5")    ->   the same days with either=False: cron takes a field that starts with a star as no choice of its own
    plain_cron(Schedule("0 6 * * MON-WED,7"))   ->   "0 6 * * 0-3"

Every target writes its own dialect from the sets, because dialects differ in names, in the number of Sunday and in what a star does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Schedule
from nb2prod.targets.schedule import checked

RANGES = {"minutes": range(60), "hours": range(24), "days": range(1, 32), "months": range(1, 13), "weekdays": range(7)}
LATEST_CHANGE = 3  # the hour; no zone changes its clocks later in the day
SHORTEST_MONTH = 28
CLOCK_YEARS = (2025, 2030)  # zones change their clocks alike in most years; a fixed span gives the same answer every day


@dataclass(frozen=True)
class Moments:
    """When a schedule fires. Sunday is 0. `days` or `weekdays` is empty where any will do; with `either`, one of the two is enough."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either: bool = False

    @property
    def both(self) -> bool:
        """Whether day of month and day of week must both fit, which few dialects of cron can say."""
        return bool(self.days and self.weekdays and not self.either)


def moments(schedule: Schedule) -> Moments:
    """What a schedule means in Debian's cron. Raises ChoiceError for an impossible one."""
    simulated = CronSim(checked(schedule).cron, datetime(2024, 1, 1))
    days = tuple(sorted(simulated.days))
    weekdays = tuple(sorted({day % 7 for day in simulated.weekdays if isinstance(day, int)}))
    free_days, free_weekdays = len(days) == len(RANGES["days"]), len(weekdays) == len(RANGES["weekdays"])
    either = not simulated.day_and
    if either and (free_days or free_weekdays):
        free_days = free_weekdays = True
    return Moments(
        tuple(sorted(simulated.minutes)),
        tuple(sorted(simulated.hours)),
        () if free_days else days,
        tuple(sorted(simulated.months)),
        () if free_weekdays else weekdays,
        either and not (free_days or free_weekdays),
    )


def plain_cron(schedule: Schedule) -> str:
    """The schedule in numbers from Sunday = 0 that every dialect of cron reads alike; not for one that asks for both days."""
    found = moments(schedule)
    days = found.days or tuple(RANGES["days"])
    weekdays = found.weekdays or tuple(RANGES["weekdays"])
    fields = zip(RANGES, (found.minutes, found.hours, days, found.months, weekdays), strict=True)
    return " ".join(cron_field(name, values) for name, values in fields)


def cron_field(name: str, values: Sequence[int]) -> str:
    """`*`, `*/15`, or ranges and numbers."""
    whole = RANGES[name]
    if len(values) == len(whole):
        return "*"
    step = values[1] - values[0] if len(values) > 2 else 0
    if step > 1 and list(values) == list(range(whole[0], whole[-1] + 1, step)) and name in ("minutes", "hours"):
        return f"*/{step}"
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs(values))


def runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers that follow each other, as first and last: 1, 2, 3, 7 -> (1, 3), (7, 7); two neighbours stay apart."""
    found: list[tuple[int, int]] = []
    for value in values:
        if found and value == found[-1][1] + 1:
            found[-1] = (found[-1][0], value)
        else:
            found.append((value, value))
    return [pair for first, last in found for pair in ([(first, last)] if last - first != 1 else [(first, first), (last, last)])]


def at_change(what: str) -> Callable[[Schedule], str]:
    """What a scheduler does with a time that is skipped or comes twice, for schedules that name one."""
    return lambda schedule: what * meets_clock_change(schedule)


def spans_change(schedule: Schedule) -> bool:
    """Whether a schedule fires before and after a change of clocks on one day."""
    hours = moments(schedule).hours
    return bool(schedule.timezone and _unsteady_minutes(schedule.timezone)) and hours[0] <= LATEST_CHANGE < hours[-1]


def meets_clock_change(schedule: Schedule) -> bool:
    """Whether a schedule names a time that is skipped or comes twice in some night when its zone changes the clocks."""
    if not schedule.timezone:
        return False
    found = moments(schedule)
    return any(_is_meant(found, time) for time in _unsteady_minutes(schedule.timezone))


def _is_meant(found: Moments, time: datetime) -> bool:
    day = not found.days or time.day in found.days
    weekday = not found.weekdays or time.isoweekday() % 7 in found.weekdays
    fits = (time.day in found.days or time.isoweekday() % 7 in found.weekdays) if found.either else day and weekday
    return fits and time.month in found.months and time.hour in found.hours and time.minute in found.minutes


@cache
def _unsteady_minutes(zone_name: str) -> tuple[datetime, ...]:
    """The minutes of the local clock that do not come exactly once."""
    zone, found = ZoneInfo(zone_name), []
    day = date(CLOCK_YEARS[0], 1, 1)
    while day.year <= CLOCK_YEARS[1]:
        start = datetime(day.year, day.month, day.day)
        day += timedelta(days=1)
        if start.replace(tzinfo=zone).utcoffset() == (start + timedelta(days=1)).replace(tzinfo=zone).utcoffset():
            continue
        minutes = (start + timedelta(minutes=number) for number in range(24 * 60))
        found += [time for time in minutes if not _comes_once(time, zone)]
    return tuple(found)


def _comes_once(time: datetime, zone: ZoneInfo) -> bool:
    early, late = (time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    back = early.astimezone(timezone.utc).astimezone(zone).replace(tzinfo=None)
    return back == time and early.utcoffset() == late.utcoffset()


def either_only(schedule: Schedule) -> str:
    """Why a dialect in which two day fields always mean either of them cannot hold a schedule (empty: it can)."""
    return "a day field that starts with a star, beside the other, means that both must fit; here either would be enough" * (
        moments(schedule).both
    )


def no_short_months(schedule: Schedule) -> str:
    """Why a scheduler with an old croniter cannot hold a schedule (empty: it can): behind a February it looks for the late day too far on."""
    found = moments(schedule)
    skips = found.days and found.days[0] <= 3 and found.days[-1] > SHORTEST_MONTH and 2 in found.months
    return either_only(schedule) or "its clock leaves out the first days of March where the last days of a month are named too" * bool(
        skips
    )


def utc_only(schedule: Schedule) -> str:
    """Why a scheduler whose clock is UTC cannot hold a schedule (empty: it can)."""
    foreign = schedule.timezone not in ("", "UTC", "Etc/UTC", "GMT", "Etc/GMT")
    return either_only(schedule) or f"its clock is UTC, not {schedule.timezone}" * foreign


def one_zone(schedules: Sequence[Schedule], what: str) -> str:
    """The time zone of all schedules. Raises ChoiceError where they have several."""
    zones = sorted({schedule.timezone for schedule in schedules})
    if len(zones) > 1:
        told = ", ".join(zone or "none" for zone in zones)
        raise ChoiceError(f"{what} has one time zone, the schedules have {told}", "give all schedules the same, or make two jobs")
    return zones[0] if zones else ""
