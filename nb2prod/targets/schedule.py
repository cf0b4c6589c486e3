"""A schedule in words of cron -> the same in five plain fields, checked; and when it fires.

    Schedule("@daily")                     ->   Schedule("0 0 * * *")
    Schedule("0 6 31 2 *")                 ->   ChoiceError: the 31st of February does not exist
    Schedule("30 6 * * 1-5", "Mars/Base")  ->   ChoiceError: unknown time zone

Impossible dates are found by asking when a schedule first fires, which no syntax check does.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Schedule

NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
FIELDS = "minute, hour, day of month, month, day of week"
HINT = f"five fields ({FIELDS}), such as `30 6 * * 1-5`, or one of {', '.join(NICKNAMES)}"
NAMES = frozenset("jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat".split())


def checked(schedule: Schedule) -> Schedule:
    """The schedule with nicknames spelled out. Raises ChoiceError for anything a cron would refuse, misread or never run."""
    text = " ".join(schedule.cron.split())
    cron = NICKNAMES.get(text.lower(), text)
    fields = cron.split(" ")
    if text.startswith("@") and cron == text:
        raise ChoiceError(f"`{text}` is not a schedule", HINT)
    if len(fields) != 5:
        raise ChoiceError(f"`{text}` has {len(fields) if text else 0} fields, a schedule has five", HINT)
    for name, field in zip(FIELDS.split(", "), fields, strict=True):
        strange = [word for word in re.findall(r"[a-z]+", field.lower()) if word not in NAMES]
        if strange or not re.fullmatch(r"[\w*/,-]+", field):
            raise ChoiceError(f"`{text}`: {name} `{field}` is no plain cron", "L, W, # and ? are dialects that not every scheduler reads")
    _simulated(cron, text)
    _zone(schedule.timezone)
    return replace(schedule, cron=cron)


def fire_times(schedule: Schedule, start: datetime, count: int) -> tuple[datetime, ...]:
    """The next `count` times after `start`, in the schedule's zone (the zone of `start` where it has none)."""
    cron = checked(schedule).cron
    if schedule.timezone:
        start = start.astimezone(_zone(schedule.timezone))
    return tuple(islice(CronSim(cron, start), count))


def explained(schedule: Schedule) -> str:
    """The schedule in English: `At 06:30 on Monday through Friday`."""
    return CronSim(checked(schedule).cron, datetime(2024, 1, 1)).explain()


def _simulated(cron: str, text: str) -> None:
    """Ask for the first time it fires, which no syntax check does."""
    try:
        next(CronSim(cron, datetime(2024, 1, 1)))
    except CronSimError as error:
        why = "this day never comes" if str(error) == "Bad day-of-month" and _days_are_numbers(cron) else str(error).lower()
        raise ChoiceError(f"`{text}` is not a possible schedule: {why}", HINT) from None
    except StopIteration:
        raise ChoiceError(f"`{text}` is not a possible schedule: this day never comes", HINT) from None


def _days_are_numbers(cron: str) -> bool:
    """Whether the days of the month are right in themselves, so that only the month can be what forbids them."""
    return all(1 <= int(day) <= 31 for day in re.findall(r"\d+", cron.split(" ")[2]))


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        raise ChoiceError(f"unknown time zone `{name}`", "use a name of the IANA list, such as Europe/Berlin or UTC") from None
