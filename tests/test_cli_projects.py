"""The command line where notebooks and packages run: convert with a verdict, then verify, run and schedule the project it wrote."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2prod.cli import main

CELLS = (
    "# Sums",
    "limit = 3\nregion = '010'\nflags = [1, 2]\nunused = 1",
    "total = sum(range(limit)) + sum(flags)\nlabel = region + '!'",
    "with open('total.txt', 'w') as file:\n    file.write(f'{label} {total}')",
    "print(total)",
)


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a notebook and the project made from it; tests work on copies."""
    folder = tmp_path_factory.mktemp("converted")
    write_notebook(folder / "sums.ipynb", *CELLS)
    assert (
        main(["convert", str(folder / "sums.ipynb"), "-o", str(folder / "sums"), "--quiet", "--target", "cron", "--target", "papermill"])
        == 0
    )
    return folder


@pytest.fixture
def project(converted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(converted, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return Path("sums")


def manifest(project: Path) -> dict[str, object]:
    return json.loads((project / "nb2prod.json").read_text(encoding="utf-8"))


def test_a_conversion_tells_what_was_made_and_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "sums.ipynb", *CELLS)
    assert main(["convert", "sums.ipynb"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sums.ipynb -> sums"
    assert lines[1:6] == [
        "  kept        7 of 8 statements, in 1 stage",
        "  dropped     1 statement (nothing kept uses `unused`)",
        "  parameters  limit, region, flags, total_path",
        "  tried       4 of 4 with another value, which does what it does in the notebook",
        "  results     total.txt, total",
    ]
    assert lines[6].startswith("  verdict     SAME: ")
    assert "  sums/REPORT.html  what was kept and dropped, and why" in lines
    assert lines[-4:] == [
        "next",
        "  nb2prod run sums -p limit=3",
        "  cd sums && python -m pytest",
        '  nb2prod schedule sums --target cron --cron "30 6 * * 1-5"',
    ]
    assert sorted(os.listdir(tmp_path)) == ["sums", "sums.ipynb"]


def test_a_notebook_whose_input_is_missing_gets_the_verdict_unknown_with_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "reads.ipynb", "text = open('gone.txt').read()\nwords = len(text.split())", "words")
    assert main(["convert", "reads.ipynb"]) == 3
    told = capsys.readouterr().out
    assert "  raised      cell 0 line 1: FileNotFoundError: [Errno 2] No such file or directory: 'gone.txt'" in told.splitlines()
    assert "  verdict     UNKNOWN: " in told


def test_interrupting_is_quiet_and_leaves_nothing(tmp_path: Path) -> None:
    write_notebook(tmp_path / "slow.ipynb", "import time\ntime.sleep(60)\ndone = 1", "print(done)")
    command = [sys.executable, "-m", "nb2prod", "convert", "slow.ipynb", "-v"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        while "running the notebook" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        told, printed = process.stderr.read(), process.stdout.read()
        assert process.wait() == 130
    assert (told.strip(), printed) == ("", "")
    assert os.listdir(tmp_path) == ["slow.ipynb"]


def test_verify_runs_again_and_says_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = manifest(project)
    assert main(["verify", str(project)]) == 0
    assert capsys.readouterr().out.startswith("SAME: ")
    assert manifest(project) == before


def test_verify_notices_a_package_that_was_changed_and_writes_it_down(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = [path for path in (project / "src" / "sums").glob("*.py") if "sum(range(limit))" in path.read_text()]
    source.write_text(source.read_text().replace("sum(range(limit))", "sum(range(limit + 1))"))
    assert main(["verify", str(project)]) == 1
    assert capsys.readouterr().out.startswith("DIFFERENT: ")
    assert manifest(project)["verdict"] == "different"
    assert "The package does not give the notebook's results." in (project / "REPORT.html").read_text(encoding="utf-8").replace(
        "&#39;", "'"
    )


def test_verify_without_the_report_writes_none(project: Path) -> None:
    (project / "REPORT.html").unlink()
    assert main(["verify", str(project), "-q"]) == 0
    assert not (project / "REPORT.html").exists()


def test_verify_refuses_a_notebook_that_has_changed(project: Path, converted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = json.loads((project / ".nb2prod" / "proof.json").read_text())
    (project / ".nb2prod" / "proof.json").write_text(
        json.dumps({**notes, "notebook": str(Path("sums.ipynb").absolute()), "sha256": "0" * 64})
    )
    assert main(["verify", str(project)]) == 2
    assert "the notebook has changed since" in capsys.readouterr().err


def test_run_runs_the_package_where_the_caller_stands(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(project)]) == 0
    assert Path("total.txt").read_text() == "010! 6"


def test_run_tells_all_in_one_line_of_json(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(project), "-p", "limit=4", "--json", "--logical-date", "2026-01-31T06:00:00+01:00"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["status"], told["exit_code"], told["parameters"]["limit"]) == ("done", 0, 4)
    assert told["logical_date"] == "2026-01-31T06:00:00+01:00" and told["ended"].endswith("+00:00")


@pytest.mark.parametrize("words", [[], ["--notebook"]], ids=["package", "notebook"])
def test_run_does_not_start_what_goes_on_already(words: list[str], project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Path(".sums.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(["run", str(project), *words]) == 1
    assert "the last run still goes on" in capfd.readouterr().err
    assert not Path("total.txt").exists()


def test_run_takes_parameters_by_their_own_types(project: Path) -> None:
    assert main(["run", str(project), "-p", "limit=4", "-p", "region=020", "-p", "flags=[5, 6]"]) == 0
    assert Path("total.txt").read_text() == "020! 17"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("params.yaml", "limit: 4\nregion: 020\nflags: [5, 6]\n"),
        ("params.json", '{"limit": 4, "region": "020", "flags": [5, 6]}'),
        ("params.toml", 'limit = 4\nregion = "020"\nflags = [5, 6]\n'),
    ],
)
def test_run_reads_parameters_from_a_file(name: str, content: str, project: Path) -> None:
    Path(name).write_text(content)
    assert main(["run", str(project), "-f", name]) == 0
    assert Path("total.txt").read_text() == "020! 17"


def test_the_command_line_goes_before_the_file(project: Path) -> None:
    Path("params.yaml").write_text("limit: 4\nregion: 020\n")
    assert main(["run", str(project), "-f", "params.yaml", "-p", "limit=5"]) == 0
    assert Path("total.txt").read_text() == "020! 13"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["-p", "limt=4"], "unknown parameter `limt`", "did you mean limit?"),
        (["-p", "zzz=4"], "unknown parameter `zzz`", "known: limit, region, flags"),
        (["-p", "limit"], "-p limit: this is not NAME=VALUE", "write -p test_size=0.3"),
        (["-f", "bad.yaml"], "bad.yaml: unknown parameter `limt`", "did you mean limit?"),
        (["-f", "gone.yaml"], "gone.yaml: cannot be read: No such file or directory", "check the path"),
        (["-f", "list.yaml"], "list.yaml: this does not hold names and values", "write lines such as"),
        (["-f", "broken.yaml"], "broken.yaml: this is not YAML", "it must hold names and values"),
        (["-f", "broken.json"], "broken.json: ", "it must hold names and values"),
        (["-f", "params.ini"], "params.ini: files with the ending .ini are not known", "it must hold names and values"),
        (["--python", "nope"], "there is no interpreter `nope`", "give --python the path"),
        (["--notebook", "--output", "no/such/folder.ipynb"], "no/such/folder.ipynb: cannot be written", "name a file with --output"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_run_refuses_before_anything_runs(
    arguments: list[str], message: str, hint: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.yaml").write_text("limt: 4\n")
    Path("list.yaml").write_text("- 1\n")
    Path("broken.yaml").write_text("a: [1\n")
    Path("broken.json").write_text("{")
    Path("params.ini").write_text("")
    assert main(["run", str(project), *arguments]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"error: {message}")
    assert second.startswith(f"hint: {hint}")
    assert not Path("total.txt").exists()


def test_a_value_of_the_wrong_type_is_refused_by_the_package(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(project), "-p", "limit=many"]) == 2
    assert "limit must be an int, got 'many' (str)" in capfd.readouterr().err
    assert not Path("total.txt").exists()


def test_a_package_that_fails_is_a_finding(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(project), "-p", 'flags=["x"]']) == 1
    assert "TypeError" in capfd.readouterr().err


def test_a_secret_is_not_taken_from_the_command_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = manifest(project)
    told["parameters"] = [{**told["parameters"][0], "name": "key", "secret": True}]  # type: ignore[index]
    (project / "nb2prod.json").write_text(json.dumps(told))
    assert main(["run", str(project), "-p", "key=x"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: `key` is secret and is not taken from here",
        "hint: set the environment variable SUMS_KEY",
    ]


@pytest.mark.parametrize(
    ("content", "message"), [("{", "sums/nb2prod.json: cannot be read: "), ("[]", "sums/nb2prod.json: this is not a manifest of nb2prod")]
)
def test_a_damaged_manifest_is_told(content: str, message: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "nb2prod.json").write_text(content)
    assert main(["run", str(project)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")


def test_run_falls_back_to_our_own_interpreter_when_the_kernel_is_gone(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = manifest(project)
    told["notebook"]["kernel"] = "gone"  # type: ignore[index]
    (project / "nb2prod.json").write_text(json.dumps(told))
    assert main(["run", str(project)]) == 0
    assert "note: the kernel `gone` is not installed here" in capfd.readouterr().err


def test_the_notebook_runs_through_papermill_with_typed_parameters(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(project), "--notebook", "-p", "limit=4", "-p", "region=020"]) == 0
    output = project / "notebooks" / "sums.out.ipynb"
    assert capsys.readouterr().out == f"{output}\n"
    assert Path("total.txt").read_text() == "020! 9"
    notebook = json.loads(output.read_text())
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert all(cell["execution_count"] for cell in notebook["cells"] if cell["cell_type"] == "code")


@pytest.mark.parametrize(("limit", "code", "shown"), [("4", 0, "<pre>9"), ("many", 2, "ParameterError")], ids=["done", "failed"])
def test_the_executed_notebook_is_a_page_too(project: Path, limit: str, code: int, shown: str) -> None:
    words = ["run", str(project), "--notebook", "--html", "-p", f"limit={limit}", "-p", "region=020", "--output", "out.ipynb"]
    assert main(words) == code
    page = Path("out.html").read_text(encoding="utf-8")
    assert (shown in page, "<title>out</title>" in page) == (True, True)


def test_a_notebook_refuses_a_value_of_the_wrong_type(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(project), "--notebook", "-p", "limit=many", "--output", "out.ipynb"]) == 2
    assert "error: the notebook stopped with ParameterError: limit must be an int" in capsys.readouterr().err
    assert Path("out.ipynb").is_file()


def test_a_project_without_its_notebook_cannot_run_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "notebooks" / "sums.ipynb").unlink()
    assert main(["run", str(project), "--notebook"]) == 2
    assert "sums/notebooks/sums.ipynb: there is no such notebook" in capsys.readouterr().err


def test_an_interpreter_without_ipykernel_cannot_run_a_notebook(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    bare = str(tmp_path / "bare" / "bin" / "python")
    assert main(["run", str(project), "--notebook", "--python", bare]) == 2
    assert "has no ipykernel, so it cannot run a notebook" in capsys.readouterr().err
    assert main(["run", str(project), "--python", bare]) == 0


def test_schedule_writes_the_job_and_tells_what_is_lost(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", str(project), "--target", "cron", "--cron", "30 6 * * 1-5", "--timezone", "Europe/Berlin"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["wrote sums/jobs/job.toml", "wrote sums/jobs/cron/sums.crontab"]
    assert lines[2].startswith("NB602 warning: cron cannot express a time zone")
    assert 'cron = "30 6 * * 1-5"' in (project / "jobs/job.toml").read_text()
    assert "30 6 * * 1-5  cd " in (project / "jobs/cron/sums.crontab").read_text()


def test_schedule_keeps_every_line_a_hand_wrote_into_the_job(project: Path) -> None:
    job = project / "jobs" / "job.toml"
    edited = job.read_text().replace("retries = 0\n", "retries = 3  # the source is often late\n") + "# the end\n"
    job.write_text(edited)
    assert main(["schedule", str(project), "--target", "papermill", "--cron", "@daily", "--set", "owner=data team", "-q"]) == 0
    changed = job.read_text().splitlines()
    assert [line for line in edited.splitlines() if line not in changed] == [
        'owner = ""',
        "# When, in five fields, and where (empty: the zone of the scheduler's host). For several write [[schedule]] above each.",
        "# [schedule]",
        '# cron = "30 6 * * 1-5"',
        '# timezone = "Europe/Berlin"',
    ]
    assert [line for line in changed if line not in edited.splitlines()] == [
        'owner = "data team"',
        "[schedule]",
        'cron = "0 0 * * *"',
        'timezone = ""',
    ]


def test_a_new_zone_keeps_the_old_schedule(project: Path) -> None:
    assert main(["schedule", str(project), "--target", "cron", "--cron", "@daily", "-q"]) == 0
    assert main(["schedule", str(project), "--target", "cron", "--timezone", "UTC", "-q"]) == 0
    text = (project / "jobs" / "job.toml").read_text()
    assert 'cron = "0 0 * * *"\ntimezone = "UTC"' in text


def test_a_job_file_edited_by_hand_is_not_overwritten(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crontab = project / "jobs" / "cron" / "sums.crontab"
    crontab.write_text("0 1 * * * mine\n")
    assert main(["schedule", str(project), "--target", "cron", "--cron", "@daily"]) == 2
    assert "edited by hand since nb2prod wrote it: jobs/cron/sums.crontab" in capsys.readouterr().err
    assert crontab.read_text() == "0 1 * * * mine\n"
    assert "cron = " not in [line for line in (project / "jobs/job.toml").read_text().splitlines() if not line.startswith("#")]


def test_check_finds_what_is_wrong_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crontab = project / "jobs" / "cron" / "sums.crontab"
    crontab.write_text("99 1 * * * mine\n")
    assert main(["schedule", str(project), "--target", "cron", "--check"]) == 1
    assert "jobs/cron/sums.crontab, line 1: `99 1 * * *` is not a possible schedule" in capsys.readouterr().out
    assert crontab.read_text() == "99 1 * * * mine\n"


def test_check_finds_a_missing_file_and_is_content_with_a_good_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", str(project), "--target", "cron", "--check", "-q"]) == 0
    assert capsys.readouterr().out == "nothing wrong found\n"
    (project / "jobs" / "cron" / "sums.crontab").unlink()
    assert main(["schedule", str(project), "--target", "cron", "--check", "-q"]) == 1
    assert capsys.readouterr().out == "sums/jobs/cron/sums.crontab: is missing\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "cronn"], "there is no target `cronn`"),
        (["--target", "cron", "--cron", "99 6 * * *"], "`99 6 * * *` is not a possible schedule"),
        (["--target", "cron", "--timezone", "UTC"], "--timezone says nothing: jobs/job.toml has no schedule"),
        (["--target", "cron", "--cron", "0 6 31 2 *"], "`0 6 31 2 *` is not a possible schedule: this day never comes"),
        (["--target", "cron", "--cron", "@daily", "--timezone", "Mars/Base"], "unknown time zone `Mars/Base`"),
        (["--target", "cron", "--set", "conf=prod"], "job.toml: a job for production needs an owner"),
        (["--target", "cron", "--set", "parameters.limt=3"], "jobs/job.toml: unknown parameter `limt`"),
        (["--target", "cron", "--set", "logical_date=day"], "jobs/job.toml: unknown parameter `day`"),
        (["--target", "cron", "--set", "logical_date=limit"], "jobs/job.toml: `logical_date` names `limit`, which is int"),
        (["--target", "cron", "--set", "parameters.region=1\n2"], "the command has a line break, which a crontab line cannot hold"),
        (["--target", "kubernetes", "--target", "argo", "--set", "parameters.region={{x}}"], "argo takes '--region={{x}}' for a template"),
        (["--target", "cron", "--set", "retries=many"], "--set retries: 'many' is not a int"),
        (["--target", "github", "--cron", "@daily", "--timezone", "Asia/Tokyo"], "github cannot hold the schedule `0 0 * * *`"),
        ([], "Missing option '--target'"),
    ],
    ids=" ".join,
)
def test_schedule_refuses_what_cannot_be(arguments: list[str], message: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert main(["schedule", str(project), *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_schedule_into_a_folder_that_cannot_be_written_leaves_everything(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where a folder must be: nobody can write there, not even root."""
    (project / "jobs" / "systemd").write_text("mine")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert main(["schedule", str(project), "--target", "cron", "--target", "systemd", "--cron", "@daily"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and "cannot be written" in error and "Traceback" not in error
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_project_without_its_job_cannot_be_scheduled(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "jobs" / "job.toml").unlink()
    assert main(["schedule", str(project), "--target", "cron"]) == 2
    assert "sums/jobs/job.toml: cannot be read" in capsys.readouterr().err
