"""The commands of docs/scheduling.md: from a notebook to a schedule that runs, for every target."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from notebook_files import write_notebook
from schedulers.environments import SPEAKS
from schedulers.servers import answers, free_port, running, until

from nb2prod.targets import TARGETS

PAGE = (Path(__file__).parents[2] / "docs/scheduling.md").read_text(encoding="utf-8")
COMMANDS = {name: block.splitlines() for name, block in re.findall(r"^### ([\w-]+)\n\n```sh\n(.*?)\n```$", PAGE, re.M | re.S)}
CELLS = ("region = '010'\nfactor = 2\nids = [1, 2]", "total = factor * sum(ids)\nprint(total)")
# Stands in for a program that needs a cluster, a registry or root: what it was told, and whether the files it names are there.
STAND_IN = """\
#!{python}
import pathlib, sys
words = sys.argv[1:]
named = [word for word in words if word.startswith("sums/")] or (["databricks.yml"] if {name!r} == "databricks" else [])
assert all(pathlib.Path(word).exists() for word in named), named
with open({told!r}, "a") as file:
    print({name!r}, *words, file=file)
"""
Tools = Callable[[str], Path]


@pytest.fixture
def told(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A folder with the notebook to stand in, our commands and the stand-ins on the path; gives what the stand-ins were told."""
    place, log = tmp_path / "bin", tmp_path / "told"
    place.mkdir()
    for name in ("docker", "kubectl", "argo", "databricks", "sudo"):
        (place / name).write_text(STAND_IN.format(python=sys.executable, name=name, told=str(log)), encoding="utf-8")
        (place / name).chmod(0o755)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = [str(place), str(Path(sys.executable).parent), os.environ["PATH"]]
    known = {**SPEAKS, "PATH": os.pathsep.join(path), "USER": "nobody", "REGISTRY": "registry.example.org", "TOKEN": "t"}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    write_notebook(Path("sums.ipynb"), *CELLS)
    return lambda: log.read_text(encoding="utf-8").splitlines()


def sh(line: str, **variables: str) -> str:
    done = subprocess.run(
        ["sh", "-e", "-c", line],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}"
    return done.stdout


def scheduled(name: str) -> str:
    """Runs the first two commands; gives the third."""
    convert, schedule, last = COMMANDS[name]
    sh(f"{convert} --no-run")  # what a run shows is tested elsewhere
    sh(schedule)
    return last


def on_path(folder: Path) -> dict[str, str]:
    return {"PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}


def test_every_target_has_three_commands_and_a_line_of_proof() -> None:
    assert {name: len(lines) for name, lines in COMMANDS.items()} == dict.fromkeys(TARGETS, 3)
    proofs = PAGE.partition("## How each target is proved")[2].partition("\n## ")[0]
    assert re.findall(r"^\| ([a-z][\w-]*) \|", proofs, re.M)[1:] == list(TARGETS)


@pytest.mark.skipif(shutil.which("crontab") is None, reason="no crontab here")
def test_the_page_about_cron(told: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a crontab that keeps its table in a file, checked by the real one: another test has the real table."""
    real, table = shutil.which("crontab"), tmp_path / "table"
    table.write_text('MAILTO=""\n', encoding="utf-8")
    (tmp_path / "bin/crontab").write_text(
        f'#!/bin/sh\nset -e\nif [ "$1" = -l ]; then exec cat {table}; fi\ncat > {table}.new\n{real} -n {table}.new\nmv {table}.new {table}\n'
    )
    (tmp_path / "bin/crontab").chmod(0o755)
    sh(scheduled("cron"))
    lines = table.read_text(encoding="utf-8").splitlines()
    assert lines[0] == 'MAILTO=""' and lines[-1].startswith('30 6 * * 1-5  cd "$DIRECTORY"')
    assert f"DIRECTORY={Path.cwd() / 'sums'}" in lines


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("systemd", ["sudo cp sums/jobs/systemd/sums.service", "sudo systemctl enable --now sums.timer"]),
        (
            "kubernetes",
            ["docker build -t registry.example.org/sums:1 sums", "docker push", "kubectl apply -f sums/jobs/kubernetes/sums.yaml"],
        ),
        ("argo", ["docker build -t registry.example.org/sums:1 sums", "docker push", "argo cron create sums/jobs/argo/sums.yaml"]),
        ("databricks", ["databricks bundle deploy --target prod"]),
    ],
)
def test_the_pages_about_what_cannot_run_here(name: str, words: list[str], told: Callable[[], list[str]]) -> None:
    sh(scheduled(name))
    assert [line.startswith(start) for line, start in zip(told(), words, strict=True)] == [True] * len(words)


def test_the_page_about_papermill(told: Any, project: Path) -> None:
    last = scheduled("papermill")
    sh(last, PYTHON=sys.executable, PYTHONPATH=str(Path("sums/src").absolute()))
    (executed,) = Path("sums/runs").glob("*.ipynb")
    assert '"total"' in executed.read_text(encoding="utf-8")


def test_the_page_about_jupyter_scheduler(told: Any, tools: Tools, tmp_path: Path) -> None:
    tool, port = tools("jupyter"), free_port()
    known = {"JUPYTER_DATA_DIR": str(tmp_path / "data"), "JUPYTER_CONFIG_DIR": str(tmp_path / "config"), **on_path(tool)}
    words = [
        "--no-browser",
        "--allow-root",
        "--port",
        str(port),
        "--IdentityProvider.token=t",
        f"--SchedulerApp.db_url=sqlite:///{tmp_path}/s",
    ]
    last = scheduled("jupyter-scheduler")
    with running(tool / "jupyter", "lab", *words, cwd=Path.cwd(), log=tmp_path / "log", **known):
        until(lambda: answers(f"http://127.0.0.1:{port}/api/status?token=t"), 300, "Jupyter answers")
        assert "job_definition_id" in sh(last, JUPYTER=f"http://127.0.0.1:{port}")


def test_the_page_about_airflow(told: Any, tools: Tools, tmp_path: Path) -> None:
    known = {"AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", **on_path(tools("airflow"))}
    (tmp_path / "airflow/dags").mkdir(parents=True)
    sh("airflow db migrate", **known)
    sh(scheduled("airflow"), **known)
    (dag,) = json.loads(sh("airflow dags list --output json 2>/dev/null", **known).splitlines()[-1])
    assert (dag["dag_id"], dag["is_paused"]) == ("sums", "False")


def test_the_page_about_dagster(told: Any, tools: Tools, tmp_path: Path) -> None:
    port = free_port()
    known = {
        "DAGSTER_HOME": str(tmp_path),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DAGSTER_WEBSERVER_PORT": str(port),
        **on_path(tools("dagster")),
    }
    last = scheduled("dagster")
    query = {
        "query": '{schedulesOrError(repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "sums.py"}) '
        "{... on Schedules {results {name scheduleState {status}}}}}"
    }
    with running("sh", "-c", f"exec {last} --port {port}", cwd=Path.cwd(), log=tmp_path / "log", **known):
        until(lambda: answers(f"http://127.0.0.1:{port}/server_info"), 300, "Dagster answers")
        assert '"RUNNING"' in post(f"http://127.0.0.1:{port}/graphql", query)


def test_the_page_about_prefect(told: Any, tools: Tools, tmp_path: Path) -> None:
    tool, port = tools("prefect"), free_port()
    url = f"http://127.0.0.1:{port}/api"
    known = {"PREFECT_HOME": str(tmp_path), "PREFECT_API_URL": url, "PREFECT_SERVER_ANALYTICS_ENABLED": "false", **on_path(tool)}
    last = scheduled("prefect")
    with running(tool / "prefect", "server", "start", "--port", str(port), cwd=tmp_path, log=tmp_path / "log", **known):
        until(lambda: answers(f"{url}/health"), 300, "Prefect's server answers")
        sh("prefect work-pool create local --type process", **known)
        with running("sh", "-c", last, cwd=Path.cwd(), log=tmp_path / "worker", **known):
            until(lambda: "started!" in (tmp_path / "worker").read_text(encoding="utf-8"), 300, "the worker started")
        (deployment,) = json.loads(post(f"{url}/deployments/filter", {}))
        assert [(one["schedule"]["cron"], one["active"]) for one in deployment["schedules"]] == [("30 6 * * 1-5", True)]


def test_the_page_about_kubeflow(told: Callable[[], list[str]], tools: Tools) -> None:
    """Up to the server, which needs a cluster."""
    last = scheduled("kubeflow")
    assert last.endswith(' --host "$KUBEFLOW"')
    sh(last.removesuffix(' --host "$KUBEFLOW"'), **on_path(tools("kfp")))
    assert Path("sums/jobs/kubeflow/sums.yaml").is_file()
    assert [line.split()[1] for line in told()] == ["build", "push"]


def repository(tmp_path: Path) -> dict[str, str]:
    """The project as a repository with somewhere to push to; git's own settings."""
    who = {f"GIT_{role}_{fact}": "a@b.org" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
    known = {**who, "GIT_CONFIG_GLOBAL": os.devnull}
    sh(f"git init -q --bare {tmp_path}/far.git && cd sums && git init -q -b main && git remote add origin {tmp_path}/far.git", **known)
    sh("cd sums && git add . && git commit -q -m first && git push -q -u origin main", **known)
    return known


def pushed(tmp_path: Path) -> list[str]:
    return sh(f"git -C {tmp_path}/far.git diff-tree -r --name-only --no-commit-id main").splitlines()


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
def test_the_page_about_github(told: Any, tmp_path: Path) -> None:
    last = scheduled("github")
    sh(last, **repository(tmp_path))
    assert ".github/workflows/sums.yml" in pushed(tmp_path)


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
def test_the_page_about_gitlab(told: Any, tmp_path: Path) -> None:
    last = scheduled("gitlab")
    with gitlab() as (url, asked):
        sh(last, **repository(tmp_path), GITLAB=url, PROJECT="7")
    assert ".gitlab-ci.yml" in pushed(tmp_path)
    assert [(path, body["cron"], body["cron_timezone"]) for path, body in asked] == [
        ("/api/v4/projects/7/pipeline_schedules", "30 6 * * 1-5", "Europe/Berlin"),
        ("/api/v4/projects/7/pipeline_schedules/13/variables", None, None),
    ]


@contextmanager
def gitlab() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """What GitLab's REST interface is asked."""
    asked: list[tuple[str, Any]] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["PRIVATE-TOKEN"] == "t"
            asked.append((self.path, {"cron": None, "cron_timezone": None, **body}))
            self.send_response(201)
            self.end_headers()
            self.wfile.write(b'{"id":13,"description":"sums"}')

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def post(url: str, body: Any) -> str:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode("utf-8"))
