"""What helps a notebook to run, from the command line: data elsewhere, variables, samples, limits; and what is said when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notebook_files import write_notebook

from nb2prod.cli import main

CELLS = (
    "import os",
    "with open('/content/drive/orders.csv') as file:\n    rows = [int(line) for line in file.readlines()[1:]]",
    "token = os.environ['API_TOKEN']\nsize = len(token)\nprint(token, size)",
    "total = sum(rows)\nprint(total)",
)
SECRET = "s3cret-value"
ENV = ("--env", f"API_TOKEN={SECRET}")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "orders.csv").write_text("x\n" + "".join(f"{number}\n" for number in range(100)))
    return folder


def told(folder: Path) -> tuple[str, str]:
    manifest = json.loads((folder / "nb2prod.json").read_text(encoding="utf-8"))
    return manifest["verdict"], manifest.get("verdict_reason", "")


def test_what_is_missing_is_said_and_proved_later_elsewhere(
    data: Path, plain_python: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, made = tmp_path / "here", tmp_path / "here" / "made"
    here.mkdir()
    notebook = write_notebook(here / "nb.ipynb", *CELLS)
    assert main(["convert", str(notebook), "-o", str(made), "--python", plain_python]) == 3
    outcome, reason = told(made)
    assert (outcome, reason.split("; ")[0].startswith("cell 1 line 1")) == ("unknown", True)
    assert "the file /content/drive/orders.csv is missing: put it there, or name the folder that holds it with --data DIR" in reason
    assert f"nb2prod verify {made}    (where data, network and libraries are at hand)" in capsys.readouterr().out
    elsewhere = tmp_path / "elsewhere"
    here.rename(elsewhere)
    monkeypatch.chdir(tmp_path)
    assert main(["verify", str(elsewhere / "made"), "--data", str(data)]) == 3
    assert told(elsewhere / "made")[1].endswith("the environment variable API_TOKEN is missing: give it with --env API_TOKEN=VALUE")
    assert main(["verify", str(elsewhere / "made"), "--data", str(data), *ENV]) == 0
    assert told(elsewhere / "made") == ("same", "")
    written = [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert written == []


def test_a_conversion_on_a_sample_says_so_and_its_tests_assert_no_values(
    data: Path, plain_python: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook, made = write_notebook(tmp_path / "nb.ipynb", *CELLS), tmp_path / "made"
    options = ["--data", str(data), "--sample", "10", "--python", plain_python, *ENV]
    assert main(["convert", str(notebook), "-o", str(made), *options]) == 0
    assert told(made)[0] == "same"
    assert told(made)[1].startswith("on a sample: only the first 10 rows of /content/drive/orders.csv")
    assert "results equal, on a sample: only the first 10 rows of" in capsys.readouterr().out
    assert json.loads((made / "tests" / "expected.json").read_text())["results"]["total"] == {"kind": "number"}
    assert not [path for path in made.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert main(["verify", str(made), "--data", str(data), *ENV]) == 0
    assert told(made) == ("same", "")


def test_a_run_that_takes_too_much_is_unknown_with_the_limit_named(plain_python: str, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "nb.ipynb", "x = 1", "hog = bytearray(900 << 20)\nimport time; time.sleep(20)\nprint(x)")
    assert main(["convert", str(notebook), "-o", str(tmp_path / "made"), "--memory", "600M", "--python", plain_python]) == 3
    assert "it took more than 600 MiB of memory; --memory raises the limit" in told(tmp_path / "made")[1]


def test_a_kernel_that_is_not_there_leaves_a_static_conversion(tmp_path: Path) -> None:
    metadata = {"kernelspec": {"name": "nowhere-kernel", "display_name": "N", "language": "python"}, "language_info": {"name": "python"}}
    notebook = write_notebook(tmp_path / "nb.ipynb", "x = 1\nprint(x)", metadata=metadata)
    assert main(["convert", str(notebook), "-o", str(tmp_path / "made")]) == 3
    assert told(tmp_path / "made")[1].endswith("choose another with --kernel NAME or --python INTERPRETER")
    assert main(["convert", str(notebook), "-o", str(tmp_path / "other"), "--kernel", "nowhere-kernel"]) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--data", "/no/such/folder"], "--data /no/such/folder: there is no such folder"),
        (["--env", "API_TOKEN"], "--env API_TOKEN: this is no NAME=VALUE"),
        (["--env", "API-TOKEN=x"], "--env API-TOKEN: this is no NAME=VALUE"),
        (["--memory", "much"], "Invalid value for '--memory': 'much' is no size; write it like 512M or 4G"),
        (["--sample", "-1"], "Invalid value for '--sample'"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_runs(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook(tmp_path / "nb.ipynb", "x = 1")
    assert main(["convert", str(notebook), *options]) == 2
    assert capsys.readouterr().err.startswith(f"error: {said}")
