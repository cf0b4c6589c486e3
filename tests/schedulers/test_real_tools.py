"""Every target by its real tool: the scheduler runs the job where it can run here, else its own validator or model accepts the files."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from schedulers.environments import SPEAKS, environment

Scheduled = Callable[..., Path]
Seen = Callable[[], Any]
PLAIN = ["010", 2, True, [1, 2]]
OTHER = ["020", 3, False, [5]]
GIVEN = {"region": "020", "factor": 3, "flag": False, "ids": [5]}


def run(*words: str | Path, cwd: Path, timeout: float = 240, **variables: str) -> str:
    """Run a tool to its end; its words when it fails."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **SPEAKS, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@contextmanager
def running(*words: str | Path, cwd: Path, log: Path, **variables: str) -> Iterator[None]:
    """A server for as long as it is needed."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=cwd,
            env={**os.environ, **SPEAKS, **variables},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds:g} s: {what}")


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.mark.skipif(shutil.which("cron") is None or os.getuid() != 0, reason="needs cron and its owner")
def test_a_real_cron_daemon_fires_the_job(project: Path, scheduled: Scheduled, seen: Seen, tmp_path: Path) -> None:
    folder = scheduled("cron", cron="* * * * *")
    before = subprocess.run(["crontab", "-l"], capture_output=True, check=False)
    run("crontab", folder / "sums.crontab", cwd=tmp_path)
    try:
        with running("cron", "-f", cwd=tmp_path, log=tmp_path / "log"):
            until((project / "seen.json").exists, 100, "cron started the job")
    finally:
        subprocess.run(["crontab", "-"] if before.returncode == 0 else ["crontab", "-r"], input=before.stdout, check=False)
    assert seen() == PLAIN


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_accepts_the_units_and_finds_them_hardened(scheduled: Scheduled, tmp_path: Path) -> None:
    folder = scheduled("systemd", "host.user=nobody")
    run("systemd-analyze", "verify", "./sums.service", "./sums.timer", cwd=folder)
    told = run("systemd-analyze", "security", "--offline=true", "--threshold=50", "./sums.service", cwd=folder)
    assert float(told.split("Overall exposure level for")[1].split(":")[1].split()[0]) < 5.0


def test_airflow_imports_the_dag_and_runs_it(scheduled: Scheduled, seen: Seen, tmp_path: Path) -> None:
    tool = environment("airflow") / "bin"
    folder = scheduled("airflow")
    known = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "PATH": f"{tool}:{os.environ['PATH']}",
    }
    run(tool / "airflow", "db", "migrate", cwd=tmp_path, **known)
    check = (
        "import sys; from airflow.dag_processing.dagbag import DagBag; b = DagBag(sys.argv[1]); assert not b.import_errors; b.dags['sums']"
    )
    run(tool / "python", "-c", check, folder, cwd=tmp_path, **known)
    run(tool / "airflow", "dags", "test", "sums", "2026-11-20", "--conf", json.dumps(GIVEN), cwd=tmp_path, **known)
    assert seen() == OTHER


def test_dagster_validates_the_module_and_executes_the_job(scheduled: Scheduled, seen: Seen, tmp_path: Path) -> None:
    tool = environment("dagster") / "bin"
    path = scheduled("dagster") / "sums.py"
    known = {"DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1", "PATH": f"{tool}:{os.environ['PATH']}"}
    run(tool / "dagster", "definitions", "validate", "-f", path, cwd=tmp_path, **known)
    (tmp_path / "config.json").write_text(json.dumps({"ops": {"run_sums": {"config": {"parameters": GIVEN}}}}))
    run(tool / "dagster", "job", "execute", "-f", path, "-j", "sums", "-c", "config.json", cwd=tmp_path, **known)
    assert seen() == OTHER


def test_prefect_deploys_the_flow_and_a_worker_runs_it(scheduled: Scheduled, seen: Seen, project: Path, tmp_path: Path) -> None:
    tool, port = environment("prefect") / "bin", free_port()
    folder = scheduled("prefect")
    known = {
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PATH": f"{tool}:{os.environ['PATH']}",
    }
    with running(tool / "prefect", "server", "start", "--port", str(port), cwd=tmp_path, log=tmp_path / "log", **known):
        until(lambda: _answers(f"http://127.0.0.1:{port}/api/health"), 120, "Prefect's server answers")
        run(tool / "prefect", "work-pool", "create", "local", "--type", "process", cwd=folder, **known)
        run(tool / "prefect", "--no-prompt", "deploy", "--all", cwd=folder, **known)
        run(tool / "prefect", "deployment", "run", "sums/sums", "--params", json.dumps({"parameters": GIVEN}), cwd=folder, **known)
        run(tool / "prefect", "worker", "start", "--pool", "local", "--run-once", cwd=folder, **known)
        until((project / "seen.json").exists, 60, "the worker ran the job")
    assert seen() == OTHER


def test_jupyter_scheduler_takes_the_definition_and_the_job_completes(
    scheduled: Scheduled, seen: Seen, project: Path, tmp_path: Path
) -> None:
    tool, port = environment("jupyter") / "bin", free_port()
    folder = scheduled("jupyter-scheduler")
    known = {
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "PATH": f"{tool}:{os.environ['PATH']}",
    }
    words = [
        "--no-browser",
        "--allow-root",
        "--port",
        str(port),
        "--IdentityProvider.token=t",
        f"--SchedulerApp.db_url=sqlite:///{tmp_path}/s.db",
    ]
    url = f"http://127.0.0.1:{port}"
    with running(tool / "jupyter", "lab", *words, cwd=project.parent, log=tmp_path / "log", **known):
        until(lambda: _answers(f"{url}/api/status?token=t"), 90, "Jupyter answers")
        definition = json.loads((folder / "sums-1.json").read_text(encoding="utf-8"))
        assert _post(f"{url}/scheduler/job_definitions", definition)["job_definition_id"]
        once = {key: value for key, value in definition.items() if key not in ("schedule", "timezone")}
        job = _post(f"{url}/scheduler/jobs", {**once, "parameters": {"parameters": repr(GIVEN)}})["job_id"]
        status = until(lambda: _status(f"{url}/scheduler/jobs/{job}"), 120, "the job ended")
    assert (status, seen()) == ("COMPLETED", OTHER)


def test_kubeflow_compiles_the_pipeline_and_runs_it_here(scheduled: Scheduled, seen: Seen, project: Path) -> None:
    python = environment("kfp") / "bin" / "python"
    folder = scheduled("kubeflow")
    path = f"{project / '.venv' / 'bin'}:{os.environ['PATH']}"
    run(python, folder / "sums.py", cwd=project, PATH=path)
    assert (folder / "sums.yaml").is_file()
    run(python, folder / "sums.py", "--local", cwd=project, PATH=path)
    assert seen() == PLAIN


def test_kubernetes_strict_schema_takes_the_cron_job(scheduled: Scheduled) -> None:
    tool = environment("kubernetes") / "bin"
    folder = scheduled("kubernetes", "retries=2", "timeout_minutes=5", "resources.cpu=0.5")
    run(tool / "kubernetes-validate", "--strict", "sums.yaml", cwd=folder)


def test_argos_models_take_the_workflow(scheduled: Scheduled) -> None:
    python = environment("kubernetes") / "bin" / "python"
    folder = scheduled("argo", "retries=2", "timeout_minutes=5")
    check = "import yaml; from hera.workflows import models as m; m.CronWorkflow.model_validate(yaml.safe_load(open('sums.yaml')))"
    run(python, "-c", check.replace("model_validate", "parse_obj") if _old_pydantic(python) else check, cwd=folder)


def test_github_actions_linters_find_nothing(scheduled: Scheduled, project: Path, tmp_path: Path) -> None:
    """GitHub's own actions are named by their tags, as its documents do; zizmor's strictest rule would have every one by a commit."""
    policy = tmp_path / "zizmor.yml"
    policy.write_text('rules: {unpinned-uses: {config: {policies: {"actions/*": ref-pin}}}}\n')
    tool = environment("lint") / "bin"
    folder = scheduled("github")
    for path in (folder / "sums.yml", project / ".github/workflows/ci.yml"):
        run(tool / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", path, cwd=folder)
        run(tool / "actionlint", path, cwd=folder)
        run(tool / "zizmor", "--offline", "--config", policy, path, cwd=folder)


def test_gitlabs_schema_takes_the_job(scheduled: Scheduled) -> None:
    tool = environment("lint") / "bin"
    folder = scheduled("gitlab", "retries=2", "timeout_minutes=5")
    run(tool / "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "sums.gitlab-ci.yml", cwd=folder)


def test_databricks_model_and_the_quartz_checker_take_the_job(scheduled: Scheduled) -> None:
    python = environment("databricks") / "bin" / "python"
    folder = scheduled("databricks", "retries=2", "timeout_minutes=5")
    check = """
import yaml
from databricks.bundles.jobs import Job
from quartz_cron_checker import QuartzCronChecker
for job in yaml.safe_load(open("databricks.yml"))["resources"]["jobs"].values():
    Job.from_dict(job).as_dict()
    assert QuartzCronChecker.from_cron_string(job["schedule"]["quartz_cron_expression"]).validate()
"""
    run(python, "-c", check, cwd=folder)


def test_hadolint_finds_nothing_in_the_dockerfile(project: Path) -> None:
    run(environment("lint") / "bin" / "hadolint", "Dockerfile", cwd=project)


def test_papermill_runs_the_notebook_and_keeps_its_results(project: Path, scheduled: Scheduled, seen: Seen) -> None:
    folder = scheduled("papermill")
    words = [f"--{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in GIVEN.items()]
    run("sh", folder / "sums.sh", *words, cwd=folder, PYTHON=sys.executable, PYTHONPATH=str(project / "src"))
    assert seen() == OTHER
    (executed,) = (project / "runs").glob("*.ipynb")
    outputs = [
        output.get("data", {}) for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"] for output in cell.get("outputs", [])
    ]
    scraps = {
        one["application/scrapbook.scrap.json+json"]["name"]: one for one in outputs if "application/scrapbook.scrap.json+json" in one
    }
    assert scraps["total"]["application/scrapbook.scrap.json+json"]["data"] == 15


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _post(url: str, body: Any) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": "token t"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=60) as answer:
        return json.loads(answer.read())


def _status(url: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": "token t"}), timeout=30) as answer:
        status = str(json.loads(answer.read())["status"])
    return status if status in ("COMPLETED", "FAILED") else ""  # a job is STOPPED until it starts


def _old_pydantic(python: Path) -> bool:
    asked = "import sys; from hera.workflows import models as m; sys.exit(hasattr(m.CronWorkflow, 'model_validate'))"
    return subprocess.run([str(python), "-c", asked], check=False).returncode == 0
