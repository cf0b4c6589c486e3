from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from targets.jobs import FULL, PLAIN

from nb2prod import targets
from nb2prod.errors import ChoiceError
from nb2prod.model.diagnostic import Diagnostic, Severity
from nb2prod.model.job import Feature, Host, Job, Schedule, Target
from nb2prod.model.project import File
from nb2prod.targets import LOSSES, TARGETS, emit, target_named

UTC_ONLY = {"github", "kubeflow"}
READERS: dict[str, Any] = {"py": ast.parse, "json": json.loads, "ipynb": json.loads, "yml": yaml.safe_load, "yaml": yaml.safe_load_all}


def asked(job: Job, name: str) -> Job:
    """The job with its schedules in the only zone some targets have."""
    return replace(job, schedules=tuple(replace(one, timezone="UTC") for one in job.schedules)) if name in UTC_ONLY else job


def texts(job: Job, name: str) -> dict[str, str]:
    return {file.path: str(file.content) for file in emit(asked(job, name), TARGETS[name])[0]}


def text(job: Job, name: str) -> str:
    return next(iter(texts(job, name).values()))


def test_every_file_with_a_target_is_listed() -> None:
    modules = [importlib.import_module(f"nb2prod.targets.{module.name}") for module in pkgutil.iter_modules(targets.__path__)]
    assert {module.TARGET.name for module in modules if hasattr(module, "TARGET")} == set(TARGETS)
    assert len(TARGETS) == 13


@pytest.mark.parametrize("overlap", ["skip", "queue"])
@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_what_a_target_cannot_express_is_said_by_name(target: Target, overlap: Any) -> None:
    job = asked(replace(FULL, overlap=overlap), target.name)
    said = {diagnostic.message.partition(": ")[0] for diagnostic in emit(job, target)[1]}
    alone = (job.needs() & {Feature.skip, Feature.queue} & target.expresses) - target.apart if target.between else frozenset()
    assert said == {f"{target.name} cannot express {feature.value}" for feature in job.needs() - target.expresses} | {
        f"{target.name} cannot express {feature.value} for several tasks" for feature in alone
    }
    assert set(Feature) - job.needs() == {Feature.queue if overlap == "skip" else Feature.skip}
    assert set(LOSSES) == set(Feature)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("job", [PLAIN, FULL, replace(PLAIN, schedules=())], ids=["plain", "full", "unscheduled"])
def test_every_file_is_well_formed_passes_its_own_check_and_is_always_the_same(job: Job, name: str) -> None:
    files = emit(asked(job, name), TARGETS[name])[0]
    assert files == emit(asked(job, name), TARGETS[name])[0]
    for file in files:
        read = READERS.get(file.path.rpartition(".")[2])
        if read:
            read(file.content)
        assert str(file.content).endswith("\n")
        assert file.path.startswith(f"jobs/{name}/")
    check = TARGETS[name].check
    assert check is None or check(files) == ()


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"papermill", "systemd"}))
def test_a_schedule_made_impossible_by_hand_is_found(name: str) -> None:
    check = TARGETS[name].check
    files = emit(replace(PLAIN, schedules=(Schedule("7 6 * * *"),)), TARGETS[name])[0]
    damaged = tuple(File(file.path, str(file.content).replace("7 6 * * *", "7 66 * * *")) for file in files)
    assert check is not None
    found = check(damaged)
    in_python_or_quartz = name in ("airflow", "dagster", "kubeflow", "databricks")  # what their own checkers read
    assert ("`7 66 * * *` is not a possible schedule: bad hour" in " ".join(found)) is not in_python_or_quartz
    assert check((File("jobs/x.yaml", "a: ["), File("jobs/x.py", "a = ["), File("jobs/x.json", "[")))


@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_a_target_with_tasks_says_where_their_values_wait(target: Target) -> None:
    assert bool(target.between) == (Feature.tasks in target.expresses)
    assert target.apart <= target.expresses & {Feature.skip, Feature.queue}


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
        "DIRECTORY=/path/to/churn",
        "PYTHON=/path/to/churn/.venv/bin/python",
        "",
        '0 0 * * *  cd "$DIRECTORY" && mkdir -p logs && "$PYTHON" -m churn.job >> logs/churn.log 2>&1',
    ]


def test_a_crontab_line_escapes_percent_signs_and_quotes_words() -> None:
    content = text(FULL, "cron")
    assert [line.partition("  ")[0] for line in content.splitlines()[-2:]] == ["30 6 * * 1-5", "0 12 1 * *"]
    assert content.splitlines()[-1].partition("  ")[2] == (
        'cd "$DIRECTORY" && mkdir -p logs && "$PYTHON" -m churn.job --timeout=1800 --logical-date-parameter=day '
        "--config=/srv/churn/conf/prod.toml --webhook=https://example.org/hook -- "
        "--region=010 '--ids=[1, 2]' --format=\\%Y-\\%m --flag=false >> logs/churn.log 2>&1 "
        '|| { code=$?; [ $code -eq 75 ] || echo "churn ended with $code, see $DIRECTORY/"logs/churn.log; }'
    )
    assert 'STAGE="it\'s prod"\n' in content
    assert "MAILTO=ann@example.org\n" in content
    assert "# WARNING: this is meant in Europe/Berlin" in content


def test_retries_have_one_owner() -> None:
    theirs, ours = FULL, replace(FULL, retries_by="runner")
    for name in TARGETS:
        told = "".join(texts(theirs, name).values())
        assert "--retries" not in told
        told = "".join(texts(ours, name).values())
        assert "--retries=2" in told
        assert Feature.retries not in ours.needs()
    assert "Restart=" not in text(theirs, "systemd")  # its limit of starts would count those of the timer
    assert "backoffLimit: 2" in text(theirs, "kubernetes") and "backoffLimit: 0" in text(ours, "kubernetes")
    assert "max_retries: 2" in text(theirs, "databricks") and "max_retries" not in text(ours, "databricks")
    assert '"retries": 2' in text(theirs, "airflow") and '"retries": 0' in text(ours, "airflow")


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_people_write_about_a_job_stands_in_no_file_as_code(name: str) -> None:
    for odd in ('it\'s "so" # 100% `id` $(id) \\', "a: b, [c] {d} - & *e | !f", "größe \u2028 \x1b[1m", "{% x %} {# y #}"):
        for path, content in texts(replace(FULL, owner=odd, contact=odd, environment={"STAGE": odd.replace("'", "")}), name).items():
            read = READERS.get(path.rpartition(".")[2])
            if read and read is not yaml.safe_load_all:
                read(content)
            elif read:
                list(read(content))
            elif path.endswith(".sh"):
                assert subprocess.run(["sh", "-n"], input=content, encoding="utf-8", check=False).returncode == 0


@pytest.mark.parametrize("name", TARGETS)
def test_a_job_may_be_called_like_a_word_of_a_frame(name: str) -> None:
    plain = texts(replace(PLAIN, owner="ops"), name)
    for odd in ("IMPORT_SCHEDULE", "TIMEOUT", "MY_NAME", "LIMITS_IDENTIFIER"):
        found = texts(replace(PLAIN, name=odd, owner="ops"), name)
        assert len(found) == len(plain)
        for path, content in found.items():
            read = READERS.get(path.rpartition(".")[2])
            if read:
                read(content)
            assert odd in content


def test_no_target_shares_the_jobs_environment() -> None:
    for name in TARGETS:
        for path, content in texts(FULL, name).items():
            imports = [line for line in content.splitlines() if line.startswith(("import churn", "from churn"))]
            assert imports == [], path


def test_a_crontab_without_a_schedule_is_only_an_example() -> None:
    content = text(replace(PLAIN, schedules=()), "cron")
    assert content.splitlines()[-1] == ('# 30 6 * * 1-5  cd "$DIRECTORY" && mkdir -p logs && "$PYTHON" -m churn.job >> logs/churn.log 2>&1')
    assert [line for line in content.splitlines() if line and line[0] in "0123456789*"] == []


@pytest.mark.parametrize(
    ("name", "job", "message"),
    [
        ("cron", Job("x", ("python",), parameters={"a": "1\n2"}), "the command has a line break, which a crontab line cannot hold"),
        ("cron", replace(PLAIN, owner="a\nb"), "the owner has a line break, which a crontab line cannot hold"),
        ("cron", replace(PLAIN, host=Host("/a\nb")), "the directory has a line break, which a crontab line cannot hold"),
        ("cron", replace(PLAIN, environment={"A": "1\n2"}), "environment variable A has a line break, which a crontab line cannot hold"),
        ("cron", replace(PLAIN, environment={"A": "'\""}), "environment variable A has both kinds of quotes, which a crontab cannot hold"),
        ("cron", replace(PLAIN, environment={"A B": "1"}), "`A B` cannot be the name of an environment variable"),
        ("cron", Job("x", ("python",), (Schedule("0 6 31 2 *"),)), "`0 6 31 2 *` is not a possible schedule: this day never comes"),
        ("argo", replace(PLAIN, parameters={"a": "{{b}}"}), "argo takes '--a={{b}}' for a template"),
        ("argo", replace(PLAIN, environment={"A": "{{b}}"}), "argo takes '{{b}}' for a template"),
        ("kubeflow", replace(PLAIN, parameters={"a": "{{$.x}}"}), "kubeflow takes '--a={{$.x}}' for a template"),
        ("databricks", replace(PLAIN, owner="${b}"), "databricks takes '${b}' for a template"),
        ("databricks", replace(PLAIN, parameters={"a": "${b}"}), "databricks takes '--a=${b}' for a template"),
        ("databricks", replace(PLAIN, command=("Rscript", "x.R")), "databricks runs the package's wheel, not `Rscript x.R`"),
        (
            "databricks",
            replace(PLAIN, schedules=(Schedule("0 6 13 * 5"),)),
            "databricks cannot hold the schedule `0 6 13 * 5`: Quartz takes a day of the month or a day of the week, never both",
        ),
        (
            "kubernetes",
            replace(PLAIN, schedules=(Schedule("0 6 */2 * 5"),)),
            "kubernetes cannot hold the schedule `0 6 */2 * 5`: a day field that starts with a star, beside the other, means that both "
            "must fit; here either would be enough",
        ),
        (
            "github",
            replace(PLAIN, schedules=(Schedule("@daily", "Asia/Tokyo"),)),
            "github cannot hold the schedule `0 0 * * *`: its clock is UTC, not Asia/Tokyo",
        ),
        (
            "airflow",
            replace(PLAIN, schedules=(Schedule("@daily", "UTC"), Schedule("@daily", "Asia/Tokyo"))),
            "a timetable of Airflow has one time zone, the schedules have Asia/Tokyo, UTC",
        ),
    ],
)
def test_what_no_file_of_a_target_can_hold_is_refused(name: str, job: Job, message: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        emit(job, TARGETS[name])
    assert caught.value.message == message
    assert caught.value.hint


def test_a_command_too_long_for_cron_is_refused() -> None:
    with pytest.raises(ChoiceError, match=r"the command of x has 1\d\d\d characters, cron takes 998"):
        emit(Job("x", ("python",), parameters={"a": "y" * 1000}), TARGETS["cron"])


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


@pytest.mark.skipif(shutil.which("crontab") is None, reason="no crontab here")
@pytest.mark.parametrize("job", [PLAIN, FULL], ids=["plain", "full"])
def test_crontab_accepts_what_we_write(job: Job, tmp_path: Path) -> None:
    path = tmp_path / "crontab"
    path.write_text(text(job, "cron"), encoding="utf-8")
    assert subprocess.run([*TARGETS["cron"].validators[0].command, str(path)], check=False).returncode == 0


def test_the_papermill_script_hands_its_words_to_the_project() -> None:
    assert text(FULL, "papermill").splitlines()[3:] == [
        "set -eu",
        'PROJECT="$(cd "$(dirname "$0")/../.." && pwd)"',
        'PYTHON="${PYTHON:-}"',
        '[ -n "$PYTHON" ] || PYTHON="$PROJECT/.venv/bin/python"',
        'cd "$PROJECT"/.',
        "export STAGE='it'\"'\"'s prod'",
        'output="$PROJECT/runs/churn-$(date -u +%Y%m%dT%H%M%SZ).ipynb"',
        'mkdir -p "$PROJECT/runs"',
        'exec "$PYTHON" -m churn.job --notebook="$PROJECT"/notebooks/churn.ipynb --output="$output" --timeout=1800 '
        "--logical-date-parameter=day --config=./conf/prod.toml --webhook=https://example.org/hook -- "
        "--region=010 '--ids=[1, 2]' --format=%Y-%m --flag=false \"$@\"",
    ]


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(ChoiceError) as caught:
        target_named("airflow9")
    assert (caught.value.message, caught.value.hint) == ("there is no target `airflow9`", f"one of {', '.join(TARGETS)}")
