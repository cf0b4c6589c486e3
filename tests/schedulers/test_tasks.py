"""Several tasks of one job by the real tools: where a scheduler runs here, its tasks do together what one run does; else it takes the files."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from schedulers.environments import uv
from schedulers.servers import answers, free_port, running, until
from schedulers.test_real_tools import run
from staged_notebook import STAGES, staged_project

from nb2prod.cli import main

SAVE = {"save": "import json\nwith open('told.json', 'w') as file:\n    json.dump([told, random.random()], file)"}
TASKS = ["load", "clean", "average", "draw", "say", "save"]
Tools = Callable[[str], Path]
Told = Callable[[], Any]


@pytest.fixture(scope="module")
def python(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project of several stages, and the interpreter it is installed for."""
    staged = staged_project(tmp_path_factory.mktemp("tasks"), STAGES | SAVE)
    own = project / ".venv/bin/python"
    subprocess.run([uv(), "pip", "install", "-q", "--python", own, "-e", staged], check=True, timeout=600)
    return staged, own


@pytest.fixture
def folder(python: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Writes the files of a target with a task for each stage; gives their folder."""
    staged, own = python
    monkeypatch.setenv("PATH", f"{own.parent}:{os.environ['PATH']}")

    def scheduled(target: str, *words: str) -> Path:
        asked = ["--cron", "30 6 * * 1-5", "--timezone", "UTC", "--stages"]
        settings = [f"host.project={staged}", f"host.python={own}", "parameters.seed=11", *words]
        assert (
            main(["schedule", str(staged), "--target", target, *asked, *(part for word in settings for part in ("--set", word)), "-q"]) == 0
        )
        (staged / "told.json").unlink(missing_ok=True)
        return staged / "jobs" / target

    return scheduled


@pytest.fixture
def told(python: tuple[Path, Path], tmp_path: Path) -> Told:
    """Whether the tasks left what one run leaves."""
    staged, own = python

    def same() -> bool:
        found = (staged / "told.json").read_text(encoding="utf-8")
        run(own, "-m", "steps.job", "--", "--seed=11", cwd=tmp_path)
        return found == (tmp_path / "told.json").read_text(encoding="utf-8")

    return same


def test_airflow_runs_the_tasks(folder: Any, told: Told, tmp_path: Path, tools: Tools) -> None:
    tool = tools("airflow")
    known = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder("airflow")),
        "PATH": f"{tool}:{os.environ['PATH']}",
    }
    run(tool / "airflow", "db", "migrate", cwd=tmp_path, **known)
    said = run(tool / "airflow", "dags", "test", "steps", "2026-11-20", cwd=tmp_path, **known)
    assert [name for name in TASKS if name not in said] == []
    assert told()


def test_dagster_executes_the_tasks(folder: Any, told: Told, tmp_path: Path, tools: Tools) -> None:
    tool = tools("dagster")
    known = {"DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1", "PATH": f"{tool}:{os.environ['PATH']}"}
    run(tool / "dagster", "job", "execute", "-f", folder("dagster") / "steps.py", "-j", "steps", cwd=tmp_path, **known)
    assert told()


def test_prefect_runs_the_tasks(folder: Any, told: Told, tmp_path: Path, tools: Tools) -> None:
    tool, port = tools("prefect"), free_port()
    known = {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PATH": f"{tool}:{os.environ['PATH']}",
    }
    with running(tool / "prefect", "server", "start", "--port", str(port), cwd=tmp_path, log=tmp_path / "log", **known):
        until(lambda: answers(f"http://127.0.0.1:{port}/api/health"), 300, "Prefect's server answers")
        run(tool / "python", folder("prefect") / "steps.py", cwd=tmp_path, **known)
    assert told()


def test_kubeflow_compiles_the_tasks_and_runs_them_here(folder: Any, told: Told, python: tuple[Path, Path], tools: Tools) -> None:
    kfp, path = tools("kfp") / "python", folder("kubeflow", "resources.cpu=1") / "steps.py"
    run(kfp, path, cwd=python[0])
    run(kfp, path, "--local", cwd=python[0])
    assert told()


def test_argos_models_take_the_tasks(folder: Any, told: Told, python: tuple[Path, Path], tmp_path: Path, tools: Tools) -> None:
    place = folder("argo", "host.claim=data", "retries=2")
    check = "import yaml; from hera.workflows import models as m; w = m.CronWorkflow; (getattr(w, 'model_validate', None) or w.parse_obj)"
    run(tools("kubernetes") / "python", "-c", f"{check}(yaml.safe_load(open('steps.yaml')))", cwd=place)
    spec = yaml.safe_load((place / "steps.yaml").read_text(encoding="utf-8"))["spec"]["workflowSpec"]
    dag, *templates = spec["templates"]
    assert [task["template"] for task in dag["dag"]["tasks"]] == [one["name"] for one in templates]
    for one in templates:
        run(
            *(word.replace("/work", str(tmp_path)).replace("{{workflow.name}}", "w") for word in one["container"]["command"]), cwd=python[0]
        )
    assert told()


def test_the_linters_of_github_actions_take_the_tasks(
    folder: Any, told: Told, python: tuple[Path, Path], tmp_path: Path, tools: Tools
) -> None:
    policy = tmp_path / "zizmor.yml"
    policy.write_text('rules: {unpinned-uses: {config: {policies: {"actions/*": ref-pin}}}}\n', encoding="utf-8")
    path, tool = folder("github") / "steps.yml", tools("lint")
    run(tool / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", path, cwd=tmp_path)
    run(tool / "actionlint", path, cwd=tmp_path)
    run(tool / "zizmor", "--offline", "--config", policy, path, cwd=tmp_path)
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    assert list(jobs) == TASKS
    for job in jobs.values():  # on one disk, where artifacts need not be copied
        (step,) = (step for step in job["steps"] if "env" in step)
        run("bash", "-e", "-c", step["run"], cwd=python[0], JOB_PARAMETERS="{}")
    assert told()


def test_gitlabs_schema_takes_the_tasks(folder: Any, told: Told, python: tuple[Path, Path], tools: Tools) -> None:
    place = folder("gitlab")
    run(tools("lint") / "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "steps.gitlab-ci.yml", cwd=place)
    for job in yaml.safe_load((place / "steps.gitlab-ci.yml").read_text(encoding="utf-8")).values():
        run("sh", "-e", "-c", job["script"][-1], cwd=python[0])
    assert told()


def test_databricks_model_takes_the_tasks(folder: Any, told: Told, python: tuple[Path, Path], tmp_path: Path, tools: Tools) -> None:
    place = folder("databricks", f"host.claim={tmp_path}/volume")
    check = "import yaml; from databricks.bundles.jobs import Job; j = yaml.safe_load(open('databricks.yml'))['resources']['jobs']['steps']"
    run(tools("databricks") / "python", "-c", f"{check}; Job.from_dict(j).as_dict()", cwd=place)
    job = yaml.safe_load((place / "databricks.yml").read_text(encoding="utf-8"))["resources"]["jobs"]["steps"]
    assert [task["task_key"] for task in job["tasks"]] == TASKS
    for task in job["tasks"]:
        words = [word.replace("{{job.run_id}}", "1") for word in task["python_wheel_task"]["parameters"]]
        run(python[1].parent / task["python_wheel_task"]["entry_point"], *words, cwd=python[0])
    assert told()
    assert json.loads((tmp_path / "volume/1/load/-done.json").read_text(encoding="utf-8"))["shared"] == []
