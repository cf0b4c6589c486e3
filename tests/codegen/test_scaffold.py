from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib
import yaml
from codegen.scaffold_example import CSV, JOB, PLAN, RECORDING, files_of, parameter, write

from nb2prod.codegen.recorded import SNAPSHOTS
from nb2prod.codegen.scaffold import render_scaffold
from nb2prod.codegen.scaffold.conf import render_conf
from nb2prod.codegen.scaffold.project import distribution_name, python_version, requirements, toml_text
from nb2prod.codegen.scaffold.readme import render_readme
from nb2prod.model.plan import Plan

INPUTS = {"data/sales.csv": CSV}
SECRET = dataclasses.replace(
    PLAN,
    parameters=(
        *PLAN.parameters,
        parameter("api_key", "str", None, secret=True),
        parameter("help", "str", "x"),
        parameter("config", "int", 1),
    ),
)
EMPTY = Plan("empty", "", "", (), (), (), (), (), ())
HARD = dataclasses.replace(
    EMPTY, title='Say """hi""" \\n {{ x }} %', purpose="{% raw %}", parameters=(parameter("text", "str", 'a "q" \\ {{ b }} % \n'),)
)


def run(folder: Path, *words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "MPL"))}
    surroundings = {**clean, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
    return subprocess.run(
        words, capture_output=True, encoding="utf-8", cwd=folder, env=surroundings, check=False, stdin=subprocess.DEVNULL, timeout=300
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example project on disk, with the notebook's data where it would run."""
    folder = write(files_of(), tmp_path_factory.mktemp("project"))
    shutil.copytree(folder / "tests" / "data", folder, dirs_exist_ok=True)
    (folder / "out").mkdir()
    return folder


def test_the_scaffold_is_everything_but_the_stages() -> None:
    assert [file.path for file in render_scaffold(PLAN, JOB, RECORDING, INPUTS)] == [
        ".dockerignore",
        ".github/workflows/ci.yml",
        ".gitignore",
        "Dockerfile",
        "README.md",
        "conf/base.toml",
        "conf/dev.toml",
        "conf/prod.toml",
        "notebooks/sales_report.ipynb",
        "pyproject.toml",
        "src/sales_report/__init__.py",
        "src/sales_report/__main__.py",
        "src/sales_report/job.py",
        "src/sales_report/job_files.py",
        "src/sales_report/parameters.py",
        "src/sales_report/py.typed",
        "tests/conftest.py",
        "tests/data/data/sales.csv",
        "tests/expected.json",
        *(f"tests/snapshots/{name}.py" for name in sorted(SNAPSHOTS)),
        "tests/test_command_line.py",
        "tests/test_import.py",
        "tests/test_notebook.py",
        "tests/test_parameters.py",
        "tests/test_pipeline.py",
    ]


@pytest.mark.parametrize("plan", [PLAN, SECRET, EMPTY, HARD], ids=["plain", "secret", "empty", "hard"])
def test_every_file_is_well_formed_and_always_the_same(plan: Plan) -> None:
    files = render_scaffold(plan, JOB, RECORDING, INPUTS)
    assert files == render_scaffold(plan, JOB, RECORDING, INPUTS)
    readers = {"py": ast.parse, "toml": tomllib.loads, "ipynb": json.loads, "json": json.loads, "yml": yaml.safe_load}
    for file in files:
        reader = readers.get(file.path.rpartition(".")[2])
        if reader and isinstance(file.content, str):
            reader(file.content)
        assert not isinstance(file.content, str) or file.content == "" or file.content.endswith("\n")


def test_texts_of_the_notebook_cannot_break_out_of_the_files() -> None:
    files = {file.path: str(file.content) for file in render_scaffold(HARD, JOB, None, {})}
    assert tomllib.loads(files["pyproject.toml"])["project"]["description"] == 'Say """hi""" \\n {{ x }} %'
    assert tomllib.loads(files["conf/base.toml"])["text"] == 'a "q" \\ {{ b }} % \n'


def test_pyproject_names_what_the_notebook_ran_with() -> None:
    plan = dataclasses.replace(PLAN, requirements={"torch": "2.1.0+cpu", "Pandas": "2.2.3", "own-lib": ""})
    assert requirements(plan.requirements) == ("own-lib", "Pandas==2.2.3", "torch==2.1.0")
    text = next(str(file.content) for file in render_scaffold(plan, JOB, None, {}) if file.path == "pyproject.toml")
    project = tomllib.loads(text)["project"]
    assert project["dependencies"] == ["own-lib", "Pandas==2.2.3", "torch==2.1.0"]
    assert (project["name"], project["requires-python"], project["scripts"]) == (
        "sales-report",
        ">=3.11",
        {"sales-report": "sales_report.__main__:main", "sales-report-job": "sales_report.job:command"},
    )


def test_code_is_checked_strictly_and_what_the_notebook_wrote_without_its_style() -> None:
    plan = dataclasses.replace(PLAN, local_modules=("helpers",))
    text = next(str(file.content) for file in render_scaffold(plan, JOB, None, {}) if file.path == "pyproject.toml")
    tools = tomllib.loads(text)["tool"]
    stages, beside = tools["mypy"]["overrides"]
    assert (tools["mypy"]["strict"], stages["module"]) == (True, ["sales_report.data", "sales_report.summary"])
    assert beside == {"module": ["helpers", "helpers.*"], "ignore_errors": True}
    modules = ("pipeline", "data", "summary")
    assert set(tools["ruff"]["lint"]["per-file-ignores"]) == {"tests/**", *(f"src/sales_report/{module}.py" for module in modules)}
    assert tools["ruff"]["extend-exclude"] == ["notebooks", "src/helpers", "src/helpers.py"]


@pytest.mark.parametrize(("python", "version"), [("3.12.1", "3.12"), ("3.8.5", "3.10"), ("", "3.10"), ("2.7", "3.10")])
def test_the_python_version_is_one_the_package_runs_on(python: str, version: str) -> None:
    assert python_version(dataclasses.replace(PLAN, python=python)) == version


def test_a_distribution_has_dashes() -> None:
    assert distribution_name(dataclasses.replace(PLAN, package="_my__Report_")) == "my-report"


@pytest.mark.parametrize("text", ['a "b" \\ \n\t', "\x7f\x00", "é…"])
def test_a_text_survives_toml(text: str) -> None:
    assert tomllib.loads(f"a = {toml_text(text)}") == {"a": text}


def test_the_base_config_holds_every_default_toml_can_hold() -> None:
    base = str(render_conf(PLAN)[0].content)
    assert tomllib.loads(base) == {
        "sales_path": "data/sales.csv",
        "region": "010",
        "factor": 2.0,
        "flag": True,
        "ids": [1, 2],
        "limits": [0, 100],
        "start": "2024-01-31",
    }
    assert "# sample = None cannot be written in TOML; this is its value when it is left out\n" in base


def test_the_other_configs_change_nothing_yet() -> None:
    assert [tomllib.loads(str(file.content)) for file in render_conf(PLAN)[1:]] == [{}, {}]


def test_the_readme_tells_where_each_function_came_from() -> None:
    readme = render_readme(PLAN, JOB, RECORDING, INPUTS)
    for line in (
        '# Sales "by region"',
        '| `region` | str | `"010"` | Region \\| code (cell 1, line 1) |',
        "| `count_up` | `sales_report.summary` | 3, 4 | Count up. |",
        "| `double` | `sales_report.summary` | 0 | defined in the notebook |",
        "| `out/total.txt` | file | written |",
        "results = run(factor=2.0)",
    ):
        assert line in readme.splitlines()
    assert "is skipped" not in readme


def test_the_readme_says_which_inputs_the_tests_lack() -> None:
    assert "The pipeline test is skipped until these inputs are put into `tests/data`: `data/sales.csv`." in render_readme(
        PLAN, JOB, None, {}
    )


def test_a_local_module_goes_beside_the_package() -> None:
    plan = dataclasses.replace(PLAN, local_modules=("tools",))
    files = {file.path: file.content for file in render_scaffold(plan, JOB, None, {**INPUTS, "tools.py": b"x = 1\n"})}
    assert files["src/tools.py"] == b"x = 1\n"
    wheel = tomllib.loads(str(files["pyproject.toml"]))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"only-include": ["src"], "sources": ["src"]}


@pytest.mark.parametrize(
    ("words", "code", "out", "error"),
    [
        ((), 0, "total: 8.0\nnote: 2 rows\n", ""),
        (("--factor", "3", "--region=020"), 0, "total: 30.0\nnote: 1 rows\n", ""),
        (("--factor", "-1"), 0, "total: -4.0\nnote: 2 rows\n", ""),
        (("--flag=false",), 0, "total: 0.0\nnote: 2 rows\n", ""),
        (("--flag",), 0, "total: 8.0\nnote: 2 rows\n", ""),
        (("--sales_path", "data/sales.csv"), 0, "total: 8.0\nnote: 2 rows\n", ""),
        (("--config", "conf/base.toml", "--config", "conf/prod.toml"), 0, "total: 8.0\nnote: 2 rows\n", ""),
        (("--factr", "3"), 2, "", "sales_report: unknown parameter 'factr'; did you mean factor?\n"),
        (("--factor=abc",), 2, "", "sales_report: factor must be a float, got 'abc' (str)\n"),
        (("x",), 2, "", "sales_report: unexpected argument 'x'; parameters look like --name=value\n"),
        (("--config=no.toml",), 2, "", "sales_report: config file no.toml cannot be read: No such file or directory\n"),
    ],
)
def test_the_command_line_runs_and_refuses(project: Path, words: tuple[str, ...], code: int, out: str, error: str) -> None:
    result = run(project, sys.executable, "-m", "sales_report", *words)
    assert (result.returncode, result.stdout, result.stderr) == (code, out, error)


def test_an_error_of_the_pipeline_exits_with_1(project: Path) -> None:
    result = run(project, sys.executable, "-m", "sales_report", "--sales-path=nowhere.csv")
    assert (result.returncode, result.stdout) == (1, "")
    assert "FileNotFoundError" in result.stderr


def test_the_environment_sets_parameters(project: Path) -> None:
    result = run(project, sys.executable, "-m", "sales_report", environment={"SALES_REPORT_REGION": "020"})
    assert result.stdout == "total: 20.0\nnote: 1 rows\n"


@pytest.mark.slow
@pytest.mark.parametrize("plan", [PLAN, SECRET], ids=["plain", "secret"])
def test_the_generated_tests_pass(plan: Plan, tmp_path: Path) -> None:
    folder = write(files_of(plan), tmp_path)
    result = run(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", environment={"PYTHONPATH": ""})
    assert result.returncode == 0, result.stdout
    told = re.findall(r"(\d+) (passed|skipped|failed)", result.stdout)
    assert {word for _, word in told} == ({"passed", "skipped"} if plan is SECRET else {"passed"})


@pytest.mark.slow
def test_a_changed_result_fails_the_generated_tests(tmp_path: Path) -> None:
    folder = write(files_of(), tmp_path)
    summary = folder / "src/sales_report/summary.py"
    summary.write_text(summary.read_text(encoding="utf-8").replace("* factor", "* factor * 1.001"), encoding="utf-8")
    result = run(
        folder, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_pipeline.py", environment={"PYTHONPATH": ""}
    )
    assert result.returncode == 1
    assert "1 failed" in result.stdout


@pytest.mark.slow
def test_without_data_the_pipeline_test_is_skipped_with_the_reason(tmp_path: Path) -> None:
    folder = write(files_of(inputs={}), tmp_path)
    result = run(
        folder,
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        "tests/test_pipeline.py",
        environment={"PYTHONPATH": ""},
    )
    assert result.returncode == 0
    assert "the notebook's inputs are not in tests/data: data/sales.csv" in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("words", [("ruff", "check", "--no-cache", "."), ("mypy", "--cache-dir=/dev/null")])
def test_ruff_and_mypy_find_nothing(project: Path, words: tuple[str, ...]) -> None:
    result = run(project, sys.executable, "-m", *words)
    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("-p", "flag", "false", "-r", "region", "010"), 0, "total:0.0note:'2 rows'"),
        (("-y", '{"region": "020", "factor": 3, "ids": [3], "sample": null}'), 0, "total:30.0note:'1 rows'"),
        (("-p", "region", "010"), 1, "region must be a str, got 10 (int); papermill -p guesses types"),
        (("-p", "factr", "3"), 1, "unknown parameter 'factr'; did you mean factor?"),
    ],
)
def test_papermill_parameters_keep_their_types(project: Path, tmp_path: Path, words: tuple[str, ...], code: int, told: str) -> None:
    out = tmp_path / "out.ipynb"
    result = run(project, sys.executable, "-m", "papermill", *words, "-k", "python3", "notebooks/sales_report.ipynb", str(out))
    assert result.returncode == code, result.stderr
    outputs = [one for cell in json.loads(out.read_text(encoding="utf-8"))["cells"] for one in cell.get("outputs", ())]
    shown = ["".join(output.get("text", "") or output.get("data", {}).get("text/plain", "")).strip() for output in outputs]
    assert told in ("".join(shown) if code == 0 else result.stderr)
