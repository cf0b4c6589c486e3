"""Jobs the tests of all targets use: one that asks for nothing special, one that asks for everything."""

from __future__ import annotations

from nb2prod.model.job import Host, Job, Notifications, Resources, Schedule, Task

PLAIN = Job("churn", ("python", "-m", "churn.job"), (Schedule("@daily"),))
FULL = Job(
    "churn",
    ("python", "-m", "churn.job"),
    (Schedule("30 6 * * 1-5", "Europe/Berlin"), Schedule("0 12 1 * *", "Europe/Berlin")),
    tasks=(Task("load", ("read", "clean")), Task("fit", ("fit",), ("load",)), Task("draw", ("draw",), ("load",))),
    owner="data team",
    contact="ann@example.org",
    retries=2,
    timeout_minutes=30,
    catchup=True,
    start="2026-01-31",
    logical_date="day",
    conf="prod",
    host=Host("/srv/churn", claim="data", user="churn"),
    resources=Resources("0.5", "512Mi"),
    notifications=Notifications(("failure",), ("ann@example.org",), "https://example.org/hook"),
    environment={"STAGE": "it's prod"},
    parameters={"region": "010", "ids": [1, 2], "format": "%Y-%m", "flag": False},
)
