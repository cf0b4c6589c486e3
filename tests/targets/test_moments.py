from __future__ import annotations

import pytest

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Schedule
from nb2prod.targets.databricks import one_day_field, quartz
from nb2prod.targets.moments import Moments, either_only, meets_clock_change, moments, one_zone, plain_cron, utc_only
from nb2prod.targets.systemd import calendar

ALL = tuple(range(1, 13))


@pytest.mark.parametrize(
    ("cron", "days", "weekdays", "either"),
    [
        ("0 6 13 * 5", (13,), (5,), True),
        ("0 6 13 * *", (13,), (), False),
        ("0 6 */10 * 5", (1, 11, 21, 31), (5,), False),
        ("0 6 1-31 * 5", (), (), False),
        ("0 6 13 * 0-7", (), (), False),
        ("0 6 * * 5-7", (), (0, 5, 6), False),
        ("0 6 1 * */2", (1,), (0, 2, 4, 6), False),
    ],
)
def test_the_day_fields_mean_what_they_mean_in_cron(cron: str, days: tuple[int, ...], weekdays: tuple[int, ...], either: bool) -> None:
    assert moments(Schedule(cron)) == Moments((0,), (6,), days, ALL, weekdays, either)


@pytest.mark.parametrize(
    ("cron", "plain", "events", "in_quartz"),
    [
        ("@hourly", "0 * * * *", ("*-*-* *:00:00",), "0 0 * * * ?"),
        ("*/15 0-6 1,15 JAN *", "*/15 0-6 1,15 1 *", ("*-01-01,15 00..06:00,15,30,45:00",), "0 0/15 0-6 1,15 1 ?"),
        ("0 6 * * MON-WED,7", "0 6 * * 0-3", ("Sun..Wed *-*-* 06:00:00",), "0 0 6 ? * SUN-WED"),
        ("0 6 13 * 5", "0 6 13 * 5", ("*-*-13 06:00:00", "Fri *-*-* 06:00:00"), ""),
        ("5-9 6 1-31 * 5", "5-9 6 * * *", ("*-*-* 06:05..09:00",), "0 5-9 6 * * ?"),
        ("0 6 31 1-12/2 *", "0 6 31 1,3,5,7,9,11 *", ("*-01,03,05,07,09,11-31 06:00:00",), "0 0 6 31 1,3,5,7,9,11 ?"),
        ("1-7/3 */5 * * *", "1,4,7 */5 * * *", ("*-*-* 00,05,10,15,20:01,04,07:00",), "0 1,4,7 0/5 * * ?"),
    ],
)
def test_a_schedule_is_written_in_every_dialect(cron: str, plain: str | None, events: tuple[str, ...], in_quartz: str | None) -> None:
    schedule = Schedule(cron)
    assert plain is None or plain_cron(schedule) == plain
    assert calendar(schedule) == events
    assert in_quartz is None or (quartz(schedule) if not one_day_field(schedule) else "") == in_quartz


def test_a_dialect_says_why_it_cannot_hold_a_schedule() -> None:
    both, either = Schedule("0 6 */2 * 1"), Schedule("0 6 13 * 5")
    assert [bool(either_only(both)), bool(either_only(either))] == [True, False]
    assert [bool(one_day_field(both)), bool(one_day_field(either))] == [True, True]
    assert utc_only(Schedule("@daily", "Asia/Tokyo")) == "its clock is UTC, not Asia/Tokyo"
    assert utc_only(Schedule("@daily", "UTC")) == ""
    with pytest.raises(ChoiceError, match="a dag has one time zone, the schedules have none, UTC"):
        one_zone((Schedule("@daily"), Schedule("@daily", "UTC")), "a dag")


@pytest.mark.parametrize(
    ("cron", "zone", "meets"),
    [
        ("30 2 * * *", "Europe/Berlin", True),
        ("30 2 * * 1", "Europe/Berlin", False),
        ("30 3 * * *", "Europe/Berlin", False),
        ("0 0 1 * *", "Europe/Berlin", False),
        ("30 1 * * *", "America/New_York", True),
        ("30 2 * * *", "Asia/Tokyo", False),
        ("45 1 * * *", "Australia/Lord_Howe", True),
        ("30 2 * * *", "", False),
        ("0 * * * *", "Europe/Berlin", True),
    ],
)
def test_times_that_a_change_of_clocks_skips_or_repeats_are_known(cron: str, zone: str, meets: bool) -> None:
    assert meets_clock_change(Schedule(cron, zone)) is meets
