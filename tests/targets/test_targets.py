from __future__ import annotations

import importlib
import pkgutil
import shutil
import subprocess
from pathlib import Path

import pytest

from nb2prod import targets
from nb2prod.errors import ChoiceError
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.job import Feature, Job, Schedule, Target
from nb2prod.model.project import File
from nb2prod.targets import LOSSES, TARGETS, emit, target_named

PLAIN = Job("churn", ("python", "-m", "churn"), Schedule("@daily"))
FULL = Job(
    "churn",
    ("python", "-m", "churn"),
    Schedule("30 6 * * 1-5", "Europe/Berlin"),
    retries=2,
    timeout_minutes=30,
    catchup=True,
    owner="ann@example.org",
    environment={"STAGE": "it's prod"},
    parameters={"region": "010", "ids": [1, 2], "format": "%Y-%m", "flag": False},
)


def text(job: Job, name: str) -> str:
    (file,) = emit(job, TARGETS[name])[0]
    assert isinstance(file.content, str)
    return file.content


def test_every_file_with_a_target_is_listed() -> None:
    modules = [importlib.import_module(f"nb2prod.targets.{module.name}") for module in pkgutil.iter_modules(targets.__path__)]
    assert {module.TARGET.name for module in modules if hasattr(module, "TARGET")} == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
@pytest.mark.parametrize("feature", Feature)
def test_what_a_target_cannot_express_is_said(feature: Feature, target: Target) -> None:
    said = {diagnostic.code for diagnostic in emit(FULL, target)[1]}
    assert (LOSSES[feature][0] in said) == (feature in FULL.needs() and feature not in target.expresses)


def test_cron_says_that_it_cannot_express_a_time_zone() -> None:
    assert emit(FULL, TARGETS["cron"])[1][0] == Diagnostic(
        "NB602",
        Severity.warning,
        "cron cannot express a time zone: the job runs in the zone of the host, Europe/Berlin is not heeded",
        "set the host's zone, or choose another target",
    )


def test_a_job_that_asks_for_nothing_special_loses_nothing_in_cron() -> None:
    assert emit(PLAIN, TARGETS["cron"])[1] == ()


def test_a_crontab_sets_what_crons_bare_environment_lacks() -> None:
    lines = text(PLAIN, "cron").splitlines()
    assert lines[0] == "# churn: At 00:00 every day, in the time zone of the host."
    assert [line for line in lines if not line.startswith("#")] == [
        "SHELL=/bin/sh",
        "PROJECT=/path/to/churn",
        "PYTHON=/path/to/churn/.venv/bin/python",
        "",
        '0 0 * * *  cd "$PROJECT" && mkdir -p logs && flock -n -E 75 .churn.lock "$PYTHON" -m churn >> logs/churn.log 2>&1',
    ]


def test_a_crontab_line_escapes_percent_signs_and_quotes_words() -> None:
    content = text(FULL, "cron")
    assert content.splitlines()[-1] == (
        '30 6 * * 1-5  cd "$PROJECT" && mkdir -p logs && flock -n -E 75 .churn.lock timeout 30m "$PYTHON" -m churn '
        "--region=010 '--ids=[1, 2]' --format=\\%Y-\\%m --flag=false >> logs/churn.log 2>&1"
    )
    assert 'STAGE="it\'s prod"\n' in content
    assert "# WARNING: this is meant in Europe/Berlin" in content
    assert content.endswith("\n")


def test_a_crontab_without_a_schedule_is_only_an_example() -> None:
    content = text(Job("churn", ("python", "-m", "churn"), overlap="allow"), "cron")
    assert content.splitlines()[-1] == '# 30 6 * * 1-5  cd "$PROJECT" && mkdir -p logs && "$PYTHON" -m churn >> logs/churn.log 2>&1'
    assert [line for line in content.splitlines() if line and line[0] in "0123456789*"] == []


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (Job("x", ("python",), parameters={"a": "1\n2"}), "the command has a line break, which a crontab line cannot hold"),
        (Job("x", ("python",), owner="a\nb"), "the owner has a line break, which a crontab line cannot hold"),
        (Job("x", ("python",), environment={"A": "1\n2"}), "environment variable A has a line break, which a crontab line cannot hold"),
        (Job("x", ("python",), environment={"A": "'\""}), "environment variable A has both kinds of quotes, which a crontab cannot hold"),
        (Job("x", ("python",), environment={"A B": "1"}), "`A B` cannot be the name of an environment variable"),
        (Job("x", ("python",), Schedule("0 6 31 2 *")), "`0 6 31 2 *` is not a possible schedule: this day never comes"),
    ],
)
def test_what_no_crontab_can_hold_is_refused(job: Job, message: str) -> None:
    if job.owner:
        job = Job(job.name, job.command, Schedule("@daily"), owner=job.owner)
    with pytest.raises(ChoiceError) as caught:
        emit(job, TARGETS["cron"])
    assert caught.value.message == message


def test_a_command_too_long_for_cron_is_refused() -> None:
    with pytest.raises(ChoiceError, match=r"the command of x has 1\d\d\d characters, cron takes 998"):
        emit(Job("x", ("python",), parameters={"a": "y" * 1000}), TARGETS["cron"])


@pytest.mark.parametrize("job", [PLAIN, FULL, Job("churn", ("python", "-m", "churn"))])
def test_what_cron_renders_passes_its_own_check(job: Job) -> None:
    assert TARGETS["cron"].check is not None
    assert TARGETS["cron"].check(emit(job, TARGETS["cron"])[0]) == ()


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("0 6 * * *  true", ("x: the last line has no end, cron ignores it",)),
        ("# a\n0 66 * * * true\n", ("x, line 2: `0 66 * * *` is not a possible schedule: bad hour",)),
        ("A=1\n0 6 *\n", ("x, line 2: five fields and a command are expected",)),
        ("0 6 * * * date +%F\n", ("x, line 1: an unescaped % ends the command",)),
    ],
)
def test_a_crontab_edited_by_hand_is_checked(content: str, problems: tuple[str, ...]) -> None:
    assert TARGETS["cron"].check is not None
    assert TARGETS["cron"].check((File("x", content),)) == problems


@pytest.mark.scheduler
@pytest.mark.skipif(shutil.which("crontab") is None, reason="no crontab here")
@pytest.mark.parametrize("job", [PLAIN, FULL])
def test_crontab_accepts_what_we_write(job: Job, tmp_path: Path) -> None:
    path = tmp_path / "crontab"
    path.write_text(text(job, "cron"), encoding="utf-8")
    assert subprocess.run([*TARGETS["cron"].validator, str(path)], check=False).returncode == 0


def test_the_papermill_script_keeps_the_types_of_its_parameters() -> None:
    assert text(FULL, "papermill").splitlines()[3:] == [
        "set -eu",
        'cd "$(dirname "$0")/../.."',
        "mkdir -p runs",
        "export STAGE='it'\"'\"'s prod'",
        'output="runs/churn-$(date -u +%Y%m%dT%H%M%SZ).ipynb"',
        "exec flock -n -E 75 .churn.lock timeout 30m papermill --cwd . "
        '-y \'{"region": "010", "ids": [1, 2], "format": "%Y-%m", "flag": false}\' "$@" notebooks/churn.ipynb "$output"',
    ]


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(ChoiceError) as caught:
        target_named("airflow9")
    assert (caught.value.message, caught.value.hint) == ("there is no target `airflow9`", f"one of {', '.join(TARGETS)}")
