"""`nb2prod schedule --stages`: the tasks of a project do together what its run does, and borders that would change that are refused."""

from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from staged_notebook import job, staged_project

from nb2prod.cli import main
from nb2prod.errors import ChoiceError
from nb2prod.model.job import Job, Task
from nb2prod.targets import TARGETS, checked_tasks, emit, proposed_tasks

AIRFLOW = ("--target", "airflow", "--stages")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return staged_project(tmp_path_factory.mktemp("made"))


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "steps"))


def table(path: Path, name: str) -> Any:
    """The value a name is given at the top of a module."""
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    return next(ast.literal_eval(node.value) for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name)


def test_the_commands_of_the_tasks_give_what_one_run_gives(project: Path, tmp_path: Path) -> None:
    words = ("--set", f"host.project={project}", "--set", f"host.python={sys.executable}", "--set", "parameters.seed=11")
    assert main(["schedule", str(project), *AIRFLOW, *words, "-q"]) == 0
    dag = project / "jobs/airflow/steps.py"
    assert table(dag, "AFTER") == {
        "load": [],
        "clean": ["load"],
        "average": ["clean"],
        "draw": ["clean"],
        "say": ["average", "draw"],
    }
    status, whole, _ = job(project, "--", "--seed=11", folder=tmp_path)
    assert status == 0
    found: dict[str, Any] = {}
    for name, command in table(dag, "COMMANDS").items():
        line = command.replace("{{ run_id | replace('/', '_') }}", "first run").replace(" -- ", " --json -- ")
        environment = {"PYTHONPATH": str(project / "src"), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["sh", "-c", line], cwd=project, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
        )
        told = json.loads(done.stdout)
        assert (done.returncode, told["task"]) == (0, name)
        found |= told["results"]
    assert found == whole["results"]
    assert len(found) == 3
    kept = sorted(path.relative_to(project).as_posix() for path in project.glob(".steps-values/**/*") if path.is_file())
    assert {path.rpartition(".")[2] for path in kept if path != ".steps-values/first run/planned"} == {"json"}


def test_what_people_wrote_of_tasks_stays_and_goes_into_the_module(project: Path) -> None:
    job_file = project / "jobs/job.toml"
    text = job_file.read_text(encoding="utf-8")
    ours = '\n[[task]]  # ours\nname = "get"\nstages = ["load", "clean", "average"]\n\n[[task]]\nname = "rest"\nstages = ["draw", "say"]\n'
    job_file.write_text(text + ours, encoding="utf-8")
    assert main(["schedule", str(project), *AIRFLOW, "-q"]) == 0
    assert job_file.read_text(encoding="utf-8") == text + ours
    assert table(project / "jobs/airflow/steps.py", "AFTER") == {"get": [], "rest": ["get"]}
    module = (project / "src/steps/tasks.py").read_text(encoding="utf-8")
    assert "    data, kept = load(rows=parameters.rows, seed=parameters.seed)\n    labels = clean(data=data)\n" in module


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ({"a": ["load", "clean"]}, "job.toml: stage `average` is in no task"),
        ({"a": ["clean", "load"], "b": ["average", "draw", "say"]}, "job.toml: the tasks do not hold each stage once and in their order"),
        ({"a": ["load", "wash"]}, "job.toml: there is no stage `wash`"),
        ({"A-b": ["load"]}, "job.toml: `A-b` cannot be the name of a task"),
        ({"a": []}, "job.toml: task `a` has no stages"),
    ],
)
def test_tasks_that_are_not_the_stages_in_their_order_are_refused(
    project: Path, tasks: dict[str, list[str]], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "".join(f'\n[[task]]\nname = "{name}"\nstages = {json.dumps(stages)}\n' for name, stages in tasks.items())
    with (project / "jobs/job.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    assert main(["schedule", str(project), "--target", "airflow"]) == 2
    assert message in capsys.readouterr().err
    assert not (project / "src/steps/tasks.py").exists()


def test_a_pipeline_that_does_more_than_call_stages_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline = project / "src/steps/pipeline.py"
    pipeline.write_text(
        pipeline.read_text(encoding="utf-8").replace("    labels = clean", "    if data:\n        data.append(1)\n    labels = clean")
    )
    assert main(["schedule", str(project), *AIRFLOW]) == 2
    assert "`if data:\n    data.append(1)` is no call of a stage" in capsys.readouterr().err


def test_a_package_without_tasks_a_missing_folder_and_a_missing_task_end_with_2(project: Path, tmp_path: Path) -> None:
    assert job(project, "--task=load", f"--values={tmp_path / 'v'}", folder=tmp_path)[::2][0] == 2
    assert main(["schedule", str(project), *AIRFLOW, "-q"]) == 0
    status, _, said = job(project, "--task=load", folder=tmp_path)
    assert (status, said) == (2, "steps: --task needs --values, the folder of the run\n")
    status, told, _ = job(project, "--task=wash", f"--values={tmp_path / 'v'}", folder=tmp_path)
    assert (status, told["error"]) == (2, "ParameterError: there is no task 'wash'; known: load, clean, average, draw, say")
    status, told, _ = job(project, "--task=clean", f"--values={tmp_path / 'v'}", folder=tmp_path)
    assert status == 2
    assert told["error"].startswith("TaskError: task `clean` needs the values of `load`, which are not in ")


def test_the_commands_of_the_page_make_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[1] / "docs/scheduling.md").read_text(encoding="utf-8")
    convert, schedule, install = page.partition("## Several tasks")[2].partition("```sh\n")[2].partition("\n```")[0].splitlines()
    assert install in page.partition("### airflow")[2].replace("sums", "steps")
    staged_project(tmp_path)
    shutil.rmtree(tmp_path / "steps")
    monkeypatch.chdir(tmp_path)
    for line in (f"{convert} --no-run -q", f"{schedule} -q"):
        assert main(shlex.split(line.replace("$PWD", str(tmp_path)))[1:]) == 0
    assert list(table(tmp_path / "steps/jobs/airflow/steps.py", "COMMANDS")) == ["load", "clean", "average", "draw", "say"]


STAGE = {"name": "a", "inputs": [], "outputs": [], "after": [], "types": {}, "updates": [], "shares": {}}


def stages(**told: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**STAGE, "name": name, **one} for name, one in told.items()]


MODEL = stages(
    load={"outputs": ["df"], "types": {"df": "pandas.DataFrame"}},
    fit={"inputs": ["df"], "outputs": ["model"], "types": {"model": "sklearn.linear_model.LogisticRegression"}, "after": ["load"]},
    draw={"inputs": ["df"], "after": ["load"]},
    score={"inputs": ["model"], "after": ["fit"]},
)
SETTINGS = stages(
    seed={},
    plot={"after": ["seed"], "shares": {"seed": ["ambient rng:numpy", "file a.csv"]}},
    more={"shares": {"plot": ["ambient figure"]}},
)


def test_borders_are_where_nothing_is_lost() -> None:
    assert proposed_tasks(MODEL) == (Task("load", ("load",)), Task("fit", ("fit", "draw", "score")))
    assert checked_tasks(proposed_tasks(MODEL), MODEL)[1] == Task("fit", ("fit", "draw", "score"), ("load",))
    assert proposed_tasks(SETTINGS) == (Task("seed", ("seed",)), Task("plot", ("plot", "more")))
    assert checked_tasks(proposed_tasks(SETTINGS), SETTINGS)[1] == Task("plot", ("plot", "more"), ("seed",), ("seed",))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            MODEL,
            "`score` takes `model` (sklearn.linear_model.LogisticRegression) from `fit`, which neither JSON nor parquet can hold exactly",
        ),
        (SETTINGS, "`plot` and `more` share the current figure"),
    ],
)
def test_a_border_that_would_lose_something_is_refused_by_name(told: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        checked_tasks([Task(stage["name"], (stage["name"],)) for stage in told], told)
    assert caught.value.message.endswith(f": {why}")
    assert caught.value.hint and caught.value.hint.endswith("into one task")


TWO = Job("churn", ("python", "-m", "churn.job"), tasks=(Task("one", ("a",)), Task("two", ("b",), ("one",), ("one",))))


@pytest.mark.parametrize(
    ("target", "job", "message"),
    [
        ("github", TWO, "github: task `two` uses files that task `one` uses too, and its tasks share no working directory"),
        ("argo", TWO, "argo: the values between tasks need a place"),
        ("dagster", TWO, "dagster: two runs at once would mix their files between task `one` and task `two`"),
        ("airflow", replace(TWO, overlap="allow"), "airflow: two runs at once would mix their files between task `one` and task `two`"),
    ],
)
def test_a_target_whose_tasks_would_not_see_what_others_leave_refuses_them(target: str, job: Job, message: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        emit(job, TARGETS[target])
    assert caught.value.message == message


def test_a_target_without_tasks_says_so_and_runs_one() -> None:
    files, told = emit(TWO, TARGETS["kubernetes"])
    assert files == emit(replace(TWO, tasks=()), TARGETS["kubernetes"])[0]
    assert [finding.message for finding in told if finding.code == "NB614"] == [
        "kubernetes cannot express several tasks: all stages run in one task"
    ]
