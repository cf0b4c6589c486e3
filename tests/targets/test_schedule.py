from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Schedule
from nb2prod.targets.schedule import checked, explained, fire_times


@pytest.mark.parametrize(
    ("cron", "plain"),
    [
        ("@daily", "0 0 * * *"),
        ("@Weekly", "0 0 * * 0"),
        ("  30  6 * * MON-FRI ", "30 6 * * MON-FRI"),
        ("*/15 0-6 1,15 jan *", "*/15 0-6 1,15 jan *"),
        ("0 6 29 2 *", "0 6 29 2 *"),
    ],
)
def test_a_possible_schedule_comes_out_in_five_fields(cron: str, plain: str) -> None:
    assert checked(Schedule(cron, "Europe/Berlin")) == Schedule(plain, "Europe/Berlin")


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 6 31 2 *", "`0 6 31 2 *` is not a possible schedule: this day never comes"),
        ("0 6 32 1 *", "`0 6 32 1 *` is not a possible schedule: bad day-of-month"),
        ("0 66 * * *", "`0 66 * * *` is not a possible schedule: bad hour"),
        ("0 6 * * 5-1", "`0 6 * * 5-1` is not a possible schedule: bad day-of-week"),
        ("", "`` has 0 fields, a schedule has five"),
        ("0 0 0 * * *", "`0 0 0 * * *` has 6 fields, a schedule has five"),
        ("@reboot", "`@reboot` is not a schedule"),
        ("0 0 L * *", "`0 0 L * *`: day of month `L` is no plain cron"),
        ("0 0 * * 1#2", "`0 0 * * 1#2`: day of week `1#2` is no plain cron"),
        ("0 6 ? * *", "`0 6 ? * *`: day of month `?` is no plain cron"),
    ],
)
def test_an_impossible_schedule_is_refused(cron: str, message: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        checked(Schedule(cron))
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", "Europe/"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        checked(Schedule("@daily", zone))
    assert caught.value.message == f"unknown time zone `{zone}`"


def test_fire_times_are_in_the_schedules_zone() -> None:
    times = fire_times(Schedule("0 6 * * 1-5", "Europe/Berlin"), datetime(2026, 10, 23, 12, tzinfo=timezone.utc), 2)
    berlin = ZoneInfo("Europe/Berlin")
    assert times == (datetime(2026, 10, 26, 6, tzinfo=berlin), datetime(2026, 10, 27, 6, tzinfo=berlin))


def test_a_day_of_month_and_a_day_of_week_mean_either_as_in_cron() -> None:
    times = fire_times(Schedule("0 6 13 * 5"), datetime(2026, 1, 10), 3)
    assert [time.day for time in times] == [13, 16, 23]


def test_a_schedule_is_explained_in_english() -> None:
    assert explained(Schedule("30 6 * * 1-5")) == "At 06:30 on Monday through Friday"
