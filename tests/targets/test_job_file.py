from __future__ import annotations

from dataclasses import replace

import pytest
from targets.jobs import FULL, PLAIN

from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job, Schedule
from nb2prod.targets import parse_job, render_job, values_from, with_schedules, with_values

START = 'name = "churn"\ncommand = ["python"]\n'
UNORDERED = replace(FULL, tasks=tuple(replace(task, after=()) for task in FULL.tasks))
EVERYTHING = replace(UNORDERED, overlap="queue", retries_by="runner", atomic=False, parameters={**FULL.parameters, "grid": {"a": 1.5}})


@pytest.mark.parametrize("job", [UNORDERED, EVERYTHING, replace(PLAIN, schedules=())], ids=["full", "everything", "plain"])
def test_a_job_reads_back_as_it_was_written(job: Job) -> None:
    assert parse_job(render_job(job)) == job


def test_a_nickname_reads_back_in_five_fields() -> None:
    assert parse_job(render_job(PLAIN)).schedules == (Schedule("0 0 * * *"),)


def test_a_job_without_a_schedule_shows_how_to_set_one() -> None:
    text = render_job(replace(PLAIN, schedules=()))
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
        (START + 'retries_by = "both"', "job.toml: unknown retries_by `both`"),
        (START + '[notifications]\non = ["start"]', "job.toml: unknown notifications.on `start`"),
        (START + "[notifications]\nemails = [1]", "job.toml: `notifications.emails` holds 1, which is not a text"),
        (START + "[schedule]\ncron_text = 1", "job.toml: unknown key `schedule.cron_text`"),
        (START + '[schedule]\ntimezone = "UTC"', "job.toml: `schedule.cron` is missing"),
        (START + '[schedule]\ncron = "0 66 * * *"', "`0 66 * * *` is not a possible schedule: bad hour"),
        (START + '[schedule]\ncron = "0 6 31 2 *"', "`0 6 31 2 *` is not a possible schedule: this day never comes"),
        (START + '[schedule]\ncron = "@daily"\ntimezone = "Mars/Base"', "unknown time zone `Mars/Base`"),
        (START + '[[schedule]]\ncron = "@daily"\n[[schedule]]\ncron = "0 0 * * *"', "job.toml: the same schedule is there twice"),
        (START + "schedule = 3", "job.toml: `schedule` must be a table"),
        (START + 'conf = "prod"', "job.toml: a job for production needs an owner"),
        (START + "catchup = true", "job.toml: `catchup` needs a `start`"),
        (START + 'start = "tomorrow"', "job.toml: `start` is not a day: 'tomorrow'"),
        (START + '[resources]\ncpu = "much"', "job.toml: `resources.cpu` cannot be 'much'"),
        (START + '[host]\nproject = "here"', "job.toml: `host.project` must be a full path, got 'here'"),
        (START + '[host]\nport = "1"', "job.toml: unknown key `host.port`"),
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


HAND = """\
# ours
name = "churn"  # do not rename
command = ["python"]
retries = 0 # for now

# the nightly one
[schedule]
# early
cron = "0 1 * * *"

# the machine
[host]
user = "ann"

[parameters]
region = "010"
"""


def test_values_are_changed_in_their_lines_and_added_to_their_tables() -> None:
    words = (
        "retries=2",
        "owner=data",
        "host.user=bob",
        "host.image=churn:1",
        "resources.cpu=2",
        "parameters.ids=[1, 2]",
        'command=["python", "-m", "x"]',
    )
    text = with_values(HAND, values_from(words))
    kept = [line for line in HAND.splitlines() if line not in ("retries = 0 # for now", 'user = "ann"', 'command = ["python"]')]
    assert [line for line in kept if line not in text.splitlines()] == []
    assert [line for line in text.splitlines() if line not in HAND.splitlines()] == [
        'command = ["python", "-m", "x"]',
        "retries = 2",
        'owner = "data"',
        'user = "bob"',
        'image = "churn:1"',
        'ids = "[1, 2]"',
        "[resources]",
        'cpu = "2"',
    ]
    assert parse_job(text).retries == 2


def test_schedules_are_put_where_the_old_ones_stood() -> None:
    text = with_schedules(HAND, (Schedule("@daily", "UTC"), Schedule("0 6 1 * *")))
    assert parse_job(text).schedules == (Schedule("0 0 * * *", "UTC"), Schedule("0 6 1 * *"))
    lines = text.splitlines()
    assert lines[lines.index("# the nightly one") + 1] == "[[schedule]]"
    assert [line for line in HAND.splitlines() if line not in lines] == ["[schedule]", "# early", 'cron = "0 1 * * *"']
    assert with_schedules(text, (Schedule("0 1 * * *"),)).count("schedule]") == 1


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("retries", "--set retries: this is not KEY=VALUE"),
        ("retry=1", "--set retry: there is no such key"),
        ("host=1", "--set host: there is no such key"),
        ("server.port=1", "--set server.port: there is no such key"),
        ("retries=two", "--set retries: 'two' is not a int"),
        ("atomic=1", "--set atomic: '1' is not a bool"),
        ("command=x", "--set command: 'x' is not a list"),
    ],
)
def test_a_value_that_fits_no_key_is_refused(word: str, message: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        values_from((word,))
    assert caught.value.message == message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "changes"),
    [('command = [\n "a",\n]\n', {"command": ["b"]}), ('host = { user = "a" }\n', {"host.user": "b"})],
)
def test_what_is_written_in_another_way_is_left_to_the_hand(text: str, changes: dict[str, object]) -> None:
    with pytest.raises(ChoiceError, match="is written in a way that is not changed from here"):
        with_values(text, changes)
