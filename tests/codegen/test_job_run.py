"""`python -m PACKAGE.job`: the lock, the limit, retries, the line of JSON, and files that appear whole or not at all."""

from __future__ import annotations

import dataclasses
import fcntl
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from codegen.scaffold_example import PLAN, files_of, parameter, write

STAGE = "src/sales_report/summary.py"
SLOW = "import time\n    time.sleep(60)\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write(files_of(), tmp_path / "project")
    (folder / "data").mkdir()
    (folder / "data/sales.csv").write_bytes((folder / "tests/data/data/sales.csv").read_bytes())
    (folder / "out").mkdir()
    return folder


def edit(project: Path, old: str, new: str) -> None:
    source = (project / STAGE).read_text(encoding="utf-8")
    assert old in source
    (project / STAGE).write_text(source.replace(old, new), encoding="utf-8")


def begin(project: Path, code: str) -> None:
    """Lets the stage that saves begin with this."""
    source = (project / STAGE).read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^def save_total\(.*:\n", lambda found: f"{found[0]}    {code}", source)
    assert changed != source
    (project / STAGE).write_text(changed, encoding="utf-8")


def words(*options: str) -> list[str]:
    return [sys.executable, "-m", "sales_report.job", *options]


def environment(project: Path, **variables: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JOB_"))}
    return {**clean, "PYTHONPATH": str(project / "src"), **variables}


def run(project: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words(*options), cwd=project, env=environment(project, **variables), capture_output=True, text=True, timeout=120, check=False
    )


def line(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    (told,) = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(told)
    return found


def leftovers(project: Path) -> list[str]:
    return [path.name for path in project.glob(".sales_report-run-*")]


def test_a_run_tells_its_results_in_one_line_of_json(project: Path) -> None:
    done = run(project, "--json", "--logical-date=2026-01-31T06:00:00Z", "--logical-date-parameter=start", "--", "--region=020")
    told = line(done)
    assert (done.returncode, told["status"], told["exit_code"], told["attempts"]) == (0, "done", 0, 1)
    assert (told["metrics"], told["results"]) == ({"total": 20.0}, {"total": 20.0, "note": "1 rows"})
    assert (told["parameters"]["region"], told["parameters"]["start"]) == ("020", "2026-01-31")
    assert told["logical_date"] == "2026-01-31T06:00:00+00:00"
    assert told["started"].endswith("+00:00") and told["ended"].endswith("+00:00")
    assert (project / "out/total.txt").read_text() == "20.0"
    assert leftovers(project) == []


@pytest.mark.parametrize(
    ("options", "variables", "message"),
    [
        (("--", "--factr=3"), {}, "unknown parameter 'factr'; did you mean factor?"),
        (("--", "--factor=abc"), {}, "factor must be a float, got 'abc' (str)"),
        ((), {"JOB_PARAMETERS": '{"region": 10}'}, "region must be a str, got 10 (int)"),
        ((), {"JOB_PARAMETERS": "{"}, "JOB_PARAMETERS is not JSON"),
        ((), {"JOB_PARAMETERS": "[]"}, "JOB_PARAMETERS must hold a JSON object"),
        (("--logical-date-parameter=day",), {}, "unknown parameter 'day'"),
        (("--logical-date=soon",), {}, "--logical-date: 'soon' is not a time in ISO form"),
        (("--config=gone.json",), {}, "config file gone.json cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    project: Path, options: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    done = run(project, *options, **variables)
    assert (done.returncode, message in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    assert not (project / "out/total.txt").exists()


def test_parameters_of_schedulers_go_before_those_of_the_command_line(project: Path) -> None:
    done = run(project, "--json", "--", "--region=010", "--factor=5", JOB_PARAMETERS='{"region": "020", "ids": [3], "sample": null}')
    assert [line(done)["parameters"][name] for name in ("region", "factor", "ids", "sample")] == ["020", 5.0, [3], None]


def test_a_second_run_is_skipped_while_the_lock_is_held(project: Path) -> None:
    with (project / ".sales_report.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = run(project, "--json")
        assert (done.returncode, line(done)["status"]) == (75, "skipped")
        assert run(project, "--overlap=allow").returncode == 0
        with subprocess.Popen(words("--overlap=queue"), cwd=project, env=environment(project)) as waiting:
            time.sleep(1)
            assert waiting.poll() is None
            fcntl.flock(held, fcntl.LOCK_UN)
            assert waiting.wait(60) == 0


def test_a_run_that_takes_too_long_is_ended_with_what_it_started(project: Path) -> None:
    begin(project, SLOW)
    done = run(project, "--json", "--timeout=2")
    assert (done.returncode, line(done)["status"]) == (124, "too long")
    assert leftovers(project) == []


def test_a_failed_run_is_tried_again_and_leaves_the_old_files(project: Path) -> None:
    (project / "out/total.txt").write_text("before")
    edit(project, "file.write(str(total))", "file.write('half')\n        file.flush()\n        raise OSError('the disk')")
    done = run(project, "--json", "--retries=2", "--retry-delay=0")
    told = line(done)
    assert (done.returncode, told["status"], told["attempts"], told["error"]) == (1, "failed", 3, "OSError: the disk")
    assert (project / "out/total.txt").read_text() == "before"
    assert leftovers(project) == []


def test_a_reader_never_sees_half_a_file(project: Path) -> None:
    edit(
        project,
        "file.write(str(total))",
        "for part in 'abcdefgh':\n            file.write(part)\n            file.flush()\n            __import__('time').sleep(0.05)",
    )
    (project / "out/total.txt").write_text("old")
    with subprocess.Popen(words(), cwd=project, env=environment(project), stdout=subprocess.DEVNULL) as process:
        seen = set()
        while process.poll() is None:
            seen.add((project / "out/total.txt").read_text())
            time.sleep(0.005)
    assert seen | {(project / "out/total.txt").read_text()} == {"old", "abcdefgh"}


def test_files_of_others_that_appear_during_a_run_stay(project: Path) -> None:
    begin(project, "__import__('time').sleep(2)\n")
    with subprocess.Popen(words(), cwd=project, env=environment(project), stdout=subprocess.DEVNULL) as process:
        time.sleep(1)
        (project / "out/theirs.txt").write_text("theirs")
        assert process.wait(60) == 0
    assert (project / "out/theirs.txt").read_text() == "theirs"


def test_files_that_a_run_renames_or_removes_are_renamed_and_removed(project: Path) -> None:
    (project / "old.txt").write_text("1")
    (project / "gone.txt").write_text("2")
    begin(project, "import os\n    os.rename('old.txt', 'new.txt')\n    os.remove('gone.txt')\n")
    assert run(project).returncode == 0
    assert [(project / name).exists() for name in ("old.txt", "new.txt", "gone.txt")] == [False, True, False]
    assert (project / "new.txt").read_text() == "1" and not (project / "new.txt").is_symlink()


def test_the_files_of_a_run_can_go_elsewhere(project: Path, tmp_path: Path) -> None:
    assert run(project, f"--files={tmp_path / 'kept'}").returncode == 0
    assert (tmp_path / "kept/out/total.txt").read_text() == "8.0"
    assert not (project / "out/total.txt").exists()


def test_a_run_that_is_ended_from_outside_ends_what_it_started(project: Path) -> None:
    begin(project, f"open('pid', 'w').write(str(__import__('os').getpid()))\n    {SLOW}")
    with subprocess.Popen(words("--direct"), cwd=project, env=environment(project)) as process:
        while not (project / "pid").exists() or not (project / "pid").read_text():
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int((project / "pid").read_text()), 0)


def test_a_folder_that_cannot_be_written_is_told(project: Path) -> None:
    (project / ".sales_report.lock").mkdir()
    done = run(project)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr and "Traceback" not in done.stderr


def test_a_secret_is_in_no_line(tmp_path: Path) -> None:
    plan = dataclasses.replace(PLAN, parameters=(*PLAN.parameters, parameter("api_key", "str", None, secret=True)))
    folder = write(files_of(plan), tmp_path / "project")
    (folder / "out").mkdir()
    done = run(folder, "--json", "--", "--sales-path=tests/data/data/sales.csv", SALES_REPORT_API_KEY="s3cret-value")
    assert done.returncode == 0
    assert "s3cret-value" not in done.stdout + done.stderr and "api_key" not in line(done)["parameters"]


def test_a_webhook_is_told_about_a_failure_and_changes_nothing(project: Path) -> None:
    told: list[dict[str, Any]] = []

    class Sink(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"--webhook=http://127.0.0.1:{server.server_address[1]}"
        assert run(project, url).returncode == 0
        assert run(project, url, "--", "--sales-path=nowhere.csv").returncode == 1
        server.shutdown()
    assert [one["status"] for one in told] == ["failed"]
    assert run(project, "--webhook=http://127.0.0.1:9", "--", "--sales-path=nowhere.csv").returncode == 1
