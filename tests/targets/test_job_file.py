from __future__ import annotations

import pytest

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job, Schedule
from nb2prod.targets.job_file import parse_job, render_job

FULL = Job(
    "churn",
    ("python", "-m", "churn"),
    Schedule("0 6 * * 1-5", "Europe/Berlin"),
    retries=2,
    timeout_minutes=30,
    overlap="queue",
    catchup=True,
    owner="ann@example.org",
    environment={"STAGE": "prod"},
    parameters={"region": "010", "ids": [1, 2], "flag": False, "grid": {"a": 1.5}},
)
START = 'name = "churn"\ncommand = ["python"]\n'


@pytest.mark.parametrize("job", [FULL, Job("churn", ("python", "-m", "churn"))])
def test_a_job_reads_back_as_it_was_written(job: Job) -> None:
    assert parse_job(render_job(job)) == job


def test_a_job_without_a_schedule_shows_how_to_set_one() -> None:
    text = render_job(Job("churn", ("python", "-m", "churn")))
    assert '# [schedule]\n# cron = "30 6 * * 1-5"\n' in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name =", "job.toml is not TOML: Invalid value (at end of document)"),
        ('command = ["x"]', "job.toml: `name` is missing"),
        ('name = "x"', "job.toml: `command` is missing"),
        ('name = "../x"\ncommand = ["a"]', "job.toml: `../x` cannot be the name of files"),
        (START + "retry = 1", "job.toml: unknown key `retry`"),
        (START + 'retries = "2"', "job.toml: `retries` must be a int, got '2'"),
        (START + "retries = true", "job.toml: `retries` must be a int, got True"),
        (START + "retries = -1", "job.toml: `retries` is below zero"),
        (START + 'overlap = "maybe"', "job.toml: unknown overlap `maybe`"),
        (START + "[schedule]\ncron_text = 1", "job.toml: unknown key `schedule.cron_text`"),
        (START + '[schedule]\ntimezone = "UTC"', "job.toml: `schedule.cron` is missing"),
        (START + '[schedule]\ncron = "0 66 * * *"', "`0 66 * * *` is not a possible schedule: bad hour"),
        (START + "[environment]\nA = 1", "job.toml: `environment` holds 1, which is not a text"),
        ('name = "x"\ncommand = ["a", 1]', "job.toml: `command` holds 1, which is not a text"),
    ],
)
def test_a_wrong_job_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        parse_job(text)
    assert caught.value.message == message
    assert caught.value.hint


def test_a_parameter_toml_cannot_hold_is_refused() -> None:
    with pytest.raises(ChoiceError, match="job.toml cannot hold"):
        render_job(Job("churn", ("python",), parameters={"sample": None}))
