"""`nb2prod run`: run a project's package as its jobs are run, or its notebook through papermill, with other parameters."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.options import FOLDER
from nb2prod.commands.parameters import read_parameters
from nb2prod.commands.projects import read_manifest
from nb2prod.commands.terminal import DONE, FINDINGS, WRONG_USE, loudness, say
from nb2prod.errors import ChoiceError, ReadError, RunError
from nb2prod.model.choices import Choices

CODES = {0: DONE, 2: WRONG_USE}  # what the package's own exit codes mean here; all others are a failed run


@click.command(name="run")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE", help="A parameter, read by its own type. May be repeated.")
@click.option(
    "-f",
    "--parameters",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Parameters in a YAML, JSON or TOML file.",
)
@click.option("--notebook", "as_notebook", is_flag=True, help="Run the project's notebook through papermill.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where --notebook writes.  [default: DIR/notebooks/PACKAGE.out.ipynb]"
)
@click.option("--html", "as_page", is_flag=True, help="With --notebook, write the executed notebook as a page to read as well.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON with parameters, metrics, results and times.")
@click.option("--logical-date", default="", metavar="TIME", help="The time this run stands for, in ISO form.  [default: this minute]")
@click.option("--python", default="", metavar="INTERPRETER", help="The interpreter to run in, instead of the one of the conversion.")
@loudness
def run(folder: Path, given: tuple[str, ...], files: tuple[Path, ...], as_notebook: bool, **asked: Any) -> int:
    """Run a project's package, or its notebook through papermill, with other parameters."""
    if (asked["output"] or asked["as_page"]) and not as_notebook:
        raise ChoiceError(f"{'--output' if asked['output'] else '--html'} is for --notebook", "the package prints its results")
    if as_notebook and (asked["as_json"] or asked["logical_date"]):
        raise ChoiceError("--json and --logical-date are for the package", "the executed notebook keeps parameters and results")
    manifest = read_manifest(folder)
    texts = read_parameters(manifest, files, given)
    if as_notebook:
        from nb2prod.commands.papermill_run import run_notebook

        output = asked["output"] or folder / "notebooks" / f"{manifest['package']}.out.ipynb"
        return run_notebook(folder, manifest, texts, output, asked["python"], asked["as_page"])
    about = [*(["--json"] if asked["as_json"] else []), *([f"--logical-date={asked['logical_date']}"] if asked["logical_date"] else [])]
    return run_package(folder, manifest, [*about, "--", *(f"--{name}={text}" for name, text in texts.items())], asked["python"])


def run_package(folder: Path, manifest: dict[str, Any], words: list[str], python: str) -> int:
    """Run `python -m PACKAGE.job` in the caller's working directory: with its lock, and files that appear whole."""
    program, environment = interpreter(folder, manifest, python)
    source = str((folder / manifest["source_root"]).resolve())
    path = os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [program, "-m", f"{manifest['package']}.job", *words]
    try:
        done = subprocess.run(command, env={**os.environ, **environment, "PYTHONPATH": path}, check=False)
    except OSError as error:
        raise RunError(f"`{program}` cannot be started: {error.strerror or error}", "name an interpreter with --python") from error
    return CODES.get(done.returncode, FINDINGS)


def interpreter(folder: Path, manifest: dict[str, Any], python: str) -> tuple[str, dict[str, str]]:
    """What the project runs in, and the environment variables that go with it: what was asked for, else what converted it, else our own."""
    engine = engine_for(folder, manifest, python)
    return engine.python, dict(engine.env)


def converted_with(folder: Path) -> Choices:
    """The kernel or interpreter that was chosen when the project was made; nothing where its notes are gone."""
    from nb2prod.reading.project import reopen

    try:
        _, proof = reopen(folder)
    except ReadError:
        return Choices()
    return Choices(kernel=proof.choices.kernel, python=proof.choices.python)


def engine_for(folder: Path, manifest: dict[str, Any], python: str) -> Any:
    """The kernel or interpreter for a project. Raises `RunError` when the one asked for is not there."""
    from nb2prod.recording.interpreters import choose_engine

    chosen = Choices(python=python) if python else converted_with(folder)
    try:
        return choose_engine(chosen, manifest["notebook"].get("kernel", ""))
    except RunError as error:
        if python:
            raise
        say(f"note: {error.message}; using the interpreter of nb2prod (choose another with --python)")
        return choose_engine(Choices(), "")
