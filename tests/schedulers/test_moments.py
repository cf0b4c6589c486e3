"""The same moments everywhere: the next fifty times of each schedule, reckoned by every scheduler from the files it is given.

What a scheduler reckons with a library that runs here is asked of that library: Airflow, Dagster, Prefect, jupyter-scheduler, systemd. Of the
others the rules of their documents stand below in a few lines; for all of them a walk over every minute is the judge.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from schedulers.environments import SPEAKS

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Feature, Job, Schedule
from nb2prod.targets import TARGETS, checked, emit, fire_times
from nb2prod.targets.moments import meets_clock_change

COUNT = 50
STARTS = tuple(datetime(2026, month, day, 0, 0, 30, tzinfo=timezone.utc) for month, day in ((3, 28), (10, 24)))
SCHEDULES = (
    *(Schedule(cron) for cron in ("@hourly", "@daily", "@weekly", "@monthly", "@yearly")),
    *(Schedule(cron) for cron in ("*/15 * * * *", "7 */5 * * *", "1-7/3 */6 * * *", "0,30 8-17 * * 1-5", "*/20 9 * * MON")),
    *(Schedule(cron) for cron in ("0 6 13 * 5", "0 6 1,15 * 0", "0 6 1-31 * 5", "0 6 13 * 0-7", "15 4 1-7 * 6-7")),
    *(Schedule(cron) for cron in ("0 6 31 * *", "30 23 28-31 * *", "0 6 29 2 *", "0 6 30 4,6,9,11 *", "0 6 */10 * *", "0 6 */2 * 5")),
    *(Schedule(cron) for cron in ("0 6 1 */3 *", "0 0 1 JAN-MAR/2 *", "0 6 * * */2", "0 6 * * 7", "0 6 * * 5-7")),
    *(Schedule("30 6 * * 1-5", zone) for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")),
    *(Schedule("30 2 * * *", zone) for zone in ("Europe/Berlin", "America/New_York", "Asia/Tokyo")),
    *(Schedule(cron, "Europe/Berlin") for cron in ("@hourly", "*/30 * * * *", "0 */6 * * *", "0 6 13 * 5", "0 3 * * SUN", "15 1 1 * *")),
    Schedule("30 1 * * *", "America/New_York"),
    Schedule("0 0 31 12 *", "Pacific/Kiritimati"),
)
Times = list[str]
Told = list[Times]  # from each start


@cache
def walked(cron: str, zone: str, start: datetime) -> tuple[str, ...]:
    """Every minute whose clock on the wall fits the five fields, where a day field that begins with a star must fit as well as the other."""
    minutes, hours, days, months, weekdays = (_numbers(field, *limits) for field, limits in zip(cron.split(), LIMITS, strict=True))
    starred = any(field.startswith("*") for field in (cron.split()[2], cron.split()[4]))

    def fits(time: datetime) -> bool:
        day, weekday = time.day in days, time.isoweekday() % 7 in weekdays or (time.isoweekday() == 7 and 7 in weekdays)
        return time.month in months and ((day and weekday) if starred else (day or weekday))

    def found() -> Iterator[str]:
        place = ZoneInfo(zone or "UTC")
        time = start.astimezone(timezone.utc).replace(second=0, microsecond=0)
        while True:
            time += timedelta(minutes=1)
            local = time.astimezone(place)
            if not fits(local) and not fits(local + timedelta(hours=24)):
                time += timedelta(hours=20)
            elif local.hour not in hours:
                time += timedelta(minutes=14 - time.minute % 15)  # no zone lies less than a quarter of an hour beside another
            elif fits(local) and local.minute in minutes:
                yield time.isoformat()

    return tuple(islice(found(), COUNT))


LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMES = {name: number for names in ("jan feb mar apr may jun jul aug sep oct nov dec",) for number, name in enumerate(names.split(), 1)}
NAMES |= {name: number for number, name in enumerate("sun mon tue wed thu fri sat".split())}


def _numbers(field: str, first: int, last: int) -> set[int]:
    found: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        start = first if span == "*" else int(NAMES.get(low, low))
        end = last if span == "*" or (step and not high) else int(NAMES.get(high, high) if high else start)
        found |= set(range(start, end + 1, int(step or 1)))
    return found


def by_rule(path: Path) -> Told:
    """The files of those whose rule is: every minute whose clock fits. Kubernetes and Argo (robfig/cron), Kubeflow, GitHub, GitLab."""
    if path.suffix == ".py":
        line = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("CRONS = "))
        (cron,) = ast.literal_eval(line.partition(" = ")[2].partition("#")[0].strip())
        return _walked(cron.partition(" ")[2], "")
    document = json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".json" else yaml.safe_load(path.read_text(encoding="utf-8"))
    asked = document.get("spec") or document
    if True in document:  # how YAML 1.1 reads `on`
        asked = document[True]["schedule"][0]
    elif "on" in document:
        asked = document["on"]["schedule"][0]
    cron = asked.get("schedule") or asked.get("cron") or asked["schedules"][0]
    return _walked(cron, asked.get("timeZone") or asked.get("timezone") or asked.get("cron_timezone") or "")


def by_crontab(path: Path) -> Told:
    line = path.read_text(encoding="utf-8").splitlines()[-1]
    return _walked(" ".join(line.split()[:5]), "")


def by_quartz(path: Path) -> Told:
    (job,) = yaml.safe_load(path.read_text(encoding="utf-8"))["resources"]["jobs"].values()
    second, *fields = job["schedule"]["quartz_cron_expression"].split()
    assert second == "0" and fields.count("?") <= 1 and "?" in (fields[2], fields[4])
    return _walked(" ".join(fields).replace("?", "*").replace("0/", "*/"), job["schedule"]["timezone_id"])


def _walked(cron: str, zone: str) -> Told:
    return [list(walked(cron, zone, start)) for start in STARTS]


def by_systemd(path: Path) -> Told:
    """Any of its events may come."""
    events = re.findall(r"^OnCalendar=(.*)$", path.read_text(encoding="utf-8"), re.M)
    return [sorted({time for event in events for time in _elapses(event, start)})[:COUNT] for start in STARTS]


def _elapses(event: str, start: datetime) -> Times:
    words = ["systemd-analyze", "calendar", f"--iterations={COUNT}", f"--base-time={start:%Y-%m-%d %H:%M:%S} UTC", event]
    told = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC", "LC_ALL": "C"}).stdout
    return [f"{day}T{hour}+00:00" for day, hour in re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+) (\S+) UTC", told)]


# A target's file, and who reckons from it: one of the rules above, or a scheduler's library by the name of its environment.
READERS: dict[str, tuple[str, Callable[[Path], Told] | str]] = {
    "cron": ("sums.crontab", by_crontab),
    "systemd": ("sums.timer", by_systemd),
    "jupyter-scheduler": ("sums-1.json", "jupyter"),
    "airflow": ("sums.py", "airflow"),
    "dagster": ("sums.py", "dagster"),
    "prefect": ("prefect.yaml", "prefect"),
    "kubernetes": ("sums.yaml", by_rule),
    "argo": ("sums.yaml", by_rule),
    "kubeflow": ("sums.py", by_rule),
    "github": ("sums.yml", by_rule),
    "gitlab": ("sums-1.json", by_rule),
    "databricks": ("databricks.yml", by_quartz),
}


def test_every_target_with_a_schedule_is_asked() -> None:
    assert set(READERS) == {name for name, target in TARGETS.items() if Feature.schedule in target.expresses}
    assert len(set(SCHEDULES)) >= 40


@pytest.mark.parametrize("name", READERS)
def test_a_target_means_the_same_fifty_moments_or_says_where_it_differs(name: str, tmp_path: Path, tools: Callable[[str], Path]) -> None:
    if name == "systemd" and shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here")
    ending, reader = READERS[name]
    written, told = _written(name, tmp_path)
    paths = [tmp_path / str(number) / "jobs" / name / ending for number in written]
    answers = [reader(path) for path in paths] if callable(reader) else _asked(reader, tools(reader) / "python", paths, tmp_path)
    differing = {}
    for number, answer in zip(written, answers, strict=True):
        for start, times in zip(STARTS, answer, strict=True):
            wanted = [time.astimezone(timezone.utc).isoformat() for time in fire_times(_in_utc(SCHEDULES[number]), start, COUNT)]
            assert len(times) >= (COUNT if name != "systemd" else 42)  # its calendar ends in 2199
            if times != wanted[: len(times)]:
                differing[number] = next((one, other) for one, other in zip(times, wanted, strict=False) if one != other)
    assert {SCHEDULES[number]: found for number, found in differing.items() if number not in told} == {}
    assert bool(differing) is bool(TARGETS[name].clock)


def test_the_judge_agrees_with_crons_own_rule() -> None:
    steady = [schedule for schedule in SCHEDULES if not meets_clock_change(schedule)]
    assert len(steady) >= 30
    for schedule in steady:
        wanted = [time.astimezone(timezone.utc).isoformat() for time in fire_times(_in_utc(schedule), STARTS[0], COUNT)]
        assert list(walked(checked(schedule).cron, schedule.timezone, STARTS[0])) == wanted


def _written(name: str, folder: Path) -> tuple[list[int], set[int]]:
    """Writes the files for every schedule the target accepts; gives their numbers, and those of which something was said about clocks."""
    written, told = [], set()
    for number, schedule in enumerate(SCHEDULES):
        try:
            files, findings = emit(Job("sums", ("python", "-m", "sums.job"), (schedule,)), TARGETS[name])
        except ChoiceError as error:
            assert error.message.startswith(f"{name} cannot hold the schedule `{checked(schedule).cron}`: ")
            continue
        if any(finding.code == "NB602" for finding in findings):
            continue  # it said that it does not heed the zone
        written.append(number)
        told |= {number} if any(finding.code == "NB613" for finding in findings) else set()
        for file in files:
            path = folder / str(number) / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(file.content), encoding="utf-8")
    assert len(written) >= 20
    return written, told


def _in_utc(schedule: Schedule) -> Schedule:
    """A schedule without a zone takes that of its host, which is UTC here."""
    return replace(schedule, timezone=schedule.timezone or "UTC")


def _asked(tool: str, python: Path, paths: list[Path], home: Path) -> list[Told]:
    """All files at once, because it takes seconds to load such a library."""
    request = {"files": [str(path) for path in paths], "starts": [start.isoformat() for start in STARTS], "count": COUNT}
    known = {"AIRFLOW_HOME": str(home), "PREFECT_HOME": str(home), "DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [str(python), str(Path(__file__).with_name("fire_times.py")), tool],
        input=json.dumps(request),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        cwd=home,
        env={**os.environ, **SPEAKS, **known},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[Told] = json.loads(done.stdout.splitlines()[-1])
    return found
