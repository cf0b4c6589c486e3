"""A job -> a systemd timer and the hardened service it starts.

    Schedule("0 6 13 * 5", "Europe/Berlin")   ->   OnCalendar=*-*-13 06:00:00 Europe/Berlin
                                                   OnCalendar=Fri *-*-* 06:00:00 Europe/Berlin

Restart= would try for ever, and the limit of starts that bounds it counts those of the timer too, so the run itself tries again or nobody does.
In systemd a weekday beside a date means both, in cron it means either: the choice becomes two lines, of which a timer elapses at each.
"""

from __future__ import annotations

from nb2prod.model.job import Feature, Job, Schedule, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.launch import (
    SKIPPED,
    comment,
    host_place,
    one_line,
    run_seconds,
    variable,
    words,
)
from nb2prod.targets.moments import RANGES, at_change, moments, runs

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
HARDENING = """\
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
LockPersonality=yes
RemoveIPC=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0027"""


def render(job: Job) -> tuple[File, ...]:
    """`jobs/systemd/NAME.service` and, where there is a schedule, `NAME.timer`. Raises ChoiceError for what no unit can hold."""
    files = [File(f"jobs/systemd/{job.name}.service", _service(job))]
    if job.schedules:
        files.append(File(f"jobs/systemd/{job.name}.timer", _timer(job)))
    return tuple(files)


def calendar(schedule: Schedule) -> tuple[str, ...]:
    """The schedule as calendar events, of which any may come."""
    found = moments(schedule)
    zone = f" {schedule.timezone}" if schedule.timezone else ""
    clock = f"{_list('hours', found.hours)}:{_list('minutes', found.minutes)}:00{zone}"
    weekdays = ",".join(f"{DAYS[first]}..{DAYS[last]}" if last > first else DAYS[first] for first, last in runs(found.weekdays))
    months = _list("months", found.months)
    if found.either:
        return (f"*-{months}-{_list('days', found.days)} {clock}", f"{weekdays} *-{months}-* {clock}")
    return (f"{weekdays} *-{months}-{_list('days', found.days)} {clock}".lstrip(),)


def _list(name: str, values: tuple[int, ...]) -> str:
    if not values or len(values) == len(RANGES[name]):
        return "*"
    return ",".join(f"{first:02}..{last:02}" if last > first else f"{first:02}" for first, last in runs(values))


def _timer(job: Job) -> str:
    lines = [
        "[Unit]",
        f"Description=When {job.name} runs",
        "",
        "[Timer]",
        *(f"OnCalendar={event}" for schedule in job.schedules for event in calendar(schedule)),
        "AccuracySec=1s",
        f"Persistent={'true' if job.catchup else 'false'}",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _service(job: Job) -> str:
    place = host_place(job)
    seconds = run_seconds(job)
    command = " ".join(_quoted(word, command=True) for word in words(job, place))
    lines = [
        f"# {job.name}: install with",
        f"#   sudo cp jobs/systemd/{job.name}.* /etc/systemd/system/ && sudo systemctl enable --now {job.name}.timer",
        "[Unit]",
        f"Description={_plain(job)}",
        "",
        "[Service]",
        "Type=oneshot",
        f"WorkingDirectory={_path(place.directory)}",
        f"ExecStart={command}",
        f"SuccessExitStatus={SKIPPED}",
        f"TimeoutStartSec={seconds or 'infinity'}",
        *([f"User={one_line(job.host.user, 'the user', 'a unit').replace('%', '%%')}"] if job.host.user else []),
        "Environment=PYTHONUNBUFFERED=1",
        *(f"Environment={_quoted(f'{variable(name)}={value}')}" for name, value in job.environment.items()),
        *_limits(job),
        f"ReadWritePaths={_quoted(place.directory)}",
        HARDENING,
    ]
    return "\n".join(lines) + "\n"


def _limits(job: Job) -> list[str]:
    cpu, memory = job.resources.cpu, job.resources.memory
    share = float(cpu[:-1]) / 10 if cpu.endswith("m") else float(cpu or 0) * 100
    return [*([f"CPUQuota={share:.0f}%"] if cpu else []), *([f"MemoryMax={memory.removesuffix('i')}"] if memory else [])]


def _plain(job: Job) -> str:
    owner = f" (owner: {' '.join(filter(None, [job.owner, job.contact]))})" if job.owner or job.contact else ""
    return comment(f"{job.name}{owner}").replace("%", "%%")


def _path(text: str) -> str:
    return one_line(text, "the directory", "a unit").replace("%", "%%")


def _quoted(text: str, command: bool = False) -> str:
    """A word in the quotes of systemd, in which specifiers, and in commands variables, would be replaced."""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("%", "%%")):
        text = text.replace(sign, written)
    if command:
        text = text.replace("$", "$$")
    return f'"{text}"'


TARGET = Target(
    name="systemd",
    summary="a timer and a hardened service for a Linux host",
    expresses=frozenset(Feature) - {Feature.emails, Feature.logical_date, Feature.retries, Feature.tasks},
    render=render,
    validators=(Validator(("systemd-analyze", "verify"), (".service", ".timer"), together=True),),
    clock=at_change("leaves a skipped time out, and of two equal hours the second"),
)
