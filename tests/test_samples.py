"""Every sample notebook converts, is proved SAME, and lives on its own: installed in a fresh environment, with its tests, command and notebook."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nb2prod.model.choices import Choices
from nb2prod.pipeline import Conversion, convert
from nb2prod.reading.project import reopen
from nb2prod.saving import save

SAMPLES = sorted((Path(__file__).parent.parent / "sample_notebooks").glob("*.ipynb"))


@pytest.fixture(scope="session")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Conversion, Path]]:
    """Conversions made so far in this process, by sample, each saved in a folder."""
    return {}


def converted(sample: Path, conversions: dict[str, tuple[Conversion, Path]], tmp: Path) -> tuple[Conversion, Path]:
    if sample.stem not in conversions:
        conversion = convert(sample, Choices(timeout=300, trial_seconds=0))
        folder = tmp / sample.stem
        save(conversion.project, folder)
        conversions[sample.stem] = (conversion, folder)
    return conversions[sample.stem]


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "PYTEST"))}
    return subprocess.run(
        command,
        cwd=folder,
        env={**clean, **more},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_proved_the_same_without_restoring_anything(sample: Path, conversions, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    conversion, _ = converted(sample, conversions, tmp_path)
    assert (conversion.verdict.outcome, conversion.verdict.reason, conversion.verdict.restored) == ("same", "", ())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_loses_at_least_one_whole_cell_with_a_reason(sample: Path, conversions, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    conversion, folder = converted(sample, conversions, tmp_path)
    cells = (
        json.loads((folder / "nb2prod.json").read_text(encoding="utf-8"))["cells"]
        if folder.exists()
        else conversion.project.manifest["cells"]
    )
    dead = [cell for cell in cells if cell["verdict"] == "dead"]
    assert dead and all(statement["reason"] for cell in dead for statement in cell["statements"])


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_samples_package_lives_alone_in_a_fresh_environment(sample: Path, tmp_path: Path) -> None:
    conversion = convert(sample, Choices(timeout=300, trial_seconds=0))
    folder = tmp_path / "project"
    save(conversion.project, folder)
    python = fresh_environment(tmp_path / "env", folder)
    tests = run([str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"], folder)
    assert tests.returncode == 0, tests.stdout[-3000:]
    assert run([str(python), "-c", "import nb2prod"], tmp_path).returncode != 0, "the environment must not hold nb2prod"
    work = tmp_path / "work"
    shutil.copytree(sample.parent, work)
    done = run([str(python), "-m", conversion.plan.package], work)
    assert done.returncode == 0, done.stderr[-3000:]
    assert [result.name for result in conversion.plan.results if result.kind != "file" and result.name not in done.stdout] == []


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_samples_generated_code_is_clean(sample: Path, tmp_path: Path) -> None:
    conversion = convert(sample, Choices(timeout=300, trial_seconds=0))
    save(conversion.project, tmp_path / "project")
    for command in (["ruff", "check", "."], ["mypy", "src"], ["deptry", "src"]):
        checked = run([sys.executable, "-m", *command], tmp_path / "project")
        assert checked.returncode == 0, checked.stdout[-3000:]


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_parameter_of_a_sample_does_what_editing_the_notebook_does(sample: Path) -> None:
    conversion = convert(sample, Choices(timeout=300, trial_seconds=600))
    unlike = [trial for trial in conversion.verdict.trials if trial.outcome != "same"]
    untried = {parameter.name for parameter in conversion.plan.parameters} - {trial.parameter for trial in conversion.verdict.trials}
    assert (unlike, untried) == ([], set())


@pytest.mark.parametrize("sample", SAMPLES[:1], ids=lambda path: path.stem)
def test_a_saved_project_can_be_proved_again(sample: Path, conversions, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    conversion, folder = converted(sample, conversions, tmp_path)
    if not folder.exists():
        save(conversion.project, folder := tmp_path / sample.stem)
    project, proof = reopen(folder)
    assert (project.package, proof.sha256, proof.results) == (conversion.plan.package, conversion.notebook.sha256, conversion.plan.results)


def fresh_environment(folder: Path, project: Path) -> Path:
    """A new virtual environment with only what the project's lock names, the project and pytest in it."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    python = folder / "bin" / "python"
    if Path(uv).exists():
        steps = [
            [uv, "venv", "-q", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "-q", "--python", str(python), "-r", "requirements.lock", "pytest"],
            [uv, "pip", "install", "-q", "--python", str(python), "--no-deps", str(project)],
            [uv, "pip", "check", "-q", "--python", str(python)],
        ]
    else:
        pip = [str(python), "-m", "pip"]
        steps = [
            [sys.executable, "-m", "venv", str(folder)],
            [*pip, "install", "-q", "-r", "requirements.lock", "pytest"],
            [*pip, "install", "-q", "--no-deps", str(project)],
            [*pip, "check"],
        ]
    for step in steps:
        done = run(step, project)
        assert done.returncode == 0, done.stderr[-3000:]
    return python
