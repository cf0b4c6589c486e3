"""`nb2prod sweep`: a grid on several processes or a cluster, one table, nothing done twice, nothing begun that cannot be."""

from __future__ import annotations

import csv
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2prod.cli import main

CELLS = (
    "region = '010'\nfactor = 2\nmillions = 0\nids = [1, 2]",
    "total = factor * sum(ids)\nfor number in range(millions * 1_000_000):\n    total += number % 2\nprint(total)",
    "with open('out.txt', 'w') as file:\n    file.write(f'{region} {total} {100 / factor}')",
)
HEADING = ["status", "seconds", "total", "error", "files"]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_notebook(folder / "sums.ipynb", *CELLS)
    assert main(["convert", str(folder / "sums.ipynb"), "-o", str(folder / "sums"), "--no-run", "-q"]) == 0
    return folder / "sums"


@pytest.fixture
def project(converted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, and a working directory of its own."""
    shutil.copytree(converted, tmp_path / "sums")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "sums"


def swept(project: Path, *words: str) -> int:
    return main(["sweep", str(project), "--python", sys.executable, "-q", *words])


def table(project: Path) -> tuple[list[str], list[dict[str, str]]]:
    with (project / "runs/sweep/results.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return list(reader.fieldnames or ()), rows


def answers(project: Path) -> dict[str, int]:
    """When each run told its end."""
    return {path.parent.name: path.stat().st_mtime_ns for path in (project / "runs/sweep").glob("*/answer.json")}


def test_every_point_of_a_grid_is_a_line_of_one_table(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--vary", "region=010", "--vary", "region=a b", "--vary", "factor=1", "--vary", "factor=3", "-p", "ids=[4]", "-j", "2"]
    assert swept(project, *words) == 0
    assert capsys.readouterr().out == f"{project / 'runs/sweep/results.csv'}\n"
    heading, rows = table(project)
    assert heading == ["region", "factor", *HEADING]
    told = [(row["region"], row["factor"], row["status"], row["total"], row["error"]) for row in rows]
    assert told == [(region, factor, "done", str(4 * int(factor)), "") for region in ("010", "a b") for factor in ("1", "3")]
    files = [project / "runs/sweep" / row["files"] / "files" for row in rows]
    assert [(folder / "out.txt").read_text() for folder in files] == [
        "010 4 100.0",
        f"010 12 {100 / 3}",
        "a b 4 100.0",
        f"a b 12 {100 / 3}",
    ]
    assert [[path.name for path in folder.iterdir()] for folder in files] == [["out.txt"]] * 4
    assert [path.name for path in Path.cwd().iterdir()] == [".sums.lock"]


@pytest.mark.slow
def test_what_was_done_with_the_same_code_is_not_done_again(project: Path) -> None:
    assert swept(project, "--vary", "factor=1") == 0
    before = answers(project)
    assert swept(project, "--vary", "factor=1", "--vary", "factor=2") == 0
    after = answers(project)
    assert (len(before), len(after), before.items() <= after.items()) == (1, 2, True)
    source = next(path for path in (project / "src").rglob("*.py") if "sum(ids)" in path.read_text(encoding="utf-8"))
    source.write_text(source.read_text(encoding="utf-8").replace("sum(ids)", "max(ids)"), encoding="utf-8")
    assert swept(project, "--vary", "factor=1", "--vary", "factor=2") == 0
    assert [row["total"] for row in table(project)[1]] == ["2", "4"]


def test_a_failed_run_is_told_and_run_again_next_time(project: Path) -> None:
    assert swept(project, "--vary", "factor=0", "--vary", "factor=2", "-j", "1") == 1
    rows = table(project)[1]
    assert [(row["status"], row["total"], row["error"]) for row in rows] == [
        ("failed", "", "ZeroDivisionError: division by zero"),
        ("done", "6", ""),
    ]
    assert "ZeroDivisionError" in (project / "runs/sweep" / rows[0]["files"] / "log.txt").read_text(encoding="utf-8")
    before = answers(project)
    assert swept(project, "--vary", "factor=0", "--vary", "factor=2", "-j", "1") == 1
    assert {key for key, time in answers(project).items() if before[key] != time} == {rows[0]["files"]}


@pytest.mark.slow
def test_a_run_that_takes_too_long_fails_alone(project: Path) -> None:
    assert swept(project, "--vary", "millions=0", "--vary", "millions=9000", "--timeout", "5") == 1
    assert [row["status"] for row in table(project)[1]] == ["done", "too long"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("grid.yaml", "region: [010, EU]\nids:\n- [1, 2]\n- [3]\n"),
        ("grid.json", '{"region": ["010", "EU"], "ids": [[1, 2], [3]]}'),
        ("grid.toml", 'region = ["010", "EU"]\nids = [[1, 2], [3]]\n'),
    ],
)
def test_a_grid_stands_in_a_file(name: str, content: str, project: Path) -> None:
    Path(name).write_text(content, encoding="utf-8")
    assert swept(project, "--grid", name) == 0
    told = [(row["region"], row["ids"], row["total"]) for row in table(project)[1]]
    assert told == [(region, ids, total) for region in ("010", "EU") for ids, total in (("[1, 2]", "6"), ("[3]", "6"))]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "nothing varies"),
        (["--vary", "factor"], "--vary factor: this is not NAME=VALUE"),
        (["--vary", "facto=1"], "unknown parameter `facto`"),
        (["--vary", "factor=1", "--vary", "factor=x"], "factor must be an int, got 'x' (str)"),
        (["--vary", "factor=1", "-p", "factor=2"], "`factor` varies and has one value"),
        (["--grid", "gone.yaml"], "gone.yaml: cannot be read"),
        (["--grid", "single.yaml"], "single.yaml: `factor` must have a list of values"),
        (["--grid", "many.yaml"], "this grid has 1000000 points, more than 100000"),
        (["--vary", "factor=1", "--output", "single.yaml"], "single.yaml: cannot be written"),
        (["--vary", "factor=1", "--dask", "nonsense://x"], "--dask nonsense://x: no scheduler answers there"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    words: list[str], message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("single.yaml").write_text("factor: 3\n", encoding="utf-8")
    Path("many.yaml").write_text(f"factor: {list(range(1000))}\nmillions: {list(range(1000))}\n", encoding="utf-8")
    assert swept(project, *words) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert answers(project) == {}
    assert not (project / "runs/sweep/results.csv").exists()


def test_two_sweeps_never_share_a_folder(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "runs/sweep").mkdir(parents=True)
    with (project / "runs/sweep/.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert swept(project, "--vary", "factor=1") == 2
    assert capsys.readouterr().err.startswith(f"error: {project / 'runs/sweep'}: another sweep goes on there")


@pytest.mark.slow
def test_a_killed_sweep_goes_on_where_it_was(project: Path) -> None:
    words = ["--vary", "millions=0", "--vary", "millions=20", "--vary", "millions=21", "-j", "1"]
    command = [sys.executable, "-m", "nb2prod", "sweep", str(project), "--python", sys.executable, *words]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while not answers(project):
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
    before = answers(project)
    assert swept(project, *words) == 0
    assert before.items() <= answers(project).items()
    assert [row["status"] for row in table(project)[1]] == ["done"] * 3


@pytest.mark.slow
def test_a_cluster_does_the_same(project: Path) -> None:
    distributed = pytest.importorskip("distributed")
    words = ["--vary", "region=010", "--vary", "region=EU", "--vary", "factor=0", "--vary", "factor=3"]
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert swept(project, *words, "--dask", cluster.scheduler_address) == 1
    rows = table(project)[1]
    assert [(row["region"], row["factor"], row["status"], row["total"]) for row in rows] == [
        ("010", "0", "failed", ""),
        ("010", "3", "done", "9"),
        ("EU", "0", "failed", ""),
        ("EU", "3", "done", "9"),
    ]
