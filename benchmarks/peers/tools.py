"""What each tool is asked to do with a notebook, and what it made of it.

    TOOLS["jupytext"](environment, path, wanted)   ->   Made(ok=True, why="", text="import pandas...", run=..., tests=0, parameters=0)

`path` lies in a folder of its own in which the tool may write. Every tool is used as its documentation says, with no help by hand: no tags,
no names of steps. LineaPy alone must be told what is wanted, and is told the results that nb2prod found by itself.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers.environments import Environment
from peers.running import ROOT, Ran, line_of_dump, run

Run = Callable[[Path, Sequence[str]], Ran]  # runs what was made in its folder, and writes the last values of these names to this file


@dataclass(frozen=True)
class Made:
    """What came out: Python as text, how it is run, and what else there is."""

    ok: bool
    why: str = ""
    text: str = ""
    run: Run | None = None
    compared: bool = True  # whether running it leaves values that can be held against the notebook's
    files: bool = True  # whether it was asked for the files too
    parameters: int = 0
    tests: int = 0
    manifest: dict[str, Any] = field(default_factory=dict)


def checked(ran: Ran, text: str, **more: Any) -> Made:
    """What was made, if the tool ended well and its Python parses."""
    if ran.code:
        return Made(False, ran.why)
    try:
        ast.parse(text)
    except SyntaxError as error:
        return Made(False, f"what it wrote does not parse: {error.msg}, line {error.lineno}")
    return Made(True, text=text, **more)


def script(path: Path, python: str = sys.executable) -> Run:
    """Runs a script from its top to its end."""

    def running(dump: Path, wanted: Sequence[str]) -> Ran:
        ended = path.with_name("run_to_the_end.py")
        ended.write_text(f"{path.read_text(encoding='utf-8')}\n{line_of_dump('globals()', wanted, dump)}\n", encoding="utf-8")
        return run([python, ended.name], path.parent)

    return running


def nbconvert(environment: Environment, path: Path, wanted: Sequence[str]) -> Made:
    # `--to script` asks the notebook's metadata for its language and writes cells as they are where nothing is said; this is the best it can do.
    ran = run([environment.tool("jupyter-nbconvert"), "--to", "python", path.name], path.parent)
    return _script_of(ran, path.with_suffix(".py"))


def jupytext(environment: Environment, path: Path, wanted: Sequence[str]) -> Made:
    ran = run([environment.tool(), "--to", "py", path.name], path.parent)
    return _script_of(ran, path.with_suffix(".py"))


def _script_of(ran: Ran, written: Path) -> Made:
    if ran.code == 0 and not written.exists():
        return Made(False, "it wrote no Python file")
    return checked(ran, written.read_text(encoding="utf-8") if written.exists() else "", run=script(written))


def marimo(environment: Environment, path: Path, wanted: Sequence[str]) -> Made:
    """Its notebooks are scripts that import it: they run with our libraries, and with its own behind them."""
    written = path.with_suffix(".py")
    ran = run([environment.tool(), "-q", "-y", "convert", path.name, "-o", written.name], path.parent)
    text = written.read_text(encoding="utf-8") if written.exists() else ""
    packages = next((environment.place or Path()).glob("lib/python*/site-packages"))

    def running(dump: Path, wanted: Sequence[str]) -> Ran:
        behind = f"import sys\nsys.path.append({str(packages)!r})\n"
        ending = f"_made, _last = app.run()\n    {line_of_dump(f'{LATEST}(dict(_last), {list(wanted)!r})', wanted, dump)}"
        ended = path.with_name("run_to_the_end.py")
        ended.write_text(behind + re.sub(r"app\.run\(\)\s*\Z", lambda found: ending, text), encoding="utf-8")
        return run([sys.executable, ended.name], path.parent)

    return checked(ran, text, run=running)


# A name that is bound twice in the notebook is `x`, `x_1`, `x_2` ... in marimo; the last of them is what the notebook ends with.
LATEST = (
    "(lambda there, wanted: {name: there[max((other for other in there if other == name or "
    "other.rpartition('_')[0] == name and other.rpartition('_')[2].isdigit()), key=lambda other: (len(other), other))] "
    "for name in wanted if any(other == name or other.rpartition('_')[0] == name for other in there)})"
)


def soorgeon(environment: Environment, path: Path, wanted: Sequence[str]) -> Made:
    """Its tasks are notebooks: ploomber runs them in a kernel of the interpreter that has the notebook's libraries."""
    own = {"HOME": str(path.parent / ".home"), "PLOOMBER_STATS_ENABLED": "false"}
    ran = run([environment.tool(), "refactor", path.name], path.parent, **own)
    code = [cell for task in sorted(path.parent.glob("tasks/*.ipynb")) for cell in python_of(task)]
    code += [file.read_text(encoding="utf-8") for file in path.parent.glob("exported.py")]

    def running(dump: Path, wanted: Sequence[str]) -> Ran:
        kernel = path.parent / ".jupyter-kernels" / "kernels" / "python3"
        kernel.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (kernel / "kernel.json").write_text(json.dumps({"argv": words, "display_name": "python3", "language": "python"}), encoding="utf-8")
        path_ = f"{Path(environment.tool()).parent}:/usr/bin:/bin"
        return run([environment.tool("ploomber"), "build"], path.parent, JUPYTER_PATH=str(kernel.parent.parent), PATH=path_, **own)

    return checked(ran, "\n".join(code), run=running, compared=False)


def lineapy(environment: Environment, path: Path, wanted: Sequence[str]) -> Made:
    """It runs the notebook and tells, to stderr, the slice for one value: all result variables together or, where there are none, the files."""
    value = f"({', '.join(wanted)},)" if wanted else "lineapy.file_system"
    own = {
        "HOME": str(path.parent),
        "LINEAPY_DO_NOT_TRACK": "true",
        "COLUMNS": "5000",
        "PATH": f"{Path(environment.tool()).parent}:/usr/bin:/bin",
    }
    ran = run([environment.tool(), "notebook", path.name, "results", value], path.parent, **own)
    written = path.with_name("sliced.py")
    sliced = "\n".join(line.rstrip() for line in ran.errors.partition(SLICE)[2].splitlines()[1:])
    written.write_text(sliced, encoding="utf-8")
    return checked(ran, sliced, run=script(written, environment.tool("python")), files=not wanted)


SLICE = "Printing slice"


def nb2prod(environment: Environment, path: Path, wanted: Sequence[str]) -> Made:
    project = path.parent / "project"
    ran = run(
        [sys.executable, "-m", "nb2prod", "convert", path.name, "-o", project.name, "--trial-seconds", "0"],
        path.parent,
        PYTHONPATH=str(ROOT),
    )
    file = project / "nb2prod.json"
    if not file.exists():
        return Made(False, ran.why or "no project was written")
    manifest = json.loads(file.read_text(encoding="utf-8"))
    text = "\n".join(one.read_text(encoding="utf-8") for one in sorted(project.glob("src/**/*.py")))
    tests = sum(len(re.findall(r"^\s*def test_", one.read_text(encoding="utf-8"), re.MULTILINE)) for one in project.glob("tests/**/*.py"))

    def running(dump: Path, wanted: Sequence[str]) -> Ran:
        own = {"PYTHONPATH": str(project / "src")}
        first = run([sys.executable, "-m", manifest["package"]], path.parent, **own)
        if first.code:
            return first
        ended = path.with_name("run_to_the_end.py")
        ended.write_text(
            f"from {manifest['package']}.pipeline import run\nfound = run()\n"
            f"{line_of_dump('{name: getattr(found, name) for name in dir(found)}', wanted, dump)}\n",
            encoding="utf-8",
        )
        return run([sys.executable, ended.name], path.parent, **own)

    # Exit codes 1 and 3 are verdicts: the project is there.
    return Made(True, text=text, run=running, parameters=len(manifest["parameters"]), tests=tests, manifest=manifest)


def python_of(notebook: Path) -> list[str]:
    """The code cells of a notebook file, with magics as IPython makes them calls."""
    from IPython.core.inputtransformer2 import TransformerManager

    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [TransformerManager().transform_cell(source) for source in sources]


Tool = Callable[[Environment, Path, Sequence[str]], Made]
TOOLS: dict[str, Tool] = {
    "nb2prod": nb2prod,
    "nbconvert": nbconvert,
    "jupytext": jupytext,
    "marimo": marimo,
    "soorgeon": soorgeon,
    "lineapy": lineapy,
}
