"""A written project, run: the package, its tests, its proof and its job, through the command line, with every line told as it comes.

run_tests({"folder": "/srv/churn"}, tell)   ->   {"code": 0}, after tell("line", "12 passed in 3.10s")
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2prod.commands.parameters import text_of
from nb2prod.commands.projects import check_parameters, read_manifest
from nb2prod.commands.run import interpreter
from nb2prod.commands.schedule import read_job
from nb2prod.errors import RunError
from nb2prod.saving import MANIFEST
from nb2prod.server.process import module_command
from nb2prod.wire import to_data

Tell = Callable[[str, Any], None]
NO_PYTEST = "No module named pytest"


def shown(place: Path, request: Mapping[str, Any]) -> str:
    """The contents path of a place below the root."""
    return place.resolve().relative_to(Path(request["root"]).resolve()).as_posix()


def manifest_of(folder: Path) -> dict[str, Any]:
    """What the panel shows of a project."""
    manifest = read_manifest(folder)
    shown = ("package", "title", "parameters", "stages", "results", "verdict", "verdict_reason", "comparisons", "restored", "notebook")
    return {name: manifest.get(name) for name in shown}


def project(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The project that is in a folder: its manifest and its job; None where there is none."""
    folder = Path(request["folder"])
    if not (folder / MANIFEST).is_file():
        return {"project": None}
    return {"project": {"folder": shown(folder, request), "manifest": manifest_of(folder), "job": to_data(read_job(folder))}}


def run_package(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """`nb2prod run`: the package or its notebook, with other parameters, where the notebook would run."""
    folder = Path(request["folder"])
    manifest = read_manifest(folder)
    given = request.get("parameters", {})
    check_parameters(manifest, given)
    words = [word for name, value in given.items() for word in ("-p", f"{name}={text_of(value)}")]
    output = folder / "notebooks" / f"{manifest['package']}.out.ipynb"
    as_notebook = ["--notebook", "--output", str(output)] if request.get("notebook") else []
    code = _streamed(module_command("nb2prod", "run", str(folder), *words, *as_notebook), Path(request["where"]), tell)
    return {"code": code, "output": shown(output, request) if as_notebook and output.is_file() else None}


def run_tests(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The project's own tests, in the interpreter it was proved in. Raises `RunError` where that has no pytest."""
    folder = Path(request["folder"])
    program, environment = interpreter(folder, read_manifest(folder), "")
    lacking: list[str] = []

    def listen(name: str, line: Any) -> None:
        lacking.extend([line] if NO_PYTEST in line else [])
        tell(name, line)

    command = [program, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"]
    code = _streamed(command, folder, listen, environment)
    if code and lacking:
        raise RunError(f"`{program}` has no pytest, so the tests cannot run there", f"{program} -m pip install pytest")
    return {"code": code}


def verify(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """`nb2prod verify`: notebook and package run again and compared."""
    folder = Path(request["folder"])
    read_manifest(folder)  # where there is no project that is said, and no command fails for want of a folder
    code = _streamed(module_command("nb2prod", "--verbose", "verify", str(folder)), folder, tell)
    return {"code": code, "manifest": manifest_of(folder)}


def schedule_job(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """`nb2prod schedule`: job files for schedulers."""
    from nb2prod.targets import emit, target_named

    folder = Path(request["folder"])
    read_manifest(folder)
    words = [word for name in request["targets"] for word in ("--target", name)]
    words += ["--cron", request["cron"]] if request.get("cron") else []
    words += ["--timezone", request["timezone"]] if request.get("timezone") else []
    code = _streamed(module_command("nb2prod", "schedule", str(folder), *words), folder, tell)
    job = read_job(folder)
    files = [file.path for name in request["targets"] for file in emit(job, target_named(name))[0]]
    return {"code": code, "job": to_data(job), "files": files}


def _streamed(command: Sequence[str], where: Path, tell: Tell, environment: Mapping[str, str] | None = None) -> int:
    """Run a command and tell every line it says."""
    env = {**os.environ, **(environment or {})}
    try:
        process = subprocess.Popen(
            command,
            cwd=where,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise RunError(
            f"`{command[0]}` cannot be started: {error.strerror or error}", "is the environment of the notebook still there?"
        ) from error
    assert process.stdout is not None
    for line in process.stdout:
        tell("line", line.rstrip("\n"))
    return process.wait()
