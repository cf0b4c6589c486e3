"""Every target by its real tool: the scheduler runs the job where it can run here, else its own validator or model accepts the files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from schedulers.awkward import DEFAULTS, GIVEN, LINES, SET, without
from schedulers.environments import SPEAKS, home, in_utf8
from schedulers.servers import answers, free_port, running, until

from nb2prod.targets.launch import text_of

Scheduled = Callable[..., Path]
Seen = Callable[[], Any]
ALL = {**SET, **GIVEN}
Tools = Callable[[str], Path]


def run(*words: str | Path, cwd: Path, timeout: float = 600, **variables: str) -> str:
    """Run a tool to its end; its words when it fails."""
    done = subprocess.run(
        in_utf8(*words),
        cwd=cwd,
        env={**os.environ, **SPEAKS, **dict(zip(variables, in_utf8(*variables.values()), strict=True))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.mark.skipif(shutil.which("cron") is None or os.getuid() != 0, reason="needs cron and its owner")
def test_a_real_cron_daemon_fires_the_job(project: Path, scheduled: Scheduled, seen: Seen, tmp_path: Path) -> None:
    given = without(SET, LINES)  # no line of a crontab can hold it
    folder = scheduled("cron", cron="* * * * *", parameters=given)
    before = subprocess.run(["crontab", "-l"], capture_output=True, check=False)
    run("crontab", folder / "sums.crontab", cwd=tmp_path)
    try:
        with running("cron", "-f", cwd=tmp_path, log=tmp_path / "log"):
            until((project / "seen.json").exists, 200, "cron started the job")
    finally:
        subprocess.run(["crontab", "-"] if before.returncode == 0 else ["crontab", "-r"], input=before.stdout, check=False)
    assert seen() == given


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_accepts_the_units_and_finds_them_hardened(scheduled: Scheduled, seen: Seen, project: Path) -> None:
    folder = scheduled("systemd", "host.user=nobody")
    run("systemd-analyze", "verify", "./sums.service", "./sums.timer", cwd=folder)
    told = run("systemd-analyze", "security", "--offline=true", "--threshold=50", "./sums.service", cwd=folder)
    assert float(told.split("Overall exposure level for")[1].split(":")[1].split()[0]) < 5.0
    (line,) = re.findall(r"^ExecStart=(.*)$", (folder / "sums.service").read_text(encoding="utf-8"), re.M)
    run(*(_unquoted(word) for word in re.findall(r'"((?:[^"\\]|\\.)*)"', line)), cwd=project)
    assert seen() == SET


# A manager of its own, in its own spaces of processes and mounts: it takes this machine for one that was started by systemd.
MANAGER = """\
mount -t tmpfs none /run/systemd
mkdir -p /run/systemd/system /run/systemd/inaccessible/dir
touch /run/systemd/inaccessible/reg
mkfifo /run/systemd/inaccessible/fifo
/lib/systemd/systemd --user --unit=sums.timer &
wait
"""


@pytest.mark.skipif(
    os.getuid() != 0
    or shutil.which("unshare") is None
    or not Path("/lib/systemd/systemd").exists()
    or Path("/run/systemd/system").exists(),
    reason="needs root, systemd and unshare on a machine that was not started by systemd",
)
@pytest.mark.skipif(Path("/tmp") in Path(sys.executable).parents, reason="the service has a /tmp of its own, without this Python")
def test_a_real_systemd_fires_the_timer_and_the_hardened_service_runs_the_job(project: Path, scheduled: Scheduled, tmp_path: Path) -> None:
    """Below the cache and not below /tmp, which the service has for itself."""
    home().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="systemd-", dir=home()) as place:
        shutil.copytree(project / "src", Path(place, "src"))
        words = (f"host.project={place}", f"host.python={sys.executable}", f"environment.PYTHONPATH={place}/src")
        folder = scheduled("systemd", *words, cron="* * * * *")
        shutil.copytree(folder, Path(place, "units"))
        known = {"SYSTEMD_UNIT_PATH": f"{place}/units:", "XDG_RUNTIME_DIR": str(tmp_path), "SYSTEMD_LOG_TARGET": "console"}
        spaces = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
        with running(*spaces, "sh", "-c", MANAGER, cwd=tmp_path, log=tmp_path / "log", **known):
            until(Path(place, "seen.json").exists, 200, "the timer started the service")
        assert json.loads(Path(place, "seen.json").read_text(encoding="utf-8")) == {**DEFAULTS, **SET}


def test_airflow_imports_the_dag_and_runs_it(scheduled: Scheduled, seen: Seen, tmp_path: Path, tools: Tools) -> None:
    tool = tools("airflow")
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
    assert seen() == ALL


def test_dagster_validates_the_module_and_executes_the_job(scheduled: Scheduled, seen: Seen, tmp_path: Path, tools: Tools) -> None:
    tool = tools("dagster")
    path = scheduled("dagster") / "sums.py"
    known = {"DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1", "PATH": f"{tool}:{os.environ['PATH']}"}
    run(tool / "dagster", "definitions", "validate", "-f", path, cwd=tmp_path, **known)
    (tmp_path / "config.json").write_text(json.dumps({"ops": {"run_sums": {"config": {"parameters": GIVEN}}}}))
    run(tool / "dagster", "job", "execute", "-f", path, "-j", "sums", "-c", "config.json", cwd=tmp_path, **known)
    assert seen() == ALL


def test_prefect_deploys_the_flow_and_a_worker_runs_it(
    scheduled: Scheduled, seen: Seen, project: Path, tmp_path: Path, tools: Tools
) -> None:
    tool, port = tools("prefect"), free_port()
    folder = scheduled("prefect")
    known = {
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PATH": f"{tool}:{os.environ['PATH']}",
    }
    with running(tool / "prefect", "server", "start", "--port", str(port), cwd=tmp_path, log=tmp_path / "log", **known):
        until(lambda: answers(f"http://127.0.0.1:{port}/api/health"), 300, "Prefect's server answers")
        run(tool / "prefect", "work-pool", "create", "local", "--type", "process", cwd=folder, **known)
        run(tool / "prefect", "--no-prompt", "deploy", "--all", cwd=folder, **known)
        run(tool / "prefect", "deployment", "run", "sums/sums", "--params", json.dumps({"parameters": GIVEN}), cwd=folder, **known)
        run(tool / "prefect", "worker", "start", "--pool", "local", "--run-once", cwd=folder, **known)
        until((project / "seen.json").exists, 300, "the worker ran the job")
    assert seen() == ALL


def test_jupyter_scheduler_takes_the_definition_and_the_job_completes(
    scheduled: Scheduled, seen: Seen, project: Path, tmp_path: Path, tools: Tools
) -> None:
    tool, port = tools("jupyter"), free_port()
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
        until(lambda: answers(f"{url}/api/status?token=t"), 300, "Jupyter answers")
        definition = json.loads((folder / "sums-1.json").read_text(encoding="utf-8"))
        assert _post(f"{url}/scheduler/job_definitions", definition)["job_definition_id"]
        once = {key: value for key, value in definition.items() if key not in ("schedule", "timezone")}
        job = _post(f"{url}/scheduler/jobs", {**once, "parameters": {"parameters": repr(GIVEN)}})["job_id"]
        status = until(lambda: _status(f"{url}/scheduler/jobs/{job}"), 300, "the job ended")
    assert (status, seen()) == ("COMPLETED", ALL)


def test_kubeflow_compiles_the_pipeline_and_runs_it_here(scheduled: Scheduled, seen: Seen, project: Path, tools: Tools) -> None:
    python = tools("kfp") / "python"
    folder = scheduled("kubeflow")
    run(python, folder / "sums.py", cwd=project, **_own(project))
    assert (folder / "sums.yaml").is_file()
    run(python, folder / "sums.py", "--local", cwd=project, **_own(project))
    assert seen() == SET


def test_kubernetes_strict_schema_takes_the_cron_job(scheduled: Scheduled, tools: Tools, project: Path, seen: Seen) -> None:
    tool = tools("kubernetes")
    folder = scheduled("kubernetes", "retries=2", "timeout_minutes=5", "resources.cpu=0.5")
    run(tool / "kubernetes-validate", "--strict", "sums.yaml", cwd=folder)
    spec = yaml.safe_load((folder / "sums.yaml").read_text(encoding="utf-8"))["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    _in_container(spec["containers"][0], project)
    assert seen() == SET


def test_argos_models_take_the_workflow(scheduled: Scheduled, tools: Tools, project: Path, seen: Seen) -> None:
    python = tools("kubernetes") / "python"
    given = without(SET, "{{")
    folder = scheduled("argo", "retries=2", "timeout_minutes=5", parameters=given)
    check = "import yaml; from hera.workflows import models as m; m.CronWorkflow.model_validate(yaml.safe_load(open('sums.yaml')))"
    run(python, "-c", check.replace("model_validate", "parse_obj") if _old_pydantic(python) else check, cwd=folder)
    workflow = yaml.safe_load((folder / "sums.yaml").read_text(encoding="utf-8"))["spec"]["workflowSpec"]
    _in_container(workflow["templates"][0]["container"], project)
    assert seen() == given


def test_github_actions_linters_find_nothing(scheduled: Scheduled, project: Path, tmp_path: Path, tools: Tools, seen: Seen) -> None:
    """GitHub's own actions are named by their tags, as its documents do; zizmor's strictest rule would have every one by a commit."""
    policy = tmp_path / "zizmor.yml"
    policy.write_text('rules: {unpinned-uses: {config: {policies: {"actions/*": ref-pin}}}}\n')
    tool = tools("lint")
    folder = scheduled("github")
    for path in (folder / "sums.yml", project / ".github/workflows/ci.yml"):
        run(tool / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", path, cwd=folder)
        run(tool / "actionlint", path, cwd=folder)
        run(tool / "zizmor", "--offline", "--config", policy, path, cwd=folder)
    step = yaml.safe_load((folder / "sums.yml").read_text(encoding="utf-8"))["jobs"]["run"]["steps"][-1]
    assert step["env"] == {"JOB_PARAMETERS": "${{ inputs.parameters || '{}' }}"}
    run("bash", "-e", "-c", step["run"].replace("${{ '${{' }}", "${{"), cwd=project, **_own(project), JOB_PARAMETERS=json.dumps(GIVEN))
    assert seen() == ALL


def test_gitlabs_schema_takes_the_job(scheduled: Scheduled, tools: Tools, project: Path, seen: Seen) -> None:
    tool = tools("lint")
    folder = scheduled("gitlab", "retries=2", "timeout_minutes=5")
    run(tool / "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "sums.gitlab-ci.yml", cwd=folder)
    line = yaml.safe_load((folder / "sums.gitlab-ci.yml").read_text(encoding="utf-8"))["sums"]["script"][-1]
    run("sh", "-e", "-c", line, cwd=project, **_own(project))
    assert seen() == SET


def test_databricks_model_and_the_quartz_checker_take_the_job(scheduled: Scheduled, tools: Tools, project: Path, seen: Seen) -> None:
    python = tools("databricks") / "python"
    given = without(SET, "{{", "${")
    folder = scheduled("databricks", "retries=2", "timeout_minutes=5", parameters=given)
    check = """
import yaml
from databricks.bundles.jobs import Job
from quartz_cron_checker import QuartzCronChecker
for job in yaml.safe_load(open("databricks.yml"))["resources"]["jobs"].values():
    Job.from_dict(job).as_dict()
    assert QuartzCronChecker.from_cron_string(job["schedule"]["quartz_cron_expression"]).validate()
"""
    run(python, "-c", check, cwd=folder)
    (job,) = yaml.safe_load((folder / "databricks.yml").read_text(encoding="utf-8"))["resources"]["jobs"].values()
    task = job["tasks"][0]["python_wheel_task"]
    run(project / ".venv/bin" / task["entry_point"], *task["parameters"], cwd=project)
    assert seen() == given


def test_hadolint_finds_nothing_in_the_dockerfile(project: Path, tools: Tools) -> None:
    run(tools("lint") / "hadolint", "Dockerfile", cwd=project)


def test_papermill_runs_the_notebook_and_keeps_its_results(project: Path, scheduled: Scheduled, seen: Seen) -> None:
    folder = scheduled("papermill")
    words = [f"--{name}={text_of(value)}" for name, value in GIVEN.items()]
    run("sh", folder / "sums.sh", *words, cwd=folder, PYTHON=sys.executable, PYTHONPATH=str(project / "src"))
    assert seen() == ALL
    (executed,) = (project / "runs").glob("sums-*.ipynb")
    outputs = [
        output.get("data", {}) for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"] for output in cell.get("outputs", [])
    ]
    scraps = {
        one["application/scrapbook.scrap.json+json"]["name"]: one for one in outputs if "application/scrapbook.scrap.json+json" in one
    }
    assert scraps["total"]["application/scrapbook.scrap.json+json"]["data"] == ALL["a33"] * ALL["b33"]


def _unquoted(text: str) -> str:
    """A word of a unit as systemd reads it: escapes, then specifiers, then variables, of which there are none."""
    signs = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: signs.get(found[1], found[1]), text).replace("%%", "%").replace("$$", "$")


def _in_container(container: dict[str, Any], project: Path) -> None:
    """Start a container's command as Kubernetes would, where `$$(` stands for `$(`, but here."""
    assert "args" not in container
    run(*(word.replace("$$(", "$(") for word in container["command"]), cwd=project, **_own(project))


def _own(project: Path) -> dict[str, str]:
    return {"PATH": f"{project / '.venv/bin'}:{os.environ['PATH']}"}


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
