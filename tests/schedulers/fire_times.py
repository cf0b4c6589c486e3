"""Run by the interpreter of a scheduler: when it would start the jobs in the files it is given, by its own reckoning.

echo '{"files": ["a/sums.py"], "starts": ["2026-03-28T00:00:30+00:00"], "count": 50}' | python fire_times.py dagster
  ->   [[["2026-03-28T05:30:00+00:00", ...]]]      for each file and each start
"""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from itertools import islice
from typing import Any


def airflow(path: str, start: datetime, count: int) -> list[datetime]:
    from airflow.timetables.base import DataInterval, TimeRestriction
    from pendulum import instance

    timetable = runpy.run_path(path, run_name="loaded")["dag"].timetable
    restriction = TimeRestriction(earliest=instance(start), latest=None, catchup=True)
    found, last = [], None
    for _ in range(count):
        last = timetable.next_dagrun_info(last_automated_data_interval=last and DataInterval.exact(last), restriction=restriction).run_after
        found.append(last)
    return found


def dagster(path: str, start: datetime, count: int) -> list[datetime]:
    from dagster._utils.schedules import schedule_execution_time_iterator

    (schedule,) = runpy.run_path(path, run_name="loaded")["SCHEDULES"]
    times = schedule_execution_time_iterator(start.timestamp(), schedule.cron_schedule, schedule.execution_timezone)
    return list(islice((time for time in times if time >= start), count))


def prefect(path: str, start: datetime, count: int) -> list[datetime]:
    import yaml
    from prefect.server.schemas.schedules import CronSchedule

    with open(path, encoding="utf-8") as file:
        (asked,) = yaml.safe_load(file)["deployments"][0]["schedules"]
    schedule = CronSchedule(cron=asked["cron"], timezone=asked["timezone"], day_or=asked["day_or"])
    return list(asyncio.run(schedule.get_dates(count, start)))


def jupyter(path: str, start: datetime, count: int) -> list[datetime]:
    """As its server does, which asks for the next time from the clock: one step after the other."""
    from jupyter_scheduler import utils

    with open(path, encoding="utf-8") as file:
        asked = json.load(file)

    class Clock(datetime):
        at = start

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.at.astimezone(tz)

    utils.datetime = Clock
    found = []
    for _ in range(count):
        Clock.at = datetime.fromtimestamp(utils.compute_next_run_time(asked["schedule"], asked["timezone"]) / 1000, timezone.utc)
        found.append(Clock.at)
    return found


ASKED: dict[str, Callable[[str, datetime, int], list[datetime]]] = {one.__name__: one for one in (airflow, dagster, prefect, jupyter)}

if __name__ == "__main__":
    request = json.load(sys.stdin)
    starts = [datetime.fromisoformat(text) for text in request["starts"]]
    answers = [
        [[time.astimezone(timezone.utc).isoformat() for time in ASKED[sys.argv[1]](path, start, request["count"])] for start in starts]
        for path in request["files"]
    ]
    print("\n" + json.dumps(answers))
